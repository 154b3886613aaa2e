package path

import (
	"strings"

	"github.com/osler-ehr/osler/fhir"
)

// equality is = and !=.
type equality struct {
	operands
	negated bool
}

func (n *equality) eval(m *machine) error {
	base := len(m.stack)
	if err := n.left.eval(m); err != nil {
		return err
	}
	middle := len(m.stack)
	if err := n.right.eval(m); err != nil {
		return err
	}
	equal, known, err := m.equalCollections(m.stack[base:middle], m.stack[middle:])
	if err != nil {
		return placed(err, n.at)
	}
	if !known {
		return m.replyEmpty(base)
	}
	return m.replyBool(base, equal != n.negated)
}

// equalCollections compares item by item in order; nothing on either side gives nothing.
func (m *machine) equalCollections(a, b []Value) (equal, known bool, err error) {
	if len(a) == 0 || len(b) == 0 {
		return false, false, nil
	}
	if len(a) != len(b) {
		return false, true, nil
	}
	known = true
	for i := range a {
		if err := m.spend(1); err != nil {
			return false, false, err
		}
		same, sure := m.equal(a[i], b[i])
		if sure && !same {
			return false, true, nil
		}
		known = known && sure
	}
	return known, known, nil
}

// equal is = for two items. known is false where precision, a missing time zone or a unit leaves it open.
func (m *machine) equal(a, b Value) (equal, known bool) {
	if a.same(b) {
		return true, true
	}
	if a.fromDocument() && !a.HasValue() || b.fromDocument() && !b.HasValue() {
		if a.HasValue() || b.HasValue() {
			return false, true
		}
		return sameNodes(a.ext, b.ext), true
	}
	switch {
	case a.kind == String && b.kind == String:
		x, okX := a.Str()
		y, okY := b.Str()
		return okX && okY && x == y, true
	case a.kind == Boolean && b.kind == Boolean:
		x, okX := a.Bool()
		y, okY := b.Bool()
		return okX && okY && x == y, true
	case a.kind == TypeInfo || b.kind == TypeInfo:
		return a.kind == b.kind && a.data == b.data, true
	}
	if order, known, comparable := m.order(a, b); comparable {
		return order == 0, known
	}
	if a.kind == Complex && b.kind == Complex {
		return sameNodes(a.node, b.node), true
	}
	return false, true
}

// order compares values that have an order. comparable is false for others, and for values of kinds that do not
// compare with each other; known is false where the answer is open.
func (m *machine) order(a, b Value) (order int, known, comparable bool) {
	switch {
	case a.kind == Integer && b.kind == Integer:
		x, okX := a.Int()
		y, okY := b.Int()
		switch {
		case !okX || !okY:
			return 0, false, true
		case x < y:
			return -1, true, true
		case x > y:
			return 1, true, true
		}
		return 0, true, true
	case a.kind == String && b.kind == String:
		x, okX := a.Str()
		y, okY := b.Str()
		return strings.Compare(x, y), okX && okY, true
	case isNumber(a) && isNumber(b):
		x, okX := a.Decimal()
		y, okY := b.Decimal()
		if !okX || !okY {
			return 0, false, true
		}
		return x.Cmp(y), true, true
	case isTemporal(a) && isTemporal(b):
		if (a.kind == Time) != (b.kind == Time) {
			return 0, false, false
		}
		x, okX := a.temporal()
		y, okY := b.temporal()
		if !okX || !okY {
			return 0, false, true
		}
		order, known = x.compare(y)
		return order, known, true
	}
	if (isNumber(a) || isQuantity(a)) && (isNumber(b) || isQuantity(b)) {
		x, okX := a.toQuantity()
		y, okY := b.toQuantity()
		if !okX || !okY {
			return 0, false, a.kind != Complex || b.kind != Complex
		}
		order, known = m.compareQuantities(x, y)
		return order, known, true
	}
	return 0, false, false
}

func isNumber(v Value) bool   { return v.kind == Integer || v.kind == Decimal }
func isTemporal(v Value) bool { return v.kind == Date || v.kind == DateTime || v.kind == Time }
func isQuantity(v Value) bool {
	return v.kind == Quantity || v.kind == Complex && v.typ.is(quantityType())
}

func quantityType() *fhirType { return typeNamed("Quantity") }

// sameNodes reports whether two places of documents hold the same: numbers by their value, the properties
// of objects in any order.
func sameNodes(a, b fhir.Node) bool {
	if a.Kind() != b.Kind() {
		return false
	}
	switch a.Kind() {
	case fhir.Object:
		count := 0
		for c := range a.Children() {
			if !sameNodes(c, b.Get(c.Key())) {
				return false
			}
			count++
		}
		return count == b.Len()
	case fhir.Array:
		x, y := a.First(), b.First()
		for x.Exists() && y.Exists() {
			if !sameNodes(x, y) {
				return false
			}
			x, y = x.Sibling(a), y.Sibling(b)
		}
		return x.Exists() == y.Exists()
	case fhir.Number:
		if string(a.Raw()) == string(b.Raw()) {
			return true
		}
		x, okX := parseDecimal(a.Text())
		y, okY := parseDecimal(b.Text())
		return okX && okY && x.Cmp(y) == 0
	}
	return a.Text() == b.Text()
}

// comparison is < > <= >=.
type comparison struct {
	operands
	op string
}

func (n *comparison) eval(m *machine) error {
	l, r, ok, err := n.both(m)
	if err != nil || !ok {
		return err
	}
	order, known, comparable := m.order(l, r)
	if !comparable {
		return placed(failf("%s cannot be compared with %s", describe(l), describe(r)), n.at)
	}
	if !known {
		return nil
	}
	var holds bool
	switch n.op {
	case "<":
		holds = order < 0
	case ">":
		holds = order > 0
	case "<=":
		holds = order <= 0
	case ">=":
		holds = order >= 0
	}
	return m.push(boolValue(holds))
}

// describe names the type of a value for an error.
func describe(v Value) string {
	if v.kind == Complex {
		return v.TypeName()
	}
	return v.kind.String()
}
