package definitions

import (
	"slices"
	"testing"
)

func TestLookupSearchParameter(t *testing.T) {
	tests := []struct {
		resource, name, kind, expression string // kind "" when there is none
	}{
		{"Patient", "birthdate", "date", "Patient.birthDate"},
		{"Patient", "race", "token", "Patient.extension.where(url = 'http://hl7.org/fhir/us/core/StructureDefinition/us-core-race').extension.value.code"},
		{"Patient", "_id", "token", "Resource.id"},
		{"Patient", "_lastUpdated", "date", "Resource.meta.lastUpdated"},
		{"Patient", "_text", "string", ""},
		{"Observation", "_lastUpdated", "date", "Resource.meta.lastUpdated"},
		{"Observation", "code", "token", "Observation.code"},
		{"Observation", "date", "date", "Observation.effective"},
		{"Condition", "asserted-date", "date", "Condition.extension.where(url = 'http://hl7.org/fhir/StructureDefinition/condition-assertedDate').valueDateTime"},
		{"Encounter", "discharge-disposition", "token", "Encounter.hospitalization.dischargeDisposition"},
		{"Bundle", "_text", "", ""}, // a Bundle has no narrative
		{"Parameters", "_id", "token", "Resource.id"},
		{"Patient", "nosuch", "", ""},
		{"Nosuch", "_id", "", ""},
	}
	for _, tt := range tests {
		p, ok := LookupSearchParameter(tt.resource, tt.name)
		if ok != (tt.kind != "") {
			t.Errorf("%s.%s: found %v", tt.resource, tt.name, ok)
			continue
		}
		if p.Type != tt.kind || p.Expression != tt.expression {
			t.Errorf("%s.%s: %s %q, want %s %q", tt.resource, tt.name, p.Type, p.Expression, tt.kind, tt.expression)
		}
	}
}

func TestSearchParameterDetails(t *testing.T) {
	subject, _ := LookupSearchParameter("Observation", "patient")
	if !slices.Equal(subject.Targets, []string{"Group", "Patient"}) && !slices.Contains(subject.Targets, "Patient") {
		t.Errorf("Observation.patient: targets %v", subject.Targets)
	}
	if len(subject.Base) < 20 || !slices.Contains(subject.Base, "Condition") {
		t.Errorf("patient is shared by many types; bases %v", subject.Base)
	}
	combo, _ := LookupSearchParameter("Observation", "code-value-quantity")
	if len(combo.Components) != 2 || combo.Components[0].Expression != "code" ||
		combo.Components[1].Definition != "http://hl7.org/fhir/SearchParameter/Observation-value-quantity" {
		t.Errorf("code-value-quantity: components %+v", combo.Components)
	}
	if focus, _ := LookupSearchParameter("Observation", "focus"); focus.Targets != nil {
		t.Errorf("Observation.focus may point at anything; got %d targets", len(focus.Targets))
	}
}

func TestEverySearchParameter(t *testing.T) {
	kinds := []string{"number", "date", "string", "token", "reference", "composite", "quantity", "uri", "special"}
	total := 0
	for _, name := range ResourceTypes() {
		seen := map[string]bool{}
		for _, p := range SearchParameters(name) {
			total++
			if seen[p.Name] {
				t.Errorf("%s.%s stands twice", name, p.Name)
			}
			seen[p.Name] = true
			if !slices.Contains(kinds, p.Type) || p.URL == "" {
				t.Errorf("%s.%s: %+v", name, p.Name, p)
			}
			if p.Expression == "" && p.Name != "_text" && p.Name != "_content" && p.Name != "_query" {
				t.Errorf("%s.%s has no expression", name, p.Name)
			}
			if (p.Type == "composite") != (len(p.Components) > 0) {
				t.Errorf("%s.%s: a %s with %d components", name, p.Name, p.Type, len(p.Components))
			}
		}
		if !seen["_id"] || !seen["_tag"] {
			t.Errorf("%s lacks the parameters of every resource", name)
		}
	}
	if total < 2800 {
		t.Errorf("only %d parameters over all types", total)
	}
}

func TestCompartmentParams(t *testing.T) {
	tests := []struct {
		compartment, resource string
		want                  []string
	}{
		{"Patient", "Observation", []string{"subject", "performer"}},
		{"Patient", "Patient", []string{"link"}},
		{"Patient", "Organization", nil},
		{"Encounter", "Encounter", nil},
		{"Encounter", "Observation", []string{"encounter"}},
		{"Nosuch", "Observation", nil},
	}
	for _, tt := range tests {
		if got := CompartmentParams(tt.compartment, tt.resource); !slices.Equal(got, tt.want) {
			t.Errorf("%s, %s: got %v, want %v", tt.compartment, tt.resource, got, tt.want)
		}
	}
	if got := Compartments(); !slices.Equal(got, []string{"Device", "Encounter", "Patient", "Practitioner", "RelatedPerson"}) {
		t.Errorf("compartments: %v", got)
	}
	for _, c := range Compartments() {
		for _, resource := range ResourceTypes() {
			for _, name := range CompartmentParams(c, resource) {
				if p, ok := LookupSearchParameter(resource, name); !ok || p.Type != "reference" {
					t.Errorf("compartment %s: %s has no reference parameter %q", c, resource, name)
				}
			}
		}
	}
}
