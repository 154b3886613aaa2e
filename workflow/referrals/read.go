package referrals

import (
	"cmp"
	"context"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/record/search"
	"github.com/osler-ehr/osler/web"
	"github.com/osler-ehr/osler/web/facts"
)

// categories are those by which an order is a referral, in SNOMED CT: patient referral, and referral to a service.
const categories = facts.SNOMED + "|3457005," + facts.SNOMED + "|306206005"

// trackers are the kinds of Task that follow orders: ours, and those of other systems about an order that is overdue.
const trackers = facts.OrderTask + "," + facts.OverdueTask

// order is the view of the ServiceRequest that a referral out is. Fields stand in the order of the specification.
type order struct {
	ID              string
	Status          string
	Intent          string
	Category        []fhir.CodeableConcept
	Priority        string
	Code            fhir.CodeableConcept
	Subject         fhir.Reference
	Authored        fhir.DateTime `fhir:"authoredOn"`
	Requester       fhir.Reference
	Performer       []fhir.Reference
	ReasonCode      []fhir.CodeableConcept
	ReasonReference []fhir.Reference
	Supporting      []fhir.Reference `fhir:"supportingInfo"`
	Note            []fhir.Annotation
}

func (o order) name() string {
	if s := facts.Concept(o.Code); s != "" {
		return s
	}
	return "Referral not named"
}

// to is to whom the patient is sent.
func (o order) to() string {
	for _, p := range o.Performer {
		if p.Display != "" {
			return p.Display
		}
	}
	return ""
}

func (o order) reasons() string {
	var out []string
	for _, x := range o.ReasonReference {
		out = append(out, x.Display)
	}
	for _, x := range o.ReasonCode {
		out = append(out, facts.Concept(x))
	}
	return strings.Join(slices.DeleteFunc(out, func(s string) bool { return s == "" }), ", ")
}

func (o order) referral() bool {
	for _, c := range o.Category {
		if c.Has(facts.SNOMED, "3457005") || c.Has(facts.SNOMED, "306206005") {
			return true
		}
	}
	return false
}

// referral is a referral out with the Task that follows it.
type referral struct {
	order
	version *record.Version // of the order; nil in lists, and where it is gone
	task    *facts.Task
	taskAt  *record.Version
	state   State
	due     time.Time
}

// stands says where the referral stands. An order that is on hold or was a mistake says so: nobody should send or book it unawares.
func (r *referral) stands() string {
	switch r.Status {
	case "on-hold":
		return r.state.words() + ", order on hold"
	case "draft":
		return r.state.words() + ", order not signed"
	case "entered-in-error":
		return "Entered in error"
	}
	return r.state.words()
}

func (r *referral) settle(zone *time.Location) {
	r.state = stateOf(r.Status, r.task)
	r.due = dueOf(r.state, r.Priority, r.Authored, r.task, zone)
}

// find reads one referral of a patient with its Task. One of another patient, and an order that is none, is not there.
func find(ctx context.Context, s *record.Session, patient, id string, zone *time.Location) (referral, error) {
	r := referral{}
	whole := readsOrders(s)
	if whole {
		v, err := s.Read(ctx, "ServiceRequest", id)
		if err != nil {
			return r, err
		}
		r.version = v
		if r.order, err = fhir.View[order](v.Resource()); err != nil {
			return r, err
		}
		if r.Subject.Reference != "Patient/"+patient || !r.referral() {
			return r, web.ErrNotFound
		}
	}
	page, err := facts.Whole(ctx, s, record.Query{Type: "Task", Params: append([]search.Param{{Name: "focus", Value: "ServiceRequest/" + id}}, facts.Params("code", trackers, "_sort", "-_lastUpdated", "_count", "50")...)})
	if err != nil {
		return r, err
	}
	for i := range page.Entries {
		t, err := fhir.View[facts.Task](page.Entries[i].Resource())
		if err != nil {
			return r, err
		}
		if r.task == nil || !r.task.Open() && t.Open() {
			r.task, r.taskAt = &t, &page.Entries[i].Version
		}
	}
	if !whole {
		if r.task == nil || r.task.For.Reference != "Patient/"+patient {
			return r, web.ErrNotFound
		}
		r.order = orderOf(*r.task)
	}
	r.settle(zone)
	return r, nil
}

// readsOrders reports whether a session sees the orders themselves. The front desk does not: it sees the Tasks that follow referrals, which
// say what is needed to send and chase one, and not why.
func readsOrders(s *record.Session) bool { return s.May(access.Search, "ServiceRequest") }

// orderOf is what a Task says of the referral that it follows.
func orderOf(t facts.Task) order {
	id, _ := strings.CutPrefix(t.Focus.Reference, "ServiceRequest/")
	o := order{ID: id, Status: "active", Priority: t.Priority, Code: fhir.CodeableConcept{Text: t.Description}, Subject: t.For, Requester: t.Requester, Authored: t.Authored}
	if t.Status == "on-hold" {
		o.Status = "on-hold"
	}
	if to := t.ReferTo(); to != "" {
		o.Performer = []fhir.Reference{{Display: to}}
	}
	return o
}

// ofPatient reads all referrals out of a patient, newest first.
func ofPatient(ctx context.Context, s *record.Session, patient string, zone *time.Location) ([]referral, error) {
	var list []referral
	tasks := map[string]*facts.Task{}
	var err1, err2 error
	facts.Together(
		func() {
			if !readsOrders(s) {
				return
			}
			err1 = facts.Each(ctx, s, facts.Of("ServiceRequest", patient, facts.Params("category", categories, "_sort", "-authored", "_count", "200")...), func(x *record.Entry) error {
				o, err := fhir.View[order](x.Resource())
				if err == nil && (o.Intent == "order" || o.Intent == "original-order") {
					list = append(list, referral{order: o})
				}
				return err
			})
		},
		func() {
			err2 = readTasks(ctx, s, facts.Of("Task", patient, facts.Params("code", trackers, "_count", "500")...), tasks)
		},
	)
	if err := cmp.Or(err1, err2); err != nil {
		return nil, err
	}
	if !readsOrders(s) {
		for _, t := range tasks {
			if id, ok := strings.CutPrefix(t.Focus.Reference, "ServiceRequest/"); ok && id != "" {
				list = append(list, referral{order: orderOf(*t)})
			}
		}
		slices.SortFunc(list, func(a, b referral) int {
			return cmp.Or(b.Authored.Time(zone).Compare(a.Authored.Time(zone)), strings.Compare(a.ID, b.ID))
		})
	}
	for i := range list {
		list[i].task = tasks["ServiceRequest/"+list[i].ID]
		list[i].settle(zone)
	}
	return list, nil
}

// readTasks reads Tasks by what they follow. One that is over hides none that is open.
func readTasks(ctx context.Context, s *record.Session, q record.Query, into map[string]*facts.Task) error {
	return facts.Each(ctx, s, q, func(x *record.Entry) error {
		t, err := fhir.View[facts.Task](x.Resource())
		if err != nil {
			return err
		}
		if have, ok := into[t.Focus.Reference]; !ok || !have.Open() && t.Open() {
			into[t.Focus.Reference] = &t
		}
		return nil
	})
}

func base(patient string) string { return "/patients/" + url.PathEscape(patient) + "/referrals" }

func at(patient, id string) string { return base(patient) + "/" + url.PathEscape(id) }
