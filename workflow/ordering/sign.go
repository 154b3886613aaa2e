package ordering

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/identity"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/web"
	"github.com/osler-ehr/osler/web/facts"
	"github.com/osler-ehr/osler/web/format"
	"github.com/osler-ehr/osler/web/ui"
)

// sign makes every order of the basket, with the Task that follows it, in one transaction.
func (e *desk) sign(r *http.Request) (web.View, error) {
	f, err := web.ReadForm(r)
	if err != nil {
		return nil, err
	}
	var b basket
	var origin *record.Version
	ctx, now := r.Context(), e.d.Shell.Clock()
	chart, err := facts.OpenChart(r, e.d.Session, e.d.Shell, func(s *record.Session, id string) (err error) {
		if b, err = e.fill(ctx, s, id, f); err == nil && b.From != "" {
			origin, err = s.Read(ctx, "Task", b.From)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	if len(b.Items) == 0 {
		f.Wrong("box", "Say what to order: type a word of it and choose from the list, or leave it in your own words.")
	}
	days := make([]time.Time, len(b.Items))
	for i, it := range b.Items {
		day, ok := typedDue(f.Text(it.field("due")), now)
		if !ok {
			f.Wrong(it.field("due"), "Not a day to come. Write it as today, 1 week, in 3 months, or 14-Dec-2026.")
		}
		days[i] = day
		if p := f.Text(it.field("priority")); !known(priorities, p) {
			f.Wrong(it.field("priority"), "Choose one of the priorities.")
		}
		if reason := f.Text(it.field("reason")); reason != "" && !known(b.Reasons, reason) {
			f.Wrong(it.field("reason"), "This problem is not active any more. Choose another one.")
		}
	}
	b.answer(f)
	if !f.OK() {
		w := work(chart, b, f, http.StatusUnprocessableEntity)
		if wrong := f.Error("seen"); wrong != "" {
			w.Messages = []ui.Message{{Tone: ui.Caution, Lead: "Nothing was ordered yet.", Text: wrong}}
		}
		return w, nil
	}
	if text, own := strings.CutPrefix(b.New, inWords); own { // what was left in the box may be half a word
		w := work(chart, b, f, http.StatusUnprocessableEntity)
		w.Messages = []ui.Message{{Tone: ui.Caution, Lead: "“" + text + "” is not in the catalogue.", Text: "Nothing was ordered yet. Sign again if it is meant in these words."}}
		return w, nil
	}
	author := facts.Author(ctx)
	var ops []record.Op
	var made []fhir.Reference
	for i, it := range b.Items {
		two, ref, err := it.write(f, chart.ID, author, b.Reasons, days[i], now)
		if err != nil {
			return nil, err
		}
		ops = append(ops, two...)
		made = append(made, ref)
	}
	found, err := b.issues(f, chart.ID, made, author, e)
	if err != nil {
		return nil, err
	}
	if origin != nil {
		op, err := actedOn(origin, chart.ID, made, b.names(), author, now)
		if err != nil {
			return nil, err
		}
		ops = append(ops, op)
	}
	done, err := chart.Session.Do(ctx, append(ops, found...))
	if err != nil {
		reason := facts.Refused(err)
		if reason == "" {
			return nil, err
		}
		view := work(chart, b, f, http.StatusUnprocessableEntity)
		view.Messages = []ui.Message{{Tone: ui.Critical, Lead: "Nothing was ordered.", Text: reason}}
		return view, nil
	}
	e.forget(ctx)
	ids := url.Values{}
	for i := range b.Items {
		ids.Add("order", done[2*i].ID)
	}
	return web.Done{To: "/patients/" + url.PathEscape(chart.ID), Say: ui.Message{
		Lead: b.names(), Text: "ordered for " + chart.Banner.Name.Plain() + ".", LinkLabel: "Print the requisition", LinkHref: base(chart.ID) + "/print?" + ids.Encode(),
	}}, nil
}

func known(list []ui.Option, value string) bool {
	for _, o := range list {
		if o.Value == value {
			return true
		}
	}
	return false
}

// names lists the orders in words.
func (b basket) names() string {
	var names []string
	for _, it := range b.Items {
		names = append(names, it.Name)
	}
	if n := len(names); n > 1 {
		return strings.Join(names[:n-1], ", ") + " and " + names[n-1]
	}
	return strings.Join(names, "")
}

// write makes the two operations of one order: the ServiceRequest and its Task.
func (it item) write(f *web.Form, patient string, author fhir.Reference, reasons []ui.Option, day, now time.Time) ([]record.Op, fhir.Reference, error) {
	ref := fhir.Reference{Reference: "urn:uuid:" + facts.NewUUID()}
	o := it.order(f, patient, author, reasons, day, now)
	first := record.Op{Verb: record.Create, Type: "ServiceRequest", FullURL: ref.Reference}
	o.Identifier, first.Condition = facts.Once(f, it.part())
	second := record.Op{Verb: record.Create, Type: "Task"}
	t := follow(o, ref, day)
	t.Identifier, second.Condition = facts.Once(f, it.part()+"-task")
	var err error
	if first.Resource, err = fhir.New("ServiceRequest", o); err != nil {
		return nil, ref, err
	}
	second.Resource, err = fhir.New("Task", t)
	return []record.Op{first, second}, ref, err
}

// order is the ServiceRequest as the form has it; the zero day is none yet.
func (it item) order(f *web.Form, patient string, author fhir.Reference, reasons []ui.Option, day, now time.Time) order {
	o := order{
		Meta: fhir.Meta{Profile: []string{profile}}, Status: "active", Intent: "order", Priority: f.Text(it.field("priority")), Code: it.Code, Subject: fhir.To("Patient", patient),
		Authored: fhir.DateTimeOf(now, fhir.Second), Requester: author,
	}
	if !day.IsZero() {
		o.Occurrence = fhir.ChoiceOf(fhir.DateTimeOf(day, fhir.Day))
	}
	if cat, ok := categories[it.Kind]; ok {
		o.Category = []fhir.CodeableConcept{fhir.Concept(cat.System, cat.Code, cat.Display)}
	}
	if reason := f.Text(it.field("reason")); reason != "" {
		for _, x := range reasons {
			if x.Value == reason {
				o.ReasonReference = []fhir.Reference{{Reference: "Condition/" + reason, Display: x.Label}}
			}
		}
	}
	if note := f.Text(it.field("note")); note != "" {
		a := fhir.Annotation{Time: o.Authored, Text: note}
		if author.Reference != "" {
			a.AuthorReference = author
		} else {
			a.AuthorString = author.Display
		}
		o.Note = []fhir.Annotation{a}
	}
	return o
}

// follow is the Task that follows an order: the one who ordered answers for it.
func follow(o order, ref fhir.Reference, due time.Time) facts.Task {
	t := facts.Task{
		Status: "requested", Business: Ordered.concept(), Intent: "order", Priority: o.Priority, Code: fhir.Concept(facts.TaskKind, facts.OrderTask, "Follow an order"),
		Description: o.name(), Focus: ref, For: o.Subject, Authored: o.Authored, Modified: o.Authored, Requester: o.Requester,
	}
	if o.referral() {
		t.Code = facts.FollowReferral()
		for _, p := range o.Performer {
			if p.Display != "" && t.ReferTo() == "" {
				t.SetReferTo(p.Display)
			}
		}
	}
	if strings.HasPrefix(o.Requester.Reference, "Practitioner/") {
		t.Owner = o.Requester
	}
	if !due.IsZero() {
		t.Restriction.Period.End = fhir.DateTimeOf(due, fhir.Day)
	}
	return t
}

// actedOn notes on the Task of a result what was ordered because of it.
func actedOn(v *record.Version, patient string, made []fhir.Reference, names string, author fhir.Reference, now time.Time) (record.Op, error) {
	t, err := fhir.View[facts.Task](v.Resource())
	if err != nil {
		return record.Op{}, err
	}
	if t.For.Reference != "Patient/"+patient {
		return record.Op{}, web.ErrNotFound
	}
	for _, ref := range made {
		t.Output = append(t.Output, facts.Part("order", fhir.ChoiceOf(ref)))
	}
	t.Say(author, now, "Ordered "+names+".")
	doc, err := fhir.Merge(v.Resource(), t)
	return record.Op{Verb: record.Update, Type: "Task", ID: v.ID, Resource: doc, IfMatch: v.Version}, err
}

// dueWords writes until when something is expected, and how late it is.
func dueWords(due, now time.Time) (text string, late bool) {
	if due.IsZero() {
		return "no due date", false
	}
	day := due.Add(-time.Second).In(now.Location()) // a day ends where the next begins
	if now.Before(due) {
		return "due " + format.Date(day), false
	}
	return "was due " + format.Date(day), true
}

// forget has the habits of whoever signs counted anew.
func (e *desk) forget(ctx context.Context) {
	e.mu.Lock()
	delete(e.usual, identity.From(ctx).ID)
	e.mu.Unlock()
}
