package search

import (
	"testing"

	"github.com/osler-ehr/osler/fhir/definitions"
)

// TestExpressionsOfGuides: forms that implementation guides use can be searched by.
func TestExpressionsOfGuides(t *testing.T) {
	x := newIndex(t)
	for _, tt := range []struct{ base, typ, expression string }{
		{"Patient", "token", "Patient.extension.where(url = 'http://hl7.org/fhir/us/core/StructureDefinition/us-core-race').extension.where(url = 'ombCategory' or url = 'detailed').value as Coding"},
		{"Patient", "token", "Patient.extension.where(url='http://e/x').extension.where(url='code').value.as(Coding).code"},
		{"PractitionerRole", "token", "PractitionerRole.extension.where(url='http://e/newpatients').extension.where(url='acceptingPatients').value"},
		{"PractitionerRole", "reference", "PractitionerRole.extension('http://e/network-reference').value.ofType(Reference)"},
		{"OrganizationAffiliation", "date", "OrganizationAffiliation.period.start | OrganizationAffiliation.period.end"},
		{"ExplanationOfBenefit", "date", "ExplanationOfBenefit.billablePeriod.start"},
		{"ExplanationOfBenefit", "date", "ExplanationOfBenefit.billablePeriod | ExplanationOfBenefit.item.serviced as Period"},
		{"ExplanationOfBenefit", "token", "ExplanationOfBenefit.careTeam.where(role.coding.where(code = 'primary').exists()).qualification"},
		{"QuestionnaireResponse", "reference", "QuestionnaireResponse.item.where(extension('http://e/isSubject').exists()).answer.value.ofType(Reference)"},
		{"QuestionnaireResponse", "quantity", "QuestionnaireResponse.repeat(item).where(linkId = '/weight').answer.value.ofType(Quantity)"},
		{"Questionnaire", "token", "Questionnaire.repeat(item).code"},
		{"Coverage", "token", "Coverage.identifier.where(type.coding.code = 'MB')"},
		{"Observation", "token", "(Observation.value as CodeableConcept) | (Observation.component.value as CodeableConcept)"},
		{"Observation", "date", "Observation.effective.as(dateTime) | Observation.effective.as(Period).start"},
		{"Observation", "reference", "Observation.subject.where(resolve() is Patient) | Observation.focus.where(resolve() is Patient)"},
		{"Task", "token", "Task.input.where(type.coding.exists(code = 'data-code')).value.ofType(CodeableConcept)"},
		{"Library", "reference", "Library.relatedArtifact.where(type = 'depends-on').resource"},
		{"Encounter", "token", "Encounter.hospitalization.dischargeDisposition.coding.first()"},
		{"Encounter", "token", "Encounter.diagnosis.where(rank = 1).use"},
		{"Location", "string", "Location.address.where(use != 'old').postalCode"},
		{"Condition", "token", "Condition.abatement.exists()"},
		{"Condition", "token", "Condition.verificationStatus.coding.where(code in ('confirmed' | 'provisional'))"},
		{"Appointment", "reference", "Appointment.participant.where(status = 'accepted').actor.where(resolve() is Practitioner)"},
		{"Resource", "date", "Resource.meta.lastUpdated.first()"},
		{"DomainResource", "token", "DomainResource.extension('http://e/tag').value.ofType(Coding).first()"},
	} {
		c := Custom{ID: "x", SearchParameter: definitions.SearchParameter{Name: "of-a-guide", Type: tt.typ, URL: "http://example.org/x", Expression: tt.expression, Base: []string{tt.base}}}
		if fault := x.Check(c); fault != nil {
			t.Errorf("%s: %v", tt.expression, fault)
		}
	}
}
