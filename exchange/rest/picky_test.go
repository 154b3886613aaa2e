package rest

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// PUT with If-None-Match: * makes a resource and never replaces one (RFC 9110, 13.1.2).
func TestIfNoneMatchOfAChange(t *testing.T) {
	s := newSite(t)
	doc := func(gender string) string { return `{"resourceType":"Patient","id":"p","gender":"` + gender + `"}` }
	const star = "If-None-Match: *"
	s.ask("clinician", "PUT", "/fhir/Patient/p", doc("male"), star).status(201)
	s.ask("clinician", "PUT", "/fhir/Patient/p", doc("female"), star).says(412, "exists already")
	if got := s.ask("clinician", "GET", "/fhir/Patient/p", "").doc(); got.Get("gender").Text() != "male" {
		t.Errorf("it was replaced: %s", got.Bytes())
	}
	put := `{"request":{"method":"PUT","url":"Patient/p","ifNoneMatch":"*"},"resource":` + doc("female") + `}`
	s.ask("clinician", "POST", "/fhir", bundleOf("transaction", put)).says(412, "exists already")
	s.ask("clinician", "PUT", "/fhir/Patient?_id=p", doc("female"), star).says(412)
	s.ask("clinician", "DELETE", "/fhir/Patient/p", "").status(204)
	s.ask("clinician", "PUT", "/fhir/Patient/p", doc("other"), star).status(201)
	// What cannot be heeded is refused, not overlooked.
	s.ask("clinician", "PUT", "/fhir/Patient/p", doc("male"), `If-None-Match: W/"3"`).says(400, "If-None-Match")
	s.ask("clinician", "PUT", "/fhir/Patient/p", doc("male"), star, `If-Match: W/"3"`).says(400, "If-None-Match")
	s.ask("clinician", "DELETE", "/fhir/Patient/p", "", star).says(400, "If-None-Match")
	s.ask("clinician", "PATCH", "/fhir/Patient/p", `[]`, "Content-Type: application/json-patch+json", star).says(400, "If-None-Match")
}

// The history tells the request that would make each version again: a resource that was deleted comes back under its id.
func TestHistoryOfWhatCameBack(t *testing.T) {
	s := newSite(t)
	id := s.create(ana)
	s.clock.Advance(time.Hour)
	s.ask("clinician", "DELETE", "/fhir/Patient/"+id, "").status(204)
	s.clock.Advance(time.Hour)
	s.ask("clinician", "PUT", "/fhir/Patient/"+id, strings.Replace(ana, `"Patient",`, `"Patient","id":"`+id+`",`, 1)).status(201)
	var got []string
	for _, e := range s.ask("clinician", "GET", "/fhir/Patient/"+id+"/_history", "").bundle().Entry {
		got = append(got, e.Request.Method+" "+e.Request.URL+" "+e.Response.Status)
	}
	if want := "PUT Patient/" + id + " 201, DELETE Patient/" + id + " 204, POST Patient 201"; strings.Join(got, ", ") != want {
		t.Errorf("%s, want %s", strings.Join(got, ", "), want)
	}
}

// _summary=count of a history is the number of versions alone.
func TestHistoryCounted(t *testing.T) {
	s := newSite(t)
	id := s.create(ana)
	s.ask("clinician", "PUT", "/fhir/Patient/"+id, strings.Replace(ana, `"Patient",`, `"Patient","active":true,"id":"`+id+`",`, 1)).status(200)
	b := s.ask("clinician", "GET", "/fhir/Patient/"+id+"/_history?_summary=count&_count=1", "").status(200).bundle()
	if b.Total == nil || *b.Total != 2 || len(b.Entry) != 0 || b.LinkTo("next") != "" {
		t.Errorf("%+v", b)
	}
	s.ask("clinician", "GET", "/fhir/Patient/_history?_summary=count", "").says(400, "one resource")
}

