package path

// binary makes the node of an operator between two expressions.
func binary(op string, left, right node, at int) node {
	b := operands{left, right, at}
	switch op {
	case "and", "or", "xor", "implies":
		return &logic{b, op}
	case "=", "!=":
		return &equality{b, op == "!="}
	case "~", "!~":
		return &equivalence{b, op == "!~"}
	case "<", ">", "<=", ">=":
		return &comparison{b, op}
	case "|":
		return &union{b}
	case "in":
		return &membership{b, false}
	case "contains":
		return &membership{operands{right, left, at}, true}
	case "&":
		return &concatenation{b}
	}
	return &arithmetic{b, op}
}

type operands struct {
	left, right node
	at          int
}

// both evaluates the two sides as single items; ok is false when one of them is nothing.
func (b *operands) both(m *machine) (l, r Value, ok bool, err error) {
	l, okL, err := m.single(b.left)
	if err != nil {
		return l, r, false, placed(err, b.at)
	}
	r, okR, err := m.single(b.right)
	if err != nil {
		return l, r, false, placed(err, b.at)
	}
	return l, r, okL && okR, nil
}

// logic is and, or, xor and implies, in three values: true, false and nothing.
type logic struct {
	operands
	op string
}

func (n *logic) eval(m *machine) error {
	l, knownL, err := m.condition(n.left)
	if err != nil {
		return placed(err, n.at)
	}
	switch { // what the left side decides alone
	case n.op == "and" && knownL && !l:
		return m.push(boolValue(false))
	case n.op == "or" && knownL && l, n.op == "implies" && knownL && !l:
		return m.push(boolValue(true))
	case n.op == "xor" && !knownL:
		return nil
	}
	r, knownR, err := m.condition(n.right)
	if err != nil {
		return placed(err, n.at)
	}
	switch n.op {
	case "and":
		if knownR && !r {
			return m.push(boolValue(false))
		}
	case "or", "implies":
		if knownR && r {
			return m.push(boolValue(true))
		}
	case "xor":
		if knownR {
			return m.push(boolValue(l != r))
		}
		return nil
	}
	if knownL && knownR { // and: both true; or: both false; implies: true, then false
		return m.push(boolValue(n.op == "and"))
	}
	return nil
}

// union is |: both collections without duplicates.
type union struct{ operands }

func (n *union) eval(m *machine) error {
	base := len(m.stack)
	if err := n.left.eval(m); err != nil {
		return err
	}
	if err := n.right.eval(m); err != nil {
		return err
	}
	return placed(m.distinct(base), n.at)
}

// membership is in; contains comes with its sides swapped.
type membership struct {
	operands
	contains bool
}

func (n *membership) eval(m *machine) error {
	item, ok, err := m.single(n.left)
	if err != nil {
		return placed(err, n.at)
	}
	if !ok {
		return nil
	}
	base := len(m.stack)
	if err := n.right.eval(m); err != nil {
		return err
	}
	found, err := m.contains(m.from(base), item)
	if err != nil {
		return placed(err, n.at)
	}
	return m.replyBool(base, found)
}

// contains reports whether vs holds an item equal to v.
func (m *machine) contains(vs []Value, v Value) (bool, error) {
	for _, w := range vs {
		if err := m.spend(1); err != nil {
			return false, err
		}
		if equal, known := m.equal(v, w); known && equal {
			return true, nil
		}
	}
	return false, nil
}

// concatenation is &: strings joined, nothing counting as the empty string.
type concatenation struct{ operands }

func (n *concatenation) eval(m *machine) error {
	l, _, err := m.single(n.left)
	if err != nil {
		return placed(err, n.at)
	}
	r, _, err := m.single(n.right)
	if err != nil {
		return placed(err, n.at)
	}
	var text string
	for _, v := range [...]Value{l, r} {
		if v == (Value{}) || !v.HasValue() {
			continue
		}
		s, ok := v.Str()
		if !ok {
			return placed(failf("& joins strings; here stands a %s; use toString()", v.kind), n.at)
		}
		text += s
	}
	if err := m.sized(len(text)); err != nil {
		return placed(err, n.at)
	}
	return m.push(StringOf(text))
}
