package main

import (
	"slices"
	"strings"
	"testing"
)

func TestAlternatives(t *testing.T) {
	got := alternatives("A.x | (B.y as Quantity) | C.z.where(a | b) | D[0]")
	want := []string{"A.x", "(B.y as Quantity)", "C.z.where(a | b)", "D[0]"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestNarrow(t *testing.T) {
	p := &searchParameter{Base: []string{"Condition", "Observation"}, Expression: "Condition.code | (Observation.value as CodeableConcept) | Observation.code"}
	for base, want := range map[string]string{
		"Condition":   "Condition.code",
		"Observation": "(Observation.value as CodeableConcept) | Observation.code",
		"Resource":    p.Expression,
	} {
		if got := narrow(p, base); got != want {
			t.Errorf("%s: got %q, want %q", base, got, want)
		}
	}
}

func TestTableLine(t *testing.T) {
	table := &table{}
	table.line("=a", "one\n two", "", "x\ty", "", "")
	table.line("=b", "")
	if got, want := table.String(), "=a\tone two\t\tx y\n=b\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestXML reads a profile in XML and writes its record.
func TestXML(t *testing.T) {
	const bundle = `<Bundle xmlns="http://hl7.org/fhir"><entry><resource><StructureDefinition>
<text><div xmlns="http://www.w3.org/1999/xhtml"><p>prose</p></div></text>
<url value="http://example.org/p"/><version value="1"/><name value="P"/><kind value="resource"/><type value="Basic"/><derivation value="constraint"/>
<baseDefinition value="http://hl7.org/fhir/StructureDefinition/Basic"/>
<snapshot><element id="Basic"><path value="Basic"/><min value="0"/><max value="*"/></element>
<element id="Basic.code"><path value="Basic.code"/><min value="1"/><max value="1"/><type><code value="CodeableConcept"/></type>
<patternCodeableConcept><coding><system value="http://s"/><code value="a"/></coding></patternCodeableConcept><mustSupport value="true"/></element>
<element id="Basic.extension:x"><path value="Basic.extension"/><sliceName value="x"/><min value="0"/><max value="1"/>
<type><code value="Extension"/><profile value="http://example.org/x"/></type></element>
</snapshot></StructureDefinition></resource></entry></Bundle>`
	in := &input{}
	if err := resourcesOf(strings.NewReader(bundle), in.addXML); err != nil {
		t.Fatal(err)
	}
	if len(in.Structures) != 1 {
		t.Fatalf("%d structures", len(in.Structures))
	}
	out := &table{}
	writeProfile(out, &in.Structures[0], core{})
	want := "=http://example.org/p\t1\tP\tBasic\thttp://hl7.org/fhir/StructureDefinition/Basic\n" +
		"code\t1..1\tCodeableConcept\tM\t\t~{\"coding\":[{\"system\":\"http://s\",\"code\":\"a\"}]}\n" +
		"extension:x\t0..1\tExtension<http://example.org/x>\n"
	if out.String() != want {
		t.Errorf("got\n%s\nwant\n%s", out.String(), want)
	}
}

// TestWithheldCodes: a value set keeps the name of a licensed system and none of its codes.
func TestWithheldCodes(t *testing.T) {
	out := &table{}
	s := conceptSet{System: "http://snomed.info/sct", Concept: []struct{ Code, Display string }{{"38341003", "Hypertension"}}}
	writeConceptSet(out, "+", s, nil)
	if got := out.String(); got != "+http://snomed.info/sct\t~\n" {
		t.Errorf("got %q", got)
	}
}
