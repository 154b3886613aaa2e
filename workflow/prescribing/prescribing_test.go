package prescribing

import (
	"testing"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/fhir/viewcheck"
	"github.com/osler-ehr/osler/web/facts"
)

func TestViews(t *testing.T) {
	viewcheck.Resource[statement](t, "MedicationStatement")
	viewcheck.Resource[request](t, "MedicationRequest")
	viewcheck.Resource[past](t, "MedicationRequest")
	viewcheck.Resource[prescription](t, "MedicationRequest")
	viewcheck.Resource[facts.Alert](t, "DetectedIssue")
	viewcheck.Resource[plan](t, "PlanDefinition")
	viewcheck.Resource[fill](t, "MedicationDispense")
	viewcheck.Resource[provenance](t, "Provenance")
}

func TestNamed(t *testing.T) {
	for _, c := range []struct{ in, line string }{
		{"lisinopril 20 MG Oral Tablet", "lisinopril 20 mg — tablet"},
		{"Metformin hydrochloride 500 MG Oral Tablet", "metFORMIN 500 mg — tablet"},
		{"24 HR metformin hydrochloride 500 MG Extended Release Oral Tablet [Glucophage]", "metFORMIN GLUCOPHAGE 500 mg — extended-release tablet"},
		{"Acetaminophen 325 MG / Oxycodone Hydrochloride 10 MG Oral Tablet [Percocet]", "acetaminophen and oxyCODONE PERCOCET 325 mg and 10 mg — tablet"},
		{"levothyroxine sodium 0.088 MG Oral Tablet", "levothyroxine 0.088 mg — tablet"},
		{"amoxicillin 80 MG/ML Oral Suspension", "amoxicillin 80 mg/mL — oral suspension"},
		{"NDA020503 200 ACTUAT Albuterol 0.09 MG/ACTUAT Metered Dose Inhaler", "NDA020503 200 ACTUAT Albuterol 0.09 MG/ACTUAT Metered Dose Inhaler"},
		{"200 ACTUAT albuterol 0.09 MG/ACTUAT Metered Dose Inhaler", "albuterol 0.09 mg/puff — inhaler"},
		{"insulin glargine 100 UNT/ML Pen Injector", "insulin glargine 100 units/mL — pen injector"},
		{"Potassium Chloride 20 MEQ Extended Release Oral Tablet", "potassium chloride 20 mEq — extended-release tablet"},
		{"metoprolol tartrate 25 MG Oral Tablet", "metoprolol tartrate 25 mg — tablet"},
		{"metoprolol succinate 50 MG Extended Release Oral Tablet", "metoprolol succinate 50 mg — extended-release tablet"},
		{"Vitamin D", "Vitamin D"},
		{"{28 (Inert Ingredients 1 MG Oral Tablet)} Pack", "{28 (Inert Ingredients 1 MG Oral Tablet)} Pack"},
		{"lisinopril 20 MG Unheard-of Form", "lisinopril 20 MG Unheard-of Form"},
		{"", "Medication not named"},
	} {
		if got := Named(c.in).Line(); got != c.line {
			t.Errorf("%q\n got %q\nwant %q", c.in, got, c.line)
		}
	}
}

// dosage is a request for lisinopril with the dosage given.
func dosage(t *testing.T, json string) string {
	t.Helper()
	r, err := fhir.Parse([]byte(`{"resourceType":"MedicationRequest","status":"active","intent":"order","medicationCodeableConcept":{"text":"lisinopril 20 MG Oral Tablet"},"dosageInstruction":` + json + `}`))
	if err != nil {
		t.Fatal(err)
	}
	v, err := fhir.View[request](r)
	if err != nil {
		t.Fatal(err)
	}
	return v.medication(nil).Line()
}

