package messages

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/web"
	"github.com/osler-ehr/osler/web/facts"
	"github.com/osler-ehr/osler/web/ui"
)

const (
	categories = "http://terminology.hl7.org/CodeSystem/communication-category"
	media      = "http://terminology.hl7.org/CodeSystem/v3-ParticipationMode"
	newMessage = "urn:uuid:0c6b7f1e-9a55-4c1f-8f0a-2a5b1d8c7e11" // within one transaction alone
)

// send keeps a message, with the work that it makes or ends, in one transaction.
func (p *post) send(r *http.Request) (web.View, error) {
	f, err := web.ReadForm(r)
	if err != nil {
		return nil, err
	}
	chart, err := facts.OpenChart(r, p.d.Session, p.d.Shell, nothing)
	if err != nil {
		return nil, err
	}
	ctx, now, s, me := r.Context(), p.d.Shell.Clock(), chart.Session, facts.Author(r.Context())
	f.Need("text", "Write the message first.")
	duty, err := facts.OnDuty(ctx, s, p.d.Identity, now)
	if err != nil {
		return nil, err
	}
	to, name := f.Text("to"), chart.Banner.Name.Plain()
	if to != toPatient {
		var ok bool
		if name, ok = duty.OwnerName(to); !ok {
			f.Wrong("to", "Choose the patient, or somebody who works here.")
		}
	}
	m := message{
		Status: "completed", Category: []fhir.CodeableConcept{fhir.Concept(categories, "instruction", "Instruction")}, Priority: "routine", Medium: []fhir.CodeableConcept{fhir.Concept(media, "ELECTRONIC", "electronic data")},
		Subject: fhir.To("Patient", chart.ID), Sent: fhir.DateTimeOf(now, fhir.Second), Sender: me,
	}
	if f.Has("urgent") {
		m.Priority = "urgent"
	}
	var t *thread
	if id := f.Text("thread"); id != "" {
		found, err := find(ctx, s, chart.ID, id, now.Location())
		if err != nil {
			return nil, err
		}
		t = &found
		if seen := f.Text("seen"); seen != "" && seen != t.last().ID && f.OK() {
			sent, err := facts.Sent(ctx, s, "Communication", f)
			if err != nil {
				return nil, err
			}
			if !sent {
				f.Set("seen", t.last().ID)
				return p.form(r, chart, f, http.StatusConflict, ui.Message{Tone: ui.Caution, Lead: "Not sent.", Text: "Something new was written in this thread meanwhile. Read it below, then send."})
			}
		}
	} else if topic := f.Text("topic"); topic != "" {
		m.Topic = fhir.CodeableConcept{Text: topic}
	}
	m.Payload = append(m.Payload, payload{fhir.ChoiceOf(f.Text("text"))})
	for _, ref := range slices.Compact(slices.Sorted(slices.Values(f.All("attach")))) {
		label, err := p.attachable(ctx, s, chart.ID, ref)
		if err != nil {
			f.Wrong("text", "What you attached is no document or result of this patient. Take the tick away.")
			break
		}
		m.About = append(m.About, fhir.Reference{Reference: ref, Display: label})
		m.Payload = append(m.Payload, payload{fhir.ChoiceOf(fhir.Reference{Reference: ref, Display: label})})
	}
	if !f.OK() {
		return p.form(r, chart, f, http.StatusUnprocessableEntity)
	}
	switch {
	case to == toPatient:
		m.Recipient = []fhir.Reference{{Reference: "Patient/" + chart.ID, Display: chart.Banner.Name.Plain()}}
	case strings.HasPrefix(to, "Practitioner/"):
		m.Recipient = []fhir.Reference{{Reference: to, Display: name}}
	default:
		m.Recipient = []fhir.Reference{{Display: name}}
	}
	if to != toPatient {
		m.Category = []fhir.CodeableConcept{{Text: "Among staff"}}
		if f.Has("internal") {
			m.Meta.Security = []fhir.Coding{{System: access.InternalSystem, Code: access.InternalCode, Display: "no disclosure to patient, family or caregivers without attending provider's authorization"}}
		}
	}
	if t != nil {
		m.PartOf = []fhir.Reference{fhir.To("Communication", t.root)}
		if before := t.readBy(m); len(before) > 0 {
			m.InResponseTo, m.Topic = []fhir.Reference{fhir.To("Communication", before[len(before)-1].ID)}, before[0].Topic
		}
	}
	op := record.Op{Verb: record.Create, Type: "Communication", FullURL: newMessage}
	m.Identifier, op.Condition = facts.Once(f, "")
	if op.Resource, err = fhir.New("Communication", m); err != nil {
		return nil, err
	}
	work, err := p.work(r, f, chart, t, m, to, name, now)
	if err != nil {
		return nil, err
	}
	res, err := s.Do(ctx, append([]record.Op{op}, work...))
	if facts.Changed(err) {
		return p.form(r, chart, f, http.StatusConflict, ui.Message{Tone: ui.Caution, Lead: "Not sent.", Text: "Somebody else dealt with this thread in this moment. Look at it again, then send."})
	}
	if reason := facts.Refused(err); reason != "" {
		return p.form(r, chart, f, http.StatusUnprocessableEntity, ui.Message{Tone: ui.Critical, Lead: "Not sent.", Text: reason})
	}
	if err != nil {
		return nil, err
	}
	p.recount()
	said := "sent to " + name + "."
	if to == toPatient {
		said = "sent to " + name + ": it waits in the portal. No e-mail or text was sent."
	}
	return web.Done{To: at(chart.ID, res[0].ID), Say: ui.Message{Lead: m.title(), Text: said}}, nil
}

