package validate

import (
	"strings"
	"testing"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/fhir/path"
)

func TestSamplesKeepTheInvariants(t *testing.T) {
	for _, folder := range []string{"packages", "fhir-r4-examples", "synthea"} {
		eachJSON(t, sampleData(t, folder), func(name string, data []byte) {
			const large = 1 << 20 // the largest bundles say nothing new, and take their time
			r, err := fhir.Parse(data)
			if err != nil || len(data) > large || faulty[name] != "" {
				return
			}
			for _, i := range Invariants(r, path.Env{}) {
				if i.Severity == fhir.SeverityError || strings.Contains(i.Diagnostics, ruleInvariantSys) {
					t.Errorf("%s: %s %s: %s", name, i.Expression[0], i.Diagnostics, i.Details.Text)
				}
			}
		})
	}
}

func TestInvariantDamages(t *testing.T) {
	for _, tt := range []struct{ name, doc, from, to, want string }{
		{"value and its absence", goodObservation, `"component":`, `"dataAbsentReason":{"text":"lost"},"component":`, "Observation: obs-6"},
		{"a component's code again", goodObservation, `"code":{"text":"a"}`, `"code":{"coding":[{"system":"http://loinc.org","code":"8867-4"}]}`, "Observation: obs-7"},
		{"empty reference range", goodObservation, `"low":{"value":60},`, ``, "Observation.referenceRange[0]: obs-3"},
		{"unit code without system", goodObservation, `"unit":"/min","system":"http://unitsofmeasure.org",`, `"unit":"/min",`, "Observation.value: qty-3"},
		{"contact without details", goodPatient, `{"name":{"family":"Hale"},"gender":"male"}`, `{"gender":"male"}`, "Patient.contact[0]: pat-1"},
		{"contact point without system", goodPatient, `"system":"phone",`, ``, "Patient.telecom[0]: cpt-2"},
		{"end before start", goodPatient, `"start":"2020-01-31"`, `"start":"2020-01-31","end":"2019-01-01"`, "Patient.telecom[0].period: per-1"},
		{"in a contained resource", goodPatient, `"name":"Practice"`, `"active":true`, "Patient.contained[0]: org-1"},
		{"in an entry", goodBundle, `"active":true`, `"contact":[{"gender":"male"}]`, "Bundle.entry[0].resource.contact[0]: pat-1"},
		{"verified in error with a status", goodCondition, `"code":{"coding":[{"system":"http://snomed.info/sct"`, `"verificationStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-ver-status","code":"entered-in-error"}]},"code":{"coding":[{"system":"http://snomed.info/sct"`, "Condition: con-5"},
		{"link ids twice", goodQuestionnaire, `"linkId":"1.1.1"`, `"linkId":"1"`, "Questionnaire: que-2"},
		{"options of a display", goodQuestionnaire, `"text":"deep"`, `"text":"deep","answerOption":[{"valueString":"x"}]`, "Questionnaire.item[0].item[0].item[0]: que-5"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if n := strings.Count(tt.doc, tt.from); n != 1 {
				t.Fatalf("%q stands %d times in the good document", tt.from, n)
			}
			if got := Invariants(parsed(t, "undamaged", []byte(tt.doc)), path.Env{}); got != nil {
				t.Fatalf("the undamaged document: %v", lines(got))
			}
			r := parsed(t, "damaged", []byte(strings.Replace(tt.doc, tt.from, tt.to, 1)))
			if issues := Base(r); issues != nil {
				t.Fatalf("the damage shows at base: %v", lines(issues))
			}
			if got := strings.Join(lines(Invariants(r, path.Env{})), "\n"); got != tt.want {
				t.Errorf("got\n%s\nwant\n%s", got, tt.want)
			}
		})
	}
}

func TestProfileInvariants(t *testing.T) {
	for _, tt := range []struct{ profile, doc, from, to, want string }{
		{"us-core-patient", usPatient, `"name":[{"family":"Hale"}]`, `"name":[{"text":"Hale"}]`, "Patient.name[0]: us-core-6"},
		{"us-core-body-weight", usWeight, `"2024-05-01"`, `"2024-05"`, "Observation.effective: vs-1"},
		{"us-core-body-weight", usWeight, `"valueQuantity":{"value":70,"unit":"kg","system":"http://unitsofmeasure.org","code":"kg"}`, `"note":[{"text":"x"}]`, "Observation: vs-2"},
		{"us-core-documentreference", usNote, `,"data":"aGVsbG8="`, ``, "DocumentReference.content[0].attachment: us-core-6"},
	} {
		r := parsed(t, tt.profile, []byte(strings.Replace(tt.doc, tt.from, tt.to, 1)))
		if got := strings.Join(lines(Profile(r, usCore+tt.profile)), "\n"); got != tt.want {
			t.Errorf("%s: got\n%s\nwant\n%s", tt.profile, got, tt.want)
		}
	}
}

// TestDamagesNeverEscape checks what is damaged at base by the other checks too: they must neither fail nor loop on it.
func TestDamagesNeverEscape(t *testing.T) {
	for _, d := range damages {
		r := parsed(t, d.name, []byte(strings.Replace(d.doc, d.from, d.to, 1)))
		Invariants(r, path.Env{})
		for _, profile := range []string{"us-core-patient", "us-core-blood-pressure", "us-core-condition-encounter-diagnosis"} {
			Profile(r, usCore+profile)
		}
	}
}
