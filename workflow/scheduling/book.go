package scheduling

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/identity"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/web"
	"github.com/osler-ehr/osler/web/facts"
	"github.com/osler-ehr/osler/web/format"
	"github.com/osler-ehr/osler/web/ui"
)

// visitor is the patient as booking needs it.
type visitor struct {
	chart facts.Chart
	books []book
	pcp   string
}

func (k *desk) visitor(r *http.Request) (v visitor, err error) {
	v.chart, err = facts.OpenChart(r, k.d.Session, k.d.Shell, func(s *record.Session, id string) (err error) {
		var patient *record.Version
		var bookErr error
		facts.Together(
			func() { patient, err = s.Read(r.Context(), "Patient", id) },
			func() { v.books, bookErr = books(r.Context(), s, k.d.Shell.Location()) },
		)
		if err = cmp.Or(err, bookErr); err != nil {
			return err
		}
		p, err := fhir.View[facts.Patient](patient.Resource())
		if err == nil && len(p.GeneralPractitioner) > 0 {
			v.pcp = p.GeneralPractitioner[0].Reference
		}
		return err
	})
	return v, err
}

// blank is the form for a visit: a follow-up in three months, with its first free times.
func (k *desk) blank(r *http.Request) (web.View, error) {
	v, err := k.visitor(r)
	if err != nil {
		return nil, err
	}
	f := web.NewForm(url.Values{"once": {facts.NewUUID()}})
	preset(f, v.books, identity.From(r.Context()).Resource, v.pcp)
	return k.form(r.Context(), v, f, 0)
}

// form draws the form with the free times of now.
func (k *desk) form(ctx context.Context, v visitor, f *web.Form, status int, messages ...ui.Message) (web.View, error) {
	o, err := k.offerFor(ctx, v.chart.Session, f, v.books)
	if err != nil {
		return nil, err
	}
	return web.Work{
		Title: "Book a visit", Current: "chart", Patient: &v.chart.Banner, Back: "/patients/" + url.PathEscape(v.chart.ID), Action: base(v.chart.ID),
		Body: bookFields(o, base(v.chart.ID)+"/free"), Buttons: []ui.Button{{Label: "Book", Kind: ui.Primary}}, Messages: messages, Status: status,
	}, nil
}

// wanted is a time that was chosen, with what is to happen then.
type wanted struct {
	book book
	kind kind
	span span
}

// want reads the choice. A time that was offered for something else than the form now says is not taken.
func (k *desk) want(f *web.Form, all []book) (w wanted, again bool) {
	var ok bool
	if w.kind, ok = kindOf(f.Text("kind")); !ok {
		return w, true
	}
	if w.book, ok = (offer{form: f, books: all}).with(); !ok {
		return w, true
	}
	if key := f.Text("for"); key != "" && key != asked(f) {
		return w, true
	}
	at, err := time.Parse(time.RFC3339, f.Text("time"))
	if err != nil || !at.Equal(at.Truncate(markEvery)) || !at.After(k.d.Shell.Clock()) {
		return w, true
	}
	w.span = span{at, at.Add(time.Duration(w.kind.minutes) * time.Minute)}
	return w, !w.book.works(w.span)
}

// book books the visit.
func (k *desk) book(r *http.Request) (web.View, error) {
	f, err := web.ReadForm(r)
	if err != nil {
		return nil, err
	}
	v, err := k.visitor(r)
	if err != nil {
		return nil, err
	}
	ctx, s := r.Context(), v.chart.Session
	preset(f, v.books, identity.From(ctx).Resource, v.pcp)
	w, again := k.want(f, v.books)
	if again {
		return k.form(ctx, v, f, http.StatusUnprocessableEntity, ui.Message{Tone: ui.Caution, Lead: "Choose a time.", Text: "These are the times for what you asked."})
	}
	if sent, err := facts.Sent(ctx, s, "Appointment", f); err != nil {
		return nil, err
	} else if sent {
		return k.booked(v, w, "booked"), nil
	}
	if m, err := k.clash(ctx, s, v, w, ""); err != nil {
		return nil, err
	} else if m.Lead != "" {
		return k.form(ctx, v, f, http.StatusConflict, m)
	}
	ops, err := k.make(ctx, s, v, w, f)
	if err != nil {
		return nil, err
	}
	_, err = s.Do(ctx, ops)
	switch reason := facts.Refused(err); {
	case facts.Changed(err):
		if sent, sentErr := facts.Sent(ctx, s, "Appointment", f); sentErr == nil && sent {
			return k.booked(v, w, "booked"), nil // the same form was faster
		}
		m, err := k.clash(ctx, s, v, w, "")
		if err != nil {
			return nil, err
		}
		if m.Lead == "" {
			m = ui.Message{Tone: ui.Caution, Lead: "Not booked.", Text: "Somebody else changed this book at the same moment. Book once more."}
		}
		return k.form(ctx, v, f, http.StatusConflict, m)
	case reason != "":
		return k.form(ctx, v, f, http.StatusUnprocessableEntity, ui.Message{Tone: ui.Critical, Lead: "Not booked.", Text: reason})
	case err != nil:
		return nil, err
	}
	return k.booked(v, w, "booked"), nil
}

