package rest

import (
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"
)

func TestCreateReadUpdateDelete(t *testing.T) {
	s := newSite(t)
	made := s.ask("clinician", "POST", "/fhir/Patient", ana).status(201)
	id := made.doc().ID()
	base := "https://ehr.example/fhir/Patient/" + id
	if got := made.Header().Get("Location"); got != base+"/_history/1" {
		t.Errorf("Location %q", got)
	}
	for name, want := range map[string]string{
		"Etag": `W/"1"`, "Last-Modified": "Tue, 24 Nov 2026 09:30:00 GMT", "Content-Type": "application/fhir+json; charset=utf-8",
		"Content-Length": strconv.Itoa(made.Body.Len()),
	} {
		if got := made.Header().Get(name); got != want {
			t.Errorf("%s %q, want %q", name, got, want)
		}
	}
	read := s.ask("clinician", "GET", "/fhir/Patient/"+id, "").status(200)
	if read.Body.String() != made.Body.String() || !strings.Contains(read.Body.String(), `"family":"Müller"`) {
		t.Errorf("read differs from what create answered: %s", read.Body)
	}
	head := s.ask("clinician", "HEAD", "/fhir/Patient/"+id, "").status(200)
	if head.Body.Len() != 0 || head.Header().Get("Content-Length") != strconv.Itoa(read.Body.Len()) || head.Header().Get("Etag") != `W/"1"` {
		t.Errorf("HEAD: %d bytes, headers %v", head.Body.Len(), head.Header())
	}

	s.clock.Advance(time.Hour)
	changed := strings.Replace(read.Body.String(), "1980-02-03", "1980-02-04", 1)
	put := s.ask("clinician", "PUT", "/fhir/Patient/"+id, changed, `If-Match: W/"1"`).status(200)
	if put.Header().Get("Etag") != `W/"2"` || put.Header().Get("Last-Modified") != "Tue, 24 Nov 2026 10:30:00 GMT" || put.Header().Get("Location") != "" {
		t.Errorf("headers of the update: %v", put.Header())
	}
	s.ask("clinician", "PUT", "/fhir/Patient/"+id, changed, `If-Match: W/"1"`).says(412, "not at version 1 any more")
	s.ask("clinician", "PUT", "/fhir/Patient/"+id, changed, `If-Match: 1`).says(400, "If-Match")
	s.ask("clinician", "PUT", "/fhir/Patient/"+id, changed, `If-Match: *`).status(200)
	s.ask("clinician", "PUT", "/fhir/Patient/none", strings.Replace(changed, id, "none", 1), `If-Match: *`).says(412, "does not exist")
	s.ask("clinician", "DELETE", "/fhir/Patient/none", "", `If-Match: *`).says(412, "does not exist")
	s.ask("clinician", "GET", "/fhir/Patient/none", "").status(404)

	first := s.ask("clinician", "GET", "/fhir/Patient/"+id+"/_history/1", "").status(200)
	if first.Body.String() != read.Body.String() || first.Header().Get("Etag") != `W/"1"` {
		t.Error("version 1 is not what it was")
	}
	s.ask("clinician", "GET", "/fhir/Patient/"+id+"/_history/9", "").says(404)
	s.ask("clinician", "GET", "/fhir/Patient/"+id+"/_history/x", "").says(404)

	s.ask("clinician", "DELETE", "/fhir/Patient/"+id, "", `If-Match: W/"1"`).says(412)
	gone := s.ask("clinician", "DELETE", "/fhir/Patient/"+id, "").status(204)
	if gone.Body.Len() != 0 || gone.Header().Get("Content-Type") != "" {
		t.Errorf("delete answers %q as %q", gone.Body, gone.Header().Get("Content-Type"))
	}
	s.ask("clinician", "GET", "/fhir/Patient/"+id, "").says(410, "deleted")
	s.ask("clinician", "DELETE", "/fhir/Patient/"+id, "").status(204)
	s.ask("clinician", "DELETE", "/fhir/Patient/never-was", "").says(404)
	back := s.ask("clinician", "PUT", "/fhir/Patient/"+id, changed).status(201)
	if back.Header().Get("Etag") != `W/"4"` || back.Header().Get("Location") != base+"/_history/4" {
		t.Errorf("headers of what was brought back: %v", back.Header())
	}
}

