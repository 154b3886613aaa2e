package transitions

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/web"
	"github.com/osler-ehr/osler/web/clinical"
	"github.com/osler-ehr/osler/web/facts"
	"github.com/osler-ehr/osler/web/format"
	"github.com/osler-ehr/osler/web/ui"
)

// View is one follow-up.
type View struct {
	Facts [][2]string
	Steps []StepRow
	Done  [][3]string // when, what, who
	Links []ui.Button
}

// StepRow is one of the three steps, with its evidence.
type StepRow struct {
	Words, Evidence, Due string
	Late, Settled        bool
	RuledOut             bool
	Buttons              []ui.Button
}

type item struct {
	task    facts.Task
	version *record.Version
	banner  clinical.Banner
	patient string
	duty    facts.Duty
}

func (e *desk) read(r *http.Request) (*record.Session, item, error) {
	var x item
	s, err := e.d.Session(r)
	if err != nil {
		return nil, x, err
	}
	ctx, now := r.Context(), e.d.Shell.Clock()
	if x.version, err = s.Read(ctx, "Task", r.PathValue("task")); err != nil {
		return s, x, err
	}
	if x.task, err = fhir.View[facts.Task](x.version.Resource()); err != nil {
		return s, x, err
	}
	var ok bool
	if x.patient, ok = strings.CutPrefix(x.task.For.Reference, "Patient/"); !ok || x.task.Kind() != facts.TransitionTask {
		return s, x, web.ErrNotFound
	}
	if x.banner, err = facts.ReadBanner(ctx, s, x.patient, now, e.d.Shell.Location()); err != nil {
		return s, x, err
	}
	x.duty, err = facts.OnDuty(ctx, s, e.d.Identity, now)
	return s, x, err
}

func (e *desk) open(r *http.Request) (web.View, error) {
	s, x, err := e.read(r)
	if err != nil {
		return nil, err
	}
	return e.show(r.Context(), s, x)
}

// evidence is what a step rests on.
func evidence(t facts.Task, st Step, zone *time.Location) string {
	var out []string
	for _, kind := range []string{string(st), st.notDone()} {
		for _, p := range t.Made(kind) {
			switch v := p.Value.Value().(type) {
			case fhir.DateTime:
				out = append(out, facts.Moment(v, zone))
			case fhir.Reference:
				out = append(out, v.Display)
			case string:
				out = append(out, "Not done: "+v)
			}
		}
	}
	return strings.Join(out, ", ")
}

func (e *desk) show(ctx context.Context, s *record.Session, x item) (web.Work, error) {
	zone, now, t := e.d.Shell.Location(), e.d.Shell.Clock(), x.task
	from := discharged(t, zone)
	var v View
	add := func(label, value string) {
		if value != "" {
			v.Facts = append(v.Facts, [2]string{label, value})
		}
	}
	add("Discharged", format.Date(from))
	if ref, ok := t.Focus.Target(); ok && ref.Type == "Encounter" && s.May(access.Read, "Encounter") {
		enc, err := s.Read(ctx, "Encounter", ref.ID)
		if kind := record.KindOf(err); err != nil && kind != record.KindNotFound && kind != record.KindGone {
			return web.Work{}, err
		}
		if err == nil {
			stay, err := fhir.View[stay](enc.Resource())
			if err != nil {
				return web.Work{}, err
			}
			add("From", stay.where())
			add("Admitted", facts.Day(stay.Period.Start, zone))
			add("For", facts.First(stay.Reason))
			add("To", facts.Concept(stay.Hospitalization.Discharge))
		}
	}
	name := x.duty.Name(t.Owner.Reference)
	if t.Owner.IsZero() {
		name = facts.PoolName(t.Pool())
	}
	add("Who answers for it", cmp.Or(name, t.Owner.Display))
	add("Reason", t.StatusReason.Text)
	may := s.May(access.Update, "Task") && t.Open()
	for _, st := range steps {
		row := StepRow{Words: st.words(), Evidence: evidence(t, st, zone), Settled: settled(t, st), RuledOut: len(t.Made(st.notDone())) > 0}
		if by := st.by(from); !row.Settled {
			row.Due, row.Late = "due "+format.Date(by), !now.Before(by.AddDate(0, 0, 1))
			if row.Late {
				row.Due = "was due " + format.Date(by)
			}
			if may {
				row.Buttons = []ui.Button{{Label: "Done", Href: at(t.ID) + "/" + string(st), Attrs: web.Opens()}}
				if st == Contact {
					row.Buttons = append(row.Buttons, ui.Button{Label: "Tried in vain", Href: at(t.ID) + "/attempt", Attrs: web.Opens()})
				}
				row.Buttons = append(row.Buttons, ui.Button{Label: "Cannot be done", Kind: ui.Quiet, Href: at(t.ID) + "/no-" + string(st), Attrs: web.Opens()})
			}
		}
		v.Steps = append(v.Steps, row)
	}
	for _, n := range t.Note {
		v.Done = append(v.Done, [3]string{facts.Moment(n.Time, zone), n.Text, n.AuthorReference.Display + n.AuthorString})
	}
	chart := "/patients/" + url.PathEscape(x.patient)
	v.Links = []ui.Button{{Label: "Chart", Href: chart}, {Label: "Medications", Icon: "pill", Href: chart + "/medications"}}
	w := web.Work{Title: t.Description, Current: "transitions", Patient: &x.banner, Back: "/transitions", Body: v.draw()}
	return w, nil
}

