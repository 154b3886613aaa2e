package inbox

import (
	"context"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/web"
	"github.com/osler-ehr/osler/web/facts"
	"github.com/osler-ehr/osler/web/format"
	"github.com/osler-ehr/osler/web/ui"
)

var span = regexp.MustCompile(`^(?:in )?(\d{1,3}) ?(d|days?|w|weeks?|months?)$`)

// typedDay reads until when something is wanted: "today", "3 days", "in 1 week", or a date as it is typed elsewhere.
func typedDay(text string, now time.Time) (fhir.DateTime, bool) {
	s := strings.ToLower(strings.TrimSpace(text))
	if m := span.FindStringSubmatch(s); m != nil {
		n, _ := strconv.Atoi(m[1]) // at most three digits
		switch m[2][0] {
		case 'd':
			return fhir.DateTimeOf(now.AddDate(0, 0, n), fhir.Day), true
		case 'w':
			return fhir.DateTimeOf(now.AddDate(0, 0, 7*n), fhir.Day), true
		}
		return fhir.DateTimeOf(now.AddDate(0, n, 0), fhir.Day), true
	}
	iso, ok := format.TypedDate(s, now)
	if !ok {
		return fhir.DateTime{}, false
	}
	d, err := fhir.ParseDateTime(iso)
	if err != nil || d.Precision() != fhir.Day {
		return d, false
	}
	return d, iso >= now.Format(time.DateOnly)
}

// blankTask is the form for a new task, about a patient if the address names one.
func (b *box) blankTask(r *http.Request) (web.View, error) {
	s, err := b.d.Session(r)
	if err != nil {
		return nil, err
	}
	f := web.NewForm(url.Values{"once": {facts.NewUUID()}, "patient": {r.FormValue("patient")}, "due": {"3 days"}, "priority": {"routine"}, "to": {facts.Author(r.Context()).Reference}})
	return b.taskWork(r.Context(), s, f, 0)
}

func (b *box) taskWork(ctx context.Context, s *record.Session, f *web.Form, status int) (web.View, error) {
	now := b.d.Shell.Clock()
	duty, err := facts.OnDuty(ctx, s, b.d.Identity, now)
	if err != nil {
		return nil, err
	}
	w := web.Work{Title: "New task", Current: "inbox", Back: "/inbox?tab=tasks", Action: "/inbox/tasks", Body: taskFields(f, duty.Owners()), Status: status, Buttons: []ui.Button{{Label: "Add task", Kind: ui.Primary}}}
	if id := f.Text("patient"); id != "" {
		banner, err := facts.ReadBanner(ctx, s, id, now, b.d.Shell.Location())
		if err != nil {
			return nil, err
		}
		w.Patient = &banner
	}
	return w, nil
}

// makeTask keeps a new task.
func (b *box) makeTask(r *http.Request) (web.View, error) {
	f, err := web.ReadForm(r)
	if err != nil {
		return nil, err
	}
	s, err := b.d.Session(r)
	if err != nil {
		return nil, err
	}
	ctx, now, author := r.Context(), b.d.Shell.Clock(), facts.Author(r.Context())
	duty, err := facts.OnDuty(ctx, s, b.d.Identity, now)
	if err != nil {
		return nil, err
	}
	f.Need("what", "Say what is to be done.")
	due, ok := typedDay(f.Text("due"), now)
	if !ok {
		f.Wrong("due", "Not a day to come. Write it as today, 3 days, in 1 week, or 14-Dec-2026.")
	}
	name, ok := duty.OwnerName(f.Text("to"))
	if !ok {
		f.Wrong("to", "Choose somebody who works here.")
	}
	switch f.Text("priority") {
	case "routine", "urgent", "asap":
	default:
		f.Wrong("priority", "Choose one of the priorities.")
	}
	if !f.OK() {
		return b.taskWork(ctx, s, f, http.StatusUnprocessableEntity)
	}
	stamp := fhir.DateTimeOf(now, fhir.Second)
	t := facts.Task{Status: "requested", Intent: "order", Priority: f.Text("priority"), Code: fhir.Concept(facts.TaskKind, facts.OtherTask, "To do"), Description: f.Text("what"), Authored: stamp, Modified: stamp, Requester: author}
	t.Give(f.Text("to"), name)
	t.Restriction.Period.End = due
	if id := f.Text("patient"); fhir.ValidID(id) {
		t.For = fhir.To("Patient", id)
	}
	if note := f.Text("note"); note != "" {
		t.Say(author, now, note)
	}
	op := record.Op{Verb: record.Create, Type: "Task"}
	t.Identifier, op.Condition = facts.Once(f, "")
	if op.Resource, err = fhir.New("Task", t); err != nil {
		return nil, err
	}
	if _, err := s.Do(ctx, []record.Op{op}); err != nil {
		return nil, refused(err)
	}
	b.recount(r.Context())
	return web.Done{To: "/inbox?tab=tasks", Say: ui.Message{Lead: t.Description, Text: "added for " + name + "."}}, nil
}

// batch marks the ticked tasks as done, all or none.
func (b *box) batch(r *http.Request) (web.View, error) {
	f, err := web.ReadForm(r)
	if err != nil {
		return nil, err
	}
	s, err := b.d.Session(r)
	if err != nil {
		return nil, err
	}
	ids := unique(f.All("task"))
	if len(ids) == 0 {
		return nil, &web.Problem{Kind: web.ErrInvalid, Advice: "Tick the tasks that are done first."}
	}
	var ops []record.Op
	for _, ticked := range ids {
		id, version, _ := strings.Cut(ticked, " ")
		j, v, err := load(r.Context(), s, id)
		if err != nil {
			return nil, err
		}
		if hasOwnPage(j.Task) {
			return nil, problem("One of the ticked tasks has steps of its own. Open it, and carry it on there.")
		}
		if tabOf(j.Kind()) != tabTasks || !j.Open() {
			return nil, problem("One of the ticked tasks is done already, or is none. Look at the list again.")
		}
		if version != j.shown() {
			return nil, problem("Somebody changed “" + j.title() + "” while you looked at it. Look at the list again; nothing was marked as done.")
		}
		more, err := b.close(r.Context(), s, j, v, "")
		if err != nil {
			return nil, err
		}
		ops = append(ops, more...)
	}
	if _, err := s.Do(r.Context(), ops); err != nil {
		return nil, refused(err)
	}
	b.recount(r.Context())
	return web.Done{To: "/inbox?tab=tasks", Say: ui.Message{Lead: format.Count(len(ids), "task", "tasks"), Text: "done."}}, nil
}
