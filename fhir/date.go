package fhir

import "time"

const wantDate = "a date such as 2026, 2026-11 or 2026-11-24"

// Date is a FHIR date: a year, a month or a day, without a zone. The zero Date is absent.
// Two Dates are equal with == when they state the same.
type Date struct{ text string }

// ParseDate reads YYYY, YYYY-MM or YYYY-MM-DD. A day that the calendar does not have is refused.
func ParseDate(s string) (Date, error) {
	if t, ok := scanTemporal(s); !ok || t.precision > Day {
		return Date{}, badTemporal(s, wantDate)
	}
	return Date{s}, nil
}

// NewDate is a calendar day; days and months past their end count on, as in [time.Date].
func NewDate(year int, month time.Month, day int) Date {
	return DateOf(time.Date(year, month, day, 0, 0, 0, 0, time.UTC))
}

// DateOf is the day on which t falls in t's own zone.
func DateOf(t time.Time) Date { return Date{t.Format(time.DateOnly)} }

func (d Date) parts() temporal {
	t, _ := scanTemporal(d.text)
	return t
}

// IsZero is true when there is no date.
func (d Date) IsZero() bool { return d.text == "" }

// String is the date as FHIR writes it.
func (d Date) String() string { return d.text }

// Precision is Year, Month or Day; NoPrecision when absent.
func (d Date) Precision() Precision { return d.parts().precision }

// Date gives the parts; month and day are 1 where they were not stated.
func (d Date) Date() (year int, month time.Month, day int) {
	t := d.parts()
	return t.year, time.Month(t.month), t.day
}

// Range is the interval that the date means in loc (UTC if nil): from included, to not.
// An absent date has zero times.
func (d Date) Range(loc *time.Location) (from, to time.Time) {
	if d.IsZero() {
		return from, to
	}
	return d.parts().bounds(loc)
}

// Compare orders two dates: -1, 0 or +1. It is not known when the precision does not suffice, as for
// 2026 and 2026-11, or when one is absent.
func (d Date) Compare(e Date) (order int, known bool) {
	if d.IsZero() || e.IsZero() {
		return 0, false
	}
	df, dt := d.Range(nil)
	ef, et := e.Range(nil)
	return compareRanges(df, dt, ef, et)
}

// DateTime is the same statement as a DateTime.
func (d Date) DateTime() DateTime { return DateTime(d) }

// Read takes the date at n.
func (d *Date) Read(n Node) (err error) {
	*d, err = readTemporal(n, wantDate, ParseDate)
	return err
}

// AppendJSON appends the date as a JSON string.
func (d Date) AppendJSON(out []byte) []byte { return appendTemporal(out, d.text) }
