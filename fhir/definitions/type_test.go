package definitions

import (
	"math/bits"
	"slices"
	"sync"
	"testing"
)

func TestResourceTypes(t *testing.T) {
	types := ResourceTypes()
	if len(types) != 146 {
		t.Errorf("R4 has 146 concrete resource types; got %d", len(types))
	}
	if !slices.IsSorted(types) {
		t.Error("not sorted")
	}
	for _, name := range []string{"DomainResource", "Resource", "Element", "HumanName", "SubscriptionStatus"} {
		if slices.Contains(types, name) || IsResourceType(name) {
			t.Errorf("%s is not a concrete R4 resource type", name)
		}
	}
	if !IsResourceType("Patient") || IsResourceType("patient") || IsResourceType("") {
		t.Error("IsResourceType must know Patient, exactly so written")
	}
}

// TestEveryType reads every record, follows every type, binding and content reference, and checks what the walk relies on.
func TestEveryType(t *testing.T) {
	if n := len(typeIndex().keys); n != 211 {
		t.Errorf("R4 has 211 types, the two constrained quantities included; got %d", n)
	}
	for _, name := range typeIndex().keys {
		typ, ok := LookupType(name)
		if !ok || typ.Name != name {
			t.Fatalf("%s: not found", name)
		}
		if _, ok := LookupType(typ.Base); !ok && typ.Base != "" {
			t.Errorf("%s: base type %q does not exist", name, typ.Base)
		}
		for i := range typ.Elements {
			e := &typ.Elements[i]
			if found, ok := typ.Element(e.Path); !ok || found != e {
				t.Errorf("%s: cannot be found by its path", e.Path)
			}
			if e.Max != -1 && e.Max < e.Min {
				t.Errorf("%s: cardinality %d..%d", e.Path, e.Min, e.Max)
			}
			if len(e.Types) == 0 {
				if _, ok := typ.Element(e.ContentReference); !ok {
					t.Errorf("%s: neither type nor content reference", e.Path)
				}
			}
			for _, ref := range e.Types {
				if _, ok := LookupType(ref.Code); !ok && typ.Kind != Primitive {
					t.Errorf("%s: type %q does not exist", e.Path, ref.Code)
				}
				for _, target := range ref.Targets {
					if !IsResourceType(target) {
						t.Errorf("%s: target %q is not a resource type", e.Path, target)
					}
				}
			}
			for _, inv := range e.Invariants {
				if inv.Key == "" || inv.Expression == "" || inv.Human == "" {
					t.Errorf("%s: invariant without key, expression or words: %+v", e.Path, inv)
				}
			}
		}
		walk(t, typ.Fields(), name, 0)
	}
}

func walk(t *testing.T, f *Fields, path string, depth int) {
	if f == nil || depth > 3 {
		return
	}
	if len(f.Elements) > 64 {
		t.Errorf("%s: %d elements do not fit the bits of Required", path, len(f.Elements))
	}
	if f.Required>>len(f.Elements) != 0 {
		t.Errorf("%s: Required has bits beyond its %d elements", path, len(f.Elements))
	}
	for name, p := range f.byName {
		if f.Elements[p.Ordinal] != p.Element {
			t.Errorf("%s.%s: ordinal does not lead to its element", path, name)
		}
		if nested := p.Fields(); nested == nil && p.Type != "Resource" {
			t.Errorf("%s.%s: no fields", path, name)
		} else {
			walk(t, nested, path+"."+name, depth+1)
		}
	}
}

func TestPatient(t *testing.T) {
	patient, _ := LookupType("Patient")
	if patient.Kind != Resource || patient.Base != "DomainResource" || patient.Abstract {
		t.Errorf("head: %v %q %v", patient.Kind, patient.Base, patient.Abstract)
	}
	name, ok := patient.Element("Patient.contact.name")
	if !ok || name.Name != "name" || name.Max != 1 || name.Types[0].Code != "HumanName" {
		t.Errorf("Patient.contact.name: %+v", name)
	}
	gender, _ := patient.Element("Patient.gender")
	if b := gender.Binding; b == nil || b.Strength != "required" || b.ValueSet != "http://hl7.org/fhir/ValueSet/administrative-gender" {
		t.Errorf("Patient.gender: binding %+v", gender.Binding)
	}
	contact, _ := patient.Element("Patient.contact")
	if len(contact.Invariants) != 1 || contact.Invariants[0].Key != "pat-1" {
		t.Errorf("Patient.contact: invariants %+v", contact.Invariants)
	}
	active, _ := patient.Element("Patient.active")
	if !active.Modifier || !active.Summary {
		t.Error("Patient.active is a modifier and in the summary")
	}
}

