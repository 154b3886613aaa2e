package referrals

import (
	"cmp"
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

// Row is a referral in a list.
type Row struct {
	Name, Href       string
	State, Due       string
	Late             bool
	Who, Born, Owner string
	Detail           string
	at               time.Time
}

// Queue is the page of all referrals that are not over. Everybody's are shown unless somebody asks for the own ones, and
// nothing is left out: what is overdue stands first, whatever its state.
type Queue struct {
	Parts     []Part
	Mine, All int
	Own       bool // only what this person answers for
	Checked   string
	AddHref   string
	More      int // rows that are not drawn
}

// Part is the referrals of which the same is wanted.
type Part struct {
	ID, Title string
	Rows      []Row
}

// drawn is how many rows of each part are drawn at once; the rest is counted, and drawn on demand.
const drawn = 200

// entry is one referral of the queue, out or in.
type entry struct {
	row     Row
	patient string
	task    facts.Task
	part    int
}

// The parts of the queue.
const (
	late = iota
	toReview
	toDecide
	toSend
	waiting
)

var parts = [...]Part{{ID: "overdue", Title: "Overdue"}, {ID: "review", Title: "Report here, to review"}, {ID: "decide", Title: "To decide"}, {ID: "send", Title: "To send"}, {ID: "waiting", Title: "Waiting for others"}}

func partOf(s State, in bool) int {
	switch {
	case s == Report:
		return toReview
	case s == Received || s == Declined || s == Missed || in && s != Booked:
		return toDecide
	case s == Ordered:
		return toSend
	}
	return waiting
}

func (e *desk) queue(r *http.Request) (web.View, error) {
	s, err := e.d.Session(r)
	if err != nil {
		return nil, err
	}
	ctx, now, who := r.Context(), e.d.Shell.Clock(), identity.From(r.Context())
	all, duty, err := e.entries(ctx, s, now)
	if err != nil {
		return nil, err
	}
	q := Queue{Own: r.FormValue("of") == "me", All: len(all), Checked: format.Time(now)}
	if s.May(access.Create, "Task") {
		q.AddHref = "/referrals/new"
	}
	most := drawn
	if r.FormValue("more") != "" {
		most = len(all)
	}
	var ids []string
	var shown [len(parts)][]*entry
	for i := range all {
		x := &all[i]
		mine := duty.Sees(who.Resource, who.Has(identity.Nurse), who.Has(identity.Clinician), x.task)
		if mine {
			q.Mine++
		}
		if q.Own && !mine {
			continue
		}
		if len(shown[x.part]) == most {
			q.More++
			continue
		}
		shown[x.part] = append(shown[x.part], x)
		ids = append(ids, x.patient)
	}
	known, err := facts.People(ctx, s, ids)
	if err != nil {
		return nil, err
	}
	for i, list := range shown {
		p := parts[i]
		for _, x := range list {
			if k, ok := known[x.patient]; ok {
				x.row.Who, x.row.Born = k.Name(now).Plain(), k.BornLine(now, now.Location())
			} else if x.row.Who == "" {
				x.row.Who = "No patient named"
			}
			x.row.Owner = ownerWords(duty, x.task)
			p.Rows = append(p.Rows, x.row)
		}
		if len(p.Rows) > 0 {
			q.Parts = append(q.Parts, p)
		}
	}
	return web.Page{Title: "Referrals", Current: "referrals", Body: queuePage(q)}, nil
}

// entries are all referrals that are not over, by due time. A referral counts as open as long as either the order or the
// Task that follows it is.
func (e *desk) entries(ctx context.Context, s *record.Session, now time.Time) ([]entry, facts.Duty, error) {
	var out []entry
	var list []referral
	tasks := map[string]*facts.Task{}
	var duty facts.Duty
	var errs [4]error
	facts.Together(
		func() {
			if !readsOrders(s) {
				return
			}
			errs[0] = facts.Each(ctx, s, record.Query{Type: "ServiceRequest", Params: facts.Params("category", categories, "status", "active,on-hold,unknown", "_count", "1000")}, func(x *record.Entry) error {
				o, err := fhir.View[order](x.Resource())
				if err == nil && o.Intent != "proposal" && o.Intent != "plan" && o.Intent != "option" {
					list = append(list, referral{order: o})
				}
				return err
			})
		},
		func() {
			errs[1] = readTasks(ctx, s, record.Query{Type: "Task", Params: facts.Params("code", trackers, "status", facts.OpenTask+",draft", "_count", "1000")}, tasks)
		},
		func() {
			errs[2] = facts.Each(ctx, s, record.Query{Type: "Task", Params: facts.Params("code", facts.ReferralInTask, "status", facts.OpenTask+",draft", "_count", "1000")}, func(x *record.Entry) error {
				t, err := fhir.View[facts.Task](x.Resource())
				if err == nil {
					out = append(out, entryIn(t, now))
				}
				return err
			})
		},
		func() { duty, errs[3] = facts.OnDuty(ctx, s, e.d.Identity, now) },
	)
	if err := cmp.Or(errs[0], errs[1], errs[2], errs[3]); err != nil {
		return nil, duty, err
	}
	for _, r := range list {
		ref := "ServiceRequest/" + r.ID
		r.task = tasks[ref]
		delete(tasks, ref)
		out = append(out, entryOut(r, now))
	}
	for _, t := range tasks { // followed still as a referral, though the order itself is over, gone, or not for this person to see
		if readsOrders(s) && t.Business.In(system) == "" {
			continue
		}
		out = append(out, entryOut(referral{order: orderOf(*t), task: t}, now))
	}
	slices.SortStableFunc(out, func(a, b entry) int { return a.row.at.Compare(b.row.at) })
	return out, duty, nil
}

func entryOut(r referral, now time.Time) entry {
	r.settle(now.Location())
	id, _ := strings.CutPrefix(r.Subject.Reference, "Patient/")
	x := entry{patient: id, row: r.row(id, now), part: partOf(r.state, false)}
	if r.task != nil {
		x.task = *r.task
	} else if strings.HasPrefix(r.Requester.Reference, "Practitioner/") {
		x.task.Owner = r.Requester
	}
	if x.row.Late {
		x.part = late
	}
	return x
}

// row shows a referral out.
func (r referral) row(patient string, now time.Time) Row {
	zone := now.Location()
	row := Row{Name: r.name(), Href: at(patient, r.ID), State: r.stands(), at: r.due}
	if r.state.open() {
		row.Due, row.Late = dueWords(r.due, now)
	} else {
		row.Due = facts.Day(r.Authored, zone)
	}
	if word, ok := label(priorities, r.Priority); ok && r.Priority != "routine" && r.state.open() {
		row.Detail = word + ". "
	} else if r.Priority == "stat" && r.state.open() {
		row.Detail = "Stat. "
	}
	if to := r.to(); to != "" {
		row.Detail += "To " + to + ". "
	}
	if r.task != nil && r.state == Booked {
		if day := dayOf(*r.task, "booked", zone); day != "" {
			row.State = "Booked for " + day
			if r.Status == "on-hold" {
				row.State += ", order on hold"
			}
		}
	}
	if !r.Authored.IsZero() {
		row.Detail += "Ordered " + facts.Day(r.Authored, zone)
	}
	if r.Requester.Display != "" {
		row.Detail += " by " + r.Requester.Display
	}
	return row
}

// Panel is the open referrals of the chart.
type Panel struct {
	Rows []Row
	Href string
}

func (e *desk) panel(ctx context.Context, s *record.Session, patient string) (Panel, error) {
	now := e.d.Shell.Clock()
	list, err := ofPatient(ctx, s, patient, now.Location())
	p := Panel{Href: base(patient)}
	for _, r := range list {
		if r.state.open() {
			p.Rows = append(p.Rows, r.row(patient, now))
		}
	}
	slices.SortStableFunc(p.Rows, func(a, b Row) int { return a.at.Compare(b.at) })
	return p, err
}

// List is the page of a patient's referrals, out and in.
type List struct {
	Open, In, Past []Row
	AddHref        string // an order of the kind referral
}

func (e *desk) list(r *http.Request) (web.View, error) {
	var l List
	ctx, now := r.Context(), e.d.Shell.Clock()
	chart, err := facts.OpenChart(r, e.d.Session, e.d.Shell, func(s *record.Session, id string) error {
		list, err := ofPatient(ctx, s, id, now.Location())
		if err != nil {
			return err
		}
		for _, x := range list {
			if x.state.open() {
				l.Open = append(l.Open, x.row(id, now))
			} else {
				l.Past = append(l.Past, x.row(id, now))
			}
		}
		return facts.Each(ctx, s, facts.Of("Task", id, facts.Params("code", facts.ReferralInTask, "_count", "200")...), func(x *record.Entry) error {
			t, err := fhir.View[facts.Task](x.Resource())
			if err == nil {
				l.In = append(l.In, entryIn(t, now).row)
			}
			return err
		})
	})
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(l.Open, func(a, b Row) int { return a.at.Compare(b.at) })
	if chart.Session.May(access.Create, "ServiceRequest") {
		l.AddHref = "/patients/" + url.PathEscape(chart.ID) + "/orders/new"
	}
	return web.Page{Title: "Referrals, " + chart.Banner.Name.Short(), Current: "chart", Tab: "referrals", Patient: &chart.Banner, Body: listPage(l)}, nil
}

func (q Queue) chips() []ui.Chip {
	return []ui.Chip{
		{Label: "Everybody's", Href: "/referrals", Count: strconv.Itoa(q.All), Current: !q.Own},
		{Label: "Mine", Href: "/referrals?of=me", Count: strconv.Itoa(q.Mine), Current: q.Own},
	}
}

func (q Queue) moreHref() string {
	if q.Own {
		return "/referrals?of=me&more=all"
	}
	return "/referrals?more=all"
}
