package fhir

import (
	"fmt"
	"reflect"
)

// Merge returns the document with the elements that v names as v says, by editing only those that differ.
// Everything else stays byte for byte: elements that v does not name, extensions, `_element` siblings, the
// order of properties, the digits of decimals, white space. If nothing differs, r itself comes back.
//
// A field is compared with what [View] reads in its place:
//
//   - A changed value is written over the old one. Inside an object or list the edit goes down to the part
//     that differs.
//   - A value where there was none is put behind the field that precedes it in the struct, so fields should
//     stand in the order of the specification.
//   - A field set to empty ("", nil, a zero data type) removes the element, and with a primitive what
//     accompanies it. An empty nested struct that is not a data type removes only the fields that it names,
//     and the element if nothing is left. false and 0 are values and are written over others; use a pointer
//     where an element must go.
//   - In a list, each element of v is matched with the element of the document that it was read from, by
//     an equal one, else with the most similar one, else, when there are as many as before, with the one in
//     its place; so elements may be added, removed and moved, and keep what v does not know of them. Where
//     elements keep the place they were read from (a [Node] field tagged "."), that decides, and one
//     without a place is new. Empty elements are left out.
//   - Another code in a [Coding] and another address in a [Reference] replace it whole, as does a
//     [CodeableConcept], [Identifier] or [Extension] that has nothing in common with the old one: what was
//     said about the old one, such as an answer's score, is not true of the new one.
//
// v is usually what View read from r, changed. Merging into a newer version of the resource is safe: it is
// compared with what stands there now.
func Merge[T any](r *Resource, v T) (*Resource, error) {
	if err := r.load(); err != nil {
		return nil, err
	}
	p, err := planOf(reflect.TypeFor[T]())
	if err != nil {
		return nil, err
	}
	rv := reflect.ValueOf(&v).Elem()
	for p.form == pointerForm {
		if rv.IsNil() {
			return nil, fmt.Errorf("%s: there is nothing to merge", p.typ)
		}
		p, rv = p.elem, rv.Elem()
	}
	if p.form != structForm {
		return nil, fmt.Errorf("%s cannot be merged: it is not a struct of fields", p.typ)
	}
	m := merger{src: r.src}
	c := m.object(r.Root(), p, rv)
	if m.in.err != nil {
		return nil, m.in.err
	}
	return r.Edit(c.edits), nil
}

// New is a new resource of the type given with what v says. It has no id yet.
func New[T any](resourceType string, v T) (*Resource, error) {
	return Merge(Open(append(AppendString([]byte(`{"resourceType":`), resourceType), '}')), v)
}

// merger collects what to edit in one document.
type merger struct {
	src []byte
	in  reader
}

// change is what happens to one value of the document: it goes, or edits are made in it, in order.
type change struct {
	remove bool
	edits  []Edit
}

// value compares the value at n with v.
func (m *merger) value(n Node, p *plan, v reflect.Value) change {
	switch p.form {
	case pointerForm:
		if v.IsNil() {
			return change{remove: !absent(n)}
		}
		return m.value(n, p.elem, v.Elem())
	case sliceForm:
		c, _ := m.list(n, p, v, false)
		return c
	case structForm:
		if !p.dataType && !absent(n) {
			return m.object(n, p, v)
		}
	}
	current := reflect.New(p.typ).Elem()
	p.read(&m.in, n, current)
	switch {
	case m.in.err != nil || p.equal(current, v):
		return change{}
	case p.empty(v):
		return change{remove: true}
	case p.form == structForm && !absent(n) && !p.replaces(current, v):
		return m.object(n, p, v)
	}
	return change{edits: []Edit{m.replace(n, p, v)}}
}

// replace writes v over the value at n.
func (m *merger) replace(n Node, p *plan, v reflect.Value) Edit {
	start, end := n.Span()
	return Edit{start, end, p.append(nil, v)}
}

