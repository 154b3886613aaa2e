package careplans

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/web"
	"github.com/osler-ehr/osler/web/facts"
	"github.com/osler-ehr/osler/web/ui"
)

// tick is something of a list that a plan can hold.
type tick struct {
	Value, Label string
	On           bool
}

// problemsOf are the active problems of a patient, each once, with their diagnosis codes.
func problemsOf(ctx context.Context, s *record.Session, patient string) ([]condition, error) {
	list, err := facts.FindAll[condition](ctx, s, "Condition", patient, facts.Params("_count", "500")...)
	seen := map[string]bool{}
	list = slices.DeleteFunc(list, func(c condition) bool {
		name := strings.ToLower(facts.Concept(c.Code))
		if !c.stands() || seen[name] {
			return true
		}
		seen[name] = true
		return false
	})
	slices.SortStableFunc(list, func(a, b condition) int { return strings.Compare(facts.Concept(a.Code), facts.Concept(b.Code)) })
	return list, err
}

func (e *desk) openFor(r *http.Request) (facts.Chart, []condition, error) {
	var list []condition
	chart, err := facts.OpenChart(r, e.d.Session, e.d.Shell, func(s *record.Session, id string) (err error) {
		list, err = problemsOf(r.Context(), s, id)
		return err
	})
	return chart, list, err
}

// blankPlan is the form for a new plan: the goals that suit the patient's problems are offered to be ticked.
func (e *desk) blankPlan(r *http.Request) (web.View, error) {
	chart, list, err := e.openFor(r)
	if err != nil {
		return nil, err
	}
	f := web.NewForm(url.Values{"once": {facts.NewUUID()}, "title": {"Plan of care"}})
	return e.planWork(chart, list, f, plan{}, 0), nil
}

func (e *desk) planWork(chart facts.Chart, list []condition, f *web.Form, p plan, status int) web.Work {
	var problems, usual []tick
	for _, c := range list {
		problems = append(problems, tick{c.ID, facts.Concept(c.Code), slices.Contains(f.All("problem"), c.ID)})
	}
	w := web.Work{Title: "New care plan", Current: "chart", Patient: &chart.Banner, Back: base(chart.ID), Action: base(chart.ID), Status: status, Buttons: []ui.Button{{Label: "Make plan", Kind: ui.Primary}}}
	if p.ID == "" {
		for _, u := range e.table.Goals {
			for _, c := range list {
				if !strings.HasSuffix(u.Targets, "<") && u.suits(c.Code.In(icd10)) {
					usual = append(usual, tick{u.Key, u.Text + ", for " + facts.Concept(c.Code), slices.Contains(f.All("goal"), u.Key)})
					break
				}
			}
		}
	} else {
		w.Title, w.Action = "Change the plan", base(chart.ID)+"/"+url.PathEscape(p.ID)
		save := ui.Button{Label: "Save", Kind: ui.Primary, Attrs: map[string]any{"name": "do", "value": "save"}}
		w.Buttons = []ui.Button{
			{Label: "Entered in error", Kind: ui.Danger, Attrs: map[string]any{"name": "do", "value": "mistake"}},
			{Label: "End the plan", Attrs: map[string]any{"name": "do", "value": "end"}}, save,
		}
	}
	w.Body = planFields(f, problems, usual, p.ID != "")
	return w
}

// planFill takes what the form says into the plan.
func planFill(f *web.Form, p *plan, list []condition, author fhir.Reference, now time.Time) {
	f.Need("title", "Give the plan a name.")
	p.Title = f.Text("title")
	chosen := f.All("problem")
	shown := map[string]bool{}
	var addresses []fhir.Reference
	for _, c := range list {
		shown["Condition/"+c.ID] = true
		if slices.Contains(chosen, c.ID) {
			addresses = append(addresses, fhir.Reference{Reference: "Condition/" + c.ID, Display: facts.Concept(c.Code)})
		}
	}
	for _, a := range p.Addresses { // problems that are over meanwhile stay
		if !shown[a.Reference] {
			addresses = append(addresses, a)
		}
	}
	p.Addresses = addresses
	if text := f.Text("note"); text != planNote(*p) {
		p.Note = slices.Clone(p.Note[:max(0, len(p.Note)-1)])
		if text != "" {
			p.Note = append(p.Note, facts.Note(text, author, now))
		}
	}
}

func planNote(p plan) string {
	if len(p.Note) == 0 {
		return ""
	}
	return p.Note[len(p.Note)-1].Text
}

