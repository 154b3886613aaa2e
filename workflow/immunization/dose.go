package immunization

import (
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/web/facts"
	"github.com/osler-ehr/osler/workflow/immunization/stock"
)

const profile = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-immunization"

// struckURL is why a dose was struck, as an extension of it.
const struckURL = "https://osler.example/fhir/StructureDefinition/struck-because"

// dose is an Immunization as the forms write it.
type dose struct {
	ID           string
	Meta         fhir.Meta
	Extension    []fhir.Extension
	Identifier   []fhir.Identifier
	Status       string
	StatusReason fhir.CodeableConcept
	Vaccine      fhir.CodeableConcept `fhir:"vaccineCode"`
	Patient      fhir.Reference
	Encounter    fhir.Reference
	Occurrence   fhir.Choice `fhir:"occurrence[x]"`
	Recorded     fhir.DateTime
	Primary      *bool                `fhir:"primarySource"`
	Origin       fhir.CodeableConcept `fhir:"reportOrigin"`
	Location     fhir.Reference
	Manufacturer fhir.Reference
	Lot          string    `fhir:"lotNumber"`
	Expires      fhir.Date `fhir:"expirationDate"`
	Site         fhir.CodeableConcept
	Route        fhir.CodeableConcept
	Amount       fhir.Quantity `fhir:"doseQuantity"`
	Performer    []performer
	Note         []fhir.Annotation
	Education    []education
	Eligible     []fhir.CodeableConcept `fhir:"programEligibility"`
	Funding      fhir.CodeableConcept   `fhir:"fundingSource"`
	Reaction     []reaction
	Protocol     []protocol `fhir:"protocolApplied"`
}

type performer struct {
	Function fhir.CodeableConcept
	Actor    fhir.Reference
}

// education is the Vaccine Information Statement that was handed out.
type education struct {
	Document  string        `fhir:"documentType"`
	Edition   fhir.DateTime `fhir:"publicationDate"`
	Presented fhir.DateTime `fhir:"presentationDate"`
}

const (
	completed = "completed"
	notDone   = "not-done"
	mistaken  = "entered-in-error"
)

// begin is an immunization that somebody records now.
func begin(patient, status string, vaccine fhir.CodeableConcept, at fhir.DateTime, now time.Time) dose {
	here := true
	return dose{
		Meta: fhir.Meta{Profile: []string{profile}}, Status: status, Vaccine: vaccine, Patient: fhir.To("Patient", patient), Occurrence: fhir.ChoiceOf(at),
		Recorded: fhir.DateTimeOf(now, fhir.Second), Primary: &here,
	}
}

// fromLot takes over what the lot says.
func (d *dose) fromLot(l stock.Lot) {
	d.Vaccine, d.Manufacturer, d.Lot, d.Expires, d.Location, d.Funding = l.VaccineCode(), l.Maker(), l.Number(), l.Expires(), l.Site(), l.Funding().Concept()
}

// at is when it was given.
func (d dose) at() fhir.DateTime {
	v, _ := fhir.ChoiceValue[fhir.DateTime](d.Occurrence)
	return v
}

func (d dose) name() string { return facts.Concept(d.Vaccine) }

// struckBecause is what was said when it was struck.
func (d dose) struckBecause() string {
	e, _ := fhir.FindExtension(d.Extension, struckURL)
	s, _ := fhir.ChoiceValue[string](e.Value)
	return s
}
