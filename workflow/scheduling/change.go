package scheduling

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/web"
	"github.com/osler-ehr/osler/web/facts"
	"github.com/osler-ehr/osler/web/format"
	"github.com/osler-ehr/osler/web/ui"
)

// cancelSystem is R4's list of reasons for a cancellation.
const cancelSystem = "http://terminology.hl7.org/CodeSystem/appointment-cancellation-reason"

// reasons are why visits are cancelled and moved.
var reasons = []ui.Option{
	{Value: "", Label: "Choose why"}, {Value: "pat", Label: "The patient asked"}, {Value: "pat-fb", Label: "The patient feels better"}, {Value: "prov", Label: "The practice asked"}, {Value: "prov-pers", Label: "The clinician is away"},
	{Value: "maint", Label: "Equipment or room"}, {Value: "oth-weath", Label: "Weather"}, {Value: "oth-err", Label: "Booked by mistake"}, {Value: "other", Label: "Another reason"},
}

func reasonLabel(code string) string {
	for _, o := range reasons {
		if o.Value == code && code != "" {
			return o.Label
		}
	}
	return ""
}

// read reads the appointment that the address names. One of another patient is not there.
func (k *desk) read(r *http.Request) (v visitor, a appointment, ver *record.Version, err error) {
	if v, err = k.visitor(r); err != nil {
		return v, a, nil, err
	}
	if ver, err = v.chart.Session.Read(r.Context(), "Appointment", r.PathValue("appointment")); err != nil {
		return v, a, nil, err
	}
	if a, err = fhir.View[appointment](ver.Resource()); err == nil && a.patient() != v.chart.ID {
		err = web.ErrNotFound
	}
	return v, a, ver, err
}

// asIs fills in what the appointment says, so that a move begins with the same type and person.
func (k *desk) asIs(ctx context.Context, s *record.Session, f *web.Form, a appointment, all []book) {
	code := ""
	for _, c := range a.Service {
		if v := c.In(kindSystem); v != "" {
			code = v
		}
	}
	if _, ok := kindOf(code); !ok {
		code = kinds[0].code
		for _, o := range kinds { // the one of the same length, of what another system called otherwise
			if o.minutes == a.minutes() {
				code = o.code
				break
			}
		}
	}
	if f.Text("kind") == "" {
		f.Set("kind", code)
	}
	if f.Text("with") == "" {
		who, site := a.actor("Practitioner").Reference, a.actor("Location").Reference
		for _, b := range all {
			if b.Who.Reference == who && (f.Text("with") == "" || b.Site.Reference == site) {
				f.Set("with", b.Schedule)
			}
		}
	}
	if !f.Has("when") {
		f.Set("when", format.Date(a.Start.Time().In(k.d.Shell.Location())))
	}
	if a.Start.Time().Before(k.d.Shell.Clock()) && f.Text("when") == format.Date(a.Start.Time().In(k.d.Shell.Location())) {
		f.Set("when", "")
	}
}

// open shows an appointment, with the forms that move and cancel it.
func (k *desk) open(r *http.Request) (web.View, error) {
	v, a, ver, err := k.read(r)
	if err != nil {
		return nil, err
	}
	f := web.NewForm(url.Values{"version": {strconv.FormatInt(ver.Version, 10)}})
	return k.changeForm(r.Context(), v, a, f, 0)
}

