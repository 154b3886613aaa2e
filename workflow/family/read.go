package family

import (
	"context"
	"net/url"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/web/facts"
	"github.com/osler-ehr/osler/web/format"
)

// history is the view of a FamilyMemberHistory.
type history struct {
	ID           string
	Status       string
	Name         string
	Relationship fhir.CodeableConcept
	Deceased     fhir.Choice `fhir:"deceased[x]"`
	Conditions   []struct {
		Code  fhir.CodeableConcept
		Onset fhir.Choice `fhir:"onset[x]"`
	} `fhir:"condition"`
}

// section is the LOINC code of the list which says that there is nothing in the family.
const section = "10157-6"

func readPanel(ctx context.Context, s *record.Session, patient string, zone *time.Location) (Panel, error) {
	var all []history
	var nothing *facts.NilKnown
	var err, nilErr error
	facts.Together(
		func() {
			all, err = facts.FindAll[history](ctx, s, "FamilyMemberHistory", patient, facts.Params("_count", "100")...)
		},
		func() { nothing, nilErr = facts.ReadNilKnown(ctx, s, patient, section) },
	)
	if err == nil {
		err = nilErr
	}
	if err != nil {
		return Panel{}, err
	}
	p := list(all)
	for i := range p.Rows {
		p.Rows[i].Href = base(patient) + "/" + url.PathEscape(p.Rows[i].ID)
	}
	if p.Nothing = "None recorded; not known whether there are any"; nothing != nil {
		p.Nothing, p.Nil = nothing.Words("Nothing known in the family", zone), true
	}
	return p, nil
}

// noConditions stands where a relative has none recorded.
const noConditions = "no conditions recorded"

func list(all []history) Panel {
	var p Panel
	for _, h := range all {
		if h.Status == "entered-in-error" {
			continue
		}
		row := Relative{ID: h.ID, Relation: facts.Concept(h.Relationship)}
		if row.Relation == "" {
			row.Relation = "Relative"
		}
		first, size := utf8.DecodeRuneInString(row.Relation)
		row.Relation = string(unicode.ToUpper(first)) + row.Relation[size:]
		if h.Name != "" {
			row.Relation += " " + h.Name
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
				s += " at " + format.DoseNumber(age.Value.String())
			}
			if len(parts) > 0 {
				s = strings.ToLower(s[:min(1, len(s))]) + s[min(1, len(s)):]
			}
			parts = append(parts, s)
		}
		row.Conditions = strings.Join(parts, ", ")
		if row.Conditions == "" {
			row.Conditions = noConditions
		}
		p.Rows = append(p.Rows, row)
	}
	return p
}
