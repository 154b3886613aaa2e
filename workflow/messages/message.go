package messages

import (
	"strings"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/web/facts"
)

// message is the view of a Communication.
type message struct {
	ID           string
	Meta         fhir.Meta
	Identifier   []fhir.Identifier
	PartOf       []fhir.Reference
	InResponseTo []fhir.Reference
	Status       string
	Category     []fhir.CodeableConcept
	Priority     string
	Medium       []fhir.CodeableConcept
	Subject      fhir.Reference
	Topic        fhir.CodeableConcept
	About        []fhir.Reference
	Sent         fhir.DateTime
	Received     fhir.DateTime
	Recipient    []fhir.Reference
	Sender       fhir.Reference
	Payload      []payload
}

// payload is a part of a message: words, or what they speak of.
type payload struct {
	Content fhir.Choice `fhir:"content[x]"`
}

// words are the text.
func (m message) words() string {
	var out []string
	for _, p := range m.Payload {
		if s, ok := fhir.ChoiceValue[string](p.Content); ok && strings.TrimSpace(s) != "" {
			out = append(out, strings.TrimSpace(s))
		}
	}
	return strings.Join(out, "\n\n")
}

// written reports whether the message was sent: not a draft, not one sent by mistake.
func (m message) written() bool { return m.Status == "completed" || m.Status == "in-progress" }

// fromPatient reports whether the patient, or somebody of the patient's side, wrote it.
func (m message) fromPatient() bool {
	t, ok := m.Sender.Target()
	return ok && (t.Type == "Patient" || t.Type == "RelatedPerson")
}

// toPatient reports whether the patient is to read it.
func (m message) toPatient() bool {
	for _, r := range m.Recipient {
		if t, ok := r.Target(); ok && (t.Type == "Patient" || t.Type == "RelatedPerson") {
			return true
		}
	}
	return false
}

// internal reports whether the patient never sees it.
func (m message) internal() bool {
	for _, c := range m.Meta.Security {
		if c.System == access.InternalSystem && c.Code == access.InternalCode {
			return true
		}
	}
	return false
}

// patient is the id of the patient whom it is about; "" for nobody's.
func (m message) patient() string {
	for _, r := range []fhir.Reference{m.Subject, m.Sender} {
		if t, ok := r.Target(); ok && t.Type == "Patient" {
			return t.ID
		}
	}
	return ""
}

// title is the topic, or the beginning of the text.
func (m message) title() string {
	if s := facts.Concept(m.Topic); s != "" {
		return s
	}
	if s := clip(m.words(), 60); s != "" {
		return s
	}
	return "Message"
}

// clip is the first line of a text, at most so many characters of it.
func clip(s string, most int) string {
	s, _, _ = strings.Cut(strings.TrimSpace(s), "\n")
	if r := []rune(s); len(r) > most {
		s = strings.TrimSpace(string(r[:most]))
		if cut := strings.LastIndexByte(s, ' '); cut > len(s)/2 {
			s = s[:cut]
		}
		return s + "…"
	}
	return s
}
