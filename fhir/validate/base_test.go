package validate

import (
	"slices"
	"strings"
	"testing"

	"github.com/osler-ehr/osler/fhir"
)

// The good documents that the damages below start from.
const (
	goodPatient = `{"resourceType":"Patient","id":"p1","meta":{"versionId":"1","lastUpdated":"2024-02-29T10:00:00Z"},
"text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\"><p>A <b>name</b> &amp; more</p><br/></div>"},
"contained":[{"resourceType":"Organization","id":"org","name":"Practice"}],
"extension":[{"url":"http://example.org/eye","valueCode":"blue"}],
"identifier":[{"system":"http://example.org/mrn","value":"7","type":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v2-0203","code":"MR"}]}}],
"active":true,
"name":[{"use":"official","family":"Hale","given":["Ada",null,"May"],"_given":[null,{"extension":[{"url":"http://example.org/x","valueString":"?"}]},null]}],
"telecom":[{"system":"phone","value":"555 0100","rank":1,"period":{"start":"2020-01-31"}}],
"gender":"female","birthDate":"1985-06-09","_birthDate":{"id":"b","extension":[{"url":"http://example.org/time","valueTime":"10:30:00"}]},
"deceasedBoolean":false,
"photo":[{"contentType":"image/png","data":"aGVsbG8="}],
"contact":[{"name":{"family":"Hale"},"gender":"male"}],
"communication":[{"language":{"coding":[{"system":"urn:ietf:bcp:47","code":"en"}]},"preferred":true}],
"generalPractitioner":[{"reference":"Practitioner/7"}],
"managingOrganization":{"reference":"#org"},
"link":[{"other":{"reference":"Patient/p2"},"type":"seealso"}]}`

	goodObservation = `{"resourceType":"Observation","status":"final",
"identifier":[{"system":"urn:ietf:rfc:3986","value":"urn:uuid:1"}],
"category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"vital-signs"}]}],
"code":{"coding":[{"system":"http://loinc.org","code":"8867-4"}]},
"subject":{"reference":"Patient/p1"},"effectiveDateTime":"2024-05-01T09:15:00.5+02:00","issued":"2024-05-01T09:15:00Z",
"performer":[{"reference":"urn:uuid:c757873d-ec9a-4326-a141-556f43239520"}],
"valueQuantity":{"value":1.50e2,"comparator":"<","unit":"/min","system":"http://unitsofmeasure.org","code":"/min"},
"referenceRange":[{"low":{"value":60},"appliesTo":[{"text":"adult"}]}],
"component":[{"code":{"text":"a"},"valueInteger":3}]}`

	goodCondition = `{"resourceType":"Condition","subject":{"reference":"Patient/p1"},
"clinicalStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-clinical","code":"active"}]},
"code":{"coding":[{"system":"http://snomed.info/sct","code":"38341003"}]}}`

	goodBundle = `{"resourceType":"Bundle","type":"transaction","entry":[
{"fullUrl":"urn:uuid:1","resource":{"resourceType":"Patient","active":true},"request":{"method":"POST","url":"Patient"}},
{"fullUrl":"urn:uuid:2","resource":{"resourceType":"Basic","code":{"text":"x"}},"request":{"method":"PUT","url":"Basic/1"}}]}`

	goodQuestionnaire = `{"resourceType":"Questionnaire","status":"draft","item":[{"linkId":"1","type":"group","item":[{"linkId":"1.1","type":"choice",
"answerOption":[{"valueString":"yes"},{"valueString":"no"}],"item":[{"linkId":"1.1.1","type":"display","text":"deep"}]}]}]}`
)

func TestGoodDocuments(t *testing.T) {
	for _, doc := range []string{goodPatient, goodObservation, goodCondition, goodBundle, goodQuestionnaire} {
		r := parsed(t, "good document", []byte(doc))
		for _, i := range Base(r) {
			t.Errorf("%s: %s %s: %s", r.Type(), i.Expression[0], i.Diagnostics, i.Details.Text)
		}
	}
}

