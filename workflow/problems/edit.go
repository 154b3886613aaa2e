package problems

import (
	"strings"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/web"
	"github.com/osler-ehr/osler/web/facts"
	"github.com/osler-ehr/osler/web/format"
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
	onset := date(f, "onset", now)
	abated := date(f, "abated", now)
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
	if !sameOnset(p.Onset, f.Text("onset"), now.Location()) {
		p.Onset = fhir.Choice{}
		if !onset.IsZero() {
			p.Onset = fhir.ChoiceOf(onset)
		}
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

// date reads a field; what is no date, or lies in the future, is wrong.
func date(f *web.Form, name string, now time.Time) fhir.DateTime {
	text := f.Text(name)
	if text == "" {
		return fhir.DateTime{}
	}
	iso, ok := format.TypedDate(text, now)
	if !ok {
		if name != "onset" || onsetWords(text) == "" {
			f.Wrong(name, "Not a date. Write it as exactly as it is known: 2014, Mar 2014, 14-Mar-2014, or m-6 for six months ago.")
		}
		return fhir.DateTime{}
	}
	d, err := fhir.ParseDateTime(iso)
	if err != nil || d.Time(now.Location()).After(now) {
		f.Wrong(name, "This lies in the future: "+typed(d, now.Location())+".")
		return fhir.DateTime{}
	}
	return d
}

// onsetWords are onsets of other systems that the form shows but does not make: an age, words.
func onsetWords(text string) string {
	if strings.HasPrefix(text, "at ") {
		return text
	}
	return ""
}

// sameOnset reports whether the text is how an onset is shown, so that it stays as it was recorded.
func sameOnset(c fhir.Choice, text string, zone *time.Location) bool {
	return !c.IsZero() && onsetText(c, zone) == text
}

// onsetText is how the form shows an onset.
func onsetText(c fhir.Choice, zone *time.Location) string {
	switch v := c.Value().(type) {
	case fhir.DateTime:
		return typed(v, zone)
	case fhir.Period:
		return typed(v.Start, zone)
	case fhir.Quantity:
		return "at " + v.Value.String() + " y"
	case string:
		return v
	}
	return ""
}

// typed shows a date as exactly as it is known, in a form that can be typed again.
func typed(d fhir.DateTime, zone *time.Location) string {
	if d.IsZero() {
		return ""
	}
	return format.FHIRDate(d.String(), zone)
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
	f.Set("onset", onsetText(p.Onset, zone))
	f.Set("abated", onsetText(p.Abatement, zone))
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
