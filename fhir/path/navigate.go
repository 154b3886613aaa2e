package path

import (
	"strings"

	"github.com/osler-ehr/osler/fhir"
)

// pushChild pushes the children of v that are called name.
func (m *machine) pushChild(v Value, name string) error {
	if v.kind == TypeInfo {
		return m.pushTypeInfo(v, name)
	}
	parent := v.node
	if v.kind != Complex { // a primitive has only what its sibling holds: id and extension
		parent = v.ext
	}
	if parent.Kind() != fhir.Object {
		return nil
	}
	if v.typ != nil {
		c := v.typ.children[name]
		switch {
		case c == nil:
			if t := v.typ.property(name); t != nil { // valueDateTime
				return m.pushProperty(parent, name, t)
			}
			return nil
		case c.choice:
			return m.pushChoice(parent, name, c)
		case c.only == nil:
			return nil
		}
		return m.pushProperty(parent, name, c.only.typeOf())
	}
	return m.pushUntyped(parent, name)
}

// pushProperty pushes the values of the property called key, paired with its `_key` sibling.
func (m *machine) pushProperty(parent fhir.Node, key string, t *fhirType) error {
	if t != nil && !t.primitive {
		return m.pushValues(parent.Get(key), fhir.Node{}, t)
	}
	var value, sibling fhir.Node
	for c := parent.First(); c.Exists(); c = c.Sibling(parent) {
		k := c.Key()
		switch {
		case k == key:
			value = c
		case len(k) == len(key)+1 && k[0] == '_' && k[1:] == key:
			sibling = c
		}
	}
	return m.pushValues(value, sibling, t)
}

// pushChoice pushes the values of a choice element, whichever of its properties stands there.
func (m *machine) pushChoice(parent fhir.Node, name string, c *child) error {
	for n := parent.First(); n.Exists(); n = n.Sibling(parent) {
		key := strings.TrimPrefix(n.Key(), "_")
		if len(key) <= len(name) || !strings.HasPrefix(key, name) {
			continue
		}
		k := c.keys[key]
		if k == nil {
			continue
		}
		if len(key) < len(n.Key()) { // `_valueString` stands alone, or was taken with valueString
			if parent.Get(key).Exists() {
				continue
			}
			if err := m.pushValues(fhir.Node{}, n, k.typeOf()); err != nil {
				return err
			}
			continue
		}
		if err := m.pushProperty(parent, key, k.typeOf()); err != nil {
			return err
		}
	}
	return nil
}

// pushUntyped reads a document of which no type is known: name is a property, or a choice whose key
// continues with a type.
func (m *machine) pushUntyped(parent fhir.Node, name string) error {
	if parent.Get(name).Exists() || parent.Get("_"+name).Exists() {
		return m.pushProperty(parent, name, nil)
	}
	for n := parent.First(); n.Exists(); n = n.Sibling(parent) {
		rest, ok := strings.CutPrefix(n.Key(), name)
		if !ok || rest == "" || rest[0] < 'A' || rest[0] > 'Z' {
			continue
		}
		t := typeNamed(rest)
		if t == nil {
			t = typeNamed(strings.ToLower(rest[:1]) + rest[1:])
		}
		if t != nil {
			return m.pushProperty(parent, n.Key(), t)
		}
	}
	return nil
}

// pushValues pushes a property's value or values. A JSON null in an array only holds a place for the
// extensions that its sibling gives.
func (m *machine) pushValues(value, sibling fhir.Node, t *fhirType) error {
	if value.Kind() != fhir.Array && sibling.Kind() != fhir.Array {
		return m.pushElement(value, sibling, t)
	}
	v, s := value.First(), sibling.First()
	for v.Exists() || s.Exists() {
		if err := m.pushElement(v, s, t); err != nil {
			return err
		}
		if v.Exists() {
			v = v.Sibling(value)
		}
		if s.Exists() {
			s = s.Sibling(sibling)
		}
	}
	return nil
}

func (m *machine) pushElement(value, sibling fhir.Node, t *fhirType) error {
	if value.Kind() == fhir.Null {
		value = fhir.Node{}
	}
	if sibling.Kind() != fhir.Object {
		sibling = fhir.Node{}
	}
	if !value.Exists() && !sibling.Exists() {
		return nil
	}
	return m.push(nodeValue(value, sibling, t))
}

// pushChildren pushes all children of v, in the order of the document.
func (m *machine) pushChildren(v Value) error {
	parent := v.node
	if v.kind != Complex {
		parent = v.ext
	}
	if parent.Kind() != fhir.Object {
		return nil
	}
	for n := parent.First(); n.Exists(); n = n.Sibling(parent) {
		key := n.Key()
		if key == "resourceType" {
			continue
		}
		value, sibling := n, fhir.Node{}
		if strings.HasPrefix(key, "_") {
			if key = key[1:]; parent.Get(key).Exists() {
				continue // taken with its value
			}
			value, sibling = fhir.Node{}, n
		}
		t := v.typ.property(key)
		if value.Exists() && (t == nil || t.primitive) {
			sibling = parent.Get("_" + key)
		}
		if err := m.pushValues(value, sibling, t); err != nil {
			return err
		}
	}
	return nil
}

// property is the type of the value under the JSON property name; nil if not known.
func (t *fhirType) property(key string) *fhirType {
	if t == nil {
		return nil
	}
	if c := t.children[key]; c != nil && c.only != nil {
		return c.only.typeOf()
	}
	for i := len(key) - 1; i > 0; i-- { // valueQuantity: value with the key valueQuantity
		if key[i] < 'A' || key[i] > 'Z' {
			continue
		}
		if c := t.children[key[:i]]; c != nil && c.choice {
			if k := c.keys[key]; k != nil {
				return k.typeOf()
			}
		}
	}
	return nil
}
