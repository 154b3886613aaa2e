package home

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/identity"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/web/clinical"
	"github.com/osler-ehr/osler/web/facts"
	"github.com/osler-ehr/osler/web/format"
)

// shownTasks is how many tasks the page lists; the rest is counted.
const shownTasks = 7

// taskKinds are the kinds of work that tasks tell of, by their code.
// page is where in the chart the matter is dealt with; "" for what the inbox opens.
var taskKinds = map[string]struct{ icon, kind, do, page string }{
	"review-result": {"flask-conical", "Result", "Review", ""}, "refill": {"pill", "Refill", "Review", "/medications"},
	"message": {"message-square", "Message", "Read", ""},
}

// task is the view of a Task.
type task struct {
	ID          string
	Priority    string
	Code        fhir.CodeableConcept
	Description string
	Focus       fhir.Reference
	For         fhir.Reference
	Authored    fhir.DateTime `fhir:"authoredOn"`
	Restriction struct{ Period fhir.Period }
}

// work is what waits for a person.
type work struct {
	act     []Task
	more    int
	normal  int // results to look at that were normal when they came
	overdue List
	failed  []string
}

// tasksAtOnce is how many open tasks are read in one search.
const tasksAtOnce = "500"

// tasks are the open tasks that somebody must see, as the inbox has them: one's own, of those whom one stands in for, of
// one's pools, and of nobody.
func (h *start) tasks(ctx context.Context, s *record.Session, now time.Time) (out []task, patients map[string]facts.Patient, err error) {
	who := identity.From(ctx)
	duty, err := facts.OnDuty(ctx, s, h.d.Identity, now)
	if err != nil {
		return nil, nil, err
	}
	queries := [][]string{{"owner:missing", "true"}}
	if owners := duty.Answered(who.Resource); len(owners) > 0 {
		queries = append(queries, []string{"owner", strings.Join(owners, ",")})
	}
	patients = map[string]facts.Patient{}
	var todo []record.Query
	for _, q := range queries {
		todo = append(todo, record.Query{Type: "Task", Params: facts.Params(append(q, "status", facts.OpenTask, "_count", tasksAtOnce, "_include", "Task:patient")...)})
	}
	for ; len(todo) > 0; todo = todo[1:] {
		page, err := s.Search(ctx, todo[0])
		if err != nil {
			return nil, nil, err
		}
		if page.Next != "" {
			todo = append(todo, record.Query{Type: "Task", Page: page.Next})
		}
		for i := range page.Entries {
			e := &page.Entries[i]
			if e.Type == "Patient" {
				if p, err := fhir.View[facts.Patient](e.Resource()); err == nil {
					patients[e.ID] = p
				}
				continue
			}
			seen, err := fhir.View[facts.Task](e.Resource())
			if err != nil {
				return nil, nil, err
			}
			t, err := fhir.View[task](e.Resource())
			if err != nil {
				return nil, nil, err
			}
			if duty.Sees(who.Resource, who.Has(identity.Nurse), who.Has(identity.Clinician), seen) {
				out = append(out, t)
			}
		}
	}
	return out, patients, nil
}

// work reads the open tasks of a person.
func (h *start) work(ctx context.Context, s *record.Session, me string, now time.Time) work {
	var w work
	if me == "" || !may(s, "Task", "Patient", "Encounter") {
		return w
	}
	tasks, patients, err := h.tasks(ctx, s, now)
	if err != nil {
		h.log(ctx, "tasks", err)
		w.failed = append(w.failed, "Your tasks could not be read. Do not take them for done; load the page again.")
		return w
	}
	found := h.findings(ctx, s, tasks)
	w.overdue = List{ID: "overdue", Title: "Overdue orders", End: "All open orders", EndHref: "/orders"}
	type ranked struct {
		Task
		rank int
		at   time.Time
	}
	var act []ranked
	for _, t := range tasks {
		p, id := patients[idOf(t.For.Reference)], idOf(t.For.Reference)
		at := t.Authored.Time(now.Location())
		if t.kind() == "order" { // followed until it is closed; it is work of this person's once it is late
			if _, due := t.Restriction.Period.Range(now.Location()); t.Restriction.Period.End.IsZero() || now.Before(due) {
				continue
			}
			_, at = t.Restriction.Period.Range(now.Location())
		}
		if t.kind() == "cover" {
			continue
		}
		if t.kind() == "overdue-order" || t.kind() == "order" {
			text, late := since(at, now)
			w.overdue.Rows = append(w.overdue.Rows, Owed{Strong: upper(strings.TrimPrefix(t.Description, "Overdue: ")), Soft: p.Name(now).Plain(), Since: text, Late: late, Href: "/patients/" + id})
			continue
		}
		if _, abnormal := found[idOf(t.Focus.Reference)]; t.kind() == facts.ReviewTask && t.Priority == "routine" && !abnormal {
			w.normal++ // for information: it is never mixed with what must be acted on
			continue
		}
		k, ok := taskKinds[t.kind()]
		if !ok {
			k.icon, k.kind, k.do = "clipboard-list", "Task", "Open"
		}
		row := Task{Icon: k.icon, Kind: k.kind, Do: k.do, What: t.Description, Who: p.Name(now).Plain(), Born: p.BornLine(now, now.Location()), Href: "/patients/" + id + k.page, Age: format.Elapsed(now.Sub(at))}
		if k.page == "" {
			row.Href = "/inbox?item=" + t.ID
		}
		if f, ok := found[idOf(t.Focus.Reference)]; ok && len(f) > 0 {
			row.Flag, row.What, row.Detail = f[0].Flag, f[0].Text, t.Description
			if n := len(f) - 1; n > 0 {
				row.More = "and " + format.Thousands(itoa(n)) + " more"
			}
		}
		act = append(act, ranked{row, rank(t.Priority, row.Flag), at})
	}
	slices.SortStableFunc(act, func(a, b ranked) int { return cmp.Or(a.rank-b.rank, a.at.Compare(b.at)) })
	for _, a := range act[:min(shownTasks, len(act))] {
		w.act = append(w.act, a.Task)
	}
	w.more = len(act) - len(w.act)
	slices.SortStableFunc(w.overdue.Rows, func(a, b Owed) int {
		return cmp.Compare(map[bool]int{true: 0, false: 1}[a.Late], map[bool]int{true: 0, false: 1}[b.Late])
	})
	return w
}

