package riskscores

import (
	"strings"
	"testing"

	"github.com/osler-ehr/osler/drugs"
	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/fhir/viewcheck"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/slice/slicetest"
)

var now = slicetest.Now

func TestViews(t *testing.T) {
	viewcheck.Resource[problem](t, "Condition")
	viewcheck.Resource[encounter](t, "Encounter")
	viewcheck.Resource[booked](t, "Appointment")
	viewcheck.Resource[assessment](t, "RiskAssessment")
	viewcheck.Resource[stored](t, "RiskAssessment")
}

func library(t testing.TB) *drugs.Library {
	t.Helper()
	l, err := drugs.With()
	if err != nil {
		t.Fatal(err)
	}
	return l
}

const about = `"subject":{"reference":"Patient/ada"}`

func condition(id, code, name string) string {
	return `{"resourceType":"Condition","id":"` + id + `","clinicalStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-clinical","code":"active"}]},"code":{"coding":[{"system":"http://hl7.org/fhir/sid/icd-10-cm","code":"` + code + `"}],"text":"` + name + `"},` + about + `}`
}

func observation(id, loinc, on, value, unit string) string {
	return `{"resourceType":"Observation","id":"` + id + `","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"` + loinc + `"}]},` + about + `,"effectiveDateTime":"` + on + `","valueQuantity":{"value":` + value + `,"unit":"` + unit + `","system":"http://unitsofmeasure.org","code":"` + unit + `"}}`
}

func pressure(id, on, systolic string) string {
	return `{"resourceType":"Observation","id":"` + id + `","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"85354-9"}]},` + about + `,"effectiveDateTime":"` + on + `","component":[{"code":{"coding":[{"system":"http://loinc.org","code":"8480-6"}]},"valueQuantity":{"value":` + systolic + `,"unit":"mm Hg","system":"http://unitsofmeasure.org","code":"mm[Hg]"}},{"code":{"coding":[{"system":"http://loinc.org","code":"8462-4"}]},"valueQuantity":{"value":80,"unit":"mm Hg","system":"http://unitsofmeasure.org","code":"mm[Hg]"}}]}`
}

func medicine(id, status, name, more string) string {
	return `{"resourceType":"MedicationRequest","id":"` + id + `","status":"` + status + `","intent":"order",` + more + `"medicationCodeableConcept":{"text":"` + name + `"},` + about + `}`
}

// ada is a woman of 58 with hypertension and diabetes.
func site(t *testing.T) *slicetest.Site {
	s := slicetest.New(t)
	s.Put(
		condition("c1", "I10", "Hypertension"), condition("c2", "E11.9", "Type 2 diabetes"),
		observation("o1", "2093-3", "2026-11-01", "213", "mg/dL"), observation("o2", "2093-3", "2024-11-01", "300", "mg/dL"),
		observation("o3", "2085-9", "2026-11-01", "1.293", "mmol/L"),
		pressure("o4", "2026-11-20", "120"),
		observation("o5", "2160-0", "2025-03-01", "1.2", "mg/dL"),
		`{"resourceType":"Observation","id":"s1","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"72166-2"}]},`+about+`,"effectiveDateTime":"2026-11-01","valueCodeableConcept":{"text":"Never smoker"}}`,
		medicine("m1", "active", "lisinopril 10 MG Oral Tablet", ""),
	)
	s.Serve(Slice(s.Deps, library(t)))
	return s
}

func TestPage(t *testing.T) {
	s := site(t)
	s.By(access.Clinician).Get("/patients/ada/risk-scores").Want(200).Says(
		"With the white or the African American coefficients. Which to use is for the patient to say.",
		"There is no atrial fibrillation: the score is for people who have it.",
		"eGFR", "52 mL/min/1.73 m²", "Missing: AST, ALT, Platelets.",
		"0 appointments of the last two years came due: too few for an estimate, which takes 4.",
	)
	s.By(access.FrontDesk).Get("/patients/ada/risk-scores").Want(404)
	s.By(access.Clinician).Get("/patients/ada/risk-scores/now").Want(200).Says("ASCVD risk", "lacks")
}

