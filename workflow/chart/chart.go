package chart

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/a-h/templ"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/identity"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/slice"
	"github.com/osler-ehr/osler/web"
	"github.com/osler-ehr/osler/web/clinical"
	"github.com/osler-ehr/osler/web/facts"
	"github.com/osler-ehr/osler/web/ui"
)

// charts draws charts with the panels and rules of the other slices.
type charts struct {
	d      slice.Deps
	panels []slice.Panel
	rules  []slice.Rule
}

// Slice is the chart of a patient, with the panels and rules of the slices given.
func Slice(d slice.Deps, others []slice.Slice) slice.Slice {
	c := &charts{d: d}
	for _, s := range others {
		c.panels = append(c.panels, s.Panels...)
		for _, rule := range s.Rules {
			if rule.Advise != nil { // others speak of orders alone
				c.rules = append(c.rules, rule)
			}
		}
	}
	return slice.Slice{
		Name:   "chart",
		Routes: []slice.Route{{Method: http.MethodGet, Pattern: "/patients/{id}", Right: slice.To(access.Read, "Patient"), Page: c.page}},
	}
}

// page draws one chart.
func (c *charts) page(r *http.Request) (web.View, error) {
	s, err := c.d.Session(r)
	if err != nil {
		return nil, err
	}
	ctx, id, now := r.Context(), r.PathValue("id"), c.d.Shell.Clock()
	who := identity.From(ctx)
	banner, err := facts.ReadBanner(ctx, s, id, now, c.d.Shell.Location())
	if err != nil {
		return nil, err
	}
	own := slices.Equal(who.Roles, []identity.Role{identity.Patient})
	if !own {
		c.d.Shell.Recent.Open(who.ID, web.Opened{Patient: id, Name: banner.Name.Short(), Full: banner.Name.Full(), Birth: banner.Birth.String()})
	}
	if !readsCare(s) {
		return c.desk(ctx, s, who, banner, id, now)
	}
	var (
		boxes []box
		gaps  Gaps
		next  Upcoming
		line  line
	)
	show, find := show(r.FormValue("show")), r.FormValue("find")
	before, bad := time.Parse(time.DateOnly, r.FormValue("before"))
	if bad != nil {
		before = time.Time{}
	}
	size := aPage
	if show != everything || find != "" {
		size = aSearch
	}
	facts.Together(
		func() { boxes = c.draw(ctx, s, who, id) },
		func() { gaps = c.advise(ctx, s, who, id) },
		func() { next = readUpcoming(ctx, s, id, now) },
		func() { line, err = readTimeline(ctx, s, id, before, size, now) },
	)
	if err != nil {
		return nil, err
	}
	gaps.Own = own
	base := "/patients/" + url.PathEscape(id)
	for i := range line.visits {
		if line.visits[i].Href != "" {
			line.visits[i].Href = base + "/documents/" + line.visits[i].Href
		}
	}
	v := View{
		Tabs: c.tabs(r, base, r.FormValue("view") == "timeline" || show != everything || find != ""), Filters: filters(base, show), FindURL: base, Find: find,
		All: base + "?view=timeline", Visits: matching(only(line.visits, show), find), Timeline: r.FormValue("view") == "timeline" || show != everything || find != "",
	}
	v.Cut = line.cut
	if line.older != "" {
		q := url.Values{"view": {"timeline"}, "before": {line.older}}
		if show != everything {
			q.Set("show", string(show))
		}
		if find != "" {
			q.Set("find", find)
		}
		v.Older = base + "?" + q.Encode()
		if show != everything || find != "" {
			v.Back = facts.Day(fhir.DateTimeOf(line.from, fhir.Day), time.UTC)
		}
	}
	v.Newer = !before.IsZero()
	boxes = append(boxes, box{web.Box{Column: web.End, Order: 30, Body: next.Draw()}})
	if c.mayAdvise(who) {
		boxes = append(boxes, box{web.Box{Column: web.Start, Order: 40, Body: gaps.Draw()}})
	}
	place(boxes, &v)
	v.Sheet = Sheet{Banner: banner, Practice: c.d.Shell.Practice, Phone: c.d.Shell.Phone, Parts: v.Sheet.Parts, Visits: past(line.visits)}
	return web.Page{Title: banner.Name.Short(), Current: "chart", Patient: &banner, Fixed: true, Body: Page(v)}, nil
}

// box is a drawn panel.
type box struct{ web.Box }

