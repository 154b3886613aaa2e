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

// target checks the type of resource that a reference points at, as far as the reference or what it leads to tells it, and
// where Checker.Targets asks for it the profile too.
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
	var found item
	there := false
	if got == "" || w.checker.Targets && w.depth == 0 {
		if found, there = w.follow(it.node); there {
			got = found.typ
		}
	}
	if got != "" && !slices.Contains(allowed, got) {
		slices.Sort(allowed)
		w.failAt("reference", fhir.CodeStructure, ruleReference,
			"the profile does not allow a "+got+" here; this reference points at "+orList(slices.Compact(allowed)))
		return
	}
	if there && w.checker.Targets && w.depth == 0 {
		w.targetProfile(it.node.Get("reference").Text(), found, targets)
	}
}

// targetProfile warns of a resource that follows none of the profiles that a reference to it allows.
func (w *profileWalker) targetProfile(reference string, found item, targets []string) {
	var missed []string
	for _, target := range targets {
		if w.follows(reference, found, target) != no {
			return
		}
		if name, _ := w.targetType(target); name == found.typ {
			missed = append(missed, target)
		}
	}
	if len(missed) > 0 {
		w.push("reference", -1)
		w.warn(fhir.CodeStructure, ruleReference, "the "+found.typ+" that this leads to does not follow "+orList(missed)+", as this reference asks: validate it against that")
		w.pop()
	}
}

// follows tells whether what a reference led to follows a target.
func (w *profileWalker) follows(reference string, found item, target string) answer {
	if w.checker.judged == nil || strings.HasPrefix(reference, "#") {
		return w.fits("profile", target, nil, found.typ, found, true)
	}
	key := judged{reference, target}
	a, known := w.checker.judged[key]
	if !known {
		a = w.fits("profile", target, nil, found.typ, found, true)
		w.checker.judged[key] = a
	}
	return a
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
