package ordering

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/identity"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/record/search"
	"github.com/osler-ehr/osler/slice"
	"github.com/osler-ehr/osler/web"
	"github.com/osler-ehr/osler/web/facts"
)

// tracked is an order with the Task that follows it.
type tracked struct {
	order
	version int64 // of the order
	task    *facts.Task
	taskAt  int64 // version of the task
	state   State
	due     time.Time
}

// Row is an order in a list.
type Row struct {
	Name, Href string
	State      string
	Due        string
	Late       bool
	Who, Born  string // the patient, where the list is of several
	Owner      string
	Detail     string // by whom and when it was ordered
	at         time.Time
}

// Panel is the open orders of the chart.
type Panel struct {
	Rows    []Row
	Href    string // all orders
	AddHref string // "" without the right to order
}

// all reads every page of a search.
func all(ctx context.Context, s *record.Session, q record.Query, f func(*record.Entry) error) error {
	for {
		page, err := s.Search(ctx, q)
		if err != nil {
			return err
		}
		for i := range page.Entries {
			if err := f(&page.Entries[i]); err != nil {
				return err
			}
		}
		if page.Next == "" {
			return nil
		}
		q.Page = page.Next
	}
}

// ofPatient reads the orders of a patient with their Tasks; all of them, or those that the parameters leave.
func ofPatient(ctx context.Context, s *record.Session, patient string, zone *time.Location, only ...string) ([]tracked, error) {
	var orders []tracked
	tasks := map[string]*facts.Task{}
	versions := map[string]int64{}
	var err1, err2 error
	facts.Together(
		func() {
			err1 = all(ctx, s, facts.Of("ServiceRequest", patient, facts.Params(append([]string{"_sort", "-authored", "_count", "500"}, only...)...)...), func(x *record.Entry) error {
				o, err := fhir.View[order](x.Resource())
				orders = append(orders, tracked{order: o, version: x.Version.Version})
				return err
			})
		},
		func() {
			if s.May(access.Search, "Task") {
				err2 = readTasks(ctx, s, facts.Of("Task", patient, facts.Params("code", trackers, "_count", "500")...), tasks, versions)
			}
		},
	)
	if err := cmp.Or(err1, err2); err != nil {
		return nil, err
	}
	return join(orders, tasks, versions, zone), nil
}

// readTasks reads Tasks that follow orders, by what they follow.
func readTasks(ctx context.Context, s *record.Session, q record.Query, tasks map[string]*facts.Task, versions map[string]int64) error {
	return all(ctx, s, q, func(x *record.Entry) error {
		t, err := fhir.View[facts.Task](x.Resource())
		if err != nil {
			return err
		}
		if have, ok := tasks[t.Focus.Reference]; !ok || !have.Open() && t.Open() { // one that is open hides none that is over
			tasks[t.Focus.Reference], versions[t.Focus.Reference] = &t, x.Version.Version
		}
		return nil
	})
}

func join(orders []tracked, tasks map[string]*facts.Task, versions map[string]int64, zone *time.Location) []tracked {
	for i := range orders {
		o := &orders[i]
		ref := "ServiceRequest/" + o.ID
		o.task, o.taskAt = tasks[ref], versions[ref]
		o.state, o.due = state(o.order, o.task), o.order.due(o.task, zone)
	}
	return orders
}

// href is the page of an order. A referral is followed on a page of its own, until its report has been reviewed.
func (t tracked) href(patient string, kind Kind) string {
	if kind == Referral && t.referral() {
		return "/patients/" + url.PathEscape(patient) + "/referrals/" + url.PathEscape(t.ID)
	}
	return base(patient) + "/" + url.PathEscape(t.ID)
}

// row shows an order.
func (t tracked) row(now time.Time, patient string, kind Kind) Row {
	r := Row{Name: t.name(), Href: t.href(patient, kind), State: t.state.words(), at: t.due}
	if t.state == Collected {
		r.State = kind.taken()
	}
	if t.state.open() {
		r.Due, r.Late = dueWords(t.due, now)
	} else {
		r.Due = facts.Day(t.Authored, now.Location())
	}
	if !t.Authored.IsZero() {
		r.Detail = "Ordered " + facts.Day(t.Authored, now.Location())
	}
	if t.Requester.Display != "" {
		r.Detail += " by " + t.Requester.Display
	}
	if t.task != nil && t.task.StatusReason.Text != "" {
		r.Detail += ". " + t.task.StatusReason.Text
	}
	return r
}

