package vitals

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/web"
	"github.com/osler-ehr/osler/web/clinical"
	"github.com/osler-ehr/osler/web/facts"
	"github.com/osler-ehr/osler/web/ui"
	"github.com/osler-ehr/osler/workflow/vitals/growth"
)

// Growth is the page of the growth charts.
type Growth struct {
	Title    string // Weight for age
	Sub      string // WHO girls, 0 to 24 months. Born at 39 weeks, no correction
	Measures []ui.Tab
	Sheets   []ui.Tab // ages and references
	Trend    *clinical.Trend
	Lead     string // the finding
	Rest     string
	Small    []SmallChart
	Doubtful []string // measurements that are not drawn, and why
	Table    GrowthTable
	AllHref  string
	Missing  string // why there is no chart: what is not recorded
	SexHrefs []ui.Tab
	WHO      bool // the WHO's tables are here
	Units    UnitsForm
	Limited  bool
}

// SmallChart is another measure, for comparison.
type SmallChart struct {
	Title  string
	Newest string // 77.7 cm, 51st percentile
	Href   string // where it is the large one
	Trend  *clinical.Trend
}

// choice is what of the charts somebody asks to see.
type choice struct {
	reference string // cdc, who; "" = by age
	span      span   // "" = by age
	measure   growth.Measure
	sex       growth.Sex // where the record has none; 0 = not chosen
	all       bool
}

func choiceOf(r *http.Request) choice {
	q := r.URL.Query()
	c := choice{reference: q.Get("by"), span: span(q.Get("ages")), measure: growth.Measure(q.Get("chart")), all: q.Get("all") != ""}
	switch q.Get("sex") {
	case "male":
		c.sex = growth.Male
	case "female":
		c.sex = growth.Female
	}
	return c
}

// href is the address of the page with a choice.
func (c choice) href(patient string) string {
	q := url.Values{}
	set := func(name, value string) {
		if value != "" {
			q.Set(name, value)
		}
	}
	set("by", c.reference)
	set("ages", string(c.span))
	set("chart", string(c.measure))
	set("sex", c.sex.String())
	if c.all {
		q.Set("all", "1")
	}
	address := "/patients/" + url.PathEscape(patient) + "/growth"
	if len(q) > 0 {
		address += "?" + q.Encode()
	}
	return address
}

// growth shows a child's growth.
func (p *pages) growth(r *http.Request) (web.View, error) {
	zone, now := p.d.Shell.Location(), p.d.Shell.Clock()
	var c child
	var all []reading
	var limited bool
	chart, err := facts.OpenChart(r, p.d.Session, p.d.Shell, func(s *record.Session, id string) error {
		return readGrowth(r.Context(), s, id, zone, &c, &all, &limited)
	})
	if err != nil {
		return nil, err
	}
	g := p.growthPage(chart.ID, c, all, choiceOf(r), systemOf(r), now)
	g.Limited = limited
	g.Units = unitsForm(r)
	return web.Page{Title: "Growth, " + chart.Banner.Name.Short(), Current: "chart", Tab: "growth", Patient: &chart.Banner, Body: growthPage(g)}, nil
}

func readGrowth(ctx context.Context, s *record.Session, patient string, zone *time.Location, c *child, all *[]reading, limited *bool) error {
	var childErr, readErr error
	facts.Together(
		func() { *c, childErr = readChild(ctx, s, patient, zone) },
		func() { *all, *limited, readErr = readAll(ctx, s, patient, zone) },
	)
	if childErr != nil {
		return childErr
	}
	return readErr
}

