package xml

import (
	"fmt"
	"strings"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/fhir/definitions"
)

// Read reads one resource in XML from outside. The result is the same resource in JSON, its elements in the
// order of the XML.
func Read(src []byte) (*fhir.Resource, error) {
	root, err := readTree(src)
	if err != nil {
		return nil, err
	}
	b := &builder{out: make([]byte, 0, len(src))}
	if err := b.resource(root, root.name); err != nil {
		return nil, err
	}
	return fhir.Parse(b.out)
}

// builder writes JSON from elements.
type builder struct{ out []byte }

func (b *builder) resource(e *element, path string) error {
	t, ok := definitions.LookupType(e.name)
	if !ok || t.Kind != definitions.Resource || t.Abstract {
		return fault(e, path, "there is no resource type %s in FHIR R4", e.name)
	}
	if len(e.attrs) > 0 {
		return fault(e, path, "a resource has no attribute %s", e.attrs[0].name)
	}
	b.out = append(b.out, `{"resourceType":`...)
	b.out = fhir.AppendString(b.out, e.name)
	if err := b.properties(e, t.Fields(), path, false); err != nil {
		return err
	}
	b.out = append(b.out, '}')
	return nil
}

func fault(e *element, path, format string, args ...any) error {
	return &Error{Path: path, Line: e.line, Reason: fmt.Sprintf(format, args...)}
}

// properties writes the attributes and children of e as properties, each after a comma unless first.
func (b *builder) properties(e *element, fields *definitions.Fields, path string, first bool) error {
	key := func(name string) {
		if !first {
			b.out = append(b.out, ',')
		}
		first = false
		b.out = fhir.AppendString(b.out, name)
		b.out = append(b.out, ':')
	}
	for _, a := range e.attrs {
		p, ok := fields.Lookup(a.name)
		if !ok || a.name != "id" && a.name != "url" || !p.Primitive {
			return fault(e, path, "the attribute %s has no meaning here", a.name)
		}
		key(a.name)
		b.out = fhir.AppendString(b.out, a.value)
	}
	for i := 0; i < len(e.children); {
		name := e.children[i].name
		n := i + 1
		for n < len(e.children) && e.children[n].name == name {
			n++
		}
		p, ok := fields.Lookup(name)
		if !ok {
			return fault(e.children[i], path, "there is no element %s here in FHIR R4", name)
		}
		for _, earlier := range e.children[:i] {
			if earlier.name == name {
				return fault(e.children[i], path, "the elements called %s must stand together", name)
			}
		}
		if !p.Repeats && n-i > 1 {
			return fault(e.children[i+1], path, "the element %s may stand only once", name)
		}
		if err := b.property(key, p, name, e.children[i:n], path+"."+name); err != nil {
			return err
		}
		i = n
	}
	return nil
}

// property writes the values of one element, and their `_name` sibling where primitives have more than a
// value.
func (b *builder) property(key func(string), p *definitions.Property, name string, es []*element, path string) error {
	if !p.Primitive {
		key(name)
		return b.list(p.Repeats, es, func(e *element) error { return b.complex(e, p, path) })
	}
	var values, siblings bool
	for _, e := range es {
		_, hasValue := e.attr("value")
		_, hasID := e.attr("id")
		values = values || hasValue || e.xhtml != ""
		siblings = siblings || hasID || len(e.children) > 0
		if !hasValue && !hasID && len(e.children) == 0 && e.xhtml == "" {
			return fault(e, path, "the element has neither a value nor extensions")
		}
	}
	if values {
		key(name)
		if err := b.list(p.Repeats, es, func(e *element) error { return b.primitive(e, p.Type, path) }); err != nil {
			return err
		}
	}
	if siblings {
		key("_" + name)
		return b.list(p.Repeats, es, func(e *element) error { return b.sibling(e, p, path) })
	}
	return nil
}

func (b *builder) list(repeats bool, es []*element, write func(*element) error) error {
	if !repeats {
		return write(es[0])
	}
	b.out = append(b.out, '[')
	for i, e := range es {
		if i > 0 {
			b.out = append(b.out, ',')
		}
		if err := write(e); err != nil {
			return err
		}
	}
	b.out = append(b.out, ']')
	return nil
}

func (b *builder) complex(e *element, p *definitions.Property, path string) error {
	fields := p.Fields()
	if fields == nil { // a contained resource, or that of a bundle's entry
		if len(e.children) != 1 || len(e.attrs) > 0 {
			return fault(e, path, "here exactly one resource must stand")
		}
		return b.resource(e.children[0], path)
	}
	if len(e.attrs)+len(e.children) == 0 {
		return fault(e, path, "the element is empty; leave it out")
	}
	b.out = append(b.out, '{')
	err := b.properties(e, fields, path, true)
	b.out = append(b.out, '}')
	return err
}

// primitive writes the value in the JSON kind that its type has.
func (b *builder) primitive(e *element, typ, path string) error {
	if e.xhtml != "" {
		if typ != "xhtml" {
			return fault(e, path, "here no XHTML may stand")
		}
		b.out = fhir.AppendString(b.out, e.xhtml)
		return nil
	}
	v, ok := e.attr("value")
	if !ok {
		b.out = append(b.out, "null"...)
		return nil
	}
	switch typ {
	case "boolean":
		if v != "true" && v != "false" {
			return fault(e, path, "a boolean is true or false")
		}
	case "integer", "unsignedInt", "positiveInt", "decimal":
		if !isNumber(v) {
			return fault(e, path, "not a number; write digits such as 0.5, 12 or -1.50")
		}
	default:
		b.out = fhir.AppendString(b.out, v)
		return nil
	}
	b.out = append(b.out, v...)
	return nil
}

// isNumber follows the JSON grammar, which FHIR's decimal shares.
func isNumber(s string) bool {
	digits := func(s string) (string, bool) {
		rest := strings.TrimLeft(s, "0123456789")
		return rest, len(rest) < len(s)
	}
	s = strings.TrimPrefix(s, "-")
	if len(s) > 1 && s[0] == '0' && s[1] >= '0' && s[1] <= '9' {
		return false
	}
	rest, ok := digits(s)
	if !ok {
		return false
	}
	if fraction, has := strings.CutPrefix(rest, "."); has {
		if rest, ok = digits(fraction); !ok {
			return false
		}
	}
	if rest != "" && (rest[0] == 'e' || rest[0] == 'E') {
		rest = rest[1:]
		if rest != "" && (rest[0] == '+' || rest[0] == '-') {
			rest = rest[1:]
		}
		if rest, ok = digits(rest); !ok {
			return false
		}
	}
	return rest == ""
}

// sibling writes the id and extensions of a primitive, or null.
func (b *builder) sibling(e *element, p *definitions.Property, path string) error {
	rest := *e
	rest.attrs = nil
	for _, a := range e.attrs {
		if a.name != "value" {
			rest.attrs = append(rest.attrs, a)
		}
	}
	if len(rest.attrs)+len(rest.children) == 0 {
		b.out = append(b.out, "null"...)
		return nil
	}
	b.out = append(b.out, '{')
	err := b.properties(&rest, p.Fields(), path, true)
	b.out = append(b.out, '}')
	return err
}
