package mpi

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/search"
)

// MaxCandidates bounds what each of the searches for candidates brings.
const MaxCandidates = 200

// Searcher searches as one actor may: a [record.Session].
type Searcher interface {
	Search(ctx context.Context, q record.Query) (*record.Page, error)
}

// Found is a patient with its likeness to the one who is looked for.
type Found struct {
	Version *record.Version
	Verdict
}

// Described reports whether a person is described well enough to look for candidates: by an identifier, a telephone
// number or address, or a name with a birth date.
func (p *Person) Described() bool { return len(p.searches()) > 0 }

// Find finds the patients that may be the one described and that the searcher may see, most alike first.
func Find(ctx context.Context, s Searcher, want Person) ([]Found, error) {
	var found []Found
	seen := map[string]bool{}
	for _, params := range want.searches() {
		page, err := s.Search(ctx, record.Query{Type: "Patient", Params: append(params, search.Param{Name: "_count", Value: strconv.Itoa(MaxCandidates)}), Strict: true})
		if err != nil {
			return nil, err
		}
		for i := range page.Entries {
			v := &page.Entries[i].Version
			if seen[v.ID] {
				continue
			}
			seen[v.ID] = true
			have, err := fhir.View[Person](v.Resource())
			if err != nil {
				return nil, err
			}
			if m := Likeness(want, have); m.Grade != "" {
				found = append(found, Found{v, m})
			}
		}
	}
	slices.SortFunc(found, func(a, b Found) int {
		if a.Score != b.Score {
			return b.Score - a.Score
		}
		return strings.Compare(a.Version.ID, b.Version.ID)
	})
	return found, nil
}

// searches are the ways to find candidates: whoever shares one of these may be the one.
func (p *Person) searches() (out [][]search.Param) {
	var identifiers []string
	for _, i := range p.Identifier {
		if i.Value != "" {
			identifiers = append(identifiers, search.Escape(i.System)+"|"+search.Escape(i.Value))
			if i.System == "" {
				identifiers[len(identifiers)-1] = search.Escape(i.Value)
			}
		}
	}
	if identifiers != nil {
		out = append(out, []search.Param{{Name: "identifier", Value: strings.Join(identifiers, ",")}})
	}
	var families, givens, telecoms []string
	for _, n := range p.Name {
		if n.Family != "" {
			families = append(families, search.Escape(n.Family))
		}
		if len(n.Given) > 0 && n.Given[0] != "" {
			givens = append(givens, search.Escape(n.Given[0]))
		}
	}
	for _, t := range p.Telecom {
		if t.Value != "" {
			telecoms = append(telecoms, search.Escape(t.Value))
		}
	}
	family, given := search.Param{Name: "family", Value: strings.Join(families, ",")}, search.Param{Name: "given", Value: strings.Join(givens, ",")}
	born := search.Param{Name: "birthdate", Value: p.BirthDate.String()}
	switch {
	case born.Value != "" && family.Value != "":
		out = append(out, []search.Param{family, born})
		fallthrough
	case born.Value != "" && given.Value != "":
		if given.Value != "" {
			out = append(out, []search.Param{given, born})
		}
	}
	if family.Value != "" && given.Value != "" {
		out = append(out, []search.Param{family, given})
		if len(born.Value) >= 4 { // beginnings, for typing errors behind them
			out = append(out, []search.Param{{Name: "family", Value: beginnings(families, 3)}, {Name: "given", Value: beginnings(givens, 2)}, {Name: "birthdate", Value: born.Value[:4]}})
		}
	}
	if telecoms != nil {
		out = append(out, []search.Param{{Name: "telecom", Value: strings.Join(telecoms, ",")}})
	}
	return out
}

// beginnings are the first letters of names.
func beginnings(names []string, letters int) string {
	out := make([]string, len(names))
	for i, n := range names {
		r := []rune(n)
		out[i] = strings.TrimRight(string(r[:min(len(r), letters)]), `\`)
	}
	return strings.Join(out, ",")
}
