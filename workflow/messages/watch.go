package messages

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/web/facts"
	"github.com/osler-ehr/osler/web/format"
)

const (
	// answerSystem is that of the identifiers by which one Task is made for each thread that waits.
	answerSystem = "https://osler.example/fhir/NamingSystem/message-answer"
	// fresh is how old a message may be when it arrives and still wait for an answer: what is older is history that came with an import.
	fresh = 30 * 24 * time.Hour
	// soon is how long an urgent message may wait.
	soon = 2 * time.Hour
	// usual is how many days any other may wait.
	usual = 2
)

// changed makes what a patient writes wait for an answer, whoever brought it into the record.
func (p *post) changed(ctx context.Context, s *record.Session, v record.Version) error {
	doc := v.Resource()
	switch {
	case doc == nil: // deleted
		p.recount()
		return nil
	case v.Type == "Task": // what waits, or who answers for it, is another now
		if t, err := fhir.View[facts.Task](doc); err != nil || t.Kind() == facts.MessageTask || t.Kind() == facts.CoverTask {
			p.recount()
		}
		return nil
	}
	now, zone := p.d.Shell.Clock(), p.d.Shell.Location()
	// The current version counts, not the one that is told of: what was answered since waits for nobody.
	current, err := s.Read(ctx, "Communication", v.ID)
	if kind := record.KindOf(err); kind == record.KindNotFound || kind == record.KindGone {
		return nil
	}
	if err != nil {
		return err
	}
	m, err := fhir.View[message](current.Resource())
	if err != nil || !m.fromPatient() || m.patient() == "" {
		return nil // not readable as a message, or none of a patient's
	}
	if !m.written() {
		return p.withdraw(ctx, s, m, now)
	}
	if !m.Sent.IsZero() && now.Sub(m.Sent.Time(zone)) > fresh {
		return nil
	}
	page, err := s.Search(ctx, record.Query{Type: "Task", Params: facts.Params("focus", "Communication/"+m.ID, "code", facts.TaskKind+"|"+facts.MessageTask, "_count", "1")})
	if err != nil || len(page.Entries) > 0 {
		return err
	}
	t, err := find(ctx, s, m.patient(), m.ID, zone)
	if err != nil {
		t = thread{root: m.ID, list: []message{m}} // the subject names somebody else than the sender does
	}
	for _, other := range t.list {
		// Answered already: by what is later by its own time, and did not stand in the record before the message came. A message says
		// itself when it was sent, or does not.
		if !other.fromPatient() && other.toPatient() && other.Sent.Time(zone).After(m.Sent.Time(zone)) && !other.Meta.LastUpdated.Time().Before(v.At) {
			return nil
		}
	}
	if t.task != nil {
		return p.again(ctx, s, t, m, now)
	}
	duty, err := facts.OnDuty(ctx, s, p.d.Identity, now)
	if err != nil {
		return err
	}
	task := facts.Task{
		Identifier: []fhir.Identifier{{System: answerSystem, Value: "Communication/" + m.ID}}, Status: "requested", Intent: "order",
		Code: fhir.Concept(facts.TaskKind, facts.MessageTask, "Patient message"), Description: m.title(), Focus: fhir.To("Communication", m.ID), For: fhir.To("Patient", m.patient()),
		Authored: fhir.DateTimeOf(now, fhir.Second), Requester: m.Sender,
	}
	if !m.Sent.IsZero() {
		task.Authored = m.Sent
	}
	task.Modified = task.Authored
	task.Give(p.route(t, m, duty))
	rate(&task, m, now)
	resource, err := fhir.New("Task", task)
	if err != nil {
		return err
	}
	_, err = s.Do(ctx, []record.Op{{Verb: record.Create, Type: "Task", Resource: resource, Condition: "identifier=" + answerSystem + "|Communication/" + m.ID}})
	return err
}

