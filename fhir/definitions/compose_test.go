package definitions_test

import (
	"testing"

	"github.com/osler-ehr/osler/fhir/definitions"
)

func TestCompose(t *testing.T) {
	for _, c := range []struct {
		url, system string
		filters     int
		listed      bool
		withheld    bool
	}{
		{"http://hl7.org/fhir/ValueSet/body-site", "http://snomed.info/sct", 1, false, false},
		{"http://hl7.org/fhir/ValueSet/bodysite-laterality", "http://snomed.info/sct", 0, false, true},
		{"http://hl7.org/fhir/ValueSet/administrative-gender", "http://hl7.org/fhir/administrative-gender", 0, false, false},
		{"http://hl7.org/fhir/ValueSet/units-of-time", "http://unitsofmeasure.org", 0, true, false},
	} {
		v, ok := definitions.LookupValueSet(c.url)
		if !ok {
			t.Fatalf("no %s", c.url)
		}
		include, exclude := v.Compose()
		if len(include) != 1 || len(exclude) != 0 {
			t.Fatalf("%s: %d includes, %d excludes", c.url, len(include), len(exclude))
		}
		if got := include[0]; got.System != c.system || len(got.Filters) != c.filters || (len(got.Codes) > 0) != c.listed || got.Withheld != c.withheld {
			t.Errorf("%s: got %+v", c.url, got)
		}
	}
}
