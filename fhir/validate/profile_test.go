package validate

import (
	"strings"
	"testing"

	"github.com/osler-ehr/osler/fhir"
)

const usCore = "http://hl7.org/fhir/us/core/StructureDefinition/"

const (
	usPatient = `{"resourceType":"Patient","extension":[{"url":"http://hl7.org/fhir/us/core/StructureDefinition/us-core-race","extension":[
{"url":"ombCategory","valueCoding":{"system":"urn:oid:2.16.840.1.113883.6.238","code":"2106-3"}},{"url":"text","valueString":"White"}]},
{"url":"http://hl7.org/fhir/us/core/StructureDefinition/us-core-birthsex","valueCode":"F"}],
"identifier":[{"system":"http://example.org/mrn","value":"7"}],"name":[{"family":"Hale"}],"gender":"female",
"telecom":[{"system":"phone","value":"555 0100"}]}`

	usPressure = `{"resourceType":"Observation","status":"final",
"category":[{"text":"other"},{"coding":[{"system":"http://example.org","code":"x"}]},{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"vital-signs"}]}],
"code":{"coding":[{"system":"http://loinc.org","code":"85354-9"},{"system":"http://example.org","code":"bp"}],"text":"BP"},
"subject":{"reference":"Patient/p"},"effectiveDateTime":"2024-05-01",
"component":[{"code":{"coding":[{"system":"http://loinc.org","code":"8480-6"}]},"valueQuantity":{"value":120,"unit":"mm[Hg]","system":"http://unitsofmeasure.org","code":"mm[Hg]"}},
{"code":{"coding":[{"system":"http://loinc.org","code":"8462-4"}]},"valueQuantity":{"value":80,"unit":"mm[Hg]","system":"http://unitsofmeasure.org","code":"mm[Hg]"}}]}`

	usWeight = `{"resourceType":"Observation","status":"final",
"category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"vital-signs"}]}],
"code":{"coding":[{"system":"http://loinc.org","code":"29463-7"}]},"subject":{"reference":"Patient/p"},"effectiveDateTime":"2024-05-01",
"valueQuantity":{"value":70,"unit":"kg","system":"http://unitsofmeasure.org","code":"kg"}}`

	usCondition = `{"resourceType":"Condition","category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-category","code":"problem-list-item"}]}],
"clinicalStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-clinical","code":"active"}]},
"code":{"coding":[{"system":"http://snomed.info/sct","code":"38341003"}]},"subject":{"reference":"Patient/p"}}`

	usProvenance = `{"resourceType":"Provenance","target":[{"reference":"Patient/p"}],"recorded":"2024-05-01T09:15:00Z","agent":[
{"type":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/provenance-participant-type","code":"author"}]},"who":{"reference":"Practitioner/d"}},
{"type":{"coding":[{"system":"http://hl7.org/fhir/us/core/CodeSystem/us-core-provenance-participant-type","code":"transmitter"}]},"who":{"reference":"Organization/o"}}]}`

	usNote = `{"resourceType":"DocumentReference","status":"current","type":{"coding":[{"system":"http://loinc.org","code":"11506-3"}]},
"category":[{"coding":[{"system":"http://hl7.org/fhir/us/core/CodeSystem/us-core-documentreference-category","code":"clinical-note"}]}],
"subject":{"reference":"Patient/p"},"content":[{"attachment":{"contentType":"text/plain","data":"aGVsbG8="}}]}`
)

