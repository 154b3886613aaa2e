package definitions

import (
	"slices"
	"strings"
	"testing"
)

func TestCodeSystem(t *testing.T) {
	act, ok := LookupCodeSystem("http://terminology.hl7.org/CodeSystem/v3-ActCode|2018-08-12")
	if !ok {
		t.Fatal("v3-ActCode not found")
	}
	amb, ok := act.Lookup("AMB")
	if !ok || amb.Display != "ambulatory" {
		t.Errorf("AMB: %+v", amb)
	}
	if top, _ := act.Lookup("_ActEncounterCode"); top == nil || !top.Abstract {
		t.Errorf("_ActEncounterCode is abstract: %+v", top)
	}
	if got := act.Parents("AMB"); !slices.Equal(got, []string{"_ActEncounterCode"}) {
		t.Errorf("parents of AMB: %v", got)
	}
	for _, tt := range []struct {
		code, ancestor string
		want           bool
	}{
		{"AMB", "_ActEncounterCode", true},
		{"AMB", "AMB", true},
		{"_ActEncounterCode", "AMB", false},
		{"AE", "CC", true},
		{"AE", "_ActEncounterCode", false},
		{"nosuch", "nosuch", false},
	} {
		if got := act.IsA(tt.code, tt.ancestor); got != tt.want {
			t.Errorf("IsA(%s, %s) = %v", tt.code, tt.ancestor, got)
		}
	}
	if _, ok := LookupCodeSystem("http://snomed.info/sct"); ok {
		t.Error("SNOMED CT must not be here")
	}
	role, _ := LookupCodeSystem("http://terminology.hl7.org/CodeSystem/v3-RoleCode")
	several := false
	for _, c := range role.Concepts {
		several = several || len(role.Parents(c.Code)) > 1
	}
	if !several {
		t.Error("version 3 vocabularies have codes with several parents")
	}
}

func TestContains(t *testing.T) {
	const (
		hl7    = "http://hl7.org/fhir/ValueSet/"
		uscore = "http://hl7.org/fhir/us/core/ValueSet/"
		term   = "http://terminology.hl7.org/CodeSystem/"
	)
	tests := []struct {
		set, system, code string
		in, known         bool
	}{
		{hl7 + "administrative-gender", "", "female", true, true},
		{hl7 + "administrative-gender", "", "Female", false, true},
		{hl7 + "administrative-gender", "http://hl7.org/fhir/administrative-gender", "female", true, true},
		{hl7 + "administrative-gender", "http://elsewhere.example", "female", false, true},
		{hl7 + "observation-status|4.0.1", "", "entered-in-error", true, true},
		{hl7 + "mimetypes", "", "text/plain", false, false},
		{hl7 + "condition-code", "http://snomed.info/sct", "38341003", false, false},
		{hl7 + "marital-status", term + "v3-MaritalStatus", "M", true, true},
		{hl7 + "marital-status", term + "v3-NullFlavor", "UNK", true, true},
		{hl7 + "marital-status", term + "v3-NullFlavor", "ASKU", false, true},
		{"http://terminology.hl7.org/ValueSet/v3-ActEncounterCode", term + "v3-ActCode", "AMB", true, true},
		{"http://terminology.hl7.org/ValueSet/v3-ActEncounterCode", term + "v3-ActCode", "_ActEncounterCode", false, true}, // excluded
		{"http://terminology.hl7.org/ValueSet/v3-ActEncounterCode", term + "v3-ActCode", "AE", false, true},
		{hl7 + "all-types", "", "Patient", true, true},
		{hl7 + "all-types", "", "HumanName", true, true},
		{hl7 + "all-types", "", "Human", false, true},
		{uscore + "us-core-narrative-status", "", "extensions", false, true},
		{uscore + "us-core-narrative-status", "", "additional", true, true},
		{uscore + "us-core-servicerequest-category", "http://hl7.org/fhir/us/core/CodeSystem/us-core-category", "sdoh", true, true},
		{uscore + "us-core-servicerequest-category", "http://snomed.info/sct", "108252007", false, false}, // listed, but withheld
		{uscore + "omb-race-category", "urn:oid:2.16.840.1.113883.6.238", "2106-3", false, false},         // a value set of VSAC
		{uscore + "us-core-vital-signs", "http://loinc.org", "8867-4", true, true},                        // by another value set
	}
	for _, tt := range tests {
		v, ok := LookupValueSet(tt.set)
		if !ok {
			t.Errorf("%s not found", tt.set)
			continue
		}
		if in, known := v.Contains(tt.system, tt.code); in != tt.in || known != tt.known {
			t.Errorf("%s: Contains(%q, %q) = %v, %v; want %v, %v", tt.set, tt.system, tt.code, in, known, tt.in, tt.known)
		}
	}
}

