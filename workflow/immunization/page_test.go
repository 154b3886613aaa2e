package immunization_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/fhir/validate"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/slice"
	"github.com/osler-ehr/osler/slice/slicetest"
	"github.com/osler-ehr/osler/workflow/immunization"
)

var update = flag.Bool("update", false, "write the golden files anew")

func given(id, cvx, name, date, more string) string {
	return fmt.Sprintf(`{"resourceType":"Immunization","id":%q,"status":"completed","vaccineCode":{"coding":[{"system":"http://hl7.org/fhir/sid/cvx","code":%q}],"text":%q},"patient":{"reference":"Patient/maya"},"occurrenceDateTime":%q%s}`, id, cvx, name, date, more)
}

// maya is a girl of 15 months with some doses: one too young, one without its day, one declined.
var maya = []string{
	`{"resourceType":"Patient","id":"maya","active":true,"name":[{"family":"Lindqvist","given":["Maya"]}],"birthDate":"2025-08-11","gender":"female"}`,
	given("b1", "08", "Hepatitis B", "2025-08-12", ""), given("d1", "110", "DTaP-HepB-IPV", "2025-10-13", ""), given("d2", "110", "DTaP-HepB-IPV", "2025-12-15", ""), given("d3", "110", "DTaP-HepB-IPV", "2026-02-16", ""),
	given("h1", "48", "Hib", "2025-10-13", ""), given("h2", "48", "Hib", "2025-12-15", ""), given("p1", "216", "PCV20", "2025-10-13", ""), given("p2", "216", "PCV20", "2025-12-15", `,"expirationDate":"2025-11-30"`),
	given("m1", "03", "MMR", "2026-08-01", ""), given("v1", "21", "Varicella", "2026-08-12", ""),
	given("r1", "122", "Rotavirus", "2025", ""),
	`{"resourceType":"Immunization","id":"n1","status":"not-done","statusReason":{"text":"Parental decision"},"vaccineCode":{"text":"Influenza"},"patient":{"reference":"Patient/maya"},"occurrenceDateTime":"2026-10-19"}`,
}

func site(t *testing.T, docs ...string) *slicetest.Site {
	t.Helper()
	s := slicetest.New(t)
	s.Put(docs...)
	s.Serve(immunization.Slice(s.Deps))
	return s
}

