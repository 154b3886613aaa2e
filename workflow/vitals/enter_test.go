package vitals

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/fhir/validate"
	"github.com/osler-ehr/osler/fhir/viewcheck"
	"github.com/osler-ehr/osler/identity"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/web/facts"
)

func TestViews(t *testing.T) {
	viewcheck.Resource[observation](t, "Observation")
	viewcheck.Resource[measured](t, "Observation")
	viewcheck.Resource[openVisit](t, "Encounter")
}

// ada is a woman of 58 who is here for a visit.
func ada() []string {
	return []string{
		`{"resourceType":"Patient","id":"ada","name":[{"family":"Okafor","given":["Adaeze"]}],"birthDate":"1968-07-14","gender":"female"}`,
		`{"resourceType":"Encounter","id":"e2","status":"in-progress","class":{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"AMB"},"subject":{"reference":"Patient/ada"},"period":{"start":"2026-11-23T10:05:00Z"},"reasonCode":[{"text":"Diabetes follow-up"}]}`,
		taken("w0", "ada", "29463-7", "80.1", "kg", "2026-08-24T09:00:00Z"), taken("h0", "ada", "8302-2", "165", "cm", "2026-08-24T09:00:00Z"),
	}
}

// stored are the Observations of a patient that somebody took today, by LOINC code.
func (s *site) stored(patient string) map[string]*fhir.Resource {
	s.t.Helper()
	page, err := s.As(access.Clinician).Search(context.Background(), record.Query{Type: "Observation", Params: facts.Params("patient", "Patient/"+patient, "date", "ge2026-11-23", "_count", "100")})
	if err != nil {
		s.t.Fatal(err)
	}
	out := map[string]*fhir.Resource{}
	for i := range page.Entries {
		r := page.Entries[i].Resource()
		codes := r.Get("code").Get("coding")
		out[codes.First().Get("code").Text()] = r
	}
	return out
}

func form(pairs ...string) url.Values {
	f := url.Values{"date": {"23-Nov-2026"}, "time": {"10:08"}, "once": {"0f6b1a52-3a35-4f5e-8d3f-0a4c5b6d7e8f"}}
	for i := 0; i+1 < len(pairs); i += 2 {
		f.Set(pairs[i], pairs[i+1])
	}
	return f
}

func TestSave(t *testing.T) {
	s := open(t, nil, ada()...)
	page := s.get("/patients/ada/vitals/new")
	has(t, page, "Record vitals, Diabetes follow-up", "Weight, kg", "80.1 kg on 24-Aug-2026", `value="23-Nov-2026"`, `value="10:22"`)
	hasNot(t, page, "Head circ.") // she is no small child
	draw(t, "vitals-new", page)
	sent := form(bloodPressure, "128/82", pulse, "72", temperature, "98.6 F", respiration, "16", saturation, "97 on 2 L", weight, "78.40", height, "165", pain, "3")
	w := s.ask("/patients/ada/vitals", sent)
	if w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/patients/ada/vitals" {
		t.Fatalf("save: %d %s\n%s", w.Code, w.Header().Get("Location"), faults(w))
	}
	got := s.stored("ada")
	if len(got) != 8 {
		t.Fatalf("%d Observations: %v", len(got), got)
	}
	for code, r := range got {
		for _, issue := range append(validate.Base(r), validate.Claimed(r)...) {
			// No profile has a code for pain or a unit for oxygen; both are recommended ones only.
			if known := code == "72514-3" || code == "59408-5" && strings.Contains(issue.Expression[0], "component"); issue.Severity != fhir.SeverityInformation && !(known && issue.Severity == fhir.SeverityWarning) {
				t.Errorf("%s: %s %s %v", code, issue.Severity, issue.Details.Text, issue.Expression)
			}
		}
		if r.Get("meta").Get("profile").First().Text() == "" || r.Get("effectiveDateTime").Text() != "2026-11-23T10:08:00Z" || r.Get("encounter").Get("reference").Text() != "Encounter/e2" ||
			r.Get("performer").First().Get("reference").Text() != "Practitioner/ortiz" || r.Get("performer").First().Get("display").Text() != "J. Ortiz RN" {
			t.Errorf("%s: %s", code, r.Bytes())
		}
	}
	for code, want := range map[string]string{
		"8867-4": `"valueQuantity":{"value":72,"unit":"/min","system":"http://unitsofmeasure.org","code":"/min"}`, "8310-5": `"valueQuantity":{"value":98.6,"unit":"°F","system":"http://unitsofmeasure.org","code":"[degF]"}`,
		"29463-7": `"valueQuantity":{"value":78.40,"unit":"kg"`, "59408-5": `"valueQuantity":{"value":97,"unit":"%"`, "72514-3": `"valueQuantity":{"value":3,"unit":"{score}"`,
		panelBP: `"valueQuantity":{"value":82,"unit":"mmHg","system":"http://unitsofmeasure.org","code":"mm[Hg]"}`,
	} {
		if r := got[code]; r == nil || !strings.Contains(string(r.Bytes()), want) {
			t.Errorf("%s lacks %s: %s", code, want, r.Bytes())
		}
	}
	if flow := got["59408-5"]; !strings.Contains(string(flow.Bytes()), `"code":"3151-8"`) || !strings.Contains(string(flow.Bytes()), `"code":"L/min"`) {
		t.Errorf("the flow of oxygen is not there: %s", flow.Bytes())
	}
	// The same form again makes nothing new.
	if w := s.ask("/patients/ada/vitals", sent); w.Code != http.StatusSeeOther {
		t.Errorf("sent again: %d", w.Code)
	}
	if again := s.stored("ada"); len(again) != 8 {
		t.Errorf("sent twice: %d Observations", len(again))
	}
	page = s.get("/patients/ada/vitals")
	draw(t, "vitals", page)
	has(t, page, "128/82", "78.40", "98.6", "°F", "80.1", "computed", `href="/patients/ada/vitals/new"`)
	us := s.get("/patients/ada/vitals", &http.Cookie{Name: unitsCookie, Value: "us"})
	has(t, us, "172.842", "measured 78.40 kg", "98.6", "65.0", "measured 165 cm")
}

