package rest

import (
	"strings"
	"testing"
)

// $validate looks at what references lead to as the caller may: what is closed to somebody looks like what is not there.
func TestValidateLooksUpReferences(t *testing.T) {
	s := newSite(t)
	const profile = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-"
	mine := s.create(ana)
	nameless := s.create(`{"resourceType":"Patient","identifier":[{"system":"urn:mrn","value":"2"}],"gender":"female"}`)
	doctor := s.create(`{"resourceType":"Practitioner","identifier":[{"system":"urn:x","value":"1"}],"name":[{"family":"Rui"}]}`)
	condition := func(subject string) string {
		return `{"resourceType":"Condition","meta":{"profile":["` + profile + `condition-encounter-diagnosis"]},` +
			`"clinicalStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-clinical","code":"active"}]},"category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-category","code":"encounter-diagnosis"}]}],` +
			`"code":{"coding":[{"system":"http://snomed.info/sct","code":"38341003"}]},"subject":{"reference":"` + subject + `"}}`
	}
	ask := func(who, doc string) string {
		typ := "Condition"
		if strings.Contains(doc, `"Provenance"`) {
			typ = "Provenance"
		}
		return strings.Join(issues(t, s.ask(who, "POST", "/fhir/"+typ+"/$validate", doc)), "; ")
	}
	const fine = "information informational"
	const warned = "warning structure Condition.subject.reference"
	provenance := `{"resourceType":"Provenance","meta":{"profile":["` + profile + `provenance"]},"target":[{"reference":"Patient/` + mine + `"}],` +
		`"recorded":"2026-11-01T10:00:00Z","agent":[{"who":{"reference":"Practitioner/` + doctor + `"}}]}`
	for _, tt := range []struct{ name, who, doc, want string }{
		{"who follows the profile", "clinician", condition("Patient/" + mine), fine},
		{"who does not", "clinician", condition("Patient/" + nameless), warned},
		{"by the whole address", "clinician", condition("https://ehr.example/fhir/Patient/" + nameless), warned},
		{"who is not there", "clinician", condition("Patient/absent"), fine},
		{"who is closed to a patient", "Patient/" + mine, condition("Patient/" + nameless), fine},
		{"a patient about the own record", "Patient/" + nameless, condition("Patient/" + nameless), warned},
		{"a rule that looks", "clinician", provenance, "error invariant Provenance.agent[0]"},
		{"the same, of nobody known", "clinician", strings.Replace(provenance, doctor, "absent", 1), fine},
	} {
		if got := ask(tt.who, tt.doc); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
	}
	// Word for word the same, and so is a batch's entry.
	at := func(subject string) string {
		return s.ask("Patient/"+mine, "POST", "/fhir/Condition/$validate", condition(subject)).Body.String()
	}
	if closed, absent := at("Patient/"+nameless), at("Patient/absent"); closed != absent {
		t.Errorf("what is closed can be told from what is not there:\n%s\n%s", closed, absent)
	}
}
