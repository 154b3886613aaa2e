package allergies

import (
	"strings"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/web"
	"github.com/osler-ehr/osler/web/facts"
)

// profile is what an allergy claims to be. (US Core 6.1.0 and 7.0.0.)
const profile = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-allergyintolerance"

// noKnown is the concept by which it is recorded that somebody asked and there is nothing. (FHIR R4, AllergyIntolerance 9.1.4.)
var noKnown = fhir.CodeableConcept{Coding: []fhir.Coding{{System: facts.SNOMED, Code: "716186003", Display: "No known allergy"}}, Text: "No known allergies"}

// entry is an AllergyIntolerance as the form reads and writes it.
type entry struct {
	Meta         fhir.Meta
	Identifier   []fhir.Identifier
	Clinical     fhir.CodeableConcept `fhir:"clinicalStatus"`
	Verification fhir.CodeableConcept `fhir:"verificationStatus"`
	Type         string
	Category     []string
	Criticality  string
	Code         fhir.CodeableConcept
	Patient      fhir.Reference
	Onset        fhir.Choice   `fhir:"onset[x]"`
	Recorded     fhir.DateTime `fhir:"recordedDate"`
	Recorder     fhir.Reference
	Note         []fhir.Annotation
	Reactions    []reaction `fhir:"reaction"`
}

type reaction struct {
	Manifestation []fhir.CodeableConcept
	Severity      string
}

// The states that the form offers.
const (
	stands   = "active"
	resolved = "resolved"
	refuted  = "refuted"
	mistaken = "entered-in-error"
)

// begin is a new entry of a patient.
func begin(patient string, author fhir.Reference, now time.Time) entry {
	return entry{
		Meta: fhir.Meta{Profile: []string{profile}}, Patient: fhir.To("Patient", patient),
		Recorded: fhir.DateTimeOf(now, fhir.Second), Recorder: author,
	}
}

// denial is the entry which says that nothing is known.
func denial(patient string, author fhir.Reference, now time.Time) entry {
	e := begin(patient, author, now)
	e.Code = noKnown
	e.status(stands, true)
	return e
}

// status sets the two states that R4 keeps apart: whether it goes on, and how sure it is.
func (e *entry) status(state string, sure bool) {
	clinical, verification := state, "confirmed"
	if !sure {
		verification = "unconfirmed"
	}
	switch state {
	case refuted:
		clinical, verification = "inactive", refuted
	case mistaken:
		clinical, verification = "", mistaken // ait-2: what was a mistake has no clinical status
	}
	e.Clinical = fhir.CodeableConcept{}
	if clinical != "" {
		e.Clinical = fhir.Concept(facts.AllergyClinical, clinical, "")
	}
	e.Verification = fhir.Concept(facts.AllergyVerification, verification, "")
}

// fill takes what the form says into the entry, and notes in the form what is wrong.
func (e *entry) fill(f *web.Form, known *allergens, author fhir.Reference, now time.Time) {
	f.Need("substance", "Say what the person reacts to: type a word of it and choose from the list, or leave it in your own words.")
	text, code := f.Text("substance"), f.Text("code")
	if text != facts.Concept(e.Code) {
		e.Code, e.Category = fhir.CodeableConcept{Text: text}, nil
		if a, ok := known.find(code); ok {
			e.Code, e.Category = a.concept(), []string{a.category}
		}
	}
	e.Type = f.Text("type")
	if e.Type != "" && e.Type != "allergy" && e.Type != "intolerance" {
		f.Wrong("type", "Choose allergy or intolerance.")
	}
	e.react(f)
	e.Criticality = ""
	switch {
	case f.Has("high"):
		e.Criticality = "high"
	case f.Text("severity") != "":
		e.Criticality = "low"
	}
	state := f.Text("state")
	switch state {
	case "":
		state = stands
	case stands, resolved, refuted:
	default:
		f.Wrong("state", "Choose one of the states.")
	}
	e.status(state, !f.Has("unconfirmed"))
	e.Onset = facts.Onset(f, "onset", e.Onset, now)
	e.annotate(f, author, now)
}

// react takes what happened: the first reaction of the entry; what else other systems recorded stays.
func (e *entry) react(f *web.Form) {
	text, severity := f.Text("reaction"), f.Text("severity")
	switch severity {
	case "", "mild", "moderate", "severe":
	default:
		f.Wrong("severity", "Choose mild, moderate or severe.")
	}
	if text == e.reaction() && severity == e.severity() {
		return
	}
	if text == "" {
		if severity != "" {
			f.Wrong("reaction", "Say what happened: the severity is that of the reaction.")
		}
		e.Reactions = nil
		return
	}
	first := reaction{Severity: severity}
	for _, part := range strings.Split(text, ",") {
		if part = strings.TrimSpace(part); part != "" {
			first.Manifestation = append(first.Manifestation, e.manifestation(part))
		}
	}
	if len(e.Reactions) == 0 {
		e.Reactions = []reaction{first}
	} else {
		e.Reactions[0] = first
	}
}

// manifestation keeps the concept of a reaction that stays, with its codes.
func (e *entry) manifestation(text string) fhir.CodeableConcept {
	for _, r := range e.Reactions {
		for _, m := range r.Manifestation {
			if strings.EqualFold(facts.Concept(m), text) {
				return m
			}
		}
	}
	return fhir.CodeableConcept{Text: text}
}

// reaction is how the form shows what happened.
func (e *entry) reaction() string {
	if len(e.Reactions) == 0 {
		return ""
	}
	var names []string
	for _, m := range e.Reactions[0].Manifestation {
		names = append(names, facts.Concept(m))
	}
	return strings.Join(names, ", ")
}

func (e *entry) severity() string {
	if len(e.Reactions) == 0 {
		return ""
	}
	return e.Reactions[0].Severity
}

func (e *entry) annotate(f *web.Form, author fhir.Reference, now time.Time) {
	text := f.Text("note")
	if text == e.note() {
		return
	}
	e.Note = nil
	if text != "" {
		e.Note = []fhir.Annotation{facts.Note(text, author, now)}
	}
}

func (e *entry) note() string {
	if len(e.Note) == 0 {
		return ""
	}
	return e.Note[len(e.Note)-1].Text
}

// form shows the entry.
func (e *entry) form(f *web.Form, zone *time.Location) {
	f.Set("substance", facts.Concept(e.Code))
	f.Set("type", e.Type)
	f.Set("reaction", e.reaction())
	f.Set("severity", e.severity())
	f.Set("onset", facts.OnsetText(e.Onset, zone))
	f.Set("note", e.note())
	if e.Criticality == "high" {
		f.Set("high", "yes")
	}
	switch facts.Code(e.Verification, facts.AllergyVerification) {
	case "unconfirmed":
		f.Set("unconfirmed", "yes")
		f.Set("state", stands)
	case refuted:
		f.Set("state", refuted)
		return
	}
	f.Set("state", stands)
	if state := facts.Code(e.Clinical, facts.AllergyClinical); state == resolved || state == "inactive" {
		f.Set("state", resolved)
	}
}
