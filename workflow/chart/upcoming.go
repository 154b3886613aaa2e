package chart

import (
	"context"
	"net/url"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/web/facts"
	"github.com/osler-ehr/osler/web/format"
)

// appointment is the view of an Appointment.
type appointment struct {
	ID          string
	Status      string
	Description string
	Service     []fhir.CodeableConcept `fhir:"serviceType"`
	Reason      []fhir.CodeableConcept `fhir:"reasonCode"`
	Start       fhir.Instant
	Participant []struct{ Actor fhir.Reference }
}

// readUpcoming reads what is booked from now on. What cannot be read is said to be so.
func readUpcoming(ctx context.Context, s *record.Session, patient string, now time.Time) Upcoming {
	if !s.May(access.Search, "Appointment") {
		return Upcoming{}
	}
	all, err := facts.Find[appointment](ctx, s, "Appointment", patient, facts.Params("date", "ge"+now.Format("2006-01-02"), "_sort", "date", "_count", "20")...)
	if err != nil {
		return Upcoming{Rows: []Booking{{Title: "The appointments could not be read"}}}
	}
	u := upcoming(all, now, linked(s, patient))
	if s.May(access.Create, "Appointment") {
		u.BookHref = visitsOf(patient) + "/new"
	}
	return u
}

func visitsOf(patient string) string { return "/patients/" + url.PathEscape(patient) + "/appointments" }

// linked gives the address of an appointment, to those who may move or cancel it.
func linked(s *record.Session, patient string) func(id string) string {
	return func(id string) string {
		if id == "" || !s.May(access.Update, "Appointment") {
			return ""
		}
		return visitsOf(patient) + "/" + url.PathEscape(id)
	}
}

func upcoming(all []appointment, now time.Time, href func(string) string) Upcoming {
	var u Upcoming
	for _, a := range all {
		at := a.Start.Time().In(now.Location())
		if (a.Status != "booked" && a.Status != "pending" && a.Status != "proposed") || at.Before(now) || len(u.Rows) == 6 {
			continue
		}
		b := Booking{Date: format.Date(at), Title: a.title(), Note: format.Time(at), Href: href(a.ID)}
		if who := a.clinician(); who != "" {
			b.Note = who + ", " + b.Note
		}
		if a.Status != "booked" {
			b.Note += ", not confirmed"
		}
		u.Rows = append(u.Rows, b)
	}
	return u
}

func (a appointment) title() string {
	return firstOf(a.Description, facts.First(a.Reason), facts.First(a.Service), "Appointment")
}

func (a appointment) clinician() string {
	for _, p := range a.Participant {
		if t, ok := p.Actor.Target(); ok && (t.Type == "Practitioner" || t.Type == "PractitionerRole") {
			return p.Actor.Display
		}
	}
	return ""
}
