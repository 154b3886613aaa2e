package chart

import (
	"context"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/a-h/templ"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/identity"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/web"
	"github.com/osler-ehr/osler/web/clinical"
	"github.com/osler-ehr/osler/web/facts"
	"github.com/osler-ehr/osler/web/format"
)

// Desk is the page of a patient for people who do not read the clinical record: who it is, how to reach them, who pays, what is booked.
type Desk struct {
	Contact Contact
	// ChangeHref is the form of the demographics; "" for whom may not change them.
	ChangeHref string
	BookHref   string // books a visit; "" for whom may not
	Booked     []Booking
	Past       []Booking
	Failed     bool // the appointments could not be read
	Panels     []templ.Component
}

// Contact is how a patient, and who speaks for them, can be reached.
type Contact struct{ Rows []ContactRow }

// ContactRow is one way, or one person.
type ContactRow struct{ Label, Value, Note string }

// contact is the view of a Patient by which they are reached.
type contact struct {
	Telecom []fhir.ContactPoint
	Address []fhir.Address
	Contact []struct {
		Relationship []fhir.CodeableConcept
		Name         fhir.HumanName
		Telecom      []fhir.ContactPoint
	}
}

// readsCare reports whether a session may read visits, without which there is no chart.
func readsCare(s *record.Session) bool { return s.May(access.Search, "Encounter") }

// desk draws the page of a patient without the clinical record.
func (c *charts) desk(ctx context.Context, s *record.Session, who identity.Principal, banner clinical.Banner, id string, now time.Time) (web.View, error) {
	var (
		v     Desk
		err   error
		boxes []box
	)
	facts.Together(
		func() { v.Contact, err = readContact(ctx, s, id, now) },
		func() { v.Booked, v.Past, v.Failed = readBookings(ctx, s, id, now) },
		func() { boxes = c.draw(ctx, s, who, id) },
	)
	if err != nil {
		return nil, err
	}
	if s.May(access.Create, "Appointment") {
		v.BookHref = visitsOf(id) + "/new"
	}
	if s.May(access.Update, "Patient") {
		v.ChangeHref = "/patients/" + url.PathEscape(id) + "/demographics"
	}
	for _, b := range boxes {
		v.Panels = append(v.Panels, b.Body)
	}
	return web.Page{Title: banner.Name.Short(), Current: "chart", Patient: &banner, Body: deskPage(v)}, nil
}

// readContact reads how to reach a patient; the banner has shown already that the session may read them.
func readContact(ctx context.Context, s *record.Session, id string, now time.Time) (Contact, error) {
	v, err := s.Read(ctx, "Patient", id)
	if err != nil {
		return Contact{}, err
	}
	p, err := fhir.View[contact](v.Resource())
	if err != nil {
		return Contact{}, err
	}
	return p.rows(), nil
}

func (p contact) rows() Contact {
	var c Contact
	for _, t := range p.Telecom {
		if t.Value != "" && t.Use != "old" {
			c.Rows = append(c.Rows, ContactRow{Label: pointLabel(t), Value: t.Value})
		}
	}
	for _, a := range p.Address {
		if text := addressText(a); text != "" && a.Use != "old" {
			c.Rows = append(c.Rows, ContactRow{Label: "Address", Value: text})
		}
	}
	for _, other := range p.Contact {
		row := ContactRow{Label: firstOf(facts.First(other.Relationship), "Contact"), Value: other.Name.String()}
		for _, t := range other.Telecom {
			if t.Value != "" {
				row.Note = t.Value
				break
			}
		}
		if row.Value != "" || row.Note != "" {
			c.Rows = append(c.Rows, row)
		}
	}
	return c
}

// pointLabel names a way to reach somebody: Mobile phone, Home phone, Email.
func pointLabel(t fhir.ContactPoint) string {
	kind := map[string]string{"phone": "phone", "sms": "text message", "email": "email", "fax": "fax", "pager": "pager", "url": "web page"}[t.System]
	if kind == "" {
		kind = "contact"
	}
	if use := map[string]string{"home": "Home", "work": "Work", "mobile": "Mobile", "temp": "Temporary"}[t.Use]; use != "" && t.System != "email" {
		return use + " " + kind
	}
	return strings.ToUpper(kind[:1]) + kind[1:]
}

func addressText(a fhir.Address) string {
	if len(a.Line) == 0 && a.City == "" && a.Text != "" {
		return a.Text
	}
	last := strings.TrimSpace(strings.TrimSpace(a.City+" "+a.State) + " " + a.PostalCode)
	return strings.Join(slices.DeleteFunc(append(slices.Clone(a.Line), last), func(s string) bool { return s == "" }), ", ")
}

// deskPast is how many appointments of the past the desk sees.
const deskPast = 12

// readBookings reads what is booked, soonest first, and what was, latest first.
func readBookings(ctx context.Context, s *record.Session, id string, now time.Time) (booked, past []Booking, failed bool) {
	href := linked(s, id)
	if !s.May(access.Search, "Appointment") {
		return nil, nil, false
	}
	today := now.Format("2006-01-02")
	var next, before []appointment
	var nextErr, pastErr error
	facts.Together(
		func() {
			next, nextErr = facts.Find[appointment](ctx, s, "Appointment", id, facts.Params("date", "ge"+today, "_sort", "date", "_count", "30")...)
		},
		func() {
			before, pastErr = facts.Find[appointment](ctx, s, "Appointment", id, facts.Params("date", "lt"+today, "_sort", "-date", "_count", "30")...)
		},
	)
	for _, a := range next {
		if a.Status != "entered-in-error" {
			booked = append(booked, a.booking(now, href))
		}
	}
	for _, a := range before {
		if a.Status != "entered-in-error" && len(past) < deskPast {
			past = append(past, a.booking(now, href))
		}
	}
	return booked, past, nextErr != nil || pastErr != nil
}

// booking is an appointment as the desk sees it: with its time, clinician and how it stands, without why.
func (a appointment) booking(now time.Time, href func(string) string) Booking {
	at := a.Start.Time().In(now.Location())
	b := Booking{Date: format.Date(at), Title: firstOf(facts.First(a.Service), a.Description, "Appointment"), Note: format.Time(at), Href: href(a.ID)}
	if who := a.clinician(); who != "" {
		b.Note += ", " + who
	}
	b.State = map[string]string{"booked": "Booked", "pending": "Not confirmed", "proposed": "Not confirmed", "arrived": "Arrived", "checked-in": "Checked in",
		"waitlist": "Waiting list", "fulfilled": "Seen", "cancelled": "Cancelled", "noshow": "Did not come"}[a.Status]
	return b
}