func TestSaveLine(t *testing.T) {
	s := open(t, nil, ada()...)
	for _, field := range []string{"line", bloodPressure} {
		f := form(field, "bp 128/82 p 72 t 37.1 w 81.5kg h 165cm")
		f.Del("once")
		if w := s.ask("/patients/ada/vitals", f); w.Code != http.StatusSeeOther {
			t.Fatalf("%s: %d %s", field, w.Code, faults(w))
		}
	}
	if got := s.stored("ada"); len(got) != 5 {
		t.Errorf("%d kinds of Observations", len(got))
	}
}

func TestSaveRefuses(t *testing.T) {
	s := open(t, nil, ada()...)
	for name, c := range map[string]struct {
		form url.Values
		want string
	}{
		"nothing":      {form(), "Nothing is filled in yet"},
		"no number":    {form(weight, "heavy"), "Weight needs a number"},
		"twice":        {form(weight, "80", "line", "w 81"), "stands there twice"},
		"one pressure": {form(bloodPressure, "128"), "two numbers"},
		"saturation":   {form(saturation, "101"), "at most 100 %"},
		"pain":         {form(pain, "11"), "from 0 to 10"},
		"half a pain":  {form(pain, "3.5"), "whole number"},
		"zero":         {form(pulse, "0"), "above 0"},
		"comma":        {form(temperature, "37,1"), "behind a point"},
		"no day":       {form(pulse, "72", "date", "soon"), "Not a day"},
		"future day":   {form(pulse, "72", "date", "24-Nov-2026", "time", ""), "in the future"},
		"future time":  {form(pulse, "72", "time", "11:00"), "in the future"},
		"no time":      {form(pulse, "72", "time", "25:00"), "Not a time"},
		"before birth": {form(pulse, "72", "date", "13-Jul-1968"), "before the birth"},
	} {
		w := s.ask("/patients/ada/vitals", c.form)
		if w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), c.want) {
			t.Errorf("%s: %d, without %q", name, w.Code, c.want)
		}
		for field, v := range c.form {
			if field != "once" && v[0] != "" && !strings.Contains(w.Body.String(), `value="`+v[0]+`"`) {
				t.Errorf("%s: what was typed into %s is lost", name, field)
			}
		}
	}
	if got := s.stored("ada"); len(got) != 0 {
		t.Errorf("%d Observations were written", len(got))
	}
}

