package xml_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/fhir/xml"
)

const examples = "../../../shared/data/fhir-r4-examples"

// eachExample runs f on the examples of the specification with the extension; it skips where they are not
// installed, but not in continuous integration.
func eachExample(t *testing.T, ext string, f func(t *testing.T, path string, raw []byte)) {
	t.Helper()
	if _, err := os.Stat(examples); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("the examples are missing: %v", err)
		}
		t.Skip("the examples of the specification are not installed beside the repository (shared/data)")
	}
	err := filepath.WalkDir(examples, func(path string, d fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ext {
			return err
		}
		raw, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		t.Run(filepath.Base(path), func(t *testing.T) { f(t, path, raw) })
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// tree is a document as nested maps and lists, numbers by their digits, the order of properties aside.
func tree(n fhir.Node) any {
	switch n.Kind() {
	case fhir.Object:
		m := map[string]any{}
		for c := range n.Children() {
			m[c.Key()] = tree(c)
		}
		return m
	case fhir.Array:
		l := []any{}
		for c := range n.Children() {
			l = append(l, tree(c))
		}
		return l
	case fhir.Number:
		return "number " + n.Text()
	case fhir.String:
		return n.Text()
	}
	return n.Kind().String() + n.Text()
}

// TestExamplesRoundTrip writes every JSON example as XML and reads it back: nothing may change but the
// order of properties.
func TestExamplesRoundTrip(t *testing.T) {
	eachExample(t, ".json", func(t *testing.T, _ string, raw []byte) {
		r, err := fhir.Parse(raw)
		if err != nil {
			t.Skipf("the example is not acceptable JSON: %v", err)
		}
		text, err := xml.Write(r)
		if err != nil {
			t.Fatal(err)
		}
		back, err := xml.Read(text)
		if err != nil {
			t.Fatalf("%v\n%.2000s", err, text)
		}
		if diff := cmp.Diff(tree(r.Root()), tree(back.Root())); diff != "" {
			t.Error(diff)
		}
		again, err := xml.Write(back)
		if err != nil || string(again) != string(text) {
			t.Errorf("the second XML differs: %v", err)
		}
	})
}

// TestXMLExamples reads every XML example and compares it with the same example in JSON, where there is
// one.
func TestXMLExamples(t *testing.T) {
	read, compared := 0, 0
	eachExample(t, ".xml", func(t *testing.T, path string, raw []byte) {
		r, err := xml.Read(raw)
		if err != nil {
			t.Fatal(err)
		}
		read++
		text, err := xml.Write(r)
		if err != nil {
			t.Fatal(err)
		}
		back, err := xml.Read(text)
		if err != nil {
			t.Fatal(err)
		}
		if string(back.Bytes()) != string(r.Bytes()) {
			t.Errorf("round trip:\n%s\n%s", r.Bytes(), back.Bytes())
		}
		name := strings.TrimSuffix(filepath.Base(path), ".xml") + ".json"
		other, err := os.ReadFile(filepath.Join(examples, r.Type(), name))
		if err != nil {
			return
		}
		want, err := fhir.Parse(other)
		if err != nil {
			return
		}
		compared++
		a, b := tree(want.Root()), tree(r.Root())
		forget(a)
		forget(b)
		if diff := cmp.Diff(a, b); diff != "" {
			t.Errorf("JSON (-) and XML (+): %s", diff)
		}
	})
	if read == 0 {
		t.Error("no XML example was read")
	}
	t.Logf("%d read, %d compared with JSON", read, compared)
}

// forget drops what the publishers wrote differently in the two forms: meta and narratives.
func forget(v any) {
	switch v := v.(type) {
	case map[string]any:
		delete(v, "meta")
		if _, narrative := v["text"].(map[string]any); narrative {
			delete(v, "text")
		}
		for _, c := range v {
			forget(c)
		}
	case []any:
		for _, c := range v {
			forget(c)
		}
	}
}

func TestRead(t *testing.T) {
	const in = `<?xml version="1.0"?><!-- c --><f:Patient xmlns:f="http://hl7.org/fhir" xmlns:h="http://www.w3.org/1999/xhtml">
 <f:id value="a"/>
 <f:text><f:status value="generated"/><h:div class="x"><h:p>1 &lt; 2 &amp; "q"<h:br/></h:p></h:div></f:text>
 <f:contained><f:Basic><f:id value="b"/></f:Basic></f:contained>
 <f:extension url="http://q" id="e1"><f:valueDecimal value="1.50"/></f:extension>
 <f:active value="true"/>
 <f:name id="n1"><f:given value="A"/><f:given id="g2"><f:extension url="http://x"><f:valueString value="line&#10;two"/></f:extension></f:given></f:name>
 <f:multipleBirthInteger value="2"/>
</f:Patient>`
	const want = `{"resourceType":"Patient","id":"a","text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\" class=\"x\"><p>1 &lt; 2 &amp; \"q\"<br/></p></div>"},` +
		`"contained":[{"resourceType":"Basic","id":"b"}],"extension":[{"url":"http://q","id":"e1","valueDecimal":1.50}],"active":true,` +
		`"name":[{"id":"n1","given":["A",null],"_given":[null,{"id":"g2","extension":[{"url":"http://x","valueString":"line\ntwo"}]}]}],"multipleBirthInteger":2}`
	r, err := xml.Read([]byte(in))
	if err != nil {
		t.Fatal(err)
	}
	if got := string(r.Bytes()); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	text, err := xml.Write(r)
	if err != nil {
		t.Fatal(err)
	}
	back, err := xml.Read(text)
	if err != nil || cmp.Diff(tree(back.Root()), tree(r.Root())) != "" {
		t.Errorf("round trip: %v %s", err, text)
	}
}

func TestReadRefuses(t *testing.T) {
	patient := func(inner string) string { return `<Patient xmlns="http://hl7.org/fhir">` + inner + `</Patient>` }
	for _, c := range []struct{ name, in, reason string }{
		{"empty", "", "ends in the middle"},
		{"cut off", `<Patient xmlns="http://hl7.org/fhir">`, "not well-formed"},
		{"document type", `<!DOCTYPE Patient [<!ENTITY x SYSTEM "file:///etc/passwd">]>` + patient(`<id value="&x;"/>`), "document types"},
		{"entity", patient(`<id value="&x;"/>`), "not well-formed"},
		{"processing instruction", `<?php x?>` + patient(""), "processing instructions"},
		{"other namespace", `<Patient xmlns="http://other"/>`, "namespace"},
		{"no namespace", `<Patient/>`, "namespace"},
		{"unknown type", `<Patent xmlns="http://hl7.org/fhir"/>`, "no resource type Patent"},
		{"abstract type", `<DomainResource xmlns="http://hl7.org/fhir"/>`, "no resource type"},
		{"unknown element", patient(`<colour value="x"/>`), "no element colour"},
		{"twice", patient(`<active value="true"/><active value="true"/>`), "only once"},
		{"apart", patient(`<name><text value="a"/></name><active value="true"/><name><text value="b"/></name>`), "stand together"},
		{"text", patient(`<active>true</active>`), "attributes called value"},
		{"no boolean", patient(`<active value="1"/>`), "true or false"},
		{"no number", patient(`<multipleBirthInteger value="two"/>`), "not a number"},
		{"leading zero", patient(`<multipleBirthInteger value="02"/>`), "not a number"},
		{"empty primitive", patient(`<active/>`), "neither a value"},
		{"empty element", patient(`<name/>`), "is empty"},
		{"attribute", patient(`<name use="usual"/>`), "attribute use"},
		{"two resources", patient(`<contained><Basic/><Basic/></contained>`), "exactly one"},
		{"script elsewhere", patient(`<text><status value="generated"/><div xmlns="http://www.w3.org/1999/xhtml"><svg xmlns="http://www.w3.org/2000/svg"/></div></text>`), "not XHTML"},
		{"trailing", patient("") + "<x/>", "more after the end"},
		{"too deep", patient(strings.Repeat(`<contact xmlns="http://hl7.org/fhir">`, 80) + strings.Repeat(`</contact>`, 80)), "deeper than 64"},
		{"encoding", `<?xml version="1.0" encoding="ISO-8859-1"?>` + patient(""), "UTF-8"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := xml.Read([]byte(c.in))
			if err == nil || !strings.Contains(err.Error(), c.reason) {
				t.Errorf("got %v, want %q", err, c.reason)
			}
		})
	}
}

func TestWriteRefuses(t *testing.T) {
	for _, c := range []struct{ name, in, reason string }{
		{"unknown element", `{"resourceType":"Patient","colour":"red"}`, "no element colour"},
		{"unknown type", `{"resourceType":"Patent"}`, "no such resource type"},
		{"control character", `{"resourceType":"Patient","language":"a\u0001"}`, "cannot hold"},
		{"bad narrative", `{"resourceType":"Patient","text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\"></div><script/>"}}`, "narrative"},
		{"wrong kind", `{"resourceType":"Patient","name":["x"]}`, "object must stand"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, err := fhir.Parse([]byte(c.in))
			if err != nil {
				t.Fatal(err)
			}
			if _, err := xml.Write(r); err == nil || !strings.Contains(err.Error(), c.reason) {
				t.Errorf("got %v, want %q", err, c.reason)
			}
		})
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(`<Patient xmlns="http://hl7.org/fhir"><id value="a"/><text><status value="generated"/><div xmlns="http://www.w3.org/1999/xhtml"><p>a</p></div></text><name><given value="x"/></name></Patient>`))
	f.Add([]byte(`<Observation xmlns="http://hl7.org/fhir"><valueQuantity><value value="1.50"/></valueQuantity><issued id="x"/></Observation>`))
	f.Fuzz(func(t *testing.T, src []byte) {
		r, err := xml.Read(src)
		if err != nil {
			return
		}
		text, err := xml.Write(r)
		if err != nil {
			t.Fatalf("what was read cannot be written: %v\n%s", err, r.Bytes())
		}
		back, err := xml.Read(text)
		if err != nil {
			t.Fatalf("what was written cannot be read: %v\n%s", err, text)
		}
		if diff := cmp.Diff(tree(r.Root()), tree(back.Root())); diff != "" {
			t.Error(diff)
		}
	})
}
