package path

import (
	"fmt"
	"strings"
	"time"
)

// precision is how far a date or time is known.
type precision uint8

const (
	toYear precision = iota + 1
	toMonth
	toDay
	toHour
	toMinute
	toSecond
	toFraction
)

// temporal is a Date, DateTime or Time with exactly what was written: its precision, its fraction's digits
// and its offset from UTC, if any.
type temporal struct {
	kind                    Kind
	precision               precision
	fraction                uint8 // digits of the fraction of a second, at most 9
	zoned                   bool
	offset                  int16 // minutes east of UTC
	year, month, day        int32 // month and day are 1 where not known
	hour, minute, sec, nano int32
}

// parseTemporal reads the text of a FHIR date, dateTime, instant or time, or of a literal without its @.
// Partial times (T10, T10:30) are read too.
func parseTemporal(kind Kind, s string) (temporal, bool) {
	t := temporal{kind: kind, month: 1, day: 1}
	if kind == Time {
		rest, ok := t.clock(s)
		return t, ok && rest == ""
	}
	rest, ok := s, false
	if t.year, rest, ok = number(rest, 4); !ok || t.year == 0 {
		return t, false
	}
	t.precision = toYear
	if strings.HasPrefix(rest, "-") {
		if t.month, rest, ok = number(rest[1:], 2); !ok || t.month < 1 || t.month > 12 {
			return t, false
		}
		t.precision = toMonth
		if strings.HasPrefix(rest, "-") {
			if t.day, rest, ok = number(rest[1:], 2); !ok || t.day < 1 || t.day > daysIn(t.year, t.month) {
				return t, false
			}
			t.precision = toDay
		}
	}
	if rest == "" {
		return t, true
	}
	if kind == Date || rest[0] != 'T' {
		return t, false
	}
	if rest = rest[1:]; rest == "" {
		return t, true // @2015T is a DateTime known to the year
	}
	if t.precision != toDay {
		return t, false
	}
	if rest, ok = t.clock(rest); !ok {
		return t, false
	}
	return t, rest == "" || t.zone(rest)
}

// clock reads hh(:mm(:ss(.fff)?)?)? and returns what follows.
func (t *temporal) clock(s string) (rest string, ok bool) {
	if t.hour, rest, ok = number(s, 2); !ok || t.hour > 23 {
		return s, false
	}
	t.precision = toHour
	if !strings.HasPrefix(rest, ":") {
		return rest, true
	}
	if t.minute, rest, ok = number(rest[1:], 2); !ok || t.minute > 59 {
		return s, false
	}
	t.precision = toMinute
	if !strings.HasPrefix(rest, ":") {
		return rest, true
	}
	if t.sec, rest, ok = number(rest[1:], 2); !ok || t.sec > 59 && !(t.sec == 60) {
		return s, false
	}
	t.precision = toSecond
	if !strings.HasPrefix(rest, ".") {
		return rest, true
	}
	end := digits(rest, 1)
	if end == 1 {
		return s, false
	}
	for i := 1; i < 10; i++ {
		t.nano *= 10
		if i < end {
			t.nano += int32(rest[i] - '0')
		}
	}
	t.fraction = uint8(min(end-1, 9))
	t.precision = toFraction
	return rest[end:], true
}

// zone reads Z or +hh:mm.
func (t *temporal) zone(s string) bool {
	t.zoned = true
	if s == "Z" {
		return true
	}
	if len(s) != 6 || s[0] != '+' && s[0] != '-' || s[3] != ':' {
		return false
	}
	h, _, ok1 := number(s[1:], 2)
	m, _, ok2 := number(s[4:], 2)
	if !ok1 || !ok2 || h > 14 || m > 59 {
		return false
	}
	t.offset = int16(h*60 + m)
	if s[0] == '-' {
		t.offset = -t.offset
	}
	return true
}

// number reads exactly n digits.
func number(s string, n int) (int32, string, bool) {
	if len(s) < n {
		return 0, s, false
	}
	var v int32
	for i := range n {
		if !isDigit(s[i]) {
			return 0, s, false
		}
		v = v*10 + int32(s[i]-'0')
	}
	return v, s[n:], true
}

