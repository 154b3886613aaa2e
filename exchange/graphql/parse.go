package graphql

// parser reads a document. (section 2)
type parser struct {
	tokens []token
	i      int
	depth  int
}

// maxNested bounds how deep a document may nest, values included.
const maxNested = 50

func parse(src string) (doc *document, err error) {
	if len(src) > maxQuery {
		return nil, costly("the query has %d bytes, more than the limit of %d", len(src), maxQuery)
	}
	p := &parser{}
	if p.tokens, err = lex(src); err != nil {
		return nil, err
	}
	defer func() {
		switch r := recover().(type) {
		case nil:
		case *fault:
			doc, err = nil, r
		default:
			panic(r)
		}
	}()
	doc = &document{fragments: map[string]*fragment{}}
	for p.peek().kind != endToken {
		p.definition(doc)
	}
	if len(doc.operations) == 0 {
		return nil, wrong(-1, "the query asks for nothing; write { and the names of fields")
	}
	return doc, nil
}

func (p *parser) peek() token { return p.tokens[p.i] }

func (p *parser) next() token {
	t := p.tokens[p.i]
	if t.kind != endToken {
		p.i++
	}
	return t
}

func (p *parser) is(punct string) bool { t := p.peek(); return t.kind == punctToken && t.text == punct }

func (p *parser) take(punct string) bool {
	if p.is(punct) {
		p.i++
		return true
	}
	return false
}

func (p *parser) want(punct string) {
	if !p.take(punct) {
		panic(wrong(p.peek().at, "here must stand %q, not %s", punct, p.peek()))
	}
}

func (p *parser) name() string {
	t := p.next()
	if t.kind != nameToken {
		panic(wrong(t.at, "here must stand a name, not %s", t))
	}
	return t.text
}

func (p *parser) deeper() func() {
	if p.depth++; p.depth > maxNested {
		panic(costly("the query nests deeper than %d levels", maxNested))
	}
	return func() { p.depth-- }
}

func (p *parser) definition(doc *document) {
	at := p.peek().at
	if p.is("{") {
		doc.operations = append(doc.operations, &operation{kind: "query", set: p.selections(), at: at})
		return
	}
	switch kind := p.name(); kind {
	case "query", "mutation", "subscription":
		o := &operation{kind: kind, at: at}
		if p.peek().kind == nameToken {
			o.name = p.name()
		}
		if p.take("(") {
			for !p.take(")") {
				o.vars = append(o.vars, p.variable())
			}
		}
		p.directives()
		o.set = p.selections()
		doc.operations = append(doc.operations, o)
	case "fragment":
		name := p.name()
		if name == "on" || doc.fragments[name] != nil {
			panic(wrong(at, "a fragment cannot be called %q here", name))
		}
		f := &fragment{}
		if p.name() != "on" {
			panic(wrong(p.peek().at, "a fragment says of which type it is: fragment %s on Type", name))
		}
		f.on = p.name()
		p.directives()
		f.set = p.selections()
		doc.fragments[name] = f
	default:
		panic(wrong(at, "a query begins with {, query or fragment, not with %q", kind))
	}
}

func (p *parser) variable() variable {
	p.want("$")
	v := variable{name: p.name()}
	p.want(":")
	v.required = p.typeName()
	if p.take("=") {
		fallback := p.value(true)
		v.fallback = &fallback
	}
	p.directives()
	return v
}

// typeName passes over the type of a variable. What a variable has is checked where it is used.
func (p *parser) typeName() (required bool) {
	defer p.deeper()()
	if p.take("[") {
		p.typeName()
		p.want("]")
	} else {
		p.name()
	}
	return p.take("!")
}

func (p *parser) selections() (set []selection) {
	defer p.deeper()()
	p.want("{")
	for !p.take("}") {
		set = append(set, p.selection())
	}
	if len(set) == 0 {
		panic(wrong(p.peek().at, "{} asks for nothing; write the names of fields in it"))
	}
	return set
}

func (p *parser) selection() selection {
	s := selection{at: p.peek().at}
	if !p.take("...") {
		s.field = p.field()
		return s
	}
	switch t := p.peek(); {
	case t.kind == nameToken && t.text != "on":
		s.spread = p.name()
		s.directives = p.directives()
		return s
	case t.kind == nameToken:
		p.name()
		s.inline = &fragment{on: p.name()}
	default:
		s.inline = &fragment{}
	}
	s.directives = p.directives()
	s.inline.set = p.selections()
	return s
}

func (p *parser) field() *field {
	f := &field{at: p.peek().at}
	f.name = p.name()
	if p.take(":") {
		f.alias, f.name = f.name, p.name()
	}
	f.args = p.arguments(false)
	f.directives = p.directives()
	if p.is("{") {
		f.set = p.selections()
	}
	return f
}

func (p *parser) arguments(constant bool) (args []argument) {
	if !p.take("(") {
		return nil
	}
	for !p.take(")") {
		a := argument{at: p.peek().at}
		a.name = p.name()
		p.want(":")
		a.value = p.value(constant)
		for _, have := range args {
			if have.name == a.name {
				panic(wrong(a.at, "the argument %s stands twice", a.name))
			}
		}
		args = append(args, a)
	}
	return args
}

func (p *parser) directives() (list []directive) {
	for p.is("@") {
		d := directive{at: p.next().at}
		d.name = p.name()
		d.args = p.arguments(false)
		list = append(list, d)
	}
	return list
}

func (p *parser) value(constant bool) value {
	defer p.deeper()()
	t := p.next()
	switch {
	case t.kind == numberToken:
		return value{kind: numberValue, text: t.text}
	case t.kind == stringToken:
		return value{kind: textValue, text: t.text}
	case t.kind == nameToken && (t.text == "true" || t.text == "false"):
		return value{kind: boolValue, text: t.text}
	case t.kind == nameToken && t.text == "null":
		return value{}
	case t.kind == nameToken:
		return value{kind: enumValue, text: t.text}
	case t.kind == punctToken && t.text == "$" && !constant:
		return value{kind: variableValue, text: p.name()}
	case t.kind == punctToken && t.text == "[":
		v := value{kind: listValue}
		for !p.take("]") {
			v.list = append(v.list, p.value(constant))
		}
		return v
	case t.kind == punctToken && t.text == "{":
		v := value{kind: objectValue}
		for !p.take("}") {
			a := argument{at: p.peek().at}
			a.name = p.name()
			p.want(":")
			a.value = p.value(constant)
			v.args = append(v.args, a)
		}
		return v
	}
	panic(wrong(t.at, "here must stand a value, not %s", t))
}
