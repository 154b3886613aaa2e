package rest

import (
	"strings"
	"testing"
)

func TestMetaOfATypeAndOfAll(t *testing.T) {
	s := newSite(t)
	s.ask("clinician", "GET", "/fhir/Patient/$meta", "").status(200)
	tagged := func(doc, meta string) string {
		return strings.Replace(doc, `"Patient",`, `"Patient","meta":{`+meta+`},`, 1)
	}
	mine := s.create(tagged(ana, `"tag":[{"system":"urn:t","code":"a"}],"profile":["urn:p"]`))
	s.create(tagged(ana, `"tag":[{"system":"urn:t","code":"a"},{"system":"urn:t","code":"b"}]`))
	s.create(strings.Replace(observation(mine, "1"), `"Observation",`, `"Observation","meta":{"tag":[{"system":"urn:t","code":"c"}]},`, 1))
	labels := func(who, path string) string {
		var out []string
		m := s.ask(who, "GET", path, "").status(200).doc().Get("parameter").First().Get("valueMeta")
		for v := range m.Get("tag").Values() {
			out = append(out, v.Get("code").Text())
		}
		for v := range m.Get("profile").Values() {
			out = append(out, v.Text())
		}
		if m.Get("versionId").Exists() || m.Get("lastUpdated").Exists() {
			t.Errorf("%s tells a version of nothing in particular", path)
		}
		return strings.Join(out, " ")
	}
	sorted := func(text string, parts ...string) bool {
		if len(strings.Fields(text)) != len(parts) {
			return false
		}
		for _, p := range parts {
			if !strings.Contains(" "+text+" ", " "+p+" ") {
				return false
			}
		}
		return true
	}
	if got := labels("clinician", "/fhir/Patient/$meta"); !sorted(got, "a", "b", "urn:p") {
		t.Errorf("of patients: %s", got)
	}
	if got := labels("clinician", "/fhir/$meta"); !sorted(got, "a", "b", "c", "urn:p") {
		t.Errorf("of all: %s", got)
	}
	// What somebody may not see tells no labels either.
	if got := labels("Patient/"+mine, "/fhir/Patient/$meta"); !sorted(got, "a", "urn:p") {
		t.Errorf("to a patient: %s", got)
	}
	s.ask("", "GET", "/fhir/Patient/$meta", "").status(401)
	s.ask("clinician", "GET", "/fhir/Nonsense/$meta", "").status(404)
	// Posted it is the same: with no body, and with parameters, of which it has none.
	for _, path := range []string{"/fhir/$meta", "/fhir/Patient/$meta", "/fhir/Patient/" + mine + "/$meta"} {
		got := s.ask("clinician", "GET", path, "").status(200).Body.String()
		for _, body := range []string{"", `{"resourceType":"Parameters"}`} {
			if posted := s.ask("clinician", "POST", path, body).status(200).Body.String(); posted != got {
				t.Errorf("POST %s with %q: %s, want %s", path, body, posted, got)
			}
		}
		if put := s.ask("clinician", "PUT", path, ana); put.Code != 405 || put.Header().Get("Allow") != "GET, POST" {
			t.Errorf("PUT %s: %d, Allow %q", path, put.Code, put.Header().Get("Allow"))
		}
	}
	s.ask("frontdesk", "POST", "/fhir/Observation/$meta", "").says(403)
}
