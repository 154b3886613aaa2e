package path

import (
	"strings"
)

// conversionFunctions convert between the language's own types, and iif.
var conversionFunctions = map[string]*function{
	"toBoolean": {eval: convert(toBoolean)}, "convertsToBoolean": {eval: converts(toBoolean)},
	"toInteger": {eval: convert(toInteger)}, "convertsToInteger": {eval: converts(toInteger)},
	"toDecimal": {eval: convert(toDecimal)}, "convertsToDecimal": {eval: converts(toDecimal)},
	"toString": {eval: convert(toText)}, "convertsToString": {eval: converts(toText)},
	"toDate": {eval: convert(toDate)}, "convertsToDate": {eval: converts(toDate)},
	"toDateTime": {eval: convert(toDateTime)}, "convertsToDateTime": {eval: converts(toDateTime)},
	"toTime": {eval: convert(toTime)}, "convertsToTime": {eval: converts(toTime)},
	"toQuantity":         {max: 1, eval: func(m *machine, c *call, base int) error { return quantityConversion(m, c, base, false) }},
	"convertsToQuantity": {max: 1, eval: func(m *machine, c *call, base int) error { return quantityConversion(m, c, base, true) }},
	"iif":                {min: 2, max: 3, eval: iif},
}

type conversion func(Value) (Value, bool)

func convert(to conversion) func(*machine, *call, int) error {
	return func(m *machine, c *call, base int) error {
		v, ok, err := m.one(base, "a conversion takes one item")
		if err != nil {
			return err
		}
		if ok {
			v, ok = to(v)
		}
		if !ok {
			return m.replyEmpty(base)
		}
		return m.reply(base, v)
	}
}

func converts(to conversion) func(*machine, *call, int) error {
	return func(m *machine, c *call, base int) error {
		v, ok, err := m.one(base, "a conversion takes one item")
		if err != nil || !ok {
			m.drop(base)
			return err
		}
		_, ok = to(v)
		return m.replyBool(base, ok)
	}
}

func toBoolean(v Value) (Value, bool) {
	switch v.kind {
	case Boolean:
		b, ok := v.Bool()
		return boolValue(b), ok
	case Integer, Decimal:
		d, ok := v.Decimal()
		if !ok {
			return Value{}, false
		}
		switch i, isWhole := whole(d); {
		case isWhole && i == 1:
			return boolValue(true), true
		case isWhole && i == 0:
			return boolValue(false), true
		}
	case String:
		s, _ := v.Str()
		switch strings.ToLower(s) {
		case "true", "t", "yes", "y", "1", "1.0":
			return boolValue(true), true
		case "false", "f", "no", "n", "0", "0.0":
			return boolValue(false), true
		}
	}
	return Value{}, false
}

func toInteger(v Value) (Value, bool) {
	switch v.kind {
	case Integer:
		i, ok := v.Int()
		return IntegerOf(i), ok
	case Boolean:
		b, ok := v.Bool()
		if b {
			return IntegerOf(1), ok
		}
		return IntegerOf(0), ok
	case String:
		s, _ := v.Str()
		if !isPlainNumber(s) || strings.Contains(s, ".") {
			return Value{}, false
		}
		d, ok := parseDecimal(s)
		if !ok {
			return Value{}, false
		}
		i, ok := whole(d)
		return IntegerOf(i), ok
	}
	return Value{}, false
}

func toDecimal(v Value) (Value, bool) {
	switch v.kind {
	case Integer, Decimal:
		d, ok := v.Decimal()
		return DecimalOf(d), ok
	case Boolean:
		if b, _ := v.Bool(); b {
			d, ok := parseDecimal("1.0")
			return DecimalOf(d), ok
		}
		d, ok := parseDecimal("0.0")
		return DecimalOf(d), ok
	case String:
		s, _ := v.Str()
		if !isPlainNumber(s) {
			return Value{}, false
		}
		d, ok := parseDecimal(s)
		return DecimalOf(d), ok
	}
	return Value{}, false
}