func at(task string) string { return "/transitions/" + url.PathEscape(task) }

// asked is what an address asks for: a step done, ruled out, or an attempt at reaching the patient.
func asked(name string) (st Step, no, attempt bool, err error) {
	if name == "attempt" {
		return Contact, false, true, nil
	}
	rest, no := strings.CutPrefix(name, "no-")
	if st = Step(rest); !slices.Contains(steps, st) {
		return "", false, false, web.ErrNotFound
	}
	return st, no, false, nil
}

func (e *desk) form(r *http.Request) (web.View, error) {
	s, x, err := e.read(r)
	if err != nil {
		return nil, err
	}
	st, no, attempt, err := asked(r.PathValue("step"))
	if err != nil {
		return nil, err
	}
	if !x.task.Open() || settled(x.task, st) {
		return e.show(r.Context(), s, x)
	}
	f := web.NewForm(url.Values{"day": {format.Date(e.d.Shell.Clock())}, "version": {strconv.FormatInt(x.version.Version, 10)}})
	return e.stepWork(r.Context(), s, x, st, no, attempt, f, 0)
}

func (e *desk) stepWork(ctx context.Context, s *record.Session, x item, st Step, no, attempt bool, f *web.Form, status int) (web.View, error) {
	zone := e.d.Shell.Location()
	title, label := st.words(), "Save"
	switch {
	case attempt:
		title = "Tried in vain to reach the patient"
	case no:
		title = st.words() + ": cannot be done"
	}
	var visits []ui.Option
	if st == Visit && !no {
		var err error
		if visits, err = e.visits(ctx, s, x.patient, discharged(x.task, zone)); err != nil {
			return nil, err
		}
	}
	name := string(st)
	if attempt {
		name = "attempt"
	} else if no {
		name = "no-" + name
	}
	return web.Work{Title: title, Current: "transitions", Patient: &x.banner, Back: at(x.task.ID), Action: at(x.task.ID) + "/" + name, Status: status, Body: stepFields(f, st, no, attempt, visits), Buttons: []ui.Button{{Label: label, Kind: ui.Primary}}}, nil
}

// visits are the encounters here since the discharge, newest first: the evidence for a visit.
func (e *desk) visits(ctx context.Context, s *record.Session, patient string, since time.Time) ([]ui.Option, error) {
	zone := e.d.Shell.Location()
	list, err := facts.FindAll[stay](ctx, s, "Encounter", patient, facts.Params("date", "ge"+midnight(since).Format(time.DateOnly), "_sort", "-date", "_count", "30")...)
	out := []ui.Option{{Value: "", Label: "Choose the visit"}}
	for _, x := range list {
		start := x.Period.Start.Time(zone)
		if x.Class.Code == "IMP" || x.Class.Code == "EMER" || x.Status == "cancelled" || x.Status == "entered-in-error" || x.Status == "planned" || start.Before(midnight(since)) {
			continue
		}
		out = append(out, ui.Option{Value: "Encounter/" + x.ID, Label: strings.TrimPrefix(facts.First(x.Type)+", "+facts.Moment(x.Period.Start, zone), ", ")})
	}
	return out, err
}

