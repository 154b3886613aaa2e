package record_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/fhir/definitions"
)

// ofPatient says how a resource of each type tells that it is part of a patient's record: %s is the reference
// to the patient. Types that are not here, and not in ofNobody, cannot be stored as part of one.
var ofPatient = map[string]string{
	"Account": `"subject":[%s]`, "AdverseEvent": `"subject":%s`, "AllergyIntolerance": `"patient":%s`,
	"Appointment":         `"participant":[{"actor":{"reference":"Practitioner/a"},"status":"accepted"},{"actor":%s,"status":"accepted"}]`,
	"AppointmentResponse": `"actor":%s`, "BodyStructure": `"patient":%s`, "Binary": `"securityContext":%s`, "CarePlan": `"subject":%s`,
	"CareTeam": `"subject":%s`, "ChargeItem": `"subject":%s`, "Claim": `"patient":%s`, "ClaimResponse": `"patient":%s`,
	"ClinicalImpression": `"subject":%s`, "Communication": `"subject":%[1]s,"sender":%[1]s`, "CommunicationRequest": `"subject":%s`,
	"Composition": `"subject":%s`, "Condition": `"subject":%s`, "Consent": `"patient":%s`, "Contract": `"subject":[%s]`,
	"Coverage": `"beneficiary":%s`, "CoverageEligibilityRequest": `"patient":%s`, "CoverageEligibilityResponse": `"patient":%s`,
	"DetectedIssue": `"patient":%s`, "Device": `"patient":%s`, "DeviceRequest": `"subject":%s`, "DeviceUseStatement": `"subject":%s`,
	"DiagnosticReport": `"subject":%s`, "DocumentManifest": `"subject":%s`, "DocumentReference": `"subject":%s`,
	"Encounter": `"subject":%s`, "EnrollmentRequest": `"candidate":%s`, "EpisodeOfCare": `"patient":%s`,
	"ExplanationOfBenefit": `"patient":%s`, "FamilyMemberHistory": `"patient":%s`, "Flag": `"subject":%s`, "Goal": `"subject":%s`,
	"GuidanceResponse": `"subject":%s`, "ImagingStudy": `"subject":%s`, "Immunization": `"patient":%s`,
	"ImmunizationEvaluation": `"patient":%s`, "ImmunizationRecommendation": `"patient":%s`, "Invoice": `"subject":%s`,
	"List": `"subject":%s`, "MeasureReport": `"subject":%s`, "Media": `"subject":%s`, "MedicationAdministration": `"subject":%s`,
	"MedicationDispense": `"subject":%s`, "MedicationRequest": `"subject":%s`, "MedicationStatement": `"subject":%s`,
	"MolecularSequence": `"patient":%s`, "NutritionOrder": `"patient":%s`, "Observation": `"subject":%s`, "Procedure": `"subject":%s`,
	"Provenance": `"target":[%s]`, "QuestionnaireResponse": `"subject":%s`, "RelatedPerson": `"patient":%s`,
	"RequestGroup": `"subject":%s`, "ResearchSubject": `"individual":%s`, "RiskAssessment": `"subject":%s`,
	"ServiceRequest": `"subject":%s`, "Specimen": `"subject":%s`, "SupplyDelivery": `"patient":%s`, "Task": `"for":%s`,
	"VisionPrescription": `"patient":%s`,
}

// about are types that can name patients though the resource is part of nobody's record: they must be as closed
// to patients as the records are.
var about = map[string]string{
	"AuditEvent": `"entity":[{"what":%s}]`, "Basic": `"subject":%s`, "Group": `"member":[{"entity":%s}]`,
	"Linkage": `"item":[{"type":"source","resource":%s}]`, "MessageHeader": `"focus":[%s]`,
	"PaymentNotice": `"request":%s`, "Person": `"link":[{"target":%s}]`, "Schedule": `"actor":[%s]`,
	"SupplyRequest": `"deliverTo":%s`, "VerificationResult": `"target":[%s]`,
}

// whole are documents that the generator below does not get right.
var whole = map[string]string{
	"Bundle": `{"resourceType":"Bundle","type":"collection"}`,
}