func (k *desk) changeForm(ctx context.Context, v visitor, a appointment, f *web.Form, status int, messages ...ui.Message) (web.View, error) {
	w := web.Work{Title: "Visit", Current: "chart", Patient: &v.chart.Banner, Back: "/patients/" + url.PathEscape(v.chart.ID), Messages: messages, Status: status}
	about := k.about(a)
	if !a.waiting() {
		w.Body = aboutVisit(about)
		return w, nil
	}
	k.asIs(ctx, v.chart.Session, f, a, v.books)
	o, err := k.offerFor(ctx, v.chart.Session, f, v.books)
	if err != nil {
		return nil, err
	}
	w.Action = base(v.chart.ID) + "/" + url.PathEscape(a.ID)
	w.Body = changeFields(about, o, base(v.chart.ID)+"/free")
	w.Buttons = []ui.Button{{Label: "Cancel visit", Kind: ui.Danger, Attrs: map[string]any{"name": "cancel", "value": "yes"}}}
	if a.span().from.Before(k.d.Shell.Clock()) {
		w.Buttons = append(w.Buttons, ui.Button{Label: "Did not come", Attrs: map[string]any{"name": "noshow", "value": "yes"}})
	}
	w.Buttons = append(w.Buttons, ui.Button{Label: "Move visit", Kind: ui.Primary})
	return w, nil
}

// change moves or cancels an appointment, or notes that the patient did not come.
func (k *desk) change(r *http.Request) (web.View, error) {
	f, err := web.ReadForm(r)
	if err != nil {
		return nil, err
	}
	v, a, ver, err := k.read(r)
	if err != nil {
		return nil, err
	}
	ctx, s := r.Context(), v.chart.Session
	if shown := facts.Editing(f); shown != ver.Version || !a.waiting() {
		f.Set("version", strconv.FormatInt(ver.Version, 10))
		return k.changeForm(ctx, v, a, f, http.StatusConflict, ui.Message{Tone: ui.Caution, Lead: "Changed by somebody else.", Text: "What stands there now is below. Nothing of yours was saved."})
	}
	k.asIs(ctx, s, f, a, v.books)
	was := a
	var ops []record.Op
	var w wanted
	off := f.Has("cancel") || f.Has("noshow")
	why := reasonLabel(f.Text("why"))
	if why == "" && !f.Has("noshow") {
		f.Wrong("why", "Say why, so that the next who looks knows.")
		return k.changeForm(ctx, v, a, f, http.StatusUnprocessableEntity)
	}
	if off {
		a.Status = "cancelled"
		if f.Has("noshow") {
			a.Status = "noshow"
		} else {
			a.Cancelation = fhir.CodeableConcept{Coding: []fhir.Coding{{System: cancelSystem, Code: f.Text("why")}}, Text: why}
		}
		if ops, err = k.release(ctx, s, was); err != nil {
			return nil, err
		}
	} else {
		var again bool
		if w, again = k.want(f, v.books); again {
			return k.changeForm(ctx, v, a, f, http.StatusUnprocessableEntity, ui.Message{Tone: ui.Caution, Lead: "Choose a time.", Text: "These are the times for what you asked."})
		}
		if m, err := k.clash(ctx, s, v, w, a.ID); err != nil {
			return nil, err
		} else if m.Lead != "" {
			return k.changeForm(ctx, v, was, f, http.StatusConflict, m)
		}
		if ops, err = k.shift(ctx, s, &a, w); err != nil {
			return nil, err
		}
		a.noteMove(was.Start, why)
	}
	doc, err := fhir.Merge(ver.Resource(), a)
	if err != nil {
		return nil, err
	}
	_, err = s.Do(ctx, append(ops, record.Op{Verb: record.Update, Type: "Appointment", ID: a.ID, Resource: doc, IfMatch: ver.Version}))
	switch reason := facts.Refused(err); {
	case facts.Changed(err):
		v, a, ver, readErr := k.read(r)
		if readErr != nil {
			return nil, readErr
		}
		f.Set("version", strconv.FormatInt(ver.Version, 10))
		return k.changeForm(ctx, v, a, f, http.StatusConflict, ui.Message{Tone: ui.Caution, Lead: "Not saved.", Text: "Somebody else changed this visit or took the time at the same moment. What stands there now is below."})
	case reason != "":
		return k.changeForm(ctx, v, was, f, http.StatusUnprocessableEntity, ui.Message{Tone: ui.Critical, Lead: "Not saved.", Text: reason})
	case err != nil:
		return nil, err
	}
	if !off {
		return k.booked(v, w, "moved"), nil
	}
	at := was.span().from.In(k.d.Shell.Location())
	say := "cancelled: "
	if f.Has("noshow") {
		say = "marked as not come to: "
	}
	return web.Done{To: "/patients/" + url.PathEscape(v.chart.ID), Say: ui.Message{Lead: was.title(), Text: fmt.Sprintf("%s%s %s.", say, format.Weekday(at), format.DateTime(at))}}, nil
}

