package validate

import (
	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/fhir/definitions"
)

// Base checks a resource against R4 itself. It returns nil for a good one.
func Base(r *fhir.Resource) []fhir.Issue {
	w := walker{}
	w.resource(r.Root())
	return w.issues
}

// walker walks one resource. It knows the way from the root to where it stands and collects issues.
type walker struct {
	trail
	// container is the resource whose contained resources a "#id" can mean: the outermost, or an entry of a Bundle.
	container fhir.Node
	inside    bool     // in a contained resource
	fragments []string // the ids that "#id" references in the container name
}

// resource checks a whole resource: the root, an entry of a Bundle, a parameter or, with inside set, a contained one.
func (w *walker) resource(n fhir.Node) {
	if n.Kind() != fhir.Object {
		w.fail(fhir.CodeStructure, ruleShape, "a resource belongs here, as a JSON object")
		return
	}
	t, ok := w.resourceType(n)
	if !ok {
		return
	}
	if len(w.steps) == 0 {
		w.root = t.Name
	}
	if w.inside {
		w.object(n, t.Fields(), true)
		w.containedRules(n)
		return
	}
	outer, outerFragments := w.container, w.fragments
	w.container, w.fragments = n, nil
	w.object(n, t.Fields(), true)
	w.containedAreUsed(n)
	if t.Name == "Bundle" {
		w.bundleRules(n)
	}
	w.container, w.fragments = outer, outerFragments
}

// resourceType finds the definition of the resource at n.
func (w *walker) resourceType(n fhir.Node) (*definitions.Type, bool) {
	name := n.Get("resourceType")
	if name.Kind() != fhir.String || name.Text() == "" {
		w.fail(fhir.CodeStructure, ruleResourceType, "the property resourceType is missing; it names the kind of resource, such as Patient")
		return nil, false
	}
	t, ok := definitions.LookupType(name.Text())
	if !ok || t.Kind != definitions.Resource || t.Abstract {
		if len(w.steps) == 0 {
			w.root = "Resource"
		}
		w.fail(fhir.CodeStructure, ruleResourceType, "the resourceType is not one of R4's resource types; names are exact, such as Patient or MedicationRequest")
		return nil, false
	}
	return t, true
}
