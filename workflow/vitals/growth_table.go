package vitals

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/web/facts"
	"github.com/osler-ehr/osler/workflow/vitals/growth"
)

// GrowthTable is all that the charts show, as a table: a column for each day, a row for each measure.
type GrowthTable struct {
	Days []GrowthDay
	Rows []GrowthRow
	// Hidden is how many older days are left out.
	Hidden int
}

// GrowthDay is the head of a column.
type GrowthDay struct{ Date, Age, Corrected string }

// GrowthRow is one measure.
type GrowthRow struct {
	Name  string
	Cells []GrowthCell // as many as there are days
}

// GrowthCell is one measurement; all empty where there is none.
type GrowthCell struct {
	Value      string // in the units that the person wants
	Measured   string // as it was measured, if that is in other units
	Note       string // computed, implausible
	Percentile string
	Z          string
	Doubtful   bool
}

// daysShown is how many columns the table has before it is asked for all.
const daysShown = 8

// tableOf makes the table; several measurements of one day leave the last. byMeasure are in the order of the rows.
func tableOf(order []growth.Measure, byMeasure map[growth.Measure][]grown, c child, in system, zone *time.Location, all bool) GrowthTable {
	type day struct {
		date string
		at   fhir.DateTime
		age  int
	}
	var days []day
	for _, m := range order {
		for _, g := range byMeasure[m] {
			date := facts.Day(g.at, zone)
			if !slices.ContainsFunc(days, func(d day) bool { return d.date == date }) {
				days = append(days, day{date, g.at, g.days})
			}
		}
	}
	slices.SortStableFunc(days, func(a, b day) int { return a.age - b.age })
	t := GrowthTable{}
	if !all && len(days) > daysShown {
		t.Hidden = len(days) - daysShown
		days = days[t.Hidden:]
	}
	correction := growth.Correction(c.gestation)
	for _, d := range days {
		head := GrowthDay{Date: d.date, Age: ageText(c.born, d.age)}
		if corrected, ok := growth.Corrected(d.age, correction); correction > 0 && ok && corrected != d.age {
			head.Corrected = ageText(c.born.AddDate(0, 0, correction), corrected)
		} else if correction > 0 && !ok {
			head.Corrected = "before term"
		}
		t.Days = append(t.Days, head)
	}
	for _, m := range order {
		row := GrowthRow{Name: measureNames[m][1], Cells: make([]GrowthCell, len(days))}
		any := false
		for _, g := range byMeasure[m] {
			i := slices.IndexFunc(days, func(d day) bool { return d.date == facts.Day(g.at, zone) })
			if i >= 0 {
				row.Cells[i] = g.cell(m, in)
				any = true
			}
		}
		if any {
			t.Rows = append(t.Rows, row)
		}
	}
	return t
}

// ofP95 says how far a BMI lies above the 95th percentile, by which severe obesity is told: 132 % of 95th.
func (g grown) ofP95() string {
	return strconv.FormatFloat(math.Round(g.score.OfP95), 'f', 0, 64) + " % of 95th"
}

// cell is the measurement in a row. A weight judged by length repeats the weight only as its percentile.
func (g grown) cell(m growth.Measure, in system) GrowthCell {
	shown := g.measured.to(in)
	cell := GrowthCell{Value: shown.String()}
	if shown.unit != g.measured.unit {
		cell.Measured = g.measured.String()
	}
	if !m.ForAge() {
		cell.Value, cell.Measured = "", ""
	}
	if g.computed {
		cell.Note = "computed"
	}
	if g.judged {
		cell.Percentile, cell.Z = percentile(g.score.Percentile), zText(g.score.Z)
		if g.score.Extended {
			cell.Note = strings.TrimPrefix(cell.Note+", "+g.ofP95(), ", ")
		}
		if g.score.Implausible {
			cell.Note, cell.Doubtful = "implausible", true
		}
	}
	return cell
}
