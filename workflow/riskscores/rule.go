package riskscores

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/osler-ehr/osler/drugs"
	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/slice"
	"github.com/osler-ehr/osler/web/facts"
	"github.com/osler-ehr/osler/workflow/riskscores/score"
)

// advise speaks of atrial fibrillation without an anticoagulant, where the score says that one is recommended or reasonable: one card. It
// is silent for who has an anticoagulant, has died, or for whom somebody ordered that none be given.
func advise(ctx context.Context, s *record.Session, patient string, library *drugs.Library, now time.Time) ([]slice.Advice, error) {
	p := &person{facts: map[string]known{}, asks: map[string]string{}}
	var err error
	if p.problems, err = readProblems(ctx, s, patient); err != nil {
		return nil, err
	}
	if len(had(p.problems, diseaseOf("fibrillation"))) == 0 {
		return nil, nil
	}
	patientAlone := slices.Equal(s.Actor().Roles, []access.Role{access.Patient})
	if patientAlone || !s.May(access.Search, "MedicationRequest") { // a matter to talk about; without medicines nothing can be told
		return nil, nil
	}
	var who *record.Version
	var barred bool
	var whoErr, medsErr, barredErr error
	facts.Together(
		func() { who, whoErr = s.Read(ctx, "Patient", patient) },
		func() { p.meds, medsErr = readMedicines(ctx, s, patient, library) },
		func() { barred, barredErr = decidedAgainst(ctx, s, patient, library) },
	)
	if err := errors.Join(whoErr, medsErr, barredErr); err != nil {
		return nil, err
	}
	if err := p.identify(who, now); err != nil {
		return nil, err
	}
	if p.dead || barred || len(p.meds.of("anticoagulant")) > 0 {
		return nil, nil
	}
	p.diagnoses()
	return p.withoutAnticoagulant(base(patient) + "/cha2ds2-vasc"), nil
}

// withoutAnticoagulant is the card, if there is one.
func (p *person) withoutAnticoagulant(href string) []slice.Advice {
	s := score.Find("cha2ds2-vasc")
	values := score.Values{}
	for _, in := range s.Inputs {
		if k, ok := p.facts[in.Name]; ok {
			values[in.Name] = k.Value
		}
	}
	a := slice.Advice{Urgency: slice.Info, Source: s.Source, SourceURL: s.URL, Href: href}
	r := s.Evaluate(values)
	switch {
	case p.facts["valve"].Yes:
		a.Summary, a.Detail, a.Urgency = "Atrial fibrillation without anticoagulant, and "+p.facts["valve"].From, r.Refused, slice.Warning
	case r.Refused != "":
		return nil // a child
	case len(r.Missing) > 0:
		a.Summary = "Atrial fibrillation without anticoagulant: CHA₂DS₂-VASc lacks " + strings.ToLower(r.Missing[0].Label)
		a.Detail = p.asks[r.Missing[0].Name]
	case r.Level == "low":
		return nil
	default:
		a.Summary = "Atrial fibrillation without anticoagulant: CHA₂DS₂-VASc " + strings.TrimSuffix(strings.TrimSuffix(r.Text, " points"), " point")
		var parts []string
		for _, part := range r.Parts {
			parts = append(parts, part.Label)
		}
		a.Detail = strings.Join(parts, ", ") + ". " + r.Meaning
		if r.Level == "high" {
			a.Urgency = slice.Warning
		}
	}
	if held := p.meds.held("anticoagulant"); len(held) > 0 {
		a.Detail += " On the list: " + names(held) + "."
	}
	if len(p.meds.unknown) > 0 {
		a.Detail += " Not known what these are: " + names(p.meds.unknown) + "."
	}
	if !p.meds.whole {
		a.Detail += " The medicines could not be read whole."
	}
	if runes := []rune(a.Summary); len(runes) > 140 {
		a.Summary = string(runes[:139]) + "…"
	}
	return []slice.Advice{a}
}

// decidedAgainst reports whether an order stands not to give an anticoagulant.
func decidedAgainst(ctx context.Context, s *record.Session, patient string, library *drugs.Library) (bool, error) {
	type request struct {
		DoNotPerform bool
		Medication   fhir.Choice `fhir:"medication[x]"`
	}
	found := false
	err := facts.Each(ctx, s, facts.Of("MedicationRequest", patient, facts.Params("status", "active", "_sort", "-authoredon", "_count", "200")...), func(e *record.Entry) error {
		v, err := fhir.View[request](e.Resource())
		if err != nil || !v.DoNotPerform {
			return err
		}
		code, ok := v.Medication.Value().(fhir.CodeableConcept)
		if !ok {
			name, err := facts.MedicineName(ctx, s, e.Resource(), v.Medication)
			if err != nil {
				return err
			}
			code = fhir.CodeableConcept{Text: name}
		}
		m := library.Allergen(code) // "anticoagulant" names the class
		d := drug{match: m}
		for _, c := range m.Classes {
			found = found || c.Within("anticoagulant")
		}
		found = found || d.is("anticoagulant")
		return nil
	})
	return found, err
}
