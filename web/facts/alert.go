package facts

import (
	"context"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/web/ui"
)

// Code systems of what a safety check found, of what was done about it, and of what a practice made of a rule.
const (
	AlertRule   = "https://osler.example/fhir/CodeSystem/safety-rule"
	AlertAnswer = "https://osler.example/fhir/CodeSystem/safety-answer"
	AlertMode   = "https://osler.example/fhir/CodeSystem/alert-mode"
	actCode     = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
	planType    = "http://terminology.hl7.org/CodeSystem/plan-definition-type"
)

// Alert is a DetectedIssue: a finding of a safety check that was shown, with what was done about it.
type Alert struct {
	Identifier []fhir.Identifier
	Status     string
	Code       fhir.CodeableConcept
	Severity   string
	Patient    fhir.Reference
	Identified fhir.Choice `fhir:"identified[x]"`
	Author     fhir.Reference
	Implicated []fhir.Reference
	Detail     string
	Mitigation []Mitigation
}

// Mitigation is what was done about an alert.
type Mitigation struct {
	Action fhir.CodeableConcept
	Date   fhir.DateTime
	Author fhir.Reference
}

// AlertReason is what can be said to a finding that would stop an order.
type AlertReason struct{ Code, Words string }

// AlertReasons are all of them, but for AlertChanged.
func AlertReasons() []AlertReason {
	return []AlertReason{
		{"tolerated", "The patient has taken it and tolerated it"},
		{"benefit", "The benefit outweighs the risk"},
		{"monitored", "It will be monitored: tests or visits are planned"},
		{"adjusted", "Dose or timing was chosen with this in mind"},
		{"wrong-record", "The record is wrong or out of date"},
		{"specialist", "On the advice of a specialist"},
		{"no-alternative", "There is no alternative"},
		{AlertOther, "Another reason, as written"},
	}
}

const (
	// AlertOther is the reason that must be written in words.
	AlertOther = "other"
	// AlertChanged is the answer of somebody who changed the order so that the finding went away.
	AlertChanged = "order-changed"
)

// AlertWords are the words of an answer.
func AlertWords(code string) string {
	for _, a := range AlertReasons() {
		if a.Code == code {
			return a.Words
		}
	}
	return "The order was changed"
}

// AlertOptions are the reasons for a choice in a form.
func AlertOptions() []ui.Option {
	out := []ui.Option{{Value: "", Label: "Choose a reason"}}
	for _, a := range AlertReasons() {
		out = append(out, ui.Option{Value: a.Code, Label: a.Words})
	}
	return out
}

// Found is a finding before it is kept.
type Found struct {
	Kind, KindName string // HL7's code of what was found. (v3-ActCode, ActSubstanceAdministration detected issues.)
	Check          string // Interactions
	Rule           string
	Source         string
	Version        string // of the source
	Severity       string // high, moderate or low
	Detail         string
}

// NewAlert is a finding as it is kept. order is the reference to what it is about; answer what was said to it, "" where it needed none.
func NewAlert(f Found, patient, order, answer, words string, author fhir.Reference, now time.Time) Alert {
	at := fhir.DateTimeOf(now, fhir.Second)
	a := Alert{
		Status: "final", Severity: f.Severity, Patient: fhir.To("Patient", patient), Identified: fhir.ChoiceOf(at), Author: author,
		Code: fhir.CodeableConcept{
			Coding: []fhir.Coding{{System: actCode, Code: f.Kind, Display: f.KindName}, {System: AlertRule, Version: f.Version, Code: f.Rule, Display: f.Source}},
			Text:   f.Check,
		},
		Detail: f.Detail,
	}
	if order != "" {
		a.Implicated = []fhir.Reference{{Reference: order}}
	}
	if answer != "" {
		action := fhir.CodeableConcept{Coding: []fhir.Coding{{System: AlertAnswer, Code: answer, Display: AlertWords(answer)}}, Text: AlertWords(answer)}
		if words != "" {
			action.Text += ": " + words
		}
		a.Mitigation = []Mitigation{{action, at, author}}
	}
	return a
}

// AlertModes are what a practice made of rules, by their names: off, passive or interruptive. It is kept in PlanDefinitions of the type
// eca-rule, which administrators alone write.
func AlertModes(ctx context.Context, s *record.Session) (map[string]string, error) {
	type action struct{ Code []fhir.CodeableConcept }
	out := map[string]string{}
	q := record.Query{Type: "PlanDefinition", Params: Params("type", planType+"|eca-rule", "status", "active", "_count", "500"), Strict: true}
	err := Each(ctx, s, q, func(e *record.Entry) error {
		p, err := fhir.View[struct {
			Identifier []fhir.Identifier
			Action     []action
		}](e.Resource())
		if err != nil {
			return err
		}
		for _, id := range p.Identifier {
			if id.System != AlertRule || len(p.Action) == 0 {
				continue
			}
			for _, c := range p.Action[0].Code {
				if mode := c.In(AlertMode); mode != "" {
					out[id.Value] = mode
				}
			}
		}
		return nil
	})
	return out, err
}
