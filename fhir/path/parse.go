package path

import (
	"fmt"
	"strconv"
	"strings"
)

// Limits of one expression.
const (
	maxExpression = 64 << 10 // bytes
	maxNesting    = 200      // parentheses, arguments and signs within each other
)

// How tightly operators bind, weakest first, as the grammar of FHIRPath orders them.
const (
	bindImplies = iota + 1
	bindOr
	bindAnd
	bindMember
	bindEqual
	bindCompare
	bindUnion
	bindType
	bindAdd
	bindMultiply
	bindSign
)

var binding = map[string]int{
	"implies": bindImplies, "or": bindOr, "xor": bindOr, "and": bindAnd, "in": bindMember, "contains": bindMember,
	"=": bindEqual, "~": bindEqual, "!=": bindEqual, "!~": bindEqual,
	"<": bindCompare, ">": bindCompare, "<=": bindCompare, ">=": bindCompare,
	"|": bindUnion, "is": bindType, "as": bindType,
	"+": bindAdd, "-": bindAdd, "&": bindAdd, "*": bindMultiply, "/": bindMultiply, "div": bindMultiply, "mod": bindMultiply,
}

// parser reads tokens by operator precedence (a Pratt parser).
type parser struct {
	src    string
	tokens []token
	next   int
	depth  int
}

func parse(src string) (node, error) {
	if len(src) > maxExpression {
		return nil, &Error{src[:80], -1, fmt.Sprintf("the expression has %d bytes, more than the limit of %d", len(src), maxExpression)}
	}
	tokens, err := lex(src)
	if err != nil {
		return nil, err
	}
	p := &parser{src: src, tokens: tokens}
	n, err := p.expression(0)
	if err != nil {
		return nil, err
	}
	if t := p.peek(); t.kind != tokEnd {
		return nil, p.fail(t, "%s does not continue the expression; an operator, a dot or the end is expected", t.describe())
	}
	return n, nil
}

func (p *parser) peek() token { return p.tokens[p.next] }

func (p *parser) take() token {
	t := p.tokens[p.next]
	if t.kind != tokEnd {
		p.next++
	}
	return t
}

func (p *parser) fail(t token, format string, args ...any) error {
	return &Error{p.src, t.at, fmt.Sprintf(format, args...)}
}

func (p *parser) expect(symbol, why string) (token, error) {
	t := p.take()
	if t.kind != tokSymbol || t.text != symbol {
		return t, p.fail(t, "here %q must stand%s, not %s", symbol, why, t.describe())
	}
	return t, nil
}

// expression reads operators that bind more tightly than floor.
func (p *parser) expression(floor int) (node, error) {
	if p.depth++; p.depth > maxNesting {
		return nil, p.fail(p.peek(), "nested deeper than %d levels", maxNesting)
	}
	defer func() { p.depth-- }()
	left, err := p.prefix()
	if err != nil {
		return nil, err
	}
	for {
		op := p.peek()
		if op.kind != tokSymbol && (op.kind != tokIdent || op.delimited) {
			return left, nil
		}
		strength := binding[op.text]
		if strength <= floor {
			return left, nil
		}
		p.take()
		if strength == bindType {
			spec, err := p.typeName()
			if err != nil {
				return nil, err
			}
			left = &typeTest{left: left, spec: spec, cast: op.text == "as", at: op.at}
			continue
		}
		right, err := p.expression(strength)
		if err != nil {
			return nil, err
		}
		left = binary(op.text, left, right, op.at)
	}
}

// prefix reads signs, or a term with its invocations and indexes.
func (p *parser) prefix() (node, error) {
	if t := p.peek(); t.kind == tokSymbol && (t.text == "-" || t.text == "+") {
		p.take()
		x, err := p.expression(bindSign)
		if err != nil {
			return nil, err
		}
		return &sign{x: x, negative: t.text == "-", at: t.at}, nil
	}
	n, err := p.term()
	for err == nil {
		switch t := p.peek(); {
		case t.is("."):
			p.take()
			n, err = p.invocation(n)
		case t.is("["):
			p.take()
			var i node
			if i, err = p.expression(0); err == nil {
				n = &indexer{left: n, index: i, at: t.at}
				_, err = p.expect("]", " to close the index")
			}
		default:
			return n, nil
		}
	}
	return nil, err
}

// term reads what an expression may begin with.
func (p *parser) term() (node, error) {
	t := p.peek()
	switch t.kind {
	case tokString:
		p.take()
		return literal(StringOf(t.text)), nil
	case tokNumber:
		p.take()
		return p.numberLiteral(t)
	case tokTemporal:
		p.take()
		return p.temporalLiteral(t)
	case tokExternal:
		p.take()
		return &external{name: t.text, at: t.at}, nil
	case tokIdent, tokVariable:
		if !t.delimited && (t.text == "true" || t.text == "false") {
			p.take()
			return literal(boolValue(t.text == "true")), nil
		}
		return p.invocation(nil)
	case tokSymbol:
		switch t.text {
		case "(":
			p.take()
			n, err := p.expression(0)
			if err != nil {
				return nil, err
			}
			if _, err = p.expect(")", " to close the parenthesis"); err != nil {
				return nil, err
			}
			return &group{x: n}, nil
		case "{":
			p.take()
			if _, err := p.expect("}", "; {} is the empty collection, others are joined with |"); err != nil {
				return nil, err
			}
			return literal(), nil
		}
	}
	return nil, p.fail(t, "here a value, a name or a function must stand, not %s", t.describe())
}