func (k *desk) booked(v visitor, w wanted, done string) web.View {
	at := w.span.from.In(w.book.Zone)
	return web.Done{To: "/patients/" + url.PathEscape(v.chart.ID), Say: ui.Message{
		Lead: w.kind.label, Text: fmt.Sprintf("%s for %s: %s %s with %s.", done, v.chart.Banner.Name.Plain(), format.Weekday(at), format.DateTime(at), w.book.Who.Display),
	}}
}

// make are the operations that book: the Slot, which is refused while another one has a mark of its time, and the Appointment that holds it.
func (k *desk) make(ctx context.Context, s *record.Session, v visitor, w wanted, f *web.Form) ([]record.Op, error) {
	now := k.d.Shell.Clock()
	ops, id, err := k.hold(ctx, s, w, "", 0)
	if err != nil {
		return nil, err
	}
	a := appointment{
		Status: "booked", Service: []fhir.CodeableConcept{w.kind.service()}, Type: fhir.Concept(reasonSystem, w.kind.hl7, ""), Description: cmp.Or(f.Text("reason"), w.kind.label),
		Start: fhir.InstantOf(w.span.from), End: fhir.InstantOf(w.span.until), Minutes: w.kind.minutes, Slot: []fhir.Reference{fhir.To("Slot", id)}, Created: fhir.DateTimeOf(now, fhir.Second),
		Participant: []participant{{Actor: fhir.Reference{Reference: "Patient/" + v.chart.ID, Display: v.chart.Banner.Name.Plain()}, Required: "required", Status: "accepted"}},
	}
	if why := f.Text("reason"); why != "" {
		a.Reason = []fhir.CodeableConcept{{Text: why}}
	}
	a.seenBy(w.book)
	op := record.Op{Verb: record.Create, Type: "Appointment"}
	a.Identifier, op.Condition = facts.Once(f, "")
	op.Resource, err = fhir.New("Appointment", a)
	return append(ops, op), err
}

// seenBy sets who sees the patient, and where.
func (a *appointment) seenBy(b book) {
	kept := a.Participant[:0:0]
	for _, p := range a.Participant {
		if t, _ := p.Actor.Target(); t.Type != "Practitioner" && t.Type != "PractitionerRole" && t.Type != "Location" {
			kept = append(kept, p)
		}
	}
	a.Participant = append(kept, participant{
		Type:  []fhir.CodeableConcept{fhir.Concept("http://terminology.hl7.org/CodeSystem/v3-ParticipationType", "PPRF", "primary performer")},
		Actor: b.Who, Required: "required", Status: "accepted",
	})
	if b.Site.Reference != "" {
		a.Participant = append(a.Participant, participant{Actor: b.Site, Required: "required", Status: "accepted"})
	}
}

// hold are the operations by which a time is taken: a Slot, the one given or, for "", an opening of just that time or a new one, under the
// condition that no other Slot has one of its marks. Openings that lie over that time are open no more, for as long as it is taken. It returns
// the id of the Slot too.
func (k *desk) hold(ctx context.Context, s *record.Session, w wanted, id string, version int64) ([]record.Op, string, error) {
	page, err := facts.Whole(ctx, s, record.Query{Type: "Slot", Strict: true, Params: facts.Params("schedule.actor", w.book.Who.Reference, "status", "free", "start", "ge"+stamp(w.span.from.Add(-12*time.Hour)), "start", "lt"+stamp(w.span.until), "_count", "200")})
	if err != nil {
		return nil, "", err
	}
	var over []*record.Version
	for i := range page.Entries {
		e := &page.Entries[i].Version
		v, err := fhir.View[slot](e.Resource())
		if err != nil {
			return nil, "", err
		}
		at := span{v.Start.Time(), v.End.Time()}
		switch {
		case !w.span.overlaps(at):
		case id == "" && v.Schedule.Reference == w.book.Schedule && at.from.Equal(w.span.from) && at.until.Equal(w.span.until):
			id, version = e.ID, e.Version
		case e.ID != id:
			over = append(over, e)
		}
	}
	if id == "" {
		id = facts.NewUUID()
	}
	m := marks(w.book.Who.Reference, w.span)
	doc, err := fhir.New("Slot", slot{id, m, fhir.Reference{Reference: w.book.Schedule}, "busy", fhir.InstantOf(w.span.from), fhir.InstantOf(w.span.until)})
	if err != nil {
		return nil, "", err
	}
	ops := []record.Op{{Verb: record.Update, Type: "Slot", ID: id, Resource: doc, Condition: unmarked(m), IfMatch: version}}
	for _, e := range over {
		op, err := reopen(e, "busy-unavailable", []fhir.Identifier{{System: coveredSystem, Value: id}})
		if err != nil {
			return nil, "", err
		}
		ops = append(ops, op)
	}
	return ops, id, nil
}

// coveredSystem marks an opening over a time that is taken, with the id of the Slot that took it: when that is given back, so is the opening.
const coveredSystem = "https://osler.example/fhir/NamingSystem/covered-by"

