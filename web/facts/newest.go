package facts

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
)

// Newest reads, for each group of LOINC codes, the n newest resources of a type that are about a patient and have one of the codes,
// newest first: what a search for each group with "_sort=-date&_count=n" finds, in a few searches for all of them. Duplicates among the
// codes of a group are allowed.
func Newest[V any](ctx context.Context, s *record.Session, typ, patient string, groups [][]string, n int) ([][]V, error) {
	out := make([][]V, len(groups))
	open := make([]int, 0, len(groups)) // groups that may lack something
	for i := range groups {
		open = append(open, i)
	}
	for len(open) > 0 {
		var codes []string
		for _, g := range open {
			codes = append(codes, groups[g]...)
		}
		slices.Sort(codes)
		codes = slices.Compact(codes)
		// A page of so many that one group at least is complete at its end.
		count := max(60, len(open)*(n-1)+1)
		page, err := s.Search(ctx, Of(typ, patient, Params("code", LOINC+"|"+strings.Join(codes, ","+LOINC+"|"), "_sort", "-date", "_count", fmt.Sprint(count))...))
		if err != nil {
			return nil, err
		}
		for _, g := range open {
			out[g] = nil
		}
		for i := range page.Entries {
			e := &page.Entries[i]
			doc := e.Resource()
			has := loincCodes(doc)
			var view V
			read := false
			for _, g := range open {
				if len(out[g]) >= n || !slices.ContainsFunc(has, func(code string) bool { return slices.Contains(groups[g], code) }) {
					continue
				}
				if !read {
					if view, err = fhir.View[V](doc); err != nil {
						return nil, fmt.Errorf("read %s: %w", e.Type, err)
					}
					read = true
				}
				out[g] = append(out[g], view)
			}
		}
		if page.Next == "" {
			return out, nil
		}
		open = slices.DeleteFunc(open, func(g int) bool { return len(out[g]) >= n })
	}
	return out, nil
}

// loincCodes are the codes of LOINC in a document's code.
func loincCodes(doc *fhir.Resource) (out []string) {
	for c := range doc.Get("code").Get("coding").Values() {
		if c.Get("system").Text() == LOINC {
			out = append(out, c.Get("code").Text())
		}
	}
	return out
}
