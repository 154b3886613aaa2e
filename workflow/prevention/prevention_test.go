package prevention

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/osler-ehr/osler/fhir/viewcheck"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/slice/slicetest"
)

var now = slicetest.Now

func TestViews(t *testing.T) {
	viewcheck.Resource[illness](t, "Condition")
	viewcheck.Resource[directive](t, "ServiceRequest")
	viewcheck.Resource[request](t, "ServiceRequest")
}

func born(years int) time.Time { return now.AddDate(-years, 0, 0) }

func names(list []Standing) string {
	var out []string
	for _, s := range list {
		out = append(out, s.ID+": "+s.Due())
	}
	return strings.Join(out, "\n")
}

func TestWhoIsAskedForWhat(t *testing.T) {
	has := func(list ...condition) map[condition]bool {
		out := map[condition]bool{}
		for _, c := range list {
			out[c] = true
		}
		return out
	}
	cases := []struct {
		name      string
		p         Person
		want, not []string
	}{
		{"woman of 58", Person{Birth: born(58), Known: true, Sex: "female", Has: has()}, []string{"colorectal-cancer", "breast-cancer", "cervical-cancer", "blood-pressure"}, []string{"osteoporosis", "aortic-aneurysm", "lung-cancer", "chlamydia", "diabetes-screening", "diabetes-a1c"}},
		{"on the 45th birthday", Person{Birth: born(45), Known: true, Sex: "male", Has: has()}, []string{"colorectal-cancer"}, []string{"breast-cancer", "cervical-cancer"}},
		{"the day before", Person{Birth: born(45).AddDate(0, 0, 1), Known: true, Sex: "male", Has: has()}, nil, []string{"colorectal-cancer"}},
		{"75 still", Person{Birth: born(75), Known: true, Sex: "male", Has: has(everSmoked)}, []string{"colorectal-cancer", "aortic-aneurysm"}, nil},
		{"76 no more", Person{Birth: born(76), Known: true, Sex: "male", Has: has(everSmoked)}, []string{"blood-pressure"}, []string{"colorectal-cancer", "aortic-aneurysm"}},
		{"a child of 5", Person{Birth: born(5), Known: true, Sex: "female", Has: has()}, nil, []string{"blood-pressure", "depression", "anxiety"}},
		{"sex not known", Person{Birth: born(66), Known: true, Has: has(everSmoked)}, []string{"colorectal-cancer"}, []string{"breast-cancer", "aortic-aneurysm", "osteoporosis"}},
		{"birth date not known", Person{Sex: "female", Has: has(diabetes)}, []string{"diabetes-a1c", "diabetes-eyes"}, []string{"breast-cancer", "blood-pressure"}},
		{"has diabetes", Person{Birth: born(50), Known: true, Sex: "male", Has: has(diabetes, overweight)}, []string{"diabetes-a1c"}, []string{"diabetes-screening"}},
		{"overweight", Person{Birth: born(50), Known: true, Sex: "male", Has: has(overweight)}, []string{"diabetes-screening"}, []string{"obesity"}},
		{"has died", Person{Birth: born(50), Known: true, Sex: "male", Has: has(diabetes), Deceased: true}, nil, []string{"diabetes-a1c", "blood-pressure"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got := names(Evaluate(c.p, nil, nil, now))
			for _, id := range c.want {
				if !strings.Contains(got, id+":") {
					t.Errorf("not asked for %s:\n%s", id, got)
				}
			}
			for _, id := range c.not {
				if strings.Contains(got, id+":") {
					t.Errorf("asked for %s:\n%s", id, got)
				}
			}
		})
	}
}