func (t task) kind() string {
	for _, c := range t.Code.Coding {
		if c.Code != "" {
			return c.Code
		}
	}
	return ""
}

// rank orders work: critical values, then what somebody marked urgent, then abnormal values, then the rest.
func rank(priority string, f clinical.Flag) int {
	switch {
	case f.Critical() || priority == "stat":
		return 0
	case priority == "asap":
		return 1
	case priority == "urgent":
		return 2
	case f != clinical.Normal:
		return 3
	}
	return 4
}

// findings are the abnormal values of the reports that tasks are about, worst first.
func (h *start) findings(ctx context.Context, s *record.Session, tasks []task) map[string][]Finding {
	if !may(s, "DiagnosticReport", "Observation") {
		return nil
	}
	var ids []string
	for _, t := range tasks {
		if id, ok := strings.CutPrefix(t.Focus.Reference, "DiagnosticReport/"); ok && len(ids) < 60 {
			ids = append(ids, id)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	page, err := s.Search(ctx, record.Query{Type: "DiagnosticReport", Params: facts.Params("_id", strings.Join(ids, ","), "_count", "100", "_include", "DiagnosticReport:result")})
	if err != nil {
		h.log(ctx, "reports", err)
		return nil
	}
	values := map[string]facts.Observation{}
	results := map[string][]fhir.Reference{}
	for i := range page.Entries {
		e := &page.Entries[i]
		switch e.Type {
		case "Observation":
			if o, err := facts.ReadObservation(e.Resource()); err == nil && o.Valid() {
				values[e.ID] = o
			}
		case "DiagnosticReport":
			if r, err := fhir.View[struct{ Result []fhir.Reference }](e.Resource()); err == nil {
				results[e.ID] = r.Result
			}
		}
	}
	out := map[string][]Finding{}
	for id, refs := range results {
		for _, ref := range refs {
			o, ok := values[idOf(ref.Reference)]
			if shown := o.Show(); ok && shown.Flag != clinical.Normal {
				out[id] = append(out[id], Finding{Text: strings.TrimSpace(o.Name() + " " + shown.Text + " " + shown.Unit), Flag: shown.Flag})
			}
		}
		slices.SortStableFunc(out[id], func(a, b Finding) int { return rank("", a.Flag) - rank("", b.Flag) })
	}
	return out
}

// unsigned are this person's notes that wait for a signature.
func (h *start) unsigned(ctx context.Context, s *record.Session, me string, now time.Time) List {
	if !strings.HasPrefix(me, "Practitioner/") || !may(s, "DocumentReference", "Patient", "Encounter") {
		return List{}
	}
	l := List{ID: "unsigned", Title: "Unsigned notes"}
	page, err := facts.Whole(ctx, s, record.Query{Type: "DocumentReference", Params: facts.Params("author", me, "date", "ge"+now.AddDate(0, 0, -30).Format("2006-01-02"), "_sort", "-date", "_count", "200")})
	if err != nil {
		h.log(ctx, "notes", err)
		return List{ID: "unsigned", Title: "Unsigned notes could not be read"}
	}
	for i := range page.Entries {
		d, err := fhir.View[struct {
			DocStatus   string
			Description string
			Subject     fhir.Reference
			Date        fhir.Instant
		}](page.Entries[i].Resource())
		if err != nil || d.DocStatus != "preliminary" {
			continue
		}
		name := d.Subject.Display
		if v, err := s.Read(ctx, "Patient", idOf(d.Subject.Reference)); err == nil {
			if p, err := fhir.View[facts.Patient](v.Resource()); err == nil {
				name = p.Name(now).Plain()
			}
		}
		text, late := since(d.Date.Time(), now)
		l.Rows = append(l.Rows, Owed{Strong: name, Soft: d.Description, Since: text, Late: late, Href: "/patients/" + idOf(d.Subject.Reference)})
	}
	return l
}

// unfiled is how many documents came in and are nobody's yet; 0 for whom they are not to file. What cannot be counted shows no number:
// their own page says what is wrong.
func (h *start) unfiled(ctx context.Context, s *record.Session) int {
	if !s.May(access.Update, "DocumentReference") || !may(s, "DocumentReference") {
		return 0
	}
	page, err := s.Search(ctx, record.Query{Type: "DocumentReference", Params: facts.Params("subject:missing", "true", "status", "current", "_count", "1", "_total", "accurate")})
	if err != nil {
		h.log(ctx, "incoming documents", err)
		return 0
	}
	return int(page.Total)
}