func TestOneAsksForWhatIsMissing(t *testing.T) {
	s := site(t)
	a := s.By(access.Clinician).Get("/patients/ada/risk-scores/ascvd-pce-2013").Want(200).Says(
		"No result yet. Missing: Coefficients.", "Never taken from the record: ask the patient.",
		"Record: 213 mg/dL (01-Nov-2026).", "Record: 50 mg/dL (01-Nov-2026).", "Record: 120 mm Hg (20-Nov-2026).", "Record: no (Never smoker, 01-Nov-2026).",
		"Record: yes (lisinopril 10 MG Oral Tablet).", "Record: yes (Type 2 diabetes).", "Record: no (not on the problem list).", "Record: 58 years (born 14-Jul-1968).",
		"For people of 40 to 79 years", "Goff DC et al.",
	)
	if got := a.Value("cholesterol"); got != "213" {
		t.Errorf("cholesterol %q", got)
	}
	if a.Value("coefficients") != "" {
		t.Error("a race was guessed")
	}
	s.By(access.Clinician).Get("/patients/ada/risk-scores/nonsense").Want(404)
}

// filled are the fields of the form as the record fills them in.
var filled = []string{"once", "6a8ad0a5-fc16-4c0c-9a41-1d2cf3a3e0d1", "age", "58", "sex", "female", "coefficients", "african-american", "cholesterol", "213", "hdl", "50", "systolic", "120", "treated", "yes", "smoker", "no", "diabetes", "yes", "ascvd", "no"}

func with(name, value string) []string {
	out := append([]string{}, filled...)
	for i := 0; i < len(out); i += 2 {
		if out[i] == name {
			out[i+1] = value
			return out
		}
	}
	return append(out, name, value)
}

func TestWhatIfWritesNothing(t *testing.T) {
	s := site(t)
	me := s.By(access.Clinician)
	me.Post("/patients/ada/risk-scores/ascvd-pce-2013", append(with("systolic", "160"), "what", "if")...).Want(200).Says("What if: Systolic pressure 160 mm Hg in place of 120 mm Hg.")
	me.Post("/patients/ada/risk-scores/ascvd-pce-2013", with("systolic", "160")...).Want(422).Says("Not kept.", "Record the value first, or put it back.")
	me.Post("/patients/ada/risk-scores/ascvd-pce-2013", with("coefficients", "")...).Want(422).Says("There is no result.")
	me.Post("/patients/ada/risk-scores/ascvd-pce-2013", with("age", "12 score")...).Want(422).Says("Not a number.")
	me.Post("/patients/ada/risk-scores/ascvd-pce-2013", with("systolic", "1200")...).Want(422).Says("Not possible")
	me.Post("/patients/ada/risk-scores/ascvd-pce-2013", append(with("ascvd", "yes"), "what", "if")...).Want(200).Says("No result.", "estimate a first event")
	if n := len(s.All("RiskAssessment")); n != 0 {
		t.Errorf("%d assessments were written", n)
	}
}

func TestKeepAndStrike(t *testing.T) {
	s := site(t)
	me := s.By(access.Clinician)
	for range 2 { // sent twice makes one
		me.Beside().Post("/patients/ada/risk-scores/ascvd-pce-2013", filled...).Want(200).Says("kept in the record of")
	}
	doc := s.One("RiskAssessment")
	text := string(doc.Bytes())
	for _, want := range []string{`"reference":"Patient/ada"`, `"reference":"Observation/o1"`, `"reference":"Observation/o4"`, `"reference":"Condition/c2"`, `"reference":"MedicationRequest/m1"`, `"79423-0"`, `"Practitioner/rao"`, `Coefficients: African American (asked)`, `Smokes now: no (Never smoker, 01-Nov-2026)`} {
		if !strings.Contains(text, want) {
			t.Errorf("without %s: %s", want, text)
		}
	}
	if strings.Contains(text, "Observation/o2") {
		t.Error("it rests on an old value")
	}
	me.Get("/patients/ada/risk-scores").Want(200).Says("Kept in the record")
	at := "/patients/ada/risk-scores/kept/" + doc.ID()
	page := me.Get(at).Want(200).Says("Coefficients: African American (asked)")
	me.Post(at, "version", page.Value("version")).Want(422).Says("Say why it is wrong")
	me.Beside().Post(at, "version", page.Value("version"), "reason", "Wrong coefficients").Want(200).Says("Struck.")
	if got := string(s.One("RiskAssessment").Bytes()); !strings.Contains(got, `"entered-in-error"`) || !strings.Contains(got, "Wrong coefficients") {
		t.Error(got)
	}
	me.Get(at).Want(200).Says("Entered in error")
	s.Put(`{"resourceType":"Patient","id":"bo","birthDate":"1970-01-01"}`)
	me.Get("/patients/bo/risk-scores/kept/" + doc.ID()).Want(404)
}

