package path

import (
	"github.com/cockroachdb/apd/v3"
)

// boundaryFunctions treat values as the ranges that their precision leaves open.
var boundaryFunctions = map[string]*function{
	"lowBoundary":  {max: 1, eval: func(m *machine, c *call, base int) error { return boundary(m, c, base, false) }},
	"highBoundary": {max: 1, eval: func(m *machine, c *call, base int) error { return boundary(m, c, base, true) }},
	"precision":    {eval: precisionOf},
	"comparable": {min: 1, max: 1, eval: func(m *machine, c *call, base int) error {
		v, ok, err := m.one(base, "comparable() takes one quantity")
		if err != nil {
			return err
		}
		w, given, err := m.single(c.args[0])
		if err != nil {
			return err
		}
		p, isP := v.toQuantity()
		q, isQ := w.toQuantity()
		if !ok || !given || !isP || !isQ {
			return m.replyEmpty(base)
		}
		_, known := m.compareQuantities(p, q)
		return m.replyBool(base, known)
	}},
}

// maxPlaces is the finest precision that a boundary of a decimal may be asked for.
const maxPlaces = 31

func boundary(m *machine, c *call, base int, high bool) error {
	v, ok, err := m.one(base, "a boundary is one item's")
	if err != nil || !ok {
		m.drop(base)
		return err
	}
	wanted := int64(-1)
	if len(c.args) > 0 {
		p, given, err := m.single(c.args[0])
		if err != nil {
			return err
		}
		n, isInt := p.Int()
		if given && !isInt {
			return failf("the precision is an Integer, not a %s", describe(p))
		}
		if given {
			if n < 0 {
				return m.replyEmpty(base)
			}
			wanted = n
		}
	}
	if d, isNum := v.Decimal(); isNum {
		out, ok := decimalBoundary(d, wanted, high)
		if !ok {
			return m.replyEmpty(base)
		}
		return m.reply(base, DecimalOf(out))
	}
	if q, isQ := v.quantity(); isQ {
		d, ok := decimalBoundary(q.value, wanted, high)
		if !ok {
			return m.replyEmpty(base)
		}
		q.value = d
		return m.reply(base, quantityValue(q))
	}
	t, isTime := v.temporal()
	if !isTime {
		return failf("boundaries exist for numbers, quantities, dates and times, not for a %s", describe(v))
	}
	out, ok := t.boundary(wanted, high)
	if !ok {
		return m.replyEmpty(base)
	}
	return m.reply(base, temporalValue(out))
}

// decimalBoundary is half a unit of the last digit below or above, written with the number of decimal
// places asked for (8 if negative). The magnitude is cut for the boundary nearer to zero and rounded for the
// other.
func decimalBoundary(d *apd.Decimal, wanted int64, high bool) (*apd.Decimal, bool) {
	if wanted < 0 {
		wanted = 8
	}
	if wanted > maxPlaces {
		return nil, false
	}
	half := apd.New(5, int32(-places(d)-1))
	outward := d.Negative != high // away from zero
	var magnitude apd.Decimal
	magnitude.Abs(d)
	if !outward && magnitude.Cmp(half) < 0 { // the range reaches across zero
		outward = true
		magnitude.SetInt64(0)
		var out *apd.Decimal
		sum, ok := sum(&magnitude, half)
		if !ok {
			return nil, false
		}
		out = rescale(sum, int(wanted))
		out.Negative = !high
		return out, true
	}
	var shifted *apd.Decimal
	var ok bool
	if outward {
		shifted, ok = sum(&magnitude, half)
	} else {
		shifted, ok = sum(&magnitude, negated(half))
	}
	if !ok {
		return nil, false
	}
	out := truncated(shifted, int(wanted))
	if outward {
		out = rescale(shifted, int(wanted))
	}
	out.Negative = d.Negative
	return out, true
}

// digitsOf gives a precision as the language counts it: digits of YYYYMMDDHHMMSSFFF, or HHMMSSFFF.
var digitsOf = map[precision]int64{toYear: 4, toMonth: 6, toDay: 8, toHour: 10, toMinute: 12, toSecond: 14, toFraction: 17}

func precisionOf(m *machine, _ *call, base int) error {
	v, ok, err := m.one(base, "precision() is one item's")
	if err != nil || !ok {
		m.drop(base)
		return err
	}
	if d, isNum := v.Decimal(); isNum {
		return m.reply(base, IntegerOf(int64(places(d))))
	}
	t, isTime := v.temporal()
	if !isTime {
		return failf("numbers, dates and times have a precision, not a %s", describe(v))
	}
	n := digitsOf[t.precision]
	if t.kind == Time {
		n -= 8
	}
	return m.reply(base, IntegerOf(n))
}

// boundary is the first or last instant that the value may mean, to the precision asked for (the finest if
// negative). A missing offset may be any from UTC+14 to UTC-12.
func (t temporal) boundary(wanted int64, high bool) (temporal, bool) {
	finest := map[Kind]int64{Date: 8, DateTime: 17, Time: 9}[t.kind]
	if wanted < 0 {
		wanted = finest
	}
	if t.kind == Time {
		wanted += 8
	}
	var to precision
	for p, n := range digitsOf {
		if n == wanted {
			to = p
		}
	}
	if to == 0 || t.kind == Date && to > toDay || t.kind == Time && to < toHour {
		return t, false
	}
	if high {
		if t.precision < toMonth {
			t.month = 12
		}
		if t.precision < toDay {
			t.day = daysIn(t.year, t.month)
		}
		if t.precision < toHour {
			t.hour = 23
		}
		if t.precision < toMinute {
			t.minute = 59
		}
		if t.precision < toSecond {
			t.sec = 59
		}
		if t.precision < toFraction {
			t.nano = 999e6
		}
	}
	if t.precision < toFraction || t.fraction < 3 {
		t.fraction = 3
	}
	t.precision = to
	switch {
	case to < toHour:
		t.zoned, t.offset = false, 0
	case t.kind == DateTime && !t.zoned:
		t.zoned, t.offset = true, 14*60
		if high {
			t.offset = -12 * 60
		}
	}
	if to < toFraction {
		t.fraction, t.nano = 0, 0
	}
	return t, true
}
