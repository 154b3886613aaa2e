package path

import (
	"time"

	"github.com/cockroachdb/apd/v3"
)

// add moves a date or time by a duration (negative to go back). Fractions of a unit are ignored, as the
// language demands. A unit finer than the value's precision is first turned into the value's own.
func (t temporal) add(q quantity) (temporal, bool, error) {
	unit := q.unit
	if !q.calendar {
		switch unit {
		case "ms":
			unit = "millisecond"
		case "s":
			unit = "second"
		case "min":
			unit = "minute"
		case "h":
			unit = "hour"
		case "d":
			unit = "day"
		case "wk":
			unit = "week"
		case "a", "mo":
			return t, false, failf("'%s' is not a duration of the calendar; write years or months", unit)
		default:
			return t, false, failf("only durations can be added to a %s: years, months, weeks, days, hours, minutes, seconds or milliseconds", t.kind)
		}
	}
	n, err := truncated(q.value, 0).Int64()
	if err != nil || n > 1e12 || n < -1e12 {
		return t, false, nil
	}
	if t.kind == Time {
		return t.addClock(unit, n)
	}
	switch unit {
	case "year":
		return t.addMonths(12 * n)
	case "month":
		return t.addMonths(n)
	case "week":
		return t.addDays(7 * n)
	case "day":
		return t.addDays(n)
	}
	return t.addTime(unit, n, q.value)
}

// addMonths keeps the day where the month has it, else takes the month's last.
func (t temporal) addMonths(n int64) (temporal, bool, error) {
	if t.precision == toYear {
		n = n / 12 * 12
	}
	months := int64(t.year)*12 + int64(t.month) - 1 + n
	year, month := months/12, months%12+1
	if months < 12 || year > 9999 {
		return t, false, nil
	}
	t.year, t.month = int32(year), int32(month)
	t.day = min(t.day, daysIn(t.year, t.month))
	return t, true, nil
}

func (t temporal) addDays(n int64) (temporal, bool, error) {
	switch t.precision {
	case toYear:
		return t.addMonths(n / 365 * 12)
	case toMonth:
		return t.addMonths(n / 30)
	}
	if n > 4e6 || n < -4e6 {
		return t, false, nil
	}
	return t.moved(t.wall().AddDate(0, 0, int(n)))
}

// addTime adds hours or less.
func (t temporal) addTime(unit string, n int64, value *apd.Decimal) (temporal, bool, error) {
	if t.precision <= toDay {
		perDay := map[string]int64{"hour": 24, "minute": 24 * 60, "second": 24 * 3600, "millisecond": 24 * 3600 * 1000}
		return t.addDays(n / perDay[unit])
	}
	step := clockUnits[unit]
	if own := span(t.precision); step < own { // @T10:30 + 90 seconds is one minute more
		whole := int64(own / step)
		n = n / whole
		step = own
	}
	if limit := int64(time.Duration(1<<62) / step); n > limit || n < -limit {
		return t, false, nil
	}
	return t.moved(t.wall().Add(time.Duration(n) * step))
}

var clockUnits = map[string]time.Duration{
	"hour": time.Hour, "minute": time.Minute, "second": time.Second, "millisecond": time.Millisecond,
}

func (t temporal) moved(to time.Time) (temporal, bool, error) {
	if to.Year() < 1 || to.Year() > 9999 {
		return t, false, nil
	}
	t.set(to)
	for step := pow10(9 - int(t.fraction)); t.precision == toFraction && t.nano%step != 0; step /= 10 {
		t.fraction++ // more digits where the sum needs them: .25 + 1 ms is .251
	}
	return t, true, nil
}

// addClock adds to a Time, around midnight.
func (t temporal) addClock(unit string, n int64) (temporal, bool, error) {
	step, ok := clockUnits[unit]
	if !ok {
		return t, false, failf("to a Time only hours, minutes, seconds and milliseconds can be added")
	}
	if own := span(t.precision); step < own {
		n, step = n/int64(own/step), own
	}
	n %= int64(24 * time.Hour / step)
	at := time.Date(2000, 1, 1, int(t.hour), int(t.minute), int(t.sec), int(t.nano), time.UTC).Add(time.Duration(n) * step)
	h, mi, s := at.Clock()
	t.hour, t.minute, t.sec, t.nano = int32(h), int32(mi), int32(s), int32(at.Nanosecond())
	return t, true, nil
}

func pow10(n int) int32 {
	p := int32(1)
	for range n {
		p *= 10
	}
	return p
}
