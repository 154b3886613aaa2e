package coverage

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/web/facts"
)

// policy is the view of a Coverage.
type policy struct {
	ID           string
	Status       string
	Type         fhir.CodeableConcept
	SubscriberID string
	Period       fhir.Period
	Payor        []fhir.Reference
	Class        []struct {
		Type        fhir.CodeableConcept
		Value, Name string
	}
	Order int
}

func read(ctx context.Context, s *record.Session, patient string, now time.Time) (Panel, error) {
	all, err := facts.FindAll[policy](ctx, s, "Coverage", patient, facts.Params("_count", "50")...)
	if err != nil {
		return Panel{}, err
	}
	return list(all, now), nil
}

func (c policy) inForce(now time.Time) bool {
	return c.Status == "active" && (c.Period.IsZero() || c.Period.Contains(now, now.Location()))
}

func (c policy) class(code string) (name, value string) {
	for _, x := range c.Class {
		if facts.Code(x.Type, "http://terminology.hl7.org/CodeSystem/coverage-class") == code {
			return x.Name, x.Value
		}
	}
	return "", ""
}

// list makes the panel: what is in force first, in the order in which it pays.
func list(all []policy, now time.Time) Panel {
	all = slices.DeleteFunc(slices.Clone(all), func(c policy) bool { return c.Status == "entered-in-error" || c.Status == "draft" })
	slices.SortStableFunc(all, func(a, b policy) int {
		if a.inForce(now) != b.inForce(now) {
			return map[bool]int{true: -1, false: 1}[a.inForce(now)]
		}
		return cmp.Compare(a.Order, b.Order)
	})
	var p Panel
	for _, c := range all {
		row := Plan{Kind: facts.Concept(c.Type), Member: c.SubscriberID, Active: c.inForce(now)}
		if len(c.Payor) > 0 {
			row.Payer = c.Payor[0].Display
		}
		if name, _ := c.class("plan"); name != "" {
			if row.Payer == "" {
				row.Payer = name
			} else {
				row.Kind = name
			}
		}
		if row.Payer == "" {
			row.Payer, row.Kind = cmp.Or(row.Kind, "Coverage"), ""
		}
		if !row.Active {
			row.Until = c.Status
			if !c.Period.End.IsZero() {
				row.Until = "ended " + facts.Day(c.Period.End, now.Location())
			}
		}
		p.Rows = append(p.Rows, row)
	}
	return p
}
