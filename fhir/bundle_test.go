package fhir_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/osler-ehr/osler/fhir"
)

func parse(t testing.TB, s string) *fhir.Resource {
	t.Helper()
	r, err := fhir.Parse([]byte(s))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestBundleWriterSplicesStoredBytes(t *testing.T) {
	total := 2
	w := fhir.NewBundleWriter(nil, fhir.Bundle{
		ID: "b1", Type: "searchset", Total: &total,
		Link: []fhir.BundleLink{{Relation: "self", URL: `https://x/Patient?name="a"`}},
	})
	stored := `{"resourceType":"Patient","id":"1","x":1.50}`
	score, _ := fhir.ParseDecimal("0.90")
	w.Add(fhir.BundleEntry{FullURL: "https://x/Patient/1", Search: fhir.BundleSearch{Mode: "match", Score: score}}, []byte(stored))
	w.Add(fhir.BundleEntry{FullURL: "https://x/Patient/2", Search: fhir.BundleSearch{Mode: "include"}}, []byte(`{"resourceType":"Patient","id":"2"}`))
	got := string(w.Finish())
	want := `{"resourceType":"Bundle","id":"b1","type":"searchset","total":2,"link":[{"relation":"self","url":"https://x/Patient?name=\"a\""}],"entry":[` +
		`{"fullUrl":"https://x/Patient/1","resource":` + stored + `,"search":{"mode":"match","score":0.90}},` +
		`{"fullUrl":"https://x/Patient/2","resource":{"resourceType":"Patient","id":"2"},"search":{"mode":"include"}}]}`
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestBundleWriterResponses(t *testing.T) {
	w := fhir.NewBundleWriter([]byte("kept "), fhir.Bundle{Type: "transaction-response"})
	at, _ := fhir.ParseInstant("2026-11-24T09:00:00.000Z")
	w.Add(fhir.BundleEntry{Response: fhir.BundleResponse{
		Status: "201 Created", Location: "Patient/1/_history/1", ETag: fhir.VersionETag(1), LastModified: at,
		Outcome: fhir.NewOutcome(fhir.CodeInvalid, "no").Bytes(),
	}}, nil)
	w.Add(fhir.BundleEntry{Request: fhir.BundleRequest{Method: "DELETE", URL: "Patient/2"}, Response: fhir.BundleResponse{Status: "204"}}, nil)
	got := string(w.Finish())
	want := `kept {"resourceType":"Bundle","type":"transaction-response","entry":[` +
		`{"response":{"status":"201 Created","location":"Patient/1/_history/1","etag":"W/\"1\"","lastModified":"2026-11-24T09:00:00.000Z",` +
		`"outcome":{"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"invalid","details":{"text":"no"}}]}}},` +
		`{"request":{"method":"DELETE","url":"Patient/2"},"response":{"status":"204"}}]}`
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestBundleWriterStreams(t *testing.T) {
	var sent strings.Builder
	w := fhir.NewBundleWriter(nil, fhir.Bundle{Type: "history"})
	sent.Write(w.Take())
	for range 3 {
		w.Add(fhir.BundleEntry{FullURL: "a"}, []byte(`{"resourceType":"Basic"}`))
		sent.Write(w.Take())
	}
	sent.Write(w.Finish(fhir.BundleLink{Relation: "next", URL: "n"}))
	b, err := fhir.ReadBundle(parse(t, sent.String()))
	if err != nil {
		t.Fatal(err)
	}
	if len(b.Entry) != 3 || b.LinkTo("next") != "n" || b.Type != "history" {
		t.Errorf("read back %+v", b)
	}
}

func TestEmptyBundle(t *testing.T) {
	zero := 0
	got := string(fhir.NewBundleWriter(nil, fhir.Bundle{Type: "searchset", Total: &zero}).Finish())
	if want := `{"resourceType":"Bundle","type":"searchset","total":0}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestReadBundle(t *testing.T) {
	r := parse(t, `{"resourceType":"Bundle","type":"transaction","entry":[
		{"fullUrl":"urn:uuid:1","resource":{"resourceType":"Patient","name":[{"family":"A"}]},
		 "request":{"method":"POST","url":"Patient","ifNoneExist":"identifier=s|1","ifMatch":"W/\"2\""}},
		{"request":{"method":"DELETE","url":"Patient/3"}}]}`)
	b, err := fhir.ReadBundle(r)
	if err != nil {
		t.Fatal(err)
	}
	if b.Total != nil || len(b.Entry) != 2 || b.Entry[1].Resource.Exists() {
		t.Fatalf("read %+v", b)
	}
	e := b.Entry[0]
	if e.FullURL != "urn:uuid:1" || e.Request.Method != "POST" || e.Request.IfNoneExist != "identifier=s|1" || e.Request.IfMatch != `W/"2"` {
		t.Errorf("entry %+v", e)
	}
	p := e.Resource.Resource()
	if p.Type() != "Patient" || p.Root().Path("name", "family").Text() != "A" {
		t.Errorf("the resource reads %s", p.Bytes())
	}
	if !json.Valid(p.Bytes()) || p.Root().Path("name").Location() != "Patient.name" {
		t.Errorf("the resource is not a document of its own: %s", p.Root().Path("name").Location())
	}
	if got := e.Resource.Path("name", "family").Location(); got != "Bundle.entry[0].resource.name[0].family" {
		t.Errorf("location %s", got)
	}
	start, end := p.Root().Path("name", "family").Span()
	if got := string(p.Bytes()[start:end]); got != `"A"` {
		t.Errorf("span %q", got)
	}
}

func TestReadBundleRefuses(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"another type", `{"resourceType":"Patient"}`, "a Bundle"},
		{"entry no array", `{"resourceType":"Bundle","entry":{}}`, "Bundle.entry: here an array belongs"},
		{"resource a string", `{"resourceType":"Bundle","entry":[{"resource":"x"}]}`, "Bundle.entry[0].resource: here a resource belongs"},
		{"total no number", `{"resourceType":"Bundle","total":"2"}`, "Bundle.total: here a whole number belongs"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := fhir.ReadBundle(parse(t, c.in))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}
