package patch

import (
	"errors"
	"strings"
	"testing"

	"github.com/osler-ehr/osler/fhir"
)

// The cases of the official suite are about any XML, not about resources.
func TestOfficialXMLPatch(t *testing.T) {
	root, err := readXML(readSuite(t, "xml-patch-tests.xml"))
	if err != nil {
		t.Fatal(err)
	}
	child := func(n *xmlNode, name string) *xmlNode {
		for _, c := range n.children {
			if c.kind == xmlElement && c.name == name {
				return c
			}
		}
		return nil
	}
	only := func(n *xmlNode) *xmlNode {
		for _, c := range n.children {
			if c.kind == xmlElement {
				return c
			}
		}
		return nil
	}
	ran := 0
	for _, c := range root.children {
		if c.kind != xmlElement {
			continue
		}
		ran++
		t.Run(c.attrs[0].value, func(t *testing.T) {
			wrong := child(c, "error") != nil
			doc := only(child(c, "target"))
			ops, err := xmlOperations(child(c, "patch").bytes())
			for i := range ops {
				if doc == nil {
					err = errors.New("there is no document")
				}
				if err == nil {
					err = ops[i].apply(doc)
				}
			}
			if wrong {
				if err == nil {
					t.Fatalf("an error was expected, got %s", doc.bytes())
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got, want := string(doc.bytes()), string(only(child(c, "patched")).bytes()); got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
		})
	}
	if ran < 25 {
		t.Errorf("only %d cases", ran)
	}
}

const xmlPatient = `{"resourceType":"Patient","id":"p","text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\">Ana <b>Müller</b></div>"},"name":[{"use":"official","family":"Müller","given":["Ana","Maria"]},{"use":"maiden","family":"Weber"}],"gender":"female","multipleBirthInteger":2}`

func TestXML(t *testing.T) {
	r := fhir.Open([]byte(xmlPatient))
	for name, c := range map[string]struct {
		ops  string
		want string // in the result
	}{
		"replace a value":     {`<replace sel="f:Patient/f:gender/@value">male</replace>`, `"gender":"male"`},
		"by a child's value":  {`<replace sel="f:Patient/f:name[f:use/@value='maiden']/f:family/@value">Schulz</replace>`, `{"use":"maiden","family":"Schulz"}`},
		"by place":            {`<remove sel="/f:Patient/f:name[1]/f:given[2]"/>`, `"given":["Ana"]}`},
		"by value":            {`<remove sel="f:Patient/f:name/f:given[@value=&quot;Ana&quot;]"/>`, `"given":["Maria"]}`},
		"add behind":          {`<add sel="f:Patient/f:gender" pos="after"><birthDate value="1980-02-03"/></add>`, `"gender":"female","birthDate":"1980-02-03"`},
		"add before":          {`<add sel="f:Patient/f:name[1]/f:given[1]" pos="before"><given value="First"/></add>`, `"given":["First","Ana","Maria"]`},
		"add at the end":      {`<add sel="f:Patient/f:name[1]"><given value="Last"/></add>`, `"given":["Ana","Maria","Last"]`},
		"add at the start":    {`<add sel="f:Patient/f:name[2]" pos="prepend"><colour value="x"/></add>`, ``},
		"replace an element":  {`<replace sel="f:Patient/f:multipleBirthInteger"><multipleBirthBoolean value="true"/></replace>`, `"multipleBirthBoolean":true`},
		"in the narrative":    {`<replace sel="f:Patient/f:text/h:div/h:b"><b xmlns="http://www.w3.org/1999/xhtml">Schulz</b></replace>`, `Ana <b>Schulz</b>`},
		"an attribute":        {`<add sel="f:Patient/f:name[1]" type="@id">n1</add>`, `"id":"n1"`},
		"several, in order":   {`<remove sel="f:Patient/f:name[1]"/><remove sel="f:Patient/f:name[1]"/>`, `</div>"},"gender"`},
		"any name":            {`<remove sel="f:Patient/*[@value='female']"/>`, `"multipleBirthInteger":2`},
		"a prefix of its own": {`<remove xmlns:x="http://hl7.org/fhir" sel="x:Patient/x:gender"/>`, `Weber"}],"multiple`},
	} {
		got, err := XML(r, []byte(`<diff xmlns="http://hl7.org/fhir">`+c.ops+`</diff>`))
		if c.want == "" {
			if err == nil {
				t.Errorf("%s: an unacceptable result was accepted: %s", name, got.Bytes())
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", name, err)
		} else if !strings.Contains(string(got.Bytes()), c.want) {
			t.Errorf("%s: %s does not hold %s", name, got.Bytes(), c.want)
		}
	}
	if string(r.Bytes()) != xmlPatient {
		t.Error("the document itself was changed")
	}
	for ops, malformed := range map[string]bool{
		``: true, `<x`: true, `<diff/>`: true, `<diff>text</diff>`: true, `<diff><move sel="a"/></diff>`: true, `<diff><remove/></diff>`: true,
		`<!DOCTYPE a [<!ENTITY b "c">]><diff><remove sel="f:Patient/f:gender"/></diff>`:              true,
		`<diff><remove sel="f:Patient/f:gender">x</remove></diff>`:                                   true,
		`<diff><remove sel="x:Patient"/></diff>`:                                                     true,
		`<diff><remove sel="f:Patient/f:name[last()]"/></diff>`:                                      true,
		`<diff><remove sel="f:Patient//f:given"/></diff>`:                                            true,
		`<diff><remove sel="f:Patient/@id/f:x"/></diff>`:                                             true,
		`<diff><remove sel="f:Patient/f:name['"/></diff>`:                                            true,
		`<diff><add sel="f:Patient" pos="inside"><gender/></add></diff>`:                             true,
		`<diff><add sel="f:Patient" type="element">x</add></diff>`:                                   true,
		`<diff><replace sel="f:Patient/f:gender"><a/><b/></replace></diff>`:                          true,
		`<diff><remove sel="f:Patient"/></diff>`:                                                     false,
		`<diff><remove sel="f:Patient/f:name"/></diff>`:                                              false,
		`<diff><remove sel="f:Patient/f:birthDate"/></diff>`:                                         false,
		`<diff><remove sel="f:Observation"/></diff>`:                                                 false,
		`<diff><add sel="f:Patient/f:gender" type="@value">male</add></diff>`:                        false,
		`<diff><add sel="f:Patient" pos="after"><Patient xmlns="http://hl7.org/fhir"/></add></diff>`: false,
	} {
		got, err := XML(r, []byte(ops))
		var e *Error
		if !errors.As(err, &e) || e.Malformed != malformed {
			t.Errorf("%s: %v, %v; want malformed=%v", ops, got, err, malformed)
		}
	}
}

func FuzzXML(f *testing.F) {
	f.Add(`<diff xmlns="http://hl7.org/fhir"><replace sel="f:Patient/f:gender/@value">male</replace></diff>`)
	f.Add(`<diff><add sel="f:Patient/f:name[f:use/@value='maiden'][1]" pos="before"><name/></add></diff>`)
	f.Add(`<a><remove sel="*/*[1]/text()[2]"/><!-- c --></a>`)
	r := fhir.Open([]byte(xmlPatient))
	f.Fuzz(func(t *testing.T, ops string) {
		got, err := XML(r, []byte(ops))
		if err == nil && got.Type() != "Patient" {
			t.Errorf("a %s", got.Type())
		}
	})
}