func newPlan(patient string, author fhir.Reference, now time.Time) plan {
	return plan{
		Meta: fhir.Meta{Profile: []string{planProfile}}, Status: "active", Intent: "plan", Subject: fhir.To("Patient", patient),
		Category: []fhir.CodeableConcept{fhir.Concept(planCategory, "assess-plan", "Assessment and Plan of Treatment")},
		Period:   fhir.Period{Start: fhir.DateTimeOf(now, fhir.Day)}, Created: fhir.DateTimeOf(now, fhir.Second), Author: author,
	}
}

// createPlan makes a plan with the goals that were ticked, in one transaction.
func (e *desk) createPlan(r *http.Request) (web.View, error) {
	f, err := web.ReadForm(r)
	if err != nil {
		return nil, err
	}
	chart, list, err := e.openFor(r)
	if err != nil {
		return nil, err
	}
	ctx, now, author := r.Context(), e.d.Shell.Clock(), facts.Author(r.Context())
	p := newPlan(chart.ID, author, now)
	planFill(f, &p, list, author, now)
	if !f.OK() {
		return e.planWork(chart, list, f, plan{}, http.StatusUnprocessableEntity), nil
	}
	var ops []record.Op
	var words []string
	for _, key := range f.All("goal") {
		u, ok := e.table.goal(key)
		if !ok {
			continue
		}
		g := newGoal(chart.ID, u.Text, author, now)
		for _, c := range list {
			if u.suits(c.Code.In(icd10)) {
				g.Addresses = append(g.Addresses, fhir.Reference{Reference: "Condition/" + c.ID, Display: facts.Concept(c.Code)})
			}
		}
		if why := e.usualTargets(&g, u, now); why != "" {
			continue // the form does not offer it
		}
		op := record.Op{Verb: record.Create, Type: "Goal", FullURL: "urn:uuid:" + facts.NewUUID()}
		g.Identifier, op.Condition = facts.Once(f, "goal-"+key)
		if op.Resource, err = fhir.New("Goal", g); err != nil {
			return nil, err
		}
		ops = append(ops, op)
		words = append(words, g.words())
		p.Goal = append(p.Goal, fhir.Reference{Reference: op.FullURL, Display: g.words()})
	}
	p.narrate(words)
	op := record.Op{Verb: record.Create, Type: "CarePlan"}
	p.Identifier, op.Condition = facts.Once(f, "")
	if op.Resource, err = fhir.New("CarePlan", p); err != nil {
		return nil, err
	}
	if _, err := chart.Session.Do(ctx, append(ops, op)); err != nil {
		return refused(e.planWork(chart, list, f, plan{}, http.StatusUnprocessableEntity), err)
	}
	return web.Done{To: base(chart.ID), Say: ui.Message{Lead: p.Title, Text: "made for " + chart.Banner.Name.Plain() + "."}}, nil
}

// refused says on a form why the record did not take it.
func refused(w web.Work, err error) (web.View, error) {
	if facts.Changed(err) {
		return overtaken(w), nil
	}
	reason := facts.Refused(err)
	if reason == "" {
		return nil, err
	}
	w.Messages = []ui.Message{{Tone: ui.Critical, Lead: "Not saved.", Text: reason}}
	return w, nil
}

// overtaken says on a form that somebody else was faster.
func overtaken(w web.Work) web.Work {
	w.Status = http.StatusConflict
	w.Messages = []ui.Message{{Tone: ui.Caution, Lead: "Changed by somebody else meanwhile; nothing of yours was saved.", Text: "Close this, look at the plan again, and repeat what you meant."}}
	return w
}

// planOf reads the plan that the address names. One of another patient is not there.
func (e *desk) planOf(r *http.Request) (facts.Chart, plan, *record.Version, []condition, error) {
	var p plan
	var v *record.Version
	var list []condition
	chart, err := facts.OpenChart(r, e.d.Session, e.d.Shell, func(s *record.Session, id string) (err error) {
		if v, err = s.Read(r.Context(), "CarePlan", r.PathValue("plan")); err != nil {
			return err
		}
		if p, err = fhir.View[plan](v.Resource()); err != nil {
			return err
		}
		if p.Subject.Reference != "Patient/"+id {
			return web.ErrNotFound
		}
		list, err = problemsOf(r.Context(), s, id)
		return err
	})
	return chart, p, v, list, err
}

func (e *desk) openPlan(r *http.Request) (web.View, error) {
	chart, p, v, list, err := e.planOf(r)
	if err != nil {
		return nil, err
	}
	f := web.NewForm(url.Values{"version": {strconv.FormatInt(v.Version, 10)}, "title": {p.title()}, "note": {planNote(p)}, "problem": problemIDs(p)})
	w := e.planWork(chart, list, f, p, 0)
	if !p.active() {
		w.Action, w.Buttons = "", nil
		w.Messages = []ui.Message{{Tone: ui.Caution, Lead: "This plan has ended."}}
	}
	return w, nil
}

