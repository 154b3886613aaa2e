package ordering

import (
	"context"
	"strings"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/web/facts"
)

// trackSystem is that of the identifiers by which a Task is made once for each order.
const trackSystem = "https://osler.example/fhir/NamingSystem/order-tracking"

// changed keeps what follows orders in step with what other systems write: an order that arrives gets its Task, one that
// is over closes it, and a report carries it on.
func (e *desk) changed(ctx context.Context, s *record.Session, v record.Version) error {
	doc := v.Resource()
	if doc == nil { // deleted
		return nil
	}
	if v.Type == "ServiceRequest" {
		return e.orderChanged(ctx, s, v.ID, doc)
	}
	return e.reportChanged(ctx, s, v.ID, doc)
}

func (e *desk) orderChanged(ctx context.Context, s *record.Session, id string, doc *fhir.Resource) error {
	o, err := fhir.View[order](doc)
	if err != nil {
		return nil // not readable as an order; it is not one that can be followed
	}
	ref := "ServiceRequest/" + id
	t, tv, err := taskOf(ctx, s, trackers, ref)
	if err != nil {
		return err
	}
	now := e.d.Shell.Clock()
	self := fhir.Reference{Display: "Osler"}
	switch {
	case o.followed() && t == nil:
		// The order may have changed since; what stands there now decides.
		if now, err := s.Read(ctx, "ServiceRequest", id); err != nil || now.Resource() == nil || now.Resource().Get("status").Text() != o.Status {
			return nil //nolint:nilerr // it is gone, or its later change comes to this watch too
		}
		task := follow(o, fhir.To("ServiceRequest", id), o.due(nil, now.Location()))
		task.Identifier = []fhir.Identifier{{System: trackSystem, Value: id}}
		task.Say(self, now, "Came from another system.")
		made, err := fhir.New("Task", task)
		if err != nil {
			return err
		}
		_, err = s.Do(ctx, []record.Op{{Verb: record.Create, Type: "Task", Resource: made, Condition: "identifier=" + trackSystem + "|" + id}})
		return err
	case t != nil && t.Open() && (o.Status == "revoked" || o.Status == "entered-in-error"):
		t.Status, t.Business, t.StatusReason = "cancelled", Cancelled.concept(), fhir.CodeableConcept{Text: "The order itself was taken back."}
		t.Say(self, now, "The order itself was taken back.")
	case t != nil && t.Open() && o.Status == "completed" && state(o, t) == Ordered && e.catalogue.kind(o) != Lab && !o.referral(): // a referral is over when its report was reviewed
		t.Status, t.Business = "completed", Closed.concept()
		t.Say(self, now, "The order was reported as done.")
	case t != nil && t.Open() && o.referral() && o.Status == "on-hold" && t.Status != "on-hold": // whoever chases it sees the Task alone
		t.Status = "on-hold"
		t.Say(self, now, "The order is on hold.")
	case t != nil && t.Status == "on-hold" && o.referral() && o.Status == "active":
		t.Status = "in-progress"
		t.Say(self, now, "The order is not on hold any more.")
	default:
		return nil
	}
	op, err := keep(*t, tv)
	if err != nil {
		return err
	}
	_, err = s.Do(ctx, []record.Op{op})
	return err
}

// reportChanged notes on the Task of each order that a report answers that there is a result now.
func (e *desk) reportChanged(ctx context.Context, s *record.Session, id string, doc *fhir.Resource) error {
	rep, err := fhir.View[struct {
		Status  string
		BasedOn []fhir.Reference
	}](doc)
	if err != nil {
		return nil // not readable as a report
	}
	switch rep.Status {
	case "registered", "cancelled", "entered-in-error":
		return nil
	}
	now := e.d.Shell.Clock()
	for _, ref := range rep.BasedOn {
		if !strings.HasPrefix(ref.Reference, "ServiceRequest/") {
			continue
		}
		t, tv, err := taskOf(ctx, s, trackers, ref.Reference)
		if err != nil {
			return err
		}
		report := "DiagnosticReport/" + id
		if t == nil || !t.Open() || State(facts.Code(t.Business, states)) == Resulted && reported(*t, report) {
			continue
		}
		t.Business, t.Status = Resulted.concept(), "in-progress"
		if !reported(*t, report) {
			t.Output = append(t.Output, facts.Part("result", fhir.ChoiceOf(fhir.Reference{Reference: report})))
		}
		t.Say(fhir.Reference{Display: "Osler"}, now, "A result came.")
		op, err := keep(*t, tv)
		if err != nil {
			return err
		}
		if _, err := s.Do(ctx, []record.Op{op}); err != nil {
			return err
		}
	}
	return nil
}

// reported reports whether the Task knows of a report.
func reported(t facts.Task, report string) bool {
	for _, p := range t.Made("result") {
		if ref, ok := fhir.ChoiceValue[fhir.Reference](p.Value); ok && ref.Reference == report {
			return true
		}
	}
	return false
}
