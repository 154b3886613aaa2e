package referrals

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/identity"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/web"
	"github.com/osler-ehr/osler/web/facts"
	"github.com/osler-ehr/osler/web/format"
	"github.com/osler-ehr/osler/web/ui"
)

// What a referral to us says, as inputs of its Task.
const (
	inName   = "patient name"
	inBorn   = "birth date"
	inPhone  = "telephone"
	inReason = "reason"
	inReach  = "reach the referrer"
	inCame   = "came by"
)

func said(t facts.Task, kind string) string {
	for _, p := range t.Input {
		if facts.Concept(p.Type) == kind {
			if s, ok := fhir.ChoiceValue[string](p.Value); ok {
				return s
			}
		}
	}
	return ""
}

// stateIn is where a referral to us stands.
func stateIn(t facts.Task) State {
	switch {
	case t.Status == "completed":
		return Closed
	case !t.Open():
		return Cancelled
	}
	switch s := State(t.Business.In(system)); s {
	case Accepted, Declined, Booked, Seen:
		return s
	}
	return Received
}

// wordsIn says it from our side.
func wordsIn(s State) string {
	switch s {
	case Accepted:
		return "Accepted, to book"
	case Declined:
		return "Declined, referrer to be told"
	case Seen:
		return "Seen, report owed"
	case Closed:
		return "Closed"
	case Cancelled:
		return "Declined, referrer told"
	}
	return s.words()
}

func dueIn(t facts.Task, zone *time.Location) time.Time {
	if due := t.Due(zone); !due.IsZero() {
		return due
	}
	if t.Authored.IsZero() {
		return time.Time{}
	}
	return expected(stateIn(t), t.Priority, t.Authored.Time(zone).In(zone)).AddDate(0, 0, 1)
}

func hrefIn(id string) string { return "/referrals/in/" + url.PathEscape(id) }

func entryIn(t facts.Task, now time.Time) entry {
	state := stateIn(t)
	id, _ := strings.CutPrefix(t.For.Reference, "Patient/")
	x := entry{patient: id, task: t, part: partOf(state, true)}
	x.row = Row{Name: t.Description, Href: hrefIn(t.ID), State: wordsIn(state), Who: said(t, inName), Born: said(t, inBorn), at: dueIn(t, now.Location()), Detail: "From " + t.Requester.Display}
	if reason := said(t, inReason); reason != "" {
		x.row.Detail += ": " + reason
	}
	if state == Booked {
		if day := dayOf(t, "booked", now.Location()); day != "" {
			x.row.State = "Booked for " + day
		}
	}
	if state.open() {
		if x.row.Due, x.row.Late = dueWords(x.row.at, now); x.row.Late {
			x.part = late
		}
	}
	return x
}

// blankIn is the form for a referral that came in.
func (e *desk) blankIn(r *http.Request) (web.View, error) {
	s, err := e.d.Session(r)
	if err != nil {
		return nil, err
	}
	f := web.NewForm(url.Values{"once": {facts.NewUUID()}, "came": {"fax"}, "day": {format.Date(e.d.Shell.Clock())}, "priority": {"routine"}, "owner": {"pool:" + facts.ClinicianPool}})
	return e.workIn(r.Context(), s, f, 0)
}

func (e *desk) workIn(ctx context.Context, s *record.Session, f *web.Form, status int) (web.View, error) {
	duty, err := facts.OnDuty(ctx, s, e.d.Identity, e.d.Shell.Clock())
	if err != nil {
		return nil, err
	}
	return web.Work{Title: "Referral to us", Current: "referrals", Back: "/referrals", Action: "/referrals", Body: fieldsIn(f, duty.Owners()), Status: status, Buttons: []ui.Button{{Label: "Enter referral", Kind: ui.Primary}}}, nil
}

var cameBy = []ui.Option{{Value: "fax", Label: "Fax"}, {Value: "post", Label: "Post"}, {Value: "phone", Label: "Telephone"}, {Value: "patient", Label: "The patient brought it"}, {Value: "electronic", Label: "Electronically"}}

var priorities = []ui.Option{{Value: "routine", Label: "Routine"}, {Value: "urgent", Label: "Urgent"}, {Value: "asap", Label: "As soon as possible"}}

func label(list []ui.Option, value string) (string, bool) {
	for _, o := range list {
		if o.Value == value {
			return o.Label, true
		}
	}
	return "", false
}

