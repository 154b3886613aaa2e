package careplans

import (
	"cmp"
	"net/http"
	"net/url"
	"regexp"
	"slices"
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

// targets is how many targets the form has room for: blood pressure needs two.
const targets = 2

func newGoal(patient, text string, author fhir.Reference, now time.Time) goal {
	return goal{
		Meta: fhir.Meta{Profile: []string{goalProfile}}, Lifecycle: "active", Achievement: fhir.Concept(achievement, "in-progress", "In Progress"),
		Description: fhir.CodeableConcept{Text: text}, Subject: fhir.To("Patient", patient), Start: fhir.ChoiceOf(fhir.DateOf(now)), ExpressedBy: author,
	}
}

// usualTargets gives a goal the targets of the table, and says what is wrong with them.
func (e *desk) usualTargets(g *goal, u Usual, now time.Time) string {
	due := fhir.ChoiceOf(fhir.DateOf(now.AddDate(0, u.Months, 0)))
	for _, text := range strings.Split(u.Targets, ";") {
		key, want, _ := strings.Cut(strings.TrimSpace(text), " ")
		if key == "" {
			g.Target = append(g.Target, goalTarget{Due: due})
			continue
		}
		m, ok := e.table.measure(key)
		if !ok {
			return "The measure is not known."
		}
		detail, why := target(want, m)
		if why != "" {
			return why
		}
		g.Target = append(g.Target, goalTarget{Measure: m.concept(), Detail: detail, Due: due})
	}
	return ""
}

func (m Measure) concept() fhir.CodeableConcept {
	return fhir.CodeableConcept{Coding: []fhir.Coding{{System: facts.LOINC, Code: m.Code, Display: m.Display}}, Text: m.Name}
}

// goalOptions answers the box of the goal form.
func (e *desk) goalOptions(r *http.Request) (web.View, error) {
	var list []web.Option
	words := strings.Fields(strings.ToLower(r.FormValue("q")))
	for _, u := range e.table.Goals {
		text := strings.ToLower(u.Text)
		if !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(text, w) }) {
			list = append(list, web.Option{Value: u.Key, Label: u.Text, Sub: u.Source})
		}
	}
	return web.Options(list, "Not in the table. It will be kept in your own words."), nil
}

func (e *desk) blankGoal(r *http.Request) (web.View, error) {
	chart, p, _, list, err := e.planOf(r)
	if err != nil {
		return nil, err
	}
	f := web.NewForm(url.Values{"once": {facts.NewUUID()}})
	return e.goalWork(chart, p, list, f, goal{}, 0), nil
}

func (e *desk) goalWork(chart facts.Chart, p plan, list []condition, f *web.Form, g goal, status int) web.Work {
	href := base(chart.ID) + "/" + url.PathEscape(p.ID)
	problems := []ui.Option{{Value: "", Label: "None stated"}}
	for _, c := range list {
		problems = append(problems, ui.Option{Value: c.ID, Label: facts.Concept(c.Code)})
	}
	measures := []ui.Option{{Value: "", Label: "Not measured"}}
	for _, m := range e.table.Measures {
		measures = append(measures, ui.Option{Value: m.Key, Label: m.Name})
	}
	w := web.Work{
		Title: "Add a goal", Current: "chart", Patient: &chart.Banner, Back: base(chart.ID), Action: href + "/goals", Status: status,
		Body: goalFields(f, base(chart.ID)+"/goals", measures, problems, g), Buttons: []ui.Button{{Label: "Add goal", Kind: ui.Primary}},
	}
	if g.ID != "" {
		w.Title, w.Action = "Goal: "+g.words(), href+"/goals/"+url.PathEscape(g.ID)
		do := func(label, what string, kind ui.Kind) ui.Button {
			return ui.Button{Label: label, Kind: kind, Attrs: map[string]any{"name": "do", "value": what}}
		}
		w.Buttons = []ui.Button{do("Entered in error", "mistake", ui.Danger), do("End", "end", ui.Plain), do("Reached", "reached", ui.Plain), do("Save", "save", ui.Primary)}
		if !g.active() {
			w.Action, w.Buttons = "", nil
		}
	}
	return w
}

