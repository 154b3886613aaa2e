package riskscores

import (
	"context"
	"slices"
	"strings"

	"github.com/osler-ehr/osler/drugs"
	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/web/facts"
)

// drug is a medicine that a patient takes, and what it is.
type drug struct {
	name  string
	state string // "on hold"; "" if it is taken
	match drugs.Match
	ref   fhir.Reference
}

// medicines are those that a patient takes now.
type medicines struct {
	all     []drug
	unknown []drug // those of which nothing is known
	whole   bool
}

// classes of medicines that scores ask about, by the classes of the drug library.
var classes = map[string][]string{
	"anticoagulant": {"anticoagulant"},
	"antiplatelet":  {"p2y12", "salicylate", "nsaid", "coxib"},
	"pressure":      {"raas", "thiazide", "loop-diuretic", "potassium-sparing", "beta-blocker", "dhp-calcium-blocker", "rate-calcium-blocker", "alpha-blocker", "central-alpha-agonist"},
	"statin":        {"statin"},
}

func readMedicines(ctx context.Context, s *record.Session, patient string, library *drugs.Library) (medicines, error) {
	if !s.May(access.Search, "MedicationRequest") {
		return medicines{}, nil
	}
	list, whole, err := facts.Medicines(ctx, s, patient, false)
	if err != nil {
		return medicines{}, err
	}
	m := medicines{whole: whole}
	for _, x := range list {
		code, ok := x.Medication.Value().(fhir.CodeableConcept)
		if !ok {
			code = fhir.CodeableConcept{Text: x.Name}
		}
		typ := "MedicationRequest"
		if x.Stated {
			typ = "MedicationStatement"
		}
		d := drug{name: x.Name, state: x.State(), match: library.Resolve(code), ref: fhir.To(typ, x.ID)}
		m.all = append(m.all, d)
		if !d.match.Found() {
			m.unknown = append(m.unknown, d)
		}
	}
	return m, nil
}

// of are the medicines of a kind that are taken: not those on hold.
func (m medicines) of(kind string) (out []drug) {
	for _, d := range m.all {
		if d.state == "" && d.is(kind) {
			out = append(out, d)
		}
	}
	return out
}

// held are the medicines of a kind that are on the list without being taken now.
func (m medicines) held(kind string) (out []drug) {
	for _, d := range m.all {
		if d.state != "" && d.is(kind) {
			out = append(out, d)
		}
	}
	return out
}

func (d drug) is(kind string) bool {
	return slices.ContainsFunc(d.match.Ingredients, func(i *drugs.Ingredient) bool {
		return slices.ContainsFunc(classes[kind], i.Is)
	})
}

// named are the medicines with an ingredient.
func (m medicines) named(ingredient string) (out []drug) {
	for _, d := range m.all {
		if slices.ContainsFunc(d.match.Ingredients, func(i *drugs.Ingredient) bool { return i.Name == ingredient }) {
			out = append(out, d)
		}
	}
	return out
}

// names are medicines in words, at most three of them.
func names(list []drug) string {
	var out []string
	for _, d := range list {
		name := d.name
		if d.state != "" {
			name += " (" + d.state + ")"
		}
		if !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	if len(out) > 3 {
		out = append(out[:3], "and more")
	}
	return strings.Join(out, ", ")
}