func TestWhen(t *testing.T) {
	woman := Person{Birth: born(58), Known: true, Sex: "female", Has: map[condition]bool{}}
	at := func(text string) time.Time {
		d, err := time.Parse("02-Jan-2006", text)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	cases := []struct {
		id   string
		done []Done
		left map[string]Decision
		want string
	}{
		{"colorectal-cancer", nil, nil, "due now"},
		{"colorectal-cancer", []Done{{"colonoscopy", at("02-Sep-2016")}}, nil, "overdue 02-Sep-2026"},
		{"colorectal-cancer", []Done{{"fecal immunochemical test", at("01-Mar-2025")}, {"colonoscopy", at("02-Sep-2018")}}, nil, "due 02-Sep-2028"}, // the older test lasts longer
		{"breast-cancer", []Done{{"mammogram", at("10-Jan-2025")}}, nil, "due 10-Jan-2027"},
		{"hepatitis-c", []Done{{"hepatitis C test", at("10-Jan-1999")}}, nil, "done"},
		{"cervical-cancer", []Done{{"HPV test", at("10-Jan-1997")}}, nil, "due now"}, // at 28 it did not count
		{"breast-cancer", []Done{{"mammogram", at("10-Jan-2027")}}, nil, "due now"},  // not yet done
		{"breast-cancer", nil, map[string]Decision{"breast-cancer": {Reason: "x"}}, "left out"},
		{"breast-cancer", nil, map[string]Decision{"breast-cancer": {Reason: "x", Until: at("01-May-2027")}}, "left out until 01-May-2027"},
		{"breast-cancer", nil, map[string]Decision{"breast-cancer": {Reason: "x", Until: at("01-May-2026")}}, "due now"},
	}
	for _, c := range cases {
		got := names(Evaluate(woman, map[string][]Done{c.id: c.done}, c.left, now))
		if !strings.Contains(got, c.id+": "+c.want+"\n") && !strings.HasSuffix(got, c.id+": "+c.want) {
			t.Errorf("%s after %v: want %q in\n%s", c.id, c.done, c.want, got)
		}
	}
}

// Another test never makes anything due earlier.
func TestMoreTestsNeverBringItForward(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := Person{Birth: born(58), Known: true, Sex: "female", Has: map[condition]bool{diabetes: true}}
		r := rapid.SampledFrom(recommendations).Draw(t, "recommendation")
		one := func() Done {
			return Done{rapid.SampledFrom(r.Tests).Draw(t, "test").Name, now.AddDate(0, 0, -rapid.IntRange(0, 9000).Draw(t, "days ago"))}
		}
		var done []Done
		for range rapid.IntRange(0, 4).Draw(t, "tests") {
			done = append(done, one())
		}
		at := func(list []Done) (State, time.Time) {
			for _, s := range Evaluate(p, map[string][]Done{r.ID: list}, nil, now) {
				if s.ID == r.ID {
					return s.State, s.On
				}
			}
			return LeftOut, time.Time{}
		}
		state, on := at(done)
		after, later := at(append(done, one()))
		if state == UpToDate && after < UpToDate || after == state && later.Before(on) && !later.IsZero() {
			t.Fatalf("%s: from %v %v to %v %v", r.ID, state, on, after, later)
		}
	})
}

func TestTableIsWhole(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range recommendations {
		if seen[r.ID] || r.Name == "" || r.By == "" || !strings.HasPrefix(r.URL, "https://") || len(r.Tests) == 0 || r.From == 0 && len(r.If) == 0 {
			t.Errorf("%+v", r)
		}
		seen[r.ID] = true
		tests := map[string]bool{}
		for _, x := range r.Tests {
			if tests[x.Name] || len(x.LOINC)+len(x.Words) == 0 {
				t.Errorf("%s: %+v", r.ID, x)
			}
			tests[x.Name] = true
		}
	}
}

// Codes that the lists in the sample data do not hold, each looked up in LOINC itself.
var loincElsewhere = map[string]string{
	"18746-8": "Colonoscopy study", "24606-6": "MG Breast Screening", "38269-7": "DXA Skeletal system Views", "55284-4": "Blood pressure systolic and diastolic",
	"13457-7": "Cholesterol in LDL, calculated", "9318-7": "Albumin/Creatinine in Urine", "62238-1": "eGFR by CKD-EPI", "98979-8": "eGFR by CKD-EPI 2021", "48642-3": "eGFR by MDRD", "48643-1": "eGFR by MDRD",
	"56888-1": "HIV 1+2 Ab and HIV1 p24 Ag", "75624-7": "AUDIT total score", "72166-2": "Tobacco smoking status", "69737-5": "GAD-7",
}

func TestCodesExist(t *testing.T) {
	list := filepath.Join("..", "..", "..", "shared", "data", "terminology")
	f, err := os.Open(filepath.Join(list, "loinc", "LoincUniversalLabOrdersValueSet.csv"))
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal(err)
		}
		t.Skip("the sample data is not here: ", err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{}
	for _, r := range rows {
		known[r[0]] = true
	}
	var more strings.Builder
	for _, pattern := range []string{"terminology/synthea-module-codes/LOINC.tsv", "packages/*.json", "ecqm/*/*.json", "ecqm/*.json", "ecqm/*/*/*.json", "ecqm/*/*/*/*.json"} {
		files, _ := filepath.Glob(filepath.Join("..", "..", "..", "shared", "data", pattern))
		for _, name := range files {
			b, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			more.Write(b)
		}
	}
	text := more.String()
	checked := 0
	for _, r := range recommendations {
		for _, x := range r.Tests {
			for _, code := range x.LOINC {
				checked++
				if !known[code] && loincElsewhere[code] == "" && !strings.Contains(text, `"`+code+`"`) && !strings.Contains(text, code+"\t") && !strings.Contains(text, "'"+code+"'") {
					t.Errorf("%s: LOINC %s is in none of the lists", r.ID, code)
				}
			}
		}
	}
	t.Logf("%d codes", checked)
}