// fillGoal takes what the form says into the goal, and notes in the form what is wrong.
func (e *desk) fillGoal(f *web.Form, g *goal, list []condition, author fhir.Reference, now time.Time) {
	f.Need("goal", "Say what is to be reached.")
	u, usual := e.table.goal(f.Text("key"))
	usual = usual && f.Text("goal") == u.Text
	if text := f.Text("goal"); text != g.words() {
		g.Description = fhir.CodeableConcept{Text: text}
	}
	due := fhir.Choice{}
	switch text := f.Text("due"); {
	case text == "" && usual:
		due = fhir.ChoiceOf(fhir.DateOf(now.AddDate(0, u.Months, 0)))
	case text == "":
		f.Wrong("due", "Say until when. Write it as 6 months, or 14-May-2027.")
	case text == dayText(g.due(), now.Location()):
		due = g.Target[0].Due
	default:
		day, ok := typedDay(text, now)
		if !ok {
			f.Wrong("due", "Not a day to come. Write it as 6 months, or 14-May-2027.")
		}
		due = fhir.ChoiceOf(fhir.DateOf(day))
	}
	var made []goalTarget
	typed := false
	for i := range targets {
		n := strconv.Itoa(i)
		key, text := f.Text("measure"+n), f.Text("target"+n)
		if key == "" && text == "" {
			continue
		}
		typed = true
		m, ok := e.table.measure(key)
		if !ok {
			f.Wrong("measure"+n, "Choose what it is measured by.")
			continue
		}
		detail, why := target(text, m)
		if i < len(g.Target) && text == targetWords(g.Target[i].Detail) && g.Target[i].Measure.Has(facts.LOINC, m.Code) {
			detail, why = g.Target[i].Detail, "" // as another system may have written it
		}
		if why != "" {
			f.Wrong("target"+n, why)
			continue
		}
		made = append(made, goalTarget{Measure: m.concept(), Detail: detail, Due: due})
	}
	switch {
	case typed:
		for i := range made {
			if i < len(g.Target) && g.Target[i].Measure.Has(facts.LOINC, made[i].Measure.In(facts.LOINC)) {
				made[i].Measure = g.Target[i].Measure
			}
		}
		g.Target = append(made, g.Target[min(len(g.Target), targets):]...)
	case usual && g.ID == "":
		g.Target = nil
		if why := e.usualTargets(g, u, now); why != "" {
			f.Wrong("target0", "Say what is to be reached: "+why)
			f.Set("measure0", strings.Fields(u.Targets)[0])
		}
		for i := range g.Target {
			g.Target[i].Due = due
		}
	case e.known(*g):
		g.Target = []goalTarget{{Due: due}} // no measure any more
	default: // of another system, with measures that the form does not know
		for i := range g.Target {
			g.Target[i].Due = due
		}
	}
	if id := f.Text("problem"); id != problemOf(*g) {
		g.Addresses = nil
		for _, c := range list {
			if c.ID == id {
				g.Addresses = []fhir.Reference{{Reference: "Condition/" + id, Display: facts.Concept(c.Code)}}
			}
		}
		if id != "" && g.Addresses == nil {
			f.Wrong("problem", "This problem is not active any more. Choose another one.")
		}
	}
	if a := f.Text("achievement"); a != "" && !g.measured() {
		for _, x := range achievements {
			if x.Value == a {
				g.Achievement = fhir.Concept(achievement, x.Value, x.Label)
			}
		}
	}
	if text := f.Text("note"); text != goalNote(*g) {
		g.Note = slices.Clone(g.Note[:max(0, len(g.Note)-1)])
		if text != "" {
			g.Note = append(g.Note, facts.Note(text, author, now))
		}
	}
}

// known reports whether the form can show all targets of a goal.
func (e *desk) known(g goal) bool {
	for _, t := range g.Target {
		if _, ok := e.table.of(t.Measure); !ok && !t.Measure.IsZero() {
			return false
		}
	}
	return len(g.Target) <= targets
}

func problemOf(g goal) string {
	for _, a := range g.Addresses {
		if id, ok := strings.CutPrefix(a.Reference, "Condition/"); ok {
			return id
		}
	}
	return ""
}

func goalNote(g goal) string {
	if len(g.Note) == 0 {
		return ""
	}
	return g.Note[len(g.Note)-1].Text
}

