package validate

import (
	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/fhir/definitions"
)

// item is one value of a resource as FHIR sees it: a primitive is its value and the "_name" object beside it together.
type item struct {
	node   fhir.Node // Missing for a primitive that has only extensions
	beside fhir.Node // the "_name" object of a primitive, or Missing
	typ    string    // type code
	// element is the element that the value is of; nil for the resource itself.
	element *definitions.Element
	index   int // -1 for an element that does not repeat
	fields  *definitions.Fields
}

// resourceItem is the item of a whole resource.
func resourceItem(n fhir.Node) item {
	it := item{node: n, index: -1, typ: n.Get("resourceType").Text()}
	if t, ok := definitions.LookupType(it.typ); ok {
		it.fields = t.Fields()
	}
	return it
}

// object is where the item's own elements stand.
func (it item) object() fhir.Node {
	if it.node.Kind() == fhir.Object {
		return it.node
	}
	return it.beside
}

// each calls f for every value of every element of the item.
func (it item) each(f func(item)) {
	object := it.object()
	if object.Kind() != fhir.Object || it.fields == nil {
		return
	}
	for c := object.First(); c.Exists(); c = c.Sibling(object) {
		key := c.Key()
		if key != "" && key[0] == '_' {
			if p, ok := it.fields.Lookup(key[1:]); ok && !object.Get(key[1:]).Exists() {
				values(fhir.Node{}, c, p, f)
			}
			continue
		}
		if p, ok := it.fields.Lookup(key); ok {
			var beside fhir.Node
			if p.Primitive {
				beside = besideOf(object, key)
			}
			values(c, beside, p, f)
		}
	}
}

// besideOf finds the "_name" property of a primitive.
func besideOf(object fhir.Node, name string) fhir.Node {
	for c := object.First(); c.Exists(); c = c.Sibling(object) {
		if key := c.Key(); len(key) == len(name)+1 && key[0] == '_' && key[1:] == name {
			return c
		}
	}
	return fhir.Node{}
}

func values(n, beside fhir.Node, p *definitions.Property, f func(item)) {
	it := item{typ: p.Type, element: p.Element, index: -1, fields: p.Fields()}
	if !p.Repeats {
		it.node, it.beside = n, beside
		f(it.resolved())
		return
	}
	v, b := n.First(), beside.First()
	for it.index = 0; v.Exists() || b.Exists(); it.index++ {
		it.node, it.beside = v, b
		if v.Kind() == fhir.Null {
			it.node = fhir.Node{}
		}
		f(it.resolved())
		if v.Exists() {
			v = v.Sibling(n)
		}
		if b.Exists() {
			b = b.Sibling(beside)
		}
	}
}

// resolved gives a resource inside a resource its own type.
func (it item) resolved() item {
	if it.typ != "Resource" {
		return it
	}
	inner := resourceItem(it.node)
	inner.element, inner.index = it.element, it.index
	return inner
}

// named are the values of one element. name is the element's name, or the JSON name of one type of a choice.
func (it item) named(name string) []item {
	var found []item
	it.each(func(child item) {
		if child.element.Name == name || child.node.Key() == name {
			found = append(found, child)
		}
	})
	return found
}

// at follows a simple path of element names.
func (it item) at(path []string) []item {
	items := []item{it}
	for _, name := range path {
		var next []item
		for _, x := range items {
			next = append(next, x.named(name)...)
		}
		items = next
	}
	return items
}
