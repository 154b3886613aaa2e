package prescribing

import (
	"time"

	"github.com/osler-ehr/osler/drugs"
	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/web"
	"github.com/osler-ehr/osler/web/facts"
	"github.com/osler-ehr/osler/workflow/prescribing/safety"
)

// Code systems of what a safety check found and of what was done about it.
const (
	actCode      = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
	ruleSystem   = "https://osler.example/fhir/CodeSystem/safety-rule"
	answerSystem = "https://osler.example/fhir/CodeSystem/safety-answer"
)

// issue is a DetectedIssue: a finding of a safety check that was shown, with what was done about it.
type issue struct {
	Identifier []fhir.Identifier
	Status     string
	Code       fhir.CodeableConcept
	Severity   string
	Patient    fhir.Reference
	Identified fhir.Choice `fhir:"identified[x]"`
	Author     fhir.Reference
	Implicated []fhir.Reference
	Detail     string
	Mitigation []mitigation
}

type mitigation struct {
	Action fhir.CodeableConcept
	Date   fhir.DateTime
	Author fhir.Reference
}

// answers are what can be said to a finding that would stop an order, with their codes.
var answers = []struct{ code, words string }{
	{"tolerated", "The patient has taken it and tolerated it"},
	{"benefit", "The benefit outweighs the risk"},
	{"monitored", "It will be monitored: tests or visits are planned"},
	{"adjusted", "Dose or timing was chosen with this in mind"},
	{"wrong-record", "The record is wrong or out of date"},
	{"specialist", "On the advice of a specialist"},
	{"no-alternative", "There is no alternative"},
	{"other", "Another reason, as written"},
}

// changed is the answer of a clinician who changed the order so that the finding went away.
const changed = "order-changed"

func answerWords(code string) string {
	for _, a := range answers {
		if a.code == code {
			return a.words
		}
	}
	return "The order was changed"
}

// kinds are HL7's codes of what the checks find. (v3-ActCode, ActSubstanceAdministration detected issues.)
var kinds = map[safety.Check][2]string{
	safety.Allergies: {"ALGY", "Allergy Alert"}, safety.Interactions: {"DRG", "Drug Interaction Alert"}, safety.Duplicates: {"DUPTHPY", "Duplicate Therapy Alert"},
	safety.Dose: {"DOSE", "Dosage problem"}, safety.Kidneys: {"LAB", "Lab Alert"}, safety.Pregnancy: {"PREG", "Pregnancy Alert"}, safety.Age: {"AGE", "Age Alert"}, safety.Conditions: {"COND", "Condition Alert"},
}

// severities are FHIR's.
var severities = map[drugs.Severity]string{drugs.Stop: "high", drugs.Caution: "moderate", drugs.Note: "low"}

// newIssue is a finding as it is kept. order is the prescription that it is about, answer what was said to it; "" for one that
// needed none.
func newIssue(f safety.Finding, patient, order, answer, words string, author fhir.Reference, now time.Time) issue {
	kind := kinds[f.Check]
	i := issue{
		Status: "final", Severity: severities[f.Severity], Patient: fhir.To("Patient", patient), Identified: fhir.ChoiceOf(fhir.DateTimeOf(now, fhir.Second)), Author: author,
		Code: fhir.CodeableConcept{
			Coding: []fhir.Coding{{System: actCode, Code: kind[0], Display: kind[1]}, {System: ruleSystem, Version: f.Source.Version, Code: f.Rule, Display: f.Source.Title}},
			Text:   string(f.Check),
		},
		Detail: f.Order + " — " + f.Line(),
	}
	if order != "" {
		i.Implicated = []fhir.Reference{{Reference: order}}
	}
	if answer != "" {
		action := fhir.CodeableConcept{Coding: []fhir.Coding{{System: answerSystem, Code: answer, Display: answerWords(answer)}}, Text: answerWords(answer)}
		if words != "" {
			action.Text += ": " + words
		}
		i.Mitigation = []mitigation{{action, fhir.DateTimeOf(now, fhir.Second), author}}
	}
	return i
}

// once gives the issue an identifier that belongs to the form and the finding.
func (i *issue) once(f *web.Form, key string) (condition string) {
	i.Identifier, condition = facts.Once(f, key)
	return condition
}