// achievements are what somebody can say of a goal that nothing measures. (HL7 GoalAchievementStatus)
var achievements = []ui.Option{{Value: "in-progress", Label: "In Progress"}, {Value: "improving", Label: "Improving"}, {Value: "no-change", Label: "No Change"}, {Value: "worsening", Label: "Worsening"}, {Value: "achieved", Label: "Achieved"}, {Value: "not-attainable", Label: "Not Attainable"}}

// achieved is how far a goal has come, as the Goal says it itself: by what was measured, where something was.
func achieved(g goal, s Standing) fhir.CodeableConcept {
	if !g.measured() {
		return g.Achievement
	}
	switch s {
	case Met:
		return fhir.Concept(achievement, "achieved", "Achieved")
	case OnTrack:
		return fhir.Concept(achievement, "improving", "Improving")
	case Behind:
		return fhir.Concept(achievement, "not-achieved", "Not Achieved")
	}
	return fhir.Concept(achievement, "in-progress", "In Progress")
}

// createGoal makes a goal and puts it into the plan, in one transaction.
func (e *desk) createGoal(r *http.Request) (web.View, error) {
	f, err := web.ReadForm(r)
	if err != nil {
		return nil, err
	}
	chart, p, v, list, err := e.planOf(r)
	if err != nil {
		return nil, err
	}
	ctx, now, author := r.Context(), e.d.Shell.Clock(), facts.Author(r.Context())
	if sent, err := facts.Sent(ctx, chart.Session, "Goal", f); err != nil || sent {
		return web.Done{To: base(chart.ID), Say: ui.Message{Lead: f.Text("goal"), Text: "added to the plan."}}, err
	}
	if !p.active() {
		return e.ended(chart), nil
	}
	g := newGoal(chart.ID, f.Text("goal"), author, now)
	e.fillGoal(f, &g, list, author, now)
	if !f.OK() {
		return e.goalWork(chart, p, list, f, goal{}, http.StatusUnprocessableEntity), nil
	}
	first := record.Op{Verb: record.Create, Type: "Goal", FullURL: "urn:uuid:" + facts.NewUUID()}
	g.Identifier, first.Condition = facts.Once(f, "")
	if first.Resource, err = fhir.New("Goal", g); err != nil {
		return nil, err
	}
	goals, _, err := goalsOf(ctx, chart.Session, chart.ID, p)
	if err != nil {
		return nil, err
	}
	p.Goal = append(slices.Clone(p.Goal), fhir.Reference{Reference: first.FullURL, Display: g.words()})
	p.narrate(goalWords(append(goals, g)))
	doc, err := fhir.Merge(v.Resource(), p)
	if err != nil {
		return nil, err
	}
	if _, err := chart.Session.Do(ctx, []record.Op{first, {Verb: record.Update, Type: "CarePlan", ID: v.ID, Resource: doc, IfMatch: v.Version}}); err != nil {
		return refused(e.goalWork(chart, p, list, f, goal{}, http.StatusUnprocessableEntity), err)
	}
	return web.Done{To: base(chart.ID), Say: ui.Message{Lead: g.words(), Text: "added to the plan."}}, nil
}

// ended answers a change of a plan that is over.
func (e *desk) ended(chart facts.Chart) web.Work {
	return web.Work{Title: "Care plan", Current: "chart", Patient: &chart.Banner, Back: base(chart.ID), Status: http.StatusConflict, Body: ui.None("Make a new plan to go on."), Messages: []ui.Message{{Tone: ui.Caution, Lead: "This plan has ended; nothing was saved."}}}
}

// goalOf reads the goal that the address names, of the plan that it names.
func (e *desk) goalOf(r *http.Request) (facts.Chart, plan, []condition, goal, *record.Version, error) {
	chart, p, _, list, err := e.planOf(r)
	if err != nil {
		return chart, p, list, goal{}, nil, err
	}
	v, err := chart.Session.Read(r.Context(), "Goal", r.PathValue("goal"))
	if err != nil {
		return chart, p, list, goal{}, nil, err
	}
	g, err := fhir.View[goal](v.Resource())
	if err == nil && (g.Subject.Reference != "Patient/"+chart.ID || !slices.ContainsFunc(p.Goal, func(x fhir.Reference) bool { return x.Reference == "Goal/"+v.ID })) {
		err = web.ErrNotFound
	}
	g.ID = v.ID
	return chart, p, list, g, v, err
}