func TestDirections(t *testing.T) {
	const tablet, twenty = `"doseAndRate":[{"doseQuantity":{"value":1,"unit":"tablet"}}]`, `"doseAndRate":[{"doseQuantity":{"value":20.0,"unit":"mg"}}]`
	const oral = `"route":{"coding":[{"system":"http://snomed.info/sct","code":"26643006"}],"text":"Oral route"}`
	every := func(repeat string) string { return `"timing":{"repeat":{` + repeat + `}}` }
	for _, c := range []struct{ json, line string }{
		{`[{` + twenty + `,` + oral + `,` + every(`"frequency":1,"period":1,"periodUnit":"d"`) + `}]`, "lisinopril — tablet — DOSE 20 mg — by mouth — daily"},
		{`[{` + tablet + `,` + oral + `,` + every(`"frequency":2,"period":1,"periodUnit":"d"`) + `}]`, "lisinopril 20 mg — tablet — DOSE 1 tablet — by mouth — twice daily"},
		{`[{` + tablet + `,` + every(`"frequency":3,"period":1,"periodUnit":"d"`) + `}]`, "lisinopril 20 mg — tablet — DOSE 1 tablet — 3 times daily"},
		{`[{` + tablet + `,` + every(`"frequency":1,"period":8,"periodUnit":"h"`) + `}]`, "lisinopril 20 mg — tablet — DOSE 1 tablet — every 8 hours"},
		{`[{` + tablet + `,` + every(`"frequency":1,"period":4,"periodMax":6,"periodUnit":"h"`) + `,"asNeededCodeableConcept":{"text":"Pain"}}]`, "lisinopril 20 mg — tablet — DOSE 1 tablet — every 4 to 6 hours — as needed for pain"},
		{`[{` + tablet + `,` + every(`"frequency":1,"period":2,"periodUnit":"d"`) + `}]`, "lisinopril 20 mg — tablet — DOSE 1 tablet — every other day"},
		{`[{` + tablet + `,` + every(`"frequency":1,"period":1,"periodUnit":"wk","dayOfWeek":["mon"]`) + `}]`, "lisinopril 20 mg — tablet — DOSE 1 tablet — weekly on Monday"},
		{`[{` + tablet + `,` + every(`"when":["HS"]`) + `}]`, "lisinopril 20 mg — tablet — DOSE 1 tablet — at bedtime"},
		{`[{` + tablet + `,` + every(`"frequency":1,"period":1,"periodUnit":"d","boundsDuration":{"value":7,"code":"d"}`) + `}]`, "lisinopril 20 mg — tablet — DOSE 1 tablet — daily for 7 days"},
		{`[{` + tablet + `,"timing":{"code":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v3-GTSAbbreviation","code":"BID","display":"BID"}],"text":"BID"}}}]`, "lisinopril 20 mg — tablet — DOSE 1 tablet — twice daily"},
		{`[{` + tablet + `,"timing":{"repeat":{"frequency":1,"period":1,"periodUnit":"d"},"code":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v3-GTSAbbreviation","code":"AM","display":"AM"}],"text":"every morning"}}}]`, "lisinopril 20 mg — tablet — DOSE 1 tablet — every morning"},
		{`[{` + tablet + `,"timing":{"code":{"text":"QD"}}}]`, "lisinopril 20 mg — tablet — DOSE 1 tablet — daily"},
		{`[{"doseAndRate":[{"doseQuantity":{"value":1.0}}],` + every(`"frequency":1,"period":1,"periodUnit":"d"`) + `}]`, "lisinopril 20 mg — tablet — DOSE 1 (unit not recorded) — daily"},
		{`[{"doseAndRate":[{"doseRange":{"low":{"value":1},"high":{"value":2,"unit":"tablet"}}}],` + every(`"frequency":1,"period":6,"periodUnit":"h"`) + `}]`, "lisinopril 20 mg — tablet — DOSE 1 to 2 tablet — every 6 hours"},
		// What codes do not say, the text does: it is shown whole.
		{`[{"text":"Take 1 tab QD with food"}]`, "lisinopril 20 mg — tablet — Take 1 tab QD with food [QD: daily]"},
		{`[{"text":"As directed",` + tablet + `}]`, "lisinopril 20 mg — tablet — As directed"},
		{`[{"text":"1 tablet for 3 days"},{"text":"2 tablets for 3 days"}]`, "lisinopril 20 mg — tablet — 1 tablet for 3 days; then 2 tablets for 3 days"},
		{`[{` + oral + `}]`, "lisinopril 20 mg — tablet — by mouth"},
		{`[]`, "lisinopril 20 mg — tablet — Dose not recorded"},
	} {
		json := c.json
		if json == "[]" {
			json = `[{"patientInstruction":"none"}]`
		}
		if got := dosage(t, json); got != c.line {
			t.Errorf("%s\n got %q\nwant %q", c.json, got, c.line)
		}
	}
}

func TestList(t *testing.T) {
	read := func(json string) request {
		r, err := fhir.Parse([]byte(`{"resourceType":"MedicationRequest",` + json + `}`))
		if err != nil {
			t.Fatal(err)
		}
		v, err := fhir.View[request](r)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	p := list([]request{
		read(`"status":"active","intent":"order","medicationCodeableConcept":{"text":"warfarin 5 MG Oral Tablet"}`),
		read(`"status":"on-hold","intent":"order","medicationCodeableConcept":{"text":"apixaban 5 MG Oral Tablet"}`),
		read(`"status":"active","intent":"order","medicationCodeableConcept":{"text":"warfarin 5 MG Oral Tablet"}`),
		read(`"status":"active","intent":"proposal","medicationCodeableConcept":{"text":"aspirin 81 MG Oral Tablet"}`),
		read(`"status":"active","intent":"order","medicationReference":{"reference":"#m"},"contained":[{"resourceType":"Medication","id":"m","code":{"text":"heparin"}}]`),
		read(`"status":"active","intent":"order","medicationReference":{"reference":"Medication/x"}`),
		read(`"status":"active","intent":"order","medicationReference":{"reference":"Medication/lost"}`),
	}, map[string]string{"x": "glipizide 5 MG Oral Tablet"})
	var lines []string
	for _, m := range p.Current {
		lines = append(lines, m.Line())
	}
	want := []string{
		"apixaban 5 mg — tablet — Dose not recorded — on hold", "glipiZIDE 5 mg — tablet — Dose not recorded", "heparin — Dose not recorded",
		"Medication not named — Dose not recorded", "warfarin 5 mg — tablet — Dose not recorded",
	}
	if len(lines) != len(want) {
		t.Fatalf("%d lines: %q", len(lines), lines)
	}
	for i := range want {
		if lines[i] != want[i] {
			t.Errorf("line %d: %q, want %q", i, lines[i], want[i])
		}
	}
}