// createIn keeps a referral that came in: as a Task, since who the person is here is not decided yet.
func (e *desk) createIn(r *http.Request) (web.View, error) {
	f, err := web.ReadForm(r)
	if err != nil {
		return nil, err
	}
	s, err := e.d.Session(r)
	if err != nil {
		return nil, err
	}
	ctx, now, author := r.Context(), e.d.Shell.Clock(), facts.Author(r.Context())
	f.Need("name", "Say who is sent to us, as the letter says it.")
	f.Need("referrer", "Say who sends the patient.")
	f.Need("reason", "Say why the patient is sent.")
	f.Need("day", "Say on which day it came.")
	came, ok := label(cameBy, f.Text("came"))
	if !ok {
		f.Wrong("came", "Choose how it came.")
	}
	if _, ok := label(priorities, f.Text("priority")); !ok {
		f.Wrong("priority", "Choose one of the priorities.")
	}
	day := facts.PastDate(f, "day", now)
	born := facts.PastDate(f, "born", now)
	duty, err := facts.OnDuty(ctx, s, e.d.Identity, now)
	if err != nil {
		return nil, err
	}
	owner, ok := duty.OwnerName(f.Text("owner"))
	if !ok {
		f.Wrong("owner", "Choose somebody who works here.")
	}
	if !f.OK() {
		return e.workIn(ctx, s, f, http.StatusUnprocessableEntity)
	}
	t := facts.Task{
		Status: "requested", Business: Received.concept(), Intent: "order", Priority: f.Text("priority"), Code: fhir.Concept(facts.TaskKind, facts.ReferralInTask, "Referral to us"),
		Description: "Referral from " + f.Text("referrer"), Authored: fhir.DateTimeOf(now, fhir.Second), Requester: fhir.Reference{Display: f.Text("referrer")},
	}
	t.Business.Coding = t.Business.Coding[:1] // no order of ours
	t.Give(f.Text("owner"), owner)
	t.Restriction.Period.End = fhir.DateTimeOf(expected(Received, t.Priority, now), fhir.Day)
	for _, x := range [][2]string{{inName, f.Text("name")}, {inBorn, facts.Day(born, now.Location())}, {inPhone, f.Text("phone")}, {inReason, f.Text("reason")}, {inReach, f.Text("reach")}, {inCame, came}} {
		if x[1] != "" {
			t.Input = append(t.Input, facts.Part(x[0], fhir.ChoiceOf(x[1])))
		}
	}
	t.Say(author, now, strings.TrimSpace(came+", "+facts.Day(day, now.Location())+". "+f.Text("note")))
	op := record.Op{Verb: record.Create, Type: "Task"}
	t.Identifier, op.Condition = facts.Once(f, "")
	if op.Resource, err = fhir.New("Task", t); err != nil {
		return nil, err
	}
	done, err := s.Do(ctx, []record.Op{op})
	if err != nil {
		if reason := facts.Refused(err); reason != "" {
			return nil, &web.Problem{Kind: web.ErrInvalid, Advice: reason}
		}
		return nil, err
	}
	return web.Done{To: hrefIn(done[0].ID), Say: ui.Message{Lead: t.Description, Text: "entered; waits to be decided."}}, nil
}

func (e *desk) readIn(r *http.Request) (*record.Session, facts.Task, *record.Version, facts.Duty, error) {
	s, err := e.d.Session(r)
	if err != nil {
		return nil, facts.Task{}, nil, facts.Duty{}, err
	}
	v, err := s.Read(r.Context(), "Task", r.PathValue("task"))
	if err != nil {
		return nil, facts.Task{}, nil, facts.Duty{}, err
	}
	t, err := fhir.View[facts.Task](v.Resource())
	if err == nil && t.Kind() != facts.ReferralInTask {
		err = web.ErrNotFound
	}
	if err != nil {
		return nil, t, v, facts.Duty{}, err
	}
	duty, err := facts.OnDuty(r.Context(), s, e.d.Identity, e.d.Shell.Clock())
	return s, t, v, duty, err
}

// openIn shows a referral to us.
func (e *desk) openIn(r *http.Request) (web.View, error) {
	s, t, _, duty, err := e.readIn(r)
	if err != nil {
		return nil, err
	}
	return e.showIn(r.Context(), s, t, duty)
}