// growthPage decides which chart is shown and fills the page.
func (p *pages) growthPage(patient string, c child, all []reading, want choice, in system, now time.Time) Growth {
	zone := now.Location()
	g := Growth{WHO: p.who != nil}
	if c.sex == 0 {
		c.sex = want.sex
		for _, s := range []growth.Sex{growth.Female, growth.Male} {
			choose := want
			choose.sex = s
			g.SexHrefs = append(g.SexHrefs, ui.Tab{Label: map[growth.Sex]string{growth.Female: "Girls", growth.Male: "Boys"}[s], Href: choose.href(patient), Current: want.sex == s})
		}
	}
	switch {
	case c.born.IsZero():
		g.Missing = "Growth charts need the full date of birth, which is not recorded. Add it to the patient's details."
	case c.sex == 0:
		g.Missing = "Growth charts are made for girls and for boys, and neither sex at birth nor gender says which to use here. Choose one:"
	}
	if g.Missing != "" {
		g.Title = "Growth"
		return g
	}
	if c.grown(now) && !c.measuredYoung(all, zone) {
		g.Title, g.Missing = "Growth", "Growth charts end at 20 years, and nothing was measured before."
		return g
	}
	ref, s := p.sheetOf(c, all, want, now)
	measures := s.sheet(ref, c.sex)
	if len(measures) == 0 { // the WHO's tables of the other sex alone are here
		ref = growth.CDC()
		measures = s.sheet(ref, c.sex)
	}
	byMeasure := map[growth.Measure][]grown{}
	for _, m := range measures {
		byMeasure[m] = grownBy(ref, m, c, all, zone)
	}
	shown := want.measure
	if !slices.Contains(measures, shown) {
		shown = measures[0]
	}
	picked := want
	picked.reference, picked.span = strings.ToLower(ref.Name), s
	for _, m := range measures {
		link := picked
		link.measure = m
		g.Measures = append(g.Measures, ui.Tab{Label: measureNames[m][1], Href: link.href(patient), Current: m == shown})
	}
	picked.measure = shown
	g.Sheets = p.sheetTabs(patient, picked, ref, s)
	g.Title, g.Sub = measureNames[shown][0], subtitle(ref, s, shown, c)
	g.Trend = chartOf(ref, s, shown, c.sex, byMeasure[shown], in, zone, clinical.Growth)
	for _, m := range measures {
		if m == shown || !m.ForAge() || len(g.Small) == 2 {
			continue
		}
		small := chartOf(ref, s, m, c.sex, byMeasure[m], in, zone, clinical.GrowthSmall)
		if small == nil || len(small.Series[0].Points) == 0 {
			continue
		}
		link, points := picked, small.Series[0].Points
		link.measure = m
		g.Small = append(g.Small, SmallChart{Title: measureNames[m][0], Newest: points[len(points)-1].Text, Href: link.href(patient), Trend: small})
	}
	var changes []change
	for _, m := range measures {
		if ch, ok := changeOf(m, within(s, ref, m, c.sex, byMeasure[m])); ok && m.ForAge() {
			changes = append(changes, ch)
		}
	}
	g.Lead, g.Rest = finding(shown, changes, zone)
	for _, m := range measures {
		for _, x := range byMeasure[m] {
			if x.judged && x.score.Implausible {
				g.Doubtful = append(g.Doubtful, fmt.Sprintf("%s %s on %s, modified z %s", measureNames[m][1], x.measured, facts.Day(x.at, zone), zText(x.score.Modified)))
			}
		}
	}
	g.Table = tableOf(measures, byMeasure, c, in, zone, want.all)
	everything := picked
	everything.all = true
	g.AllHref = everything.href(patient)
	return g
}

// sheetOf chooses the reference and the ages: what was asked for, else the WHO's charts up to 24 months where they are, and the CDC's.
func (p *pages) sheetOf(c child, all []reading, want choice, now time.Time) (*growth.Reference, span) {
	zone := now.Location()
	// The newest measurement decides for somebody who is grown up: the last chart with points is of use, an empty one is not.
	days := growth.Days(c.born, now)
	if c.grown(now) {
		for _, r := range all {
			if d, ok := c.days(r.at, zone); ok && growth.Months(d) <= 240 {
				days = d
				break
			}
		}
	}
	s := want.span
	if s != infants && s != children {
		s = children
		if growth.Months(days) < lyingUntil {
			s = infants
		}
	}
	ref := growth.CDC()
	if p.who != nil && s == infants && want.reference != "cdc" {
		ref = p.who
	}
	return ref, s
}

// sheetTabs are the sheets there are, to choose from.
func (p *pages) sheetTabs(patient string, picked choice, ref *growth.Reference, s span) []ui.Tab {
	var out []ui.Tab
	add := func(label, reference string, ages span) {
		link := choice{reference: reference, span: ages, sex: picked.sex}
		out = append(out, ui.Tab{Label: label, Href: link.href(patient), Current: strings.EqualFold(ref.Name, reference) && s == ages})
	}
	if p.who != nil {
		add("WHO, 0–24 months", "who", infants)
	}
	add("CDC, 0–36 months", "cdc", infants)
	add("CDC, 2–20 years", "cdc", children)
	return out
}

// within are the measurements that fall into a sheet.
func within(s span, ref *growth.Reference, m growth.Measure, sex growth.Sex, points []grown) []grown {
	from, to, ok := s.reach(ref, m, sex)
	if !ok {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(points), func(g grown) bool { return g.x < from || g.x > to })
}

// subtitle says by which children this one is judged, and whether ages are corrected.
func subtitle(ref *growth.Reference, s span, m growth.Measure, c child) string {
	out := ref.Name + map[growth.Sex]string{growth.Male: " boys, ", growth.Female: " girls, "}[c.sex]
	from, to, _ := s.reach(ref, m, c.sex)
	switch {
	case !m.ForAge():
		out += fmt.Sprintf("%g to %g cm", from, to)
	case s == children:
		out += fmt.Sprintf("%g to %g years", from/12, to/12)
	case from == 0:
		out += fmt.Sprintf("birth to %.0f months", to)
	default:
		out += fmt.Sprintf("%g to %.0f months", from, to)
	}
	out += "."
	if s == children || !m.ForAge() {
		return out
	}
	switch {
	case c.gestation == 0:
		out += " Length of pregnancy not recorded, ages not corrected."
	case growth.Correction(c.gestation) == 0:
		out += " Born at " + weeks(c.gestation) + ", no correction."
	default:
		out += " Born at " + weeks(c.gestation) + ": ages are corrected by " + weeks(growth.Correction(c.gestation)) + " up to 24 months."
	}
	return out
}

// weeks writes days as weeks and days: 28 weeks 3 days.
func weeks(days int) string {
	plural := func(n int, word string) string {
		if n == 1 {
			return "1 " + word
		}
		return fmt.Sprintf("%d %ss", n, word)
	}
	out := plural(days/7, "week")
	if days%7 > 0 {
		out += " " + plural(days%7, "day")
	}
	return out
}
