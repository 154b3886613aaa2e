package validate

import (
	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/fhir/definitions"
)

// sibling checks the property "_name" of a primitive, which carries its id and extensions. main is the value beside it,
// if there is one: of a repeating element both are arrays of the same length, padded with null.
func (w *walker) sibling(n, main fhir.Node, p *definitions.Property) {
	w.push(p.Element.Name, -1)
	defer w.pop()
	if !p.Primitive {
		w.fail(fhir.CodeStructure, ruleSibling, "only a primitive element has a property with an underscore: write id and extension into the object itself")
		return
	}
	if !p.Repeats {
		w.siblingObject(n, p)
		return
	}
	if n.Kind() != fhir.Array {
		w.fail(fhir.CodeStructure, ruleShape, "this element repeats: the property with an underscore is an array, aligned with the values by null")
		return
	}
	i := 0
	for c := n.First(); c.Exists(); c = c.Sibling(n) {
		w.steps[len(w.steps)-1].index = int32(i)
		if c.Kind() != fhir.Null {
			w.siblingObject(c, p)
		} else if !main.Exists() {
			w.fail(fhir.CodeStructure, ruleNull, "null stands here without a value beside it: remove it")
		}
		i++
	}
	w.steps[len(w.steps)-1].index = -1
	if i == 0 {
		w.fail(fhir.CodeStructure, ruleEmpty, "the array is empty: leave the property out")
	} else if main.Kind() == fhir.Array && main.Len() != i {
		w.fail(fhir.CodeStructure, ruleSibling, "the array of values and the one with an underscore have different lengths: pad the shorter with null")
	}
}

func (w *walker) siblingObject(n fhir.Node, p *definitions.Property) {
	if n.Kind() != fhir.Object {
		w.fail(fhir.CodeStructure, ruleShape, "a property with an underscore holds an object with id or extension")
		return
	}
	if !n.First().Exists() {
		w.fail(fhir.CodeStructure, ruleEmpty, "the object is empty: leave the property out")
		return
	}
	fields := p.Fields()
	for c := n.First(); c.Exists(); c = c.Sibling(n) {
		q, ok := fields.Lookup(c.Key())
		if !ok {
			w.unknown(c.Key(), fields)
			continue
		}
		w.property(n, c, q)
	}
}

// padding checks a null among the values of a repeating primitive: it holds the place of an entry in the array beside it.
func (w *walker) padding(parent fhir.Node, p *definitions.Property, key string, index int) {
	for c := parent.First(); c.Exists(); c = c.Sibling(parent) {
		if name := c.Key(); len(name) == len(key)+1 && name[0] == '_' && name[1:] == key {
			if c.Index(index).Kind() == fhir.Object {
				return
			}
		}
	}
	w.fail(fhir.CodeStructure, ruleNull, "null stands here without id or extension in _"+key+" at the same place: remove it")
}
