package path

import (
	"math"

	"github.com/cockroachdb/apd/v3"
)

// arithmetic is + - * / div mod. Division by zero and overflow give nothing.
type arithmetic struct {
	operands
	op string
}

func (n *arithmetic) eval(m *machine) error {
	l, r, ok, err := n.both(m)
	if err != nil || !ok {
		return err
	}
	v, ok, err := m.calculate(n.op, l, r)
	if err != nil {
		return placed(err, n.at)
	}
	if !ok {
		return nil
	}
	return m.push(v)
}

func (m *machine) calculate(op string, l, r Value) (Value, bool, error) {
	switch {
	case l.kind == String && r.kind == String && op == "+":
		x, _ := l.Str()
		y, _ := r.Str()
		if err := m.sized(len(x) + len(y)); err != nil {
			return Value{}, false, err
		}
		return StringOf(x + y), true, nil
	case l.kind == Integer && r.kind == Integer && op != "/":
		x, okX := l.Int()
		y, okY := r.Int()
		if !okX || !okY {
			return Value{}, false, nil
		}
		v, ok := integerResult(op, x, y)
		return v, ok, nil
	case isNumber(l) && isNumber(r):
		x, okX := l.Decimal()
		y, okY := r.Decimal()
		if !okX || !okY {
			return Value{}, false, nil
		}
		v, ok := decimalResult(op, x, y)
		return v, ok, nil
	case isTemporal(l) && isQuantity(r) && (op == "+" || op == "-"):
		t, okT := l.temporal()
		q, okQ := r.quantity()
		if !okT || !okQ {
			return Value{}, false, nil
		}
		if op == "-" {
			q.value = negated(q.value)
		}
		t, ok, err := t.add(q)
		return Value{kind: t.kind, data: t}, ok, err
	case (isQuantity(l) || isQuantity(r)) && (isNumber(l) || isQuantity(l)) && (isNumber(r) || isQuantity(r)):
		return m.quantityResult(op, l, r)
	}
	return Value{}, false, failf("the operator %s does not work on %s and %s", op, describe(l), describe(r))
}

func integerResult(op string, x, y int64) (Value, bool) {
	var z int64
	switch op {
	case "+":
		z = x + y
	case "-":
		z = x - y
	case "*":
		if x > math.MaxInt32 || x < math.MinInt32 || y > math.MaxInt32 || y < math.MinInt32 {
			return Value{}, false
		}
		z = x * y
	case "div":
		if y == 0 {
			return Value{}, false
		}
		z = x / y
	case "mod":
		if y == 0 {
			return Value{}, false
		}
		z = x % y
	}
	return IntegerOf(z), z >= minInteger && z <= maxInteger
}

func decimalResult(op string, x, y *apd.Decimal) (Value, bool) {
	var z *apd.Decimal
	var ok bool
	switch op {
	case "+":
		z, ok = sum(x, y)
	case "-":
		z, ok = sum(x, negated(y))
	case "*":
		z, ok = product(x, y)
	case "/":
		z, ok = quotient(x, y)
	case "div":
		if y.IsZero() {
			return Value{}, false
		}
		var d apd.Decimal
		cond, err := exact.QuoInteger(&d, x, y)
		if z, ok = bound(&d, cond, err); !ok {
			return Value{}, false
		}
		i, fits := whole(z)
		return IntegerOf(i), fits
	case "mod":
		if y.IsZero() {
			return Value{}, false
		}
		var d apd.Decimal
		cond, err := exact.Rem(&d, x, y)
		z, ok = bound(&d, cond, err)
	}
	if !ok {
		return Value{}, false
	}
	return DecimalOf(z), true
}

func (m *machine) quantityResult(op string, l, r Value) (Value, bool, error) {
	x, okX := l.toQuantity()
	y, okY := r.toQuantity()
	if !okX || !okY {
		return Value{}, false, nil
	}
	switch op {
	case "*", "/":
		sign := 1
		if op == "/" {
			sign = -1
		}
		q, ok := m.combineQuantities(x, y, sign)
		return quantityValue(q), ok, nil
	case "+", "-":
		if op == "-" {
			y.value = negated(y.value)
		}
		if x.unit == y.unit && x.private == y.private && x.calendar == y.calendar {
			d, ok := sum(x.value, y.value)
			x.value = d
			return quantityValue(x), ok, nil
		}
		return m.addConverted(x, y)
	}
	return Value{}, false, failf("the operator %s does not work on quantities", op)
}

// addConverted adds quantities of different units, in the unit of the left one.
func (m *machine) addConverted(x, y quantity) (Value, bool, error) {
	if x.private != "" || y.private != "" {
		return Value{}, false, nil
	}
	a, ua, okA := m.canonical(x)
	b, ub, okB := m.canonical(y)
	factor, _, okF := m.canonical(quantity{value: apd.New(1, 0), unit: x.unit, calendar: x.calendar})
	if !okA || !okB || !okF || ua != ub {
		return Value{}, false, nil
	}
	total, ok := sum(a, b)
	if !ok {
		return Value{}, false, nil
	}
	d, ok := quotient(total, factor)
	x.value = d
	return quantityValue(x), ok, nil
}

func sum(x, y *apd.Decimal) (*apd.Decimal, bool) {
	var d apd.Decimal
	cond, err := exact.Add(&d, x, y)
	return bound(&d, cond, err)
}

func product(x, y *apd.Decimal) (*apd.Decimal, bool) {
	var d apd.Decimal
	cond, err := exact.Mul(&d, x, y)
	return bound(&d, cond, err)
}

// quotient has 28 significant digits, or fewer where the division ends.
func quotient(x, y *apd.Decimal) (*apd.Decimal, bool) {
	if y.IsZero() {
		return nil, false
	}
	var d apd.Decimal
	cond, err := working.Quo(&d, x, y)
	q, ok := bound(&d, cond, err)
	if !ok {
		return nil, false
	}
	return reduced(q), true
}

func negated(x *apd.Decimal) *apd.Decimal {
	var d apd.Decimal
	d.Neg(x)
	return &d
}

// sign is a + or - before an expression.
type sign struct {
	x        node
	negative bool
	at       int
}

func (n *sign) eval(m *machine) error {
	v, ok, err := m.single(n.x)
	if err != nil {
		return placed(err, n.at)
	}
	if !ok {
		return nil
	}
	if q, isQ := v.quantity(); isQ {
		if n.negative {
			q.value = negated(q.value)
		}
		return m.push(quantityValue(q))
	}
	if !isNumber(v) {
		return placed(failf("a sign stands before numbers and quantities, not before a %s; put parentheses: (-1).abs()", describe(v)), n.at)
	}
	if !n.negative {
		return m.push(v)
	}
	if i, isInt := v.Int(); isInt {
		return m.push(IntegerOf(-i))
	}
	d, ok := v.Decimal()
	if !ok {
		return nil
	}
	return m.push(DecimalOf(negated(d)))
}
