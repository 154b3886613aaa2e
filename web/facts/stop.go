package facts

import (
	"slices"

	"github.com/osler-ehr/osler/fhir"
)

// stoppedOn says since when a MedicationRequest has its status. FHIR R4 has no element for it; this is the extension which FHIR defines
// for the element of R5, MedicationRequest.statusChanged. (hl7.org/fhir/R5/versions.html, extensions for converting between versions.)
const stoppedOn = "http://hl7.org/fhir/5.0/StructureDefinition/extension-MedicationRequest.statusChanged"

// Stopped is a MedicationRequest or MedicationStatement with its end: why it is not taken any more, and since when, as exactly as that
// is known; zero if nobody said. A mistake was never taken.
func Stopped(doc *fhir.Resource, why string, on fhir.DateTime, mistake bool) (*fhir.Resource, error) {
	status := "stopped"
	if mistake {
		status = "entered-in-error"
	}
	if doc.Type() == "MedicationStatement" {
		st, err := fhir.View[struct {
			Status       string
			StatusReason []fhir.CodeableConcept
			Effective    fhir.Choice `fhir:"effective[x]"`
		}](doc)
		if err != nil {
			return nil, err
		}
		st.Status, st.StatusReason = status, []fhir.CodeableConcept{{Text: why}}
		if !on.IsZero() {
			var p fhir.Period
			switch was := st.Effective.Value().(type) {
			case fhir.Period:
				p.Start = was.Start
			case fhir.DateTime: // when it was known to be taken, which is no beginning
			}
			p.End = on
			st.Effective = fhir.ChoiceOf(p)
		}
		return fhir.Merge(doc, st)
	}
	rx, err := fhir.View[struct {
		Extension    []fhir.Extension
		Status       string
		StatusReason fhir.CodeableConcept
	}](doc)
	if err != nil {
		return nil, err
	}
	rx.Status, rx.StatusReason = status, fhir.CodeableConcept{Text: why}
	if !on.IsZero() {
		rx.Extension = append(slices.DeleteFunc(rx.Extension, func(x fhir.Extension) bool { return x.URL == stoppedOn }), fhir.Extension{URL: stoppedOn, Value: fhir.ChoiceOf(on)})
	}
	return fhir.Merge(doc, rx)
}

// StoppedOn is since when a MedicationRequest is stopped; zero if it does not say.
func StoppedOn(extensions []fhir.Extension) fhir.DateTime {
	x, _ := fhir.FindExtension(extensions, stoppedOn)
	on, _ := x.Value.Value().(fhir.DateTime)
	return on
}
