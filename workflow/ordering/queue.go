package ordering

import (
	"context"
	"net/http"
	"net/url"
	"slices"
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

// Queue is the page of all open orders, and of results that belong to none.
type Queue struct {
	Overdue, Unmatched, Waiting []Row
	Everybody                   bool
	Mine, All                   int // how many open orders and unmatched results are this person's, and are there
	Checked                     string
	More                        int // rows that are not drawn
}

// drawn is how many rows of each part are drawn at once; the rest is counted, and drawn on demand.
const drawn = 200

// entry is one thing of the queue before it is drawn.
type entry struct {
	row       Row
	patient   string
	task      facts.Task // whose owner answers for it
	unmatched bool
	late      bool
}

// queue draws what this person answers for, or everything.
func (e *desk) queue(r *http.Request) (web.View, error) {
	s, err := e.d.Session(r)
	if err != nil {
		return nil, err
	}
	ctx, now, who := r.Context(), e.d.Shell.Clock(), identity.From(r.Context())
	entries, duty, err := e.entries(ctx, s, now)
	if err != nil {
		return nil, err
	}
	q := Queue{Everybody: r.FormValue("of") == "everybody", All: len(entries), Checked: format.Time(now)}
	nurse, clinician := who.Has(identity.Nurse), who.Has(identity.Clinician)
	most := drawn
	if r.FormValue("more") != "" {
		most = len(entries)
	}
	var shown []*entry
	for i := range entries {
		x := &entries[i]
		mine := duty.Sees(who.Resource, nurse, clinician, x.task)
		if mine {
			q.Mine++
		}
		if mine || q.Everybody {
			shown = append(shown, x)
		}
	}
	parts := map[*[]Row][]*entry{}
	for _, x := range shown {
		part := &q.Waiting
		switch {
		case x.unmatched:
			part = &q.Unmatched
		case x.late:
			part = &q.Overdue
		}
		if len(parts[part]) < most {
			parts[part] = append(parts[part], x)
		} else {
			q.More++
		}
	}
	var ids []string
	for _, list := range parts {
		for _, x := range list {
			ids = append(ids, x.patient)
		}
	}
	people, err := patients(ctx, s, ids)
	if err != nil {
		return nil, err
	}
	for part, list := range parts {
		for _, x := range list {
			x.row.Who, x.row.Born = "No patient named", ""
			if p, ok := people[x.patient]; ok {
				x.row.Who, x.row.Born = p.Name(now).Plain(), p.BornLine(now, now.Location())
			}
			x.row.Owner = ownerWords(duty, x.task)
			*part = append(*part, x.row)
		}
	}
	return web.Page{Title: "Orders", Current: "orders", Body: queuePage(q)}, nil
}

func ownerWords(d facts.Duty, t facts.Task) string {
	ref := t.Owner.Reference
	if ref == "" {
		return facts.PoolName(t.Pool())
	}
	name := d.Name(ref)
	if name == "" {
		name = t.Owner.Display
	}
	switch who := d.Answers(ref); {
	case who == "" && d.Works(ref):
		return "Everybody: " + name + " is away and nobody stands in"
	case who == "":
		return "Everybody: " + strings.TrimSpace(name+" cannot sign in")
	case who != ref:
		return d.Name(who) + " for " + name
	}
	return name
}

// entries are all open orders, by due time, and all results without an order. An order counts as open as long as either
// itself or the Task that follows it is.
func (e *desk) entries(ctx context.Context, s *record.Session, now time.Time) ([]entry, facts.Duty, error) {
	var orders []tracked
	var reviews []facts.Task
	tasks, versions := map[string]*facts.Task{}, map[string]int64{}
	var duty facts.Duty
	var errs [4]error
	facts.Together(
		func() {
			errs[0] = all(ctx, s, record.Query{Type: "ServiceRequest", Params: facts.Params("status", "active,on-hold,unknown", "_count", "1000")}, func(x *record.Entry) error {
				o, err := fhir.View[order](x.Resource())
				if err == nil && o.followed() {
					orders = append(orders, tracked{order: o, version: x.Version.Version})
				}
				return err
			})
		},
		func() {
			errs[1] = readTasks(ctx, s, record.Query{Type: "Task", Params: facts.Params("code", trackers, "status", facts.OpenTask+",draft", "_count", "1000")}, tasks, versions)
		},
		func() {
			errs[2] = all(ctx, s, record.Query{Type: "Task", Params: facts.Params("code", facts.ReviewTask, "status", facts.OpenTask, "_count", "1000")}, func(x *record.Entry) error {
				t, err := fhir.View[facts.Task](x.Resource())
				if err == nil && (len(t.BasedOn) == 0 && !ordersOwn(t) || t.For.IsZero()) {
					reviews = append(reviews, t)
				}
				return err
			})
		},
		func() { duty, errs[3] = facts.OnDuty(ctx, s, e.d.Identity, now) },
	)
	for _, err := range errs {
		if err != nil {
			return nil, duty, err
		}
	}
	var out []entry
	for _, o := range join(orders, tasks, versions, now.Location()) {
		delete(tasks, "ServiceRequest/"+o.ID)
		out = append(out, e.entry(o, now))
	}
	for ref, t := range tasks { // followed still, though the order itself is over or gone
		o := tracked{order: order{ID: strings.TrimPrefix(ref, "ServiceRequest/"), Status: "active", Code: fhir.CodeableConcept{Text: t.Description}, Subject: t.For, Requester: t.Requester, Authored: t.Authored}, task: t}
		o.state, o.due = state(o.order, t), o.order.due(t, now.Location())
		out = append(out, e.entry(o, now))
	}
	reviews, err := withoutOrder(ctx, s, reviews)
	if err != nil {
		return nil, duty, err
	}
	for _, t := range reviews {
		id, _ := strings.CutPrefix(t.For.Reference, "Patient/")
		x := entry{patient: id, task: t, unmatched: true, row: Row{Name: t.Description, Href: "/orders/match/" + url.PathEscape(t.ID), State: "No order found", at: t.Authored.Time(now.Location())}}
		if t.For.IsZero() {
			x.row.State = "No patient found"
		}
		x.row.Due = format.Elapsed(now.Sub(x.row.at))
		out = append(out, x)
	}
	slices.SortStableFunc(out, func(a, b entry) int { return a.row.at.Compare(b.row.at) })
	return out, duty, nil
}

// withoutOrder leaves out the Tasks of results that name their order themselves, and a patient.
func withoutOrder(ctx context.Context, s *record.Session, reviews []facts.Task) ([]facts.Task, error) {
	named := map[string]bool{}
	for _, typ := range []string{"DiagnosticReport", "Observation"} {
		var ids []string
		for _, t := range reviews {
			if id, ok := strings.CutPrefix(t.Focus.Reference, typ+"/"); ok {
				ids = append(ids, id)
			}
		}
		ids = slices.Compact(slices.Sorted(slices.Values(ids)))
		for chunk := range slices.Chunk(ids, 100) {
			page, err := facts.Whole(ctx, s, record.Query{Type: typ, Params: facts.Params("_id", strings.Join(chunk, ","), "based-on:missing", "false", "_count", "200")})
			if err != nil {
				return nil, err
			}
			for i := range page.Entries {
				named[typ+"/"+page.Entries[i].ID] = true
			}
		}
	}
	return slices.DeleteFunc(reviews, func(t facts.Task) bool { return named[t.Focus.Reference] && !t.For.IsZero() }), nil
}

// ordersOwn reports whether a result was made here, with its order or on purpose without one.
func ordersOwn(t facts.Task) bool { return len(t.Made("no order")) > 0 }

func (e *desk) entry(o tracked, now time.Time) entry {
	id, _ := strings.CutPrefix(o.Subject.Reference, "Patient/")
	x := entry{patient: id, row: o.row(now, id, e.catalogue.kind(o.order))}
	x.late = x.row.Late
	if o.task != nil {
		x.task = *o.task
	} else if strings.HasPrefix(o.Requester.Reference, "Practitioner/") {
		x.task.Owner = o.Requester
	}
	return x
}

// patients reads who people are, by id.
func patients(ctx context.Context, s *record.Session, ids []string) (map[string]facts.Patient, error) {
	out := map[string]facts.Patient{}
	ids = slices.Compact(slices.Sorted(slices.Values(ids)))
	ids = slices.DeleteFunc(ids, func(id string) bool { return id == "" })
	if !s.May(access.Search, "Patient") {
		return out, nil
	}
	for chunk := range slices.Chunk(ids, 100) {
		page, err := facts.Whole(ctx, s, record.Query{Type: "Patient", Params: facts.Params("_id", strings.Join(chunk, ","), "_count", "200")})
		if err != nil {
			return nil, err
		}
		for i := range page.Entries {
			p, err := fhir.View[facts.Patient](page.Entries[i].Resource())
			if err != nil {
				return nil, err
			}
			out[page.Entries[i].ID] = p
		}
	}
	return out, nil
}

func (q Queue) chips() []ui.Chip {
	return []ui.Chip{
		{Label: "Mine", Href: "/orders", Count: count(q.Mine), Current: !q.Everybody},
		{Label: "Everybody's", Href: "/orders?of=everybody", Count: count(q.All), Current: q.Everybody},
	}
}
