package ordering

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/web"
	"github.com/osler-ehr/osler/web/facts"
	"github.com/osler-ehr/osler/web/format"
	"github.com/osler-ehr/osler/web/ui"
)

// view is one order as its form shows it.
type view struct {
	tracked
	kind    Kind
	owners  []ui.Option
	duty    facts.Duty
	facts   [][2]string // label and value
	notes   []fhir.Annotation
	zone    *time.Location
	printTo string
	shown   int64 // see written
}

// open shows one order: where it stands, and what can be done next.
func (e *desk) open(r *http.Request) (web.View, error) {
	chart, v, _, _, err := e.read(r)
	if err != nil {
		return nil, err
	}
	f := web.NewForm(url.Values{})
	v.fill(f)
	return e.show1(chart, v, f, 0), nil
}

func (e *desk) read(r *http.Request) (facts.Chart, view, *record.Version, *record.Version, error) {
	v := view{zone: e.d.Shell.Location()}
	var ov, tv *record.Version
	var duty facts.Duty
	ctx := r.Context()
	chart, err := facts.OpenChart(r, e.d.Session, e.d.Shell, func(s *record.Session, id string) (err error) {
		if v.tracked, ov, tv, err = find(ctx, s, id, r.PathValue("order"), v.zone); err != nil {
			return err
		}
		duty, err = facts.OnDuty(ctx, s, e.d.Identity, e.d.Shell.Clock())
		return err
	})
	if err != nil {
		return chart, v, nil, nil, err
	}
	v.kind, v.shown = e.catalogue.kind(v.order), written(ov, tv)
	v.owners, v.duty = duty.Owners(), duty
	v.printTo = base(chart.ID) + "/print?order=" + url.QueryEscape(v.ID)
	add := func(label, value string) {
		if value != "" {
			v.facts = append(v.facts, [2]string{label, value})
		}
	}
	word := v.state.words()
	if v.state == Collected {
		word = v.kind.taken()
	}
	add("State", word)
	due, _ := dueWords(v.due, e.d.Shell.Clock())
	if v.state.open() {
		add("Expected", due)
	}
	add("Ordered", strings.TrimSpace(facts.Moment(v.Authored, v.zone)+" by "+v.Requester.Display))
	var reasons []string
	for _, x := range v.ReasonReference {
		reasons = append(reasons, x.Display)
	}
	for _, x := range v.ReasonCode {
		reasons = append(reasons, facts.Concept(x))
	}
	add("For", strings.Join(reasons, ", "))
	if v.Priority != "" && v.Priority != "routine" {
		add("Priority", v.Priority)
	}
	v.notes = append(v.notes, v.Note...)
	if v.task != nil {
		v.notes = append(v.notes, v.task.Note...)
		add("Reason", v.task.StatusReason.Text)
	}
	return chart, v, ov, tv, nil
}

// written is a version of an order and of the Task that carries it on together: it grows whenever one of them is changed.
func written(order, task *record.Version) int64 {
	if task != nil {
		return order.Version + task.Version
	}
	return order.Version
}

func (v view) fill(f *web.Form) {
	f.Set("version", strconv.FormatInt(v.shown, 10))
	if !v.due.IsZero() {
		f.Set("due", format.Date(v.due.Add(-time.Second).In(v.zone)))
	}
	f.Set("was", f.Text("due"))
	f.Set("owner", v.owner())
}

// owner is who answers for the order as it stands written, as a value of the field.
func (v view) owner() string {
	if v.task == nil {
		return v.Requester.Reference
	}
	if v.task.Owner.Reference == "" && v.task.Pool() != "" {
		return "pool:" + v.task.Pool()
	}
	return v.task.Owner.Reference
}

func (e *desk) show1(chart facts.Chart, v view, f *web.Form, status int) web.Work {
	href := base(chart.ID) + "/" + url.PathEscape(v.ID)
	w := web.Work{Title: "Order: " + v.name(), Current: "chart", Patient: &chart.Banner, Back: "/patients/" + url.PathEscape(chart.ID), Action: href, Body: v.draw(f), Status: status}
	do := func(label, what string, kind ui.Kind) ui.Button {
		return ui.Button{Label: label, Kind: kind, Attrs: map[string]any{"name": "do", "value": what}}
	}
	if !v.state.open() {
		w.Buttons = []ui.Button{{Label: "Print", Icon: "printer", Href: v.printTo}}
		return w
	}
	save := do("Save", "save", ui.Plain)
	save.Attrs[web.EnterAttr] = true // Enter beside a note must not carry the order on, let alone cancel it
	w.Buttons = append(w.Buttons, do("Cancel the order", "cancel", ui.Danger), save)
	switch {
	case v.referral():
		w.Buttons = append(w.Buttons, ui.Button{Label: "Open the referral", Kind: ui.Primary, Href: v.href(chart.ID, v.kind), Attrs: web.Opens()})
	case v.state == Ordered && (v.kind == Lab || v.kind == Other):
		w.Buttons = append(w.Buttons, ui.Button{Label: "Enter the result", Href: href + "/result", Attrs: web.Opens()}, do("Collected", "taken", ui.Primary))
	case v.state == Ordered && v.kind != Nursing:
		w.Buttons = append(w.Buttons, do("Done", "done", ui.Plain), do("Scheduled", "taken", ui.Primary))
	case v.kind == Lab && v.state == Collected:
		w.Buttons = append(w.Buttons, ui.Button{Label: "Enter the result", Kind: ui.Primary, Href: href + "/result", Attrs: web.Opens()})
	default:
		w.Buttons = append(w.Buttons, do("Done", "done", ui.Primary))
	}
	return w
}