// damages change a good document in one place and name all that must be found, as "path: rule".
var damages = []struct {
	name          string
	doc, from, to string
	want          string // lines, in the order found
}{
	// Structure.
	{"unknown element", goodPatient, `"active":true`, `"activ":true`, "Patient.activ: unknown-element"},
	{"wrong case", goodPatient, `"birthDate":`, `"birthdate":`, "Patient.birthdate: unknown-element"},
	{"unknown in a data type", goodPatient, `"family":"Hale","given"`, `"surname":"Hale","given"`, "Patient.name[0].surname: unknown-element"},
	{"unknown in a backbone", goodPatient, `"preferred":true`, `"prefered":true`, "Patient.communication[0].prefered: unknown-element"},
	{"unknown in an item of items", goodQuestionnaire, `"text":"deep"`, `"txt":"deep"`, "Questionnaire.item[0].item[0].item[0].txt: unknown-element"},
	{"unknown in a contained resource", goodPatient, `"name":"Practice"`, `"title":"Practice"`, "Patient.contained[0].title: unknown-element"},
	{"unknown in an entry", goodBundle, `"active":true`, `"alive":true`, "Bundle.entry[0].resource.alive: unknown-element"},
	{"choice without type", goodObservation, `"valueQuantity"`, `"value"`, "Observation.value: unknown-element"},
	{"choice of a type not allowed", goodObservation, `"valueQuantity"`, `"valueMoney"`, "Observation.valueMoney: unknown-element"},
	{"resourceType in a data type", goodCondition, `"subject":{`, `"subject":{"resourceType":"Reference",`, "Condition.subject.resourceType: unknown-element"},
	{"unknown resource type", goodCondition, `"Condition"`, `"Diagnosis"`, "Resource: resource-type"},
	{"abstract resource type", goodCondition, `"Condition"`, `"DomainResource"`, "Resource: resource-type"},
	{"data type for a resource", goodPatient, `"Patient","id"`, `"HumanName","id"`, "Resource: resource-type"},
	{"entry without resourceType", goodBundle, `"resourceType":"Basic","code"`, `"code"`, "Bundle.entry[1].resource: resource-type"},
	{"contained of no type", goodPatient, `"Organization"`, `"Practice"`, "Patient.contained[0]: resource-type\nPatient.managingOrganization.reference: reference"},

	// JSON shapes.
	{"array for a single element", goodPatient, `"gender":"female"`, `"gender":["female"]`, "Patient.gender: json-shape"},
	{"single value for an array", goodPatient, `"contact":[{"name":{"family":"Hale"},"gender":"male"}]`, `"contact":{"gender":"male"}`, "Patient.contact: json-shape"},
	{"string for an object", goodObservation, `{"reference":"Patient/p1"}`, `"Patient/p1"`, "Observation.subject: json-shape"},
	{"string for a boolean", goodPatient, `"active":true`, `"active":"true"`, "Patient.active: json-shape"},
	{"number for a string", goodPatient, `"value":"555 0100"`, `"value":5550100`, "Patient.telecom[0].value: json-shape"},
	{"string for a number", goodPatient, `"rank":1`, `"rank":"1"`, "Patient.telecom[0].rank: json-shape"},
	{"string for a decimal", goodObservation, `1.50e2`, `"150"`, "Observation.value.value: json-shape"},
	{"object for a primitive", goodPatient, `"birthDate":"1985-06-09"`, `"birthDate":{"value":"1985-06-09"}`, "Patient.birthDate: json-shape"},
	{"string for a resource", goodBundle, `{"resourceType":"Patient","active":true}`, `"Patient/1"`, "Bundle.entry[0].resource: json-shape"},

	// Emptiness and null.
	{"empty object", goodPatient, `"name":{"family":"Hale"}`, `"name":{}`, "Patient.contact[0].name: not-empty"},
	{"empty array", goodPatient, `"photo":[{"contentType":"image/png","data":"aGVsbG8="}]`, `"photo":[]`, "Patient.photo: not-empty"},
	{"empty string", goodPatient, `"family":"Hale","given"`, `"family":"","given"`, "Patient.name[0].family: not-empty"},
	{"null for a value", goodPatient, `"gender":"female"`, `"gender":null`, "Patient.gender: null"},
	{"null for an object", goodPatient, `"period":{"start":"2020-01-31"}`, `"period":null`, "Patient.telecom[0].period: null"},
	{"null among objects", goodObservation, `[{"text":"adult"}]`, `[{"text":"adult"},null]`, "Observation.referenceRange[0].appliesTo[1]: null"},
	{"null without sibling", goodPatient, `"given":["Ada",null,"May"],"_given":[null,{"extension":[{"url":"http://example.org/x","valueString":"?"}]},null]`, `"given":["Ada",null]`, "Patient.name[0].given[1]: null"},
	{"only an id", goodPatient, `"name":{"family":"Hale"}`, `"name":{"id":"n"}`, "Patient.contact[0].name: ele-1"},

	// Siblings of primitives.
	{"sibling of an object", goodPatient, `"telecom":[`, `"_contact":[{"id":"c"}],"telecom":[`, "Patient.contact: primitive-sibling"},
	{"sibling of nothing", goodPatient, `"_birthDate"`, `"_deathDate"`, "Patient._deathDate: unknown-element"},
	{"siblings of other length", goodPatient, `,"valueString":"?"}]},null]`, `,"valueString":"?"}]}]`, "Patient.name[0].given: primitive-sibling"},
	{"sibling not an array", goodPatient, `"_given":[null,{"extension":[{"url":"http://example.org/x","valueString":"?"}]},null]`, `"_given":{"id":"g"}`, "Patient.name[0].given[1]: null\nPatient.name[0].given: json-shape"},
	{"sibling with a value", goodPatient, `"_birthDate":{"id":"b"`, `"_birthDate":{"value":"b"`, "Patient.birthDate.value: unknown-element"},
	{"sibling with a string", goodPatient, `"_birthDate":{"id":"b","extension":[{"url":"http://example.org/time","valueTime":"10:30:00"}]}`, `"_birthDate":"b"`, "Patient.birthDate: json-shape"},
	{"damage in a sibling's extension", goodPatient, `"valueTime":"10:30:00"`, `"valueTime":"10:30"`, "Patient.birthDate.extension[0].value: format"},

	// Cardinality and choice.
	{"missing status", goodObservation, `"status":"final",`, ``, "Observation.status: cardinality"},
	{"missing code", goodObservation, `"code":{"coding":[{"system":"http://loinc.org","code":"8867-4"}]},`, ``, "Observation.code: cardinality"},
	{"missing in a backbone", goodPatient, `"type":"seealso"`, `"id":"x"`, "Patient.link[0].type: cardinality"},
	{"missing choice", `{"resourceType":"MedicationRequest","status":"active","intent":"order","medicationCodeableConcept":{"text":"x"},"subject":{"reference":"Patient/1"}}`, `"medicationCodeableConcept":{"text":"x"},`, ``, "MedicationRequest.medication: cardinality"},
	{"missing url of an extension", goodPatient, `"url":"http://example.org/eye",`, ``, "Patient.extension[0].url: cardinality"},
	{"two of a choice", goodObservation, `"component":`, `"valueString":"x","component":`, "Observation.value: choice"},
	{"two of a choice, one by its sibling", goodPatient, `"deceasedBoolean":false`, `"deceasedBoolean":false,"_deceasedDateTime":{"extension":[{"url":"http://example.org/x","valueCode":"y"}]}`, "Patient.deceased: choice"},
	{"comparator of a SimpleQuantity", goodObservation, `"low":{"value":60}`, `"low":{"value":60,"comparator":"<"}`, "Observation.referenceRange[0].low.comparator: cardinality"},

	// Formats.
	{"day not in the calendar", goodPatient, `1985-06-09`, `1985-06-31`, "Patient.birthDate: format"},
	{"no leap day", goodPatient, `2020-01-31`, `2021-02-29`, "Patient.telecom[0].period.start: format"},
	{"date with a time", goodPatient, `"1985-06-09"`, `"1985-06-09T10:00:00Z"`, "Patient.birthDate: format"},
	{"dateTime without zone", goodObservation, `2024-05-01T09:15:00.5+02:00`, `2024-05-01T09:15:00`, "Observation.effective: format"},
	{"dateTime without seconds", goodObservation, `2024-05-01T09:15:00.5+02:00`, `2024-05-01T09:15Z`, "Observation.effective: format"},
	{"hour 24", goodObservation, `2024-05-01T09:15:00.5+02:00`, `2024-05-01T24:00:00Z`, "Observation.effective: format"},
	{"instant of a day", goodObservation, `"issued":"2024-05-01T09:15:00Z"`, `"issued":"2024-05-01"`, "Observation.issued: format"},
	{"id with an underscore", goodPatient, `"id":"p1"`, `"id":"p_1"`, "Patient.id: format"},
	{"id too long", goodPatient, `"id":"p1"`, `"id":"` + strings.Repeat("1", 65) + `"`, "Patient.id: format"},
	{"code with blanks", goodPatient, `"valueCode":"blue"`, `"valueCode":" blue"`, "Patient.extension[0].value: format"},
	{"uri with a blank", goodPatient, `"system":"http://example.org/mrn"`, `"system":"http://example.org/my mrn"`, "Patient.identifier[0].system: format"},
	{"control character", goodPatient, `"family":"Hale","given"`, `"family":"Ha\u0007le","given"`, "Patient.name[0].family: format"},
	{"positiveInt of 0", goodPatient, `"rank":1`, `"rank":0`, "Patient.telecom[0].rank: format"},
	{"fraction for an integer", goodObservation, `"valueInteger":3`, `"valueInteger":3.0`, "Observation.component[0].value: format"},
	{"integer too large", goodObservation, `"valueInteger":3`, `"valueInteger":2147483648`, "Observation.component[0].value: format"},
	{"not base64", goodPatient, `aGVsbG8=`, `aGVsbG8`, "Patient.photo[0].data: format"},
	{"oid without urn", goodPatient, `"valueCode":"blue"`, `"valueOid":"2.16.840.1"`, "Patient.extension[0].value: format"},
	{"uuid in capitals", goodPatient, `"valueCode":"blue"`, `"valueUuid":"urn:uuid:C757873D-EC9A-4326-A141-556F43239520"`, "Patient.extension[0].value: format"},

	// Required bindings.
	{"code in wrong case", goodPatient, `"gender":"female"`, `"gender":"Female"`, "Patient.gender: binding"},
	{"code not in the set", goodObservation, `"status":"final"`, `"status":"done"`, "Observation.status: binding"},
	{"code of a data type", goodPatient, `"use":"official"`, `"use":"legal"`, "Patient.name[0].use: binding"},
	{"concept of another system", goodCondition, `"http://terminology.hl7.org/CodeSystem/condition-clinical"`, `"http://snomed.info/sct"`, "Condition.clinicalStatus: binding"},
	{"concept without coding", goodCondition, `{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-clinical","code":"active"}]}`, `{"text":"active"}`, "Condition.clinicalStatus: binding"},
	{"quantity comparator", goodObservation, `"comparator":"<"`, `"comparator":"less"`, "Observation.value.comparator: binding"},
	{"item type", goodQuestionnaire, `"type":"display"`, `"type":"label"`, "Questionnaire.item[0].item[0].item[0].type: binding"},

	// References and contained resources.
	{"target type not allowed", goodObservation, `"reference":"Patient/p1"`, `"reference":"Encounter/p1"`, "Observation.subject.reference: reference"},
	{"target type not in R4", goodObservation, `"reference":"Patient/p1"`, `"reference":"Person2/p1"`, "Observation.subject.reference: reference"},
	{"absolute target not allowed", goodObservation, `"reference":"Patient/p1"`, `"reference":"https://ehr.example/fhir/Coverage/p1"`, "Observation.subject.reference: reference"},
	{"conditional target not allowed", goodObservation, `"reference":"Patient/p1"`, `"reference":"Coverage?identifier=1"`, "Observation.subject.reference: reference"},
	{"malformed reference", goodObservation, `"reference":"Patient/p1"`, `"reference":"Patient/p 1"`, "Observation.subject.reference: reference"},
	{"only an id for a reference", goodObservation, `"reference":"Patient/p1"`, `"reference":"p1"`, "Observation.subject.reference: reference"},
	{"type beside the reference", goodObservation, `"reference":"Patient/p1"`, `"reference":"Patient/p1","type":"Coverage"`, "Observation.subject.type: reference"},
	{"fragment to nothing", goodPatient, `"#org"`, `"#org2"`, "Patient.managingOrganization.reference: contained\nPatient.contained[0]: dom-3"},
	{"fragment to a wrong type", goodPatient, `{"resourceType":"Organization","id":"org","name":"Practice"}`, `{"resourceType":"Location","id":"org","name":"Practice"}`, "Patient.managingOrganization.reference: reference"},
	{"contained without id", goodPatient, `"id":"org","name":"Practice"}]`, `"name":"Practice"}]`, "Patient.contained[0]: contained\nPatient.managingOrganization.reference: contained"},
	{"contained in contained", goodPatient, `"name":"Practice"}]`, `"name":"Practice","contained":[{"resourceType":"Basic","id":"b"}]}]`, "Patient.contained[0].contained[0]: dom-2"},
	{"contained with a version", goodPatient, `"id":"org","name"`, `"id":"org","meta":{"versionId":"1"},"name"`, "Patient.contained[0].meta: dom-4"},
	{"contained with a label", goodPatient, `"id":"org","name"`, `"id":"org","meta":{"security":[{"code":"R"}]},"name"`, "Patient.contained[0].meta: dom-5"},

	// Extensions.
	{"extension with value and extensions", goodPatient, `"valueCode":"blue"`, `"valueCode":"blue","extension":[{"url":"x","valueCode":"y"}]`, "Patient.extension[0]: ext-1"},
	{"extension without value", goodPatient, `{"url":"http://example.org/eye","valueCode":"blue"}`, `{"url":"http://example.org/eye"}`, "Patient.extension[0]: ext-1"},

	// Bundles.
	{"entry without request", goodBundle, `,"request":{"method":"PUT","url":"Basic/1"}`, ``, "Bundle.entry[1]: bdl-3"},
	{"request in a collection", goodBundle, `"transaction"`, `"collection"`, "Bundle.entry[0]: bdl-3\nBundle.entry[1]: bdl-3"},
	{"response in a transaction", goodBundle, `"request":{"method":"PUT","url":"Basic/1"}`, `"request":{"method":"PUT","url":"Basic/1"},"response":{"status":"200"}`, "Bundle.entry[1]: bdl-4"},
	{"same fullUrl", goodBundle, `urn:uuid:2`, `urn:uuid:1`, "Bundle.entry[1].fullUrl: bdl-7"},
	{"document without Composition", `{"resourceType":"Bundle","type":"document","entry":[{"resource":{"resourceType":"Composition","status":"final","type":{"text":"t"},"date":"2024","author":[{"display":"a"}],"title":"t"}}]}`,
		`{"resourceType":"Composition","status":"final","type":{"text":"t"},"date":"2024","author":[{"display":"a"}],"title":"t"}`, `{"resourceType":"Basic","code":{"text":"t"}}`, "Bundle.entry[0]: bdl-11"},

	// Narratives.
	{"script", goodPatient, `<br/>`, `<script>x</script>`, "Patient.text.div: narrative"},
	{"event handler", goodPatient, `<br/>`, `<br onclick=\"x()\"/>`, "Patient.text.div: narrative"},
	{"link that runs code", goodPatient, `<br/>`, `<a href=\" JavaScript:x()\">x</a>`, "Patient.text.div: narrative"},
	{"link that hides its scheme", goodPatient, `<br/>`, `<a href=\"&#106;avascript:x()\">x</a>`, "Patient.text.div: narrative"},
	{"link that hides a tab", goodPatient, `<br/>`, `<a href=\"java&#9;script:x()\">x</a>`, "Patient.text.div: narrative"},
	{"link that hides its colon", goodPatient, `<br/>`, `<a href=\"javascript&colon;x()\">x</a>`, "Patient.text.div: narrative"},
	{"image that is a drawing with code", goodPatient, `<br/>`, `<img src=\"data:image/svg+xml,x\"/>`, "Patient.text.div: narrative"},
	{"tags that do not match", goodPatient, `</b>`, `</i>`, "Patient.text.div: narrative"},
	{"tag not closed", goodPatient, `<br/></div>`, `<br></div>`, "Patient.text.div: narrative"},
	{"bare ampersand", goodPatient, `&amp;`, `&`, "Patient.text.div: narrative"},
	{"no div", goodPatient, `<div xmlns=\"http://www.w3.org/1999/xhtml\"><p>A <b>name</b> &amp; more</p><br/></div>`, `<p>A</p>`, "Patient.text.div: narrative"},
	{"empty narrative", goodPatient, `<p>A <b>name</b> &amp; more</p><br/>`, ` `, "Patient.text.div: narrative"},
	{"something behind the div", goodPatient, `<br/></div>`, `<br/></div><div>x</div>x`, "Patient.text.div: narrative"},
	{"document type", goodPatient, `<br/>`, `<!DOCTYPE x>`, "Patient.text.div: narrative"},
}

