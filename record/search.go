package record

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/record/search"
	"github.com/osler-ehr/osler/store"
)

// maxScanned bounds how many documents a search reads to check what no index answers.
const maxScanned = 20_000

// scanTime bounds how long a search may read them. Each question to the store has a time of its own.
const scanTime = 10 * time.Second

// maxIncluded bounds what _include and _revinclude add to a page.
const maxIncluded = 2000

// cursor is what a page address holds, sealed: addresses travel through logs and histories, and search
// parameters name patients.
type cursor struct {
	Type    string         `json:"t"`
	Params  []search.Param `json:"p"`
	Patient string         `json:"c,omitempty"`
	Within  string         `json:"w,omitempty"`
	Strict  bool           `json:"s,omitempty"`
	After   *store.Cursor  `json:"a"`
}

func (s *Session) sealCursor(plain []byte, purpose string) string {
	return base64.RawURLEncoding.EncodeToString(s.r.cursor.Seal(nil, plain, []byte(purpose)))
}

func (s *Session) unsealCursor(text, purpose string) ([]byte, error) {
	sealed, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return nil, err
	}
	return s.r.cursor.Open(nil, sealed, []byte(purpose))
}

// Search finds resources.
func (s *Session) Search(ctx context.Context, q Query) (*Page, error) {
	var after *store.Cursor
	if q.Page != "" {
		var c cursor
		plain, err := s.unsealCursor(q.Page, "search")
		if err == nil {
			err = json.Unmarshal(plain, &c)
		}
		if err != nil || c.Type != q.Type {
			return nil, fail(KindBad, "the page address is damaged or too old; search again")
		}
		q.Params, q.CompartmentPatient, q.Compartment, q.Strict, after = c.Params, c.Patient, c.Within, c.Strict, c.After
	}
	d, err := s.decide(access.Search, q.Type)
	if err != nil {
		return nil, err
	}
	c, err := s.compile(ctx, &q, d)
	if err != nil {
		return nil, err
	}
	if !q.Before.IsZero() && after == nil {
		if len(c.Plan.Sort) != 1 || c.Plan.Sort[0].Kind != store.Dates || !c.Plan.Sort[0].Desc {
			return nil, fail(KindBad, "a search can begin before a time only if it sorts by one date, newest first")
		}
		after = &store.Cursor{Values: []store.SortValue{{Number: float64(q.Before.UnixMilli() - 1)}}}
	}
	c.Plan.After = after
	page := &Page{Type: q.Type, Total: -1, Used: c.Used, Summary: c.Summary}
	if len(c.Ignored) > 0 {
		page.Warnings = &fhir.Outcome{}
		for _, e := range c.Ignored {
			page.Warnings.Add(fhir.Issue{Severity: fhir.SeverityWarning, Code: "not-supported", Details: fhir.CodeableConcept{Text: "ignored: " + e.Error()}})
		}
	}
	count := c.Count
	if count < 0 {
		count = defaultCount
	}
	limit := maxCount
	if q.MaxCount > 0 {
		limit = q.MaxCount
	}
	count = min(count, limit)
	countOnly := c.Summary.Mode == "count" || c.Count == 0
	if countOnly || c.Total == "accurate" || c.Total == "estimate" {
		if page.Total, err = s.count(ctx, c); err != nil {
			return nil, costly(err)
		}
	}
	e := s.entry(access.Search, q.Type, d)
	e.Query = encodeParams(q.Params)
	if !q.Before.IsZero() {
		e.Query += "&before=" + q.Before.UTC().Format(time.RFC3339)
	}
	if len(c.Plan.Where) > 0 {
		if o, ok := c.Plan.Where[0].(store.OwnedBy); ok && len(o.Patients) == 1 {
			e.Patient = o.Patients[0]
		}
	}
	if countOnly {
		return page, s.audited(ctx, e, func() error { return nil })
	}
	var hits []store.Hit
	var more bool
	if c.Order != nil {
		hits, more, err = s.ordered(ctx, c, count)
	} else {
		hits, more, err = s.matches(ctx, c, count)
	}
	if err != nil {
		return nil, costly(err)
	}
	e.Count = len(hits)
	size := 0
	err = s.audited(ctx, e, func() error {
		page.Entries = make([]Entry, 0, len(hits))
		for i := range hits {
			v, err := s.r.version(ctx, &hits[i].Row)
			if err != nil {
				return err
			}
			page.Entries = append(page.Entries, Entry{Version: *v})
			if size += len(v.Body); size >= maxPageBytes(q.MaxBytes) && i+1 < len(hits) { // the log counts the rest as well
				hits, more = hits[:i+1], true
				break
			}
		}
		return s.includes(ctx, c, page, hits)
	})
	if err != nil {
		return nil, err
	}
	if more {
		last := hits[len(hits)-1]
		next, err := json.Marshal(cursor{Type: q.Type, Params: q.Params, Patient: q.CompartmentPatient, Within: q.Compartment, Strict: q.Strict, After: &store.Cursor{Values: last.Sort, Key: last.Key}})
		if err != nil {
			return nil, err
		}
		page.Next = s.sealCursor(next, "search")
	} else if after == nil && page.Total < 0 {
		page.Total = int64(len(hits))
	}
	return page, nil
}

