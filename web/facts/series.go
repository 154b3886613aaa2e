package facts

import (
	"slices"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/web/clinical"
	"github.com/osler-ehr/osler/web/format"
)

// Value is one measured value at its time, taken out of an Observation or one of its components.
type Value struct {
	Measured
	At        fhir.DateTime
	Corrected bool
	ID        string // of the Observation
}

// Values are all that an observation measured: itself and its components.
func (o Observation) Values() []Value {
	var out []Value
	if !o.Value.IsZero() || !o.Absent.IsZero() {
		out = append(out, Value{o.Measured, o.At(), o.Status == "corrected", o.ID})
	}
	for _, c := range o.Components {
		if !c.Value.IsZero() || !c.Absent.IsZero() {
			out = append(out, Value{c, o.At(), o.Status == "corrected", o.ID})
		}
	}
	return out
}

// Later orders values newest first.
func Later(a, b Value, zone *time.Location) int { return b.At.Time(zone).Compare(a.At.Time(zone)) }

// Trend draws the values of one test, given newest first, as a sparkline of the latest dozen. It is nil for fewer than two numbers, and
// leaves out values in another unit than the newest, which no line can join.
func Trend(size clinical.TrendSize, values []Value, zone *time.Location) *clinical.Trend {
	if len(values) == 0 {
		return nil
	}
	newest, ok := values[0].Quantity()
	if !ok {
		return nil
	}
	t := &clinical.Trend{Size: size, Title: values[0].Name(), Unit: unit(newest), Band: values[0].Band()}
	points := joined(values, newest, zone, 12)
	if len(points) < 2 {
		return nil
	}
	t.Series = []clinical.Series{{Points: points}}
	return t
}

// Change is how the newest of several values, given newest first, differs from the one before: "+0.7 since 24-Aug-2026". It is empty
// where there is none before, or one in another unit.
func Change(values []Value, zone *time.Location) (text, previous string) {
	if len(values) < 2 {
		return "", ""
	}
	a, ok1 := values[0].Quantity()
	b, ok2 := values[1].Quantity()
	if !ok1 || !ok2 || a.Code != b.Code || a.Unit != b.Unit || a.Comparator != "" || b.Comparator != "" {
		return "", ""
	}
	d, ok := format.Change(b.Value.String(), a.Value.String())
	if !ok {
		return "", ""
	}
	return d + " since " + Day(values[1].At, zone), number(b)
}

// SameDay reports whether two moments fall on one day of the practice.
func SameDay(a, b fhir.DateTime, zone *time.Location) bool {
	return !a.IsZero() && !b.IsZero() && Day(a, zone) == Day(b, zone)
}

// Plot is Trend at full length and full size; nil for fewer than two numbers in the newest unit.
func Plot(values []Value, zone *time.Location) *clinical.Trend {
	if len(values) == 0 {
		return nil
	}
	newest, ok := values[0].Quantity()
	if !ok {
		return nil
	}
	t := &clinical.Trend{Size: clinical.Plot, Title: values[0].Name(), Unit: unit(newest), Band: values[0].Band()}
	t.Series = []clinical.Series{{Style: 1, Points: joined(values, newest, zone, 200)}}
	if len(t.Series[0].Points) < 2 {
		return nil
	}
	return t
}

// joined are the newest values in one unit, oldest first, at most so many.
func joined(values []Value, newest fhir.Quantity, zone *time.Location, most int) []clinical.Point {
	var points []clinical.Point
	for _, v := range values {
		q, ok := v.Quantity()
		if !ok || q.Code != newest.Code || q.Unit != newest.Unit || q.Value.IsZero() || len(points) == most {
			continue
		}
		points = append(points, clinical.Point{X: clinical.DayOf(v.At.Time(zone)), Y: q.Value.Float64(), Text: number(q), When: Day(v.At, zone), Flag: v.Flag()})
	}
	slices.Reverse(points)
	return points
}