func TestExpansion(t *testing.T) {
	v, _ := LookupValueSet("http://hl7.org/fhir/ValueSet/administrative-gender")
	codes, complete := v.Expansion()
	if !complete || len(codes) != 4 || codes[0].Code != "male" || codes[0].Display != "Male" {
		t.Errorf("administrative-gender: %v, complete %v", codes, complete)
	}
	marital, _ := LookupValueSet("http://hl7.org/fhir/ValueSet/marital-status")
	codes, _ = marital.Expansion()
	i := slices.IndexFunc(codes, func(c Coding) bool { return c.Code == "UNK" })
	if i < 0 || codes[i].Display != "unknown" {
		t.Errorf("a listed code takes its system's display: %v", codes)
	}
}

// TestEveryValueSet resolves every value set and looks each of its codes up again.
func TestEveryValueSet(t *testing.T) {
	for _, url := range ValueSetURLs() {
		v, _ := LookupValueSet(url)
		codes, _ := v.Expansion()
		for _, c := range codes {
			if in, known := v.Contains(c.System, c.Code); !in || !known {
				t.Errorf("%s: %s|%s is in the expansion, but Contains says %v, %v", url, c.System, c.Code, in, known)
			}
			if c.Code == "" || c.System == "" {
				t.Errorf("%s: %+v", url, c)
			}
		}
	}
	for _, url := range CodeSystemURLs() {
		s, _ := LookupCodeSystem(url)
		if len(s.Concepts) == 0 {
			t.Errorf("%s has no concepts", url)
		}
		for i := range s.Concepts {
			if c, ok := s.Lookup(s.Concepts[i].Code); !ok || c != &s.Concepts[i] {
				t.Errorf("%s: %q cannot be looked up", url, s.Concepts[i].Code)
			}
		}
	}
}

// TestRequiredBindings says which required bindings of R4's own types cannot be checked here.
func TestRequiredBindings(t *testing.T) {
	unchecked := map[string]string{
		"http://hl7.org/fhir/ValueSet/currencies": "ISO 4217 is not in the definitions",
		"http://hl7.org/fhir/ValueSet/mimetypes":  "media types are open",
		"http://hl7.org/fhir/ValueSet/ucum-units": "UCUM is a grammar",
		"http://loinc.org/vs/LL379-9":             "an answer list of LOINC",
	}
	for _, name := range typeIndex().keys {
		typ, _ := LookupType(name)
		for _, e := range typ.Elements {
			if e.Binding == nil || e.Binding.Strength != "required" {
				continue
			}
			complete := false
			if v, ok := LookupValueSet(e.Binding.ValueSet); ok {
				_, complete = v.Expansion()
			}
			if reason := unchecked[e.Binding.ValueSet]; complete != (reason == "") {
				t.Errorf("%s: %s: complete %v, reason %q", e.Path, e.Binding.ValueSet, complete, reason)
			}
		}
	}
}

// TestLicensedCodesAreAbsent looks for codes of systems that must not be handed on.
func TestLicensedCodesAreAbsent(t *testing.T) {
	for _, url := range ValueSetURLs() {
		v, _ := LookupValueSet(url)
		codes, _ := v.Expansion()
		for _, c := range codes {
			for _, licensed := range []string{"snomed", "ama-assn", "ada.org", "nucc.org", "nubc.org", "sid/icd-10|"} {
				if strings.Contains(c.System+"|", licensed) {
					t.Errorf("%s holds %s|%s", url, c.System, c.Code)
				}
			}
		}
	}
}

func BenchmarkContains(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		v, _ := LookupValueSet("http://hl7.org/fhir/ValueSet/observation-status")
		if in, _ := v.Contains("", "final"); !in {
			b.Fatal("not in")
		}
	}
}
