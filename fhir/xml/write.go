package xml

import (
	"fmt"
	"slices"
	"strings"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/fhir/definitions"
)

// Write turns a resource into XML, its elements in the order that the specification demands. Properties
// that FHIR R4 does not have are an error, as XML has no place for them.
func Write(r *fhir.Resource) ([]byte, error) {
	w := &writer{}
	w.b.Grow(2 * len(r.Bytes()))
	w.b.WriteString(`<?xml version="1.0" encoding="UTF-8"?>`)
	if err := w.resource(r.Root(), true, r.Type()); err != nil {
		return nil, err
	}
	return []byte(w.b.String()), nil
}

type writer struct{ b strings.Builder }

func failAt(path, format string, args ...any) error {
	return &Error{Path: path, Reason: fmt.Sprintf(format, args...)}
}

func (w *writer) resource(n fhir.Node, root bool, path string) error {
	name := n.Get("resourceType").Text()
	t, ok := definitions.LookupType(name)
	if !ok || t.Kind != definitions.Resource || t.Abstract {
		return failAt(path, "there is no such resource type in FHIR R4")
	}
	w.b.WriteString("<" + name)
	if root {
		w.b.WriteString(` xmlns="` + namespace + `"`)
	}
	w.b.WriteByte('>')
	if err := w.children(n, t.Fields(), "resourceType", path); err != nil {
		return err
	}
	w.b.WriteString("</" + name + ">")
	return nil
}

// entry is one property of an object, with its place in the order of the specification.
type entry struct {
	name           string
	property       *definitions.Property
	value, sibling fhir.Node
}

// entries pairs the properties of an object with their siblings and sorts them.
func entries(n fhir.Node, fields *definitions.Fields, skip, path string) ([]entry, error) {
	var out []entry
	for c := range n.Children() {
		if c.Key() == skip {
			continue
		}
		name := c.Key()
		e := entry{value: c}
		if rest, isSibling := strings.CutPrefix(name, "_"); isSibling {
			if n.Get(rest).Exists() {
				continue // taken with its value
			}
			name, e.value, e.sibling = rest, fhir.Node{}, c
		} else {
			e.sibling = n.Get("_" + name)
		}
		p, ok := fields.Lookup(name)
		if !ok {
			return nil, failAt(path, "FHIR R4 has no element %s here, and XML has no place for it", name)
		}
		e.name, e.property = name, p
		out = append(out, e)
	}
	slices.SortStableFunc(out, func(a, b entry) int { return a.property.Ordinal - b.property.Ordinal })
	return out, nil
}

// children writes the properties as elements.
func (w *writer) children(n fhir.Node, fields *definitions.Fields, skip, path string) error {
	list, err := entries(n, fields, skip, path)
	if err != nil {
		return err
	}
	for _, e := range list {
		if isAttribute(e, fields) {
			continue
		}
		if err := w.entry(e, path+"."+e.name); err != nil {
			return err
		}
	}
	return nil
}

// isAttribute is true of the id of an element and of an extension's url. A resource's id is an element.
func isAttribute(e entry, fields *definitions.Fields) bool {
	switch e.name {
	case "id":
		return e.property.Type == "string"
	case "url":
		_, extension := fields.Lookup("valueBoolean")
		return e.property.Type == "uri" && extension
	}
	return false
}

func (w *writer) entry(e entry, path string) error {
	if e.value.Kind() != fhir.Array && e.sibling.Kind() != fhir.Array {
		return w.value(e.value, e.sibling, e, path)
	}
	v, s := e.value.First(), e.sibling.First()
	for v.Exists() || s.Exists() {
		if err := w.value(v, s, e, path); err != nil {
			return err
		}
		if v.Exists() {
			v = v.Sibling(e.value)
		}
		if s.Exists() {
			s = s.Sibling(e.sibling)
		}
	}
	return nil
}

// value writes one element.
func (w *writer) value(v, sibling fhir.Node, e entry, path string) error {
	p := e.property
	switch {
	case p.Primitive:
		return w.primitive(v, sibling, e, path)
	case v.Kind() != fhir.Object:
		return failAt(path, "here an object must stand, not a %s", v.Kind())
	}
	fields := p.Fields()
	w.b.WriteString("<" + e.name)
	if fields == nil {
		w.b.WriteByte('>')
		if err := w.resource(v, false, path); err != nil {
			return err
		}
		w.b.WriteString("</" + e.name + ">")
		return nil
	}
	if err := w.attributes(v, fields, path); err != nil {
		return err
	}
	w.b.WriteByte('>')
	if err := w.children(v, fields, "", path); err != nil {
		return err
	}
	w.b.WriteString("</" + e.name + ">")
	return nil
}

// attributes writes id and url where the object has them.
func (w *writer) attributes(n fhir.Node, fields *definitions.Fields, path string) error {
	for _, name := range [...]string{"id", "url"} {
		v := n.Get(name)
		if !v.Exists() {
			continue
		}
		p, ok := fields.Lookup(name)
		if !ok || !isAttribute(entry{name: name, property: p}, fields) {
			continue
		}
		if v.Kind() != fhir.String || n.Get("_"+name).Exists() {
			return failAt(path+"."+name, "an attribute is a string without extensions")
		}
		w.b.WriteString(" " + name + `="`)
		if err := w.text(v.Text(), path); err != nil {
			return err
		}
		w.b.WriteByte('"')
	}
	return nil
}

func (w *writer) primitive(v, sibling fhir.Node, e entry, path string) error {
	switch v.Kind() {
	case fhir.Object, fhir.Array:
		return failAt(path, "here a single value must stand, not an %s", v.Kind())
	}
	if v.Kind() == fhir.Null {
		v = fhir.Node{}
	}
	if e.property.Type == "xhtml" {
		div, err := readTree([]byte(v.Text()))
		if err != nil || div.xhtml == "" {
			return failAt(path, "the narrative is not one well-formed div in the XHTML namespace")
		}
		w.b.WriteString(div.xhtml)
		return nil
	}
	if !v.Exists() && sibling.Kind() != fhir.Object {
		return failAt(path, "the element has neither a value nor extensions")
	}
	w.b.WriteString("<" + e.name)
	fields := e.property.Fields()
	if err := w.attributes(sibling, fields, path); err != nil {
		return err
	}
	if v.Exists() {
		w.b.WriteString(` value="`)
		if err := w.text(v.Text(), path); err != nil {
			return err
		}
		w.b.WriteByte('"')
	}
	if !sibling.Get("extension").Exists() {
		w.b.WriteString("/>")
		return nil
	}
	w.b.WriteByte('>')
	if err := w.children(sibling, fields, "", path); err != nil {
		return err
	}
	w.b.WriteString("</" + e.name + ">")
	return nil
}

// text writes an attribute's value. XML cannot hold most control characters, not even escaped.
func (w *writer) text(s, path string) error {
	for _, r := range s {
		if r < 0x20 && r != '\t' && r != '\n' && r != '\r' || r == 0xFFFE || r == 0xFFFF {
			return failAt(path, "the text holds a character that XML cannot hold")
		}
	}
	escapeText(&w.b, s, true)
	return nil
}