func rule(t *testing.T, s *slicetest.Site) string {
	t.Helper()
	list, err := Slice(s.Deps, library(t)).Rules[0].Advise(t.Context(), s.As(access.Clinician), "ada")
	if err != nil {
		t.Fatal(err)
	}
	if len(list) > 1 {
		t.Fatalf("%d cards", len(list))
	}
	if len(list) == 0 {
		return ""
	}
	return list[0].Summary + " (" + string(list[0].Urgency) + "): " + list[0].Detail
}

func TestRule(t *testing.T) {
	s := site(t)
	if got := rule(t, s); got != "" {
		t.Errorf("without atrial fibrillation: %s", got)
	}
	s.Put(condition("af", "I48.0", "Paroxysmal atrial fibrillation"))
	const card = "Atrial fibrillation without anticoagulant: CHA₂DS₂-VASc 3 (warning): Female, Hypertension, Diabetes. About 3.2 % strokes a year without an anticoagulant. An anticoagulant is recommended: 2 or more for men, 3 or more for women (ACC/AHA/ACCP/HRS 2023)."
	if got := rule(t, s); got != card {
		t.Errorf("%s", got)
	}
	s.Put(medicine("a1", "on-hold", "apixaban 5 MG Oral Tablet", ""))
	if got := rule(t, s); got != card+" On the list: apixaban 5 MG Oral Tablet (on hold)." {
		t.Errorf("%s", got)
	}
	s.Put(medicine("a1", "active", "apixaban 5 MG Oral Tablet", ""))
	if got := rule(t, s); got != "" {
		t.Errorf("with apixaban: %s", got)
	}
	s.Put(medicine("a1", "stopped", "apixaban 5 MG Oral Tablet", ""), medicine("a2", "active", "warfarin", `"doNotPerform":true,`))
	if got := rule(t, s); got != "" {
		t.Errorf("with an order to give none: %s", got)
	}
	s.Put(medicine("a2", "active", "Grandmother's drops", ""))
	if got := rule(t, s); got != card+" Not known what these are: Grandmother's drops." {
		t.Errorf("%s", got)
	}
	s.Put(condition("mv", "Z95.2", "Mechanical aortic valve"))
	if got := rule(t, s); !strings.HasPrefix(got, "Atrial fibrillation without anticoagulant, and Mechanical aortic valve (warning): ") {
		t.Errorf("%s", got)
	}
}

func TestHasBled(t *testing.T) {
	s := site(t)
	s.Put(condition("af", "I48.0", "Atrial fibrillation"), medicine("m2", "active", "ibuprofen 400 MG Oral Tablet", ""), medicine("m3", "active", "warfarin 5 MG Oral Tablet", ""))
	s.By(access.Clinician).Get("/patients/ada/risk-scores/has-bled").Want(200).Says(
		"Missing: Labile INR, 8 or more drinks a week.", "Record: yes (ibuprofen 400 MG Oral Tablet).", "Record: no (creatinine 1.2 mg/dL, 01-Mar-2025, over a year old).", "judge the time within range",
	)
}

func TestLACE(t *testing.T) {
	s := site(t)
	stay := func(id, class, from, until, more string) string {
		return `{"resourceType":"Encounter","id":"` + id + `","status":"finished","class":{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"` + class + `"},` + about + `,"period":{"start":"` + from + `","end":"` + until + `"}` + more + `}`
	}
	s.By(access.Clinician).Get("/patients/ada/risk-scores/lace").Want(200).Says("No discharge in the last 30 days is recorded.")
	s.Put(
		stay("e1", "IMP", "2026-11-10T08:00:00Z", "2026-11-14T12:00:00Z", `,"hospitalization":{"admitSource":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/admit-source","code":"emd"}]}}`),
		stay("e2", "EMER", "2026-11-10T02:00:00Z", "2026-11-10T08:00:00Z", ""), // led to it
		stay("e3", "EMER", "2026-08-02T02:00:00Z", "2026-08-02T08:00:00Z", ""),
		stay("e4", "EMER", "2026-04-02T02:00:00Z", "2026-04-02T08:00:00Z", ""), // too long ago
	)
	// Four days 4, emergency 3, Charlson 1 (diabetes) 1, one visit 1.
	s.By(access.Clinician).Get("/patients/ada/risk-scores/lace").Want(200).Says("9 points", "10-Nov-2026 to 14-Nov-2026", "from the emergency department", "1 in this record", "Record: 1 (diabetes).")
}

