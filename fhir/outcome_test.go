package fhir_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/osler-ehr/osler/fhir"
)

func TestOutcomeOf(t *testing.T) {
	_, syntax := fhir.Parse([]byte(`{"resourceType":"Patient","name":[{"family":tru}]}`))
	var d fhir.Date
	kind := d.Read(parse(t, `{"resourceType":"Patient","birthDate":"2026-02-30"}`).Get("birthDate"))
	secret := errors.New("dial tcp 10.0.0.1: refused for Miller")
	for _, c := range []struct {
		name string
		err  error
		want string
	}{
		{"syntax", fmt.Errorf("read body: %w", syntax), `"code":"structure","details":{"text":"Patient.name[0].family (byte 44): here a JSON value must begin; only true, false and null are bare words"},"expression":["Patient.name[0].family"]`},
		{"type", kind, `"expression":["Patient.birthDate"]`},
		{"its own", fmt.Errorf("x: %w", fhir.NewOutcome(fhir.CodeNotFound, "gone", "Patient.id")), `"code":"not-found","details":{"text":"gone"},"expression":["Patient.id"]`},
		{"other", secret, `"severity":"fatal","code":"exception"`},
		{"joined", errors.Join(syntax, fhir.NewOutcome(fhir.CodeDuplicate, "twice")), `"code":"duplicate"`},
		{"none", nil, `"severity":"information"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := string(fhir.OutcomeOf(c.err).Bytes())
			if !strings.Contains(got, c.want) {
				t.Errorf("got %s\nwant %s in it", got, c.want)
			}
			if strings.Contains(got, "Miller") {
				t.Error("the outcome shows an internal error")
			}
			var back fhir.Outcome
			if err := back.Read(parse(t, got).Root()); err != nil || len(back.Issue) == 0 {
				t.Errorf("reading it back: %v", err)
			}
		})
	}
}

func TestOutcomeErr(t *testing.T) {
	o := &fhir.Outcome{}
	o.Add(fhir.Issue{Severity: fhir.SeverityWarning, Code: fhir.CodeInvariant})
	if err := o.Err(); err != nil {
		t.Errorf("a warning is no error: %v", err)
	}
	o.Add(fhir.Issue{Severity: fhir.SeverityError, Code: fhir.CodeRequired, Details: fhir.CodeableConcept{Text: "a status is needed"}, Expression: []string{"Observation.status"}})
	if err := o.Err(); err == nil || !strings.Contains(err.Error(), "Observation.status: a status is needed") {
		t.Errorf("got %v", err)
	}
	var none *fhir.Outcome
	if none.Err() != nil {
		t.Error("no outcome is no error")
	}
}
