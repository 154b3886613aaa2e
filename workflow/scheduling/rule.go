package scheduling

import (
	"strings"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/search"
	"github.com/osler-ehr/osler/web/facts"
)

// longest is how long a visit may take somebody's time.
const longest = 24 * time.Hour

// Rule is that nobody is booked twice: whoever writes an Appointment, by page or by interface, is refused a time that another one has taken
// of the same Practitioner, PractitionerRole or Device; of the same Slot where the appointment names none of these. A Location is where many
// work at a time, so it is taken by its Slots alone. A visit takes one day at most.
func Rule() record.Exclusive {
	return record.Exclusive{Type: "Appointment", Claims: claims, Find: rivals}
}

// claims are the times that an appointment takes. What is proposed or on a waiting list takes none yet.
func claims(doc *fhir.Resource) (out []record.Claim) {
	a, err := fhir.View[appointment](doc)
	if err != nil || a.Start.IsZero() {
		return nil
	}
	c := record.Claim{}
	switch a.Status {
	case "pending", "booked", "arrived", "checked-in":
	case "fulfilled": // it has happened, and is noted whatever else was in the book
		c.Over = true
	default:
		return nil
	}
	at := a.span()
	c.From, c.Until = at.from, at.until
	if c.Until.Sub(c.From) > longest {
		c.Until = c.From.Add(longest)
	}
	for _, p := range a.Participant {
		t, ok := p.Actor.Target()
		if !ok || t.Kind != fhir.RelativeTarget || p.Status == "declined" || p.Required == "information-only" {
			continue
		}
		switch t.Type {
		case "Practitioner", "PractitionerRole", "Device":
			c.Of = t.Type + "/" + t.ID
			out = append(out, c)
		}
	}
	if len(out) > 0 {
		return out
	}
	for _, ref := range a.Slot {
		if t, ok := ref.Target(); ok && t.Kind == fhir.RelativeTarget && t.Type == "Slot" {
			c.Of = "Slot/" + t.ID
			out = append(out, c)
		}
	}
	return out
}

// rivals finds the appointments that may have taken a time.
func rivals(c record.Claim) []search.Param {
	by := "actor"
	if strings.HasPrefix(c.Of, "Slot/") {
		by = "slot"
	}
	return facts.Params(by, c.Of, "status", "pending,booked,arrived,checked-in,fulfilled", "date", "ge"+stamp(c.From.Add(-longest)), "date", "lt"+c.Until.UTC().Format(time.RFC3339Nano))
}
