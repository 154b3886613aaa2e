package scheduling

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/web/facts"
)

// appointment is an Appointment as the pages read and write it.
type appointment struct {
	ID          string
	Extension   []fhir.Extension
	Identifier  []fhir.Identifier
	Status      string
	Cancelation fhir.CodeableConcept   `fhir:"cancelationReason"`
	Service     []fhir.CodeableConcept `fhir:"serviceType"`
	Type        fhir.CodeableConcept   `fhir:"appointmentType"`
	Reason      []fhir.CodeableConcept `fhir:"reasonCode"`
	Description string
	Start, End  fhir.Instant
	Minutes     int `fhir:"minutesDuration"`
	Slot        []fhir.Reference
	Created     fhir.DateTime
	Comment     string
	Participant []participant
}

type participant struct {
	Type     []fhir.CodeableConcept
	Actor    fhir.Reference
	Required string
	Status   string
}

// slot is a Slot as the pages write it.
type slot struct {
	ID         string
	Identifier []fhir.Identifier
	Schedule   fhir.Reference
	Status     string
	Start, End fhir.Instant
}

// markSystem is that of the marks which a booked time carries: one for each five minutes of one provider.
const markSystem = "https://osler.example/fhir/NamingSystem/booked-time"

const markEvery = 5 * time.Minute

// marks are the identifiers of a time of a provider.
func marks(who string, s span) (out []fhir.Identifier) {
	for at := s.from.UTC().Truncate(markEvery); at.Before(s.until); at = at.Add(markEvery) {
		out = append(out, fhir.Identifier{System: markSystem, Value: who + "/" + at.Format("20060102T1504Z")})
	}
	return out
}

// unmarked is the condition that no other Slot has one of the marks.
func unmarked(marks []fhir.Identifier) string {
	var tokens []string
	for _, m := range marks {
		tokens = append(tokens, m.System+"|"+m.Value)
	}
	return "identifier=" + strings.Join(tokens, ",")
}

// actor is the reference to the participant of a type.
func (a appointment) actor(typ string) fhir.Reference {
	for _, p := range a.Participant {
		if t, ok := p.Actor.Target(); ok && t.Type == typ {
			return p.Actor
		}
	}
	return fhir.Reference{}
}

func (a appointment) patient() string {
	return strings.TrimPrefix(a.actor("Patient").Reference, "Patient/")
}

func (a appointment) span() span {
	s := span{a.Start.Time(), a.End.Time()}
	if a.End.IsZero() {
		s.until = s.from.Add(time.Duration(max(a.Minutes, 5)) * time.Minute)
	}
	return s
}

func (a appointment) minutes() int { return int(a.span().until.Sub(a.span().from).Minutes()) }

// live reports whether the appointment still takes the provider's time.
func (a appointment) live() bool {
	switch a.Status {
	case "cancelled", "noshow", "entered-in-error":
		return false
	}
	return true
}

// waiting reports whether the visit is still to come: it can be moved and cancelled.
func (a appointment) waiting() bool {
	switch a.Status {
	case "proposed", "pending", "booked", "waitlist":
		return true
	}
	return false
}

// title is what the visit is for.
func (a appointment) title() string {
	return cmp.Or(a.Description, facts.First(a.Reason), facts.First(a.Service), "Visit")
}

// state is how the visit stands, in a word, with its glyph.
func (a appointment) state() (word, class string) {
	switch a.Status {
	case "proposed", "pending":
		return "Not confirmed", "booked"
	case "booked":
		for _, p := range a.Participant {
			if t, _ := p.Actor.Target(); t.Type == "Patient" && p.Status == "accepted" {
				return "Confirmed", "confirmed"
			}
		}
		return "Booked", "booked"
	case "arrived", "waitlist":
		return "Arrived", "arrived"
	case "checked-in":
		return "In the clinic", "roomed"
	case "fulfilled":
		return "Left", "left"
	case "noshow":
		return "Did not come", "off"
	case "cancelled":
		return "Cancelled", "off"
	case "entered-in-error":
		return "Entered in error", "off"
	}
	return a.Status, "booked"
}

// movedURL records that an appointment was moved: from when, and why.
const movedURL = "https://osler.example/fhir/StructureDefinition/appointment-moved"

func (a *appointment) noteMove(from fhir.Instant, why string) {
	a.Extension = append(a.Extension, fhir.Extension{URL: movedURL, Extension: []fhir.Extension{
		{URL: "from", Value: fhir.ChoiceOf(from)}, {URL: "reason", Value: fhir.ChoiceOf(why)},
	}})
}

// moves are the moves of an appointment, in words: from 24-Feb-2027, 09:40: the patient asked.
func (a appointment) moves(zone *time.Location) (out []string) {
	for _, e := range a.Extension {
		if e.URL != movedURL {
			continue
		}
		from, _ := e.Part("from")
		why, _ := e.Part("reason")
		at, _ := fhir.ChoiceValue[fhir.Instant](from.Value)
		text, _ := fhir.ChoiceValue[string](why.Value)
		out = append(out, fmt.Sprintf("Moved from %s: %s", facts.Moment(at.DateTime(), zone), text))
	}
	return out
}
