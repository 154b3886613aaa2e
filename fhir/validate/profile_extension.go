package validate

import (
	"slices"
	"strings"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/fhir/definitions"
)

// extensions checks every extension of the resource whose definition is known: that it stands where it may, and has the value
// and the parts that its definition asks. Others are left alone. A wrong place is a warning, for HL7 has widened the places of
// many extensions since R4.
func (w *profileWalker) extensions() { w.extensionsIn(w.top, w.top.typ) }

// extensionsIn walks an item. path is the element's path in its type, such as "Patient.contact".
func (w *profileWalker) extensionsIn(it item, path string) {
	it.each(func(child item) {
		w.push(child.element.Name, child.index)
		defer w.pop()
		if child.typ == "Extension" {
			w.knownExtension(child, it, path)
		}
		w.extensionsIn(child, elementPath(child))
	})
}

// elementPath is the path by which definitions name an item's place: that of its element, or its type for a resource.
func elementPath(it item) string {
	if t, ok := definitions.LookupType(it.typ); ok && t.Kind == definitions.Resource {
		return it.typ
	}
	return it.element.Path
}

func (w *profileWalker) knownExtension(x, holder item, path string) {
	url := x.node.Get("url").Text()
	if !strings.Contains(url, ":") {
		return // a part of another extension, which its definition describes
	}
	p, ok := w.defs.Profile(url)
	if !ok || p.Type != "Extension" {
		return
	}
	if !inContext(p.Contexts, holder, path) {
		w.warn(fhir.CodeExtension, ruleExtension, "by R4's definition this extension does not stand here, but in "+orList(p.Contexts))
	}
	w.children(constraintsOf(p), x)
}

// inContext tells whether an extension may stand in an item: by the path of its element, its type, or a base type.
func inContext(contexts []string, holder item, path string) bool {
	if len(contexts) == 0 {
		return true
	}
	if slices.Contains(contexts, path) || slices.Contains(contexts, "Element") {
		return true
	}
	for name := holder.typ; name != ""; {
		if slices.Contains(contexts, name) {
			return true
		}
		t, ok := definitions.LookupType(name)
		if !ok {
			break
		}
		name = t.Base
	}
	// What is neither a type nor the path of an element (a FHIRPath, the url of another extension) is not judged.
	return slices.ContainsFunc(contexts, func(c string) bool {
		head, _, _ := strings.Cut(c, ".")
		_, known := definitions.LookupType(head)
		return !known || strings.ContainsAny(c, "(:[")
	})
}
