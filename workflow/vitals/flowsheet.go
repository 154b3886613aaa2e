package vitals

import (
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/identity"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/slice"
	"github.com/osler-ehr/osler/web"
	"github.com/osler-ehr/osler/web/clinical"
	"github.com/osler-ehr/osler/web/facts"
	"github.com/osler-ehr/osler/web/format"
)

// Sheet is the flowsheet: a column for each moment at which something was measured, newest first so that it is never out of sight, a row for each sign.
type Sheet struct {
	Columns []SheetColumn
	Rows    []SheetRow
	Hidden  int // older moments that are not shown
	AllHref string
	AddHref string // "" for those who may not record
	Growth  string // address of the growth charts; "" for a patient who is grown up
	Units   UnitsForm
	Limited bool
}

// SheetColumn is a moment.
type SheetColumn struct{ Date, Time string }

// SheetRow is a sign.
type SheetRow struct {
	Name  string
	Range string // the band at the patient's age now
	Trend *clinical.Trend
	Cells [][]SheetValue // as many as there are columns
}

// SheetValue is one measurement.
type SheetValue struct {
	Value    clinical.Value
	Measured string // as it was measured, if that is in other units
	Struck   bool
	Note     string // computed
	Href     string // where it can be struck; "" for those who may not, and for what is computed
}

// momentsShown is how many columns there are before all are asked for.
const momentsShown = 10

// flowsheet is the page of all vital signs.
func (p *pages) flowsheet(r *http.Request) (web.View, error) {
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
	s := sheetOf(chart.ID, c, all, systemOf(r), now, r.FormValue("all") != "")
	s.Units, s.Limited = unitsForm(r), limited
	who := identity.From(r.Context())
	if slice.To(access.Create, "Observation").Admits(who) {
		s.AddHref = base(chart.ID) + "/new"
	}
	if !slice.To(access.Update, "Observation").Admits(who) {
		for _, row := range s.Rows {
			for _, cell := range row.Cells {
				for i := range cell {
					cell[i].Href = ""
				}
			}
		}
	}
	return web.Page{Title: "Vitals, " + chart.Banner.Name.Short(), Current: "chart", Tab: "vitals", Patient: &chart.Banner, Body: sheetPage(s)}, nil
}

// sheetOf lays the readings, newest first, out as a sheet.
func sheetOf(patient string, c child, all []reading, in system, now time.Time, everything bool) Sheet {
	zone := now.Location()
	s := Sheet{AllHref: base(patient) + "?all=1"}
	if !c.born.IsZero() && !c.grown(now) {
		s.Growth = "/patients/" + url.PathEscape(patient) + "/growth"
	}
	var moments []string
	var columns []SheetColumn
	for _, r := range all {
		m := facts.Moment(r.at, zone)
		if m != "" && !slices.Contains(moments, m) {
			moments = append(moments, m)
			columns = append(columns, columnOf(r.at, zone))
		}
	}
	if !everything && len(moments) > momentsShown {
		s.Hidden = len(moments) - momentsShown
		moments, columns = moments[:momentsShown], columns[:momentsShown]
	}
	s.Columns = columns
	for _, name := range rowOrder {
		row := rowOf(name, c, all, in, now)
		row.Cells = make([][]SheetValue, len(moments))
		filled := false
		for _, r := range readingsFor(name, all, zone) {
			i := slices.Index(moments, facts.Moment(r.at, zone))
			if i < 0 {
				continue
			}
			v := r.shown(c, in, zone)
			if !r.computed {
				v.Href = base(patient) + "/" + url.PathEscape(r.id)
			}
			row.Cells[i] = append(row.Cells[i], v)
			filled = true
		}
		if filled {
			s.Rows = append(s.Rows, row)
		}
	}
	return s
}

// rowOrder are the rows of the sheet.
var rowOrder = []string{bloodPressure, pulse, temperature, respiration, saturation, weight, height, length, bmiRow, head, pain}