// pageBytes bounds how much stands on a page: a page of large documents has fewer of them.
const pageBytes = 64 << 20

func maxPageBytes(asked int) int {
	if asked > 0 {
		return asked
	}
	return pageBytes
}

func costly(err error) error {
	if errors.Is(err, store.ErrTooCostly) {
		return fail(KindTooCostly, "this search would have to read too much; add a patient, a code or a date to narrow it")
	}
	return err
}

// encodeParams writes the parameters for the audit log.
func encodeParams(params []search.Param) string {
	var b strings.Builder
	for i, p := range params {
		if i > 0 {
			b.WriteByte('&')
		}
		b.WriteString(p.Name + "=" + p.Value)
	}
	return b.String()
}

// compile makes the plan of a search, narrowed to what the actor may see.
func (s *Session) compile(ctx context.Context, q *Query, d access.Decision) (*search.Compiled, error) {
	env := search.Env{
		Exists: s.r.exist,
		Base:   q.Base,
		Filter: func(typ string) store.Filter {
			if typ == q.Type {
				return d.Filter
			}
			return s.r.policy.Decide(s.actor, access.Search, typ).Filter
		},
	}
	if s.r.codes != nil {
		env.Codes = s.r.codes(s)
	}
	c, err := s.r.index.Compile(ctx, env, q.Type, q.Params, q.Strict)
	if err == nil && q.CompartmentPatient != "" {
		err = s.r.index.Within(ctx, env, c, q.Type, "Patient", q.CompartmentPatient)
	}
	if typ, id, ok := strings.Cut(q.Compartment, "/"); err == nil && ok {
		err = s.r.index.Within(ctx, env, c, q.Type, typ, id)
	}
	if e, ok := errors.AsType[*search.Error](err); ok {
		if e.Building {
			return nil, &Error{Kind: KindConflict, Outcome: fhir.NewOutcome("transient", e.Error()+" ("+s.r.progress(ctx)+")", e.Param)}
		}
		kind := KindBad
		if e.NotSupported {
			kind = KindNotSupported
		}
		return nil, failAt(kind, e.Param, "%s", e.Error())
	}
	if err != nil {
		return nil, err
	}
	if len(d.Filter.Patients) == 1 && q.Type != "" && s.r.index.Owned(q.Type) { // read the one record only, not all and then hide
		own := store.OwnedBy{Patients: d.Filter.Patients}
		if slices.Contains(d.Filter.OwnOnly, s.r.index.Number(q.Type)) {
			c.Plan.Where = append(c.Plan.Where, own)
		} else {
			c.Plan.Where = append(c.Plan.Where, store.Or{own, store.OwnedBy{Patients: []int64{0}}})
		}
	}
	return c, nil
}