func problemIDs(p plan) (ids []string) {
	for _, a := range p.Addresses {
		if id, ok := strings.CutPrefix(a.Reference, "Condition/"); ok {
			ids = append(ids, id)
		}
	}
	return ids
}

// changePlan changes a plan, ends it with its goals, or strikes it as a mistake.
func (e *desk) changePlan(r *http.Request) (web.View, error) {
	f, err := web.ReadForm(r)
	if err != nil {
		return nil, err
	}
	chart, p, v, list, err := e.planOf(r)
	if err != nil {
		return nil, err
	}
	ctx, now, author := r.Context(), e.d.Shell.Clock(), facts.Author(r.Context())
	if !p.active() {
		return e.openPlan(r)
	}
	said := "changed."
	var ops []record.Op
	reason := f.Text("reason")
	switch f.Text("do") {
	case "end", "mistake":
		f.Need("reason", "Say why: it stays in the record.")
		p.Status, said = "completed", "ended."
		if f.Text("do") == "mistake" {
			p.Status, said = "entered-in-error", "struck as entered in error."
		}
		p.Period.End = fhir.DateTimeOf(now, fhir.Day)
		p.Note = append(slices.Clone(p.Note), facts.Note("Ended: "+reason, author, now))
	default:
		planFill(f, &p, list, author, now)
	}
	if !f.OK() {
		return e.planWork(chart, list, f, p, http.StatusUnprocessableEntity), nil
	}
	goals, versions, err := goalsOf(ctx, chart.Session, chart.ID, p)
	if err != nil {
		return nil, err
	}
	if !p.active() {
		if ops, err = e.endGoals(ctx, chart, p.ID, goals, versions, f.Text("do") == "mistake", reason, now); err != nil {
			return nil, err
		}
	}
	p.narrate(goalWords(goals))
	doc, err := fhir.Merge(v.Resource(), p)
	if err != nil {
		return nil, err
	}
	ops = append(ops, record.Op{Verb: record.Update, Type: "CarePlan", ID: v.ID, Resource: doc, IfMatch: facts.Editing(f)})
	if _, err := chart.Session.Do(ctx, ops); err != nil {
		return refused(e.planWork(chart, list, f, p, http.StatusUnprocessableEntity), err)
	}
	return web.Done{To: base(chart.ID), Say: ui.Message{Lead: p.title(), Text: said}}, nil
}

func goalWords(goals []goal) (out []string) {
	for _, g := range goals {
		if g.active() {
			out = append(out, g.words())
		}
	}
	return out
}

// goalsOf reads the goals of a plan with their versions.
func goalsOf(ctx context.Context, s *record.Session, patient string, p plan) (goals []goal, versions []*record.Version, err error) {
	for _, ref := range p.Goal {
		t, ok := ref.Target()
		if !ok || t.Type != "Goal" {
			continue
		}
		v, err := s.Read(ctx, "Goal", t.ID)
		if kind := record.KindOf(err); kind == record.KindNotFound || kind == record.KindGone {
			continue
		}
		if err != nil {
			return nil, nil, err
		}
		g, err := fhir.View[goal](v.Resource())
		if err != nil {
			return nil, nil, err
		}
		if g.Subject.Reference == "Patient/"+patient {
			goals, versions = append(goals, g), append(versions, v)
		}
	}
	return goals, versions, nil
}

// endGoals ends the open goals of a plan that ends, but for those of another plan that goes on: those that are met are completed.
func (e *desk) endGoals(ctx context.Context, chart facts.Chart, ended string, goals []goal, versions []*record.Version, mistake bool, reason string, now time.Time) ([]record.Op, error) {
	var ops []record.Op
	for i, g := range goals {
		if !g.active() {
			continue
		}
		others, err := facts.FindAll[plan](ctx, chart.Session, "CarePlan", chart.ID, facts.Params("goal", "Goal/"+versions[i].ID, "_count", "100")...)
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(others, func(p plan) bool { return p.ID != ended && p.active() }) {
			continue // another plan goes on with it
		}
		_, standing, err := row(ctx, chart.Session, chart.ID, g, nil, now)
		if err != nil {
			return nil, err
		}
		g.Achievement = achieved(g, standing)
		g.Lifecycle, g.Reason = "cancelled", "The plan ended: "+reason
		if standing == Met {
			g.Lifecycle = "completed"
		}
		if mistake {
			g.Lifecycle = "entered-in-error"
		}
		doc, err := fhir.Merge(versions[i].Resource(), g)
		if err != nil {
			return nil, err
		}
		ops = append(ops, record.Op{Verb: record.Update, Type: "Goal", ID: versions[i].ID, Resource: doc, IfMatch: versions[i].Version})
	}
	return ops, nil
}
