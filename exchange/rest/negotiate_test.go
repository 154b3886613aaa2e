package rest

import (
	"strings"
	"testing"
)

// The weights of RFC 9110: the most specific range that fits a format says how much it is wanted.
func TestAccepted(t *testing.T) {
	for _, tt := range []struct {
		lines []string
		want  format
	}{
		{nil, asJSON},
		{[]string{""}, asJSON},
		{[]string{"*/*"}, asJSON},
		{[]string{"application/*"}, asJSON},
		{[]string{"application/fhir+xml"}, asXML},
		{[]string{"Application/FHIR+XML"}, asXML},
		{[]string{"application/fhir+xml;q=0.5, application/fhir+json;q=0.4"}, asXML},
		{[]string{"application/fhir+xml;q=0.4, application/fhir+json;q=0.5"}, asJSON},
		{[]string{"application/fhir+xml, application/fhir+json"}, asXML},
		{[]string{"application/fhir+json, application/fhir+xml"}, asJSON},
		{[]string{"application/fhir+json", "application/fhir+xml;q=0.9"}, asJSON},
		{[]string{"application/fhir+json;q=0.1", "application/fhir+xml"}, asXML},
		{[]string{"application/fhir+json;q=0.1, application/json"}, asJSON},
		{[]string{"application/fhir+json;q=0.1, application/json;q=0.2, application/xml;q=0.15"}, asJSON},
		// What a browser sends, and somebody who would rather have a page.
		{[]string{"text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}, asXML},
		{[]string{"text/html, application/fhir+xml;q=0.9, application/fhir+json;q=0.8"}, asXML},
		{[]string{"text/html, application/fhir+xml;q=0.8, application/fhir+json;q=0.9"}, asJSON},
		{[]string{"text/html, */*;q=0.1"}, asJSON},
		{[]string{"text/html"}, noFormat},
		// A weight of 0 forbids; the more specific range holds against the wider one, wherever it stands.
		{[]string{"application/fhir+json;q=0, */*"}, asXML},
		{[]string{"*/*, application/fhir+json;q=0.0"}, asXML},
		{[]string{"*/*;q=0, application/fhir+xml"}, asXML},
		{[]string{"*/*;q=0, application/fhir+json;q=0.001"}, asJSON},
		{[]string{"application/*;q=0, */*"}, noFormat},
		{[]string{"*/*;q=0"}, noFormat},
		{[]string{"application/fhir+xml;q=0, text/csv"}, noFormat},
		{[]string{"application/fhir+xml;q=0.3, */*;q=0.5"}, asJSON},
		{[]string{"application/fhir+json;q=0.3, */*;q=0.5"}, asXML},
		// The version of FHIR.
		{[]string{"application/fhir+json; fhirVersion=4.0"}, asJSON},
		{[]string{"application/fhir+xml;fhirVersion=4.0;q=0.9, application/fhir+json;q=0.8"}, asXML},
		{[]string{"application/fhir+json; fhirVersion=3.0"}, noFormat},
		{[]string{"application/fhir+json; fhirVersion=5.0, application/fhir+xml; fhirVersion=4.0; q=0.1"}, asXML},
		{[]string{"application/fhir+json; fhirVersion=5.0, */*;q=0.1"}, asJSON},
		{[]string{"application/fhir+json; charset=utf-8"}, asJSON},
		// What is no media range, or no weight, says nothing.
		{[]string{"application/fhir+xml;q=x, application/fhir+json;q=0.1"}, asJSON},
		{[]string{"application/fhir+xml;q=2, application/fhir+json;q=0.1"}, asJSON},
		{[]string{"application/fhir+xml;q=-1, application/fhir+json;q=0.1"}, asJSON},
		{[]string{"application/fhir+xml;q=NaN, application/fhir+json;q=0.1"}, asJSON},
		{[]string{", ,application/fhir+xml"}, asXML},
		{[]string{"/;;"}, noFormat},
	} {
		if got := accepted(tt.lines); got != tt.want {
			t.Errorf("%q: %d, want %d", tt.lines, got, tt.want)
		}
	}
}

func TestFormatOverridesAccept(t *testing.T) {
	s := newSite(t)
	path := "/fhir/Patient/" + s.create(ana)
	for _, tt := range []struct {
		accept, format string
		status         int
		content        string
	}{
		{"application/fhir+xml", "json", 200, fhirJSON},
		{"application/fhir+json;q=0", "application/fhir%2Bjson", 200, fhirJSON},
		{"text/turtle", "xml", 200, fhirXML},
		{"text/turtle", "application/fhir%2Bxml;fhirVersion=4.0", 200, fhirXML},
		{"text/turtle", "text/xml", 200, fhirXML},
		{"application/fhir+json", "text/turtle", 406, fhirJSON},
		{"application/fhir+json", "html", 406, fhirJSON},
		{"application/fhir+xml", "ttl", 406, fhirXML}, // the refusal itself is in what Accept asks for
		{"text/turtle", "", 406, fhirJSON},
		{"application/fhir+xml; fhirVersion=3.0", "", 406, fhirJSON},
	} {
		query := ""
		if tt.format != "" {
			query = "?_format=" + tt.format
		}
		got := s.ask("clinician", "GET", path+query, "", "Accept: "+tt.accept)
		if got.Code != tt.status || got.Header().Get("Content-Type") != tt.content+"; charset=utf-8" {
			t.Errorf("Accept %q, _format %q: %d %s", tt.accept, tt.format, got.Code, got.Header().Get("Content-Type"))
		}
		if want := "Patient"; tt.content == fhirJSON {
			if tt.status == 406 {
				want = "OperationOutcome"
			}
			if got.doc().Type() != want {
				t.Errorf("Accept %q, _format %q: %s", tt.accept, tt.format, got.Body)
			}
		}
	}
}

// Every error is an OperationOutcome in the format that was asked for, by _format as by Accept.
func TestErrorsInXML(t *testing.T) {
	s := newSite(t)
	id := s.create(ana)
	gone := s.create(ana)
	s.ask("clinician", "DELETE", "/fhir/Patient/"+gone, "").status(204)
	for _, tt := range []struct {
		who, method, path, body string
		status                  int
		headers                 []string
	}{
		{"", "GET", "/fhir/Patient/" + id, "", 401, nil},
		{"frontdesk", "GET", "/fhir/Observation/x", "", 403, nil},
		{"clinician", "GET", "/fhir/Patient/absent", "", 404, nil},
		{"clinician", "GET", "/fhir/Nonsense/1", "", 404, nil},
		{"clinician", "GET", "/fhir/a/b/c/d/e/f", "", 404, nil},
		{"clinician", "PUT", "/fhir/metadata", "", 405, nil},
		{"clinician", "GET", "/fhir/Patient/" + gone, "", 410, nil},
		{"clinician", "GET", "/fhir/Patient?nonsense=1", "", 400, []string{"Prefer: handling=strict"}},
		{"clinician", "PUT", "/fhir/Patient/" + id, strings.Replace(ana, `"Patient",`, `"Patient","id":"`+id+`",`, 1), 412, []string{`If-Match: W/"9"`}},
		{"clinician", "POST", "/fhir/Patient", "{", 400, nil},
		{"clinician", "POST", "/fhir/Patient", `{"resourceType":"Patient","gender":"x"}`, 422, nil},
		{"clinician", "POST", "/fhir/Patient", ana, 415, []string{"Content-Type: text/plain"}},
		{"clinician", "POST", "/fhir", bundleOf("searchset"), 400, nil},
	} {
		query := "?"
		if strings.Contains(tt.path, "?") {
			query = "&"
		}
		for _, got := range []reply{
			s.ask(tt.who, tt.method, tt.path, tt.body, append(tt.headers, asksXML)...),
			s.ask(tt.who, tt.method, tt.path+query+"_format=xml", tt.body, append(tt.headers, "Accept: application/fhir+json")...),
		} {
			if got.Code != tt.status || got.Header().Get("Content-Type") != fhirXML+"; charset=utf-8" {
				t.Errorf("%s %s: %d %s", tt.method, tt.path, got.Code, got.Header().Get("Content-Type"))
				continue
			}
			if doc := got.xml(); doc.Type() != "OperationOutcome" || doc.Get("issue").First().Get("severity").Text() == "" {
				t.Errorf("%s %s: %s", tt.method, tt.path, got.Body)
			}
		}
	}
}
