package rest

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"github.com/osler-ehr/osler/fhir"
)

// entry writes a Bundle entry.
func entry(method, url, resource string, more ...string) string {
	out := `{"request":{"method":"` + method + `","url":"` + url + `"`
	full := ""
	for _, m := range more {
		name, value, _ := strings.Cut(m, ": ")
		if name == "fullUrl" {
			full = `,"fullUrl":"` + value + `"`
			continue
		}
		out += `,"` + name + `":"` + strings.ReplaceAll(value, `"`, `\"`) + `"`
	}
	out += `}` + full
	if resource != "" {
		out += `,"resource":` + resource
	}
	return out + `}`
}

func bundleOf(typ string, entries ...string) string {
	return `{"resourceType":"Bundle","type":"` + typ + `","entry":[` + strings.Join(entries, ",") + `]}`
}

// statuses are those of the entries of an answer.
func (r reply) statuses() string {
	r.t.Helper()
	var out []string
	for _, e := range r.status(200).bundle().Entry {
		out = append(out, e.Response.Status[:3])
	}
	return strings.Join(out, " ")
}

func TestTransactionInAnyOrder(t *testing.T) {
	s := newSite(t)
	// The observation refers to a patient that only a later entry makes, and by a search to a practitioner.
	s.create(`{"resourceType":"Practitioner","identifier":[{"system":"urn:npi","value":"7"}]}`)
	obs := strings.Replace(observation("X", "1.50"), `"Patient/X"`, `"urn:uuid:5f0e4a3c-0000-4000-8000-000000000001"`, 1)
	obs = strings.Replace(obs, `"status"`, `"performer":[{"reference":"Practitioner?identifier=urn:npi|7"}],"status"`, 1)
	for _, base := range []string{"/fhir", "/fhir/"} {
		got := s.ask("clinician", "POST", base, bundleOf("transaction",
			entry("GET", "Patient?identifier=urn:mrn|1&_summary=count", ""),
			entry("POST", "Observation", obs),
			entry("POST", "Patient", ana, "fullUrl: urn:uuid:5f0e4a3c-0000-4000-8000-000000000001", "ifNoneExist: identifier=urn:mrn|1"),
		), "Prefer: return=representation")
		want := "200 201 201"
		if base == "/fhir/" {
			want = "200 201 200" // the patient is there by now
		}
		if got.statuses() != want {
			t.Fatalf("%s: %s: %s", base, got.statuses(), got.Body)
		}
		b := got.bundle()
		if b.Type != "transaction-response" {
			t.Errorf("a %s", b.Type)
		}
		patient := b.Entry[2].Resource.Resource().ID()
		o := b.Entry[1].Resource.Resource()
		if ref := o.Get("subject").Get("reference").Text(); ref != "Patient/"+patient {
			t.Errorf("the observation is about %s, the patient is %s", ref, patient)
		}
		if !strings.HasPrefix(o.Get("performer").First().Get("reference").Text(), "Practitioner/") {
			t.Errorf("the performer is not resolved: %s", o.Bytes())
		}
		if loc := b.Entry[1].Response.Location; loc != "https://ehr.example/fhir/Observation/"+o.ID()+"/_history/1" || b.Entry[1].Response.ETag != `W/"1"` || b.Entry[1].Response.LastModified.IsZero() {
			t.Errorf("response: %+v", b.Entry[1].Response)
		}
		// Reads see the record as it is after the changes.
		if total := b.Entry[0].Resource.Get("total").Text(); total != "1" {
			t.Errorf("the search in the transaction counted %s", total)
		}
	}
}

func TestTransactionAllOrNothing(t *testing.T) {
	s := newSite(t)
	id := s.create(ana)
	cases := map[string]struct {
		bad    string
		status int
		words  []string
	}{
		"invalid":         {entry("POST", "Observation", `{"resourceType":"Observation"}`), 422, []string{"entry 1", "Bundle.entry[1]"}},
		"stale":           {entry("PUT", "Patient/"+id, strings.Replace(ana, `"Patient",`, `"Patient","id":"`+id+`",`, 1), `ifMatch: W/"9"`), 412, []string{"entry 1"}},
		"id differs":      {entry("PUT", "Patient/"+id, strings.Replace(ana, `"Patient",`, `"Patient","id":"other",`, 1)), 400, []string{"entry 1", "id"}},
		"type differs":    {entry("POST", "Observation", ana), 400, []string{"entry 1"}},
		"no method":       {`{"request":{"url":"Patient"}}`, 400, []string{"entry 1"}},
		"no request":      {`{}`, 400, []string{"entry 1"}},
		"no resource":     {entry("POST", "Patient", ""), 400, []string{"entry 1", "missing"}},
		"elsewhere":       {entry("GET", "https://other.example/fhir/Patient/1", ""), 400, []string{"entry 1"}},
		"nested":          {entry("POST", "", `{"resourceType":"Bundle","type":"batch"}`), 400, nil},
		"wrong method":    {entry("POST", "Patient/1", ana), 405, []string{"entry 1", "PUT"}},
		"no such address": {entry("GET", "Patient/1/2/3/4/5", ""), 404, []string{"entry 1"}},
		"unknown type":    {entry("GET", "Nonsense/1", ""), 404, []string{"Nonsense"}},
		"dangling":        {entry("POST", "Observation", observation("absent", "1")), 422, []string{"entry 1"}},
		"same fullUrl":    {entry("POST", "Patient", ana, "fullUrl: urn:uuid:a"), 400, []string{"same fullUrl"}},
		"after a read":    {entry("GET", "Patient/"+id, "") + "," + entry("POST", "Observation", `{"resourceType":"Observation"}`), 422, []string{"entry 2", "Bundle.entry[2]"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			s.t = t
			before := s.ask("clinician", "GET", "/fhir/_history", "").status(200).Body.String()
			got := s.ask("clinician", "POST", "/fhir", bundleOf("transaction", entry("POST", "Patient", ana, "fullUrl: urn:uuid:a"), c.bad))
			got.says(c.status, c.words...)
			if after := s.ask("clinician", "GET", "/fhir/_history", "").Body.String(); after != before {
				t.Error("a transaction that failed changed the record")
			}
		})
	}
}

