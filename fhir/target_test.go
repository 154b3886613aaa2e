package fhir_test

import (
	"strings"
	"testing"

	"github.com/osler-ehr/osler/fhir"
)

func TestParseReference(t *testing.T) {
	for _, c := range []struct {
		in   string
		want fhir.Target
	}{
		{"Patient/7", fhir.Target{Kind: fhir.RelativeTarget, Type: "Patient", ID: "7"}},
		{"Patient/7/_history/2", fhir.Target{Kind: fhir.RelativeTarget, Type: "Patient", ID: "7", Version: "2"}},
		{"Patient/7#med", fhir.Target{Kind: fhir.RelativeTarget, Type: "Patient", ID: "7", Fragment: "med"}},
		{"https://ehr.example/fhir/Patient/a-b.c", fhir.Target{Kind: fhir.AbsoluteTarget, Base: "https://ehr.example/fhir", Type: "Patient", ID: "a-b.c"}},
		{"http://ehr.example:8080/Patient/7/_history/2", fhir.Target{Kind: fhir.AbsoluteTarget, Base: "http://ehr.example:8080", Type: "Patient", ID: "7", Version: "2"}},
		{"http://hl7.org/fhir/ValueSet/my_set", fhir.Target{Kind: fhir.OtherTarget}},
		{"https://ehr.example/guide?x=Patient/1", fhir.Target{Kind: fhir.OtherTarget}},
		{"mailto:a@b.example", fhir.Target{Kind: fhir.OtherTarget}},
		{"urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0", fhir.Target{Kind: fhir.URNTarget}},
		{"urn:oid:1.2.3", fhir.Target{Kind: fhir.URNTarget}},
		{"#med1", fhir.Target{Kind: fhir.FragmentTarget, Fragment: "med1"}},
		{"#", fhir.Target{Kind: fhir.FragmentTarget}},
		{"Practitioner?identifier=http://hl7.org/fhir/sid/us-npi|999", fhir.Target{Kind: fhir.ConditionalTarget, Type: "Practitioner", Query: "identifier=http://hl7.org/fhir/sid/us-npi|999"}},
	} {
		if got, ok := fhir.ParseReference(c.in); !ok || got != c.want {
			t.Errorf("%s: got %+v, want %+v", c.in, got, c.want)
		}
	}
	for _, s := range []string{"", "7", "Patient", "Patient/", "/Patient/7", "patient/7", "a/Patient/7", "Patient/7/8", "Patient/a_b", "Patient/7/_history/", "Patient/ 7", "?x", "Patient/" + strings.Repeat("1", 65)} {
		if got, ok := fhir.ParseReference(s); ok {
			t.Errorf("%q was accepted as %+v", s, got)
		}
	}
}
