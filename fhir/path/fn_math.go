package path

import (
	"github.com/cockroachdb/apd/v3"
)

// mathFunctions work on one number. Results that do not exist, such as the root of -1, are nothing.
var mathFunctions = map[string]*function{
	"abs": {eval: numeric(func(d *apd.Decimal, integer bool) (Value, bool) {
		var out apd.Decimal
		out.Abs(d)
		return like(&out, integer), true
	})},
	"ceiling":  {eval: numeric(integral(exact.Ceil))},
	"floor":    {eval: numeric(integral(exact.Floor))},
	"truncate": {eval: numeric(integral(func(out, d *apd.Decimal) (apd.Condition, error) { *out = *truncated(d, 0); return 0, nil }))},
	"exp":      {eval: numeric(inexact(working.Exp))},
	"ln":       {eval: numeric(inexact(working.Ln))},
	"sqrt":     {eval: numeric(inexact(working.Sqrt))},
	"log":      {min: 1, max: 1, eval: withNumber(logarithm)},
	"power":    {min: 1, max: 1, eval: withNumber(power)},
	"round":    {max: 1, eval: round},
}

// like makes an Integer where the input was one.
func like(d *apd.Decimal, integer bool) Value {
	if integer {
		if i, ok := whole(d); ok {
			return IntegerOf(i)
		}
	}
	return DecimalOf(d)
}

// inputNumber is the one number that a function works on.
func (m *machine) inputNumber(base int) (d *apd.Decimal, integer, ok bool, err error) {
	v, ok, err := m.one(base, "this function works on one number")
	if err != nil || !ok {
		return nil, false, false, err
	}
	if !isNumber(v) {
		return nil, false, false, failf("this function works on a number, not on a %s", describe(v))
	}
	d, ok = v.Decimal()
	return d, v.kind == Integer, ok, nil
}

func numeric(f func(d *apd.Decimal, integer bool) (Value, bool)) func(*machine, *call, int) error {
	return func(m *machine, c *call, base int) error {
		if q, unit, isQuantity := m.inputQuantity(base, c.name); isQuantity {
			v, ok := f(q, false)
			if !ok {
				return m.replyEmpty(base)
			}
			d, _ := v.Decimal()
			unit.value = d
			return m.reply(base, quantityValue(unit))
		}
		d, integer, ok, err := m.inputNumber(base)
		if err != nil || !ok {
			m.drop(base)
			return err
		}
		if err := m.spend(100); err != nil { // long decimals make these dear
			return err
		}
		v, ok := f(d, integer)
		if !ok {
			return m.replyEmpty(base)
		}
		return m.reply(base, v)
	}
}

// inputQuantity is the input of the functions that work on quantities too.
func (m *machine) inputQuantity(base int, name string) (*apd.Decimal, quantity, bool) {
	switch name {
	case "abs", "ceiling", "floor", "truncate":
	default:
		return nil, quantity{}, false
	}
	if len(m.stack)-base != 1 {
		return nil, quantity{}, false
	}
	q, ok := m.stack[base].quantity()
	return q.value, q, ok
}

func integral(f func(out, d *apd.Decimal) (apd.Condition, error)) func(*apd.Decimal, bool) (Value, bool) {
	return func(d *apd.Decimal, _ bool) (Value, bool) {
		var out apd.Decimal
		cond, err := f(&out, d)
		r, ok := bound(&out, cond, err)
		if !ok {
			return Value{}, false
		}
		i, ok := whole(r)
		return IntegerOf(i), ok
	}
}

func inexact(f func(out, d *apd.Decimal) (apd.Condition, error)) func(*apd.Decimal, bool) (Value, bool) {
	return func(d *apd.Decimal, _ bool) (Value, bool) {
		if d.Exponent+int32(d.NumDigits()) > 40 { // exp(10^40) and the like have no use and no end
			return Value{}, false
		}
		var out apd.Decimal
		cond, err := f(&out, d)
		r, ok := bound(&out, cond, err)
		if !ok {
			return Value{}, false
		}
		return DecimalOf(reduced(r)), true
	}
}

// withNumber makes a function of a number and a numeric argument.
func withNumber(f func(d, arg *apd.Decimal, integers bool) (Value, bool)) func(*machine, *call, int) error {
	return func(m *machine, c *call, base int) error {
		d, integer, ok, err := m.inputNumber(base)
		if err != nil || !ok {
			m.drop(base)
			return err
		}
		v, given, err := m.single(c.args[0])
		if err != nil {
			return err
		}
		if given && !isNumber(v) {
			return failf("the argument is a number, not a %s", describe(v))
		}
		arg, isNum := v.Decimal()
		if !given || !isNum {
			return m.replyEmpty(base)
		}
		if err := m.spend(200); err != nil {
			return err
		}
		out, ok := f(d, arg, integer && v.kind == Integer)
		if !ok {
			return m.replyEmpty(base)
		}
		return m.reply(base, out)
	}
}

func logarithm(d, base *apd.Decimal, _ bool) (Value, bool) {
	var x, y, out apd.Decimal
	if d.Sign() <= 0 || base.Sign() <= 0 {
		return Value{}, false
	}
	guarded := apd.BaseContext.WithPrecision(34) // more digits, so that log of 100 to 10 is 2
	if _, err := guarded.Ln(&x, d); err != nil {
		return Value{}, false
	}
	if _, err := guarded.Ln(&y, base); err != nil || y.IsZero() {
		return Value{}, false
	}
	cond, err := working.Quo(&out, &x, &y)
	r, ok := bound(&out, cond, err)
	if !ok {
		return Value{}, false
	}
	return DecimalOf(reduced(r)), true
}

func power(d, exponent *apd.Decimal, integers bool) (Value, bool) {
	n, isWhole := whole(exponent)
	if d.Sign() < 0 && !isWhole || d.IsZero() && exponent.Sign() < 0 {
		return Value{}, false
	}
	if isWhole && n >= 0 && n <= 10000 { // exact, by squaring
		out, square := apd.New(1, 0), d
		for ok := true; n > 0; n >>= 1 {
			if n&1 == 1 {
				if out, ok = product(out, square); !ok {
					return Value{}, false
				}
			}
			if n > 1 {
				if square, ok = product(square, square); !ok {
					return Value{}, false
				}
			}
		}
		if integers {
			i, ok := whole(out)
			return IntegerOf(i), ok
		}
		return DecimalOf(out), true
	}
	if exponent.Exponent+int32(exponent.NumDigits()) > 6 {
		return Value{}, false
	}
	var out apd.Decimal
	cond, err := working.Pow(&out, d, exponent)
	r, ok := bound(&out, cond, err)
	if !ok {
		return Value{}, false
	}
	return DecimalOf(reduced(r)), true
}

func round(m *machine, c *call, base int) error {
	places := int64(0)
	if len(c.args) > 0 {
		v, given, err := m.single(c.args[0])
		if err != nil {
			return err
		}
		n, isInt := v.Int()
		if given && (!isInt || n < 0) {
			return failf("round() takes the number of decimal places, an Integer from 0 up")
		}
		places = min(n, maxDigits)
	}
	d, integer, ok, err := m.inputNumber(base)
	if err != nil || !ok {
		m.drop(base)
		return err
	}
	return m.reply(base, like(rescale(d, int(places)), integer))
}
