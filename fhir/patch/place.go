package patch

import (
	"strings"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/fhir/definitions"
)

// place is where an element stands: the object that has it, its property name and its index.
type place struct {
	object fhir.Node           // holds the property
	fields *definitions.Fields // what the object may hold
	key    string              // JSON property name, without the underscore of a sibling
	index  int                 // in an array; 0 for a single value
	outer  *place              // where the object stands; nil for the root
}

// locate finds the place of a node of the document. The node may be a `_name` sibling.
func locate(root, node fhir.Node) *place {
	want, _ := node.Span()
	var at *place
	object, fields := root, fieldsOf(root, nil)
	for {
		next := childAround(object, want)
		if !next.Exists() {
			return nil
		}
		p := &place{object: object, fields: fields, key: strings.TrimPrefix(next.Key(), "_"), outer: at}
		if next.Kind() == fhir.Array {
			list := next
			next = fhir.Node{}
			for c := range list.Children() {
				if start, end := c.Span(); start <= want && want < end {
					next = c
					break
				}
				p.index++
			}
		}
		if next == node {
			return p
		}
		if next.Kind() != fhir.Object {
			return nil
		}
		var property *definitions.Property
		if fields != nil {
			property, _ = fields.Lookup(p.key)
		}
		at, object, fields = p, next, fieldsOf(next, property)
	}
}

// childAround is the property of the object whose value spans the byte.
func childAround(object fhir.Node, at int) fhir.Node {
	for c := range object.Children() {
		if start, end := c.Span(); start <= at && at < end {
			return c
		}
	}
	return fhir.Node{}
}

// fieldsOf tells what an object may hold: by its property, or by its own type if it is a resource.
func fieldsOf(object fhir.Node, p *definitions.Property) *definitions.Fields {
	if p != nil {
		if f := p.Fields(); f != nil {
			return f
		}
	}
	if t, ok := definitions.LookupType(object.Get("resourceType").Text()); ok {
		return t.Fields()
	}
	return nil
}

// pair is one value of an element as JSON text: the value and the `_name` sibling, either perhaps absent.
type pair struct{ value, sibling []byte }

// pairs are the values of the property as they stand.
func (p *place) pairs() []pair {
	value, sibling := p.object.Get(p.key), p.object.Get("_"+p.key)
	var out []pair
	put := func(i int, n fhir.Node, sibling bool) {
		for len(out) <= i {
			out = append(out, pair{})
		}
		if n.Kind() == fhir.Null || !n.Exists() {
			return
		}
		if sibling {
			out[i].sibling = n.Raw()
		} else {
			out[i].value = n.Raw()
		}
	}
	for _, side := range [...]struct {
		n       fhir.Node
		sibling bool
	}{{value, false}, {sibling, true}} {
		if side.n.Kind() != fhir.Array {
			if side.n.Exists() {
				put(0, side.n, side.sibling)
			}
			continue
		}
		i := 0
		for c := range side.n.Children() {
			put(i, c, side.sibling)
			i++
		}
	}
	return out
}

// repeats reports whether the property is an array.
func (p *place) repeats() bool {
	if p.fields != nil {
		if prop, ok := p.fields.Lookup(p.key); ok {
			return prop.Repeats
		}
	}
	return p.object.Get(p.key).Kind() == fhir.Array || p.object.Get("_"+p.key).Kind() == fhir.Array
}

// rewrite gives the property the values. An object that loses its last property disappears with it, as FHIR
// has no empty objects.
func (p *place) rewrite(doc *fhir.Resource, values []pair) *fhir.Resource {
	if len(values) == 0 && p.outer != nil && p.onlyProperty() {
		rest, i := p.outer.pairs(), p.outer.index
		if rest[i].isSibling(p.object) && rest[i].value != nil {
			rest[i].sibling = nil
			return p.outer.rewrite(doc, rest)
		}
		return p.outer.rewrite(doc, append(rest[:i:i], rest[i+1:]...))
	}
	value, sibling := p.encode(values)
	start, _ := p.object.Span()
	doc = setProperty(doc, start, p.key, value)
	return setProperty(doc, start, "_"+p.key, sibling)
}

// isSibling reports whether the object is the sibling of the pair.
func (v pair) isSibling(object fhir.Node) bool {
	return len(v.sibling) > 0 && &v.sibling[0] == &object.Raw()[0]
}

// onlyProperty reports whether the object holds nothing else.
func (p *place) onlyProperty() bool {
	for c := range p.object.Children() {
		if strings.TrimPrefix(c.Key(), "_") != p.key {
			return false
		}
	}
	return true
}

// encode writes the property and its sibling; nil for none.
func (p *place) encode(values []pair) (value, sibling []byte) {
	if len(values) == 0 {
		return nil, nil
	}
	if !p.repeats() {
		return values[0].value, values[0].sibling
	}
	side := func(pick func(pair) []byte) []byte {
		out, any := []byte{'['}, false
		for i, v := range values {
			if i > 0 {
				out = append(out, ',')
			}
			text := pick(v)
			if text == nil {
				text = []byte("null")
			} else {
				any = true
			}
			out = append(out, text...)
		}
		if !any {
			return nil
		}
		return append(out, ']')
	}
	return side(func(v pair) []byte { return v.value }), side(func(v pair) []byte { return v.sibling })
}

// setProperty gives a property of the object that begins at start its new text: replaced, added or removed.
// Only that property is touched.
func setProperty(doc *fhir.Resource, start int, key string, text []byte) *fhir.Resource {
	object := objectAt(doc.Root(), start)
	old := object.Get(key)
	var edit fhir.Edit
	switch {
	case !old.Exists() && text == nil:
		return doc
	case !old.Exists():
		edit = appending(object, property(key, text))
	case text == nil:
		edit = removal(doc.Bytes(), object, old)
	case old.Equal(fhir.Open(text).Root()):
		return doc // its white space stays
	default:
		edit = replacement(old, text)
	}
	return doc.Edit([]fhir.Edit{edit})
}

// objectAt finds the object that begins at the byte.
func objectAt(n fhir.Node, start int) fhir.Node {
	for n.Exists() {
		if s, _ := n.Span(); s == start {
			return n
		}
		n = childAround(n, start)
	}
	return n
}