// matches returns up to count rows, and whether there are more.
func (s *Session) matches(ctx context.Context, c *search.Compiled, count int) (hits []store.Hit, more bool, err error) {
	plan := c.Plan
	if len(c.Residual) == 0 {
		plan.Limit = count + 1
		hits, err = s.r.store.Search(ctx, &plan)
		if len(hits) > count {
			return hits[:count], true, err
		}
		return hits, false, err
	}
	err = s.scan(ctx, c, func(h store.Hit) bool {
		hits = append(hits, h)
		return len(hits) <= count
	})
	if len(hits) > count {
		return hits[:count], true, err
	}
	return hits, false, err
}

// scan reads the plan's documents and gives those that satisfy what no index answers to f, until it is false.
func (s *Session) scan(ctx context.Context, c *search.Compiled, f func(store.Hit) bool) error {
	plan := c.Plan
	plan.Limit = 500
	limited, cancel := context.WithTimeoutCause(ctx, scanTime, store.ErrTooCostly)
	defer cancel()
	for scanned := 0; ; {
		hits, err := s.r.store.Search(limited, &plan)
		if err != nil {
			return overtime(limited, err)
		}
		for i := range hits {
			if limited.Err() != nil {
				return overtime(limited, limited.Err())
			}
			doc, err := s.r.open(limited, &hits[i].Row)
			if err != nil {
				return overtime(limited, err)
			}
			r := fhir.Open(doc)
			if !slices.ContainsFunc(c.Residual, func(ok func(*fhir.Resource) bool) bool { return !ok(r) }) && !f(hits[i]) {
				return nil
			}
		}
		if len(hits) < plan.Limit {
			return nil
		}
		if scanned += len(hits); scanned >= maxScanned {
			return store.ErrTooCostly
		}
		last := hits[len(hits)-1]
		plan.After = &store.Cursor{Values: last.Sort, Key: last.Key}
	}
}

// overtime is why a search that reads documents ended: its time is over, or err.
func overtime(ctx context.Context, err error) error {
	if errors.Is(context.Cause(ctx), store.ErrTooCostly) {
		return store.ErrTooCostly
	}
	return err
}

func (s *Session) count(ctx context.Context, c *search.Compiled) (int64, error) {
	plan := c.Plan
	plan.After = nil
	if len(c.Residual) == 0 {
		return s.r.store.Count(ctx, &plan)
	}
	var n int64
	whole := *c
	whole.Plan = plan
	err := s.scan(ctx, &whole, func(store.Hit) bool { n++; return true })
	return n, err
}

// includes adds to a page what its resources refer to, and what refers to them.
func (s *Session) includes(ctx context.Context, c *search.Compiled, page *Page, hits []store.Hit) error {
	if len(c.Includes) == 0 {
		return nil
	}
	have := map[int64]bool{}
	for i := range hits {
		have[hits[i].Hash] = true
	}
	fresh := page.Entries
	keys := make([]store.Row, len(hits))
	for i := range hits {
		keys[i] = hits[i].Row
	}
	for round := 0; len(fresh) > 0; round++ {
		var rows []store.Row
		for _, in := range c.Includes {
			if round > 0 && !in.Iterate {
				continue
			}
			var got []store.Row
			var err error
			if in.Reverse {
				got, err = s.referring(ctx, in, fresh, keys)
			} else {
				got, err = s.referred(ctx, in, fresh)
			}
			if err != nil {
				return err
			}
			for _, row := range got {
				if !have[row.Hash] {
					have[row.Hash] = true
					rows = append(rows, row)
				}
			}
		}
		from := len(page.Entries)
		for i := range rows {
			v, err := s.r.version(ctx, &rows[i])
			if err != nil {
				return err
			}
			page.Entries = append(page.Entries, Entry{Version: *v, Include: true})
		}
		if len(page.Entries)-len(hits) > maxIncluded {
			return fail(KindTooCostly, "_include and _revinclude bring more than %d resources; ask for fewer with _count", maxIncluded)
		}
		fresh, keys = page.Entries[from:], rows
	}
	return nil
}

