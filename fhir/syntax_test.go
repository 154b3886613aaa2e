package fhir_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/osler-ehr/osler/fhir"
)

func TestParseRefuses(t *testing.T) {
	for _, c := range []struct{ name, in, path, reason string }{
		{"empty", ``, "", "ends in the middle"},
		{"not an object", `[]`, "", "is a JSON object"},
		{"no type", `{"id":"a"}`, "resourceType", "missing"},
		{"trailing bytes", `{"resourceType":"Patient"}x`, "", "more after the end"},
		{"two documents", `{"resourceType":"Patient"} {}`, "", "more after the end"},
		{"duplicate key", `{"resourceType":"Patient","name":[{"family":"A","family":"B"}]}`, "Patient.name[0]", "stands twice"},
		{"case variant", `{"resourceType":"Patient","role":"a","Role":"b"}`, "Patient", "upper and lower case"},
		{"escaped key", `{"resourceType":"Patient","\u0069d":"b"}`, "Patient", "without escapes"},
		{"bad UTF-8", "{\"resourceType\":\"Patient\",\"id\":\"\xff\"}", "Patient.id", "UTF-8"},
		{"bad UTF-8 among other characters", "{\"resourceType\":\"Patient\",\"id\":\"abcdefghijk\x94lmnopqrs\"}", "Patient.id", "UTF-8"},
		{"overlong UTF-8", "{\"resourceType\":\"Patient\",\"id\":\"\xc0\xaf\"}", "Patient.id", "UTF-8"},
		{"lone high surrogate", `{"resourceType":"Patient","id":"\ud800"}`, "Patient.id", "surrogate"},
		{"lone low surrogate", `{"resourceType":"Patient","id":"\udc00"}`, "Patient.id", "surrogate"},
		{"control character", "{\"resourceType\":\"Patient\",\"id\":\"a\nb\"}", "Patient.id", "control character"},
		{"control character among others", "{\"resourceType\":\"Patient\",\"id\":\"abcdefghijk\tlmnopqrs\"}", "Patient.id", "control character"},
		{"NaN", `{"resourceType":"Patient","x":NaN}`, "Patient.x", "JSON value"},
		{"leading zero", `{"resourceType":"Patient","x":012}`, "Patient.x", "JSON number"},
		{"bare point", `{"resourceType":"Patient","x":1.}`, "Patient.x", "JSON number"},
		{"plus sign", `{"resourceType":"Patient","x":+1}`, "Patient.x", "JSON value"},
		{"trailing comma", `{"resourceType":"Patient","x":1,}`, "Patient", "property name"},
		{"second element", `{"resourceType":"Patient","name":[{"family":"A"},{"family":tru}]}`, "Patient.name[1].family", "bare words"},
		{"byte-order mark", "\ufeff{\"resourceType\":\"Patient\"}", "", "JSON value"},
		{"depth", `{"resourceType":"Patient","x":` + strings.Repeat("[", 64) + strings.Repeat("]", 64) + `}`, "Patient.x", "deeper than 64"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := fhir.Parse([]byte(c.in))
			var syn *fhir.SyntaxError
			if !errors.As(err, &syn) {
				t.Fatalf("want a SyntaxError, got %v", err)
			}
			if !strings.Contains(syn.Reason, c.reason) {
				t.Errorf("reason %q does not say %q", syn.Reason, c.reason)
			}
			if c.path != "" && !strings.HasPrefix(syn.Path, c.path) {
				t.Errorf("path %q, want %q", syn.Path, c.path)
			}
		})
	}
}

func TestParseRefusesTooLarge(t *testing.T) {
	in := `{"resourceType":"Patient","x":"` + strings.Repeat("a", fhir.MaxSize) + `"}`
	if _, err := fhir.Parse([]byte(in)); err == nil {
		t.Fatal("a document over the size limit was accepted")
	}
}

func TestStampKeepsEverythingElse(t *testing.T) {
	r, err := fhir.Parse([]byte("{ \"id\": \"old\", \"resourceType\" : \"Observation\",\n \"meta\": {\"versionId\":\"9\",\"profile\":[\"http://x\"]}, \"valueQuantity\": {\"value\": 1.50, \"unit\": \"a\\u00e9 b\"}, \"_status\": {\"id\":\"x\"} }"))
	if err != nil {
		t.Fatal(err)
	}
	got := string(r.Stamp("new", 3, time.Date(2026, 11, 24, 10, 0, 0, 5e6, time.UTC)).Bytes())
	want := `{"resourceType":"Observation","id":"new","meta":{"versionId":"3","lastUpdated":"2026-11-24T10:00:00.005Z","profile":["http://x"]},"valueQuantity":{"value":1.50,"unit":"a\u00e9 b"},"_status":{"id":"x"}}`
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestTextResolvesEscapes(t *testing.T) {
	r, err := fhir.Parse([]byte(`{"resourceType":"Basic","a":"\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00é"}`))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := r.Get("a").Text(), "\"\\/\b\f\n\r\té😀é"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
