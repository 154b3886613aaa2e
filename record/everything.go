package record

import (
	"bytes"
	"context"
	"encoding/json"
	"math"
	"slices"
	"time"

	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/store"
)

// EverythingQuery asks for a patient's whole record.
type EverythingQuery struct {
	Patient string    // the id
	Types   []string  // only resources of these types; nil = of all
	Since   time.Time // only what was changed at or after; zero = everything
	// Start and End limit to care that took place between them; zero = open. What has no date of care is kept.
	Start, End time.Time
	Count      int    // resources of the record on a page; 0 = all at once
	MaxBytes   int    // a page ends with the document that reaches this; 0 = 64 MiB. Not heeded where Count is 0
	Page       string // cursor of an earlier page's Next
}

// Everything returns a patient's whole record and what it refers to outside of it, page by page.
func (s *Session) Everything(ctx context.Context, q EverythingQuery) (*Page, error) {
	d, err := s.decide(access.Search, "Patient")
	if err != nil {
		return nil, err
	}
	done, err := s.r.large.enter(ctx)
	if err != nil {
		return nil, err
	}
	defer done()
	d = s.r.policy.Decide(s.actor, access.Search, "")
	row, err := s.find(ctx, "Patient", q.Patient, d.Filter)
	if err != nil {
		return nil, err
	}
	if row == nil {
		return nil, notFound("Patient", q.Patient)
	}
	plan := store.Plan{Filter: d.Filter, Where: []store.Cond{store.OwnedBy{Patients: []int64{row.Key.Patient()}}}}
	if !q.Since.IsZero() {
		plan.Where = append(plan.Where, store.UpdatedIs{From: q.Since.UnixMilli()})
	}
	if !q.Start.IsZero() || !q.End.IsZero() {
		plan.Where = append(plan.Where, s.careBetween(q.Start, q.End))
	}
	if err := s.limitTypes(&plan.Filter, q.Types); err != nil {
		return nil, err
	}
	if q.Page != "" {
		var c store.Cursor
		plain, err := s.unsealCursor(q.Page, "everything|"+q.Patient)
		if err == nil {
			err = json.Unmarshal(plain, &c)
		}
		if err != nil {
			return nil, fail(KindBad, "the page address is damaged or too old; begin again")
		}
		plan.After = &c
	}
	if q.Count > 0 {
		plan.Limit = min(q.Count, maxCount) + 1
	}
	hits, err := s.r.store.Search(ctx, &plan)
	if err != nil {
		return nil, costly(err)
	}
	out := &Page{Type: "", Total: -1}
	more := plan.Limit > 0 && len(hits) == plan.Limit
	if more {
		hits = hits[:len(hits)-1]
	}
	most := math.MaxInt
	if plan.Limit > 0 {
		most = maxPageBytes(q.MaxBytes)
	}
	e := s.entry(access.Search, "Patient/"+q.Patient+"/$everything", d)
	e.Patient, e.Count = row.Key.Patient(), len(hits)
	err = s.audited(ctx, e, func() error {
		outside, err := s.everything(ctx, out, hits, most)
		if err != nil {
			return err
		}
		more = more || len(out.Entries) < len(hits)
		if more {
			next, err := json.Marshal(store.Cursor{Key: hits[len(out.Entries)-1].Key})
			if err != nil {
				return err
			}
			out.Next = s.sealCursor(next, "everything|"+q.Patient)
		}
		return s.around(ctx, out, outside, &plan.Filter, q.Since)
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// careBetween is the condition that care took place in an interval, or at no known time.
func (s *Session) careBetween(start, end time.Time) store.Cond {
	atoms := s.r.index.CareDates()
	is := store.DateIs{Atoms: atoms, Op: store.DateAp, Lo: math.MinInt64, Hi: math.MaxInt64}
	if !start.IsZero() {
		is.Lo = start.UnixMilli()
	}
	if !end.IsZero() {
		is.Hi = end.UnixMilli()
	}
	return store.Or{is, store.Not{Cond: store.Has{Atoms: atoms, Kind: store.Dates}}}
}

// limitTypes hides all but some types.
func (s *Session) limitTypes(f *store.Filter, types []string) error {
	if types == nil {
		return nil
	}
	for _, t := range types {
		if s.r.index.Number(t) == 0 {
			return fail(KindBad, "_type: %q is not a FHIR R4 resource type", t)
		}
	}
	f.DenyTypes = slices.Clone(f.DenyTypes)
	for i, name := range s.r.index.Names() {
		if !slices.Contains(types, name) && !slices.Contains(f.DenyTypes, i+1) {
			f.DenyTypes = append(f.DenyTypes, i+1)
		}
	}
	return nil
}

// everything adds rows of the record to the page, as many as have most bytes. outside are hashes of what they refer to beyond the page.
func (s *Session) everything(ctx context.Context, page *Page, hits []store.Hit, most int) (outside []int64, err error) {
	page.Entries = make([]Entry, 0, len(hits)+16)
	seen := map[string]bool{}
	inside := make(map[int64]bool, len(hits))
	for i := range hits {
		inside[hits[i].Hash] = true
	}
	size := 0
	for i := range hits {
		if size >= most {
			break
		}
		v, err := s.r.version(ctx, &hits[i].Row)
		if err != nil {
			return nil, err
		}
		page.Entries = append(page.Entries, Entry{Version: *v})
		size += len(v.Body)
		for ref := range references(v.Body) {
			if !seen[string(ref)] {
				seen[string(ref)] = true
				if h, ok := s.r.index.Target(string(ref)); ok && !inside[h] {
					outside = append(outside, h)
				}
			}
		}
	}
	return outside, nil
}

// around adds what stands outside of the record: the people, places and organisations that it speaks of.
func (s *Session) around(ctx context.Context, page *Page, hashes []int64, f *store.Filter, since time.Time) error {
	rows, err := s.readVisible(ctx, hashes)
	if err != nil {
		return err
	}
	for i := range rows {
		row := &rows[i]
		if row.Key.Patient() != 0 || slices.Contains(f.DenyTypes, row.Key.Type()) || !since.IsZero() && row.At < since.UnixMilli() {
			continue
		}
		v, err := s.r.version(ctx, row)
		if err != nil {
			return err
		}
		page.Entries = append(page.Entries, Entry{Version: *v, Include: true})
	}
	return nil
}

var referenceKey = []byte(`"reference":"`)

// references finds the literal references of a stored document without reading it as a tree. Stored
// documents have no white space around colons.
func references(doc []byte) func(yield func([]byte) bool) {
	return func(yield func([]byte) bool) {
		for {
			at := bytes.Index(doc, referenceKey)
			if at < 0 {
				return
			}
			doc = doc[at+len(referenceKey):]
			end := bytes.IndexByte(doc, '"')
			if end < 0 || !yield(doc[:end]) {
				return
			}
		}
	}
}