// work are the operations on Tasks that a message brings: an answer to the patient ends what waited, a message to colleagues waits for them.
func (p *post) work(r *http.Request, f *web.Form, chart facts.Chart, t *thread, m message, to, name string, now time.Time) ([]record.Op, error) {
	ctx, s, me := r.Context(), chart.Session, facts.Author(r.Context())
	if t != nil && t.task != nil {
		v, err := s.Read(ctx, "Task", t.task.ID)
		if err != nil {
			return nil, err
		}
		task, err := fhir.View[facts.Task](v.Resource())
		if err != nil {
			return nil, err
		}
		if task.Open() {
			switch {
			case to != toPatient:
				task.Give(to, name)
				task.Status = "requested"
				task.Say(me, now, "Given to "+name+", with a message.")
			case f.Has("keep"):
				task.Status = "in-progress"
				task.Say(me, now, "Answered, and kept open.")
			default:
				end(&task, me, now, "Answered.")
				task.Output = append(task.Output, facts.Part("answer", fhir.ChoiceOf(fhir.Reference{Reference: newMessage})))
			}
			op, err := change(task, v)
			return []record.Op{op}, err
		}
	}
	if to == toPatient {
		return nil, nil
	}
	task := facts.Task{
		Status: "requested", Intent: "order", Code: fhir.Concept(facts.TaskKind, facts.MessageTask, "Message"), Description: m.title(), Focus: fhir.Reference{Reference: newMessage},
		For: m.Subject, Authored: m.Sent, Modified: m.Sent, Requester: me,
	}
	task.Give(to, name)
	rate(&task, message{Priority: m.Priority}, now)
	op := record.Op{Verb: record.Create, Type: "Task"}
	task.Identifier, op.Condition = facts.Once(f, "task")
	var err error
	op.Resource, err = fhir.New("Task", task)
	return []record.Op{op}, err
}

// end completes work.
func end(t *facts.Task, me fhir.Reference, now time.Time, words string) {
	stamp := fhir.DateTimeOf(now, fhir.Second)
	t.Status, t.Execution.End = "completed", stamp
	if t.Execution.Start.IsZero() {
		t.Execution.Start = stamp
	}
	t.Say(me, now, words)
}

// reasons are why a message is closed without an answer.
var reasons = []ui.Option{
	{Value: "Talked by telephone", Label: "Talked by telephone"}, {Value: "Talked at a visit", Label: "Talked at a visit"}, {Value: "No answer is needed", Label: "No answer is needed"},
	{Value: "Written twice", Label: "Written twice"}, {Value: "Meant for somebody else", Label: "Meant for somebody else"}, {Value: "other", Label: "Another reason"},
}

// askClose is the form by which a thread is closed without an answer.
func (p *post) askClose(r *http.Request) (web.View, error) {
	chart, err := facts.OpenChart(r, p.d.Session, p.d.Shell, nothing)
	if err != nil {
		return nil, err
	}
	return p.closeForm(r, chart, web.NewForm(nil), 0)
}

func (p *post) closeForm(r *http.Request, chart facts.Chart, f *web.Form, status int) (web.View, error) {
	t, err := find(r.Context(), chart.Session, chart.ID, r.PathValue("message"), p.d.Shell.Location())
	if err != nil {
		return nil, err
	}
	there := at(chart.ID, t.root)
	return web.Work{Title: "Close without an answer", Current: "chart", Patient: &chart.Banner, Back: there, Action: there + "/close", Body: closeFields(f, t.first().title()), Status: status,
		Buttons: []ui.Button{{Label: "Close it", Kind: ui.Primary}}}, nil
}

// close ends what waits without an answer, and says why.
func (p *post) close(r *http.Request) (web.View, error) {
	f, err := web.ReadForm(r)
	if err != nil {
		return nil, err
	}
	chart, err := facts.OpenChart(r, p.d.Session, p.d.Shell, nothing)
	if err != nil {
		return nil, err
	}
	ctx, s, now := r.Context(), chart.Session, p.d.Shell.Clock()
	why := f.Text("why")
	if !slices.ContainsFunc(reasons, func(o ui.Option) bool { return o.Value == why }) {
		f.Wrong("why", "Choose why no answer is sent.")
	}
	if why == "other" {
		f.Need("note", "Write why no answer is sent.")
		why = ""
	}
	if !f.OK() {
		return p.closeForm(r, chart, f, http.StatusUnprocessableEntity)
	}
	t, err := find(ctx, s, chart.ID, r.PathValue("message"), now.Location())
	if err != nil {
		return nil, err
	}
	if t.task == nil {
		return nil, &web.Problem{Kind: web.ErrConflict, Advice: "This thread waits for nobody any more."}
	}
	v, err := s.Read(ctx, "Task", t.task.ID)
	if err != nil {
		return nil, err
	}
	task, err := fhir.View[facts.Task](v.Resource())
	if err != nil {
		return nil, err
	}
	reason := strings.TrimPrefix(strings.TrimSuffix(why+". "+f.Text("note"), ". "), ". ")
	end(&task, facts.Author(ctx), now, "Closed without an answer: "+reason)
	task.StatusReason = fhir.CodeableConcept{Text: reason}
	if err := put(ctx, s, task, v); err != nil {
		if facts.Changed(err) {
			return nil, &web.Problem{Kind: web.ErrConflict, Advice: "Somebody else dealt with this thread in this moment. Look at it again."}
		}
		return nil, err
	}
	p.recount()
	return web.Done{To: at(chart.ID, t.root), Say: ui.Message{Lead: t.first().title(), Text: "closed without an answer."}}, nil
}
