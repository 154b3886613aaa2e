package rest

import (
	"encoding/base64"
	"strings"
	"testing"
)

func TestBinary(t *testing.T) {
	s := newSite(t)
	patient, other := s.create(ana), s.create(ana)
	const scan = "%PDF-1.7\x00\xff\xfe scanned"
	made := s.ask("clinician", "POST", "/fhir/Binary", scan, "Content-Type: application/pdf", "X-Security-Context: Patient/"+patient).status(201)
	doc := made.doc()
	if doc.Get("contentType").Text() != "application/pdf" || doc.Get("securityContext").Get("reference").Text() != "Patient/"+patient {
		t.Errorf("made %s", doc.Bytes())
	}
	path := "/fhir/Binary/" + doc.ID()
	got := s.ask("clinician", "GET", path, "", "Accept: application/pdf").status(200)
	if got.Body.String() != scan || got.Header().Get("Content-Type") != "application/pdf" || got.Header().Get("Etag") != `W/"1"` {
		t.Errorf("%v: %q", got.Header(), got.Body)
	}
	for name, want := range map[string]string{"Content-Disposition": "attachment", "X-Content-Type-Options": "nosniff", "Content-Security-Policy": "default-src 'none'; sandbox; frame-ancestors 'none'", "Cache-Control": "no-store"} {
		if got.Header().Get(name) != want {
			t.Errorf("%s: %q", name, got.Header().Get(name))
		}
	}
	if got := s.ask("clinician", "GET", path+"/_history/1", "", "Accept: application/*;q=0, application/pdf").status(200); got.Body.String() != scan {
		t.Errorf("a version: %q", got.Body)
	}
	for _, accept := range []string{"*/*", "application/fhir+json", "application/json, application/pdf", "text/html, */*"} {
		if got := s.ask("clinician", "GET", path, "", "Accept: "+accept).status(200).doc(); got.Get("data").Text() != base64.StdEncoding.EncodeToString([]byte(scan)) {
			t.Errorf("%s: %s", accept, got.Bytes())
		}
	}
	s.ask("clinician", "GET", path, "", "Accept: image/png").says(406)
	s.ask("clinician", "GET", "/fhir/Patient/"+patient, "", "Accept: application/pdf").says(406)
	s.ask("clinician", "GET", "/fhir/Binary/absent", "", "Accept: application/pdf").says(404)
	if s.ask("clinician", "PUT", path, "<svg/>", "Content-Type: image/svg+xml").status(200).doc().Get("contentType").Text() != "image/svg+xml" {
		t.Error("not replaced")
	}
	if got := s.ask("clinician", "GET", path, "", "Accept: image/*").status(200); got.Body.String() != "<svg/>" || !strings.Contains(got.Header().Get("Content-Security-Policy"), "sandbox") {
		t.Errorf("%v: %q", got.Header(), got.Body)
	}
	// What another site's page could make a browser send is not taken.
	for _, media := range []string{"text/plain", "multipart/form-data; boundary=x", "application/x-www-form-urlencoded", ""} {
		s.ask("clinician", "POST", "/fhir/Binary", "x", "Content-Type: "+media).says(415)
	}
	s.ask("clinician", "POST", "/fhir/Patient", scan, "Content-Type: application/pdf").says(415)
	// It is part of the record of the patient that it is about.
	again := s.ask("clinician", "POST", "/fhir/Binary", scan, "Content-Type: application/pdf", "X-Security-Context: https://ehr.example/fhir/Patient/"+patient).status(201).doc().ID()
	s.ask("Patient/"+other, "GET", "/fhir/Binary/"+again, "", "Accept: application/pdf").says(404)
	if got := s.ask("Patient/"+patient, "GET", "/fhir/Binary/"+again, "", "Accept: application/pdf").status(200); got.Body.String() != scan {
		t.Errorf("the patient's own: %q", got.Body)
	}
}