func TestAttendance(t *testing.T) {
	for _, c := range []struct {
		came, missed int
		want         string
	}{{3, 0, ""}, {4, 0, "0 of 4 missed, low"}, {19, 2, "2 of 21 missed, low"}, {18, 2, "2 of 20 missed, moderate"}, {5, 2, "2 of 7 missed, moderate"}, {4, 2, "2 of 6 missed, high"}} {
		text, level, _, ok := (&attendance{came: c.came, missed: c.missed, last: now}).result(now.Location())
		got := text + ", " + level
		if !ok {
			got = ""
		}
		if got != c.want {
			t.Errorf("%d kept, %d missed: %q, want %q", c.came, c.missed, got, c.want)
		}
	}
}

// What is measured in an unknown unit, above a limit, or with no truth in it, is never replaced by something older without a word.
func TestMeasures(t *testing.T) {
	s := site(t)
	s.Put(
		`{"resourceType":"Observation","id":"x1","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"2093-3"}]},`+about+`,"effectiveDateTime":"2026-11-10","valueQuantity":{"value":500,"comparator":">","unit":"mg/dL","code":"mg/dL"}}`,
		`{"resourceType":"Observation","id":"x2","status":"entered-in-error","code":{"coding":[{"system":"http://loinc.org","code":"2085-9"}]},`+about+`,"effectiveDateTime":"2026-11-10","valueQuantity":{"value":5,"unit":"mg/dL","code":"mg/dL"}}`,
	)
	s.By(access.Clinician).Get("/patients/ada/risk-scores/ascvd-pce-2013").Want(200).Says("The total cholesterol of 10-Nov-2026 cannot be used: >500 mg/dL.", "Record: 50 mg/dL (01-Nov-2026).")
}

func TestTodaysIllnessTakesTodaysValues(t *testing.T) {
	s := site(t)
	s.By(access.Clinician).Get("/patients/ada/risk-scores/curb-65").Want(200).Says("The newest is of 20-Nov-2026; today's is needed.")
	s.Put(pressure("o9", "2026-11-23T09:00:00Z", "85"))
	s.By(access.Clinician).Get("/patients/ada/risk-scores/curb-65").Want(200).Says("Record: 85 mm Hg (23-Nov-2026).")
}

func TestDiseases(t *testing.T) {
	for _, d := range diseases {
		if len(d.codes) == 0 {
			t.Errorf("%s has no codes", d.name)
		}
		if d.over != "" && diseaseOf(d.over) == nil {
			t.Errorf("%s stands over %q, which is none", d.name, d.over)
		}
	}
	for _, c := range []struct {
		codes []string
		want  int
	}{{nil, 0}, {[]string{"E11.9"}, 1}, {[]string{"E11.22", "E11.9"}, 2}, {[]string{"I50.22", "J44.9", "N18.31"}, 6}, {[]string{"K70.30", "B18.2"}, 4}, {[]string{"C50.911", "C79.51"}, 6}, {[]string{"C44.311"}, 0}, {[]string{"F03.90"}, 3}, {[]string{"B20"}, 4}} {
		var list []problem
		for _, code := range c.codes {
			var p problem
			p.Code.Coding = append(p.Code.Coding, concept(code))
			list = append(list, p)
		}
		if got, because, _ := charlson(list); got != c.want {
			t.Errorf("%v: %d for %v, want %d", c.codes, got, because, c.want)
		}
	}
}

func concept(code string) fhir.Coding {
	return fhir.Coding{System: "http://hl7.org/fhir/sid/icd-10-cm", Code: code}
}
