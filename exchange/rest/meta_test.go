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
	s.ask("clinician", "POST", "/fhir/Patient/$meta", "").says(405, "GET")
}
