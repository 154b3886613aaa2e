package rest

import (
	"slices"
	"strings"
	"testing"
)

func TestCompartments(t *testing.T) {
	s := newSite(t)
	patient, other := s.create(ana), s.create(ana)
	doctor := s.create(`{"resourceType":"Practitioner","name":[{"family":"Rao"}]}`)
	device := s.create(`{"resourceType":"Device","patient":{"reference":"Patient/` + patient + `"}}`)
	encounter := func(of string) string {
		return s.create(`{"resourceType":"Encounter","status":"finished","class":{"code":"AMB"},"subject":{"reference":"Patient/` + of + `"},"participant":[{"individual":{"reference":"Practitioner/` + doctor + `"}}]}`)
	}
	visit, otherVisit := encounter(patient), encounter(other)
	at := func(visit, of string) string {
		return "Observation/" + s.create(strings.Replace(observation(of, "72"), `"status"`, `"encounter":{"reference":"Encounter/`+visit+`"},"device":{"reference":"Device/`+device+`"},"status"`, 1))
	}
	first, second := at(visit, patient), at(visit, patient)
	third := at(otherVisit, other)
	s.create(observation(patient, "73"))
	for path, want := range map[string][]string{
		"Encounter/" + visit + "/Observation":                {first, second},
		"Encounter/" + visit + "/Encounter":                  {"Encounter/" + visit},
		"Encounter/" + visit + "/*":                          {"Encounter/" + visit, first, second},
		"Encounter/" + visit + "/Observation?code=unheard":   nil,
		"Encounter/absent/Observation":                       nil,
		"Practitioner/" + doctor + "/Encounter":              {"Encounter/" + visit, "Encounter/" + otherVisit},
		"Practitioner/" + doctor + "/Practitioner":           {"Practitioner/" + doctor},
		"Device/" + device + "/Observation":                  {first, second, third},
		"Device/" + device + "/Observation?patient=" + other: {third},
	} {
		var got []string
		for next := "/fhir/" + path + map[bool]string{true: "&", false: "?"}[strings.Contains(path, "?")] + "_count=2"; next != ""; {
			page := s.ask("clinician", "GET", next, "")
			got = append(got, page.matches()...)
			next = strings.TrimPrefix(page.bundle().LinkTo("next"), "https://ehr.example")
		}
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", path, got, want)
		}
	}
	s.ask("clinician", "GET", "/fhir/Encounter/"+visit+"/Patient", "").says(404, "never part")
	s.ask("clinician", "GET", "/fhir/Organization/x/Patient", "").says(404, "compartments")
	if got := s.ask("Patient/"+patient, "GET", "/fhir/Practitioner/"+doctor+"/Encounter", "").matches(); !slices.Equal(got, []string{"Encounter/" + visit}) {
		t.Errorf("a patient sees of a practitioner's compartment %v", got)
	}
	s.ask("frontdesk", "GET", "/fhir/Encounter/"+visit+"/Observation", "").says(403)
}