// profileDamages change a document that follows a profile and name all that must be found.
var profileDamages = []struct {
	name, profile string
	doc, from, to string
	want          string
}{
	{"no identifier", "us-core-patient", usPatient, `"identifier":[{"system":"http://example.org/mrn","value":"7"}],`, ``, "Patient.identifier: cardinality"},
	{"no name", "us-core-patient", usPatient, `"name":[{"family":"Hale"}],`, ``, "Patient.name: cardinality"},
	{"identifier without system", "us-core-patient", usPatient, `"system":"http://example.org/mrn",`, ``, "Patient.identifier[0].system: cardinality"},
	{"telecom without value", "us-core-patient", usPatient, `,"value":"555 0100"`, ``, "Patient.telecom[0].value: cardinality"},
	{"birthsex twice", "us-core-patient", usPatient, `"extension":[{"url":"http://hl7.org`, `"extension":[{"url":"http://hl7.org/fhir/us/core/StructureDefinition/us-core-birthsex","valueCode":"F"},{"url":"http://hl7.org`, "Patient.extension: slice"},
	{"race without text", "us-core-patient", usPatient, `,{"url":"text","valueString":"White"}`, ``, "Patient.extension[0].extension: slice"},
	{"race text of a wrong type", "us-core-patient", usPatient, `"valueString":"White"`, `"valueCode":"White"`, "Patient.extension[0].extension[1].value: type"},
	{"race with a value", "us-core-patient", usPatient, `"extension":[
{"url":"ombCategory","valueCoding":{"system":"urn:oid:2.16.840.1.113883.6.238","code":"2106-3"}},{"url":"text","valueString":"White"}]`, `"valueString":"White"`, "Patient.extension[0].extension: cardinality\nPatient.extension[0].extension: slice\nPatient.extension[0].value: cardinality"},
	{"birthsex of a wrong type", "us-core-patient", usPatient, `"valueCode":"F"`, `"valueString":"F"`, "Patient.extension[1].value: type"},
	{"profile of another type", "us-core-condition-problems-health-concerns", usPatient, `"7"`, `"8"`, "Patient: profile"},
	{"profile not known", "us-core-nothing", usPatient, `"7"`, `"8"`, "Patient: profile"},

	{"no category of vital signs", "us-core-blood-pressure", usPressure, `"code":"vital-signs"`, `"code":"laboratory"`, "Observation.category: slice"},
	{"category of another system", "us-core-blood-pressure", usPressure, `"http://terminology.hl7.org/CodeSystem/observation-category"`, `"http://elsewhere.example"`, "Observation.category: slice"},
	{"wrong code", "us-core-blood-pressure", usPressure, `85354-9`, `8867-4`, "Observation.code: pattern"},
	{"no time", "us-core-blood-pressure", usPressure, `"effectiveDateTime":"2024-05-01",`, ``, "Observation.effective: cardinality"},
	{"time of a type not allowed", "us-core-blood-pressure", usPressure, `"effectiveDateTime":"2024-05-01"`, `"effectiveInstant":"2024-05-01T10:00:00Z"`, "Observation.effective: type"},
	{"no subject", "us-core-blood-pressure", usPressure, `"subject":{"reference":"Patient/p"},`, ``, "Observation.subject: cardinality"},
	{"subject of a type not allowed", "us-core-blood-pressure", usPressure, `Patient/p`, `Group/p`, "Observation.subject.reference: reference"},
	{"no systolic", "us-core-blood-pressure", usPressure, `8480-6`, `8867-4`, "Observation.component: slice"},
	{"two diastolic", "us-core-blood-pressure", usPressure, `8480-6`, `8462-4`, "Observation.component: slice\nObservation.component: slice"},
	{"unit of a component", "us-core-blood-pressure", usPressure, `80,"unit":"mm[Hg]","system":"http://unitsofmeasure.org","code":"mm[Hg]"`, `80,"unit":"mm[Hg]","system":"http://unitsofmeasure.org","code":"kPa"`,
		"Observation.component[1].value: binding\nObservation.component[1].value.code: fixed"},
	{"component without number", "us-core-blood-pressure", usPressure, `"value":80,`, ``, "Observation.component[1].value.value: cardinality"},
	{"component of a wrong type", "us-core-blood-pressure", usPressure, `"valueQuantity":{"value":80,"unit":"mm[Hg]","system":"http://unitsofmeasure.org","code":"mm[Hg]"}`, `"valueString":"80"`, "Observation.component[1].value: type"},
	{"unit not of the profile", "us-core-body-weight", usWeight, `"code":"kg"`, `"code":"cm"`, "Observation.value.code: binding"},
	{"quantity without unit", "us-core-body-weight", usWeight, `"unit":"kg",`, ``, "Observation.value.unit: cardinality"},

	{"no category", "us-core-condition-problems-health-concerns", usCondition, `"category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-category","code":"problem-list-item"}]}],`, ``, "Condition.category: cardinality\nCondition.category: slice"},
	{"category of encounters", "us-core-condition-problems-health-concerns", usCondition, `problem-list-item`, `encounter-diagnosis`, "Condition.category: slice"},
	{"no code", "us-core-condition-problems-health-concerns", usCondition, `"code":{"coding":[{"system":"http://snomed.info/sct","code":"38341003"}]},`, ``, "Condition.code: cardinality"},
	{"subject not a patient", "us-core-condition-problems-health-concerns", usCondition, `Patient/p`, `Group/p`, "Condition.subject.reference: reference"},
	{"encounter diagnosis", "us-core-condition-encounter-diagnosis", strings.Replace(usCondition, "problem-list-item", "encounter-diagnosis", 1), `"encounter-diagnosis"`, `"problem-list-item"`, "Condition.category: slice"},

	{"on behalf of a person", "us-core-provenance", usProvenance, `"who":{"reference":"Practitioner/d"}`, `"who":{"reference":"Practitioner/d"},"onBehalfOf":{"reference":"Practitioner/e"}`, "Provenance.agent[0].onBehalfOf.reference: reference"},

	{"note without type", "us-core-documentreference", usNote, `"type":{"coding":[{"system":"http://loinc.org","code":"11506-3"}]},`, ``, "DocumentReference.type: cardinality"},
	{"note with a type as text", "us-core-documentreference", usNote, `{"coding":[{"system":"http://loinc.org","code":"11506-3"}]}`, `{"text":"note"}`, "DocumentReference.type: binding"},
	{"note without category", "us-core-documentreference|7.0.0", usNote, `"category":[{"coding":[{"system":"http://hl7.org/fhir/us/core/CodeSystem/us-core-documentreference-category","code":"clinical-note"}]}],`, ``, "DocumentReference.category: cardinality"},
	{"note of a group", "us-core-documentreference", usNote, `Patient/p`, `Group/p`, "DocumentReference.subject.reference: reference"},
}