func (e *desk) showIn(ctx context.Context, s *record.Session, t facts.Task, duty facts.Duty) (web.Work, error) {
	zone, now, state := e.d.Shell.Location(), e.d.Shell.Clock(), stateIn(t)
	var v view
	add := func(label, value string) {
		if value != "" {
			v.Facts = append(v.Facts, [2]string{label, value})
		}
	}
	add("State", wordsIn(state))
	if state.open() {
		due, _ := dueWords(dueIn(t, zone), now)
		add("Next step", due)
	}
	add("Patient in the letter", said(t, inName))
	add("Born", said(t, inBorn))
	add("Telephone", said(t, inPhone))
	add("Referrer", t.Requester.Display)
	add("Reach the referrer", said(t, inReach))
	add("Reason", said(t, inReason))
	if t.Priority != "routine" {
		add("Priority", t.Priority)
	}
	add("Who answers for it", ownerWords(duty, t))
	add("Booked for", dayOf(t, "booked", zone))
	add("Declined because", t.StatusReason.Text)
	v.Done = history(t.Note, zone)
	w := web.Work{Title: t.Description, Current: "referrals", Back: "/referrals"}
	if id, ok := strings.CutPrefix(t.For.Reference, "Patient/"); ok {
		banner, err := facts.ReadBanner(ctx, s, id, now, zone)
		if err != nil {
			return w, err
		}
		w.Patient = &banner
		v.Links = append(v.Links, ui.Button{Label: "Chart", Href: "/patients/" + url.PathEscape(id)})
	}
	if s.May(access.Update, "Task") {
		v.Next = buttons(stepsIn, state, hrefIn(t.ID), identity.From(ctx))
	}
	w.Body = v.draw()
	return w, nil
}

// formIn is the form of one step of a referral to us.
func (e *desk) formIn(r *http.Request) (web.View, error) {
	s, t, tv, duty, err := e.readIn(r)
	if err != nil {
		return nil, err
	}
	ctx, now := r.Context(), e.d.Shell.Clock()
	st, err := may(ctx, stepsIn, r.PathValue("step"))
	if err != nil {
		return nil, err
	}
	if state := stateIn(t); !state.open() || st.do != noting.do && !st.fits(state) {
		w, err := e.showIn(ctx, s, t, duty)
		w.Messages = []ui.Message{{Tone: ui.Caution, Lead: "Not now.", Text: "The referral stands at: " + wordsIn(state) + "."}}
		return w, err
	}
	f := web.NewForm(url.Values{"day": {format.Date(now)}, "how": {"fax"}, "to": {t.Requester.Display}, "version": {strconv.FormatInt(tv.Version, 10)}, "owner": {ownerValue(t)}})
	if st.early {
		f.Set("day", "")
	}
	if st.do == noting.do {
		f.Set("due", dayText(dueIn(t, now.Location())))
	}
	if st.asks&asksPatient != 0 {
		f.Set("patient", said(t, inName))
		match, err := e.likely(ctx, s, t)
		if err != nil {
			return nil, err
		}
		if match.ID != "" {
			f.Set("patient", match.Name(now).Plain()+", "+match.BornLine(now, now.Location()))
			f.Set("patient-id", match.ID)
		}
	}
	return e.stepIn(t, duty, st, f, 0), nil
}

// likely is the one patient here with the name and birth date of the letter; the zero Patient if there is none or several.
func (e *desk) likely(ctx context.Context, s *record.Session, t facts.Task) (facts.Patient, error) {
	iso, ok := format.TypedDate(said(t, inBorn), e.d.Shell.Clock())
	if !ok {
		return facts.Patient{}, nil
	}
	q := facts.Params("birthdate", iso, "_count", "3")
	for _, word := range strings.FieldsFunc(said(t, inName), func(r rune) bool { return r == ' ' || r == ',' }) {
		q = append(q, facts.Params("name", word)...)
	}
	page, err := s.Search(ctx, record.Query{Type: "Patient", Params: q})
	if err != nil || len(page.Entries) != 1 {
		return facts.Patient{}, err
	}
	p, err := fhir.View[facts.Patient](page.Entries[0].Resource())
	p.ID = page.Entries[0].ID
	return p, err
}

func (e *desk) stepIn(t facts.Task, duty facts.Duty, st step, f *web.Form, status int) web.Work {
	word := st.label
	if st.do == noting.do {
		word = "Save"
	}
	fields := stepFields{step: st, owners: duty.Owners(), usual: e.usual(st, t.Priority)}
	return web.Work{Title: t.Description + ": " + strings.ToLower(st.label[:1]) + st.label[1:], Current: "referrals", Back: hrefIn(t.ID), Action: hrefIn(t.ID) + "/" + st.do, Body: fields.draw(f), Status: status, Buttons: []ui.Button{{Label: word, Kind: ui.Primary}}}
}