// draw draws the panels that this person may see. One that fails says so where it cannot be overlooked, and the rest of the chart stands.
func (c *charts) draw(ctx context.Context, s *record.Session, who identity.Principal, id string) []box {
	out := make([]box, len(c.panels))
	var reads []func()
	for i, p := range c.panels {
		if !p.Right.Admits(who) {
			continue
		}
		reads = append(reads, func() {
			drawn, err := p.Draw(ctx, s, id)
			if err != nil {
				c.d.Log.ErrorContext(ctx, "a panel of the chart failed", "panel", p.Name, "error", err.Error())
				out[i] = box{web.Box{Column: web.Start, Body: failedPanel(p.Name)}}
				return
			}
			if b, ok := drawn.(web.Box); ok {
				out[i] = box{b}
			} else if drawn != nil {
				out[i] = box{web.Box{Column: web.End, Order: 100, Body: drawn}}
			}
		})
	}
	facts.Together(reads...)
	return slices.DeleteFunc(out, func(b box) bool { return b.Body == nil })
}

// advise asks the rules what is due.
func (c *charts) advise(ctx context.Context, s *record.Session, who identity.Principal, id string) Gaps {
	found := make([][]slice.Advice, len(c.rules))
	var reads []func()
	for i, rule := range c.rules {
		if !rule.Right.Admits(who) {
			continue
		}
		reads = append(reads, func() {
			advice, err := rule.Advise(ctx, s, id)
			if err != nil {
				c.d.Log.ErrorContext(ctx, "a rule failed", "rule", rule.Name, "error", err.Error())
				advice = []slice.Advice{{Summary: rule.Title + " could not be checked", Urgency: slice.Warning}}
			}
			found[i] = advice
		})
	}
	facts.Together(reads...)
	var g Gaps
	for _, a := range slices.Concat(found...) {
		g.Rows = append(g.Rows, Gap{Name: a.Summary, Due: a.Due, Late: a.Urgency == slice.Warning || a.Urgency == slice.Critical, Href: a.Href})
	}
	slices.SortStableFunc(g.Rows, func(a, b Gap) int {
		return cmp.Compare(map[bool]int{true: 0, false: 1}[a.Late], map[bool]int{true: 0, false: 1}[b.Late])
	})
	return g
}

// mayAdvise reports whether any rule speaks to this person.
func (c *charts) mayAdvise(who identity.Principal) bool {
	return slices.ContainsFunc(c.rules, func(rule slice.Rule) bool { return rule.Right.Admits(who) })
}

// place puts the boxes into their columns.
func place(boxes []box, v *View) {
	slices.SortStableFunc(boxes, func(a, b box) int { return cmp.Compare(a.Order, b.Order) })
	for _, b := range boxes {
		if b.Column == web.Start {
			v.Start = append(v.Start, b.Body)
		} else {
			v.End = append(v.End, b.Body)
		}
	}
	v.Sheet.Parts = printed(boxes)
}

// printed are the panels of the summary in the order of paper: a pair from the left and right columns, then the rest.
func printed(boxes []box) []templ.Component {
	var start, end, out []templ.Component
	for _, b := range boxes {
		switch {
		case b.Print == nil:
		case b.Column == web.Start:
			start = append(start, b.Print)
		default:
			end = append(end, b.Print)
		}
	}
	// Problems stand beside the vital signs, the second of the right column; medications and results take whole lines.
	if len(start) > 0 && len(end) > 1 {
		out = append(out, start[0], end[1])
		out = append(out, start[1:]...)
		out = append(out, end[0])
		return append(out, end[2:]...)
	}
	return append(start, end...)
}

// tabs are the pages of a chart: the timeline, and those that other slices add.
func (c *charts) tabs(r *http.Request, base string, timeline bool) []ui.Tab {
	out := []ui.Tab{
		{Label: "Summary", Href: base, Current: !timeline, Phone: true},
		{Label: "Timeline", Href: base, Current: true, Wide: true},
		{Label: "Timeline", Href: base + "?view=timeline", Current: timeline, Phone: true},
	}
	if c.d.Shell.Frame == nil {
		return out
	}
	for _, e := range c.d.Shell.Frame(r).Tabs {
		out = append(out, ui.Tab{Label: e.Label, Href: e.Href})
	}
	return out
}

func filters(base string, chosen show) []ui.Chip {
	var out []ui.Chip
	for _, f := range []struct {
		show  show
		label string
	}{{everything, "Everything"}, {onlyVisits, "Visits"}, {onlyResults, "Results"}, {onlyMedications, "Medications"}, {onlyMessages, "Messages"}} {
		href := base + "?view=timeline"
		if f.show != everything {
			href = base + "?show=" + string(f.show)
		}
		out = append(out, ui.Chip{Label: f.label, Href: href, Current: f.show == chosen})
	}
	return out
}

// past are the visits that a summary names: the last four that are over.
func past(visits []clinical.Visit) []clinical.Visit {
	var out []clinical.Visit
	for _, v := range visits {
		if v.ID != "" && !v.Now && len(out) < 4 {
			out = append(out, v)
		}
	}
	return out
}