// change carries an order on: collected, done, cancelled with a reason, another owner or due day.
func (e *desk) change(r *http.Request) (web.View, error) {
	f, err := web.ReadForm(r)
	if err != nil {
		return nil, err
	}
	chart, v, ov, tv, err := e.read(r)
	if err != nil {
		return nil, err
	}
	ctx, now, author := r.Context(), e.d.Shell.Clock(), facts.Author(r.Context())
	t := facts.Task{}
	if v.task != nil {
		t = *v.task
	} else {
		t = follow(v.order, fhir.To("ServiceRequest", v.ID), v.due)
	}
	if !v.state.open() {
		w := e.show1(chart, v, f, http.StatusUnprocessableEntity)
		w.Messages = []ui.Message{{Tone: ui.Caution, Lead: "This order is closed.", Text: "If it is needed still, order it again."}}
		return w, nil
	}
	if facts.Editing(f) != v.shown {
		v.fill(f)
		w := e.show1(chart, v, f, http.StatusConflict)
		w.Messages = []ui.Message{{Tone: ui.Caution, Lead: "Changed by somebody else meanwhile.", Text: "What stands there now is below; nothing of yours was saved. Repeat what you meant."}}
		return w, nil
	}
	if due := f.Text("due"); due != f.Text("was") {
		if day, ok := typedDue(due, now); ok {
			t.Restriction.Period.End = fhir.DateTimeOf(day, fhir.Day)
		} else {
			f.Wrong("due", "Not a day to come. Write it as today, 1 week, in 3 months, or 14-Dec-2026.")
		}
	}
	if to := f.Text("owner"); to != v.owner() {
		label, ok := v.duty.OwnerName(to)
		if !ok {
			f.Wrong("owner", "Choose somebody who works here.")
		}
		t.Give(to, label)
		t.Say(author, now, "Given to "+label+".")
	}
	note, do, said := f.Text("note"), f.Text("do"), "changed."
	if v.referral() && (do == "taken" || do == "done") {
		w := e.show1(chart, v, f, http.StatusUnprocessableEntity)
		w.Messages = []ui.Message{{Tone: ui.Caution, Lead: "A referral is carried on on its own page.", Text: "It is over when a clinician has reviewed the report.", LinkLabel: "Open the referral", LinkHref: v.href(chart.ID, v.kind)}}
		return w, nil
	}
	o := v.order
	switch do {
	case "taken":
		t.Business, t.Status, said = Collected.concept(), "in-progress", strings.ToLower(v.kind.taken())+"."
		t.Say(author, now, v.kind.taken()+".")
	case "done":
		t.Business, t.Status, o.Status, said = Closed.concept(), "completed", "completed", "done."
		t.Say(author, now, "Done.")
	case "cancel":
		if note == "" {
			f.Wrong("note", "Say why the order is cancelled: it stays in the record.")
		}
		t.Business, t.Status, t.StatusReason, o.Status, said = Cancelled.concept(), "cancelled", fhir.CodeableConcept{Text: note}, "revoked", "cancelled."
		t.Say(author, now, "Cancelled.")
	}
	if note != "" {
		t.Say(author, now, note)
	}
	if !f.OK() {
		return e.show1(chart, v, f, http.StatusUnprocessableEntity), nil
	}
	t.Modified = fhir.DateTimeOf(now, fhir.Second)
	var ops []record.Op
	if o.Status != v.Status {
		doc, err := fhir.Merge(ov.Resource(), o)
		if err != nil {
			return nil, err
		}
		ops = append(ops, record.Op{Verb: record.Update, Type: "ServiceRequest", ID: v.ID, Resource: doc, IfMatch: ov.Version})
	}
	op, err := keep(t, tv)
	if err != nil {
		return nil, err
	}
	if _, err := chart.Session.Do(ctx, append(ops, op)); err != nil {
		view := e.show1(chart, v, f, http.StatusConflict)
		switch reason := facts.Refused(err); {
		case facts.Changed(err):
			view.Messages = []ui.Message{{Tone: ui.Caution, Lead: "Changed by somebody else meanwhile.", Text: "Close this, look at the order again, and repeat what you meant."}}
		case reason != "":
			view.Status, view.Messages = http.StatusUnprocessableEntity, []ui.Message{{Tone: ui.Critical, Lead: "Not saved.", Text: reason}}
		default:
			return nil, err
		}
		return view, nil
	}
	return web.Done{To: "/patients/" + url.PathEscape(chart.ID), Say: ui.Message{Lead: v.name(), Text: said}}, nil
}

// keep is the operation that keeps a Task: anew, or in place of the version it was read from.
func keep(t facts.Task, v *record.Version) (record.Op, error) {
	if v == nil {
		t.ID = ""
		doc, err := fhir.New("Task", t)
		return record.Op{Verb: record.Create, Type: "Task", Resource: doc}, err
	}
	doc, err := fhir.Merge(v.Resource(), t)
	return record.Op{Verb: record.Update, Type: "Task", ID: v.ID, Resource: doc, IfMatch: v.Version}, err
}
