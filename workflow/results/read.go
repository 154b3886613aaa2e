package results

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/web/clinical"
	"github.com/osler-ehr/osler/web/facts"
)

const rows = 8 // of the panel

func read(ctx context.Context, s *record.Session, patient string, now time.Time) (Panel, error) {
	all, err := facts.Find[facts.Observation](ctx, s, "Observation", patient, facts.Params("category", "laboratory", "_sort", "-date", "_count", "250")...)
	if err != nil {
		return Panel{}, err
	}
	p := list(all, now.Location())
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
// is left, with their date.
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
	for _, t := range found[:min(rows, len(found))] {
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
	for _, t := range found[:min(rows, len(found))] {
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
