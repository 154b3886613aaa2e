package definitions

import (
	"maps"
	"slices"
	"strings"
	"sync/atomic"
)

// Fields are the JSON properties that an object of one kind may have. The zero value has none.
type Fields struct {
	// Elements are the object's elements in order. A Property's Ordinal is an index into them.
	Elements []*Element
	// Required has the bit 1<<ordinal of each element that must be there. No R4 type has more than 64 elements.
	Required uint64

	byName map[string]*Property
}

// Property is what one JSON property name means in one kind of object.
type Property struct {
	Element *Element
	Ordinal int     // index of the element in Fields.Elements, shared by all names of a choice
	Type    string  // type code of its value: "Quantity" for valueQuantity, "BackboneElement", "code", "Resource"
	Ref     TypeRef // the same with profiles and targets; zero for a content reference
	// Primitive is true when the value is a JSON string, number or boolean, and a "_name" sibling may stand beside it.
	Primitive bool
	// Repeats is true when the value must be a JSON array.
	Repeats bool

	fields atomic.Pointer[Fields]
}

// Lookup finds a property by its exact JSON name, without the underscore of a "_name" sibling.
func (f *Fields) Lookup(name string) (*Property, bool) {
	if f == nil {
		return nil, false
	}
	p, ok := f.byName[name]
	return p, ok
}

// Names are the JSON names of all properties, sorted.
func (f *Fields) Names() []string {
	return slices.Sorted(maps.Keys(f.byName))
}

// Fields are the properties of the object that stands under the name: for a primitive those of its "_name" object.
// It is nil for a contained resource, whose resourceType decides.
func (p *Property) Fields() *Fields {
	if f := p.fields.Load(); f != nil {
		return f
	}
	name := p.Type
	if len(p.Ref.Profiles) == 1 {
		if _, ok := typeIndex().records[p.Ref.Profiles[0]]; ok {
			name = p.Ref.Profiles[0] // SimpleQuantity, MoneyQuantity
		}
	}
	t, ok := LookupType(name)
	if !ok || t.Kind == Resource {
		return nil
	}
	p.fields.Store(&t.root)
	return &t.root
}

// buildFields makes the Fields of the type and of each element that has elements of its own.
func (t *Type) buildFields() {
	byPath := map[string]*Fields{t.Name: &t.root}
	var shared []*Property // those with a content reference, resolved when all Fields are there
	for i := range t.Elements {
		e := &t.Elements[i]
		parentPath := e.Path[:len(e.Path)-len(e.Name)-1]
		parent := byPath[parentPath]
		if parent == nil {
			parent = &Fields{}
			byPath[parentPath] = parent
		}
		if t.Kind == Primitive && e.Name == "value" {
			continue // stands in JSON as the value itself
		}
		parent.add(e, &shared)
	}
	for _, f := range byPath {
		for _, p := range f.byName {
			if nested := byPath[p.Element.Path]; nested != nil {
				p.fields.Store(nested)
			}
		}
	}
	for _, p := range shared {
		p.fields.Store(byPath[p.Element.ContentReference])
	}
}

func (f *Fields) add(e *Element, shared *[]*Property) {
	if f.byName == nil {
		f.byName = map[string]*Property{}
	}
	ordinal := len(f.Elements)
	f.Elements = append(f.Elements, e)
	if e.Min > 0 {
		f.Required |= 1 << ordinal
	}
	repeats := e.Max != 1 && e.Max != 0
	if e.ContentReference != "" {
		p := &Property{Element: e, Ordinal: ordinal, Type: "BackboneElement", Repeats: repeats}
		f.byName[e.Name] = p
		*shared = append(*shared, p)
		return
	}
	for _, ref := range e.Types {
		name := e.Name
		if e.Choice {
			name += strings.ToUpper(ref.Code[:1]) + ref.Code[1:]
		}
		f.byName[name] = &Property{Element: e, Ordinal: ordinal, Type: ref.Code, Ref: ref, Primitive: isPrimitive(ref.Code), Repeats: repeats}
	}
}

// isPrimitive tells a primitive type by its name: R4 writes those with a small letter.
func isPrimitive(code string) bool { return code[0] >= 'a' && code[0] <= 'z' }