func daysIn(year, month int32) int32 {
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

func dateTimeOf(at time.Time) temporal {
	t := temporal{kind: DateTime, precision: toFraction, fraction: 3, zoned: true}
	_, offset := at.Zone()
	t.offset = int16(offset / 60)
	t.set(at.Truncate(time.Millisecond))
	return t
}

// set takes date and clock from at, as it reads in its own zone.
func (t *temporal) set(at time.Time) {
	y, mo, d := at.Date()
	h, mi, s := at.Clock()
	t.year, t.month, t.day = int32(y), int32(mo), int32(d)
	t.hour, t.minute, t.sec, t.nano = int32(h), int32(mi), int32(s), int32(at.Nanosecond())
}

// wall is the date and clock as they are written, the offset aside. A Time stands on year 0.
func (t temporal) wall() time.Time {
	month, day := max(t.month, 1), max(t.day, 1)
	return time.Date(int(t.year), time.Month(month), int(day), int(t.hour), int(t.minute), int(t.sec), int(t.nano), time.UTC)
}

// utc moves a zoned DateTime with a time of day to UTC; everything else stays as it is.
func (t temporal) utc() temporal {
	if t.zoned && t.offset != 0 && t.precision >= toHour {
		t.set(t.wall().Add(-time.Duration(t.offset) * time.Minute))
		t.offset = 0
	}
	return t
}

// String is the text as FHIR writes it, with what was written and no more.
func (t temporal) String() string {
	var b strings.Builder
	if t.kind != Time {
		fmt.Fprintf(&b, "%04d", t.year)
		if t.precision >= toMonth {
			fmt.Fprintf(&b, "-%02d", t.month)
		}
		if t.precision >= toDay {
			fmt.Fprintf(&b, "-%02d", t.day)
		}
		if t.kind == Date || t.precision < toHour {
			return b.String()
		}
		b.WriteByte('T')
	}
	fmt.Fprintf(&b, "%02d", t.hour)
	if t.precision >= toMinute {
		fmt.Fprintf(&b, ":%02d", t.minute)
	}
	if t.precision >= toSecond {
		fmt.Fprintf(&b, ":%02d", t.sec)
	}
	if t.precision >= toFraction {
		b.WriteString("." + fmt.Sprintf("%09d", t.nano)[:max(t.fraction, 1)])
	}
	switch {
	case !t.zoned:
	case t.offset == 0:
		b.WriteByte('Z')
	case t.offset < 0:
		fmt.Fprintf(&b, "-%02d:%02d", -t.offset/60, -t.offset%60)
	default:
		fmt.Fprintf(&b, "+%02d:%02d", t.offset/60, t.offset%60)
	}
	return b.String()
}

// compare orders two values of comparable kinds. known is false where the precision or a missing offset
// leaves the answer open.
func (t temporal) compare(u temporal) (order int, known bool) {
	if (t.kind == Time) != (u.kind == Time) {
		return 0, false
	}
	if t.precision >= toHour && u.precision >= toHour && t.kind != Time {
		if t.zoned != u.zoned {
			return compareAcrossZones(t, u)
		}
		t, u = t.utc(), u.utc()
	}
	a, b := t.parts(), u.parts()
	first := 0
	if t.kind == Time {
		first = int(toHour) - 1
	}
	shared := min(t.precision, u.precision, toSecond)
	for i := first; i < int(shared); i++ {
		if a[i] != b[i] {
			if a[i] < b[i] {
				return -1, true
			}
			return 1, true
		}
	}
	if min(t.precision, toSecond) != min(u.precision, toSecond) {
		return 0, false
	}
	return 0, true
}

// parts lists year, month, day, hour, minute, and seconds with their fraction in nanoseconds.
func (t temporal) parts() [6]int64 {
	return [6]int64{int64(t.year), int64(t.month), int64(t.day), int64(t.hour), int64(t.minute), int64(t.sec)*1e9 + int64(t.nano)}
}

// compareAcrossZones compares a zoned with an unzoned value: the order is known only if it holds in every
// zone of the world, UTC+14 to UTC-12.
func compareAcrossZones(t, u temporal) (int, bool) {
	if u.zoned {
		order, known := compareAcrossZones(u, t)
		return -order, known
	}
	at := t.utc().wall()
	switch {
	case at.Before(u.wall().Add(-14 * time.Hour)):
		return -1, true
	case at.After(u.wall().Add(12*time.Hour + span(u.precision))):
		return 1, true
	}
	return 0, false
}

// span is how long a value of the precision may last at most.
func span(p precision) time.Duration {
	switch p {
	case toHour:
		return time.Hour
	case toMinute:
		return time.Minute
	case toSecond:
		return time.Second
	}
	return 0
}