func TestChild(t *testing.T) {
	tests := []struct {
		typ, path, name string
		element, code   string // element "" when there is no such child
	}{
		{"Observation", "Observation", "valueQuantity", "Observation.value", "Quantity"},
		{"Observation", "Observation", "valueCodeableConcept", "Observation.value", "CodeableConcept"},
		{"Observation", "Observation", "value", "", ""},
		{"Observation", "Observation", "valueAddress", "", ""},
		{"Observation", "Observation", "id", "Observation.id", "id"},
		{"Observation", "Observation.valueQuantity", "value", "Quantity.value", "decimal"},
		{"Observation", "Observation.component", "referenceRange", "Observation.component.referenceRange", "BackboneElement"},
		{"Observation", "Observation.component.referenceRange", "low", "Observation.referenceRange.low", "Quantity"},
		{"Questionnaire", "Questionnaire.item.item.item", "linkId", "Questionnaire.item.linkId", "string"},
		{"Patient", "Patient.contact.name", "family", "HumanName.family", "string"},
		{"Patient", "Patient.name.period", "start", "Period.start", "dateTime"},
		{"Patient", "Patient.name.nickname", "x", "", ""},
		{"Patient", "Patient", "Name", "", ""},
		{"Patient", "Patient", "deceasedBoolean", "Patient.deceased", "boolean"},
		{"Bundle", "Bundle.entry", "resource", "Bundle.entry.resource", "Resource"},
		{"Extension", "Extension", "valueUnsignedInt", "Extension.value", "unsignedInt"},
		{"Extension", "Extension", "url", "Extension.url", "uri"},
		{"Timing", "Timing.repeat", "boundsPeriod", "Timing.repeat.bounds", "Period"},
		{"string", "string", "extension", "string.extension", "Extension"},
		{"string", "string", "value", "", ""},
	}
	for _, tt := range tests {
		typ, _ := LookupType(tt.typ)
		e, code, ok := typ.Child(tt.path, tt.name)
		if ok != (tt.element != "") {
			t.Errorf("%s / %s: found %v", tt.path, tt.name, ok)
			continue
		}
		if ok && (e.Path != tt.element || code != tt.code) {
			t.Errorf("%s / %s: got %s of type %s, want %s of type %s", tt.path, tt.name, e.Path, code, tt.element, tt.code)
		}
	}
}

func TestTargetsAndProfiles(t *testing.T) {
	obs, _ := LookupType("Observation")
	subject, _ := obs.Element("Observation.subject")
	if want := []string{"Patient", "Group", "Device", "Location"}; !slices.Equal(subject.Types[0].Targets, want) {
		t.Errorf("Observation.subject: targets %v, want %v", subject.Types[0].Targets, want)
	}
	if focus, _ := obs.Element("Observation.focus"); focus.Types[0].Targets != nil {
		t.Errorf("Observation.focus may point at anything; got %v", focus.Types[0].Targets)
	}
	low, _, _ := obs.Child("Observation.referenceRange", "low")
	if !slices.Equal(low.Types[0].Profiles, []string{"SimpleQuantity"}) {
		t.Errorf("Observation.referenceRange.low: profiles %v", low.Types[0].Profiles)
	}
	comparator, _, _ := obs.Child("Observation.referenceRange.low", "comparator")
	if comparator == nil || comparator.Max != 0 {
		t.Errorf("a SimpleQuantity has no comparator: %+v", comparator)
	}
}

func TestRequired(t *testing.T) {
	obs, _ := LookupType("Observation")
	var names []string
	for m := obs.Fields().Required; m != 0; m &= m - 1 {
		names = append(names, obs.Fields().Elements[bits.TrailingZeros64(m)].Name)
	}
	if !slices.Equal(names, []string{"status", "code"}) {
		t.Errorf("an Observation must have status and code; got %v", names)
	}
}

func TestConcurrentFirstUse(t *testing.T) {
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for _, name := range []string{"Claim", "Immunization", "Encounter", "Extension"} {
				typ, _ := LookupType(name)
				if _, ok := typ.Fields().Lookup("extension"); !ok {
					t.Error(name)
				}
			}
			vs, _ := LookupValueSet("http://hl7.org/fhir/ValueSet/observation-status")
			if in, _ := vs.Contains("", "final"); !in {
				t.Error("final")
			}
		})
	}
	wg.Wait()
}

func BenchmarkLookup(b *testing.B) {
	obs, _ := LookupType("Observation")
	f := obs.Fields()
	b.ReportAllocs()
	for b.Loop() {
		p, _ := f.Lookup("valueQuantity")
		if _, ok := p.Fields().Lookup("value"); !ok {
			b.Fatal("not found")
		}
	}
}
