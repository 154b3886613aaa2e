package path

import (
	"strings"

	"github.com/cockroachdb/apd/v3"

	"github.com/osler-ehr/osler/fhir"
)

// quantity is a System.Quantity: a number with a UCUM unit, a calendar duration or a private unit.
type quantity struct {
	value    *apd.Decimal
	unit     string
	calendar bool   // unit is year, month, week, day, hour, minute, second or millisecond
	private  string // the system of a unit that is not UCUM's; such units equal only themselves
}

const ucumSystem = "http://unitsofmeasure.org"

// calendarUnits are the words for calendar durations, singular and plural.
var calendarUnits = map[string]string{
	"year": "year", "years": "year", "month": "month", "months": "month", "week": "week", "weeks": "week",
	"day": "day", "days": "day", "hour": "hour", "hours": "hour", "minute": "minute", "minutes": "minute",
	"second": "second", "seconds": "second", "millisecond": "millisecond", "milliseconds": "millisecond",
}

// definite gives the UCUM unit of the calendar durations that always last equally long.
var definite = map[string]string{
	"week": "wk", "day": "d", "hour": "h", "minute": "min", "second": "s", "millisecond": "ms",
}

// String writes the quantity as a literal: 4 days, 10.1 'mg'.
func (q quantity) String() string {
	number := formatDecimal(q.value)
	if !q.calendar {
		return number + " '" + strings.ReplaceAll(q.unit, "'", `\'`) + "'"
	}
	if q.value.Cmp(apd.New(1, 0)) != 0 && q.value.Cmp(apd.New(-1, 0)) != 0 {
		return number + " " + q.unit + "s"
	}
	return number + " " + q.unit
}

func quantityValue(q quantity) Value { return Value{kind: Quantity, data: q} }

// quantity is the value of a Quantity: computed, or an element of a FHIR type that is a Quantity.
func (v Value) quantity() (quantity, bool) {
	if v.kind == Quantity {
		return v.data.(quantity), true
	}
	if v.kind != Complex || !v.typ.is(typeNamed("Quantity")) {
		return quantity{}, false
	}
	n := v.node
	if n.Get("value").Kind() != fhir.Number || n.Get("comparator").Exists() {
		return quantity{}, false
	}
	d, ok := parseDecimal(n.Get("value").Text())
	if !ok {
		return quantity{}, false
	}
	code, system := n.Get("code").Text(), n.Get("system").Text()
	switch {
	case code != "" && system == ucumSystem:
		return quantity{value: d, unit: code}, true
	case code != "":
		return quantity{value: d, unit: code, private: "|" + system}, true
	case n.Get("unit").Text() != "":
		return quantity{value: d, unit: n.Get("unit").Text(), private: "unit"}, true
	}
	return quantity{value: d, unit: "1"}, true
}

// toQuantity is implicit conversion: numbers count as quantities of unit '1'.
func (v Value) toQuantity() (quantity, bool) {
	if d, ok := v.Decimal(); ok {
		return quantity{value: d, unit: "1"}, true
	}
	return v.quantity()
}

// compare orders two quantities; known is false where their units do not convert into each other.
func (m *machine) compareQuantities(p, q quantity) (order int, known bool) {
	if p.unit == q.unit && p.calendar == q.calendar && p.private == q.private {
		return p.value.Cmp(q.value), true
	}
	if p.private != "" || q.private != "" {
		return 0, false
	}
	a, ua, okA := m.canonical(p)
	b, ub, okB := m.canonical(q)
	if !okA || !okB || ua != ub {
		return 0, false
	}
	return a.Cmp(b), true
}

// canonical expresses the quantity in base units. Years and months of the calendar are a kind of their
// own, because their length varies.
func (m *machine) canonical(q quantity) (*apd.Decimal, string, bool) {
	unit := q.unit
	if q.calendar {
		switch q.unit {
		case "year":
			var out apd.Decimal
			_, err := exact.Mul(&out, q.value, apd.New(12, 0))
			return &out, "calendar month", err == nil
		case "month":
			return q.value, "calendar month", true
		}
		unit = definite[q.unit]
	}
	factor, base, ok := m.units().Canonical(unit)
	if !ok {
		return nil, "", false
	}
	var out apd.Decimal
	cond, err := exact.Mul(&out, q.value, factor)
	d, ok := bound(&out, cond, err)
	return d, base, ok
}

func (m *machine) units() Units {
	if m.env.Units != nil {
		return m.env.Units
	}
	return basicUnits{}
}

// combine multiplies (sign 1) or divides (sign -1) quantities and their units.
func (m *machine) combineQuantities(p, q quantity, sign int) (quantity, bool) {
	if p.private != "" || q.private != "" || sign < 0 && q.value.IsZero() {
		return quantity{}, false
	}
	calc := func(x, y *apd.Decimal) (*apd.Decimal, bool) {
		if sign < 0 {
			return quotient(x, y)
		}
		return product(x, y)
	}
	if q.unit == "1" { // a plain number keeps the other's unit
		d, ok := calc(p.value, q.value)
		p.value = d
		return p, ok
	}
	if p.unit == "1" && sign > 0 {
		d, ok := calc(p.value, q.value)
		q.value = d
		return q, ok
	}
	a, ua, okA := m.canonical(p)
	b, ub, okB := m.canonical(q)
	if !okA || !okB {
		return quantity{}, false
	}
	d, ok := calc(a, b)
	if !ok {
		return quantity{}, false
	}
	_, dim, okA := parseUnit(ua)
	_, other, okB := parseUnit(ub)
	if !okA || !okB {
		return quantity{}, false
	}
	if dim == nil {
		dim = dimension{}
	}
	for base, e := range other {
		dim[base] += e * sign
	}
	return quantity{value: d, unit: dim.String()}, true
}

// parseQuantity reads what toQuantity() accepts: a number, then perhaps a unit in single quotes or the
// word for a calendar duration.
func parseQuantity(s string) (quantity, bool) {
	number, unit, spaced := strings.Cut(s, " ")
	if !isPlainNumber(number) {
		return quantity{}, false
	}
	d, ok := parseDecimal(number)
	if !ok {
		return quantity{}, false
	}
	unit = strings.TrimSpace(unit)
	switch {
	case !spaced:
		return quantity{value: d, unit: "1"}, true
	case len(unit) > 2 && unit[0] == '\'' && unit[len(unit)-1] == '\'':
		return quantityOf(d, unit[1:len(unit)-1]), true
	case calendarUnits[unit] != "":
		return quantity{value: d, unit: calendarUnits[unit], calendar: true}, true
	}
	return quantity{}, false
}

// quantityOf makes a quantity of a number and a unit in quotes; 'month' in quotes is the calendar's month.
func quantityOf(d *apd.Decimal, unit string) quantity {
	if word := calendarUnits[unit]; word != "" {
		return quantity{value: d, unit: word, calendar: true}
	}
	return quantity{value: d, unit: unit}
}
