package messages

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/identity"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/web"
	"github.com/osler-ehr/osler/web/clinical"
	"github.com/osler-ehr/osler/web/facts"
	"github.com/osler-ehr/osler/web/format"
)

// Opened is a thread as it is read.
type Opened struct {
	Banner   *clinical.Banner // above the thread in the list of all; nil in the chart, which has one
	Chart    string
	Title    string
	Items    []Item
	Waits    bool
	Unread   bool
	Owner    string
	Due      string
	Late     bool
	Pressing bool
	Route    []Event
	Phones   []string
	// Addresses; empty without the right.
	ReplyHref, NoteHref, CloseHref, GiveHref string
	TaskHref, OrderHref, MedicationsHref     string
}

// Item is one message.
type Item struct {
	ID, Who, When, Text string
	State               string // read 23-Nov-2026, 10:35; not read yet
	Ours, Internal      bool
	To                  string // of a message among staff
	Urgent              []string
	Attached            []Link
}

// Link leads to what is attached.
type Link struct{ Label, Href string }

// Event is a line of what happened.
type Event struct{ When, Text string }

// show makes the view of a thread for who looks at it, and notes that it was opened if it waits for that person.
func (p *post) show(ctx context.Context, s *record.Session, patient, name string, t thread, now time.Time) (*Opened, error) {
	who, zone := identity.From(ctx), now.Location()
	o := &Opened{Title: t.first().title(), Chart: "/patients/" + url.PathEscape(patient)}
	for _, m := range t.list {
		o.Items = append(o.Items, item(m, patient, name, zone))
	}
	if !writes(who) {
		return o, nil
	}
	duty, err := facts.OnDuty(ctx, s, p.d.Identity, now)
	if err != nil {
		return nil, err
	}
	for i, m := range t.list {
		if o.Items[i].Who == "" {
			o.Items[i].Who = cmp.Or(duty.Name(m.Sender.Reference), "Not named")
		}
	}
	o.ReplyHref = base(patient) + "/new?" + url.Values{"thread": {t.root}}.Encode()
	o.NoteHref = base(patient) + "/new?" + url.Values{"thread": {t.root}, "to": {"pool:" + facts.NursePool}}.Encode()
	o.TaskHref, o.OrderHref, o.MedicationsHref = "/inbox/tasks/new?patient="+url.QueryEscape(patient), o.Chart+"/orders/new", o.Chart+"/medications"
	if t.task == nil {
		return o, nil
	}
	task := *t.task
	o.Waits, o.Unread, o.Pressing = true, task.Status == "requested", pressing(task)
	o.CloseHref, o.GiveHref = at(patient, t.root)+"/close", "/inbox/"+url.PathEscape(task.ID)+"/give"
	o.Owner = owner(task, duty)
	o.Due, o.Late = due(task, now)
	o.Route = append(o.Route, Event{facts.Moment(task.Authored, zone), strings.TrimSpace("Written by " + cmp.Or(t.first().Sender.Display, o.Items[0].Who))})
	for _, n := range task.Note {
		by := n.AuthorReference.Display + n.AuthorString
		if by == "Osler" {
			by = ""
		}
		o.Route = append(o.Route, Event{facts.Moment(n.Time, zone), strings.TrimSpace(n.Text + " " + by)})
	}
	own := who.Resource != "" && t.last().Sender.Reference == who.Resource // what one wrote oneself waits for the others
	if !own && duty.Sees(who.Resource, who.Has(identity.Nurse), who.Has(identity.Clinician), task) {
		if err := p.opened(ctx, s, t); err != nil {
			return nil, err
		}
	}
	return o, nil
}

// writes reports whether a person may write messages.
func writes(who identity.Principal) bool {
	return who.Kind == identity.Person && (who.Has(identity.Clinician) || who.Has(identity.Nurse))
}

// owner is who answers for a thread.
func owner(t facts.Task, duty facts.Duty) string {
	if t.Owner.Reference == "" {
		return facts.PoolName(t.Pool())
	}
	return cmp.Or(duty.Name(t.Owner.Reference), t.Owner.Display, "Not named")
}

// due is until when an answer must be sent, and whether that is over.
func due(t facts.Task, now time.Time) (string, bool) {
	end := t.Due(now.Location())
	switch {
	case end.IsZero():
		return "", false
	case t.Restriction.Period.End.HasTime():
		return format.DateTime(end.In(now.Location())), !now.Before(end)
	}
	return format.Date(end.Add(-time.Second).In(now.Location())), !now.Before(end)
}