// The whole page in words: what a clinician reads before giving a vaccine.
func TestPageOfAChild(t *testing.T) {
	a := site(t, maya...).By(access.Clinician).Get("/patients/maya/immunizations").Want(200)
	_, got, _ := strings.Cut(a.Text(), "Give a vaccine I")
	const end = "Doses given elsewhere count once they are recorded."
	got, _, _ = strings.Cut(got, end)
	got = "Immunizations" + got + end
	for _, section := range []string{"Contraindicated", "Due", "To decide together", "Upcoming", "Later", "Not recommended", "Complete", "Given", "By age, sex"} {
		got = strings.Replace(got, " "+section+" ", "\n\n"+section+" ", 1)
	}
	const golden = "testdata/page.txt"
	if *update {
		if err := os.WriteFile(golden, []byte(got+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if got+"\n" != string(want) {
		t.Errorf("the page differs from %s; look at it, then run the test with -update. It is now:\n%s", golden, got)
	}
}

func TestDueOnTheChart(t *testing.T) {
	s := site(t, maya...)
	s.By(access.Clinician).Beside().Get("/patients/maya/immunizations/due").Want(200).Says("Pneumococcal, dose 2 Overdue since 08-Apr-2026", "Hib, dose 3 Due now", "DTaP/Tdap/Td, dose 4 Due now", "not known for this season").Hides("Later", "Zoster")
	if answer := s.By(access.Clinician).Get("/patients/nobody/immunizations"); answer.Code != 404 {
		t.Errorf("a patient who is not there: %d", answer.Code)
	}
}

func TestContraindicationIsSaid(t *testing.T) {
	s := site(t, `{"resourceType":"Condition","id":"c","subject":{"reference":"Patient/ada"},"clinicalStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-clinical","code":"active"}]},"code":{"coding":[{"system":"http://hl7.org/fhir/sid/icd-10-cm","code":"D84.821"}],"text":"Immunodeficiency due to drugs"}}`)
	for _, address := range []string{"/patients/ada/immunizations", "/patients/ada/immunizations/due"} {
		s.By(access.Clinician).Get(address).Want(200).Says("MMR", "Varicella", "Contraindicated").Hides("MMR, dose")
	}
	s.By(access.Clinician).Get("/patients/ada/immunizations").Says("Do not vaccinate", "immunosuppressive therapy", "No immunizations recorded")
}

// request is a body of $immds-forecast.
func request(docs ...string) string {
	parts := []string{`{"name":"assessmentDate","valueDate":"2026-11-23"}`}
	for _, d := range docs {
		name := "immunization"
		if strings.Contains(d, `"Patient",`) {
			name = "patient"
		}
		parts = append(parts, `{"name":"`+name+`","resource":`+d+`}`)
	}
	return `{"resourceType":"Parameters","parameter":[` + strings.Join(parts, ",") + `]}`
}

func post(t *testing.T, body, media string) *httptest.ResponseRecorder {
	t.Helper()
	s := slicetest.New(t)
	for _, route := range immunization.Slice(s.Deps).Routes {
		if route.Pattern == "/fhir/$immds-forecast" {
			r := httptest.NewRequest(http.MethodPost, "/fhir/$immds-forecast", strings.NewReader(body))
			r.Header.Set("Content-Type", media)
			w := httptest.NewRecorder()
			route.Handler.ServeHTTP(w, r)
			return w
		}
	}
	t.Fatal("the operation is not served")
	return nil
}

func TestOperation(t *testing.T) {
	w := post(t, request(maya...), "application/fhir+json")
	if w.Code != 200 {
		t.Fatalf("%d: %s", w.Code, w.Body)
	}
	doc, err := fhir.Parse(w.Body.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]string{} // what is said of a dose and a disease
	recommended := map[string]fhir.Node{}
	for p := range doc.Get("parameter").Values() {
		res := p.Get("resource").Resource()
		for _, issue := range validate.Base(res) {
			if issue.Severity == "error" || issue.Severity == "fatal" {
				t.Errorf("%+v\n%s", issue, res.Bytes())
			}
		}
		if p.Get("name").Text() == "evaluation" {
			reason := ""
			for n := range res.Get("doseStatusReason").Values() {
				reason += " " + n.Get("coding").Index(0).Get("code").Text()
			}
			found[res.Get("immunizationEvent").Get("reference").Text()+" "+res.Get("targetDisease").Get("text").Text()] = res.Get("doseStatus").Get("coding").Index(0).Get("code").Text() + reason
			continue
		}
		for n := range res.Get("recommendation").Values() {
			if recommended[n.Get("description").Text()].Exists() {
				continue
			}
			recommended[n.Get("description").Text()] = n
		}
	}
	for what, want := range map[string]string{
		"Immunization/m1 Measles": "notvalid tooyoung inappropriate", "Immunization/d3 Diphtheria": "valid", "Immunization/d3 HepB": "valid", "Immunization/p2 Pneumococcal": "notvalid expired",
		"Immunization/v1 Varicella": "notvalid productconflict", "Immunization/r1 Not known": "notvalid notevaluated",
	} {
		if found[what] != want {
			t.Errorf("%s: %q, want %q", what, found[what], want)
		}
	}
	dates := func(group string) string {
		var out []string
		for n := range recommended[group].Get("dateCriterion").Values() {
			out = append(out, n.Get("code").Get("coding").Index(0).Get("code").Text()+" "+n.Get("value").Text())
		}
		return strings.Join(out, ", ")
	}
	if got := dates("DTaP/Tdap/Td"); got != "30981-5 2026-11-11, 30980-7 2026-11-11, 59778-1 2027-04-07" {
		t.Errorf("DTaP: %s", got)
	}
	n := recommended["DTaP/Tdap/Td"]
	if a, b, number := n.Get("forecastStatus").Get("coding").Index(0).Get("code").Text(), n.Get("forecastStatus").Get("coding").Index(1).Get("code").Text(), n.Get("doseNumberPositiveInt").Text(); a != "notComplete" || b != "due" || number != "4" {
		t.Errorf("DTaP: %s, %s, dose %s", a, b, number)
	}
	if b := recommended["Pneumococcal"].Get("forecastStatus").Get("coding").Index(1).Get("code").Text(); b != "overdue" {
		t.Errorf("Pneumococcal is %s", b)
	}
	if got := dates("Rotavirus"); got != "" {
		t.Errorf("dates of what is not to be given: %s", got)
	}
	if s := recommended["Influenza; the supporting data describe an earlier season"]; !s.Exists() {
		t.Errorf("influenza: %v", recommended)
	}
}

func TestOperationRefuses(t *testing.T) {
	patient := maya[0]
	for name, c := range map[string]struct {
		body, media string
		status      int
		says        string
	}{
		"no patient":     {request(), "application/fhir+json", 400, "one patient"},
		"two patients":   {request(patient, patient), "application/fhir+json", 400, "one patient"},
		"no birth":       {request(`{"resourceType":"Patient","gender":"female"}`), "application/fhir+json", 422, "birthDate"},
		"died":           {request(`{"resourceType":"Patient","birthDate":"1950-01-01","deceasedBoolean":true}`), "application/fhir+json", 422, "has died"},
		"no date":        {`{"resourceType":"Parameters","parameter":[{"name":"patient","resource":` + patient + `}]}`, "application/fhir+json", 400, "assessmentDate"},
		"a bad date":     {`{"resourceType":"Parameters","parameter":[{"name":"assessmentDate","valueDate":"2026"}]}`, "application/fhir+json", 400, "assessmentDate"},
		"not Parameters": {patient, "application/fhir+json", 400, "Parameters"},
		"no JSON":        {"<Parameters/>", "application/fhir+xml", 415, "application/fhir+json"},
		"broken":         {`{"resourceType":`, "application/fhir+json", 400, ""},
	} {
		t.Run(name, func(t *testing.T) {
			w := post(t, c.body, c.media)
			var o struct {
				ResourceType string
				Issue        []struct{ Diagnostics, Details any }
			}
			if err := json.Unmarshal(w.Body.Bytes(), &o); err != nil || w.Code != c.status || o.ResourceType != "OperationOutcome" || !strings.Contains(w.Body.String(), c.says) {
				t.Errorf("%d %s, want %d and %q", w.Code, w.Body, c.status, c.says)
			}
		})
	}
}

func TestOperationAnswersInJSON(t *testing.T) {
	s := slicetest.New(t)
	for accept, want := range map[string]int{"": 200, "application/fhir+json": 200, "application/fhir+xml, */*;q=0.1": 200, "application/fhir+xml": 406} {
		r := httptest.NewRequest(http.MethodPost, "/fhir/$immds-forecast", strings.NewReader(request(maya[0])))
		r.Header.Set("Content-Type", "application/fhir+json; charset=utf-8")
		if accept != "" {
			r.Header.Set("Accept", accept)
		}
		w := httptest.NewRecorder()
		for _, route := range immunization.Slice(s.Deps).Routes {
			if route.Handler != nil {
				route.Handler.ServeHTTP(w, r)
			}
		}
		if w.Code != want {
			t.Errorf("accepting %q: %d, want %d", accept, w.Code, want)
		}
	}
}

func TestOperationIsListed(t *testing.T) {
	list := immunization.Operations()
	if len(list) != 1 || list[0].Name != "immds-forecast" || list[0].Type != "" {
		t.Errorf("%+v", list)
	}
	s := slicetest.New(t)
	if routes := slice.List([]slice.Slice{immunization.Slice(s.Deps)}); !strings.Contains(routes, "/fhir/$immds-forecast") || !strings.Contains(routes, "signed in") {
		t.Error(routes)
	}
}
