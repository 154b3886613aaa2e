package path

import (
	"errors"
	"sync"
)

// machine evaluates one expression once. Every node of the expression pushes its result on the stack, so
// that an evaluation allocates little; whoever called a node knows where its results begin.
type machine struct {
	env     *Env
	stack   []Value
	this    Value // $this
	hasThis bool
	index   int     // $index
	total   []Value // $total
	context Value   // where the evaluation started
	left    int     // steps that may still be taken
}

var errSteps = errors.New("steps")

var machines = sync.Pool{New: func() any { return &machine{stack: make([]Value, 0, 32)} }}

// maxItems bounds how many values may be alive at a time.
const maxItems = 500_000

func (m *machine) push(v Value) error {
	if len(m.stack) >= maxItems {
		return failf("the expression collects more than %d values; narrow it", maxItems)
	}
	m.stack = append(m.stack, v)
	return m.spend(1)
}

func (m *machine) pushAll(vs []Value) error {
	for _, v := range vs {
		if err := m.push(v); err != nil {
			return err
		}
	}
	return nil
}

// spend takes n steps from the budget.
func (m *machine) spend(n int) error {
	if m.left -= n; m.left < 0 {
		return errSteps
	}
	return nil
}

// maxString bounds a string that an expression makes, in bytes.
const maxString = 4 << 20

// sized takes the steps for making a string of n bytes, or refuses one that is too long.
func (m *machine) sized(n int) error {
	if n > maxString {
		return failf("the expression makes a string of more than %d bytes", maxString)
	}
	return m.spend(n / 64)
}

// from returns the values pushed since base; valid until the next push.
func (m *machine) from(base int) []Value { return m.stack[base:] }

// drop forgets the values pushed since base.
func (m *machine) drop(base int) { m.stack = m.stack[:base] }

// reply replaces the values pushed since base by v.
func (m *machine) reply(base int, v Value) error {
	m.stack = m.stack[:base]
	return m.push(v)
}

// replyBool is reply for a Boolean.
func (m *machine) replyBool(base int, b bool) error { return m.reply(base, boolValue(b)) }

// replyEmpty replaces the values pushed since base by nothing.
func (m *machine) replyEmpty(base int) error {
	m.stack = m.stack[:base]
	return nil
}

// keep removes n values below the last pushed ones: those between base and base+n.
func (m *machine) keep(base, n int) {
	kept := copy(m.stack[base:], m.stack[base+n:])
	m.stack = m.stack[:base+kept]
}

// single evaluates n, which must give one item or none.
func (m *machine) single(n node) (v Value, ok bool, err error) {
	base := len(m.stack)
	if err := n.eval(m); err != nil {
		return Value{}, false, err
	}
	v, ok, err = m.one(base, "one item is expected here")
	m.drop(base)
	return v, ok, err
}

// one is the only value since base. A primitive without a value counts as nothing.
func (m *machine) one(base int, demand string) (Value, bool, error) {
	switch len(m.stack) - base {
	case 0:
		return Value{}, false, nil
	case 1:
		v := m.stack[base]
		return v, v.HasValue(), nil
	}
	return Value{}, false, failf("%s, but there are %d", demand, len(m.stack)-base)
}

// withThis runs f with $this as given.
func (m *machine) withThis(v Value, index int, f func() error) error {
	this, has, i := m.this, m.hasThis, m.index
	m.this, m.hasThis, m.index = v, true, index
	err := f()
	m.this, m.hasThis, m.index = this, has, i
	return err
}

// truth reads the values since base as a Boolean, by the language's rule: nothing is nothing, one Boolean
// is itself, any other single item is true.
func (m *machine) truth(base int) (value, known bool, err error) {
	v, ok, err := m.one(base, "a condition is expected here")
	if err != nil || !ok {
		return false, false, err
	}
	if v.kind == Boolean {
		value, ok := v.Bool()
		return value, ok, nil
	}
	return true, true, nil
}

// condition evaluates n as a Boolean and drops its values.
func (m *machine) condition(n node) (value, known bool, err error) {
	base := len(m.stack)
	if err := n.eval(m); err != nil {
		return false, false, err
	}
	value, known, err = m.truth(base)
	m.drop(base)
	return value, known, err
}