func TestProfileDamages(t *testing.T) {
	for _, d := range profileDamages {
		t.Run(d.name, func(t *testing.T) {
			if n := strings.Count(d.doc, d.from); n != 1 {
				t.Fatalf("%q stands %d times in the document", d.from, n)
			}
			r := parsed(t, "the document", []byte(d.doc))
			if issues := Base(r); issues != nil {
				t.Fatalf("the document at base: %v", lines(issues))
			}
			profile := usCore + d.profile
			if !strings.HasSuffix(d.want, ": profile") {
				if issues := Profile(r, profile); issues != nil {
					t.Fatalf("the undamaged document: %v %s", lines(issues), issues[0].Details.Text)
				}
			}
			issues := Profile(parsed(t, "the damaged document", []byte(strings.Replace(d.doc, d.from, d.to, 1))), profile)
			if got := strings.Join(lines(issues), "\n"); got != d.want {
				t.Errorf("got\n%s\nwant\n%s", got, d.want)
				for _, i := range issues {
					t.Log(i.Severity, i.Details.Text)
				}
			}
		})
	}
}

func TestClaimed(t *testing.T) {
	for _, tt := range []struct{ claims, want string }{
		{`"` + usCore + `us-core-patient"`, "Patient.identifier: cardinality\nPatient.name: cardinality"},
		{`"` + usCore + `us-core-patient|7.0.0"`, "Patient.identifier: cardinality\nPatient.name: cardinality"},
		{`"http://hl7.org/fhir/StructureDefinition/Patient"`, ""},
		{`"http://example.org/ours","` + usCore + `us-core-patient|3.1.1"`, "Patient.meta.profile[0]: profile\nPatient.meta.profile[1]: profile"},
	} {
		r := parsed(t, tt.claims, []byte(`{"resourceType":"Patient","meta":{"profile":[`+tt.claims+`]},"gender":"male"}`))
		if got := strings.Join(lines(Claimed(r)), "\n"); got != tt.want {
			t.Errorf("%s: got\n%s\nwant\n%s", tt.claims, got, tt.want)
		}
	}
}

func TestBindingStrengths(t *testing.T) {
	const doc = `{"resourceType":"AllergyIntolerance","patient":{"reference":"Patient/p"},"code":{"text":"x"},"reaction":[{"manifestation":[{"coding":[{"system":"http://x.example","code":"y"}]}]}],
"clinicalStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical","code":"active"}]}}`
	issues := Profile(parsed(t, "allergy", []byte(doc)), usCore+"us-core-allergyintolerance")
	for _, i := range issues {
		if i.Severity == fhir.SeverityError {
			t.Errorf("an extensible binding is no error: %+v", i)
		}
	}
}