func TestUpdateMakesResourceUnderIDOfClient(t *testing.T) {
	s := newSite(t)
	doc := strings.Replace(ana, `"Patient",`, `"Patient","id":"ana",`, 1)
	made := s.ask("clinician", "PUT", "/fhir/Patient/ana", doc).status(201)
	if made.Header().Get("Location") != "https://ehr.example/fhir/Patient/ana/_history/1" {
		t.Errorf("Location %q", made.Header().Get("Location"))
	}
	s.ask("clinician", "GET", "/fhir/Patient/ana", "").status(200)
}

func TestConditionalRead(t *testing.T) {
	s := newSite(t)
	id := s.create(ana)
	cases := []struct {
		header string
		want   int
	}{
		{`If-None-Match: W/"1"`, 304},
		{`If-None-Match: "1"`, 304},
		{`If-None-Match: W/"7", W/"1"`, 304},
		{`If-None-Match: *`, 304},
		{`If-None-Match: W/"2"`, 200},
		{`If-None-Match: nonsense`, 200},
		{`If-Modified-Since: Tue, 24 Nov 2026 09:30:00 GMT`, 304},
		{`If-Modified-Since: Tue, 24 Nov 2026 09:29:59 GMT`, 200},
		{`If-Modified-Since: Wed, 25 Nov 2026 00:00:00 GMT`, 304},
		{`If-Modified-Since: last week`, 200},
	}
	for _, c := range cases {
		for _, path := range []string{"/fhir/Patient/" + id, "/fhir/Patient/" + id + "/_history/1"} {
			got := s.ask("clinician", "GET", path, "", c.header).status(c.want)
			if got.Header().Get("Etag") != `W/"1"` {
				t.Errorf("%s: no ETag", c.header)
			}
			if c.want == 304 && got.Body.Len() > 0 {
				t.Errorf("%s: 304 with a body", c.header)
			}
		}
	}
	// If-None-Match decides alone where both are given.
	s.ask("clinician", "GET", "/fhir/Patient/"+id, "", `If-None-Match: W/"2"`, `If-Modified-Since: Wed, 25 Nov 2026 00:00:00 GMT`).status(200)
}

func TestConditionalChanges(t *testing.T) {
	s := newSite(t)
	first := s.ask("clinician", "POST", "/fhir/Patient", ana, "If-None-Exist: identifier=urn:mrn|1").status(201)
	id := first.doc().ID()
	again := s.ask("clinician", "POST", "/fhir/Patient", ana, "If-None-Exist: Patient?identifier=urn:mrn|1").status(200)
	if again.doc().ID() != id || !strings.HasSuffix(again.Header().Get("Location"), "/Patient/"+id+"/_history/1") {
		t.Errorf("the conditional create did not find the patient: %s", again.Body)
	}
	s.ask("clinician", "POST", "/fhir/Patient", ana, "If-None-Exist: nonsense=1").says(400, "nonsense")

	changed := strings.Replace(ana, "1980-02-03", "1980-02-04", 1)
	up := s.ask("clinician", "PUT", "/fhir/Patient?identifier=urn:mrn%7C1&_format=json", changed).status(200)
	if up.doc().ID() != id || up.Header().Get("Etag") != `W/"2"` {
		t.Errorf("conditional update: %s", up.Body)
	}
	other := strings.Replace(ana, `"value":"1"`, `"value":"2"`, 1)
	made := s.ask("clinician", "PUT", "/fhir/Patient?identifier=urn:mrn%7C2", other).status(201)
	if made.doc().ID() == id {
		t.Error("the conditional update changed another patient")
	}
	s.ask("clinician", "PUT", "/fhir/Patient?family=M%C3%BCller", ana).says(412, "several")
	s.ask("clinician", "PUT", "/fhir/Patient", ana).says(400, "which Patient")

	patch := `[{"op":"replace","path":"/birthDate","value":"1980-02-05"}]`
	p := s.ask("clinician", "PATCH", "/fhir/Patient?identifier=urn:mrn%7C1", patch, "Content-Type: application/json-patch+json").status(200)
	if p.doc().ID() != id || p.doc().Get("birthDate").Text() != "1980-02-05" {
		t.Errorf("conditional patch: %s", p.Body)
	}
	s.ask("clinician", "PATCH", "/fhir/Patient?identifier=urn:mrn%7C9", patch, "Content-Type: application/json-patch+json").says(404)

	s.ask("clinician", "DELETE", "/fhir/Patient?identifier=urn:mrn%7C1", "").status(204)
	s.ask("clinician", "GET", "/fhir/Patient/"+id, "").status(410)
	s.ask("clinician", "DELETE", "/fhir/Patient?identifier=urn:mrn%7C9", "").status(204)
	s.ask("clinician", "DELETE", "/fhir/Patient", "").says(400)
	s.ask("clinician", "GET", "/fhir/Patient/"+made.doc().ID(), "").status(200)
}

