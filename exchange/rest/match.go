package rest

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/search"
)

// maxCandidates bounds what each of the searches for candidates brings.
const maxCandidates = 200

// defaultMatches is how many matches are told when the caller does not say.
const defaultMatches = 20

// match finds the patients that may be the one described, each with how sure that is, best first. With
// onlyCertainMatches it finds one that is certain, or nothing. It changes nothing: what to do about two records of
// one person is for people to decide.
// (http://hl7.org/fhir/R4/patient-operation-match.html)
func (c *call) match() (answer, error) {
	described := c.subject()
	if described == nil || described.Type() != "Patient" {
		return answer{}, refused(http.StatusBadRequest, "required", "post a Parameters resource with the parameter resource, a Patient that describes who is looked for")
	}
	certain, _ := c.param("onlyCertainMatches")
	most := defaultMatches
	if text, ok := c.param("count"); ok {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 {
			return answer{}, refused(http.StatusBadRequest, "value", "count must be a number of 1 or more")
		}
		most = min(n, maxCandidates)
	}
	want, err := fhir.View[person](described)
	if err != nil {
		return answer{}, err
	}
	searches := want.searches()
	if len(searches) == 0 {
		return answer{}, refused(http.StatusBadRequest, "required", "this describes nobody: give an identifier, a phone number, or a name with a birth date", "Patient")
	}
	var found []scored
	seen := map[string]bool{}
	for _, params := range searches {
		page, err := c.session.Search(c.ctx, record.Query{Type: "Patient", Params: append(params, search.Param{Name: "_count", Value: strconv.Itoa(maxCandidates)}), Strict: true})
		if err != nil {
			return answer{}, err
		}
		for i := range page.Entries {
			v := &page.Entries[i].Version
			if seen[v.ID] {
				continue
			}
			seen[v.ID] = true
			have, err := fhir.View[person](v.Resource())
			if err != nil {
				return answer{}, err
			}
			if m := likeness(want, have); m.grade != "" {
				found = append(found, scored{v, m})
			}
		}
	}
	slices.SortFunc(found, func(a, b scored) int {
		if a.score != b.score {
			return b.score - a.score
		}
		return strings.Compare(a.version.ID, b.version.ID)
	})
	if certain == "true" {
		found = slices.DeleteFunc(found, func(s scored) bool { return s.grade != "certain" })
		if len(found) > 1 {
			found = nil // which of them is not certain
		}
	}
	found = found[:min(len(found), most)]
	total, size := len(found), 512
	for _, s := range found {
		size += len(s.version.Body) + 512
	}
	b := newBuffer(size)
	w := fhir.NewBundleWriter(b.bytes, fhir.Bundle{Type: "searchset", Total: &total})
	for _, s := range found {
		w.Add(fhir.BundleEntry{
			FullURL: c.url("Patient", s.version.ID),
			Search:  fhir.BundleSearch{Mode: "match", Score: fhir.NewDecimal(int64(s.score), 2), Grade: s.grade},
		}, s.version.Body)
	}
	c.addWarnings(w)
	b.bytes = w.Finish()
	return answer{status: http.StatusOK, body: b.bytes, buffer: b}, nil
}

// scored is a patient with its likeness to the one who is looked for.
type scored struct {
	version *record.Version
	verdict
}

// searches are the ways to find candidates: whoever shares one of these may be the one.
func (p *person) searches() (out [][]search.Param) {
	var identifiers []string
	for _, i := range p.Identifier {
		if i.Value != "" {
			identifiers = append(identifiers, escapeValue(i.System)+"|"+escapeValue(i.Value))
			if i.System == "" {
				identifiers[len(identifiers)-1] = escapeValue(i.Value)
			}
		}
	}
	if identifiers != nil {
		out = append(out, []search.Param{{Name: "identifier", Value: strings.Join(identifiers, ",")}})
	}
	var families, givens, telecoms []string
	for _, n := range p.Name {
		if n.Family != "" {
			families = append(families, escapeValue(n.Family))
		}
		if len(n.Given) > 0 && n.Given[0] != "" {
			givens = append(givens, escapeValue(n.Given[0]))
		}
	}
	for _, t := range p.Telecom {
		if t.Value != "" {
			telecoms = append(telecoms, escapeValue(t.Value))
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

// escapeValue keeps what separates values from doing so.
func escapeValue(s string) string {
	return strings.NewReplacer(`\`, `\\`, `,`, `\,`, `|`, `\|`, `$`, `\$`).Replace(s)
}
