package terms_test

import (
	"testing"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/fhir/path"
	"github.com/osler-ehr/osler/terms"
	"github.com/osler-ehr/osler/terms/ucum"
)

func TestFHIRPath(t *testing.T) {
	r, err := fhir.Parse([]byte(`{"resourceType":"Observation","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"1"},{"system":"http://hl7.org/fhir/sid/icd-10-cm","code":"E11.9"}]},
		"bodySite":{"coding":[{"system":"http://snomed.info/sct","code":"1"}]},"valueQuantity":{"value":98.6,"system":"http://unitsofmeasure.org","code":"[degF]"},"component":[{"code":{"text":"x"},"valueQuantity":{"value":5,"system":"http://unitsofmeasure.org","code":"g/L"}}]}`))
	if err != nil {
		t.Fatal(err)
	}
	env := path.Env{Resource: r.Root(), Units: ucum.Units{}, Terms: &terms.Members{Context: t.Context(), Expander: &terms.Expander{Source: library(t)}}}
	for expr, want := range map[string]string{
		"status.memberOf('http://hl7.org/fhir/ValueSet/observation-status')":         "true",
		"status.memberOf('http://hl7.org/fhir/ValueSet/administrative-gender')":      "false",
		"'final'.memberOf('http://hl7.org/fhir/ValueSet/observation-status')":        "true",
		"code.memberOf('http://hl7.org/fhir/sid/icd-10-cm?fhir_vs=isa/E11')":         "true",
		"code.coding[0].memberOf('http://hl7.org/fhir/sid/icd-10-cm?fhir_vs')":       "false",
		"code.coding[1].memberOf('http://hl7.org/fhir/sid/icd-10-cm?fhir_vs')":       "true",
		"component.value = 500 'mg/dL'":                                              "true",
		"component.value > 0.4 'kg/m3'":                                              "true",
		"component.code.memberOf('http://hl7.org/fhir/ValueSet/observation-status')": "false",
		"1 'u[iU]/mL' = 1 'm[IU]/L'":                                                 "true",
		"component.value.exists() and component.value ~ 5.0 'g/L'":                   "true",
		"bodySite.memberOf('http://hl7.org/fhir/ValueSet/body-site').empty()":        "true", // it cannot be told
		"status.memberOf('http://example.org/unheard-of').empty()":                   "true",
		"bodySite.memberOf('http://hl7.org/fhir/ValueSet/observation-status')":       "false",
		"bodySite.coding.memberOf('http://snomed.info/sct?fhir_vs=isa/2').empty()":   "true",
		"status.memberOf('http://hl7.org/fhir/ValueSet/observation-status|4.0.1')":   "true",
		"(component.value / 5 'g').exists() and (5 'mmol/L' = 5 '1/L').empty()":      "true",
	} {
		e, err := path.Compile(expr)
		if err != nil {
			t.Errorf("%s: %v", expr, err)
			continue
		}
		out, err := e.Eval(env, path.Root(r))
		if err != nil || len(out) != 1 || out[0].Text() != want {
			t.Errorf("%s: got %v, %v, want %s", expr, out, err, want)
		}
	}
}