// invocation reads a name, a function call or a $variable; left is nil at the beginning of a path.
func (p *parser) invocation(left node) (node, error) {
	t := p.take()
	switch t.kind {
	case tokVariable:
		if left != nil {
			return nil, p.fail(t, "%s begins a path; it cannot follow a dot", t.text)
		}
		return variable(t.text), nil
	case tokIdent:
		if p.peek().is("(") && !t.delimited {
			return p.call(left, t)
		}
		if left == nil {
			return newStart(t.text, t.at), nil
		}
		return &member{left: left, name: t.text, at: t.at}, nil
	}
	return nil, p.fail(t, "after a dot a name or a function must stand, not %s", t.describe())
}

func (p *parser) call(left node, name token) (node, error) {
	p.take() // (
	f, ok := functions[name.text]
	if !ok {
		return nil, p.fail(name, "there is no function %s()%s", name.text, suggest(name.text))
	}
	c := &call{left: left, name: name.text, f: f, at: name.at}
	if f.typeArgument && (f.min > 0 || !p.peek().is(")")) {
		spec, err := p.typeName()
		if err != nil {
			return nil, err
		}
		c.spec = spec
		_, err = p.expect(")", " after the name of the type")
		return c, err
	}
	for !p.peek().is(")") {
		if len(c.args) > 0 {
			if _, err := p.expect(",", " between arguments, or \")\" after the last"); err != nil {
				return nil, err
			}
		}
		arg, err := p.expression(0)
		if err != nil {
			return nil, err
		}
		c.args = append(c.args, arg)
	}
	p.take() // )
	if len(c.args) < f.min || len(c.args) > f.max {
		return nil, p.fail(name, "%s() takes %s, not %d", name.text, f.arity(), len(c.args))
	}
	if f.prepare != nil {
		if err := f.prepare(c); err != nil {
			if own, ok := err.(*Error); ok && own.Offset < 0 {
				own.Expr, own.Offset = p.src, name.at
			}
			return nil, err
		}
	}
	return c, nil
}

// typeName reads Patient, FHIR.Patient, System.String and the like.
func (p *parser) typeName() (*typeSpec, error) {
	t := p.take()
	if t.kind == tokSymbol && t.text == "(" { // is (Patient)
		spec, err := p.typeName()
		if err != nil {
			return nil, err
		}
		_, err = p.expect(")", " after the name of the type")
		return spec, err
	}
	if t.kind != tokIdent {
		return nil, p.fail(t, "here the name of a type must stand, such as Quantity or System.String, not %s", t.describe())
	}
	spec := &typeSpec{name: t.text}
	if p.peek().is(".") && (t.text == "System" || t.text == "FHIR") {
		p.take()
		name := p.take()
		if name.kind != tokIdent {
			return nil, p.fail(name, "after %s. the name of a type must stand", t.text)
		}
		spec.namespace, spec.name = t.text, name.text
	}
	if !spec.resolve() {
		return nil, p.fail(t, "there is no type %s in FHIR R4 nor in FHIRPath", spec)
	}
	return spec, nil
}

func (p *parser) numberLiteral(t token) (node, error) {
	d, ok := parseDecimal(t.text)
	if !ok {
		return nil, p.fail(t, "the number is too large")
	}
	switch u := p.peek(); {
	case u.kind == tokString:
		p.take()
		if strings.TrimSpace(u.text) == "" {
			return nil, p.fail(u, "the unit is empty; write '1' for a plain number")
		}
		return literal(quantityValue(quantityOf(d, u.text))), nil
	case u.kind == tokIdent && !u.delimited && calendarUnits[u.text] != "":
		p.take()
		return literal(quantityValue(quantity{value: d, unit: calendarUnits[u.text], calendar: true})), nil
	}
	if strings.Contains(t.text, ".") {
		return literal(DecimalOf(d)), nil
	}
	i, err := strconv.ParseInt(t.text, 10, 64)
	if err != nil || i > -minInteger { // 2147483648 may follow a minus sign
		return nil, p.fail(t, "an integer has 32 bits; write %s.0 for a decimal", t.text)
	}
	return literal(IntegerOf(i)), nil
}

func (p *parser) temporalLiteral(t token) (node, error) {
	kind, text := Date, t.text[1:]
	switch {
	case strings.HasPrefix(text, "T"):
		kind, text = Time, text[1:]
	case strings.Contains(text, "T"):
		kind = DateTime
	}
	v, ok := parseTemporal(kind, text)
	if !ok {
		return nil, p.fail(t, "no such date or time; write @2024-05-31, @2024-05-31T10:30:00+02:00 or @T10:30")
	}
	return literal(Value{kind: kind, data: v}), nil
}

// suggest names a function that differs in case only, or begins alike.
func suggest(name string) string {
	for f := range functions {
		if strings.EqualFold(f, name) {
			return "; do you mean " + f + "()?"
		}
	}
	return ""
}