func TestPatch(t *testing.T) {
	s := newSite(t)
	id := s.create(ana)
	o := s.create(observation(id, "72.50"))
	path := "/fhir/Observation/" + o
	json := func(ops string, headers ...string) reply {
		return s.ask("clinician", "PATCH", path, ops, append([]string{"Content-Type: application/json-patch+json"}, headers...)...)
	}
	got := json(`[{"op":"replace","path":"/status","value":"amended"}]`, `If-Match: W/"1"`).status(200)
	if got.doc().Get("status").Text() != "amended" || !strings.Contains(got.Body.String(), `"value":72.50`) {
		t.Errorf("patched: %s", got.Body)
	}
	json(`[{"op":"replace","path":"/status","value":"final"}]`, `If-Match: W/"1"`).says(412)
	json(`{"op":"replace"}`).says(400, "array of operations")
	json(`[{"op":"replace","path":"/nothing/here","value":1}]`).says(422, "nothing")
	json(`[{"op":"test","path":"/status","value":"final"}]`).says(422)
	json(`[{"op":"remove","path":"/code"}]`).says(422, "code")
	json(`[{"op":"replace","path":"/id","value":"other"}]`).says(400, "id")
	s.ask("clinician", "PATCH", "/fhir/Observation/absent", `[]`, "Content-Type: application/json-patch+json").says(404)

	params := `{"resourceType":"Parameters","parameter":[{"name":"operation","part":[{"name":"type","valueCode":"replace"},{"name":"path","valueString":"Observation.status"},{"name":"value","valueCode":"corrected"}]}]}`
	got = s.ask("clinician", "PATCH", path, params).status(200)
	if got.doc().Get("status").Text() != "corrected" || got.Header().Get("Etag") != `W/"3"` {
		t.Errorf("patched: %s", got.Body)
	}
	s.ask("clinician", "PATCH", path, ana).says(400, "Parameters")
	s.ask("clinician", "PATCH", path, `<x/>`, "Content-Type: text/turtle").says(415, "application/json-patch+json")
}

func TestPreferReturn(t *testing.T) {
	s := newSite(t)
	id := s.ask("clinician", "POST", "/fhir/Patient", ana, "Prefer: return=minimal").status(201)
	if id.Body.Len() != 0 || id.Header().Get("Location") == "" {
		t.Errorf("minimal: %q, Location %q", id.Body, id.Header().Get("Location"))
	}
	s.ask("clinician", "POST", "/fhir/Patient", ana, "Prefer: handling=lenient, return=OperationOutcome").says(201, "saved as version 1", "information")
	if typ := s.ask("clinician", "POST", "/fhir/Patient", ana, `Prefer: return="representation"; x=y`).status(201).doc().Type(); typ != "Patient" {
		t.Errorf("representation: a %s", typ)
	}
	path := strings.TrimPrefix(id.Header().Get("Location"), "https://ehr.example")
	path, _, _ = strings.Cut(path, "/_history")
	s.ask("clinician", "DELETE", path, "", "Prefer: return=OperationOutcome").says(200, "deleted")
}

