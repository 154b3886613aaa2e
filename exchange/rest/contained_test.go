package rest

import (
	"strings"
	"testing"
)

// Contained resources are not searched for, and nobody is left to believe so.
func TestContainedResourcesAreNotSearched(t *testing.T) {
	s := newSite(t)
	s.create(`{"resourceType":"Patient","contained":[{"resourceType":"Organization","id":"o","name":"Inside"}],"managingOrganization":{"reference":"#o"}}`)
	for _, query := range []string{"_contained=true", "_contained=both", "_containedType=contained", "_containedType=container"} {
		s.ask("clinician", "GET", "/fhir/Organization?name=Inside&"+query, "", "Prefer: handling=strict").says(400, "contained resources")
		lenient := s.ask("clinician", "GET", "/fhir/Organization?name=Inside&"+query, "").status(200)
		if len(lenient.matches()) != 0 || !strings.Contains(lenient.Body.String(), "contained resources") {
			t.Errorf("%s: %s", query, lenient.Body)
		}
	}
	if got := s.ask("clinician", "GET", "/fhir/Organization?name=Inside&_contained=false", "", "Prefer: handling=strict").matches(); len(got) != 0 {
		t.Errorf("found %v", got)
	}
	if got := s.ask("clinician", "GET", "/fhir/Patient", "").bundle().Entry[0].Resource.Resource().Get("contained").Len(); got != 1 {
		t.Errorf("%d contained resources came back", got)
	}
}