// instance makes a small valid resource of any type: what its definition requires, and extra properties.
func instance(t testing.TB, typ, id, extra string) *fhir.Resource {
	t.Helper()
	text, ok := whole[typ]
	if !ok {
		def, _ := definitions.LookupType(typ)
		given := map[string]bool{"id": true, "resourceType": true}
		doc, err := fhir.Parse([]byte(`{"resourceType":"` + typ + `"` + prepend(extra) + `}`))
		if err != nil {
			t.Fatalf("%s: %v", typ, err)
		}
		// The first code of these is one of its own: a preliminary Composition is not for patients, and patients do not prepare messages.
		if status := map[string]string{"Composition": "final", "Communication": "completed"}[typ]; status != "" && !doc.Get("status").Exists() {
			extra = strings.TrimPrefix(prepend(extra)+`,"status":"`+status+`"`, ",")
			given["status"] = true
		}
		for n := range doc.Root().Children() {
			given[n.Key()] = true
		}
		text = `{"resourceType":"` + typ + `"` + prepend(required(def.Fields(), given)) + prepend(extra) + `}`
	} else if extra != "" {
		text = strings.TrimSuffix(text, "}") + prepend(extra) + "}"
	}
	if id != "" {
		text = strings.Replace(text, `"`+typ+`"`, `"`+typ+`","id":"`+id+`"`, 1)
	}
	return parse(t, text)
}

func prepend(properties string) string {
	if properties == "" {
		return ""
	}
	return "," + properties
}

// required writes the elements that must be there.
func required(fields *definitions.Fields, given map[string]bool) string {
	var out []string
	for _, e := range fields.Elements {
		if e.Min == 0 {
			continue
		}
		name := e.Name
		if e.Choice {
			name += strings.ToUpper(e.Types[0].Code[:1]) + e.Types[0].Code[1:]
		}
		if given[name] || e.Choice && hasChoice(given, e) {
			continue
		}
		p, ok := fields.Lookup(name)
		if !ok {
			continue
		}
		v := value(p)
		if p.Repeats {
			v = "[" + v + "]"
		}
		out = append(out, fmt.Sprintf("%q:%s", name, v))
	}
	return strings.Join(out, ",")
}

func hasChoice(given map[string]bool, e *definitions.Element) bool {
	for _, t := range e.Types {
		if given[e.Name+strings.ToUpper(t.Code[:1])+t.Code[1:]] {
			return true
		}
	}
	return false
}

func value(p *definitions.Property) string {
	switch p.Type {
	case "code":
		if b := p.Element.Binding; b != nil {
			if vs, ok := definitions.LookupValueSet(b.ValueSet); ok {
				if codes, _ := vs.Expansion(); len(codes) > 0 {
					return fmt.Sprintf("%q", codes[0].Code)
				}
			}
		}
		return `"x"`
	case "boolean":
		return "true"
	case "integer", "positiveInt", "unsignedInt", "decimal":
		return "1"
	case "date", "dateTime":
		return `"2020-01-02"`
	case "instant":
		return `"2020-01-02T03:04:05Z"`
	case "time":
		return `"03:04:05"`
	case "uri", "url", "canonical":
		return `"http://example.org/x"`
	case "base64Binary":
		return `"eA=="`
	case "string", "markdown", "id", "xhtml":
		return `"x"`
	case "Reference":
		return `{"display":"x"}`
	case "CodeableConcept", "HumanName", "Address":
		return `{"text":"x"}`
	case "Coding":
		return `{"display":"x"}`
	case "Identifier", "ContactPoint":
		return `{"value":"x"}`
	case "Period":
		return `{"start":"2020"}`
	case "Quantity", "Money", "Duration", "Age", "SimpleQuantity":
		return `{"value":1}`
	case "Narrative":
		return `{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\">x</div>"}`
	case "Attachment":
		return `{"title":"x"}`
	case "Resource":
		return `{"resourceType":"Basic","code":{"text":"x"}}`
	}
	if inner := required(p.Fields(), nil); inner != "" {
		return "{" + inner + "}"
	}
	return `{"extension":[{"url":"http://example.org/x","valueString":"x"}]}`
}
