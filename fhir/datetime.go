package fhir

import "time"

const wantDateTime = "a date or time such as 2026, 2026-11-24 or 2026-11-24T09:30:00-05:00 (a time needs seconds and a zone)"

// DateTime is a FHIR dateTime: a year, a month, a day, or an instant to the second or finer with its
// zone. The zero DateTime is absent. Two DateTimes are equal with == when they state the same in the
// same words; 09:00Z and 10:00+01:00 are the same instant and differ.
type DateTime struct{ text string }

// ParseDateTime reads what FHIR R4 allows in a document.
func ParseDateTime(s string) (DateTime, error) {
	t, ok := scanTemporal(s)
	if !ok || t.minuteOnly || t.noZone {
		return DateTime{}, badTemporal(s, wantDateTime)
	}
	return DateTime{s}, nil
}

// ParseSearchDateTime reads what a search value may be: as [ParseDateTime], and a time may lack its
// seconds and its zone. Such a value must not be written into a document.
func ParseSearchDateTime(s string) (DateTime, error) {
	if _, ok := scanTemporal(s); !ok {
		return DateTime{}, badTemporal(s, "a date or time such as 2026, 2026-11-24 or 2026-11-24T09:30:00-05:00")
	}
	return DateTime{s}, nil
}

// DateTimeOf states t to the precision given, in t's own zone. Fraction means milliseconds.
func DateTimeOf(t time.Time, p Precision) DateTime {
	switch p {
	case Year:
		return DateTime{t.Format("2006")}
	case Month:
		return DateTime{t.Format("2006-01")}
	case Day:
		return DateTime{t.Format(time.DateOnly)}
	case Fraction:
		return DateTime{t.Format(InstantLayout)}
	case NoPrecision:
		return DateTime{}
	}
	return DateTime{t.Format(time.RFC3339)}
}

func (d DateTime) parts() temporal {
	t, _ := scanTemporal(d.text)
	return t
}

// IsZero is true when there is no dateTime.
func (d DateTime) IsZero() bool { return d.text == "" }

// String is the dateTime as FHIR writes it.
func (d DateTime) String() string { return d.text }

// Precision tells how much is stated.
func (d DateTime) Precision() Precision { return d.parts().precision }

// HasTime is true when a time of day is stated, and with it a zone.
func (d DateTime) HasTime() bool { return d.parts().precision > Day }

// Zoned is true when a zone is stated.
func (d DateTime) Zoned() bool { return d.parts().zoned }

// Range is the interval that the dateTime means: from included, to not. Where no zone is stated, days
// begin and end in loc (UTC if nil). An absent dateTime has zero times.
func (d DateTime) Range(loc *time.Location) (from, to time.Time) {
	if d.IsZero() {
		return from, to
	}
	return d.parts().bounds(loc)
}

// Time is the start of [DateTime.Range].
func (d DateTime) Time(loc *time.Location) time.Time {
	from, _ := d.Range(loc)
	return from
}

// Date is the day, or as much of it as is stated, in the zone in which it is stated.
func (d DateTime) Date() Date { return Date{d.text[:min(len(d.text), len(time.DateOnly))]} }

// Compare orders two dateTimes: -1, 0 or +1. It is not known when the precision does not suffice, as for
// a day and a time in it, or when one is absent. Days without a zone are taken in loc (UTC if nil).
func (d DateTime) Compare(e DateTime, loc *time.Location) (order int, known bool) {
	if d.IsZero() || e.IsZero() {
		return 0, false
	}
	df, dt := d.Range(loc)
	ef, et := e.Range(loc)
	return compareRanges(df, dt, ef, et)
}

// Read takes the dateTime at n.
func (d *DateTime) Read(n Node) (err error) {
	*d, err = readTemporal(n, wantDateTime, ParseDateTime)
	return err
}

// AppendJSON appends the dateTime as a JSON string.
func (d DateTime) AppendJSON(out []byte) []byte { return appendTemporal(out, d.text) }
