package inbox

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/web/facts"
	"github.com/osler-ehr/osler/web/format"
)

// escalate hands every critical result that nobody acknowledged in time to the next person: whoever stands in, then the
// other clinicians one after the other, then all of them at once.
func (b *box) escalate(ctx context.Context, s *record.Session) error {
	now := b.d.Shell.Clock()
	duty, err := facts.OnDuty(ctx, s, b.d.Identity, now)
	if err != nil {
		return err
	}
	var late []*record.Version
	err = facts.Each(ctx, s, record.Query{Type: "Task", Params: facts.Params("code", facts.ReviewTask, "priority", "stat", "status", facts.OpenTask, "_count", "500")}, func(e *record.Entry) error {
		late = append(late, &e.Version)
		return nil
	})
	if err != nil {
		return err
	}
	var failed error
	for _, v := range late {
		t, err := fhir.View[facts.Task](v.Resource())
		if err != nil {
			failed = errors.Join(failed, err)
			continue
		}
		if next(&t, duty, now) {
			if err := put(ctx, s, t, v); err != nil && !facts.Changed(err) { // whoever changed it meanwhile is at work on it
				failed = errors.Join(failed, err)
			}
		}
	}
	return failed
}

// orphans hands on the open work of those who cannot sign in: whose account was closed, or who never had one.
func (b *box) orphans(ctx context.Context, s *record.Session) error {
	now := b.d.Shell.Clock()
	duty, err := facts.OnDuty(ctx, s, b.d.Identity, now)
	if err != nil || len(duty.Staff) == 0 { // where nobody can sign in, nobody is better than the owner
		return err
	}
	var lost []*record.Version
	err = facts.Each(ctx, s, record.Query{Type: "Task", Params: facts.Params("owner:missing", "false", "status", facts.OpenTask, "_count", "1000")}, func(e *record.Entry) error {
		t, err := fhir.View[facts.Task](e.Resource())
		if err == nil && strings.HasPrefix(t.Owner.Reference, "Practitioner/") && t.Kind() != facts.CoverTask && !duty.Works(t.Owner.Reference) {
			lost = append(lost, &e.Version)
		}
		return err
	})
	if err != nil {
		return err
	}
	var failed error
	for _, v := range lost {
		t, err := fhir.View[facts.Task](v.Resource())
		if err == nil {
			release(&t, now)
			err = put(ctx, s, t, v)
		}
		if err != nil && !facts.Changed(err) {
			failed = errors.Join(failed, err)
		}
	}
	return failed
}

// next hands a critical result on if its time is over; it reports whether it did.
func next(t *facts.Task, duty facts.Duty, now time.Time) bool {
	due := t.Due(now.Location())
	if due.IsZero() {
		due = t.Authored.Time(now.Location()).Add(criticalWait)
	}
	if now.Before(due) || len(t.Output) > 0 { // what was acted on is in somebody's hands
		return false
	}
	if t.Owner.Reference == "" {
		return false // everybody has it already
	}
	from := duty.Name(t.Owner.Reference)
	if from == "" {
		from = t.Owner.Display
	}
	tried := map[string]bool{t.Owner.Reference: true, duty.Answers(t.Owner.Reference): true}
	for _, p := range t.Input {
		if ref, ok := fhir.ChoiceValue[fhir.Reference](p.Value); ok && facts.Concept(p.Type) == "escalated from" {
			tried[ref.Reference] = true
		}
	}
	t.Input = append(t.Input, facts.Part("escalated from", fhir.ChoiceOf(t.Owner)))
	to, name := "pool:"+facts.ClinicianPool, facts.PoolName(facts.ClinicianPool)
	for _, c := range duty.Staff {
		if _, away := duty.Away[c.Ref]; !away && !c.Nurse && !tried[c.Ref] {
			to, name = c.Ref, c.Name
			break
		}
	}
	t.Give(to, name)
	t.Restriction.Period.End = fhir.DateTimeOf(now.Add(criticalWait), fhir.Second)
	t.Say(fhir.Reference{Display: "Osler"}, now, "Escalated to "+name+": not acknowledged by "+from+" until "+format.Time(due.In(now.Location()))+".")
	return true
}

// escalated is the last sentence about an escalation; "" if there was none.
func escalated(t facts.Task) string {
	for i := len(t.Note) - 1; i >= 0; i-- {
		if strings.HasPrefix(t.Note[i].Text, "Escalated to ") {
			return t.Note[i].Text
		}
	}
	return ""
}
