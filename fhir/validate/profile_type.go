package validate

import (
	"slices"
	"strings"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/fhir/definitions"
)

// types checks that a value is of a type that the profile leaves, which it answers, and a reference of a target that it leaves.
func (w *profileWalker) types(e *definitions.ProfileElement, it item) bool {
	if e.Types == nil {
		return true
	}
	i := slices.IndexFunc(e.Types, func(t definitions.TypeRef) bool { return t.Code == it.typ })
	if i < 0 {
		if it.element.Choice {
			w.fail(fhir.CodeStructure, ruleType, "the profile allows only "+orList(typeCodes(e.Types))+" here")
		}
		return false
	}
	if it.typ == "Reference" {
		w.target(it, e.Types[i].Targets)
	}
	return true
}

func typeCodes(types []definitions.TypeRef) []string {
	codes := make([]string, len(types))
	for i, t := range types {
		codes[i] = t.Code
	}
	return codes
}

// target checks the type of resource that a reference points at, as far as the reference tells it.
func (w *profileWalker) target(it item, targets []string) {
	if targets == nil {
		return
	}
	var allowed []string
	for _, t := range targets {
		name, ok := w.targetType(t)
		if !ok {
			return // a profile that is not known may be of any type
		}
		allowed = append(allowed, name)
	}
	got := w.pointsAt(it.node)
	if got != "" && !slices.Contains(allowed, got) {
		slices.Sort(allowed)
		w.failAt("reference", fhir.CodeStructure, ruleReference,
			"the profile does not allow a "+got+" here; this reference points at "+orList(slices.Compact(allowed)))
	}
}

// targetType is the resource type of a target, which is a type's name or a profile's URL.
func (w *profileWalker) targetType(target string) (string, bool) {
	if !strings.Contains(target, ":") {
		return target, target != "Resource"
	}
	p, ok := w.defs.Profile(target)
	if !ok {
		return "", false
	}
	return p.Type, true
}

// pointsAt is the resource type that a Reference names, "" when it does not tell.
func (w *profileWalker) pointsAt(reference fhir.Node) string {
	t, ok := fhir.ParseReference(reference.Get("reference").Text())
	switch {
	case !ok:
	case t.Kind == fhir.FragmentTarget:
		list := w.top.node.Get("contained")
		for c := range list.Children() {
			if c.Get("id").Text() == t.Fragment {
				return c.Get("resourceType").Text()
			}
		}
	case definitions.IsResourceType(t.Type):
		return t.Type
	}
	return ""
}
