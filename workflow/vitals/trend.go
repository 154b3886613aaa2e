package vitals

import (
	"slices"
	"time"

	"github.com/osler-ehr/osler/web/clinical"
	"github.com/osler-ehr/osler/web/facts"
	"github.com/osler-ehr/osler/web/format"
	"github.com/osler-ehr/osler/workflow/vitals/growth"
)

// trendLength is how many values a sparkline has.
const trendLength = 12

func growthDays(c child, now time.Time) int { return growth.Days(c.born, now) }

// bandNow is the band of a row at the patient's present age, in the units that are shown; nil where there is none. Of a pressure it is
// the systolic one, which is the one that is drawn.
func bandNow(name string, c child, in system, now time.Time) *clinical.Band {
	key, unit := name, "kg/m2"
	switch name {
	case bloodPressure:
		key, unit = systolic, mercury.ucum
	case bmiRow:
		key = bmi
	default:
		unit = signOf(name).units[0].ucum
	}
	b, ok := bandOf(key, ageNow(c, now))
	if !ok {
		return nil
	}
	return b.drawn(unit, in.unitIn(unit))
}

// trendOf draws the newest values of a row; nil for fewer than two. Values in different units are brought to one: that of the system, or
// of the newest.
func trendOf(name string, c child, all []reading, in system, now time.Time, size clinical.TrendSize) *clinical.Trend {
	zone := now.Location()
	unit := ""
	t := &clinical.Trend{Size: size, Title: "BMI"}
	if s := signOf(name); s != nil {
		t.Title = s.label
	}
	if name == bloodPressure {
		t.Title = "Systolic blood pressure"
	}
	var points []clinical.Point
	for _, r := range readingsFor(name, all, zone) {
		if r.struck || r.at.IsZero() || len(points) == trendLength {
			continue
		}
		shown := r.value.to(in)
		if unit == "" {
			unit = shown.unit
		}
		y, ok := r.value.float(unit)
		if !ok {
			continue
		}
		text := format.LabNumber(shown.number)
		if shown.unit != unit {
			text = r.value.String()
		}
		days := -1
		if d, ok := c.days(r.at, zone); ok {
			days = d
		}
		flag := r.flag(days)
		points = append(points, clinical.Point{X: clinical.DayOf(r.at.Time(zone)), Y: y, Text: text, When: facts.Day(r.at, zone), Flag: flag})
	}
	if len(points) < 2 {
		return nil
	}
	slices.Reverse(points)
	t.Unit = format.Unit(unit)
	t.Series = []clinical.Series{{Points: points}}
	if b := bandNow(name, c, in, now); b != nil {
		if s := signOf(name); s == nil || name == bloodPressure || in.unitIn(s.units[0].ucum) == unit {
			t.Band = b
		} else if b, ok := bandOf(name, ageNow(c, now)); ok {
			t.Band = b.drawn(s.units[0].ucum, unit)
		}
	}
	return t
}
