package validate

import (
	"slices"
	"strings"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/fhir/definitions"
)

// reference checks that a reference has a form that can be followed and may point at a resource of that type. Whether the
// resource exists is not looked up here.
func (w *walker) reference(n fhir.Node, targets []string) {
	literal := n.Get("reference")
	named := n.Get("type").Text()
	if named != "" {
		w.targetType(strings.TrimPrefix(named, "http://hl7.org/fhir/StructureDefinition/"), "type", targets)
	}
	if literal.Kind() != fhir.String || literal.Text() == "" {
		return
	}
	target, ok := fhir.ParseReference(literal.Text())
	if !ok {
		w.failAt("reference", fhir.CodeValue, ruleReference,
			"the reference is not well-formed: write Type/id, an absolute URL, urn:uuid:, or #id of a contained resource")
		return
	}
	switch target.Kind {
	case fhir.FragmentTarget:
		if target.Fragment == "" {
			return // the container itself
		}
		if found, ok := w.contained(target.Fragment); ok {
			w.targetType(found.Get("resourceType").Text(), "reference", targets)
		} else {
			w.failAt("reference", fhir.CodeValue, ruleContained, "no contained resource has this id: contain it, or mend the reference")
		}
	case fhir.RelativeTarget, fhir.ConditionalTarget:
		w.targetType(target.Type, "reference", targets)
	case fhir.AbsoluteTarget:
		// Another server's URL may look like Type/id without being one.
		if definitions.IsResourceType(target.Type) {
			w.targetType(target.Type, "reference", targets)
		}
	}
}

// targetType checks the resource type that a reference names, in its literal or in its type element.
func (w *walker) targetType(name, element string, targets []string) {
	if !definitions.IsResourceType(name) {
		w.failAt(element, fhir.CodeValue, ruleReference, "R4 has no resource type of this name: names are exact, such as Patient")
		return
	}
	if targets != nil && !slices.Contains(targets, name) {
		w.failAt(element, fhir.CodeStructure, ruleReference, "a "+name+" may not stand here; this reference points at "+orList(targets))
	}
}

// orList joins names for a person.
func orList(names []string) string {
	if len(names) == 1 {
		return names[0]
	}
	return strings.Join(names[:len(names)-1], ", ") + " or " + names[len(names)-1]
}
