package validate

import (
	"strings"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/fhir/definitions"
)

// Profile checks a resource against one profile of R4 or US Core, beyond what [Base] checks: cardinality, types, fixed values
// and patterns, required bindings (and extensible ones, as warnings), slices, the profile's own invariants, and every extension
// whose definition is known. R4's invariants are left to [Invariants]. url may end in "|version".
func Profile(r *fhir.Resource, url string) []fhir.Issue { return Checker{}.Profile(r, url) }

// Claimed checks a resource against every profile that it names in meta.profile. A profile that is not known here is
// reported as information, for a resource may follow rules that Osler does not have.
func Claimed(r *fhir.Resource) []fhir.Issue { return Checker{}.Claimed(r) }

// Checker checks resources against profiles. The zero Checker knows those of R4 and US Core.
type Checker struct {
	// Definitions are the profiles and value sets that are known.
	Definitions *definitions.Set
	// Resolve looks up what a literal reference such as "Patient/1" leads to, for slices that are told apart by it and for rules
	// with resolve(); false for what is not there or not to be seen. Contained resources are found without it. nil = nothing is
	// looked up.
	Resolve func(reference string) (fhir.Node, bool)
	// Targets asks that what references lead to be held to the profiles that the references allow. The findings are warnings:
	// the fault lies in another resource. What is not found is not judged.
	Targets bool

	// judged remembers, for the entries of one Bundle, whether a target follows a profile: all may refer to the same patient.
	judged map[judged]answer
}

type judged struct{ reference, profile string }

// Profile is [Profile] by what the checker knows.
func (c Checker) Profile(r *fhir.Resource, url string) []fhir.Issue {
	w := newProfileWalker(r, c)
	w.profile(url)
	w.extensions()
	return w.issues
}

// Claimed is [Claimed] by what the checker knows.
func (c Checker) Claimed(r *fhir.Resource) []fhir.Issue {
	w := newProfileWalker(r, c)
	claims := r.Root().Get("meta").Get("profile")
	i := 0
	for c := claims.First(); c.Exists(); c = c.Sibling(claims) {
		url := c.Text()
		if _, known := w.defs.Profile(url); known {
			w.profile(url)
		} else if !isCoreType(url) && url != "" {
			w.push("meta", -1)
			w.push("profile", i)
			w.add(fhir.SeverityInformation, fhir.CodeNotSupported, ruleProfile, "this profile is not known here; the resource was not checked against it")
			w.pop()
			w.pop()
		}
		i++
	}
	w.extensions()
	return w.issues
}

// isCoreType is true of the URL of one of R4's own types, which Base checks.
func isCoreType(url string) bool {
	name, ok := strings.CutPrefix(url, "http://hl7.org/fhir/StructureDefinition/")
	if !ok {
		return false
	}
	_, ok = definitions.LookupType(name)
	return ok
}

// profileWalker walks a resource along a profile.
type profileWalker struct {
	trail
	defs  *definitions.Set
	top   item
	scope scope

	checker  Checker
	depth    int  // how many references lead to the resource
	followed *int // how many references were looked up, with those of the resources in between
	missing  bool // a slice could not be told, because what a reference leads to is not here
}

func newProfileWalker(r *fhir.Resource, c Checker) *profileWalker {
	if r.Type() == "Bundle" {
		c = c.Within(r)
	}
	w := &profileWalker{checker: c, defs: c.Definitions, top: resourceItem(r.Root()), scope: scope{resource: r.Root(), root: r.Root()}, followed: new(int)}
	w.root = r.Type()
	return w
}

// maxBases bounds the way from a profile to what it is derived from.
const maxBases = 16

func (w *profileWalker) profile(url string) { w.derived(url, 0) }

func (w *profileWalker) derived(url string, depth int) {
	p, ok := w.defs.Profile(url)
	switch {
	case !ok:
		w.fail(fhir.CodeNotSupported, ruleProfile, "this profile is not known here: use one of US Core 6.1.0 or 7.0.0, of R4, or of a package that is loaded")
	case p.Type != w.root:
		w.fail(fhir.CodeStructure, ruleProfile, "the profile "+p.Name+" is for resources of type "+p.Type)
	case w.top.fields != nil:
		w.hold(p.Invariants, w.top, w.scope)
		w.children(constraintsOf(p), w.top)
		if p.Partial && depth < maxBases && !isCoreType(p.Base) {
			w.derived(p.Base, depth+1)
		}
	}
}
