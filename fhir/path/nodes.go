package path

import (
	"errors"
	"strconv"
)

// node is a compiled expression.
type node interface {
	// eval pushes the values of the expression.
	eval(m *machine) error
}

// placed gives an error that knows no place yet the offset it comes from.
func placed(err error, offset int) error {
	var own *Error
	if errors.As(err, &own) && own.Offset < 0 {
		own.Offset = offset
	}
	return err
}

// constant is a literal, or the empty collection.
type constant struct{ values []Value }

func literal(vs ...Value) node { return &constant{vs} }

func (n *constant) eval(m *machine) error { return m.pushAll(n.values) }

// group is an expression in parentheses. The static check needs to see them.
type group struct{ x node }

func (n *group) eval(m *machine) error { return n.x.eval(m) }

type thisNode struct{}

func (thisNode) eval(m *machine) error {
	if !m.hasThis {
		return nil
	}
	return m.push(m.this)
}

type indexNode struct{}

func (indexNode) eval(m *machine) error { return m.push(IntegerOf(int64(m.index))) }

type totalNode struct{}

func (totalNode) eval(m *machine) error { return m.pushAll(m.total) }

func variable(name string) node {
	switch name {
	case "$index":
		return indexNode{}
	case "$total":
		return totalNode{}
	}
	return thisNode{}
}

// start is a name at the beginning of a path: a child of $this, or the type of $this itself.
type start struct {
	name string
	typ  *fhirType // of the name, if it is one
	at   int
}

func newStart(name string, at int) *start {
	n := &start{name: name, at: at}
	if name != "" && name[0] >= 'A' && name[0] <= 'Z' {
		n.typ = typeNamed(name)
	}
	return n
}

func (n *start) eval(m *machine) error {
	if !m.hasThis {
		return nil
	}
	if n.typ != nil && m.this.typ.is(n.typ) {
		return m.push(m.this)
	}
	return m.pushChild(m.this, n.name)
}

// member is .name
type member struct {
	left node
	name string
	at   int
}

func (n *member) eval(m *machine) error {
	base := len(m.stack)
	if err := n.left.eval(m); err != nil {
		return err
	}
	count := len(m.stack) - base
	for i := range count {
		if err := m.pushChild(m.stack[base+i], n.name); err != nil {
			return placed(err, n.at)
		}
	}
	m.keep(base, count)
	return nil
}

// indexer is [n]
type indexer struct {
	left, index node
	at          int
}

func (n *indexer) eval(m *machine) error {
	base := len(m.stack)
	if err := n.left.eval(m); err != nil {
		return err
	}
	v, ok, err := m.single(n.index)
	if err != nil {
		return placed(err, n.at)
	}
	i, isInt := v.Int()
	if ok && !isInt {
		return placed(failf("an index is an integer, not a %s", v.kind), n.at)
	}
	if !ok || i < 0 || i >= int64(len(m.stack)-base) {
		return m.replyEmpty(base)
	}
	return m.reply(base, m.stack[base+int(i)])
}

// call is a function call, on left or, where left is nil, on $this.
type call struct {
	left node
	name string
	f    *function
	args []node
	spec *typeSpec // for functions whose argument is a type
	data any       // what prepare made
	at   int
}

func (n *call) eval(m *machine) error {
	base := len(m.stack)
	switch {
	case n.left != nil:
		if err := n.left.eval(m); err != nil {
			return err
		}
	case m.hasThis:
		if err := m.push(m.this); err != nil {
			return err
		}
	}
	if err := m.spend(1); err != nil {
		return err
	}
	return placed(n.f.eval(m, n, base), n.at)
}

// function is one function of the language. eval finds its input on the stack from base and replaces it
// by the result.
type function struct {
	min, max     int
	eval         func(m *machine, c *call, base int) error
	typeArgument bool                // the argument names a type
	prepare      func(c *call) error // done once, when the expression is compiled
}

func (f *function) arity() string {
	switch {
	case f.max == 0:
		return "no arguments"
	case f.min == f.max && f.min == 1:
		return "1 argument"
	case f.min == f.max:
		return strconv.Itoa(f.min) + " arguments"
	case f.max >= unlimited:
		return "at least " + strconv.Itoa(f.min) + " arguments"
	}
	return strconv.Itoa(f.min) + " to " + strconv.Itoa(f.max) + " arguments"
}

// unlimited as a function's max lets it take any number of arguments.
const unlimited = 1 << 20

// functions are all functions by name, family by family.
var functions = family(
	existenceFunctions, filterFunctions, subsetFunctions, combineFunctions, conversionFunctions,
	stringFunctions, mathFunctions, treeFunctions, utilityFunctions, boundaryFunctions, typeFunctions, fhirFunctions, keyFunctions,
)

func family(groups ...map[string]*function) map[string]*function {
	all := map[string]*function{}
	for _, g := range groups {
		for name, f := range g {
			all[name] = f
		}
	}
	return all
}
