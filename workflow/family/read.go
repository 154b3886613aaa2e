package family

import (
	"context"
	"strings"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/web/facts"
	"github.com/osler-ehr/osler/web/format"
)

// history is the view of a FamilyMemberHistory.
type history struct {
	Status       string
	Name         string
	Relationship fhir.CodeableConcept
	Deceased     fhir.Choice `fhir:"deceased[x]"`
	Conditions   []struct {
		Code  fhir.CodeableConcept
		Onset fhir.Choice `fhir:"onset[x]"`
	} `fhir:"condition"`
}

func read(ctx context.Context, s *record.Session, patient string, _ time.Time) (Panel, error) {
	all, err := facts.Find[history](ctx, s, "FamilyMemberHistory", patient, facts.Params("_count", "100")...)
	if err != nil {
		return Panel{}, err
	}
	return list(all), nil
}

func list(all []history) Panel {
	var p Panel
	for _, h := range all {
		if h.Status == "entered-in-error" {
			continue
		}
		row := Relative{Relation: facts.Concept(h.Relationship)}
		if row.Relation == "" {
			row.Relation = "Relative"
		}
		switch v := h.Deceased.Value().(type) {
		case nil:
		case bool:
			row.Deceased = v
		default: // a date, an age, a range: all say that the person is dead
			row.Deceased = true
		}
		var parts []string
		for _, c := range h.Conditions {
			s := facts.Concept(c.Code)
			if age, ok := fhir.ChoiceValue[fhir.Quantity](c.Onset); ok && !age.Value.IsZero() {
				s += " at " + format.LabNumber(age.Value.String())
			}
			if len(parts) > 0 {
				s = strings.ToLower(s[:min(1, len(s))]) + s[min(1, len(s)):]
			}
			parts = append(parts, s)
		}
		row.Conditions = strings.Join(parts, ", ")
		if row.Conditions == "" {
			row.Conditions = "no conditions recorded"
		}
		p.Rows = append(p.Rows, row)
	}
	return p
}
