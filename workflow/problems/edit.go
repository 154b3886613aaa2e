package problems

import (
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/web"
	"github.com/osler-ehr/osler/web/facts"
)

// profile is what a problem of the list claims to be. (US Core 6.1.0 and 7.0.0.)
const profile = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-condition-problems-health-concerns"

// problem is a Condition as the form reads and writes it.
type problem struct {
	Meta         fhir.Meta
	Identifier   []fhir.Identifier
	Clinical     fhir.CodeableConcept   `fhir:"clinicalStatus"`
	Verification fhir.CodeableConcept   `fhir:"verificationStatus"`
	Category     []fhir.CodeableConcept `fhir:"category"`
	Code         fhir.CodeableConcept
	Subject      fhir.Reference
	Onset        fhir.Choice   `fhir:"onset[x]"`
	Abatement    fhir.Choice   `fhir:"abatement[x]"`
	Recorded     fhir.DateTime `fhir:"recordedDate"`
	Recorder     fhir.Reference
	Note         []fhir.Annotation
}

// The states that the form offers, as R4 codes them.
const (
	active    = "active"
	remission = "remission"
	resolved  = "resolved"
	confirmed = "confirmed"
	suspected = "provisional"
	mistaken  = "entered-in-error"
)

// begin is a new problem of a patient.
func begin(patient string, author fhir.Reference, now time.Time) problem {
	return problem{
		Meta:     fhir.Meta{Profile: []string{profile}},
		Category: []fhir.CodeableConcept{fhir.Concept(facts.ConditionCategory, "problem-list-item", "Problem List Item")},
		Subject:  fhir.To("Patient", patient), Recorded: fhir.DateTimeOf(now, fhir.Second), Recorder: author,
	}
}

// fill takes what the form says into the problem, and notes in the form what is wrong. named gives the concept of a code
// that was chosen; concepts that are not of the list stay the words that were typed.
func (p *problem) fill(f *web.Form, named func(code string) (fhir.CodeableConcept, bool), author fhir.Reference, now time.Time) {
	f.Need("name", "Say what the problem is: type a word of it and choose from the list, or leave it in your own words.")
	if text, code := f.Text("name"), f.Text("code"); text != facts.Concept(p.Code) || code != "" && code != p.Code.In(icd10) {
		p.Code = fhir.CodeableConcept{Text: text}
		if concept, ok := named(code); ok && code != "" {
			p.Code = concept
			p.Code.Text = text
		}
	}
	state := f.Text("state")
	if state == "" {
		state = active
	}
	p.Clinical = fhir.Concept(facts.ConditionClinical, state, "")
	p.Verification = fhir.Concept(facts.ConditionVerification, confirmed, "")
	if f.Has("suspected") {
		p.Verification = fhir.Concept(facts.ConditionVerification, suspected, "")
	}
	p.Onset = facts.Onset(f, "onset", p.Onset, now)
	var abated fhir.DateTime
	if f.Text("abated") != facts.OnsetText(p.Abatement, now.Location()) {
		abated = facts.PastDate(f, "abated", now)
	}
	switch state {
	case active, remission:
		p.Abatement = fhir.Choice{}
	case resolved:
		if abated.IsZero() && f.Error("abated") == "" && p.Abatement.IsZero() {
			abated = fhir.DateTimeOf(now, fhir.Day)
		}
		if !abated.IsZero() {
			p.Abatement = fhir.ChoiceOf(abated)
		}
	default:
		f.Wrong("state", "Choose active, in remission or resolved.")
	}
	if began, ok := p.Onset.Value().(fhir.DateTime); ok && !abated.IsZero() {
		if end, known := abated.Compare(began, now.Location()); known && end < 0 {
			f.Wrong("abated", "It cannot be over before it began.")
		}
	}
	if text := f.Text("note"); text != p.note() {
		p.Note = nil
		if text != "" {
			p.Note = []fhir.Annotation{facts.Note(text, author, now)}
		}
	}
}

// note is the text of the problem's own note: the last one.
func (p *problem) note() string {
	if len(p.Note) == 0 {
		return ""
	}
	return p.Note[len(p.Note)-1].Text
}

// form shows the problem.
func (p *problem) form(f *web.Form, zone *time.Location) {
	f.Set("name", facts.Concept(p.Code))
	f.Set("code", p.Code.In(icd10))
	f.Set("onset", facts.OnsetText(p.Onset, zone))
	f.Set("abated", facts.OnsetText(p.Abatement, zone))
	f.Set("note", p.note())
	state := facts.Code(p.Clinical, facts.ConditionClinical)
	switch {
	case state == "recurrence" || state == "relapse":
		state = active
	case state == "inactive", state == "" && !p.Abatement.IsZero():
		state = resolved
	case state == "":
		state = active
	}
	f.Set("state", state)
	switch facts.Code(p.Verification, facts.ConditionVerification) {
	case "unconfirmed", suspected, "differential":
		f.Set("suspected", "yes")
	}
}
