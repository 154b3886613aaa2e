package record

import (
	"context"
	"slices"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record/search"
	"github.com/osler-ehr/osler/store"
)

// ordered returns up to count rows of a search in an order that no index keeps, and whether there are more. It
// reads all matches, so there must not be too many. Each page sorts them anew and goes on behind the last row of
// the page before, whatever was changed meanwhile.
func (s *Session) ordered(ctx context.Context, c *search.Compiled, count int) (hits []store.Hit, more bool, err error) {
	after := c.Plan.After
	if after != nil && len(after.Values) == 0 { // a page of more than could be sorted: see below
		return s.matches(ctx, c, count)
	}
	all := *c
	all.Plan.After = nil
	candidates, over, err := s.matches(ctx, &all, search.MaxOrdered)
	if err != nil {
		return nil, false, err
	}
	byID := !slices.ContainsFunc(c.Order, func(o search.Order) bool { return !o.ByID })
	if over && byID && after == nil { // the order of keys is as fixed as that of ids, and needs no sorting
		return s.matches(ctx, c, count)
	}
	if over {
		return nil, false, fail(KindTooCostly, "_sort: more than %d resources would have to be put in order; narrow the search by a patient, a code or a date, or sort by a date, a string or _lastUpdated", search.MaxOrdered)
	}
	places := make([]store.Cursor, len(candidates))
	for i := range candidates {
		row := &candidates[i].Row
		var doc *fhir.Resource
		if !byID {
			body, err := s.r.open(ctx, row)
			if err != nil {
				return nil, false, err
			}
			doc = fhir.Open(body)
		}
		candidates[i].Sort = s.r.index.SortValues(c.Order, row, doc)
		places[i] = store.Cursor{Values: candidates[i].Sort, Key: row.Key}
	}
	place := func(h *store.Hit) *store.Cursor { return &store.Cursor{Values: h.Sort, Key: h.Key} }
	slices.SortFunc(candidates, func(a, b store.Hit) int { return search.CompareSorted(c.Order, place(&a), place(&b)) })
	if after != nil {
		if len(after.Values) != len(c.Order) {
			return nil, false, fail(KindBad, "the page address is of another search; search again")
		}
		n, _ := slices.BinarySearchFunc(candidates, after, func(h store.Hit, after *store.Cursor) int {
			if search.CompareSorted(c.Order, place(&h), after) <= 0 {
				return -1
			}
			return 1
		})
		candidates = candidates[n:]
	}
	if len(candidates) > count {
		return candidates[:count], true, nil
	}
	return candidates, false, nil
}
