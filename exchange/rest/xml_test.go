package rest

import (
	"encoding/base64"
	"slices"
	"strings"
	"testing"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/fhir/xml"
)

// xml reads an answer that must be XML.
func (r reply) xml() *fhir.Resource {
	r.t.Helper()
	if typ := r.Header().Get("Content-Type"); typ != "application/fhir+xml; charset=utf-8" {
		r.t.Fatalf("Content-Type %q: %s", typ, r.Body)
	}
	d, err := xml.Read(r.Body.Bytes())
	if err != nil {
		r.t.Fatalf("the answer is not FHIR in XML: %v: %s", err, r.Body)
	}
	return d
}

func toXML(t testing.TB, doc string) string {
	t.Helper()
	b, err := xml.Write(fhir.Open([]byte(doc)))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

const asksXML, sendsXML = "Accept: application/fhir+xml", "Content-Type: application/fhir+xml"

func TestFormats(t *testing.T) {
	for _, c := range []struct {
		accept, query string
		xml           bool
	}{
		{"", "", false},
		{"*/*", "", false},
		{"application/fhir+xml", "", true},
		{"text/xml", "", true},
		{"application/xml; charset=utf-8", "", true},
		{"application/fhir+json, application/fhir+xml", "", false},
		{"application/fhir+xml, application/fhir+json", "", true},
		{"application/fhir+json;q=0.5, application/fhir+xml;q=0.9", "", true},
		{"application/fhir+xml;fhirVersion=4.0", "", true},
		{"application/fhir+xml;fhirVersion=3.0, application/fhir+json", "", false},
		{"text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "", true},
		{"application/fhir+json", "?_format=xml", true},
		{"application/fhir+json", "?_format=application/fhir%2Bxml", true},
		{"application/fhir+json", "?_format=application/fhir+xml", true},
		{"application/fhir+xml", "?_format=json", false},
	} {
		s := newSite(t)
		got := s.ask("clinician", "GET", "/fhir/metadata"+c.query, "", "Accept: "+c.accept).status(200)
		if is := strings.HasPrefix(got.Header().Get("Content-Type"), "application/fhir+xml"); is != c.xml {
			t.Errorf("Accept %q, %q: %s", c.accept, c.query, got.Header().Get("Content-Type"))
		}
	}
}

func TestXMLInAndOut(t *testing.T) {
	s := newSite(t)
	made := s.ask("clinician", "POST", "/fhir/Patient", toXML(t, ana), sendsXML, asksXML).status(201).xml()
	path := "/fhir/Patient/" + made.ID()
	read := s.ask("clinician", "GET", path, "").status(200)
	inXML := s.ask("clinician", "GET", path+"?_format=xml", "").status(200)
	if string(inXML.xml().Bytes()) != read.Body.String() {
		t.Errorf("as XML %s\nas JSON %s", inXML.xml().Bytes(), read.Body)
	}
	if etag := inXML.Header().Get("Etag"); etag != `W/"1"` {
		t.Errorf("ETag %s", etag)
	}
	head := s.ask("clinician", "HEAD", path, "", asksXML).status(200)
	if head.Body.Len() != 0 || head.Header().Get("Content-Type") != "application/fhir+xml; charset=utf-8" {
		t.Errorf("HEAD: %v, %d bytes", head.Header(), head.Body.Len())
	}
	// Digits and narratives stay as they are.
	obs := s.ask("clinician", "POST", "/fhir/Observation", toXML(t, observation(made.ID(), "70.50")), sendsXML).status(201)
	if !strings.Contains(obs.Body.String(), `"value":70.50`) {
		t.Errorf("digits are lost: %s", obs.Body)
	}
	if !strings.Contains(inXML.Body.String(), `<div xmlns="http://www.w3.org/1999/xhtml">Ana</div>`) {
		t.Errorf("the narrative is lost: %s", inXML.Body)
	}
	changed := strings.Replace(string(made.Bytes()), "Ana\"", "Anna\"", 1)
	s.ask("clinician", "PUT", path, toXML(t, changed), "Content-Type: text/xml; charset=utf-8").status(200)
	if part := s.ask("clinician", "GET", path+"?_elements=gender&_format=xml", "").xml(); part.Get("name").Exists() || part.Get("gender").Text() != "female" {
		t.Errorf("_elements: %s", part.Bytes())
	}
	if n := len(mustBundle(t, s.ask("clinician", "GET", path+"/_history", "", asksXML).xml()).Entry); n != 2 {
		t.Errorf("%d versions", n)
	}
}

func mustBundle(t testing.TB, r *fhir.Resource) *fhir.Bundle {
	t.Helper()
	b, err := fhir.ReadBundle(r)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestXMLBundles(t *testing.T) {
	s := newSite(t)
	sent := `{"resourceType":"Bundle","type":"transaction","entry":[` +
		`{"fullUrl":"urn:uuid:0b1c1c1e-0000-4000-8000-000000000001","resource":` + ana + `,"request":{"method":"POST","url":"Patient","ifNoneExist":"identifier=urn:mrn|1"}},` +
		`{"resource":{"resourceType":"Observation","status":"final","code":{"text":"x"},"subject":{"reference":"urn:uuid:0b1c1c1e-0000-4000-8000-000000000001"}},"request":{"method":"POST","url":"Observation"}},` +
		`{"request":{"method":"GET","url":"Patient?identifier=urn:mrn|1"}}]}`
	b := mustBundle(t, s.ask("clinician", "POST", "/fhir", toXML(t, sent), sendsXML, asksXML).status(200).xml())
	if b.Type != "transaction-response" || len(b.Entry) != 3 || b.Entry[1].Response.Status != "201 Created" || b.Entry[2].Resource.Get("total").Text() != "1" {
		t.Errorf("%+v", b)
	}
	batch := mustBundle(t, s.ask("clinician", "POST", "/fhir", toXML(t, strings.Replace(sent, "transaction", "batch", 1)), sendsXML, asksXML).status(200).xml())
	if batch.Entry[1].Response.Status[:3] != "422" || batch.Entry[1].Response.Outcome == nil {
		t.Errorf("entries of a batch stand alone, but one refers to another: %+v", batch.Entry[1])
	}
	if batch.Type != "batch-response" || batch.Entry[0].Response.Status != "200 OK" || batch.Entry[2].Resource.Get("total").Text() != "1" {
		t.Errorf("%+v", batch)
	}
	for range 4 {
		s.create(ana)
	}
	// Pages stay in the format that was asked for.
	var found []string
	for next := "/fhir/Patient?_count=2&_format=xml"; next != ""; {
		page := mustBundle(t, s.ask("clinician", "GET", next, "").status(200).xml())
		for _, e := range page.Entry {
			found = append(found, e.Resource.Get("id").Text())
		}
		next = strings.TrimPrefix(page.LinkTo("next"), "https://ehr.example")
	}
	slices.Sort(found)
	if len(slices.Compact(found)) != 5 {
		t.Errorf("%d patients on all pages", len(found))
	}
	if got := s.ask("clinician", "POST", "/fhir/Patient/_search", "gender=female&_format=xml", "Content-Type: application/x-www-form-urlencoded").status(200).xml(); got.Get("total").Text() != "5" {
		t.Errorf("posted search: %s", got.Bytes())
	}
	if got := s.ask("clinician", "GET", "/fhir/Patient/"+found[0]+"/_history?_count=1&_format=xml", "").xml(); got.Get("type").Text() != "history" {
		t.Errorf("history: %s", got.Bytes())
	}
}

func TestXMLErrors(t *testing.T) {
	s := newSite(t)
	for name, c := range map[string]struct {
		body string
		want int
	}{
		"not well formed": {`<Patient xmlns="http://hl7.org/fhir">`, 400},
		"document type":   {`<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><Patient xmlns="http://hl7.org/fhir"><id value="&e;"/></Patient>`, 400},
		"unknown element": {`<Patient xmlns="http://hl7.org/fhir"><colour value="red"/></Patient>`, 400},
		"no namespace":    {`<Patient><gender value="female"/></Patient>`, 400},
		"invalid":         {`<Patient xmlns="http://hl7.org/fhir"><gender value="unheard-of"/></Patient>`, 422},
		"JSON":            {ana, 400},
		"empty":           {` `, 400},
	} {
		got := s.ask("clinician", "POST", "/fhir/Patient", c.body, sendsXML, asksXML).status(c.want).xml()
		if got.Type() != "OperationOutcome" {
			t.Errorf("%s: a %s", name, got.Type())
		}
	}
	for name, got := range map[string]reply{
		"absent":      s.ask("clinician", "GET", "/fhir/Patient/absent", "", asksXML).status(404),
		"no address":  s.ask("clinician", "GET", "/fhir/a/b/c/d/e", "", asksXML).status(404),
		"nobody":      s.ask("", "GET", "/fhir/Patient", "", asksXML).status(401),
		"not allowed": s.ask("frontdesk", "GET", "/fhir/Observation/x", "", asksXML).status(403),
	} {
		if got.xml().Type() != "OperationOutcome" {
			t.Errorf("%s: %s", name, got.Body)
		}
	}
}

func TestXMLPatch(t *testing.T) {
	s := newSite(t)
	path := "/fhir/Patient/" + s.create(ana)
	const media = "Content-Type: application/xml-patch+xml"
	got := s.ask("clinician", "PATCH", path, `<diff xmlns="http://hl7.org/fhir"><replace sel="f:Patient/f:gender/@value">other</replace></diff>`, media).status(200)
	if got.doc().Get("gender").Text() != "other" || got.Header().Get("Etag") != `W/"2"` {
		t.Errorf("patched: %s", got.Body)
	}
	// A FHIRPath Patch in XML.
	params := `{"resourceType":"Parameters","parameter":[{"name":"operation","part":[{"name":"type","valueCode":"replace"},{"name":"path","valueString":"Patient.gender"},{"name":"value","valueCode":"male"}]}]}`
	if got := s.ask("clinician", "PATCH", path, toXML(t, params), sendsXML).status(200); got.doc().Get("gender").Text() != "male" {
		t.Errorf("patched: %s", got.Body)
	}
	s.ask("clinician", "PATCH", path, `<diff><remove sel="f:Patient/f:photo"/></diff>`, media).says(422, "nothing at this path")
	s.ask("clinician", "PATCH", path, `<diff><remove sel="f:Patient/f:gender"/>`, media).says(400)
	s.ask("clinician", "PATCH", path, `<diff xmlns="http://hl7.org/fhir"><replace sel="f:Patient/f:gender/@value">unheard-of</replace></diff>`, media).says(422, "gender")
	binary := `{"resourceType":"Binary","contentType":"application/xml-patch+xml","data":"` + base64.StdEncoding.EncodeToString([]byte(`<diff><remove sel="f:Patient/f:gender"/></diff>`)) + `"}`
	s.ask("clinician", "POST", "/fhir", bundleOf("transaction", entry("PATCH", strings.TrimPrefix(path, "/fhir/"), binary))).status(200)
	if got := s.ask("clinician", "GET", path, "").doc(); got.Get("gender").Exists() {
		t.Errorf("patched in a transaction: %s", got.Bytes())
	}
}
