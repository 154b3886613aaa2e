package path

import (
	"errors"
	"slices"

	"github.com/osler-ehr/osler/fhir"
)

// Expr is a compiled expression: immutable, for any number of goroutines.
type Expr struct {
	source string
	root   node
}

// Compile reads an expression. The error, an [*Error], tells where and why it is not FHIRPath.
func Compile(source string) (*Expr, error) {
	root, err := parse(source)
	if err != nil {
		return nil, err
	}
	return &Expr{source: source, root: root}, nil
}

// MustCompile is [Compile] for expressions that stand in the program. It panics if one is wrong.
func MustCompile(source string) *Expr {
	e, err := Compile(source)
	if err != nil {
		panic(err)
	}
	return e
}

// String is the expression as it was written.
func (e *Expr) String() string { return e.source }

// Eval evaluates the expression starting at focus, which is also %context. The result is in order.
func (e *Expr) Eval(env Env, focus Value) ([]Value, error) {
	var out []Value
	err := e.run(&env, focus, func(m *machine) error {
		out = slices.Clone(m.stack)
		return nil
	})
	return out, err
}

// Bool evaluates the expression as a rule: known is false where it gives nothing. Several items, or one
// that is no Boolean, follow the language's rule for conditions.
func (e *Expr) Bool(env *Env, focus Value) (value, known bool, err error) {
	err = e.run(env, focus, func(m *machine) (err error) {
		value, known, err = m.truth(0)
		return err
	})
	return value, known, err
}

// run evaluates and shows the machine with its results to done.
func (e *Expr) run(env *Env, focus Value, done func(*machine) error) error {
	m := machines.Get().(*machine)
	m.env, m.this, m.hasThis, m.context = env, focus, true, focus
	if m.left = env.MaxSteps; m.left <= 0 {
		m.left = DefaultMaxSteps
	}
	err := e.root.eval(m)
	if err == nil {
		err = done(m)
	}
	if cap(m.stack) > 256 {
		m.stack = make([]Value, 0, 32)
	}
	clear(m.stack[:cap(m.stack)]) // the pool must not hold documents
	*m = machine{stack: m.stack[:0]}
	machines.Put(m)
	return e.explain(err)
}

// explain completes an error with the expression.
func (e *Expr) explain(err error) error {
	if err == nil {
		return nil
	}
	if errors.Is(err, errSteps) {
		return &Error{Expr: e.source, Offset: -1, Reason: "the expression takes too many steps on this document; simplify it"}
	}
	var own *Error
	if errors.As(err, &own) {
		own.Expr = e.source
	}
	return err
}

// resource is %resource: as given, or the starting point.
func (m *machine) resource() fhir.Node {
	if m.env.Resource.Exists() {
		return m.env.Resource
	}
	if m.context.node.Get("resourceType").Exists() {
		return m.context.node
	}
	return fhir.Node{}
}

// rootResource is %rootResource.
func (m *machine) rootResource() fhir.Node {
	if m.env.RootResource.Exists() {
		return m.env.RootResource
	}
	return m.resource()
}