func TestDamages(t *testing.T) {
	for _, d := range damages {
		t.Run(d.name, func(t *testing.T) {
			if n := strings.Count(d.doc, d.from); n != 1 {
				t.Fatalf("%q stands %d times in the good document", d.from, n)
			}
			if got := Base(parsed(t, "the undamaged document", []byte(d.doc))); got != nil {
				t.Fatalf("the undamaged document: %v", lines(got))
			}
			issues := Base(parsed(t, "the damaged document", []byte(strings.Replace(d.doc, d.from, d.to, 1))))
			if got := strings.Join(lines(issues), "\n"); got != d.want {
				t.Errorf("got\n%s\nwant\n%s", got, d.want)
			}
			for _, i := range issues {
				if i.Severity != fhir.SeverityError || i.Code == "" || len(i.Details.Text) < 15 {
					t.Errorf("an issue without severity, code or help: %+v", i)
				}
			}
		})
	}
	if len(damages) < 60 {
		t.Errorf("only %d damages", len(damages))
	}
}

// TestHelp checks the words of those messages that know what is meant.
func TestHelp(t *testing.T) {
	for _, tt := range []struct{ doc, from, to, want string }{
		{goodPatient, `"birthDate":`, `"birthdate":`, "birthDate is meant"},
		{goodPatient, `"contact":`, `"contacts":`, "contact is meant"},
		{goodObservation, `"valueQuantity"`, `"value"`, "such as valueQuantity"},
		{goodPatient, `"gender":"female"`, `"gender":"Female"`, "codes are exact: female"},
		{goodPatient, `"gender":"female"`, `"gender":"f"`, "male, female, other, unknown"},
		{goodObservation, `"reference":"Patient/p1"`, `"reference":"Encounter/p1"`, "Patient, Group, Device or Location"},
	} {
		issues := Base(parsed(t, "damaged", []byte(strings.Replace(tt.doc, tt.from, tt.to, 1))))
		if len(issues) != 1 || !strings.Contains(issues[0].Details.Text, tt.want) {
			t.Errorf("%s: %+v", tt.to, issues)
		}
	}
}