// reopen opens or closes an opening.
func reopen(e *record.Version, status string, covered []fhir.Identifier) (record.Op, error) {
	v, err := fhir.View[slot](e.Resource())
	if err != nil {
		return record.Op{}, err
	}
	v.Status = status
	v.Identifier = append(slices.DeleteFunc(v.Identifier, func(id fhir.Identifier) bool { return id.System == coveredSystem }), covered...)
	doc, err := fhir.Merge(e.Resource(), v)
	return record.Op{Verb: record.Update, Type: "Slot", ID: e.ID, Resource: doc, IfMatch: e.Version}, err
}

// uncover opens what lay under a Slot that is given back or moved, but for what lies over its new time; the zero span keeps nothing.
func (k *desk) uncover(ctx context.Context, s *record.Session, id string, keep span) (ops []record.Op, err error) {
	page, err := facts.Whole(ctx, s, record.Query{Type: "Slot", Strict: true, Params: facts.Params("identifier", coveredSystem+"|"+id, "_count", "200")})
	if err != nil {
		return nil, err
	}
	for i := range page.Entries {
		v, err := fhir.View[slot](page.Entries[i].Resource())
		if err != nil {
			return nil, err
		}
		if keep.overlaps(span{v.Start.Time(), v.End.Time()}) {
			continue
		}
		op, err := reopen(&page.Entries[i].Version, "free", nil)
		if err != nil {
			return nil, err
		}
		ops = append(ops, op)
	}
	return ops, nil
}

// covered reports whether a Slot is an opening that only lies over a taken time: it takes nothing itself.
func covered(ids []fhir.Identifier) bool {
	return slices.ContainsFunc(ids, func(id fhir.Identifier) bool { return id.System == coveredSystem })
}

// clash says who has the time, or where the patient is then; the zero message if it is free. except is the appointment that is being moved.
func (k *desk) clash(ctx context.Context, s *record.Session, v visitor, w wanted, except string) (ui.Message, error) {
	since, before := stamp(w.span.from.Add(-12*time.Hour)), stamp(w.span.until)
	at := w.span.from.In(w.book.Zone)
	find := func(actor string) (*appointment, error) {
		page, err := facts.Whole(ctx, s, record.Query{Type: "Appointment", Strict: true, Params: facts.Params("actor", actor, "status", liveStates, "date", "ge"+since, "date", "lt"+before, "_count", "500")})
		if err != nil {
			return nil, err
		}
		for i := range page.Entries {
			a, err := fhir.View[appointment](page.Entries[i].Resource())
			if err != nil {
				return nil, err
			}
			if page.Entries[i].ID != except && a.span().overlaps(w.span) {
				return &a, nil
			}
		}
		return nil, nil
	}
	other, err := find(w.book.Who.Reference)
	if err != nil {
		return ui.Message{}, err
	}
	if other != nil {
		return ui.Message{Tone: ui.Caution, Lead: "Taken meanwhile.", Text: fmt.Sprintf("%s, %s is booked for %s. The next free times are below; nothing was booked.", format.DateTime(at), w.book.Who.Display, cmp.Or(other.actor("Patient").Display, "somebody else"))}, nil
	}
	if other, err = find("Patient/" + v.chart.ID); err != nil {
		return ui.Message{}, err
	}
	if other != nil {
		from := other.span().from.In(w.book.Zone)
		return ui.Message{Tone: ui.Caution, Lead: "The patient is elsewhere then.", Text: fmt.Sprintf("%s, %s with %s. Choose another time.", format.DateTime(from), other.title(), cmp.Or(other.actor("Practitioner").Display, "somebody else"))}, nil
	}
	slots, err := facts.Whole(ctx, s, record.Query{Type: "Slot", Strict: true, Params: facts.Params("schedule.actor", w.book.Who.Reference, "status", "busy,busy-unavailable,busy-tentative", "start", "ge"+since, "start", "lt"+before, "_count", "500")})
	if err != nil {
		return ui.Message{}, err
	}
	for i := range slots.Entries {
		x, err := fhir.View[slot](slots.Entries[i].Resource())
		if err != nil {
			return ui.Message{}, err
		}
		if !covered(x.Identifier) && (span{x.Start.Time(), x.End.Time()}).overlaps(w.span) && !k.holds(ctx, s, except, slots.Entries[i].ID) {
			return ui.Message{Tone: ui.Caution, Lead: "Taken meanwhile.", Text: format.DateTime(at) + ", " + w.book.Who.Display + " is not free any more. The next free times are below; nothing was booked."}, nil
		}
	}
	return ui.Message{}, nil
}

// holds reports whether a Slot is that of the appointment which is being moved.
func (k *desk) holds(ctx context.Context, s *record.Session, appointmentID, slotID string) bool {
	if appointmentID == "" {
		return false
	}
	v, err := s.Read(ctx, "Appointment", appointmentID)
	if err != nil {
		return false
	}
	a, err := fhir.View[appointment](v.Resource())
	return err == nil && len(a.Slot) > 0 && a.Slot[0].Reference == "Slot/"+slotID
}