// object compares the properties of the object at n with the fields of v. It goes if it loses its last property.
func (m *merger) object(n Node, p *plan, v reflect.Value) change {
	if n.Kind() != Object {
		m.in.fail(wrongKind(n, "an object"))
		return change{}
	}
	s := newSplice(n)
	for i := range p.fields {
		if f := &p.fields[i]; f.plan.form == choiceForm {
			m.choice(s, p, i, v.FieldByIndex(f.index).Interface().(Choice))
		} else {
			m.field(s, p, i, v.FieldByIndex(f.index))
		}
	}
	return s.change()
}

// field compares one property.
func (m *merger) field(s *splice, p *plan, i int, v reflect.Value) {
	f := &p.fields[i]
	at := s.find(f.name)
	if at < 0 {
		if !f.plan.emptyField(v) {
			m.insert(s, p, i, v)
		}
		return
	}
	n := s.items[at].node
	var c change
	switch {
	case f.plan.form == sliceForm:
		var order []int
		if c, order = m.list(n, f.plan, v, f.paired || f.name[0] == '_'); order != nil {
			m.follow(s, p, f.name, order)
		}
	case p.dataType && f.plan.emptyField(v) && !f.plan.empty(v): // a data type's 0 or false
		c.remove = !isZeroLiteral(n)
	default:
		c = m.value(n, f.plan, v)
	}
	s.items[at].change = c
	if c.remove {
		m.removeCompanion(s, p, f.name)
	}
}

// isZeroLiteral tells whether 0 or false stands at n.
func isZeroLiteral(n Node) bool {
	i, whole := n.Int()
	return n.Kind() == Bool && !n.Bool() || whole && i == 0
}

// removeCompanion removes what accompanies the primitive called name, unless the struct names it itself.
func (m *merger) removeCompanion(s *splice, p *plan, name string) {
	if at := s.find("_" + name); at >= 0 && p.named("_"+name) == nil {
		s.items[at].change.remove = true
	}
}

// choice compares an element of several types.
func (m *merger) choice(s *splice, p *plan, i int, v Choice) {
	f := &p.fields[i]
	at := -1
	for k, item := range s.items {
		if _, ok := choiceSuffix(item.node.Key(), f.name); ok && p.named(item.node.Key()) == nil {
			at = k
			break
		}
	}
	if at < 0 {
		if !v.IsZero() {
			m.insert(s, p, i, reflect.ValueOf(v))
		}
		return
	}
	n := s.items[at].node
	var current Choice
	suffix, _ := choiceSuffix(n.Key(), f.name)
	m.in.fail(current.read(n, suffix))
	switch {
	case m.in.err != nil || current.Equal(v):
	case v.typ == current.typ && !v.IsZero():
		s.items[at].change = m.sameType(n, v)
	default:
		s.items[at].change.remove = true
		m.removeCompanion(s, p, n.Key())
		if !v.IsZero() {
			s.insertAt(at+1, v.key(f.name), v.AppendJSON(nil))
		}
	}
}

// sameType compares the value at n with a choice of the same type.
func (m *merger) sameType(n Node, v Choice) change {
	if raw, ok := v.value.(Raw); ok {
		start, end := n.Span()
		return change{edits: []Edit{{start, end, raw}}}
	}
	p, err := planOf(reflect.TypeOf(v.value))
	if err != nil {
		m.in.fail(err)
		return change{}
	}
	return m.value(n, p, reflect.ValueOf(v.value))
}

// insert puts field i, which the object does not have, where it belongs.
func (m *merger) insert(s *splice, p *plan, i int, v reflect.Value) {
	f := &p.fields[i]
	name := f.key(v)
	s.insertAt(s.place(p, i), name, f.append(nil, v))
	m.endAbsence(s, p, name)
}

const dataAbsentReason = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"

// endAbsence removes the statement that a primitive's value is absent, for it is there now.
func (m *merger) endAbsence(s *splice, p *plan, name string) {
	at := s.find("_" + name)
	if at < 0 || p.named("_"+name) != nil {
		return
	}
	companion := newSplice(s.items[at].node)
	list := companion.find("extension")
	if list < 0 {
		return
	}
	extensions := newSplice(companion.items[list].node)
	for k := range extensions.items {
		if e := &extensions.items[k]; e.node.Get("url").Text() == dataAbsentReason {
			e.change.remove = true
		}
	}
	companion.items[list].change = extensions.change()
	s.items[at].change = companion.change()
}
