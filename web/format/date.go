package format

import (
	"strings"
	"time"
)

// Date writes a calendar day as 14-Jul-1968.
func Date(t time.Time) string { return t.Format("02-Jan-2006") }

// LongDate writes a calendar day for running text: 14 July 1968.
func LongDate(t time.Time) string { return t.Format("2 January 2006") }

// Time writes the time of day on the 24-hour clock: 09:05.
func Time(t time.Time) string { return t.Format("15:04") }

// Seconds writes the time of day to the second, for save states: 14:05:12.
func Seconds(t time.Time) string { return t.Format("15:04:05") }

// DateTime writes an instant in the time zone that t carries: 20-Nov-2026, 08:12.
func DateTime(t time.Time) string { return t.Format("02-Jan-2006, 15:04") }

// Weekday writes the day of the week in full: Monday.
func Weekday(t time.Time) string { return t.Weekday().String() }

// MonthYear writes a month for axes and partial dates: Jul-1968.
func MonthYear(t time.Time) string { return t.Format("Jan-2006") }

// FHIRDate writes a FHIR date, dateTime or instant with the precision it has: 1968, Jul-1968, 14-Jul-1968. An instant is moved into
// loc first, so that a late evening result keeps its local day. Text that is no FHIR date comes back unchanged; empty text gives NotKnown.
func FHIRDate(s string, loc *time.Location) string {
	d, ok := Parse(s, loc)
	switch {
	case s == "":
		return NotKnown
	case !ok:
		return s
	}
	return d.String()
}

// FHIRDateTime is FHIRDate that keeps the time of day where there is one: 20-Nov-2026, 08:12.
func FHIRDateTime(s string, loc *time.Location) string {
	d, ok := Parse(s, loc)
	switch {
	case s == "":
		return NotKnown
	case !ok:
		return s
	case d.Precision == Instant:
		return DateTime(d.Time)
	}
	return d.String()
}

// Precision says how much of a date is known.
type Precision int

// The precisions a FHIR date can have.
const (
	Year Precision = iota + 1
	Month
	Day
	Instant // a day with a time of day
)

// Partial is a date of which perhaps only the year or the month is known.
type Partial struct {
	Time      time.Time // the first moment of the known period
	Precision Precision
}

// Parse reads a FHIR date, dateTime or instant. It reports false for anything else, an empty text included.
func Parse(s string, loc *time.Location) (Partial, bool) {
	if loc == nil {
		loc = time.UTC
	}
	for _, form := range []struct {
		layout    string
		precision Precision
	}{{"2006-01-02", Day}, {"2006-01", Month}, {"2006", Year}} {
		if t, err := time.ParseInLocation(form.layout, s, loc); err == nil {
			return Partial{t, form.precision}, true
		}
	}
	if t, err := time.Parse(time.RFC3339Nano, s); err == nil && strings.Contains(s, "T") {
		return Partial{t.In(loc), Instant}, true
	}
	return Partial{}, false
}

// String writes the date with the precision it has and without a time of day.
func (p Partial) String() string {
	switch p.Precision {
	case Year:
		return p.Time.Format("2006")
	case Month:
		return MonthYear(p.Time)
	case Day, Instant:
		return Date(p.Time)
	}
	return NotKnown
}

// last is the last calendar day of the known period.
func (p Partial) last() time.Time {
	switch p.Precision {
	case Year:
		return p.Time.AddDate(1, 0, -1)
	case Month:
		return p.Time.AddDate(0, 1, -1)
	}
	return p.Time
}
