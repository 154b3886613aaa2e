package facts

import (
	"context"
	"strings"
	"testing"

	"github.com/osler-ehr/osler/clock"
	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/record/recordtest"
)

// TestMedicines: what is taken is one list, whoever wrote it; what is not to be taken now says so, and what never was is not there.
func TestMedicines(t *testing.T) {
	f := recordtest.New(t, clock.At(now))
	s := f.As(access.Clinician)
	docs := []string{
		`{"resourceType":"Patient","id":"ada"}`, `{"resourceType":"Patient","id":"bob"}`,
		`{"resourceType":"Medication","id":"med","code":{"text":"apixaban"}}`,
	}
	request := func(id, status, intent, medication, more string) {
		docs = append(docs, `{"resourceType":"MedicationRequest","id":"`+id+`","status":"`+status+`","intent":"`+intent+`","subject":{"reference":"Patient/ada"},`+medication+more+`}`)
	}
	statement := func(id, status, name string) {
		docs = append(docs, `{"resourceType":"MedicationStatement","id":"`+id+`","status":"`+status+`","subject":{"reference":"Patient/ada"},"medicationCodeableConcept":{"text":"`+name+`"},"dosage":[{"text":"daily"}]}`)
	}
	text := func(name string) string { return `"medicationCodeableConcept":{"text":"` + name + `"}` }
	request("r1", "active", "order", text("lisinopril"), `,"authoredOn":"2026-11-01"`)
	request("r2", "on-hold", "order", text("metformin"), `,"authoredOn":"2026-10-01"`)
	request("r3", "stopped", "order", text("naproxen"), `,"authoredOn":"2026-09-01"`)
	request("r4", "active", "proposal", text("proposed"), "")
	request("r5", "active", "plan", text("planned"), "")
	request("r6", "active", "plan", text("fish oil"), `,"reportedBoolean":true,"authoredOn":"2026-08-01"`)
	request("r7", "active", "order", text("forbidden"), `,"doNotPerform":true`)
	request("r8", "entered-in-error", "order", text("mistaken"), "")
	request("r9", "active", "order", `"medicationReference":{"reference":"Medication/med"}`, `,"authoredOn":"2026-07-01"`)
	request("r10", "active", "order", `"medicationReference":{"reference":"#m"}`, `,"contained":[{"resourceType":"Medication","id":"m","code":{"text":"digoxin"}}],"authoredOn":"2026-06-01"`)
	request("r11", "active", "order", `"medicationCodeableConcept":{"coding":[{"system":"http://e/x","code":"1"}]}`, `,"authoredOn":"2026-05-01"`)
	statement("s1", "active", "warfarin")
	statement("s2", "unknown", "ginkgo")
	statement("s3", "not-taken", "refused")
	statement("s4", "completed", "amoxicillin")
	statement("s5", "entered-in-error", "wrong")
	docs = append(docs, `{"resourceType":"MedicationStatement","id":"b","status":"active","subject":{"reference":"Patient/bob"},"medicationCodeableConcept":{"text":"another's"}}`)
	var ops []record.Op
	for _, d := range docs {
		doc, err := fhir.Parse([]byte(d))
		if err != nil {
			t.Fatalf("%s: %v", d, err)
		}
		ops = append(ops, record.Op{Verb: record.Update, Type: doc.Type(), ID: doc.ID(), Resource: doc})
	}
	if _, err := s.Do(context.Background(), ops); err != nil {
		t.Fatal(err)
	}
	lines := func(all bool) string {
		list, whole, err := Medicines(context.Background(), s, "ada", all)
		if err != nil || !whole {
			t.Fatal(whole, err)
		}
		var out []string
		for _, m := range list {
			line := m.Name
			if m.State() != "" {
				line += " (" + m.State() + ")"
			}
			if m.FromElsewhere() {
				line += "*"
			}
			if !m.Current() {
				line += "-"
			}
			out = append(out, line)
		}
		return strings.Join(out, ", ")
	}
	const now = "lisinopril, metformin (on hold), fish oil*, apixaban, digoxin, 1, "
	if got, want := lines(false), now+"warfarin*, ginkgo (not known whether it is taken)*"; got != want {
		t.Errorf("now: %s\nwant %s", got, want)
	}
	for _, want := range []string{"naproxen-", "amoxicillin*-", "warfarin*", "metformin (on hold)"} {
		if got := lines(true); !strings.Contains(got, want) || strings.Contains(got, "wrong") || strings.Contains(got, "forbidden") || strings.Contains(got, "refused") {
			t.Errorf("all: %s, want %s among them", got, want)
		}
	}
}

func TestAtAge(t *testing.T) {
	for doc, want := range map[string]string{
		`{"value":12,"code":"a","unit":"years"}`: "at 12 y", `{"value":6,"code":"mo","unit":"months"}`: "at 6 mo", `{"value":3}`: "at 3 y", `{"value":2,"unit":"weeks"}`: "at 2 weeks", `{"value":40.0,"code":"a"}`: "at 40 y",
	} {
		q, err := fhir.View[struct {
			Onset fhir.Choice `fhir:"onset[x]"`
		}](fhir.Open([]byte(`{"resourceType":"Condition","onsetAge":` + doc + `}`)))
		if err != nil {
			t.Fatal(err)
		}
		if got := OnsetText(q.Onset, now.Location()); got != want {
			t.Errorf("%s: %q, want %q", doc, got, want)
		}
	}
}
