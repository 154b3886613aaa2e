package vitals

import (
	"fmt"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/fhir/validate"
	"github.com/osler-ehr/osler/web/facts"
)

// observation is an Observation as it is written here.
type observation struct {
	Meta       fhir.Meta
	Identifier []fhir.Identifier
	Status     string
	Category   []fhir.CodeableConcept
	Code       fhir.CodeableConcept
	Subject    fhir.Reference
	Encounter  fhir.Reference
	Effective  fhir.Choice `fhir:"effective[x]"`
	Issued     fhir.Instant
	Performer  []fhir.Reference
	Value      fhir.Choice `fhir:"value[x]"`
	Note       []fhir.Annotation
	Component  []component
}

// component is a part of an observation that has no sense without the others.
type component struct {
	Code  fhir.CodeableConcept
	Value fhir.Choice `fhir:"value[x]"`
}

const usCore = "http://hl7.org/fhir/us/core/StructureDefinition/"

// visit is what all entries of one form have in common.
type visit struct {
	patient   string
	encounter string // the Encounter that is open; "" if none is
	at        fhir.DateTime
	issued    time.Time
	performer fhir.Reference
}

// observe makes the Observation of an entry, and checks it against the profile that it claims: what would not pass is a fault of the
// program, and is not written.
func observe(e entry, v visit, id []fhir.Identifier) (*fhir.Resource, error) {
	value, err := e.value.quantity()
	if err != nil {
		return nil, err
	}
	s := e.sign
	o := observation{
		Meta: fhir.Meta{Profile: []string{usCore + s.profile}}, Identifier: id, Status: "final",
		Category: []fhir.CodeableConcept{fhir.Concept(facts.ObservationCategory, "vital-signs", "Vital Signs")},
		Code:     fhir.Concept(facts.LOINC, s.loinc, s.title),
		Subject:  fhir.To("Patient", v.patient), Effective: fhir.ChoiceOf(v.at), Issued: fhir.InstantOf(v.issued),
	}
	o.Code.Text = s.label
	if v.encounter != "" {
		o.Encounter = fhir.To("Encounter", v.encounter)
	}
	if !v.performer.IsZero() {
		o.Performer = []fhir.Reference{v.performer}
	}
	switch s.name {
	case bloodPressure:
		low, err := e.second.quantity()
		if err != nil {
			return nil, err
		}
		o.Component = []component{part(systolic, "Systolic blood pressure", value), part(diastolic, "Diastolic blood pressure", low)}
	case saturation:
		o.Code.Coding = append([]fhir.Coding{{System: facts.LOINC, Code: oximetry, Display: "Oxygen saturation in Arterial blood by Pulse oximetry"}}, o.Code.Coding...)
		if !e.oxygen.isZero() {
			flow, err := e.oxygen.quantity()
			if err != nil {
				return nil, err
			}
			o.Component = []component{part(oxygenFlow, "Inhaled oxygen flow rate", flow)}
		}
		o.Value = fhir.ChoiceOf(value)
	default:
		o.Value = fhir.ChoiceOf(value)
	}
	r, err := fhir.New("Observation", o)
	if err != nil {
		return nil, err
	}
	for _, issue := range validate.Claimed(r) {
		if issue.Severity == fhir.SeverityError || issue.Severity == fhir.SeverityFatal {
			return nil, fmt.Errorf("the Observation of %s does not follow %s at %s (%s)", s.name, s.profile, issue.Expression, issue.Code)
		}
	}
	return r, nil
}

func part(code, display string, q fhir.Quantity) component {
	return component{Code: fhir.Concept(facts.LOINC, code, display), Value: fhir.ChoiceOf(q)}
}
