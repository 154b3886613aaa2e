package fhir

import (
	"fmt"
	"time"
)

// Precision tells how much of a date or time was stated.
type Precision uint8

const (
	NoPrecision Precision = iota // nothing stated
	Year
	Month
	Day
	Minute // only in search values; FHIR documents always state seconds
	Second
	Fraction // of a second
)

func (p Precision) String() string {
	return [...]string{"none", "year", "month", "day", "minute", "second", "fraction"}[p]
}

// temporal is a date or time of day taken apart.
type temporal struct {
	precision          Precision
	year, month, day   int
	hour, minute, sec  int
	nano               int
	digits             int  // of the fraction, as stated
	zoned              bool // a zone was stated
	offset             int  // seconds east of UTC
	minuteOnly, noZone bool // forms that only search values may have
}

// number reads exactly count digits.
func number(s string, count int) (v int, rest string, ok bool) {
	if len(s) < count {
		return 0, s, false
	}
	for i := range count {
		c := s[i]
		if c < '0' || c > '9' {
			return 0, s, false
		}
		v = v*10 + int(c-'0')
	}
	return v, s[count:], true
}

// scanTemporal reads a FHIR date or dateTime, and what search values may be besides: a time without
// seconds or without a zone.
func scanTemporal(s string) (t temporal, ok bool) {
	t.month, t.day = 1, 1
	if t.year, s, ok = number(s, 4); !ok || t.year == 0 {
		return t, false
	}
	t.precision = Year
	if s == "" {
		return t, true
	}
	if s[0] != '-' {
		return t, false
	}
	if t.month, s, ok = number(s[1:], 2); !ok || t.month < 1 || t.month > 12 {
		return t, false
	}
	t.precision = Month
	if s == "" {
		return t, true
	}
	if s[0] != '-' {
		return t, false
	}
	if t.day, s, ok = number(s[1:], 2); !ok || t.day < 1 || t.day > daysIn(t.year, t.month) {
		return t, false
	}
	t.precision = Day
	if s == "" {
		return t, true
	}
	if s[0] != 'T' {
		return t, false
	}
	if s, ok = t.clock(s[1:]); !ok {
		return t, false
	}
	return t, t.zone(s)
}

// clock reads hh:mm[:ss[.fraction]] and returns what follows.
func (t *temporal) clock(s string) (rest string, ok bool) {
	if t.hour, s, ok = number(s, 2); !ok || t.hour > 23 || s == "" || s[0] != ':' {
		return s, false
	}
	if t.minute, s, ok = number(s[1:], 2); !ok || t.minute > 59 {
		return s, false
	}
	t.precision = Minute
	if s == "" || s[0] != ':' {
		t.minuteOnly = true
		return s, true
	}
	if t.sec, s, ok = number(s[1:], 2); !ok || t.sec > 60 { // 60 is a leap second
		return s, false
	}
	t.precision = Second
	if s == "" || s[0] != '.' {
		return s, true
	}
	s = s[1:]
	scale := 100_000_000
	for s != "" && s[0] >= '0' && s[0] <= '9' {
		t.nano += int(s[0]-'0') * scale
		scale /= 10
		t.digits++
		s = s[1:]
	}
	t.precision = Fraction
	return s, t.digits > 0
}

func (t *temporal) zone(s string) bool {
	switch {
	case s == "":
		t.noZone = true
		return true
	case s == "Z":
		t.zoned = true
		return true
	case s[0] != '+' && s[0] != '-':
		return false
	}
	h, rest, ok := number(s[1:], 2)
	if !ok || rest == "" || rest[0] != ':' {
		return false
	}
	m, rest, ok := number(rest[1:], 2)
	if !ok || rest != "" || m > 59 || h > 14 || h == 14 && m > 0 {
		return false
	}
	t.zoned = true
	t.offset = h*3600 + m*60
	if s[0] == '-' {
		t.offset = -t.offset
	}
	return true
}

func daysIn(year, month int) int {
	switch month {
	case 4, 6, 9, 11:
		return 30
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	}
	return 31
}

// location is the stated zone, else loc, else UTC.
func (t temporal) location(loc *time.Location) *time.Location {
	switch {
	case t.zoned && t.offset == 0:
		return time.UTC
	case t.zoned:
		return time.FixedZone("", t.offset)
	case loc != nil:
		return loc
	}
	return time.UTC
}

// bounds is the interval from (included) to (not included) in which the stated moment lies.
func (t temporal) bounds(loc *time.Location) (from, to time.Time) {
	loc = t.location(loc)
	from = time.Date(t.year, time.Month(t.month), t.day, t.hour, t.minute, t.sec, t.nano, loc)
	switch t.precision {
	case Year:
		to = time.Date(t.year+1, 1, 1, 0, 0, 0, 0, loc)
	case Month:
		to = time.Date(t.year, time.Month(t.month)+1, 1, 0, 0, 0, 0, loc)
	case Day:
		to = time.Date(t.year, time.Month(t.month), t.day+1, 0, 0, 0, 0, loc)
	case Minute:
		to = from.Add(time.Minute)
	case Second:
		to = from.Add(time.Second)
	default:
		step := time.Second
		for range min(t.digits, 9) {
			step /= 10
		}
		to = from.Add(step)
	}
	return from, to
}

// compareRanges orders two intervals when their precision allows.
func compareRanges(aFrom, aTo, bFrom, bTo time.Time) (order int, known bool) {
	switch {
	case aFrom.Equal(bFrom) && aTo.Equal(bTo):
		return 0, true
	case !aTo.After(bFrom):
		return -1, true
	case !bTo.After(aFrom):
		return 1, true
	}
	return 0, false
}

// readTemporal reads a string that parse accepts.
func readTemporal[T any](n Node, want string, parse func(string) (T, error)) (T, error) {
	var zero T
	switch n.Kind() {
	case Missing, Null:
		return zero, nil
	case String:
		v, err := parse(n.Text())
		if err != nil {
			return zero, wrongForm(n, want)
		}
		return v, nil
	}
	return zero, wrongKind(n, want)
}

// appendTemporal appends text that needs no escapes.
func appendTemporal(out []byte, text string) []byte {
	if text == "" {
		return append(out, "null"...)
	}
	out = append(out, '"')
	out = append(out, text...)
	return append(out, '"')
}

func badTemporal(s, want string) error { return fmt.Errorf("%q is not %s", s, want) }
