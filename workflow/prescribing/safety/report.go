package safety

import (
	"fmt"
	"math/big"
	"slices"
	"time"

	"github.com/osler-ehr/osler/drugs"
	"github.com/osler-ehr/osler/web/format"
)

// find notes a finding of the order that is being checked. The same again is kept once, with the graver severity.
func (r *run) find(f Finding) {
	f.Order, f.Place = r.name, r.place
	// What lies on skin, teeth or mucosa hardly concerns the whole body; drops in the eye and what is inhaled can.
	switch route := r.order.Match.Form.Route; {
	case f.Check == Allergies || f.Check == Duplicates || f.Check == Dose || f.Severity <= drugs.Note:
	case route == "topical" || route == "ear" || route == "dental" || route == "vaginal":
		f.Severity = drugs.Note
	}
	switch mode := r.c.Tuning[f.Rule]; {
	case mode == Interruptive:
		f.Severity = drugs.Stop
	case f.Severe():
	case mode == Passive:
		f.Severity = min(f.Severity, drugs.Caution)
	case mode == Off:
		r.report.Off = append(r.report.Off, f)
		return
	}
	f.ByName = f.ByName || r.order.Match.ByName
	if at, ok := r.seen[f.Key()]; ok {
		if f.Severity > r.report.Findings[at].Severity {
			r.report.Findings[at] = f
		}
		return
	}
	r.seen[f.Key()] = len(r.report.Findings)
	r.report.Findings = append(r.report.Findings, f)
}

func (r *run) gap(check Check, text string, args ...any) {
	g := Gap{check, r.name, fmt.Sprintf(text, args...)}
	if !r.gaps[g] {
		r.gaps[g] = true
		r.report.Gaps = append(r.report.Gaps, g)
	}
}

func (r *run) hasGap(check Check) bool {
	return slices.ContainsFunc(r.report.Gaps, func(g Gap) bool { return g.Check == check && g.Order == r.name })
}

// appliedToo notes the sources of rules of a kind that the practice added.
func (r *run) appliedToo(kind string) {
	for _, s := range r.c.Drugs.Rules.Sources[kind] {
		r.applied(s)
	}
}

// applied notes a source whose rules were applied.
func (r *run) applied(s drugs.Source) {
	if !slices.ContainsFunc(r.report.Sources, func(o drugs.Source) bool { return o.ID == s.ID }) {
		r.report.Sources = append(r.report.Sources, s)
	}
}

// years is the age in years with its fraction; nil if either day is not known.
func years(born, now time.Time) *big.Rat {
	if born.IsZero() || now.Before(born) {
		return nil
	}
	n := now.Year() - born.Year()
	last := born.AddDate(n, 0, 0)
	if last.After(now) {
		n--
		last = born.AddDate(n, 0, 0)
	}
	next := born.AddDate(n+1, 0, 0)
	part := big.NewRat(int64(now.Sub(last)/time.Hour), int64(next.Sub(last)/time.Hour))
	return part.Add(part, big.NewRat(int64(n), 1))
}

// old reports whether a measurement is older than so many days.
func (r *run) old(at time.Time, days int) bool {
	return at.IsZero() || r.p.Now.Sub(at) > time.Duration(days)*24*time.Hour
}

func day(t time.Time) string {
	if t.IsZero() {
		return "a day not recorded"
	}
	return format.Date(t)
}

func plural(n int, one string) string {
	if n == 1 {
		return "1 " + one
	}
	if one[len(one)-1] == 'y' {
		return fmt.Sprintf("%d %sies", n, one[:len(one)-1])
	}
	return fmt.Sprintf("%d %ss", n, one)
}