// bmiRow names the body mass index, which is read and computed but not entered.
const bmiRow = "bmi"

func columnOf(at fhir.DateTime, zone *time.Location) SheetColumn {
	c := SheetColumn{Date: facts.Day(at, zone)}
	if at.HasTime() {
		c.Time = format.Time(at.Time(zone).In(zone))
	}
	return c
}

// computedReading is a reading, or what follows from two.
type computedReading struct {
	reading
	computed bool
}

// shownText is the value in the units of a system: the number, and the unit.
func (r reading) shownText(in system) (text, unit string) {
	if r.sign != bloodPressure {
		a := r.value.to(in)
		return format.LabNumber(a.number), format.Unit(a.unit)
	}
	high, low := r.value.number, r.second.number
	if high == "" {
		high = "–"
	}
	if low == "" {
		low = "–"
	}
	return high + "/" + low, format.Unit(mercury.ucum)
}

// readingsFor are the readings of a row, newest first; for the body mass index those that follow from weight and height too.
func readingsFor(name string, all []reading, zone *time.Location) []computedReading {
	var out []computedReading
	for _, r := range all {
		switch {
		case r.sign == name:
			out = append(out, computedReading{r, false})
		case name == bmiRow && r.sign == weight && !r.struck:
			if a, computed, ok := massIndex(r, all, zone); ok && computed {
				r.sign, r.value = bmiRow, a
				out = append(out, computedReading{r, true})
			}
		}
	}
	return out
}

// shown is the reading as a cell has it.
func (r computedReading) shown(c child, in system, zone *time.Location) SheetValue {
	days := -1
	if d, ok := c.days(r.at, zone); ok {
		days = d
	}
	v := SheetValue{Struck: r.struck}
	if r.computed {
		v.Note = "computed"
	}
	v.Value.Text, v.Value.Unit = r.shownText(in)
	if r.sign != bloodPressure && r.value.to(in).unit != r.value.unit {
		v.Measured = r.value.String()
	}
	if !r.struck {
		v.Value.Flag = max(r.stated, r.flag(days))
	}
	return v
}

// flag is how the reading stands to the bands of the age; a pressure is as its worse part.
func (r reading) flag(days int) clinical.Flag {
	part := func(name string, a amount, unit string, upper bool) clinical.Flag {
		b, ok := bandOf(name, days)
		v, number := a.float(unit)
		if !ok || !number {
			return clinical.Normal
		}
		return b.flag(v, upper)
	}
	switch r.sign {
	case bloodPressure:
		high := part(systolic, r.value, mercury.ucum, true)
		low := part(diastolic, r.second, mercury.ucum, true)
		if high == clinical.High || low == clinical.High {
			return clinical.High
		}
		return max(high, low)
	case bmiRow:
		return part(bmi, r.value, "kg/m2", true)
	}
	s := signOf(r.sign)
	if s == nil {
		return clinical.Normal
	}
	return part(r.sign, r.value, s.units[0].ucum, false)
}

// rowOf is a row without its cells: the name, the band at the present age, and the trend of the newest dozen.
func rowOf(name string, c child, all []reading, in system, now time.Time) SheetRow {
	row := SheetRow{Name: "BMI"}
	if s := signOf(name); s != nil {
		row.Name = s.label
	}
	row.Trend = trendOf(name, c, all, in, now, clinical.Spark)
	if b := bandNow(name, c, in, now); b != nil {
		row.Range = b.Text
		if name == temperature {
			row.Range += " " + format.Unit(in.unitIn(celsius.ucum))
		}
	}
	if name == bloodPressure {
		if low, ok := bandOf(diastolic, ageNow(c, now)); ok && row.Range != "" {
			row.Range += " / " + low.drawn(mercury.ucum, mercury.ucum).Text
		}
	}
	return row
}

func ageNow(c child, now time.Time) int {
	if c.born.IsZero() {
		return -1
	}
	return growthDays(c, now)
}