// panel makes the box of the chart: what is open, the latest due first.
func (e *desk) panel(ctx context.Context, s *record.Session, patient string) (Panel, error) {
	zone := e.d.Shell.Location()
	list, err := ofPatient(ctx, s, patient, zone, "status", followedStates) // a record of twenty years has thousands that are over
	if err != nil {
		return Panel{}, err
	}
	p := Panel{Href: base(patient)}
	for _, t := range list {
		if t.followed() && t.state.open() {
			row := t.row(e.d.Shell.Clock(), patient, e.catalogue.kind(t.order))
			if !s.May(access.Update, "Task") {
				row.Href = ""
			}
			p.Rows = append(p.Rows, row)
		}
	}
	slices.SortStableFunc(p.Rows, func(a, b Row) int { return a.at.Compare(b.at) })
	return p, nil
}

// List is the page of a patient's orders.
type List struct {
	Open, Past []Row
	AddHref    string
}

func (e *desk) list(r *http.Request) (web.View, error) {
	var l List
	now := e.d.Shell.Clock()
	chart, err := facts.OpenChart(r, e.d.Session, e.d.Shell, func(s *record.Session, id string) error {
		list, err := ofPatient(r.Context(), s, id, now.Location())
		for _, t := range list {
			row := t.row(now, id, e.catalogue.kind(t.order))
			if !s.May(access.Update, "Task") {
				row.Href = ""
			}
			if t.followed() && t.state.open() {
				l.Open = append(l.Open, row)
			} else {
				l.Past = append(l.Past, row)
			}
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(l.Open, func(a, b Row) int { return a.at.Compare(b.at) })
	if slice.To(access.Create, "ServiceRequest").Admits(identity.From(r.Context())) {
		l.AddHref = base(chart.ID) + "/new"
	}
	return web.Page{Title: "Orders, " + chart.Banner.Name.Short(), Current: "chart", Tab: "orders", Patient: &chart.Banner, Body: listPage(l)}, nil
}

// find reads one order of a patient with its Task. One of another patient is not there.
func find(ctx context.Context, s *record.Session, patient, id string, zone *time.Location) (tracked, *record.Version, *record.Version, error) {
	v, err := s.Read(ctx, "ServiceRequest", id)
	if err != nil {
		return tracked{}, nil, nil, err
	}
	o, err := fhir.View[order](v.Resource())
	if err != nil {
		return tracked{}, nil, nil, err
	}
	if o.Subject.Reference != "Patient/"+patient {
		return tracked{}, nil, nil, web.ErrNotFound
	}
	var t *facts.Task
	var tv *record.Version
	if s.May(access.Search, "Task") { // whoever may not sees the order as it says of itself
		if t, tv, err = taskOf(ctx, s, trackers, "ServiceRequest/"+id); err != nil {
			return tracked{}, nil, nil, err
		}
	}
	out := tracked{order: o, version: v.Version, task: t}
	out.state, out.due = state(o, t), o.due(t, zone)
	return out, v, tv, nil
}

// taskOf reads the Task of a kind about something, the open one before those that are over; nil if there is none.
func taskOf(ctx context.Context, s *record.Session, kind, focus string) (*facts.Task, *record.Version, error) {
	page, err := facts.Whole(ctx, s, record.Query{Type: "Task", Params: append([]search.Param{{Name: "focus", Value: focus}}, facts.Params("code", kind, "_sort", "-_lastUpdated", "_count", "50")...)})
	if err != nil {
		return nil, nil, err
	}
	var best *facts.Task
	var at *record.Version
	for i := range page.Entries {
		t, err := fhir.View[facts.Task](page.Entries[i].Resource())
		if err != nil {
			return nil, nil, err
		}
		if best == nil || !best.Open() && t.Open() {
			best, at = &t, &page.Entries[i].Version
		}
	}
	return best, at, nil
}