// take carries out a step.
func (e *desk) take(r *http.Request) (web.View, error) {
	f, err := web.ReadForm(r)
	if err != nil {
		return nil, err
	}
	s, x, err := e.read(r)
	if err != nil {
		return nil, err
	}
	st, no, attempt, err := asked(r.PathValue("step"))
	if err != nil {
		return nil, err
	}
	ctx, now, author, zone := r.Context(), e.d.Shell.Clock(), facts.Author(r.Context()), e.d.Shell.Location()
	if v := facts.Editing(f); v != x.version.Version || !x.task.Open() || settled(x.task, st) {
		return e.meanwhile(ctx, s, x)
	}
	t := x.task
	t.Output, t.Note = slices.Clone(t.Output), slices.Clone(t.Note)
	from := discharged(t, zone)
	note := f.Text("note")
	if st != Visit || no || attempt {
		f.Need("note", map[bool]string{true: "Say why: it stays in the record.", false: "Say how: by telephone with whom, against which list."}[no])
	}
	switch {
	case no:
		t.Output = append(t.Output, facts.Part(st.notDone(), fhir.ChoiceOf(note)))
		t.Say(author, now, st.words()+": cannot be done. "+note)
	case st == Visit:
		visits, err := e.visits(ctx, s, x.patient, from)
		if err != nil {
			return nil, err
		}
		chosen := f.Text("visit")
		i := slices.IndexFunc(visits, func(o ui.Option) bool { return o.Value == chosen && chosen != "" })
		if i < 0 {
			f.Wrong("visit", "Choose the visit. If there is none here yet, it is not done.")
		} else {
			t.Output = append(t.Output, facts.Part(string(st), fhir.ChoiceOf(fhir.Reference{Reference: chosen, Display: visits[i].Label})))
			t.Say(author, now, strings.TrimSpace("Patient seen: "+visits[i].Label+". "+note))
		}
	default:
		f.Need("day", "Say on which day.")
		day := facts.PastDate(f, "day", now)
		if !day.IsZero() {
			if d := day.Time(zone); d.Before(midnight(from)) {
				f.Wrong("day", "That is before the discharge.")
			}
		}
		if attempt {
			t.Output = append(t.Output, facts.Part("attempt", fhir.ChoiceOf(day)))
			t.Say(author, now, "Tried in vain on "+facts.Day(day, zone)+": "+note)
		} else {
			t.Output = append(t.Output, facts.Part(string(st), fhir.ChoiceOf(day)))
			t.Say(author, now, st.words()+" on "+facts.Day(day, zone)+": "+note)
		}
	}
	if !f.OK() {
		return e.stepWork(ctx, s, x, st, no, attempt, f, http.StatusUnprocessableEntity)
	}
	t.Status, t.Modified = "in-progress", fhir.DateTimeOf(now, fhir.Second)
	said := "noted."
	dueNext(&t, from)
	if rest, _ := next(t, from); rest == "" {
		t.Status, t.Execution.End, said = "completed", t.Modified, "noted. The follow-up is complete."
	}
	doc, err := fhir.Merge(x.version.Resource(), t)
	if err != nil {
		return nil, err
	}
	if _, err := s.Do(ctx, []record.Op{{Verb: record.Update, Type: "Task", ID: x.version.ID, Resource: doc, IfMatch: x.version.Version}}); err != nil {
		if facts.Changed(err) {
			if s, x, err = e.read(r); err != nil {
				return nil, err
			}
			return e.meanwhile(ctx, s, x)
		}
		if reason := facts.Refused(err); reason != "" {
			return nil, &web.Problem{Kind: web.ErrInvalid, Advice: reason}
		}
		return nil, err
	}
	lead := st.words() + ":"
	if attempt {
		lead = "The attempt"
		said = "is noted."
	}
	return web.Done{To: at(t.ID), Say: ui.Message{Lead: lead, Text: said}}, nil
}

// meanwhile shows the follow-up as it stands to somebody who was too late.
func (e *desk) meanwhile(ctx context.Context, s *record.Session, x item) (web.View, error) {
	w, err := e.show(ctx, s, x)
	w.Status = http.StatusConflict
	w.Messages = []ui.Message{{Tone: ui.Caution, Lead: "Changed by somebody else meanwhile; nothing of yours was saved.", Text: "It stands as below."}}
	return w, err
}
