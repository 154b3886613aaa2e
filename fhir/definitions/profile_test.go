package definitions

import (
	"slices"
	"strings"
	"testing"
)

const usCore = "http://hl7.org/fhir/us/core/StructureDefinition/"

func TestProfileVersions(t *testing.T) {
	for url, want := range map[string]string{
		usCore + "us-core-patient":                           "6.1.0",
		usCore + "us-core-patient|6.1.0":                     "6.1.0",
		usCore + "us-core-patient|7.0.0":                     "7.0.0",
		usCore + "us-core-patient|3.1.1":                     "",
		usCore + "us-core-care-experience-preference":        "7.0.0", // new there
		"http://hl7.org/fhir/StructureDefinition/vitalsigns": "4.0.1",
		"http://hl7.org/fhir/StructureDefinition/Patient":    "", // a type, not a profile
	} {
		p, ok := Profile(url)
		if !ok {
			p = &StructureProfile{}
		}
		if p.Version != want {
			t.Errorf("%s: version %q, want %q", url, p.Version, want)
		}
	}
}

func TestBloodPressure(t *testing.T) {
	p, _ := Profile(usCore + "us-core-blood-pressure")
	if p.Type != "Observation" || p.Base != usCore+"us-core-vital-signs" {
		t.Errorf("head: %+v", p)
	}
	component, _ := p.Element("Observation.component")
	if component.Min != 2 || component.Max != -1 || !component.MustSupport || component.Slicing == nil ||
		component.Slicing.Discriminators[0] != (Discriminator{"pattern", "code"}) || component.Slicing.Rules != "open" {
		t.Errorf("component: %+v", component)
	}
	systolic, _ := p.Element("Observation.component:systolic")
	if systolic.SliceName != "systolic" || systolic.Path != "Observation.component" || systolic.Min != 1 || systolic.Max != 1 {
		t.Errorf("component:systolic: %+v", systolic)
	}
	code, _ := p.Element("Observation.component:systolic.code")
	if code.SliceName != "" || code.Path != "Observation.component.code" || !strings.Contains(code.Pattern, `"8480-6"`) {
		t.Errorf("component:systolic.code: %+v", code)
	}
	unit, _ := p.Element("Observation.component:systolic.value[x].code")
	if unit.Fixed != `"mm[Hg]"` {
		t.Errorf("unit: %+v", unit)
	}
	if !slices.ContainsFunc(p.Invariants, func(i Invariant) bool { return i.Key == "vs-2" && i.Expression != "" }) {
		t.Errorf("invariants: %+v", p.Invariants)
	}
}

func TestExtensionProfile(t *testing.T) {
	race, _ := Profile(usCore + "us-core-race")
	if race.Type != "Extension" || !slices.Contains(race.Contexts, "Patient") {
		t.Errorf("race: type %s, contexts %v", race.Type, race.Contexts)
	}
	text, ok := race.Element("Extension.extension:text")
	if !ok || text.Min != 1 || text.Max != 1 || text.SliceName != "text" {
		t.Errorf("race text: %+v", text)
	}
	url, ok := race.Element("Extension.url")
	if !ok || url.Fixed != `"`+usCore+`us-core-race"` {
		t.Errorf("race url: %+v", url)
	}
	patient, _ := Profile(usCore + "us-core-patient")
	slice, _ := patient.Element("Patient.extension:race")
	if !slices.Equal(slice.Types[0].Profiles, []string{usCore + "us-core-race"}) {
		t.Errorf("Patient.extension:race: %+v", slice)
	}
}

func TestEveryProfile(t *testing.T) {
	count := 0
	for key := range profileIndex().records {
		p, ok := Profile(key)
		if !ok || p.URL == "" {
			t.Errorf("%s not found", key)
			continue
		}
		if _, ok := LookupType(p.Type); !ok {
			t.Errorf("%s: type %q", key, p.Type)
		}
		count += len(p.Elements)
		for _, e := range p.Elements {
			if e.Max != -1 && e.Max < e.Min {
				t.Errorf("%s: %s: cardinality %d..%d", key, e.ID, e.Min, e.Max)
			}
			for _, ref := range e.Types {
				if _, ok := LookupType(ref.Code); !ok {
					t.Errorf("%s: %s: type %q", key, e.ID, ref.Code)
				}
			}
		}
	}
	if count < 3000 {
		t.Errorf("only %d elements in all profiles", count)
	}
	if got := ProfileURLs("Goal"); !slices.Equal(got, []string{usCore + "us-core-goal"}) {
		t.Errorf("profiles of Goal: %v", got)
	}
}