// TestNoValuesInMessages damages with a secret in every place and looks for it in what is said.
func TestNoValuesInMessages(t *testing.T) {
	for _, doc := range []string{
		`{"resourceType":"Patient","gender":"SECRET","birthDate":"SECRET","name":[{"use":"SECRET","family":7}],"id":"SECRET_"}`,
		`{"resourceType":"Observation","status":"SECRET","code":{"coding":[{"system":"SE CRET"}]},"subject":{"reference":"SECRET SECRET"}}`,
		`{"resourceType":"Condition","clinicalStatus":{"coding":[{"system":"SECRET","code":"SECRET"}]},"subject":{"reference":"#SECRET"}}`,
	} {
		for _, i := range Base(parsed(t, "secret", []byte(doc))) {
			if strings.Contains(i.Details.Text+i.Diagnostics+i.Expression[0], "SECRET") {
				t.Errorf("a value is quoted: %+v", i)
			}
		}
	}
}

func TestManyIssuesEnd(t *testing.T) {
	doc := `{"resourceType":"Patient","name":[` + strings.Repeat(`{"x":1},`, 1000) + `{"x":1}]}`
	issues := Base(parsed(t, "many", []byte(doc)))
	if len(issues) != maxIssues+1 || !slices.Equal(lines(issues[maxIssues:])[:1], []string{lines(issues)[maxIssues]}) ||
		issues[maxIssues].Code != fhir.CodeTooCostly {
		t.Errorf("%d issues, the last %+v", len(issues), issues[len(issues)-1])
	}
}
