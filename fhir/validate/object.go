package validate

import (
	"math/bits"
	"strings"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/fhir/definitions"
)

// object checks the properties of one JSON object: every one is known and well-formed, none is missing, and of a choice
// there is one.
func (w *walker) object(n fhir.Node, f *definitions.Fields, isResource bool) {
	var seen uint64
	content := false // something besides an id
	for c := n.First(); c.Exists(); c = c.Sibling(n) {
		key := c.Key()
		underscore := key != "" && key[0] == '_'
		name := key
		if underscore {
			name = key[1:]
		}
		p, known := f.Lookup(name)
		if !known {
			if isResource && key == "resourceType" {
				continue
			}
			w.unknown(key, f)
			continue
		}
		content = content || p.Element.Name != "id"
		if underscore {
			main := n.Get(name)
			w.sibling(c, main, p)
			if main.Exists() {
				continue // counted there
			}
		}
		if bit := uint64(1) << p.Ordinal; seen&bit != 0 {
			w.secondChoice(p.Element)
		} else {
			seen |= bit
		}
		if !underscore {
			w.property(n, c, p)
		}
	}
	if !content && !isResource {
		w.noContent()
	}
	for missing := f.Required &^ seen; missing != 0; missing &= missing - 1 {
		w.missing(f.Elements[bits.TrailingZeros64(missing)])
	}
}

// property checks the value or values under one name.
func (w *walker) property(parent, n fhir.Node, p *definitions.Property) {
	name := p.Element.Name
	if !p.Repeats {
		w.push(name, -1)
		if p.Element.Max == 0 {
			w.notAllowed()
		} else if n.Kind() == fhir.Array {
			w.fail(fhir.CodeStructure, ruleShape, "this element does not repeat: write its value without the array")
		} else {
			w.value(n, p)
		}
		w.pop()
		return
	}
	if n.Kind() != fhir.Array {
		w.push(name, -1)
		w.fail(fhir.CodeStructure, ruleShape, "this element repeats: write its values in an array, even a single one")
		w.pop()
		return
	}
	count := 0
	for c := n.First(); c.Exists(); c = c.Sibling(n) {
		w.push(name, count)
		if c.Kind() == fhir.Null && p.Primitive {
			w.padding(parent, p, n.Key(), count)
		} else {
			w.value(c, p)
		}
		w.pop()
		count++
	}
	w.push(name, -1)
	w.countOf(count, p.Element)
	w.pop()
}

// value checks one value.
func (w *walker) value(n fhir.Node, p *definitions.Property) {
	switch {
	case n.Kind() == fhir.Null:
		w.fail(fhir.CodeStructure, ruleNull, "null does not stand for a value: leave the property out")
	case p.Primitive:
		w.primitive(n, p)
	case p.Type == "Resource":
		w.nested(n, p)
	case n.Kind() != fhir.Object:
		w.fail(fhir.CodeStructure, ruleShape, "an object belongs here ("+p.Type+"), not a JSON "+n.Kind().String())
	case !n.First().Exists():
		w.fail(fhir.CodeStructure, ruleEmpty, "the object is empty: leave the property out")
	default:
		w.object(n, p.Fields(), false)
		w.dataType(n, p)
	}
}

// dataType makes the checks that belong to a data type as a whole.
func (w *walker) dataType(n fhir.Node, p *definitions.Property) {
	switch p.Type {
	case "Reference":
		w.reference(n, p.Ref.Targets)
	case "Coding":
		w.coding(n, p.Element.Binding)
	case "CodeableConcept":
		w.codeableConcept(n, p.Element.Binding)
	case "Extension":
		w.extension(n)
	}
}

// nested checks a resource inside a resource.
func (w *walker) nested(n fhir.Node, p *definitions.Property) {
	if p.Element.Name != "contained" {
		w.resource(n)
		return
	}
	if w.inside {
		w.fail(fhir.CodeStructure, "dom-2", "a contained resource holds no contained resources itself: put all of them into the outermost")
		return
	}
	w.inside = true
	w.resource(n)
	w.inside = false
}

// unknown reports a property that R4 does not have here, with the one that is probably meant.
func (w *walker) unknown(key string, f *definitions.Fields) {
	text := "R4 has no such element here: remove it, or carry its content in an extension"
	if meant := meantName(key, f); meant != "" {
		text = "R4 has no such element here; " + meant + " is meant, perhaps"
	}
	w.failAt(key, fhir.CodeStructure, ruleUnknown, text)
}

// meantName guesses what a wrong property name means: the same name in other case, in the plural or singular, or a choice
// without its type.
func meantName(key string, f *definitions.Fields) string {
	key = strings.TrimPrefix(key, "_")
	for _, name := range f.Names() {
		if strings.EqualFold(name, key) || name+"s" == key || key+"s" == name {
			return name
		}
	}
	for _, e := range f.Elements {
		if e.Choice && strings.HasPrefix(key, e.Name) {
			return "one of the names of " + e.Name + "[x], such as " + e.Name + strings.ToUpper(e.Types[0].Code[:1]) + e.Types[0].Code[1:] + ","
		}
	}
	return ""
}