// referred reads what resources refer to by an include's parameter.
func (s *Session) referred(ctx context.Context, in search.Include, from []Entry) ([]store.Row, error) {
	var hashes []int64
	for i := range from {
		if e := &from[i]; in.Source == "" || e.Type == in.Source {
			hashes = append(hashes, s.r.index.References(e.Resource(), in.Param, in.Target)...)
		}
	}
	return s.readVisible(ctx, hashes)
}

// readVisible reads rows by hash, without those that the actor may not see.
func (s *Session) readVisible(ctx context.Context, hashes []int64) ([]store.Row, error) {
	slices.Sort(hashes)
	rows, err := s.r.store.ReadMany(ctx, slices.Compact(hashes))
	if err != nil {
		return nil, err
	}
	filters := map[int]store.Filter{}
	return slices.DeleteFunc(rows, func(row store.Row) bool {
		typ := row.Key.Type()
		f, known := filters[typ]
		if !known {
			f = s.r.policy.Decide(s.actor, access.Read, s.r.index.Name(typ)).Filter
			filters[typ] = f
		}
		return !visible(f, &row)
	}), nil
}

// referring searches what refers to resources by a reverse include's parameter.
func (s *Session) referring(ctx context.Context, in search.Include, to []Entry, rows []store.Row) (out []store.Row, err error) {
	d := s.r.policy.Decide(s.actor, access.Search, in.Source)
	if !d.Allowed {
		return nil, nil
	}
	for len(to) > 0 {
		n := min(len(to), 100)
		cond := s.r.index.RefersTo(in.Source, in.Param, in.Target, func(yield func(typ, id string, key store.Key)) {
			for i := range to[:n] {
				yield(to[i].Type, to[i].ID, rows[i].Key)
			}
		})
		if cond != nil {
			hits, err := s.r.store.Search(ctx, &store.Plan{Type: s.r.index.Number(in.Source), Filter: d.Filter, Where: []store.Cond{cond}, Limit: maxIncluded + 1})
			if err != nil {
				return nil, costly(err)
			}
			for i := range hits {
				out = append(out, hits[i].Row)
			}
		}
		to, rows = to[n:], rows[n:]
	}
	return out, nil
}

// one finds the single resource that a condition such as "identifier=a|b" means. It returns the plan too,
// so that the transaction can make sure that the answer still holds.
func (s *Session) one(ctx context.Context, typ, condition string, action access.Action) (row *store.Row, plan store.Plan, err error) {
	d, err := s.decide(access.Search, typ)
	if err != nil {
		return nil, plan, err
	}
	params, err := ParseParams(condition)
	if err != nil {
		return nil, plan, err
	}
	if len(params) == 0 {
		return nil, plan, fail(KindPrecondition, "the condition for %s has no search parameter", typ)
	}
	c, err := s.compile(ctx, &Query{Type: typ, Params: params, Strict: true}, d)
	if err != nil {
		return nil, plan, err
	}
	if len(c.Residual) > 0 {
		return nil, plan, fail(KindNotSupported, "the condition for %s uses a modifier that is not supported there", typ)
	}
	plan = c.Plan
	plan.Limit = 2
	hits, err := s.r.store.Search(ctx, &plan)
	if err != nil {
		return nil, plan, costly(err)
	}
	switch len(hits) {
	case 0:
		return nil, plan, nil
	case 1:
		return &hits[0].Row, plan, nil
	}
	return nil, plan, fail(KindPrecondition, "the condition for %s is met by several resources; make it more specific", typ)
}
