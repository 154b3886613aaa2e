package careplans

import (
	"cmp"
	"context"
	"math/big"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/web/facts"
	"github.com/osler-ehr/osler/web/format"
)

// everything is what is known of a patient's plans.
type everything struct {
	plans []plan
	goals map[string]goal // by id
	teams []team
	names map[string]string // of the problems that plans and goals are for
}

func read(ctx context.Context, s *record.Session, patient string) (everything, error) {
	all := everything{goals: map[string]goal{}, names: map[string]string{}}
	var errs [4]error
	var goals []goal
	facts.Together(
		func() {
			all.plans, errs[0] = facts.FindAll[plan](ctx, s, "CarePlan", patient, facts.Params("_sort", "-date", "_count", "100")...)
		},
		func() {
			goals, errs[1] = facts.FindAll[goal](ctx, s, "Goal", patient, facts.Params("_count", "500")...)
		},
		func() {
			if s.May(access.Search, "CareTeam") {
				all.teams, errs[2] = facts.FindAll[team](ctx, s, "CareTeam", patient, facts.Params("_count", "50")...)
			}
		},
		func() {
			if !s.May(access.Search, "Condition") {
				return
			}
			list, err := facts.FindAll[condition](ctx, s, "Condition", patient, facts.Params("_count", "500")...)
			for _, c := range list {
				all.names["Condition/"+c.ID] = facts.Concept(c.Code)
			}
			errs[3] = err
		},
	)
	for _, g := range goals {
		all.goals[g.ID] = g
	}
	all.plans = slices.DeleteFunc(all.plans, func(p plan) bool { return p.Status == "entered-in-error" })
	all.teams = slices.DeleteFunc(all.teams, func(t team) bool { return !t.active() })
	slices.SortStableFunc(all.plans, func(a, b plan) int {
		if a.active() != b.active() {
			return map[bool]int{true: -1, false: 1}[a.active()]
		}
		return 0
	})
	return all, cmp.Or(errs[0], errs[1], errs[2], errs[3])
}

// condition is the view of a Condition that a goal may be for.
type condition struct {
	ID           string
	Clinical     fhir.CodeableConcept   `fhir:"clinicalStatus"`
	Verification fhir.CodeableConcept   `fhir:"verificationStatus"`
	Category     []fhir.CodeableConcept `fhir:"category"`
	Code         fhir.CodeableConcept
	Abatement    fhir.Choice `fhir:"abatement[x]"`
}

const icd10 = "http://hl7.org/fhir/sid/icd-10-cm"

func (c condition) stands() bool {
	switch facts.Code(c.Verification, facts.ConditionVerification) {
	case "entered-in-error", "refuted":
		return false
	}
	switch facts.Code(c.Clinical, facts.ConditionClinical) {
	case "inactive", "resolved":
		return false
	}
	return c.Abatement.IsZero() && facts.Concept(c.Code) != ""
}

func base(patient string) string { return "/patients/" + url.PathEscape(patient) + "/careplans" }

// GoalRow is a goal as it is shown, with what its standing rests on.
type GoalRow struct {
	Text, Href string
	For        string
	Standing   string
	Tone       Standing
	Measured   bool
	Due        string
	Late       bool
	Parts      []Part
	Note, Over string
}

// Part is one target with its progress.
type Part struct {
	Name, Target  string
	Newest, Start string // each with its day
	Toward, Why   string
	Standing      string
}