// held reads the Slot of an appointment; nil if it has none.
func (k *desk) held(ctx context.Context, s *record.Session, a appointment) (*record.Version, slot, error) {
	if len(a.Slot) == 0 {
		return nil, slot{}, nil
	}
	t, ok := a.Slot[0].Target()
	if !ok || t.Type != "Slot" {
		return nil, slot{}, nil
	}
	v, err := s.Read(ctx, "Slot", t.ID)
	if record.KindOf(err) == record.KindNotFound || record.KindOf(err) == record.KindGone {
		return nil, slot{}, nil
	}
	if err != nil {
		return nil, slot{}, err
	}
	x, err := fhir.View[slot](v.Resource())
	return v, x, err
}

// release gives the time of an appointment back.
func (k *desk) release(ctx context.Context, s *record.Session, a appointment) ([]record.Op, error) {
	v, x, err := k.held(ctx, s, a)
	if err != nil || v == nil {
		return nil, err
	}
	x.Status = "free" // what other systems call it stays
	x.Identifier = slices.DeleteFunc(slices.Clone(x.Identifier), func(id fhir.Identifier) bool { return id.System == markSystem })
	doc, err := fhir.Merge(v.Resource(), x)
	if err != nil {
		return nil, err
	}
	ops, err := k.uncover(ctx, s, v.ID, span{})
	return append(ops, record.Op{Verb: record.Update, Type: "Slot", ID: v.ID, Resource: doc, IfMatch: v.Version}), err
}

// shift moves an appointment to another time: its own Slot goes with it. One that another system made is given back, and a new one taken.
func (k *desk) shift(ctx context.Context, s *record.Session, a *appointment, w wanted) (ops []record.Op, err error) {
	v, x, err := k.held(ctx, s, *a)
	if err != nil {
		return nil, err
	}
	id, version := "", int64(0)
	if v != nil && len(x.Identifier) > 0 && x.Identifier[0].System == markSystem {
		id, version = v.ID, v.Version
		if ops, err = k.uncover(ctx, s, id, w.span); err != nil {
			return nil, err
		}
	} else if v != nil {
		if ops, err = k.release(ctx, s, *a); err != nil {
			return nil, err
		}
	}
	taken, id, err := k.hold(ctx, s, w, id, version)
	if err != nil {
		return nil, err
	}
	a.Start, a.End, a.Minutes = fhir.InstantOf(w.span.from), fhir.InstantOf(w.span.until), w.kind.minutes
	a.Service, a.Type = []fhir.CodeableConcept{w.kind.service()}, fhir.Concept(reasonSystem, w.kind.hl7, "")
	a.Slot = []fhir.Reference{fhir.To("Slot", id)}
	a.seenBy(w.book)
	return append(ops, taken...), nil
}

// visitLines are what an appointment says, as people read it.
type visitLines struct {
	Title, When, Who, Where, State string
	Notes                          []string
}

func (k *desk) about(a appointment) visitLines {
	zone := k.d.Shell.Location()
	at := a.span().from.In(zone)
	word, _ := a.state()
	v := visitLines{
		Title: a.title(), When: format.Weekday(at) + " " + format.DateTime(at) + ", " + length(a.minutes()), Who: a.actor("Practitioner").Display, Where: a.actor("Location").Display, State: word,
		Notes: a.moves(zone),
	}
	if why := facts.Concept(a.Cancelation); why != "" {
		v.Notes = append(v.Notes, "Cancelled: "+why)
	}
	return v
}