// A modifier that is not known may not be ignored, whatever the handling: the search would find something else. (R4
// search.html#modifiers)
func TestUnknownModifiersAreRefused(t *testing.T) {
	s := newSite(t)
	s.create(ana)
	for _, query := range []string{
		"Patient?family:nonsense=x", "Patient?birthdate:exact=2000", "Patient?identifier:exact=x", "Patient?general-practitioner:exact=x", "Patient?_id:exact=x",
		"Patient?_lastUpdated:exact=2026", "Observation?value-quantity:exact=1", "Observation?code-value-quantity:exact=1$1", "Observation?subject:Patient.family:nonsense=x",
		"Patient?_has:Observation:subject:code:nonsense=x", "Patient?_content:exact=x",
	} {
		s.ask("clinician", "GET", "/fhir/"+query, "").says(400, "not-supported")
		s.ask("clinician", "GET", "/fhir/"+query, "", "Prefer: handling=strict").says(400, "not-supported")
	}
	// A parameter that is not known is ignored, with a word of warning, unless strict handling is asked for.
	b := s.ask("clinician", "GET", "/fhir/Patient?nonsense:exact=x", "").status(200).bundle()
	if len(b.Entry) != 2 || b.Entry[1].Search.Mode != "outcome" || !strings.Contains(string(b.Entry[1].Resource.Raw()), "nonsense") || strings.Contains(b.LinkTo("self"), "nonsense") {
		t.Errorf("%s", b.LinkTo("self"))
	}
	s.ask("clinician", "GET", "/fhir/Patient?nonsense:exact=x", "", "Prefer: handling=strict").says(400)
}

// No two entries of a transaction may be about one resource (R4 http.html#trules), not even where one of them finds nothing.
func TestTransactionMeansEachOnce(t *testing.T) {
	s := newSite(t)
	const p = `{"resourceType":"Patient","id":"p"}`
	put, remove := entry("PUT", "Patient/p", p), entry("DELETE", "Patient/p", "")
	patch := entry("PATCH", "Patient/p", `{"resourceType":"Parameters"}`)
	for name, b := range map[string][]string{
		"made and deleted": {put, remove}, "deleted and made": {remove, put}, "made twice": {put, put}, "deleted twice": {remove, remove},
	} {
		got := s.ask("clinician", "POST", "/fhir", bundleOf("transaction", b...))
		if got.Code != 400 || !strings.Contains(got.Body.String(), "twice") {
			t.Errorf("%s: %d %s", name, got.Code, got.Body)
		}
	}
	s.ask("clinician", "POST", "/fhir", bundleOf("transaction", put)).status(200)
	for name, b := range map[string][]string{"deleted and made": {remove, put}, "made and patched": {put, patch}, "by its name and by a condition": {put, entry("DELETE", "Patient?_id=p", "")}} {
		got := s.ask("clinician", "POST", "/fhir", bundleOf("transaction", b...))
		if got.Code != 400 || !strings.Contains(got.Body.String(), "twice") {
			t.Errorf("%s: %d %s", name, got.Code, got.Body)
		}
	}
	if n := s.ask("clinician", "GET", "/fhir/Patient/p/_history", "").bundle().Total; *n != 1 {
		t.Errorf("%d versions", *n)
	}
}

// HEAD in a Bundle is answered as GET is, without the resource.
func TestHeadInABundle(t *testing.T) {
	s := newSite(t)
	id := s.create(ana)
	for _, typ := range []string{"batch", "transaction"} {
		b := s.ask("clinician", "POST", "/fhir", bundleOf(typ, entry("HEAD", "Patient/"+id, ""), entry("HEAD", "Patient?_id="+id, ""), entry("GET", "Patient/"+id, ""), entry("HEAD", "Patient/absent", ""))).status(200).bundle()
		for i, want := range []string{`200 OK W/"1" false`, `200 OK  false`, `200 OK W/"1" true`, `404 Not Found  false`} {
			e := b.Entry[i]
			if got := fmt.Sprint(e.Response.Status, " ", e.Response.ETag, " ", e.Resource.Exists()); got != want {
				t.Errorf("%s: entry %d: %s, want %s", typ, i, got, want)
			}
		}
	}
}
