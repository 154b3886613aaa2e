package immunization

import (
	"cmp"
	"context"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/web/facts"
)

// immunization is the view of an Immunization.
type immunization struct {
	ID           string
	Status       string
	StatusReason fhir.CodeableConcept
	Vaccine      fhir.CodeableConcept `fhir:"vaccineCode"`
	Occurrence   fhir.Choice          `fhir:"occurrence[x]"`
	Subpotent    bool                 `fhir:"isSubpotent"`
	Expires      fhir.Date            `fhir:"expirationDate"`
	Manufacturer fhir.Reference
	Volume       fhir.Quantity `fhir:"doseQuantity"`
	Reaction     []reaction
}

func read(ctx context.Context, s *record.Session, patient string, now time.Time) (Panel, error) {
	all, err := facts.FindAll[immunization](ctx, s, "Immunization", patient, facts.Params("_count", "500")...)
	if err != nil {
		return Panel{}, err
	}
	p := doses(all, now.Location())
	for i := range p.Given {
		if p.Given[i].id != "" {
			p.Given[i].Href = base(patient) + "/doses/" + url.PathEscape(p.Given[i].id)
		}
	}
	return p, nil
}

func (i immunization) on() (at fhir.DateTime, words string) {
	switch v := i.Occurrence.Value().(type) {
	case fhir.DateTime:
		return v, ""
	case string:
		return fhir.DateTime{}, v
	}
	return fhir.DateTime{}, "Date not known"
}

// doses makes the rows of the panel: newest first, without what was entered in error.
func doses(all []immunization, zone *time.Location) Panel {
	all = slices.DeleteFunc(slices.Clone(all), func(i immunization) bool { return i.Status == "entered-in-error" })
	slices.SortStableFunc(all, func(a, b immunization) int {
		x, _ := a.on()
		y, _ := b.on()
		return cmp.Or(y.Time(zone).Compare(x.Time(zone)), strings.Compare(facts.Concept(a.Vaccine), facts.Concept(b.Vaccine)))
	})
	var p Panel
	for _, i := range all {
		p.Given = append(p.Given, doseRow(i, zone))
	}
	return p
}

func doseRow(i immunization, zone *time.Location) Dose {
	at, words := i.on()
	d := Dose{id: i.ID, Vaccine: facts.Concept(i.Vaccine), Date: words}
	if !at.IsZero() {
		d.Date = facts.Day(at, zone)
	}
	if i.Status == "not-done" {
		d.Note = "not given"
		if why := facts.Concept(i.StatusReason); why != "" {
			d.Note += ": " + strings.ToLower(why)
		}
	}
	return d
}