func TestHistory(t *testing.T) {
	s := newSite(t)
	id := s.create(ana)
	for i := range 4 {
		s.clock.Advance(time.Hour)
		doc := strings.Replace(ana, `"Patient",`, `"Patient","id":"`+id+`",`, 1)
		s.ask("clinician", "PUT", "/fhir/Patient/"+id, strings.Replace(doc, "1980", strconv.Itoa(1981+i), 1)).status(200)
	}
	s.clock.Advance(time.Hour)
	s.ask("clinician", "DELETE", "/fhir/Patient/"+id, "").status(204)

	b := s.ask("clinician", "GET", "/fhir/Patient/"+id+"/_history", "").status(200).bundle()
	if b.Type != "history" || len(b.Entry) != 6 {
		t.Fatalf("history of type %s with %v, %d entries", b.Type, b.Total, len(b.Entry))
	}
	for i, want := range []struct{ method, url, status, etag string }{
		{"DELETE", "Patient/" + id, "204", `W/"6"`}, {"PUT", "Patient/" + id, "200", `W/"5"`}, {"PUT", "Patient/" + id, "200", `W/"4"`},
		{"PUT", "Patient/" + id, "200", `W/"3"`}, {"PUT", "Patient/" + id, "200", `W/"2"`}, {"POST", "Patient", "201", `W/"1"`},
	} {
		e := b.Entry[i]
		if e.Request.Method != want.method || e.Request.URL != want.url || e.Response.Status != want.status || e.Response.ETag != want.etag {
			t.Errorf("entry %d: %+v %+v", i, e.Request, e.Response)
		}
		if e.Resource.Exists() == (want.method == "DELETE") {
			t.Errorf("entry %d: resource there: %v", i, e.Resource.Exists())
		}
		if e.FullURL != "https://ehr.example/fhir/Patient/"+id {
			t.Errorf("entry %d: fullUrl %s", i, e.FullURL)
		}
	}

	// Page by page it is the same.
	next, seen := "/fhir/Patient/"+id+"/_history?_count=2", 0
	for pages := 0; next != ""; pages++ {
		page := s.ask("clinician", "GET", next, "").status(200).bundle()
		for _, e := range page.Entry {
			if e.Response.ETag != b.Entry[seen].Response.ETag {
				t.Errorf("page %d: %s, want %s", pages, e.Response.ETag, b.Entry[seen].Response.ETag)
			}
			seen++
		}
		next = strings.TrimPrefix(page.LinkTo("next"), "https://ehr.example")
		if pages > 5 {
			t.Fatal("no end of pages")
		}
	}
	if seen != 6 {
		t.Errorf("%d versions on all pages", seen)
	}
	for path, want := range map[string]int{
		"/fhir/Patient/" + id + "/_history?_since=2026-11-24T12:00:00Z": 3,
		"/fhir/Patient/" + id + "/_history?_at=2026-11-24T12:00:00Z":    1,
		"/fhir/Patient/_history":     6,
		"/fhir/_history":             6,
		"/fhir/Observation/_history": 0,
	} {
		if got := s.ask("clinician", "GET", path, "").status(200).bundle(); len(got.Entry) != want {
			t.Errorf("%s: %d entries, want %d", path, len(got.Entry), want)
		}
	}
	if at := s.ask("clinician", "GET", "/fhir/Patient/"+id+"/_history?_at=2026-11-24T12:00:00Z", "").bundle(); at.Entry[0].Response.ETag != `W/"3"` {
		t.Errorf("at noon: %s", at.Entry[0].Response.ETag)
	}
	s.ask("clinician", "GET", "/fhir/Patient/absent/_history", "").says(404)
	s.ask("clinician", "GET", "/fhir/Patient/"+id+"/_history?_since=yesterday", "").says(400, "_since")
	s.ask("clinician", "GET", "/fhir/Patient/"+id+"/_history?_count=x", "").says(400, "_count")
	s.ask("clinician", "GET", "/fhir/Patient/"+id+"/_history?_page=x", "").says(400, "page")
}

