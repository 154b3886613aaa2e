package path

import (
	"strings"
	"unicode"

	"github.com/cockroachdb/apd/v3"

	"github.com/osler-ehr/osler/fhir"
)

// equivalence is ~ and !~.
type equivalence struct {
	operands
	negated bool
}

func (n *equivalence) eval(m *machine) error {
	base := len(m.stack)
	if err := n.left.eval(m); err != nil {
		return err
	}
	middle := len(m.stack)
	if err := n.right.eval(m); err != nil {
		return err
	}
	a, b := m.stack[base:middle], m.stack[middle:]
	same := len(a) == len(b)
	if same {
		var err error
		if same, err = m.matchAll(a, b); err != nil {
			return placed(err, n.at)
		}
	}
	return m.replyBool(base, same != n.negated)
}

// matchAll pairs every item of a with one of b, in any order.
func (m *machine) matchAll(a, b []Value) (bool, error) {
	taken := make([]bool, len(b))
next:
	for _, v := range a {
		for i, w := range b {
			if err := m.spend(1); err != nil {
				return false, err
			}
			if !taken[i] && m.equivalent(v, w) {
				taken[i] = true
				continue next
			}
		}
		return false, nil
	}
	return true, nil
}

// equivalent is ~ for two items: strings without regard to case and white space, decimals to the lesser
// precision, dates only at the same precision.
func (m *machine) equivalent(a, b Value) bool {
	if a.same(b) {
		return true
	}
	switch {
	case a.kind == String && b.kind == String:
		x, okX := a.Str()
		y, okY := b.Str()
		return okX && okY && foldText(x) == foldText(y)
	case isNumber(a) && isNumber(b):
		x, okX := a.Decimal()
		y, okY := b.Decimal()
		return okX && okY && equivalentDecimals(x, y)
	case isTemporal(a) && isTemporal(b):
		order, known, comparable := m.order(a, b)
		return comparable && known && order == 0
	case isQuantity(a) && isQuantity(b):
		x, okX := a.quantity()
		y, okY := b.quantity()
		if okX && okY {
			return m.equivalentQuantities(x, y)
		}
	}
	if a.kind == Complex && b.kind == Complex {
		return equivalentNodes(a.node, b.node)
	}
	equal, known := m.equal(a, b)
	return known && equal
}

// foldText lowers the case and makes every run of white space one blank.
func foldText(s string) string {
	return strings.Join(strings.FieldsFunc(strings.ToLower(s), unicode.IsSpace), " ")
}

func equivalentDecimals(x, y *apd.Decimal) bool {
	x, y = reduced(x), reduced(y)
	n := min(places(x), places(y))
	return rescale(x, n).Cmp(rescale(y, n)) == 0
}

// equivalentQuantities compares in the unit of the left side, to the lesser precision.
func (m *machine) equivalentQuantities(x, y quantity) bool {
	if x.unit == y.unit && x.private == y.private {
		return equivalentDecimals(x.value, y.value)
	}
	if x.private != "" || y.private != "" {
		return false
	}
	x, y = looseCalendar(x), looseCalendar(y)
	a, ua, okA := m.canonical(x)
	b, ub, okB := m.canonical(y)
	if !okA || !okB || ua != ub {
		return false
	}
	// Bring both to the coarser unit, so that 4 'g' and 4040 'mg' compare as 4 and 4.040.
	factor, _, okF := m.canonical(quantity{value: apd.New(1, 0), unit: coarser(m, x, y).unit, calendar: coarser(m, x, y).calendar})
	if !okF {
		return a.Cmp(b) == 0
	}
	p, okP := quotient(a, factor)
	q, okQ := quotient(b, factor)
	return okP && okQ && equivalentDecimals(p, q)
}

// looseCalendar lets equivalence take a year for 'a' and a month for 'mo'.
func looseCalendar(q quantity) quantity {
	if q.calendar {
		switch q.unit {
		case "year":
			return quantity{value: q.value, unit: "a"}
		case "month":
			return quantity{value: q.value, unit: "mo"}
		}
	}
	return q
}

func coarser(m *machine, x, y quantity) quantity {
	one := apd.New(1, 0)
	p, _, okP := m.canonical(quantity{value: one, unit: x.unit, calendar: x.calendar})
	q, _, okQ := m.canonical(quantity{value: one, unit: y.unit, calendar: y.calendar})
	if okP && okQ && q.Cmp(p) > 0 {
		return y
	}
	return x
}

// equivalentNodes compares elements with children: strings loosely, arrays in any order, ids aside.
func equivalentNodes(a, b fhir.Node) bool {
	if a.Kind() != b.Kind() {
		return false
	}
	switch a.Kind() {
	case fhir.Object:
		for c := range a.Children() {
			if c.Key() != "id" && !equivalentNodes(c, b.Get(c.Key())) {
				return false
			}
		}
		for c := range b.Children() {
			if c.Key() != "id" && !a.Get(c.Key()).Exists() {
				return false
			}
		}
		return true
	case fhir.Array:
		if a.Len() != b.Len() {
			return false
		}
		taken := make([]bool, b.Len())
	next:
		for x := range a.Children() {
			i := 0
			for y := range b.Children() {
				if !taken[i] && equivalentNodes(x, y) {
					taken[i] = true
					continue next
				}
				i++
			}
			return false
		}
		return true
	case fhir.String:
		return foldText(a.Text()) == foldText(b.Text())
	case fhir.Number:
		x, okX := parseDecimal(a.Text())
		y, okY := parseDecimal(b.Text())
		return okX && okY && equivalentDecimals(x, y)
	}
	return a.Text() == b.Text()
}
