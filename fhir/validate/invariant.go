package validate

import (
	"strings"
	"sync"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/fhir/definitions"
	"github.com/osler-ehr/osler/fhir/path"
)

// Invariants evaluates the rules that R4 states in FHIRPath on a resource and all that is in it, but for those that [Base] has
// checked and the advice to add a narrative. A rule whose result is empty, such as a comparison of dates of different
// precision, counts as kept.
//
// env is what the rules may reach; its zero value will do, for no rule of R4 but those of profiles follow references.
func Invariants(r *fhir.Resource, env path.Env) []fhir.Issue {
	w := invariantWalker{}
	w.root = r.Type()
	w.env = env
	root := r.Root()
	w.walk(resourceItem(root), scope{resource: root, root: root})
	return w.issues
}

// checkedElsewhere are the keys of the invariants that Base checks without FHIRPath, and of dom-6, which is advice that most
// clinical data cannot follow.
var checkedElsewhere = map[string]bool{
	"ele-1": true, "ext-1": true, "dom-2": true, "dom-3": true, "dom-4": true, "dom-5": true, "dom-6": true, "txt-1": true, "txt-2": true,
	"bdl-3": true, "bdl-4": true, "bdl-7": true, "bdl-11": true, "bdl-12": true, "ref-1": true,
}

// scope is what %resource and %rootResource mean at a place.
type scope struct{ resource, root fhir.Node }

type invariantWalker struct {
	trail
	env path.Env
}

func (w *invariantWalker) walk(it item, s scope) {
	if it.element != nil {
		w.hold(invariantsOf(it.element), it, s)
	}
	for t, ok := definitions.LookupType(it.typ); ok; t, ok = definitions.LookupType(t.Base) {
		w.hold(t.Invariants, it, s)
	}
	it.each(func(child item) {
		w.push(child.element.Name, child.index)
		w.walk(child, s.below(child))
		w.pop()
	})
}

// invariantsOf are an element's own invariants, or those of the element whose content it shares: an item within an item of a
// Questionnaire.
func invariantsOf(e *definitions.Element) []definitions.Invariant {
	if e.ContentReference == "" {
		return e.Invariants
	}
	typeName, _, _ := strings.Cut(e.ContentReference, ".")
	if t, ok := definitions.LookupType(typeName); ok {
		if shared, ok := t.Element(e.ContentReference); ok {
			return shared.Invariants
		}
	}
	return nil
}

// below is the scope in a child: a resource begins a new one, of which a contained resource keeps the root.
func (s scope) below(child item) scope {
	t, ok := definitions.LookupType(child.typ)
	if !ok || t.Kind != definitions.Resource {
		return s
	}
	if child.element.Name == "contained" {
		return scope{resource: child.node, root: s.root}
	}
	return scope{resource: child.node, root: child.node}
}

func (w *invariantWalker) hold(invariants []definitions.Invariant, it item, s scope) {
	for i := range invariants {
		if !checkedElsewhere[invariants[i].Key] {
			w.evaluate(&invariants[i], it, s, w.env)
		}
	}
}

// hold evaluates the invariants of a profile.
func (w *profileWalker) hold(invariants []definitions.Invariant, it item, s scope) {
	env := path.Env{}
	if w.checker.Resolve != nil {
		env.Resolver = path.ResolverFunc(func(reference string) (fhir.Node, error) {
			n, _ := w.lookUp(reference)
			return n, nil
		})
	}
	for i := range invariants {
		w.evaluate(&invariants[i], it, s, env)
	}
}

func (t *trail) evaluate(inv *definitions.Invariant, it item, s scope, env path.Env) {
	rule, err := ruleOf(inv.Expression)
	if err != nil {
		t.warn(fhir.CodeException, ruleInvariantSys, "the rule "+inv.Key+" cannot be read and was not checked: "+err.Error())
		return
	}
	env.Resource, env.RootResource = s.resource, s.root
	holds, known, err := rule.Bool(&env, it.value())
	switch {
	case err != nil:
		t.warn(fhir.CodeException, ruleInvariantSys, "the rule "+inv.Key+" could not be checked: "+err.Error())
	case known && !holds && inv.Severity == "warning":
		t.warn(fhir.CodeInvariant, inv.Key, inv.Human)
	case known && !holds:
		t.fail(fhir.CodeInvariant, inv.Key, inv.Human)
	}
}

// value is the item as a starting point of FHIRPath.
func (it item) value() path.Value {
	name := it.typ
	if name == "BackboneElement" || name == "Element" {
		name = it.element.Path
		if it.element.ContentReference != "" {
			name = it.element.ContentReference
		}
	}
	return path.Element(it.node, it.beside, name)
}

// rules holds the compiled expressions of the invariants that have been used. It is a cache only.
var rules sync.Map // expression -> *path.Expr or error

func ruleOf(expression string) (*path.Expr, error) {
	if r, ok := rules.Load(expression); ok {
		if e, ok := r.(*path.Expr); ok {
			return e, nil
		}
		return nil, r.(error)
	}
	e, err := path.Compile(expression)
	if err != nil {
		rules.Store(expression, err)
		return nil, err
	}
	rules.Store(expression, e)
	return e, nil
}
