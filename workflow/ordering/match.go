package ordering

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/web"
	"github.com/osler-ehr/osler/web/clinical"
	"github.com/osler-ehr/osler/web/facts"
	"github.com/osler-ehr/osler/web/ui"
)

// keepAlone is the choice that a result belongs to no order.
const keepAlone = "none"

// stray is a result without an order, with the orders that it may belong to.
type stray struct {
	task   facts.Task
	at     *record.Version
	orders []tracked
	who    *clinical.Banner
}

func (e *desk) stray(r *http.Request) (*record.Session, stray, error) {
	s, err := e.d.Session(r)
	if err != nil {
		return nil, stray{}, err
	}
	ctx := r.Context()
	v, err := s.Read(ctx, "Task", r.PathValue("task"))
	if err != nil {
		return nil, stray{}, err
	}
	x := stray{at: v}
	if x.task, err = fhir.View[facts.Task](v.Resource()); err != nil {
		return nil, x, err
	}
	if x.task.Kind() != facts.ReviewTask {
		return nil, x, web.ErrNotFound
	}
	if patient, ok := strings.CutPrefix(x.task.For.Reference, "Patient/"); ok {
		b, err := facts.ReadBanner(ctx, s, patient, e.d.Shell.Clock(), e.d.Shell.Location())
		if err != nil {
			return nil, x, err
		}
		x.who = &b
		list, err := ofPatient(ctx, s, patient, e.d.Shell.Location(), "status", followedStates)
		if err != nil {
			return nil, x, err
		}
		for _, o := range list {
			if o.followed() && o.state.open() {
				x.orders = append(x.orders, o)
			}
		}
	}
	return s, x, nil
}

// matching is the form that says which order a result belongs to.
func (e *desk) matching(r *http.Request) (web.View, error) {
	_, x, err := e.stray(r)
	if err != nil {
		return nil, err
	}
	f := web.NewForm(url.Values{})
	if len(x.orders) == 0 {
		f.Set("order", keepAlone)
	}
	return e.matchWork(x, f, 0), nil
}

func (e *desk) matchWork(x stray, f *web.Form, status int) web.Work {
	var options []ui.Option
	for _, o := range x.orders {
		row := o.row(e.d.Shell.Clock(), "", Other)
		options = append(options, ui.Option{Value: o.ID, Label: row.Name + ", " + strings.ToLower(row.Detail[:1]) + row.Detail[1:]})
	}
	options = append(options, ui.Option{Value: keepAlone, Label: "It belongs to no order of ours"})
	w := web.Work{Title: "Result without an order", Current: "orders", Patient: x.who, Back: "/orders", Action: "/orders/match/" + url.PathEscape(x.at.ID), Status: status,
		Body: matchFields(x, f, options), Buttons: []ui.Button{{Label: "Save", Kind: ui.Primary}}}
	if x.who == nil {
		w.Messages = []ui.Message{{Tone: ui.Caution, Lead: "This result names nobody whom the practice knows.", Text: "Find out whose it is, have it sent again with the right patient, and note here what was done."}}
	}
	return w
}

// match joins a result to its order, or keeps it without one.
func (e *desk) match(r *http.Request) (web.View, error) {
	f, err := web.ReadForm(r)
	if err != nil {
		return nil, err
	}
	s, x, err := e.stray(r)
	if err != nil {
		return nil, err
	}
	ctx, now, author := r.Context(), e.d.Shell.Clock(), facts.Author(r.Context())
	t, ops, said := x.task, []record.Op(nil), "kept without an order."
	switch choice := f.Text("order"); choice {
	case keepAlone:
		if x.who == nil {
			f.Need("note", "Say what was done with it.")
			t.Status, said = "completed", "closed."
		}
		t.Output = append(t.Output, facts.Part("no order", fhir.ChoiceOf(true)))
		t.Say(author, now, strings.TrimSpace("Belongs to no order. "+f.Text("note")))
	default:
		var found *tracked
		for i := range x.orders {
			if x.orders[i].ID == choice {
				found = &x.orders[i]
			}
		}
		if found == nil {
			f.Wrong("order", "Choose the order that it answers.")
			break
		}
		t.BasedOn = []fhir.Reference{fhir.To("ServiceRequest", found.ID)}
		t.Say(author, now, strings.TrimSpace("Belongs to the order "+found.name()+". "+f.Text("note")))
		follower := follow(found.order, fhir.To("ServiceRequest", found.ID), found.due)
		var at *record.Version
		if found.task != nil {
			follower = *found.task
			if at, err = s.Read(ctx, "Task", follower.ID); err != nil {
				return nil, err
			}
		}
		if t.Owner.Reference == "" {
			t.Owner, t.PerformerType = follower.Owner, follower.PerformerType
		}
		follower.Business, follower.Status = Resulted.concept(), "in-progress"
		follower.Output = append(follower.Output, facts.Part("result", fhir.ChoiceOf(t.Focus)))
		follower.Say(author, now, "A result was found for it.")
		op, err := keep(follower, at)
		if err != nil {
			return nil, err
		}
		ops, said = append(ops, op), "joined to the order "+found.name()+"."
	}
	if !f.OK() {
		return e.matchWork(x, f, http.StatusUnprocessableEntity), nil
	}
	op, err := keep(t, x.at)
	if err != nil {
		return nil, err
	}
	if _, err := s.Do(ctx, append(ops, op)); err != nil {
		if !facts.Changed(err) {
			return nil, err
		}
		w := e.matchWork(x, f, http.StatusConflict)
		w.Messages = []ui.Message{{Tone: ui.Caution, Lead: "Changed by somebody else meanwhile.", Text: "Close this and look at the queue again."}}
		return w, nil
	}
	return web.Done{To: "/orders", Say: ui.Message{Lead: t.Description, Text: said}}, nil
}
