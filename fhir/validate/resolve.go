package validate

import (
	"slices"
	"strings"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/fhir/definitions"
)

// Slices may be told apart by what a reference leads to: a discriminator with resolve() in its path, of the type, of the
// profile or of a value of the target. (FHIR R4 profiling.html#discriminator)

// maxFollowed bounds how many references one check of a resource looks up, and maxTargets how deep a target is held to its
// profile, whose slices may go through references again.
const (
	maxFollowed = 200
	maxTargets  = 3
)

// Within is a checker of the entries of a Bundle: references are looked up among them first.
func (c Checker) Within(bundle *fhir.Resource) Checker {
	entries := map[string]fhir.Node{}
	for e := range bundle.Get("entry").Values() {
		r := e.Get("resource")
		if !r.Exists() {
			continue
		}
		if url := e.Get("fullUrl").Text(); url != "" {
			entries[url] = r
			if t, ok := fhir.ParseReference(url); ok && t.Type != "" && t.ID != "" {
				entries[t.Type+"/"+t.ID] = r
			}
		}
		if id := r.Get("id").Text(); id != "" {
			entries[r.Get("resourceType").Text()+"/"+id] = r
		}
	}
	c.judged = map[judged]answer{}
	outside := c.Resolve
	c.Resolve = func(reference string) (fhir.Node, bool) {
		if r, ok := entries[reference]; ok {
			return r, true
		}
		if outside != nil {
			return outside(reference)
		}
		return fhir.Node{}, false
	}
	return c
}

// follow finds what a Reference leads to: contained, in the Bundle that is checked, or by Checker.Resolve.
func (w *profileWalker) follow(reference fhir.Node) (item, bool) {
	literal := reference.Get("reference").Text()
	t, ok := fhir.ParseReference(literal)
	switch {
	case !ok:
	case t.Kind == fhir.FragmentTarget:
		if t.Fragment == "" {
			return w.top, true
		}
		for c := range w.top.node.Get("contained").Children() {
			if c.Get("id").Text() == t.Fragment {
				return resourceItem(c), true
			}
		}
	default:
		if n, ok := w.lookUp(literal); ok {
			return resourceItem(n), true
		}
	}
	return item{}, false
}

// lookUp finds what stands elsewhere, up to maxFollowed times.
func (w *profileWalker) lookUp(literal string) (fhir.Node, bool) {
	if w.checker.Resolve == nil || *w.followed >= maxFollowed {
		return fhir.Node{}, false
	}
	*w.followed++
	n, ok := w.checker.Resolve(literal)
	return n, ok && n.Kind() == fhir.Object
}

// beyond discriminates by what a reference leads to: there is resolve() in the path.
func (w *profileWalker) beyond(s *constraint, kind, path string, it item) answer {
	before, behind, ok := strings.Cut("."+path, ".resolve()")
	if !ok || strings.ContainsAny(before+behind, "()") {
		return unknown
	}
	var way []string
	if before = strings.TrimPrefix(strings.TrimPrefix(before, "."), "$this"); before != "" {
		way = strings.Split(strings.TrimPrefix(before, "."), ".")
	}
	var rest []string
	if behind != "" {
		rest = strings.Split(behind[1:], ".")
	}
	want := s.find(way)
	best := no
	for _, x := range it.at(way) {
		if x.typ != "Reference" {
			continue
		}
		switch w.leads(want, kind, rest, x) {
		case yes:
			return yes
		case unknown:
			best = unknown
		}
	}
	return best
}

// leads tells whether a reference leads to what a slice asks: to one of the types or profiles that its targets name, or,
// where the path goes on behind it, to a resource with such a value there as the profile of a target asks.
func (w *profileWalker) leads(want *constraint, kind string, rest []string, it item) answer {
	targets := targetsOf(want)
	found, there := w.follow(it.node)
	typ := w.pointsAt(it.node)
	if there {
		typ = found.typ
	}
	best := no
	for _, target := range targets {
		a := w.fits(kind, target, rest, typ, found, there)
		if a == yes {
			return yes
		}
		if a == unknown {
			best = unknown
		}
	}
	if targets == nil {
		best = unknown
	}
	if best == unknown && !there {
		w.missing = true
	}
	return best
}

// targetsOf are the targets of the references that a constraint is of.
func targetsOf(c *constraint) []string {
	if c == nil || c.element == nil {
		return nil
	}
	for _, t := range c.element.Types {
		if t.Code == "Reference" {
			return t.Targets
		}
	}
	return nil
}

// fits tells whether a resource is what one target names.
func (w *profileWalker) fits(kind, target string, rest []string, typ string, found item, there bool) answer {
	name, known := w.targetType(target)
	if known && typ != "" && name != typ {
		return no
	}
	if kind == "type" && len(rest) == 0 {
		if !known || typ == "" {
			return unknown
		}
		return yes
	}
	if !there {
		return unknown
	}
	p, ok := w.defs.Profile(target)
	if kind == "profile" && len(rest) == 0 {
		if !ok { // a type alone: every resource of it is right
			if known && !strings.Contains(target, ":") {
				return yes
			}
			return unknown
		}
		return w.conforms(p, found)
	}
	if !ok {
		return unknown
	}
	return w.asked(constraintsOf(p), kind, rest, found)
}

// asked applies what is left of a discriminator to a resource that a reference led to.
func (w *profileWalker) asked(c *constraint, kind string, rest []string, found item) answer {
	switch kind {
	case "value", "pattern":
		return c.byValue(rest, found)
	case "exists":
		return c.byExistence(rest, found)
	case "type":
		return c.byType(rest, found)
	}
	return unknown
}

// conforms tells whether a resource that was looked up follows a profile.
func (w *profileWalker) conforms(p *definitions.StructureProfile, found item) answer {
	if w.depth >= maxTargets || found.fields == nil {
		return unknown
	}
	inner := &profileWalker{
		checker: w.checker, defs: w.defs, top: found, scope: scope{resource: found.node, root: found.node},
		depth: w.depth + 1, followed: w.followed,
	}
	inner.root = found.typ
	inner.profile(p.URL)
	if slices.ContainsFunc(inner.issues, func(i fhir.Issue) bool { return i.Severity == fhir.SeverityError || i.Severity == fhir.SeverityFatal }) {
		return no
	}
	if inner.missing {
		return unknown
	}
	return yes
}