func toText(v Value) (Value, bool) {
	if v.kind == TypeInfo {
		return Value{}, false
	}
	s, ok := v.text()
	return StringOf(s), ok
}

func toDate(v Value) (Value, bool) {
	switch v.kind {
	case Date, DateTime:
		t, ok := v.temporal()
		if !ok {
			return Value{}, false
		}
		return temporalValue(t.date()), true
	case String:
		s, _ := v.Str()
		if t, ok := parseTemporal(DateTime, s); ok {
			return temporalValue(t.date()), true
		}
	}
	return Value{}, false
}

// date is the day of a DateTime.
func (t temporal) date() temporal {
	return temporal{kind: Date, precision: min(t.precision, toDay), year: t.year, month: t.month, day: t.day}
}

func temporalValue(t temporal) Value { return Value{kind: t.kind, data: t} }

func toDateTime(v Value) (Value, bool) {
	switch v.kind {
	case Date, DateTime:
		t, ok := v.temporal()
		t.kind = DateTime
		return temporalValue(t), ok
	case String:
		s, _ := v.Str()
		t, ok := parseTemporal(DateTime, s)
		return temporalValue(t), ok
	}
	return Value{}, false
}

func toTime(v Value) (Value, bool) {
	switch v.kind {
	case Time:
		t, ok := v.temporal()
		return temporalValue(t), ok
	case String:
		s, _ := v.Str()
		t, ok := parseTemporal(Time, strings.TrimPrefix(s, "T"))
		return temporalValue(t), ok
	}
	return Value{}, false
}

func toQuantity(v Value) (Value, bool) {
	switch v.kind {
	case Boolean:
		d, ok := toDecimal(v)
		if !ok {
			return Value{}, false
		}
		return toQuantity(d)
	case String:
		s, _ := v.Str()
		q, ok := parseQuantity(s)
		return quantityValue(q), ok
	}
	q, ok := v.toQuantity()
	return quantityValue(q), ok
}

// quantityConversion is toQuantity(unit?) and convertsToQuantity(unit?).
func quantityConversion(m *machine, c *call, base int, ask bool) error {
	v, ok, err := m.one(base, "a conversion takes one item")
	if err != nil {
		return err
	}
	if !ok {
		return m.replyEmpty(base)
	}
	v, ok = toQuantity(v)
	if ok && len(c.args) > 0 {
		unit, given, err := m.single(c.args[0])
		if err != nil {
			return err
		}
		if s, isString := unit.Str(); given && isString {
			v, ok = m.inUnit(v, s)
		} else if given {
			return failf("the unit is a String, not a %s", describe(unit))
		}
	}
	if ask {
		return m.replyBool(base, ok)
	}
	if !ok {
		return m.replyEmpty(base)
	}
	return m.reply(base, v)
}

// inUnit converts a quantity to the unit.
func (m *machine) inUnit(v Value, unit string) (Value, bool) {
	q, _ := v.quantity()
	one, _ := parseDecimal("1")
	target := quantityOf(one, unit)
	if q.unit == target.unit && q.calendar == target.calendar {
		return v, true
	}
	a, ua, okA := m.canonical(q)
	b, ub, okB := m.canonical(target)
	if !okA || !okB || ua != ub || q.private != "" {
		return Value{}, false
	}
	d, ok := quotient(a, b)
	target.value = d
	return quantityValue(target), ok
}

// iif evaluates only the branch that the condition chooses. Inside, $this is the input, if there is one.
func iif(m *machine, c *call, base int) error {
	input, hasInput := m.this, m.hasThis
	if c.left != nil {
		v, _, err := m.one(base, "iif() takes one item or none")
		if err != nil {
			return err
		}
		input, hasInput = v, len(m.stack) > base
	}
	m.drop(base)
	this, has := m.this, m.hasThis
	m.this, m.hasThis = input, hasInput
	defer func() { m.this, m.hasThis = this, has }()
	holds, known, err := m.condition(c.args[0])
	if err != nil {
		return err
	}
	if holds && known {
		return c.args[1].eval(m)
	}
	if len(c.args) > 2 {
		return c.args[2].eval(m)
	}
	return nil
}