func (e *desk) openGoal(r *http.Request) (web.View, error) {
	chart, p, list, g, v, err := e.goalOf(r)
	if err != nil {
		return nil, err
	}
	f := web.NewForm(url.Values{"version": {strconv.FormatInt(v.Version, 10)}})
	e.showGoal(f, g, e.d.Shell.Location())
	return e.goalWork(chart, p, list, f, g, 0), nil
}

func (e *desk) showGoal(f *web.Form, g goal, zone *time.Location) {
	f.Set("goal", g.words())
	f.Set("due", dayText(g.due(), zone))
	f.Set("problem", problemOf(g))
	f.Set("note", goalNote(g))
	f.Set("achievement", cmp.Or(facts.Code(g.Achievement, achievement), "in-progress"))
	for i, t := range g.Target[:min(len(g.Target), targets)] {
		if m, ok := e.table.of(t.Measure); ok {
			f.Set("measure"+strconv.Itoa(i), m.Key)
			f.Set("target"+strconv.Itoa(i), targetWords(t.Detail))
		}
	}
}

// changeGoal changes a goal, ends it, or strikes it as a mistake.
func (e *desk) changeGoal(r *http.Request) (web.View, error) {
	f, err := web.ReadForm(r)
	if err != nil {
		return nil, err
	}
	chart, p, list, g, v, err := e.goalOf(r)
	if err != nil {
		return nil, err
	}
	ctx, now, author := r.Context(), e.d.Shell.Clock(), facts.Author(r.Context())
	if !g.active() {
		return e.openGoal(r)
	}
	_, standing, err := row(ctx, chart.Session, chart.ID, g, nil, now)
	if err != nil {
		return nil, err
	}
	said, was := "changed.", g
	switch do := f.Text("do"); do {
	case "end", "mistake":
		f.Need("reason", "Say why: it stays in the record.")
		g.Lifecycle, g.Reason, said = "cancelled", f.Text("reason"), "ended."
		if do == "mistake" {
			g.Lifecycle, said = "entered-in-error", "struck as entered in error."
		}
		g.Achievement = achieved(g, standing)
	case "reached":
		if g.measured() && standing != Met {
			f.Wrong("reason", "What was measured does not say so. End the goal with a reason, or change its target.")
		}
		g.Lifecycle, said = "completed", "reached."
		g.Achievement = fhir.Concept(achievement, "achieved", "Achieved")
	default:
		e.fillGoal(f, &g, list, author, now)
		if f.OK() && g.measured() {
			if _, standing, err = row(ctx, chart.Session, chart.ID, g, nil, now); err != nil {
				return nil, err
			}
			g.Achievement = achieved(g, standing)
		}
	}
	if !f.OK() {
		return e.goalWork(chart, p, list, f, was, http.StatusUnprocessableEntity), nil
	}
	doc, err := fhir.Merge(v.Resource(), g)
	if err != nil {
		return nil, err
	}
	if _, err := chart.Session.Do(ctx, []record.Op{{Verb: record.Update, Type: "Goal", ID: v.ID, Resource: doc, IfMatch: facts.Editing(f)}}); err != nil {
		return refused(e.goalWork(chart, p, list, f, was, http.StatusUnprocessableEntity), err)
	}
	return web.Done{To: base(chart.ID), Say: ui.Message{Lead: g.words(), Text: said}}, nil
}

var ahead = regexp.MustCompile(`^(?:in )?(\d{1,3}|a|one) ?(w|weeks?|m|mo|months?|y|years?)$`)

// typedDay reads a day to come: "6 months", "in 1 year", or a date as it is typed elsewhere.
func typedDay(text string, now time.Time) (time.Time, bool) {
	s := strings.ToLower(strings.TrimSpace(text))
	today := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, now.Location())
	if m := ahead.FindStringSubmatch(s); m != nil {
		n, err := strconv.Atoi(m[1])
		if err != nil {
			n = 1
		}
		switch m[2][0] {
		case 'w':
			return today.AddDate(0, 0, 7*n), true
		case 'm':
			return today.AddDate(0, n, 0), true
		}
		return today.AddDate(n, 0, 0), true
	}
	iso, ok := format.TypedDate(s, now)
	if !ok {
		return time.Time{}, false
	}
	day, err := time.ParseInLocation(time.DateOnly, iso, now.Location())
	return day, err == nil && day.After(today)
}
