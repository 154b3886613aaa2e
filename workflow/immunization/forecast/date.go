package forecast

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Date is a day of the calendar; the zero value is no date. Dates are compared with < and >.
type Date int32

// The ends of time, where the specification takes a date for one that is not given.
var (
	everBefore = NewDate(1900, 1, 1)
	everAfter  = NewDate(2999, 12, 31)
)

const secondsOfDay = 24 * 60 * 60

// yearOne is the day before 1 January of the year 1, which is Date 1.
var yearOne = time.Date(0, 12, 31, 0, 0, 0, 0, time.UTC).Unix() / secondsOfDay

// NewDate is a day; one that the month does not have runs over into the next.
func NewDate(year, month, day int) Date {
	return Date(time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC).Unix()/secondsOfDay - yearOne)
}

// DateOf is the day of an instant, in the instant's own zone.
func DateOf(t time.Time) Date { return NewDate(t.Year(), int(t.Month()), t.Day()) }

// ParseDate reads 2026-01-31 or 20260131.
func ParseDate(s string) (Date, error) {
	for _, layout := range []string{time.DateOnly, "20060102"} {
		if t, err := time.Parse(layout, s); err == nil {
			return DateOf(t), nil
		}
	}
	return 0, fmt.Errorf("%q is no date; write it as 2026-01-31", s)
}

// Time is midnight of the day in UTC.
func (d Date) Time() time.Time { return time.Unix((int64(d)+yearOne)*secondsOfDay, 0).UTC() }

// String is the day as 2026-01-31; "" for no date.
func (d Date) String() string {
	if d == 0 {
		return ""
	}
	return d.Time().Format(time.DateOnly)
}

// or is the date, or another if there is none.
func (d Date) or(other Date) Date {
	if d == 0 {
		return other
	}
	return d
}

// Span is a length of time as recommendations give it, such as "12 months - 4 days". The zero value is none at all,
// which is not the same as 0 days.
type Span struct {
	years, months, days int16
	given               bool
}

// Given reports whether there is a span.
func (s Span) Given() bool { return s.given }

// or is the span, or another if there is none.
func (s Span) or(other Span) Span {
	if s.given {
		return s
	}
	return other
}

// String is the span in words: 12 months, 6 weeks less 4 days; "" for none.
func (s Span) String() string {
	if !s.given {
		return ""
	}
	var parts []string
	add := func(n int16, unit string) {
		if n > 1 {
			unit += "s"
		}
		if n > 0 {
			parts = append(parts, strconv.Itoa(int(n))+" "+unit)
		}
	}
	add(s.years, "year")
	add(s.months, "month")
	switch {
	case s.days > 0 && s.days%7 == 0:
		add(s.days/7, "week")
	case s.days > 3*7 && s.days%7 == 3: // weeks less 4 days, which is the grace period
		add(s.days/7+1, "week")
		parts = append(parts, "less 4 days")
	case s.days < 0:
		parts = append(parts, fmt.Sprintf("less %d days", -s.days))
	default:
		add(s.days, "day")
	}
	if len(parts) == 0 {
		return "0 days"
	}
	return strings.Join(parts, " ")
}

func parseSpan(s string) (Span, error) {
	var out Span
	f := strings.Fields(s)
	if len(f) == 0 {
		return out, nil
	}
	sign := int16(1)
	for len(f) > 0 {
		switch f[0] {
		case "+":
			sign, f = 1, f[1:]
			continue
		case "-":
			sign, f = -1, f[1:]
			continue
		}
		if len(f) < 2 {
			return out, fmt.Errorf("%q is no span of time", s)
		}
		n, err := strconv.ParseInt(f[0], 10, 16)
		if err != nil {
			return out, fmt.Errorf("%q is no span of time", s)
		}
		v := sign * int16(n)
		switch strings.TrimSuffix(f[1], "s") {
		case "year":
			out.years += v
		case "month":
			out.months += v
		case "week":
			out.days += 7 * v
		case "day":
			out.days += v
		default:
			return out, fmt.Errorf("%q is no span of time: %s", s, f[1])
		}
		out.given, f = true, f[2:]
	}
	return out, nil
}

// plus is the date after a span: years and months first, then weeks and days. A day that the month does not have
// becomes the first of the next month. (CALCDT-1 to CALCDT-6) Without a date or without a span there is no date.
func (d Date) plus(s Span) Date {
	if d == 0 || !s.given {
		return 0
	}
	if s.years != 0 || s.months != 0 {
		t := d.Time()
		y, m, day := t.Date()
		whole := y*12 + int(m) - 1 + int(s.years)*12 + int(s.months)
		y, month := whole/12, whole%12+1
		if day > 28 && day > time.Date(y, time.Month(month+1), 0, 0, 0, 0, 0, time.UTC).Day() {
			month, day = month+1, 1
		}
		d = NewDate(y, month, day)
	}
	return d + Date(s.days)
}

// latest is the last of some dates; no date if there is none among them.
func latest(dates ...Date) Date {
	var out Date
	for _, d := range dates {
		out = max(out, d)
	}
	return out
}

// earliest is the first of some dates; no date if there is none among them.
func earliest(dates ...Date) Date {
	var out Date
	for _, d := range dates {
		if d != 0 && (out == 0 || d < out) {
			out = d
		}
	}
	return out
}
