package record

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/record/search"
	"github.com/osler-ehr/osler/store"
)

// Exclusive is a rule of a feature: what resources of a type claim, only one has at a time. It holds for every write, whoever makes it,
// but for what is brought from elsewhere as it was (Op.Restore, Op.LooseReferences).
type Exclusive struct {
	Type string
	// Claims are what a resource takes for itself; nil = nothing. A version that claims nothing that the version before did not is let
	// through: what overlaps already can still be changed and called off.
	Claims func(doc *fhir.Resource) []Claim
	// Find are the search parameters that find whatever may have a claim that overlaps this one. They use no modifiers that documents
	// must be read for.
	Find func(c Claim) []search.Param
}

// Claim is a time of something, such as of Practitioner/rao.
type Claim struct {
	Of          string // a reference, as the document has it
	From, Until time.Time
	// Over is set when the claim tells of what has happened: it keeps others off, but is itself refused nowhere.
	Over bool
}

func (c Claim) overlaps(o Claim) bool {
	return c.Of == o.Of && c.From.Before(o.Until) && o.From.Before(c.Until)
}

// Obey has the record hold to rules from now on, beside those that it has. It is called before anybody writes.
func (r *Record) Obey(rules ...Exclusive) {
	all := map[string][]Exclusive{}
	if old := r.exclusive.Load(); old != nil {
		maps.Copy(all, *old)
	}
	for _, x := range rules {
		all[x.Type] = append(slices.Clip(all[x.Type]), x)
	}
	r.exclusive.Store(&all)
}

// errClaims: others made or changed what might have overlapping claims, so it must be looked at anew.
var errClaims = fmt.Errorf("%w: claims", store.ErrConflict)

// maxBeside is how many resources may have to be looked at for one claim.
const maxBeside = 5000

// claimed is a claim of the batch.
type claimed struct {
	Claim
	op    int // which operation makes it
	fresh bool
}

// obey refuses what claims something that another resource, or another operation of the batch, has. What it looked at is guarded until the
// transaction.
func (b *batch) obey(ctx context.Context) error {
	rules := b.s.r.exclusive.Load()
	if rules == nil {
		return nil
	}
	byRule := map[*Exclusive][]claimed{}
	for i, c := range b.changes {
		if c.doc == nil || c.op.Restore != nil || c.op.LooseReferences {
			continue
		}
		of := (*rules)[c.op.Type]
		for n := range of {
			x := &of[n]
			var had []Claim
			if c.oldDoc != nil {
				had = x.Claims(c.oldDoc)
			}
			for _, claim := range x.Claims(c.doc) {
				fresh := !claim.Over && !slices.ContainsFunc(had, func(h Claim) bool {
					return !h.Over && h.Of == claim.Of && !h.From.After(claim.From) && !h.Until.Before(claim.Until)
				})
				byRule[x] = append(byRule[x], claimed{claim, i, fresh})
			}
		}
	}
	for x, claims := range byRule {
		if err := b.apart(claims); err != nil {
			return err
		}
		for _, c := range claims {
			if c.fresh {
				if err := b.alone(ctx, x, c); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// apart refuses operations of one batch that claim the same.
func (b *batch) apart(claims []claimed) error {
	slices.SortStableFunc(claims, func(x, y claimed) int { return cmp.Or(cmp.Compare(x.Of, y.Of), x.From.Compare(y.From)) })
	var longest claimed // the one of those before that reaches furthest
	for _, c := range claims {
		if longest.overlaps(c.Claim) && longest.op != c.op && (c.fresh || longest.fresh) {
			return b.at(max(c.op, longest.op), taken(c.Claim, "another entry of this transaction"))
		}
		if longest.Of != c.Of || c.Until.After(longest.Until) {
			longest = c
		}
	}
	return nil
}

// alone refuses a claim that a resource of the record has.
func (b *batch) alone(ctx context.Context, x *Exclusive, c claimed) error {
	s := b.s
	compiled, err := s.compile(ctx, &Query{Type: x.Type, Params: x.Find(c.Claim), Strict: true}, access.Decision{})
	if err != nil {
		return err
	}
	if len(compiled.Residual) > 0 {
		return errors.New("a rule about claims searches for what no index answers")
	}
	g := guard{plan: compiled.Plan, beside: map[int64]int64{}}
	g.plan.Limit = maxBeside + 1
	hits, err := s.r.store.Search(ctx, &g.plan)
	if err != nil {
		return costly(err)
	}
	if len(hits) > maxBeside {
		return fail(KindTooCostly, "more than %d others would have to be looked at to tell whether this time of %s is free", maxBeside, c.Of)
	}
	for i := range hits {
		row := &hits[i].Row
		g.beside[row.Hash] = row.Version
		if own := b.made[row.Hash]; own != nil && !own.nothing {
			continue // it is changed here, and was compared as it will be
		}
		body, err := s.r.open(ctx, row)
		if err != nil {
			return err
		}
		for _, other := range x.Claims(fhir.Open(body)) {
			if !other.overlaps(c.Claim) {
				continue
			}
			name := "somebody else"
			if d := s.r.policy.Decide(s.actor, access.Read, x.Type); d.Allowed && visible(d.Filter, row) {
				name = x.Type + "/" + row.ID
			}
			return b.at(c.op, taken(c.Claim, name))
		}
	}
	b.guards = append(b.guards, g)
	return nil
}

// taken is the refusal. It says no more of the other than its name, and that only to those who may read it.
func taken(c Claim, by string) error {
	return fail(KindConflict, "%s is taken by %s between %s and %s; choose another time", c.Of, by, c.From.UTC().Format(time.RFC3339), c.Until.UTC().Format(time.RFC3339))
}

// same reports whether a search found what it found before.
func (g *guard) same(hits []store.Hit) bool {
	if len(hits) != len(g.beside) {
		return false
	}
	for i := range hits {
		if version, ok := g.beside[hits[i].Hash]; !ok || version != hits[i].Version {
			return false
		}
	}
	return true
}

// overlapping are the claims of documents that overlap, in words: for Verify, as what was imported is held to no rule.
type overlapping struct {
	rules map[string][]Exclusive
	found map[string][]named // by type
}

type named struct {
	Claim
	name string
}

func (r *Record) overlapping() *overlapping {
	o := &overlapping{found: map[string][]named{}}
	if rules := r.exclusive.Load(); rules != nil {
		o.rules = *rules
	}
	return o
}

func (o *overlapping) note(typ, id string, doc *fhir.Resource) {
	for _, x := range o.rules[typ] {
		for _, c := range x.Claims(doc) {
			if !c.Over {
				o.found[typ] = append(o.found[typ], named{c, typ + "/" + id})
			}
		}
	}
}

func (o *overlapping) words() (out []string) {
	for _, typ := range slices.Sorted(maps.Keys(o.found)) {
		list := o.found[typ]
		slices.SortFunc(list, func(x, y named) int {
			return cmp.Or(cmp.Compare(x.Of, y.Of), x.From.Compare(y.From), cmp.Compare(x.name, y.name))
		})
		var longest named
		for _, c := range list {
			if longest.overlaps(c.Claim) && longest.name != c.name && len(out) < maxProblems {
				out = append(out, fmt.Sprintf("%s and %s both take %s at %s", longest.name, c.name, c.Of, c.From.UTC().Format(time.RFC3339)))
			}
			if longest.Of != c.Of || c.Until.After(longest.Until) {
				longest = c
			}
		}
	}
	return out
}
