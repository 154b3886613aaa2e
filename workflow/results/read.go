package results

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/web/clinical"
	"github.com/osler-ehr/osler/web/facts"
	"github.com/osler-ehr/osler/web/format"
)

const rows = 8 // of the panel, unless more are out of range

// recent is how many values the panel looks at: those of a year or so, enough for a trend.
const recent = "160"

func read(ctx context.Context, s *record.Session, patient string, now time.Time) (Panel, error) {
	all, next, err := observations(ctx, s, patient, "", facts.Params("category", "laboratory", "_sort", "-date", "_count", recent)...)
	if err != nil {
		return Panel{}, err
	}
	p := list(all, now.Location())
	if next != "" && p.More == "" {
		p.More = "Older results"
	}
	for i, t := range p.tests {
		p.Rows[i].Href = href(patient, t.newest())
	}
	return p, nil
}

// test is all values of one test, newest first.
type test struct{ values []facts.Value }

func (t test) newest() facts.Value { return t.values[0] }

// tests groups the values of observations by what was measured; the test with the newest value is first.
func tests(all []facts.Observation, zone *time.Location) []test {
	byKey := map[string]*test{}
	var out []*test
	for _, o := range all {
		if !o.Valid() {
			continue
		}
		for _, v := range o.Values() {
			t := byKey[v.Key()]
			if t == nil {
				t = &test{}
				byKey[v.Key()] = t
				out = append(out, t)
			}
			t.values = append(t.values, v)
		}
	}
	list := make([]test, len(out))
	for i, t := range out {
		slices.SortStableFunc(t.values, func(a, b facts.Value) int { return facts.Later(a, b, zone) })
		list[i] = *t
	}
	slices.SortStableFunc(list, func(a, b test) int { return facts.Later(a.newest(), b.newest(), zone) })
	return list
}

// list makes the panel: of the tests of the newest day first the critical, then the abnormal, then the rest; older tests fill what room
// is left, with their date. What is critical, and what is out of range on the newest day, has room always; what has none is counted.
func list(all []facts.Observation, zone *time.Location) Panel {
	found := tests(all, zone)
	if len(found) == 0 {
		return Panel{}
	}
	newest := found[0].newest().At
	slices.SortStableFunc(found, func(a, b test) int {
		x, y := facts.SameDay(a.newest().At, newest, zone), facts.SameDay(b.newest().At, newest, zone)
		if x != y {
			return map[bool]int{true: -1, false: 1}[x]
		}
		if !x { // older tests stay in the order of time
			return 0
		}
		return cmp.Compare(weight(b.newest().Flag()), weight(a.newest().Flag()))
	})
	p := Panel{When: facts.Moment(newest, zone)}
	found = p.pick(found, newest, zone)
	for _, t := range found {
		row := t.row(zone)
		if !facts.SameDay(t.newest().At, newest, zone) {
			row.Change = strings.TrimSuffix(facts.Day(t.newest().At, zone)+", "+change(row.Change), ", ")
		}
		p.Rows = append(p.Rows, row)
		p.tests = append(p.tests, t)
	}
	p.Previous = previousDay(found, zone)
	if p.Previous == mixed {
		for i := range p.Rows {
			if p.Rows[i].Previous != "" {
				p.Rows[i].Previous += " on " + facts.Day(found[i].values[1].At, zone)
			}
		}
	}
	return p
}

// pick leaves the tests that the panel has room for, in their order, and counts the others.
func (p *Panel) pick(found []test, newest fhir.DateTime, zone *time.Location) (kept []test) {
	must := func(t test) bool {
		w := weight(t.newest().Flag())
		return w == 2 || w == 1 && facts.SameDay(t.newest().At, newest, zone)
	}
	room := rows
	for _, t := range found {
		if must(t) {
			room--
		}
	}
	more, abnormal := 0, 0
	for _, t := range found {
		switch {
		case must(t):
			kept = append(kept, t)
		case room > 0:
			room--
			kept = append(kept, t)
		default:
			more++
			if t.newest().Flag() != clinical.Normal {
				abnormal++
			}
		}
	}
	if more > 0 {
		p.More = format.Count(more, "more test", "more tests")
	}
	if abnormal > 0 {
		p.More += ", " + strconv.Itoa(abnormal) + " out of range"
	}
	return kept
}

// row is one test as the panel shows it.
func (t test) row(zone *time.Location) clinical.Result {
	v := t.newest()
	row := clinical.Result{Name: v.Name(), Value: v.Show(), Range: v.Range(), Trend: facts.Trend(clinical.Spark, t.values, zone)}
	row.Change, row.Previous = facts.Change(t.values, zone)
	if v.Corrected {
		row.Range = strings.TrimPrefix(row.Range+", corrected", ", ")
	}
	return row
}

// change drops the date of a difference: a row with a date of its own has room for one.
func change(s string) string {
	before, _, _ := strings.Cut(s, " since ")
	return before
}

// weight puts critical before abnormal before normal; high and low weigh the same.
func weight(f clinical.Flag) int {
	switch {
	case f.Critical():
		return 2
	case f != clinical.Normal:
		return 1
	}
	return 0
}

// mixed heads the printed column of values before that come from different days; each then carries its own.
const mixed = "Before"

// previousDay is the one day of all the values before, for the heading of the printed column; mixed where they differ.
func previousDay(found []test, zone *time.Location) string {
	day := ""
	for _, t := range found {
		if len(t.values) < 2 {
			continue
		}
		d := facts.Day(t.values[1].At, zone)
		if day != "" && d != day {
			return mixed
		}
		day = d
	}
	return day
}
