package referrals

import (
	"context"
	"net/http"
	"net/url"
	"slices"
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

// trackSystem is that of the identifiers by which an order has one Task.
const trackSystem = "https://osler.example/fhir/NamingSystem/order-tracking"

// view is one referral as its page shows it.
type view struct {
	Facts [][2]string // label and value
	Done  []happened
	Next  []ui.Button // what can happen next
	Hint  string
	Links []ui.Button
}

// happened is one line of what was done.
type happened struct{ When, Text, Who string }

func history(notes []fhir.Annotation, zone *time.Location) []happened {
	var out []happened
	for _, n := range notes {
		out = append(out, happened{facts.Moment(n.Time, zone), n.Text, n.AuthorReference.Display + n.AuthorString})
	}
	return out
}

// open shows one referral: where it stands, what was done, what can happen next.
func (e *desk) open(r *http.Request) (web.View, error) {
	chart, ref, duty, err := e.read(r)
	if err != nil {
		return nil, err
	}
	return e.show(r.Context(), chart, ref, duty), nil
}

func (e *desk) read(r *http.Request) (facts.Chart, referral, facts.Duty, error) {
	var ref referral
	var duty facts.Duty
	chart, err := facts.OpenChart(r, e.d.Session, e.d.Shell, func(s *record.Session, id string) (err error) {
		if ref, err = find(r.Context(), s, id, r.PathValue("order"), e.d.Shell.Location()); err != nil {
			return err
		}
		duty, err = facts.OnDuty(r.Context(), s, e.d.Identity, e.d.Shell.Clock())
		return err
	})
	return chart, ref, duty, err
}

func (e *desk) show(ctx context.Context, chart facts.Chart, ref referral, duty facts.Duty) web.Work {
	zone, now := e.d.Shell.Location(), e.d.Shell.Clock()
	var v view
	add := func(label, value string) {
		if value != "" {
			v.Facts = append(v.Facts, [2]string{label, value})
		}
	}
	add("State", ref.stands())
	if ref.state.open() {
		due, _ := dueWords(ref.due, now)
		add("Next step", due)
	}
	add("To", ref.to())
	add("For", ref.reasons())
	if ref.Priority != "" && ref.Priority != "routine" {
		add("Priority", ref.Priority)
	}
	add("Ordered", strings.TrimSpace(facts.Moment(ref.Authored, zone)+" by "+ref.Requester.Display))
	v.Done = history(ref.Note, zone)
	if ref.task != nil {
		add("Who answers for it", ownerWords(duty, *ref.task))
		add("Booked for", dayOf(*ref.task, "booked", zone))
		add("Reason", ref.task.StatusReason.Text)
		v.Done = append(v.Done, history(ref.task.Note, zone)...)
		for _, p := range ref.task.Made("report") {
			if x, ok := fhir.ChoiceValue[fhir.Reference](p.Value); ok {
				if !readsOrders(chart.Session) { // what came back is not for the front desk to read
					add("Report", x.Display)
				} else if t, ok := x.Target(); ok && t.Type == "DocumentReference" {
					v.Links = append(v.Links, ui.Button{Label: "Read the report", Icon: "file-text", Href: "/patients/" + url.PathEscape(chart.ID) + "/documents/" + url.PathEscape(t.ID)})
				} else if ok && t.Type == "DiagnosticReport" {
					v.Links = append(v.Links, ui.Button{Label: "Read the report", Icon: "file-text", Href: "/patients/" + url.PathEscape(chart.ID) + "/results"})
				}
			}
		}
	}
	href := at(chart.ID, ref.ID)
	if readsOrders(chart.Session) {
		v.Links = append(v.Links, ui.Button{Label: "Packet to print", Icon: "printer", Href: href + "/packet"})
	} else if ref.state == Ordered || ref.state == Sent {
		v.Hint = "A clinician or a nurse prints the packet that goes with it: it holds what the front desk does not see."
	}
	if ref.state.open() && chart.Session.May(access.Update, "ServiceRequest") {
		v.Links = append(v.Links, ui.Button{Label: "Choose what goes with it", Icon: "file-text", Href: href + "/enclosures", Attrs: web.Opens()})
	}
	if chart.Session.May(access.Update, "Task") {
		v.Next = buttons(steps, ref.state, href, identity.From(ctx))
		if ref.state == Report && !identity.From(ctx).Has(identity.Clinician) {
			v.Hint = "A clinician reviews the report and closes the referral."
		}
	}
	return web.Work{Title: ref.name(), Current: "chart", Patient: &chart.Banner, Back: base(chart.ID), Body: v.draw()}
}

// buttons are links to the forms of the steps that fit.
func buttons(all []step, state State, href string, who identity.Principal) []ui.Button {
	if !state.open() {
		return nil
	}
	var out []ui.Button
	for _, st := range all {
		if st.fits(state) && st.open(who) {
			b := ui.Button{Label: st.label, Href: href + "/" + st.do, Attrs: web.Opens()}
			if len(out) == 0 {
				b.Kind = ui.Primary
			}
			if st.do == "cancel" {
				b.Kind = ui.Danger
			}
			out = append(out, b)
		}
	}
	return append(out, ui.Button{Label: "Note, due day, owner", Href: href + "/note", Attrs: web.Opens()})
}

// noting is the step that leaves the state as it is.
var noting = step{do: "note", label: "Note, due day, owner"}

func pick(all []step, do string) (step, bool) {
	if do == noting.do {
		return noting, true
	}
	for _, st := range all {
		if st.do == do {
			return st, true
		}
	}
	return step{}, false
}

// form is the form of one step.
func (e *desk) form(r *http.Request) (web.View, error) {
	chart, ref, duty, err := e.read(r)
	if err != nil {
		return nil, err
	}
	st, err := may(r.Context(), steps, r.PathValue("step"))
	if err != nil {
		return nil, err
	}
	if !ref.state.open() || st.do != noting.do && !st.fits(ref.state) {
		w := e.show(r.Context(), chart, ref, duty)
		w.Messages = []ui.Message{{Tone: ui.Caution, Lead: "Not now.", Text: "The referral stands at: " + ref.state.words() + "."}}
		return w, nil
	}
	now := e.d.Shell.Clock()
	f := web.NewForm(url.Values{"day": {format.Date(now)}, "to": {ref.to()}, "how": {"print-patient"}})
	if st.early {
		f.Set("day", "")
	}
	if ref.taskAt != nil {
		f.Set("version", strconv.FormatInt(ref.taskAt.Version, 10))
	}
	t := ref.follow()
	f.Set("owner", ownerValue(t))
	if st.do == noting.do {
		f.Set("due", dayText(ref.due))
	}
	return e.stepWork(r.Context(), chart, ref, duty, st, f, 0)
}

// may is the step of an address, if the person may do it.
func may(ctx context.Context, all []step, do string) (step, error) {
	st, ok := pick(all, do)
	if !ok {
		return st, web.ErrNotFound
	}
	switch {
	case st.open(identity.From(ctx)):
	case st.only:
		return st, &web.Problem{Kind: web.ErrForbidden, Advice: "A clinician reviews the report and closes the referral."}
	default:
		return st, &web.Problem{Kind: web.ErrForbidden, Advice: "A clinician or a nurse decides this."}
	}
	return st, nil
}

func (e *desk) stepWork(ctx context.Context, chart facts.Chart, ref referral, duty facts.Duty, st step, f *web.Form, status int) (web.Work, error) {
	fields := stepFields{step: st, owners: duty.Owners(), usual: e.usual(st, ref.Priority)}
	if st.asks&asksReport != 0 {
		var err error
		if fields.reports, err = reports(ctx, chart.Session, chart.ID, e.d.Shell.Location()); err != nil {
			return web.Work{}, err
		}
	}
	kind := ui.Primary
	if st.to == Cancelled {
		kind = ui.Danger
	}
	label := st.label
	if st.do == noting.do {
		label = "Save"
	}
	href := at(chart.ID, ref.ID)
	return web.Work{
		Title: ref.name() + ": " + strings.ToLower(st.label[:1]) + st.label[1:], Current: "chart", Patient: &chart.Banner, Back: href, Action: href + "/" + st.do,
		Body: fields.draw(f), Status: status, Buttons: []ui.Button{{Label: label, Kind: kind}},
	}, nil
}

// usual is until when the step after this one is expected where nobody says otherwise, for the hint of the field.
func (e *desk) usual(st step, priority string) string {
	if st.to == Booked {
		return "Empty: the day of the visit"
	}
	if !st.to.open() || st.to == "" {
		return ""
	}
	return "Empty: " + format.Date(expected(st.to, priority, e.d.Shell.Clock()))
}

// take carries out a step.
func (e *desk) take(r *http.Request) (web.View, error) {
	f, err := web.ReadForm(r)
	if err != nil {
		return nil, err
	}
	chart, ref, duty, err := e.read(r)
	if err != nil {
		return nil, err
	}
	ctx, now, author := r.Context(), e.d.Shell.Clock(), facts.Author(r.Context())
	st, err := may(ctx, steps, r.PathValue("step"))
	if err != nil {
		return nil, err
	}
	if v := facts.Editing(f); ref.taskAt != nil && v != ref.taskAt.Version {
		return e.meanwhile(ctx, chart, ref, duty), nil
	}
	if !ref.state.open() || st.do != noting.do && !st.fits(ref.state) {
		return e.meanwhile(ctx, chart, ref, duty), nil
	}
	t := ref.follow()
	change{desk: e, step: st, form: f, author: author, now: now, priority: ref.Priority, duty: duty}.apply(&t)
	if st.asks&asksReport != 0 {
		if err := e.attach(ctx, chart, f, &t); err != nil {
			return nil, err
		}
	}
	if !f.OK() {
		return e.stepWork(ctx, chart, ref, duty, st, f, http.StatusUnprocessableEntity)
	}
	var ops []record.Op
	want := map[State]string{Closed: "completed", Cancelled: "revoked"}[st.to]
	if want != "" && (ref.Status == "active" || ref.Status == "on-hold" || ref.Status == "unknown") {
		o := ref.order
		o.Status = want
		doc, err := fhir.Merge(ref.version.Resource(), o)
		if err != nil {
			return nil, err
		}
		ops = append(ops, record.Op{Verb: record.Update, Type: "ServiceRequest", ID: ref.ID, Resource: doc, IfMatch: ref.version.Version})
	}
	op, err := ref.keep(t)
	if err != nil {
		return nil, err
	}
	if _, err := chart.Session.Do(ctx, append(ops, op)); err != nil {
		switch reason := facts.Refused(err); {
		case facts.Changed(err):
			if chart, ref, duty, err = e.read(r); err != nil {
				return nil, err
			}
			return e.meanwhile(ctx, chart, ref, duty), nil
		case reason != "":
			w, err := e.stepWork(ctx, chart, ref, duty, st, f, http.StatusUnprocessableEntity)
			w.Messages = []ui.Message{{Tone: ui.Critical, Lead: "Not saved.", Text: reason}}
			return w, err
		default:
			return nil, err
		}
	}
	said := st.to.words()
	if st.do == noting.do {
		said = "changed"
	}
	return web.Done{To: at(chart.ID, ref.ID), Say: ui.Message{Lead: ref.name() + ":", Text: strings.ToLower(said[:1]) + said[1:] + "."}}, nil
}

// meanwhile shows the referral as it stands now to somebody who was too late.
func (e *desk) meanwhile(ctx context.Context, chart facts.Chart, ref referral, duty facts.Duty) web.Work {
	w := e.show(ctx, chart, ref, duty)
	w.Status = http.StatusConflict
	text := "It stands at: " + ref.state.words() + "."
	if ref.task != nil && len(ref.task.Note) > 0 {
		n := ref.task.Note[len(ref.task.Note)-1]
		text += " Last: " + n.Text + " " + n.AuthorReference.Display + n.AuthorString
	}
	w.Messages = []ui.Message{{Tone: ui.Caution, Lead: "Changed by somebody else meanwhile; nothing of yours was saved.", Text: text}}
	return w
}

// follow is the Task that follows the referral, or what it would be where there is none yet.
func (r *referral) follow() facts.Task {
	if r.task != nil {
		t := *r.task
		t.Note, t.Output = slices.Clone(t.Note), slices.Clone(t.Output)
		if r.version != nil && t.Code.In(facts.SNOMED) == "" { // made before the front desk saw those of referrals
			t.Code = facts.FollowReferral()
			t.SetReferTo(r.to())
		}
		return t
	}
	t := facts.Task{
		Identifier: []fhir.Identifier{{System: trackSystem, Value: r.ID}}, Status: "requested", Business: Ordered.concept(), Intent: "order", Priority: r.Priority,
		Code: facts.FollowReferral(), Description: r.name(), Focus: fhir.To("ServiceRequest", r.ID), For: r.Subject,
		Authored: r.Authored, Requester: r.Requester,
	}
	t.SetReferTo(r.to())
	if strings.HasPrefix(r.Requester.Reference, "Practitioner/") {
		t.Owner = r.Requester
	}
	return t
}

// keep is the operation that keeps the Task: in place of the version that was read, or under an id of its own if none follows the order
// yet. Of two people who take the first step at once, the second is refused: nothing of theirs may look saved.
func (r *referral) keep(t facts.Task) (record.Op, error) {
	if r.taskAt == nil {
		t.ID = facts.NewUUID()
		doc, err := fhir.New("Task", t)
		return record.Op{Verb: record.Update, Type: "Task", ID: t.ID, Resource: doc, Condition: "identifier=" + trackSystem + "|" + r.ID}, err
	}
	doc, err := fhir.Merge(r.taskAt.Resource(), t)
	return record.Op{Verb: record.Update, Type: "Task", ID: r.taskAt.ID, Resource: doc, IfMatch: r.taskAt.Version}, err
}

// attach notes which document the report is.
func (e *desk) attach(ctx context.Context, chart facts.Chart, f *web.Form, t *facts.Task) error {
	chosen := f.Text("report")
	if chosen == "" {
		f.Need("note", "Say what the report says, or choose the document.")
		return nil
	}
	list, err := reports(ctx, chart.Session, chart.ID, e.d.Shell.Location())
	for _, o := range list {
		if err == nil && o.Value == chosen {
			t.Output = append(t.Output, facts.Part("report", fhir.ChoiceOf(fhir.Reference{Reference: chosen, Display: o.Label})))
			return nil
		}
	}
	f.Wrong("report", "This document is not there any more. Choose another one.")
	return err
}