// progressOf reads what was measured, and judges each target of a goal.
func progressOf(ctx context.Context, s *record.Session, patient string, g goal, now time.Time) (parts []Part, standing Standing, err error) {
	zone := now.Location()
	standing = Met
	judged := false
	for _, t := range g.Target {
		if t.Measure.IsZero() || t.Detail.IsZero() {
			continue
		}
		a, ok := aimOf(t.Detail, nil)
		if ok && !g.began().IsZero() {
			a.from, _ = g.began().Range(zone)
		}
		var values []facts.Value
		if ok {
			if values, err = measured(ctx, s, patient, t.Measure, a, now); err != nil {
				return nil, NoData, err
			}
		}
		p, ok := judgeTarget(g, t, values, now)
		if !ok {
			p = Progress{Standing: NoData, Why: "The target says no amount."}
		}
		part := Part{Name: facts.ShortTestName(facts.Concept(t.Measure)), Target: targetWords(t.Detail), Toward: p.Toward, Why: p.Why, Standing: p.Standing.words()}
		if p.Newest != nil {
			part.Newest = shown(*p.Newest, zone)
		}
		if p.Start != nil && p.Newest != nil && !p.Start.At.Equal(p.Newest.At) {
			part.Start = shown(*p.Start, zone)
		}
		parts = append(parts, part)
		standing, judged = max(standing, p.Standing), true
	}
	if !judged {
		standing = NoData
	}
	return parts, standing, nil
}

func judgeTarget(g goal, t goalTarget, values []facts.Value, now time.Time) (Progress, bool) {
	zone := now.Location()
	a, ok := aimOf(t.Detail, nil)
	if !ok {
		return Progress{}, false
	}
	if d, isDate := t.Due.Value().(fhir.Date); isDate {
		if day, err := fhir.ParseDateTime(d.String()); err == nil {
			_, a.due = day.Range(zone)
		}
	}
	if began := g.began(); !began.IsZero() {
		a.from, _ = began.Range(zone)
	}
	if q, isQuantity := t.Detail.Value().(fhir.Quantity); isQuantity && q.Comparator == "" {
		var start *big.Rat
		if list, _ := a.readings(values, now); len(list) > 0 {
			start = a.start(list).Value
		}
		b, _ := aimOf(t.Detail, start)
		b.from, b.due = a.from, a.due
		a = b
	}
	return judge(a, values, now), true
}

func shown(r Reading, zone *time.Location) string {
	v := r.Shown.Show()
	return strings.TrimSpace(v.Text+" "+v.Unit) + ", " + facts.Day(r.Shown.At, zone)
}

// maxMeasured bounds how many observations of one measure are looked through for where a goal began.
const maxMeasured = 4000

// series reads what was measured for one target of a goal. Nothing is in it twice.
type series struct {
	s       *record.Session
	patient string
	measure fhir.CodeableConcept
	codes   string
	zone    *time.Location
	seen    map[string]bool
	values  []facts.Value
}

// page adds a page of the measure's values to the series and returns it: observations of the measure, and components of others.
func (m *series) page(ctx context.Context, q record.Query) (*record.Page, []facts.Value, error) {
	page, err := m.s.Search(ctx, q)
	if err != nil {
		return nil, nil, err
	}
	var here []facts.Value
	for i := range page.Entries {
		if m.seen[page.Entries[i].ID] {
			continue
		}
		m.seen[page.Entries[i].ID] = true
		o, err := facts.ReadObservation(page.Entries[i].Resource())
		if err != nil || !o.Valid() || o.Status == "preliminary" {
			continue
		}
		for _, v := range o.Values() {
			if slices.ContainsFunc(m.measure.Coding, func(c fhir.Coding) bool { return v.Code.Has(c.System, c.Code) }) {
				here = append(here, v)
			}
		}
	}
	m.values = append(m.values, here...)
	return page, here, nil
}

func (m *series) query(sort, count string) record.Query {
	return facts.Of("Observation", m.patient, facts.Params("combo-code", m.codes, "_sort", sort, "_count", count)...)
}

// until reports whether a value was measured before the day from which a goal counts.
func (m *series) until(from time.Time, values []facts.Value) bool {
	return !from.IsZero() && slices.ContainsFunc(values, func(v facts.Value) bool { return v.At.Time(m.zone).Before(from) })
}

