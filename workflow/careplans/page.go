package careplans

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
)

// Panel is the goals of the chart.
type Panel struct {
	Goals []GoalRow
	Plans int
	Href  string
}

func panel(ctx context.Context, s *record.Session, patient string, now time.Time) (Panel, error) {
	p := Panel{Href: base(patient)}
	all, err := read(ctx, s, patient)
	if err != nil {
		return p, err
	}
	for _, x := range all.plans {
		if x.active() {
			p.Plans++
		}
	}
	p.Goals, err = rowsOf(ctx, s, patient, all.open(), all.names, now)
	return p, err
}

// open are the goals that are not over: of active plans, and of no plan.
func (all everything) open() []goal {
	over := map[string]bool{}
	for _, p := range all.plans {
		for _, ref := range p.Goal {
			if _, seen := over[ref.Reference]; !seen || p.active() {
				over[ref.Reference] = !p.active()
			}
		}
	}
	var out []goal
	for _, g := range all.goals {
		if g.active() && !over["Goal/"+g.ID] {
			out = append(out, g)
		}
	}
	slices.SortFunc(out, func(a, b goal) int { return cmp.Or(strings.Compare(a.words(), b.words()), strings.Compare(a.ID, b.ID)) })
	return out
}

// rowsOf judges goals, each by reads of its own that run together.
func rowsOf(ctx context.Context, s *record.Session, patient string, goals []goal, names map[string]string, now time.Time) ([]GoalRow, error) {
	out, errs := make([]GoalRow, len(goals)), make([]error, len(goals))
	var reads []func()
	for i, g := range goals {
		reads = append(reads, func() { out[i], _, errs[i] = row(ctx, s, patient, g, names, now) })
	}
	facts.Together(reads...)
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// View is the page of the care plan.
type View struct {
	Banner          clinical.Banner
	Practice, Phone string
	Plans           []PlanView
	Team            []MemberRow
	Ended           []Line
	Loose           []GoalRow // goals of no plan
	AddHref         string
	AddMember       string
}

// PlanView is one active plan.
type PlanView struct {
	ID, Title, Since     string
	Held                 string // on hold, draft: a plan that is not being carried out
	For, Author          string
	Goals, Over          []GoalRow
	Activities, Done     []Line
	Notes                []string
	EditHref             string
	AddGoal, AddActivity string
}

// Line is an entry with what qualifies it.
type Line struct{ Text, End, Href string }

// MemberRow is a member of the care team.
type MemberRow struct{ Name, Role, Since, Href string }

func (e *desk) page(r *http.Request) (web.View, error) {
	ctx, now, zone := r.Context(), e.d.Shell.Clock(), e.d.Shell.Location()
	var v View
	chart, err := facts.OpenChart(r, e.d.Session, e.d.Shell, func(s *record.Session, id string) error {
		all, err := read(ctx, s, id)
		if err != nil {
			return err
		}
		ofPlans := map[string]bool{}
		for _, p := range all.plans {
			for _, ref := range p.Goal {
				ofPlans[ref.Reference] = true
			}
			if !p.active() {
				v.Ended = append(v.Ended, Line{Text: p.title(), End: span(p.Period, zone)})
				continue
			}
			pv, err := e.planView(ctx, s, id, p, all, now)
			if err != nil {
				return err
			}
			v.Plans = append(v.Plans, pv)
		}
		var loose []goal
		for _, g := range all.open() {
			if !ofPlans["Goal/"+g.ID] {
				loose = append(loose, g)
			}
		}
		if v.Loose, err = rowsOf(ctx, s, id, loose, all.names, now); err != nil {
			return err
		}
		v.Team, err = members(ctx, s, id, all.teams, zone)
		return err
	})
	if err != nil {
		return nil, err
	}
	v.Banner, v.Practice, v.Phone = chart.Banner, e.d.Shell.Practice, e.d.Shell.Phone
	if chart.Session.May(access.Create, "CarePlan") {
		v.AddHref = base(chart.ID) + "/new"
	}
	if chart.Session.May(access.Update, "CareTeam") {
		v.AddMember = "/patients/" + url.PathEscape(chart.ID) + "/careteam/new"
	}
	return web.Page{Title: "Care plan, " + chart.Banner.Name.Short(), Current: "chart", Tab: "careplans", Patient: &chart.Banner, Body: v.draw()}, nil
}

func span(p fhir.Period, zone *time.Location) string {
	from, to := facts.Day(p.Start, zone), facts.Day(p.End, zone)
	switch {
	case to == "":
		return from
	case from == "":
		return "until " + to
	}
	return from + " to " + to
}

func (e *desk) planView(ctx context.Context, s *record.Session, patient string, p plan, all everything, now time.Time) (PlanView, error) {
	zone := now.Location()
	v := PlanView{ID: p.ID, Title: p.title(), Author: p.Author.Display}
	if since := facts.Day(p.Period.Start, zone); since != "" {
		v.Since = "since " + since
	}
	v.Held = held(p.Status)
	if v.Held == "" && p.Intent == "proposal" {
		v.Held = held("proposed")
	}
	var problems []string
	for _, a := range p.Addresses {
		if name := cmp.Or(all.names[a.Reference], a.Display); name != "" {
			problems = append(problems, name)
		}
	}
	v.For = strings.Join(problems, ", ")
	for _, n := range p.Note {
		v.Notes = append(v.Notes, n.Text)
	}
	href := base(patient) + "/" + url.PathEscape(p.ID)
	may := s.May(access.Update, "CarePlan")
	if may {
		v.EditHref = href
		v.AddActivity = href + "/activities/new"
	}
	if s.May(access.Create, "Goal") {
		v.AddGoal = href + "/goals/new"
	}
	var goals []goal
	for _, ref := range p.Goal {
		if t, ok := ref.Target(); ok && t.Type == "Goal" {
			if g, ok := all.goals[t.ID]; ok && g.Lifecycle != "entered-in-error" {
				goals = append(goals, g)
			}
		}
	}
	list, err := rowsOf(ctx, s, patient, goals, all.names, now)
	if err != nil {
		return v, err
	}
	for i, g := range goals {
		if s.May(access.Update, "Goal") {
			list[i].Href = href + "/goals/" + url.PathEscape(g.ID)
		}
		if g.active() {
			v.Goals = append(v.Goals, list[i])
		} else {
			v.Over = append(v.Over, list[i])
		}
	}
	for i, a := range p.Activity {
		if a.Detail.Status == "entered-in-error" {
			continue
		}
		l := Line{Text: a.words()}
		if may && a.Reference.IsZero() {
			l.Href = href + "/activities/" + strconv.Itoa(i)
		}
		var who []string
		for _, x := range a.Detail.Performer {
			if x.Display != "" {
				who = append(who, x.Display)
			}
		}
		if when, ok := fhir.ChoiceValue[string](a.Detail.Scheduled); ok {
			who = append(who, when)
		}
		l.End = strings.Join(who, ", ")
		if a.going() {
			if word := held(a.Detail.Status); word != "" {
				l.End = strings.TrimPrefix(l.End+", "+word, ", ")
			}
			v.Activities = append(v.Activities, l)
		} else {
			l.End = strings.TrimPrefix(l.End+", "+a.Detail.Status, ", ")
			if a.Detail.StatusReason.Text != "" {
				l.End += ": " + a.Detail.StatusReason.Text
			}
			v.Done = append(v.Done, l)
		}
	}
	return v, nil
}

// members are the people of the care team, with their names.
func members(ctx context.Context, s *record.Session, patient string, teams []team, zone *time.Location) ([]MemberRow, error) {
	var out []MemberRow
	may := s.May(access.Update, "CareTeam")
	for ti, t := range teams {
		for i, m := range t.Participant {
			if !m.Period.End.IsZero() {
				continue
			}
			name, err := memberName(ctx, s, m.Member)
			if err != nil {
				return nil, err
			}
			row := MemberRow{Name: name, Role: facts.First(m.Role)}
			if since := facts.Day(m.Period.Start, zone); since != "" {
				row.Since = "since " + since
			}
			if may && ti == 0 {
				row.Href = "/patients/" + url.PathEscape(patient) + "/careteam/" + strconv.Itoa(i)
			}
			out = append(out, row)
		}
	}
	return out, nil
}

// memberName is how a member is called: as the reference says it, else as the resource does.
func memberName(ctx context.Context, s *record.Session, ref fhir.Reference) (string, error) {
	if ref.Display != "" {
		return ref.Display, nil
	}
	t, ok := ref.Target()
	if !ok {
		return "Not named", nil
	}
	v, err := s.Read(ctx, t.Type, t.ID)
	switch kind := record.KindOf(err); {
	case kind == record.KindNotFound || kind == record.KindGone || kind == record.KindForbidden:
		return t.Type + " not shown", nil
	case err != nil:
		return "", err
	}
	if t.Type == "PractitionerRole" {
		x, err := fhir.View[struct {
			Practitioner fhir.Reference
			Organization fhir.Reference
		}](v.Resource())
		return cmp.Or(x.Practitioner.Display, x.Organization.Display, "Not named"), err
	}
	n := v.Resource().Get("name")
	if n.Kind() == fhir.String {
		return n.Text(), nil
	}
	p, err := fhir.View[struct{ Name []fhir.HumanName }](v.Resource())
	if err != nil || len(p.Name) == 0 {
		return "Not named", err
	}
	return p.Name[0].String(), nil
}
