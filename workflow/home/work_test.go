package home_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/slice/slicetest"
	"github.com/osler-ehr/osler/workflow/home"
)

// A critical result that went on to all clinicians stands first on everybody's page; a normal one is not among what must be acted on.
func TestMustActIsWhatTheInboxHas(t *testing.T) {
	s := slicetest.New(t)
	task := func(id, priority, owner, focus, what string) string {
		return fmt.Sprintf(`{"resourceType":"Task","id":%q,"status":"requested","intent":"order","priority":%q,"code":{"coding":[{"system":"https://osler.example/fhir/CodeSystem/task","code":"review-result"}]},`+
			`"description":%q,"focus":{"reference":%q},"for":{"reference":"Patient/ada"},"authoredOn":"2026-11-23T08:00:00Z"%s}`, id, priority, what, focus, owner)
	}
	value := func(id, name, number, flag string) string {
		return fmt.Sprintf(`{"resourceType":"Observation","id":%q,"status":"final","code":{"text":%q},"subject":{"reference":"Patient/ada"},"valueQuantity":{"value":%s,"unit":"mmol/L"},"interpretation":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation","code":%q}]}]}`, id, name, number, flag)
	}
	report := func(id, of string) string {
		return fmt.Sprintf(`{"resourceType":"DiagnosticReport","id":%q,"status":"final","code":{"text":"Panel"},"subject":{"reference":"Patient/ada"},"result":[{"reference":"Observation/%s"}]}`, id, of)
	}
	mine := `,"owner":{"reference":"Practitioner/rao"}`
	pool := `,"performerType":[{"coding":[{"system":"https://osler.example/fhir/CodeSystem/task-pool","code":"clinicians"}]}]`
	var docs []string
	for i := range 9 {
		docs = append(docs, value(fmt.Sprint("o", i), "Cholesterol", "6.2", "H"), report(fmt.Sprint("r", i), fmt.Sprint("o", i)), task(fmt.Sprint("t", i), "asap", mine, fmt.Sprint("DiagnosticReport/r", i), "Review lipids"))
	}
	docs = append(docs, value("k", "Potassium", "6.4", "HH"), report("rk", "k"), task("tk", "stat", pool, "DiagnosticReport/rk", "Review metabolic panel"))
	docs = append(docs, value("n", "Sodium", "140", "N"), report("rn", "n"), task("tn", "routine", mine, "DiagnosticReport/rn", "Review sodium"))
	s.Put(docs...)
	s.Serve(home.Slice(s.Deps))
	page := s.By(access.Clinician).Get("/").Want(200).Says("Potassium 6.4 mmol/L", "Must act 10", "3 more wait", "For information", "Normal results").Hides("Review sodium")
	if text := page.Text(); strings.Index(text, "Potassium") > strings.Index(text, "Cholesterol") {
		t.Errorf("the critical value is not the first: %s", text)
	}
	s.By(access.Nurse).Get("/").Want(200).Hides("Potassium") // it is of the clinicians' pool
}