// ada is a woman of 58 with diabetes who has smoked.
func site(t *testing.T) *slicetest.Site {
	s := slicetest.New(t)
	about := `"subject":{"reference":"Patient/ada"}`
	s.Put(
		`{"resourceType":"Condition","id":"c1","clinicalStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-clinical","code":"active"}]},"code":{"coding":[{"system":"http://hl7.org/fhir/sid/icd-10-cm","code":"E11.22"}]},`+about+`}`,
		`{"resourceType":"Condition","id":"c2","clinicalStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-clinical","code":"active"}]},"code":{"text":"Family history of hypertension"},`+about+`}`,
		`{"resourceType":"Observation","id":"s1","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"72166-2"}]},`+about+`,"effectiveDateTime":"2026-11-01","valueCodeableConcept":{"text":"Former smoker"}}`,
		`{"resourceType":"Observation","id":"a1","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"4548-4"}]},`+about+`,"effectiveDateTime":"2026-03-20","valueQuantity":{"value":8.1,"unit":"%"}}`,
		`{"resourceType":"Observation","id":"a2","status":"entered-in-error","code":{"coding":[{"system":"http://loinc.org","code":"4548-4"}]},`+about+`,"effectiveDateTime":"2026-11-20","valueQuantity":{"value":8.1,"unit":"%"}}`,
		`{"resourceType":"Procedure","id":"p1","status":"completed","code":{"text":"Screening colonoscopy"},`+about+`,"performedDateTime":"2019-03-02"}`,
		`{"resourceType":"Procedure","id":"p2","status":"not-done","code":{"text":"Mammography"},`+about+`,"performedDateTime":"2026-03-02"}`,
		`{"resourceType":"DiagnosticReport","id":"r1","status":"final","code":{"text":"Dilated eye exam, both eyes"},`+about+`,"effectiveDateTime":"2025-09-02"}`,
	)
	s.Serve(Slice(s.Deps))
	return s
}

func TestAdvice(t *testing.T) {
	s := site(t)
	list, err := Slice(s.Deps).Rules[0].Advise(t.Context(), s.As(access.Clinician), "ada")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, a := range list {
		got = append(got, a.Summary+", "+a.Due+" ("+string(a.Urgency)+"): "+a.Detail)
	}
	text := strings.Join(got, "\n")
	for _, want := range []string{
		"Diabetic eye exam, overdue 02-Sep-2026 (warning): Diabetes.",
		"HbA1c, overdue 20-Sep-2026 (warning): Diabetes.",
		"Mammogram, due now (info): Women 40 to 74.",
		"Low-dose CT of the chest, due now (info): Ages 50 to 80, smokes or stopped within 15 years. Find out first: when smoking was stopped; 20 pack-years or more.",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("without %q:\n%s", want, text)
		}
	}
	for _, not := range []string{"Colorectal", "Diabetes screening", "Kidney function", "aneurysm"} {
		if strings.Contains(text, not) {
			t.Errorf("says %q:\n%s", not, text)
		}
	}
}

func TestLeavingOut(t *testing.T) {
	s := site(t)
	rao := s.By(access.Clinician)
	rao.Get("/patients/ada/prevention").Want(200).Says("Mammogram", "Women 40 to 74.", "Counts: mammogram every 2 years.", "USPSTF 2024", "Last: colonoscopy 02-Mar-2019.")
	form := rao.Beside().Get("/patients/ada/prevention/breast-cancer").Want(200).Says("Leave out: Mammogram")
	rao.Beside().Post("/patients/ada/prevention/breast-cancer", "reason", "").Want(422).Says("Say why it is left out.")
	rao.Beside().Post("/patients/ada/prevention/breast-cancer", "reason", "later").Want(422).Says("Say until when it is put off.")
	rao.Beside().Post("/patients/ada/prevention/breast-cancer", "reason", "later", "until", "y-1").Want(422).Says("This has passed: 2025.")
	rao.Beside().Post("/patients/ada/prevention/breast-cancer", "once", form.Value("once"), "reason", "declined", "until", "14-Mar-2027", "note", "Asked twice").Want(200).Says("Mammogram is left out: the patient declines: asked twice.")
	q := s.One("ServiceRequest")
	for _, want := range []string{`"doNotPerform":true`, `"intent":"directive"`, `"status":"active"`, `"end":"2027-03-14"`, `"reference":"Practitioner/rao"`} {
		if !strings.Contains(string(q.Bytes()), want) {
			t.Errorf("without %s: %s", want, q.Bytes())
		}
	}
	rao.Get("/patients/ada/prevention").Want(200).Says("Left out: The patient declines: Asked twice, until 14-Mar-2027.")
	rao.Beside().Get("/patients/ada/prevention/breast-cancer").Want(200).Says("Take up again")
	rao.Beside().Post("/patients/ada/prevention/breast-cancer", "again", "yes").Want(200).Says("Mammogram is asked for again.")
	if q := s.One("ServiceRequest"); q.Get("status").Text() != "revoked" {
		t.Errorf("%s", q.Bytes())
	}
	rao.Get("/patients/ada/prevention").Want(200).Hides("the patient declines")
	rao.Get("/patients/ada/prevention/unheard-of").Want(404)
	s.By(access.FrontDesk).Get("/patients/ada/prevention").Want(404)
}