// measured are the values of a measure that a goal is judged by: the newest, and those about where it began, which is the last value until
// the day from which the goal counts, or the first since. Who measures every day has many between, and of these none counts.
func measured(ctx context.Context, s *record.Session, patient string, measure fhir.CodeableConcept, a aim, now time.Time) ([]facts.Value, error) {
	var codes []string
	for _, c := range measure.Coding {
		if c.Code != "" {
			codes = append(codes, c.System+"|"+c.Code)
		}
	}
	if len(codes) == 0 || !s.May(access.Search, "Observation") {
		return nil, nil
	}
	m := &series{s: s, patient: patient, measure: measure, codes: strings.Join(codes, ","), zone: now.Location(), seen: map[string]bool{}}
	newest, values, err := m.page(ctx, m.query("-date", "40"))
	if err != nil || newest.Next == "" {
		return m.values, err
	}
	if readings, _ := a.readings(values, now); len(readings) > 0 {
		if m.until(a.from, values) {
			return m.values, nil
		}
		if found, err := m.begin(ctx, a, now); err != nil || found {
			return m.values, err
		}
	}
	// Many in a unit that does not compare, or of one day: all of them.
	m.values, m.seen = nil, map[string]bool{}
	q := m.query("-date", "500")
	for looked := 0; ; {
		page, _, err := m.page(ctx, q)
		if err != nil {
			return nil, err
		}
		readings, _ := a.readings(m.values, now)
		if looked += len(page.Entries); page.Next == "" || looked >= maxMeasured || len(readings) > 0 && m.until(a.from, m.values) {
			return m.values, nil
		}
		q.Page = page.Next
	}
}

// begin adds the values about where a goal began. It reports whether the one that counts is among them.
func (m *series) begin(ctx context.Context, a aim, now time.Time) (bool, error) {
	if !a.from.IsZero() {
		q := m.query("-date", "40")
		q.Before = a.from.AddDate(0, 0, 1) // a day without a time is filed by its beginning in UTC
		page, values, err := m.page(ctx, q)
		if err != nil {
			return false, err
		}
		readings, _ := a.readings(values, now)
		if slices.ContainsFunc(readings, func(r Reading) bool { return !r.At.After(a.from) }) {
			return true, nil
		}
		if page.Next != "" {
			return false, nil
		}
	}
	_, values, err := m.page(ctx, m.query("date", "40"))
	readings, _ := a.readings(values, now)
	return len(readings) > 0, err
}

// row shows a goal.
func row(ctx context.Context, s *record.Session, patient string, g goal, names map[string]string, now time.Time) (GoalRow, Standing, error) {
	zone := now.Location()
	r := GoalRow{Text: g.words(), Measured: g.measured()}
	var problems []string
	for _, a := range g.Addresses {
		if name := cmp.Or(names[a.Reference], a.Display); name != "" {
			problems = append(problems, name)
		}
	}
	r.For = strings.Join(problems, ", ")
	if due := g.due(); !due.IsZero() {
		r.Due = facts.Day(due, zone)
		_, end := due.Range(zone)
		r.Late = !now.Before(end)
	}
	if n := len(g.Note); n > 0 {
		r.Note = g.Note[n-1].Text
	}
	standing := NoData
	if !g.active() {
		r.Standing = map[string]string{"completed": "Completed", "cancelled": "Ended", "rejected": "Not agreed to"}[g.Lifecycle]
		r.Over = g.Reason
		return r, standing, nil
	}
	if r.Measured {
		parts, st, err := progressOf(ctx, s, patient, g, now)
		if err != nil {
			return r, NoData, err
		}
		r.Parts, standing, r.Standing = parts, st, st.words()
	} else {
		switch facts.Code(g.Achievement, achievement) {
		case "achieved", "sustaining":
			standing = Met
		case "improving":
			standing = OnTrack
		case "worsening", "not-achieved", "no-progress", "not-attainable":
			standing = Behind
		}
		r.Standing = facts.Concept(g.Achievement)
		if r.Standing == "" {
			r.Standing = "In progress"
		}
		if r.Late && standing != Met {
			standing = Behind
		}
	}
	r.Late = r.Late && standing != Met
	r.Tone = standing
	if word := held(g.Lifecycle); word != "" { // what was measured still stands below, but nobody works at it
		r.Standing, r.Tone, r.Late = strings.ToUpper(word[:1])+word[1:], NoData, false
	}
	return r, standing, nil
}

func dayText(d fhir.DateTime, zone *time.Location) string {
	if d.IsZero() {
		return ""
	}
	return format.Date(d.Time(zone))
}
