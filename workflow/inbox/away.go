package inbox

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/web"
	"github.com/osler-ehr/osler/web/facts"
	"github.com/osler-ehr/osler/web/format"
	"github.com/osler-ehr/osler/web/ui"
)

// away is the form by which a person says until when somebody else stands in, or that they are back.
func (b *box) away(r *http.Request) (web.View, error) {
	s, err := b.d.Session(r)
	if err != nil {
		return nil, err
	}
	f := web.NewForm(url.Values{"from": {"today"}, "once": {facts.NewUUID()}})
	return b.awayWork(r, s, f, 0)
}

func (b *box) awayWork(r *http.Request, s *record.Session, f *web.Form, status int) (web.View, error) {
	duty, err := facts.OnDuty(r.Context(), s, b.d.Identity, b.d.Shell.Clock())
	if err != nil {
		return nil, err
	}
	me := facts.Author(r.Context()).Reference
	f.Set("version", shownAbsence(duty, me)) // what is shown is what the next sending changes
	options := []ui.Option{{Value: "", Label: "Everybody"}}
	for _, c := range duty.Staff {
		if c.Ref != me {
			options = append(options, ui.Option{Value: c.Ref, Label: c.Name})
		}
	}
	w := web.Work{Title: "Away", Current: "inbox", Back: "/inbox", Action: "/inbox/away", Body: awayFields(f, options), Status: status, Buttons: []ui.Button{{Label: "Hand over", Kind: ui.Primary}}}
	if a, ok := duty.Away[me]; ok && me != "" {
		w.Messages = []ui.Message{{Tone: ui.Caution, Text: "You are away until " + format.Date(a.Until.Add(-time.Second)) + "; what is yours goes to " + or(a.By.Display, "everybody") + "."}}
		w.Buttons = append([]ui.Button{{Label: "I am back", Attrs: map[string]any{"name": "back", "value": "yes"}}}, w.Buttons...)
	}
	return w, nil
}

// shownAbsence is what the form carries of the absence that it was opened for; "none" where there was none.
func shownAbsence(duty facts.Duty, me string) string {
	if a, ok := duty.Away[me]; ok && me != "" {
		return a.Seen
	}
	return "none"
}

// goAway keeps an absence: from now on, whoever stands in sees what is this person's. Nothing is moved, so that all of it
// is back when the person is.
func (b *box) goAway(r *http.Request) (web.View, error) {
	f, err := web.ReadForm(r)
	if err != nil {
		return nil, err
	}
	s, err := b.d.Session(r)
	if err != nil {
		return nil, err
	}
	ctx, now, author := r.Context(), b.d.Shell.Clock(), facts.Author(r.Context())
	if !strings.HasPrefix(author.Reference, "Practitioner/") {
		return nil, problem("Your account is joined to no practitioner, so nothing is yours alone. Ask your administrator to join it.")
	}
	duty, err := facts.OnDuty(ctx, s, b.d.Identity, now)
	if err != nil {
		return nil, err
	}
	sent, err := facts.Sent(ctx, s, "Task", f)
	if err != nil {
		return nil, err
	}
	if sent { // the answer was lost and the form comes again
		return web.Done{To: "/inbox", Say: ui.Message{Lead: "Handed over.", Text: "It was kept already."}}, nil
	}
	if f.Text("version") != shownAbsence(duty, author.Reference) {
		w, err := b.awayWork(r, s, f, http.StatusConflict)
		if form, ok := w.(web.Work); ok && err == nil {
			form.Messages = append(form.Messages, ui.Message{Tone: ui.Caution, Lead: "Nothing was changed.", Text: "Your absence was changed since you opened this form, perhaps in another window. What stands now is shown above; send it again if it is still meant."})
			return form, nil
		}
		return w, err
	}
	var ops []record.Op
	if was, ok := duty.Away[author.Reference]; ok { // a new absence takes the place of the one before
		v, err := s.Read(ctx, "Task", was.Task)
		if err != nil {
			return nil, err
		}
		t, err := fhir.View[facts.Task](v.Resource())
		if err != nil {
			return nil, err
		}
		t.Status, t.Modified = "completed", fhir.DateTimeOf(now, fhir.Second)
		op, err := change(t, v)
		if err != nil {
			return nil, err
		}
		ops = append(ops, op)
	}
	if f.Has("back") {
		if len(ops) > 0 {
			if _, err := s.Do(ctx, ops); err != nil {
				return nil, refused(err)
			}
		}
		b.recount(r.Context())
		return web.Done{To: "/inbox", Say: ui.Message{Lead: "You are back.", Text: "What is yours comes to you again."}}, nil
	}
	from, ok1 := typedDay(f.Text("from"), now)
	if !ok1 {
		f.Wrong("from", "Not a day to come. Write it as today, 3 days, or 14-Dec-2026.")
	}
	until, ok2 := typedDay(f.Text("until"), now)
	if !ok2 {
		f.Wrong("until", "Not a day to come. Write it as 3 days, in 2 weeks, or 14-Dec-2026.")
	}
	if order, known := until.Compare(from, now.Location()); ok1 && ok2 && known && order < 0 {
		f.Wrong("until", "It ends before it begins.")
	}
	by := f.Text("by")
	if by != "" && (!duty.Works(by) || by == author.Reference) {
		f.Wrong("by", "Choose somebody else who works here.")
	}
	if !f.OK() {
		return b.awayWork(r, s, f, http.StatusUnprocessableEntity)
	}
	stamp := fhir.DateTimeOf(now, fhir.Second)
	t := facts.Task{Status: "accepted", Intent: "order", Priority: "routine", Code: fhir.Concept(facts.TaskKind, facts.CoverTask, "Stand in"), Description: "Stands in for " + author.Display,
		Execution: fhir.Period{Start: from, End: until}, Authored: stamp, Modified: stamp, Requester: author}
	name := "Everybody"
	if by != "" {
		name = duty.Name(by)
		t.Owner = fhir.Reference{Reference: by, Display: name}
	}
	op := record.Op{Verb: record.Create, Type: "Task"}
	t.Identifier, op.Condition = facts.Once(f, "")
	if op.Resource, err = fhir.New("Task", t); err != nil {
		return nil, err
	}
	if _, err := s.Do(ctx, append(ops, op)); err != nil {
		return nil, refused(err)
	}
	b.recount(r.Context())
	return web.Done{To: "/inbox", Say: ui.Message{Lead: name, Text: "stands in for you until " + facts.Day(until, now.Location()) + "."}}, nil
}