// rate says how soon a message must be answered, and why.
func rate(t *facts.Task, m message, now time.Time) {
	words := urgent(m.words())
	if len(words) > 0 || m.Priority == "urgent" || m.Priority == "asap" || m.Priority == "stat" {
		t.Priority, t.Restriction.Period.End = "urgent", fhir.DateTimeOf(now.Add(soon), fhir.Second)
	} else if t.Priority == "" {
		t.Priority, t.Restriction.Period.End = "routine", fhir.DateTimeOf(now.AddDate(0, 0, usual), fhir.Day)
	}
	if len(words) > 0 {
		t.Say(fhir.Reference{Display: "Osler"}, now, "It says: "+strings.Join(words, ", ")+".")
	}
}

// route says to whom a message goes: to the person whom it names, else to whoever wrote last in its thread, else to all nurses, else to
// all clinicians.
func (p *post) route(t thread, m message, duty facts.Duty) (to, name string) {
	var people []fhir.Reference
	people = append(people, m.Recipient...)
	for _, other := range slices.Backward(t.list) {
		if !other.fromPatient() {
			people = append(people, other.Sender)
		}
	}
	for _, r := range people {
		if duty.Works(r.Reference) {
			return r.Reference, duty.Name(r.Reference)
		}
	}
	if slices.ContainsFunc(duty.Staff, func(c facts.Colleague) bool { return c.Nurse }) {
		return "pool:" + facts.NursePool, ""
	}
	return "pool:" + facts.ClinicianPool, ""
}

// again notes in the work of a thread that the patient wrote once more: it is unread again, and as urgent as it has become.
func (p *post) again(ctx context.Context, s *record.Session, t thread, m message, now time.Time) error {
	v, err := s.Read(ctx, "Task", t.task.ID)
	if err != nil {
		return err
	}
	task, err := fhir.View[facts.Task](v.Resource())
	if err != nil {
		return err
	}
	if !task.Open() || slices.ContainsFunc(task.Input, func(in facts.TaskPart) bool {
		ref, ok := fhir.ChoiceValue[fhir.Reference](in.Value)
		return ok && ref.Reference == "Communication/"+m.ID
	}) {
		return nil
	}
	when := now
	if !m.Sent.IsZero() {
		when = m.Sent.Time(now.Location())
	}
	task.Status = "requested"
	task.Input = append(task.Input, facts.Part("message", fhir.ChoiceOf(fhir.To("Communication", m.ID))))
	task.Say(fhir.Reference{Display: "Osler"}, now, "The patient wrote again, "+format.DateTime(when.In(now.Location()))+".")
	rate(&task, m, now)
	return put(ctx, s, task, v)
}

// withdraw takes the work of a message off the list that was sent by mistake.
func (p *post) withdraw(ctx context.Context, s *record.Session, m message, now time.Time) error {
	page, err := facts.Whole(ctx, s, record.Query{Type: "Task", Params: facts.Params("focus", "Communication/"+m.ID, "status", facts.OpenTask, "_count", "10")})
	if err != nil {
		return err
	}
	for i := range page.Entries {
		v := &page.Entries[i].Version
		t, err := fhir.View[facts.Task](v.Resource())
		if err != nil {
			return err
		}
		t.Status, t.StatusReason = "cancelled", fhir.CodeableConcept{Text: "The message was taken back."}
		t.Say(fhir.Reference{Display: "Osler"}, now, "The message was taken back.")
		if err := put(ctx, s, t, v); err != nil {
			return err
		}
	}
	return nil
}

// put keeps a changed Task.
func put(ctx context.Context, s *record.Session, t facts.Task, v *record.Version) error {
	op, err := change(t, v)
	if err != nil {
		return err
	}
	_, err = s.Do(ctx, []record.Op{op})
	return err
}

func change(t facts.Task, v *record.Version) (record.Op, error) {
	doc, err := fhir.Merge(v.Resource(), t)
	return record.Op{Verb: record.Update, Type: "Task", ID: v.ID, Resource: doc, IfMatch: v.Version}, err
}