func TestSaveAsks(t *testing.T) {
	s := open(t, nil, ada()...)
	f := form(weight, "784", bloodPressure, "82/128")
	w := s.ask("/patients/ada/vitals", f)
	page := w.Body.String()
	draw(t, "vitals-doubt", page)
	if w.Code != http.StatusUnprocessableEntity || len(s.stored("ada")) != 0 {
		t.Fatalf("%d, %d written", w.Code, len(s.stored("ada")))
	}
	has(t, page, "784 kg? This is about ten times the value before", "Before: 80.1 kg on 24-Aug-2026.", "It is 78.4 kg", "82/128 mmHg? The systolic pressure is below the diastolic.", "It is 128/82")
	// One answer is not enough, and is kept.
	f.Set("sure-weight", "take 78.4 kg")
	w = s.ask("/patients/ada/vitals", f)
	if w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), `name="sure-weight" value="take 78.4 kg"`) {
		t.Fatalf("one answer: %d\n%s", w.Code, faults(w))
	}
	// An answer to another value is none.
	f.Set("sure-bp", "keep 80/128 mmHg")
	if w = s.ask("/patients/ada/vitals", f); w.Code != http.StatusUnprocessableEntity {
		t.Fatalf("an answer to another value: %d", w.Code)
	}
	f.Set("sure-bp", "keep 82/128 mmHg")
	if w = s.ask("/patients/ada/vitals", f); w.Code != http.StatusSeeOther {
		t.Fatalf("answered: %d\n%s", w.Code, faults(w))
	}
	got := s.stored("ada")
	if !strings.Contains(string(got["29463-7"].Bytes()), `"value":78.4,`) || !strings.Contains(string(got[panelBP].Bytes()), `"value":128,`) {
		t.Errorf("%s\n%s", got["29463-7"].Bytes(), got[panelBP].Bytes())
	}
}

func TestStrike(t *testing.T) {
	s := open(t, nil, append(ada(), taken("w9", "ada", "29463-7", "184.0", "kg", "2026-11-23T09:00:00Z"), `{"resourceType":"Patient","id":"bob","birthDate":"1970-01-01","gender":"male"}`)...)
	page := s.get("/patients/ada/vitals/w9")
	draw(t, "vitals-strike", page)
	has(t, page, "184.0 kg", "What is wrong with it")
	if w := s.ask("/patients/ada/vitals/w9", url.Values{"version": {"1"}}); w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), "Say why it is wrong") {
		t.Errorf("without a reason: %d", w.Code)
	}
	if w := s.ask("/patients/bob/vitals/w9", nil); w.Code != http.StatusNotFound {
		t.Errorf("in another's record: %d", w.Code)
	}
	if w := s.ask("/patients/ada/vitals/w9", url.Values{"version": {"7"}, "reason": {"wrong patient"}}); w.Code != http.StatusConflict {
		t.Errorf("another version: %d", w.Code)
	}
	if w := s.ask("/patients/ada/vitals/w9", url.Values{"version": {"1"}, "reason": {"wrong patient"}}); w.Code != http.StatusSeeOther {
		t.Fatalf("strike: %d %s", w.Code, faults(w))
	}
	v, err := s.As(access.Clinician).Read(context.Background(), "Observation", "w9")
	if err != nil {
		t.Fatal(err)
	}
	doc := string(v.Body)
	has(t, doc, `"status":"entered-in-error"`, "Entered in error: wrong patient", `"value":184.0`, "Practitioner/ortiz")
	page = s.get("/patients/ada/vitals")
	has(t, page, `<s class="vitals-struck">184.0 kg</s>`, "entered in error")
	// It is compared with no more: 78.4 kg after it raises no question.
	if w := s.ask("/patients/ada/vitals", form(weight, "78.4")); w.Code != http.StatusSeeOther {
		t.Errorf("after striking: %d %s", w.Code, faults(w))
	}
	has(t, s.get("/patients/ada/vitals/w9"), "wrong patient", "counts nowhere")
}

func TestRights(t *testing.T) {
	s := open(t, nil, ada()...)
	for _, c := range []struct {
		role    identity.Role
		address string
		form    url.Values
		want    int
	}{
		{identity.FrontDesk, "/patients/ada/vitals", nil, http.StatusNotFound}, {identity.FrontDesk, "/patients/ada/vitals/new", nil, http.StatusNotFound}, {identity.FrontDesk, "/patients/ada/growth", nil, http.StatusNotFound},
		{identity.FrontDesk, "/patients/ada/vitals", form(pulse, "72"), http.StatusNotFound}, {identity.FrontDesk, "/patients/ada/vitals/w0", form("reason", "no"), http.StatusNotFound},
		{identity.Clinician, "/patients/ada/vitals", nil, http.StatusOK}, {identity.Clinician, "/patients/nobody/vitals", nil, http.StatusNotFound}, {identity.Clinician, "/patients/ada/vitals/nothing", nil, http.StatusNotFound},
	} {
		if w := s.as(c.role, c.address, c.form); w.Code != c.want {
			t.Errorf("%s %s: %d, want %d", c.role, c.address, w.Code, c.want)
		}
	}
}