// item is one message as it is read.
func item(m message, patient, name string, zone *time.Location) Item {
	i := Item{ID: m.ID, Who: m.Sender.Display, When: facts.Moment(m.Sent, zone), Text: m.words(), Ours: !m.fromPatient(), Internal: m.internal()}
	if m.fromPatient() {
		i.Urgent = urgent(m.words())
		if t, _ := m.Sender.Target(); t.Type == "Patient" && t.ID == patient {
			i.Who = name
		}
		i.Who = cmp.Or(i.Who, "Somebody for the patient")
	}
	switch {
	case m.toPatient() && m.Received.IsZero():
		i.State = "not read yet"
	case m.toPatient():
		i.State = "read " + facts.Moment(m.Received, zone)
	case i.Ours:
		var to []string
		for _, r := range m.Recipient {
			to = append(to, r.Display)
		}
		i.To = strings.Join(slices.DeleteFunc(to, func(s string) bool { return s == "" }), ", ")
	}
	for _, part := range m.Payload {
		if ref, ok := fhir.ChoiceValue[fhir.Reference](part.Content); ok {
			i.Attached = append(i.Attached, attached(ref, patient))
		}
		if a, ok := fhir.ChoiceValue[fhir.Attachment](part.Content); ok {
			i.Attached = append(i.Attached, Link{Label: cmp.Or(a.Title, "Attached file") + ", kept in the record"})
		}
	}
	return i
}

// attached is the page of what a message speaks of.
func attached(ref fhir.Reference, patient string) Link {
	l := Link{Label: cmp.Or(ref.Display, "Attached")}
	t, ok := ref.Target()
	if !ok {
		return l
	}
	chart := "/patients/" + url.PathEscape(patient)
	switch t.Type {
	case "DocumentReference":
		l.Href = chart + "/documents/" + url.PathEscape(t.ID)
	case "DiagnosticReport", "Observation":
		l.Href = chart + "/results"
	}
	return l
}

// Listed is the page of a patient's threads.
type Listed struct {
	Rows    []Row
	AddHref string
	Cut     bool // there are more messages than were read
}

// list is the page of all threads of a patient.
func (p *post) list(r *http.Request) (web.View, error) {
	var l Listed
	zone := p.d.Shell.Location()
	chart, err := facts.OpenChart(r, p.d.Session, p.d.Shell, func(s *record.Session, id string) error {
		all, err := correspondence(r.Context(), s, id, zone)
		if err != nil {
			return err
		}
		n := 0
		for _, t := range all {
			l.Rows = append(l.Rows, threadRow(t, id, zone))
			n += len(t.list)
		}
		l.Cut = n >= most
		return nil
	})
	if err != nil {
		return nil, err
	}
	if writes(identity.From(r.Context())) {
		l.AddHref = base(chart.ID) + "/new"
	}
	return web.Page{Title: "Messages, " + chart.Banner.Name.Short(), Current: "chart", Patient: &chart.Banner, Body: listPage(l)}, nil
}

// threadRow is a thread as a line of the chart.
func threadRow(t thread, patient string, zone *time.Location) Row {
	row := Row{ID: t.root, Href: at(patient, t.root), Title: t.first().title(), Text: clip(t.last().words(), 90), When: facts.Day(t.last().Sent, zone)}
	if n := len(t.list); n > 1 {
		row.Count = format.Count(n, "message", "messages")
	}
	switch {
	case t.task != nil && t.task.Status == "requested":
		row.State, row.Unread = "Unread", true
	case t.task != nil:
		row.State = "Waits for an answer"
	case t.last().internal():
		row.State = "Internal"
	case t.last().toPatient() && t.last().Received.IsZero():
		row.State = "Not read by the patient yet"
	}
	return row
}

// open is the page of one thread.
func (p *post) open(r *http.Request) (web.View, error) {
	var t thread
	ctx, now := r.Context(), p.d.Shell.Clock()
	chart, err := facts.OpenChart(r, p.d.Session, p.d.Shell, func(s *record.Session, id string) (err error) {
		t, err = find(ctx, s, id, r.PathValue("message"), now.Location())
		return err
	})
	if err != nil {
		return nil, err
	}
	o, err := p.show(ctx, chart.Session, chart.ID, chart.Banner.Name.Plain(), t, now)
	if err != nil {
		return nil, err
	}
	return web.Page{Title: "Message, " + chart.Banner.Name.Short(), Current: "chart", Patient: &chart.Banner, Body: openPage(o, base(chart.ID))}, nil
}

// Panel is the box of the chart.
type Panel struct {
	Rows          []Row
	Unread        int
	Href, AddHref string
}

// inPanel is how many threads the chart shows.
const inPanel = 3

func (p *post) panel(ctx context.Context, s *record.Session, patient string) (Panel, error) {
	zone := p.d.Shell.Location()
	list, err := correspondence(ctx, s, patient, zone)
	if err != nil {
		return Panel{}, err
	}
	out := Panel{Href: base(patient)}
	for i, t := range list {
		row := threadRow(t, patient, zone)
		if row.Unread {
			out.Unread++
		}
		if i < inPanel {
			out.Rows = append(out.Rows, row)
		}
	}
	return out, nil
}