func TestMethodsAndAddresses(t *testing.T) {
	s := newSite(t)
	cases := []struct {
		method, path string
		status       int
		allow        string
	}{
		{"GET", "/fhir/Nonsense/1", 404, ""},
		{"GET", "/fhir/Nonsense", 404, ""},
		{"GET", "/fhir/patient/1", 404, ""},
		{"GET", "/fhir/Patient/1/_history/2/x", 404, ""},
		{"GET", "/fhir/a/b/c/d/e/f", 404, ""},
		{"GET", "/fhir/_nonsense", 404, ""},
		{"GET", "/fhir/$nonsense", 404, ""},
		{"GET", "/fhir/Patient/$nonsense", 404, ""},
		{"POST", "/fhir/metadata", 405, "GET, OPTIONS"},
		{"POST", "/fhir/Patient/1", 405, "GET, PUT, PATCH, DELETE"},
		{"PUT", "/fhir", 405, "GET, POST"},
		{"TRACE", "/fhir/Patient/1", 405, "GET, PUT, PATCH, DELETE"},
		{"GET", "/fhir/Medication/1/Observation", 404, ""},
		{"GET", "/fhir/Patient/1/Practitioner", 404, ""},
	}
	for _, c := range cases {
		got := s.ask("clinician", c.method, c.path, "")
		got.says(c.status)
		if allow := got.Header().Get("Allow"); allow != c.allow {
			t.Errorf("%s %s: Allow %q, want %q", c.method, c.path, allow, c.allow)
		}
	}
	options := s.ask("clinician", "OPTIONS", "/fhir/Patient/1", "").status(http.StatusNoContent)
	if options.Header().Get("Allow") != "GET, PUT, PATCH, DELETE" {
		t.Errorf("OPTIONS: Allow %q", options.Header().Get("Allow"))
	}
}

func TestNegotiation(t *testing.T) {
	s := newSite(t)
	id := s.create(ana)
	path := "/fhir/Patient/" + id
	for _, c := range []struct {
		accept, query string
		want          int
	}{
		{"application/fhir+json", "", 200},
		{"application/json", "", 200},
		{"text/html, */*;q=0.1", "", 200},
		{"application/fhir+json; fhirVersion=4.0", "", 200},
		{"application/fhir+json; fhirVersion=3.0", "", 406},
		{"application/fhir+turtle", "", 406},
		{"application/fhir+xml;q=0, text/csv", "", 406},
		{"application/fhir+xml", "?_format=json", 200},
		{"application/fhir+json", "?_format=turtle", 406},
		{"", "?_format=application/fhir+json", 200},
		{"", "?_format=application/fhir%2Bjson", 200},
		{"", "?_format=", 200},
	} {
		header := []string{}
		if c.accept != "" {
			header = append(header, "Accept: "+c.accept)
		}
		got := s.ask("clinician", "GET", path+c.query, "", header...)
		if got.Code != c.want {
			t.Errorf("Accept %q, %q: %d, want %d", c.accept, c.query, got.Code, c.want)
		}
		got.doc()
	}
	for _, c := range []struct {
		headers []string
		want    int
	}{
		{[]string{"Content-Type: application/fhir+json; charset=UTF-8"}, 201},
		{[]string{"Content-Type: application/json"}, 201},
		{[]string{"Content-Type: application/fhir+json; fhirVersion=4.0"}, 201},
		{[]string{"Content-Type: application/fhir+json; fhirVersion=3.0"}, 415},
		{[]string{"Content-Type: application/fhir+json; charset=utf-16"}, 415},
		{[]string{"Content-Type: application/fhir+turtle"}, 415},
		{[]string{"Content-Type: "}, 415},
		{[]string{"Content-Encoding: gzip"}, 415},
	} {
		got := s.ask("clinician", "POST", "/fhir/Patient", ana, c.headers...)
		if got.Code != c.want {
			t.Errorf("%v: %d, want %d: %s", c.headers, got.Code, c.want, got.Body)
		}
		got.doc()
	}
	pretty := s.ask("clinician", "GET", path+"?_pretty=true", "").status(200)
	if !strings.Contains(pretty.Body.String(), "\n  \"id\": \"") || pretty.Header().Get("Content-Length") != strconv.Itoa(pretty.Body.Len()) {
		t.Errorf("pretty: %s", pretty.Body)
	}
}