// takeIn carries out a step of a referral to us.
func (e *desk) takeIn(r *http.Request) (web.View, error) {
	f, err := web.ReadForm(r)
	if err != nil {
		return nil, err
	}
	s, t, tv, duty, err := e.readIn(r)
	if err != nil {
		return nil, err
	}
	ctx, now := r.Context(), e.d.Shell.Clock()
	st, err := may(ctx, stepsIn, r.PathValue("step"))
	if err != nil {
		return nil, err
	}
	meanwhile := func(t facts.Task) (web.View, error) {
		w, err := e.showIn(ctx, s, t, duty)
		w.Status = http.StatusConflict
		w.Messages = []ui.Message{{Tone: ui.Caution, Lead: "Changed by somebody else meanwhile; nothing of yours was saved.", Text: "It stands at: " + wordsIn(stateIn(t)) + "."}}
		return w, err
	}
	if v := facts.Editing(f); v != tv.Version || !stateIn(t).open() || st.do != noting.do && !st.fits(stateIn(t)) {
		return meanwhile(t)
	}
	if st.asks&asksPatient != 0 {
		id := f.Text("patient-id")
		if !fhir.ValidID(id) {
			f.Wrong("patient", "Choose the patient from the list. If there is none, register the patient first.")
		} else if _, err := s.Read(ctx, "Patient", id); record.KindOf(err) == record.KindNotFound || record.KindOf(err) == record.KindGone {
			f.Wrong("patient", "This patient is not there. Choose from the list.")
		} else if err != nil {
			return nil, err
		} else {
			t.For = fhir.To("Patient", id)
		}
	}
	change{desk: e, step: st, form: f, author: facts.Author(ctx), now: now, priority: t.Priority, duty: duty}.apply(&t)
	switch st.do {
	case "accepted":
		t.Status = "accepted"
	case "declined":
		t.Status, t.StatusReason = "on-hold", fhir.CodeableConcept{Text: f.Text("note")}
	case "told":
		t.Status, t.StatusReason = "rejected", fhir.CodeableConcept{Text: reasonOf(tv)}
	}
	if len(t.Business.Coding) > 1 {
		t.Business.Coding, t.Business.Text = t.Business.Coding[:1], wordsIn(st.to)
	}
	if !f.OK() {
		return e.stepIn(t, duty, st, f, http.StatusUnprocessableEntity), nil
	}
	doc, err := fhir.Merge(tv.Resource(), t)
	if err != nil {
		return nil, err
	}
	if _, err := s.Do(ctx, []record.Op{{Verb: record.Update, Type: "Task", ID: tv.ID, Resource: doc, IfMatch: tv.Version}}); err != nil {
		if reason := facts.Refused(err); reason != "" {
			w := e.stepIn(t, duty, st, f, http.StatusUnprocessableEntity)
			w.Messages = []ui.Message{{Tone: ui.Critical, Lead: "Not saved.", Text: reason}}
			return w, nil
		}
		if !facts.Changed(err) {
			return nil, err
		}
		if s, t, _, duty, err = e.readIn(r); err != nil {
			return nil, err
		}
		return meanwhile(t)
	}
	text := "changed."
	if st.do != noting.do {
		text = strings.ToLower(wordsIn(st.to)[:1]) + wordsIn(st.to)[1:] + "."
	}
	return web.Done{To: hrefIn(t.ID), Say: ui.Message{Lead: t.Description + ":", Text: text}}, nil
}

func reasonOf(v *record.Version) string {
	t, err := fhir.View[facts.Task](v.Resource())
	if err != nil {
		return ""
	}
	return t.StatusReason.Text
}

// patients answers the box for whose chart a referral belongs to.
func (e *desk) patients(r *http.Request) (web.View, error) {
	s, err := e.d.Session(r)
	if err != nil {
		return nil, err
	}
	typed := strings.TrimSpace(r.FormValue("q"))
	if len(typed) > 200 {
		return web.Options(nil, "Type a name or a birth date."), nil
	}
	now := e.d.Shell.Clock()
	q := facts.Params("_count", "10")
	if iso, ok := format.TypedDate(typed, now); ok {
		q = append(q, facts.Params("birthdate", iso)...)
	} else {
		words := strings.FieldsFunc(typed, func(r rune) bool { return r == ' ' || r == ',' })
		if len(words) == 0 {
			return web.Options(nil, "Type a name or a birth date."), nil
		}
		for _, word := range words {
			q = append(q, facts.Params("name", word)...)
		}
	}
	page, err := s.Search(r.Context(), record.Query{Type: "Patient", Params: q})
	if err != nil {
		return nil, err
	}
	var list []web.Option
	for i := range page.Entries {
		p, err := fhir.View[facts.Patient](page.Entries[i].Resource())
		if err != nil {
			return nil, err
		}
		list = append(list, web.Option{Value: page.Entries[i].ID, Label: p.Name(now).Plain() + ", " + p.BornLine(now, now.Location()), Note: p.MRN()})
	}
	if page.Next != "" {
		return web.FirstOptions(list, "More patients match: type more of the name, or the birth date."), nil
	}
	return web.Options(list, "Nobody of this name is known here. Register the patient first."), nil
}