func TestTransactionChanges(t *testing.T) {
	s := newSite(t)
	a, b := s.create(ana), s.create(strings.Replace(ana, `"value":"1"`, `"value":"2"`, 1))
	o := s.create(observation(a, "1.0"))
	ops := `[{"op":"replace","path":"/status","value":"amended"}]`
	patch := `{"resourceType":"Binary","contentType":"application/json-patch+json","data":"` + base64.StdEncoding.EncodeToString([]byte(ops)) + `"}`
	fhirpath := `{"resourceType":"Parameters","parameter":[{"name":"operation","part":[{"name":"type","valueCode":"replace"},{"name":"path","valueString":"Patient.birthDate"},{"name":"value","valueDate":"1999-01-01"}]}]}`
	got := s.ask("clinician", "POST", "/fhir", bundleOf("transaction",
		entry("GET", "Observation/"+o, ""),
		entry("PATCH", "Observation/"+o, patch, `ifMatch: W/"1"`),
		entry("PATCH", "Patient?identifier=urn:mrn|1", fhirpath),
		entry("DELETE", "Patient/"+b, ""),
		entry("DELETE", "Patient?identifier=urn:mrn|99", ""),
		entry("GET", "Observation/"+o, "", `ifNoneMatch: W/"2"`),
	))
	if got.statuses() != "200 200 200 204 204 304" {
		t.Fatalf("%s: %s", got.statuses(), got.Body)
	}
	e := got.bundle().Entry
	if e[1].Resource.Exists() || e[1].Response.ETag != `W/"2"` {
		t.Errorf("a change in a bundle answers with the resource only when asked: %+v", e[1])
	}
	if e[0].Resource.Get("status").Text() != "amended" {
		t.Error("the read does not see the patch")
	}
	s.ask("clinician", "GET", "/fhir/Patient/"+b, "").status(410)
	if d := s.ask("clinician", "GET", "/fhir/Patient/"+a, "").doc().Get("birthDate").Text(); d != "1999-01-01" {
		t.Errorf("birthDate %s", d)
	}
}

func TestBatchEntriesStandAlone(t *testing.T) {
	s := newSite(t)
	id := s.create(ana)
	got := s.ask("clinician", "POST", "/fhir", bundleOf("batch",
		entry("GET", "Patient/"+id, ""),
		entry("GET", "https://ehr.example/fhir/Patient/"+id+"/_history/1", ""),
		entry("GET", "Patient/absent", ""),
		entry("POST", "Observation", `{"resourceType":"Observation"}`),
		entry("POST", "Observation", observation(id, "1.0")),
		entry("GET", "Observation?patient="+id, ""),
		entry("GET", "Patient/"+id+"/_history", ""),
		entry("GET", "Patient/"+id+"/$everything", ""),
		entry("POST", "Observation/_search", ""),
		entry("PUT", "Patient?identifier=urn:mrn|1", ana),
		entry("DELETE", "Patient/absent", ""),
		`{}`,
		entry("GET", "metadata", ""),
		entry("GET", "Patient/"+id+"?_elements=birthDate", ""),
	))
	if got.statuses() != "200 200 404 422 201 200 200 200 400 200 204 400 200 200" {
		t.Fatalf("%s: %s", got.statuses(), got.Body)
	}
	b := got.bundle()
	if b.Type != "batch-response" || b.Entry[5].Resource.Get("type").Text() != "searchset" || b.Entry[5].Resource.Get("total").Text() != "1" {
		t.Errorf("the search: %s", b.Entry[5].Resource.Raw())
	}
	for _, i := range []int{2, 3, 8, 11} {
		o := fhir.Open(b.Entry[i].Response.Outcome)
		if o.Type() != "OperationOutcome" || b.Entry[i].Resource.Exists() {
			t.Errorf("entry %d has no outcome: %s", i, b.Entry[i].Response.Outcome)
		}
	}
	if b.Entry[13].Resource.Get("name").Exists() || !b.Entry[13].Resource.Get("birthDate").Exists() {
		t.Errorf("_elements in a batch: %s", b.Entry[13].Resource.Raw())
	}
}

func TestBundleRefused(t *testing.T) {
	s := newSite(t)
	s.ask("clinician", "POST", "/fhir", ana).says(400, "Bundle")
	s.ask("clinician", "POST", "/fhir", `{"resourceType":"Bundle","type":"document"}`).says(400, "batch or transaction")
	s.ask("clinician", "POST", "/fhir", `{"resourceType":"Bundle","type":"batch","entry":{}}`).says(400, "entry")
	s.ask("clinician", "POST", "/fhir", `{"resourceType":"Bundle","type":"batch","entry":[7]}`).says(400, "entry")
	many := make([]string, maxEntries+1)
	for i := range many {
		many[i] = "{}"
	}
	s.ask("clinician", "POST", "/fhir", bundleOf("batch", many...)).says(413, fmt.Sprint(maxEntries))
	if got := s.ask("clinician", "POST", "/fhir", bundleOf("batch")).status(200).bundle(); len(got.Entry) != 0 || got.Type != "batch-response" {
		t.Errorf("an empty batch: %+v", got)
	}
}
