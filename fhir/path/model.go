package path

import (
	"strings"
	"sync"
	"sync/atomic"

	"github.com/osler-ehr/osler/fhir/definitions"
)

// fhirType is what evaluation needs to know about one FHIR type, or about one backbone element, which is a
// type of its own.
type fhirType struct {
	name             string // "HumanName"; for a backbone element its path, "Patient.contact"
	code             string // name as type() tells it: "HumanName", "BackboneElement"
	base             *fhirType
	kind             Kind // of the language
	primitive        bool
	resource         bool
	abstractResource bool // Resource, DomainResource: the document names the real type
	children         map[string]*child
	order            []string // names of the children, as the specification orders them
}

// child is an element of a type.
type child struct {
	name    string
	path    string
	repeats bool
	choice  bool
	keys    map[string]*childKey // by JSON property name; one key unless choice
	only    *childKey            // the key, unless choice
}

// childKey is one JSON property that may stand for the element, with the type of its value.
type childKey struct {
	property *definitions.Property
	parent   string
	typ      atomic.Pointer[fhirType]
}

// types holds every fhirType that was asked for. It only caches what the definitions say.
var types sync.Map // name or path of a backbone element -> *fhirType

// typeNamed finds a type by name, or a backbone element by its path ("Patient.contact"); nil if R4 has
// none.
func typeNamed(name string) *fhirType {
	if t, ok := types.Load(name); ok {
		return t.(*fhirType)
	}
	t := makeType(name)
	if t == nil {
		return nil
	}
	kept, _ := types.LoadOrStore(name, t)
	return kept.(*fhirType)
}

func makeType(name string) *fhirType {
	if head, rest, nested := strings.Cut(name, "."); nested {
		t := typeNamed(head)
		for t != nil && rest != "" {
			head, rest, _ = strings.Cut(rest, ".")
			c := t.children[head]
			if c == nil || c.only == nil {
				return nil
			}
			t = c.only.typeOf()
		}
		return t
	}
	def, ok := definitions.LookupType(name)
	if !ok {
		return nil
	}
	t := &fhirType{name: name, code: name, primitive: def.Kind == definitions.Primitive, resource: def.Kind == definitions.Resource}
	t.abstractResource = t.resource && def.Abstract
	if def.Base != "" {
		t.base = typeNamed(def.Base)
	}
	if t.primitive {
		t.kind = kindOf(name)
	}
	t.fill(def.Fields())
	return t
}

// kindOf is the language's type of a FHIR primitive.
func kindOf(primitive string) Kind {
	switch primitive {
	case "boolean":
		return Boolean
	case "integer", "unsignedInt", "positiveInt":
		return Integer
	case "decimal":
		return Decimal
	case "date":
		return Date
	case "dateTime", "instant":
		return DateTime
	case "time":
		return Time
	}
	return String
}

func (t *fhirType) fill(fields *definitions.Fields) {
	if fields == nil {
		return
	}
	t.children = make(map[string]*child, len(fields.Elements))
	for _, e := range fields.Elements {
		c := &child{name: e.Name, path: e.Path, choice: e.Choice, keys: map[string]*childKey{}}
		add := func(key string) {
			if p, ok := fields.Lookup(key); ok {
				k := &childKey{property: p, parent: t.name + "." + e.Name}
				c.keys[key], c.repeats = k, p.Repeats
				if !e.Choice {
					c.only = k
				}
			}
		}
		if e.Choice {
			for _, ref := range e.Types {
				add(e.Name + strings.ToUpper(ref.Code[:1]) + ref.Code[1:])
			}
		} else {
			add(e.Name)
		}
		t.children[e.Name] = c
		t.order = append(t.order, e.Name)
	}
}

// typeOf is the type of the property's value.
func (k *childKey) typeOf() *fhirType {
	if t := k.typ.Load(); t != nil {
		return t
	}
	t := k.resolve()
	k.typ.Store(t)
	return t
}

func (k *childKey) resolve() *fhirType {
	p := k.property
	if p.Type != "BackboneElement" && p.Type != "Element" {
		if len(p.Ref.Profiles) == 1 && typeNamed(p.Ref.Profiles[0]) != nil {
			return typeNamed(p.Ref.Profiles[0]) // SimpleQuantity
		}
		return typeNamed(p.Type)
	}
	path := k.parent
	if p.Element.ContentReference != "" {
		path = p.Element.ContentReference
	}
	if t, ok := types.Load(path); ok {
		return t.(*fhirType)
	}
	t := &fhirType{name: path, code: p.Type, base: typeNamed(p.Type)}
	t.fill(p.Fields())
	kept, _ := types.LoadOrStore(path, t)
	return kept.(*fhirType)
}

// is reports whether t is the type, or derives from it.
func (t *fhirType) is(other *fhirType) bool {
	if other == nil {
		return false
	}
	for ; t != nil; t = t.base {
		if t == other {
			return true
		}
	}
	return false
}

// reflected is the name that type() gives.
func (t *fhirType) reflected() string { return t.code }
