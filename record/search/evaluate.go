package search

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/fhir/definitions"
	fhirpath "github.com/osler-ehr/osler/fhir/path"
	"github.com/osler-ehr/osler/store"
)

// A parameter of a record's own whose expression is more than a path is evaluated, for every document of its types that
// is written. It has an atom of its own, named after the expression.

// evaluationSteps bounds the work that one parameter may make of one document. Beyond it, the document is not found by
// the parameter: that a write goes through must not depend on it.
const evaluationSteps = 200_000

// computed is how the values of an expression become index rows.
type computed struct {
	p     *Parameter
	atom  *Atom
	ident *Atom // for references: their identifiers
}

var (
	// beyond is what an expression cannot use: the moment, other servers, other documents.
	beyond = regexp.MustCompile(`\b(now|today|timeOfDay|memberOf|conformsTo|subsumes|subsumedBy|trace|getValueSet)\s*\(`)
	// followed is what may come behind resolve(): a question for the type, which the reference itself answers.
	followed = regexp.MustCompile(`^\s*(\.\s*(is|as|ofType)\s*\(\s*(FHIR\.)?[A-Z][A-Za-z]+\s*\)|(is|as)\s+(FHIR\.)?[A-Z][A-Za-z]+)`)
	quoted   = regexp.MustCompile(`'(?:[^'\\]|\\.)*'`)
	// rooted is the resource type that a path begins with.
	rooted = regexp.MustCompile(`(?:^|[^.\w])([A-Z][A-Za-z]+)\s*\.`)
)

// computeOf makes a parameter that is evaluated, for one type.
func (x *Edition) computeOf(typ string, p *Parameter) error {
	var kept []string
	for _, alternative := range splitTop(p.Expression, '|') {
		root := rooted.FindStringSubmatch(quoted.ReplaceAllString(alternative, "''"))
		if root == nil || root[1] == typ || root[1] == "Resource" || root[1] == "DomainResource" || !definitions.IsResourceType(root[1]) {
			kept = append(kept, strings.TrimSpace(alternative))
		}
	}
	if kept == nil {
		return fmt.Errorf("the expression has no path that begins with %s", typ)
	}
	p.Expression = strings.Join(kept, " | ")
	bare := quoted.ReplaceAllString(p.Expression, "''")
	if m := beyond.FindStringSubmatch(bare); m != nil {
		return fmt.Errorf("the expression uses %s(), which depends on more than the document; a search can only find what stands in it", m[1])
	}
	for rest := bare; ; {
		_, after, more := strings.Cut(rest, "resolve()")
		if !more {
			break
		}
		if !followed.MatchString(after) {
			return fmt.Errorf("the expression follows a reference at resolve(); it can only ask for its type there, as in resolve() is Patient, because the index of a document must not depend on others")
		}
		rest = after
	}
	expr, err := fhirpath.Compile(p.Expression)
	if err != nil {
		return err
	}
	types, known, err := expr.Types(typ)
	if err != nil {
		return err
	}
	indexed := types
	if known {
		indexed = slices.DeleteFunc(slices.Clone(types), func(t string) bool { return !findable(p.Type, plainType(t)) })
		if len(indexed) == 0 {
			return fmt.Errorf("the expression leads to %s, which a parameter of type %s cannot compare", or(strings.Join(types, ", "), "nothing"), p.Type)
		}
	} else {
		indexed = usualTypes[p.Type]
	}
	p.expr = expr
	p.Atoms = []*Atom{x.computedAtom(typ, p, indexed)}
	return nil
}

// usualTypes are those of parameters of which the types are not known beforehand.
var usualTypes = map[string][]string{
	"token": {"CodeableConcept"}, "reference": {"Reference"}, "date": {"dateTime"}, "string": {"string"}, "uri": {"uri"}, "number": {"decimal"}, "quantity": {"Quantity"},
}

// findable reports whether a parameter can find by values of a FHIR type.
func findable(searchType, fhirType string) bool {
	_, ok := indexKind(searchType, fhirType)
	return ok || searchType == "reference" && definitions.IsResourceType(fhirType) || searchType == "string" && subpaths[fhirType] != nil
}

// plainType is the FHIR type by which a computed value is indexed.
func plainType(t string) string {
	switch t {
	case "System.Boolean":
		return "boolean"
	case "System.String":
		return "string"
	case "System.Integer":
		return "integer"
	case "System.Decimal":
		return "decimal"
	case "System.Date", "System.DateTime":
		return "dateTime"
	}
	return t
}

func (x *Edition) computedAtom(typ string, p *Parameter, types []string) *Atom {
	kind, ok := store.IndexKind(0), false
	for _, t := range append(slices.Clone(types), usualTypes[p.Type]...) {
		if kind, ok = indexKind(p.Type, plainType(t)); ok {
			break
		}
	}
	name := typ + ".{" + p.Expression + "}"
	if p.Type == "uri" {
		name += ":uri"
	}
	var a *Atom
	for _, t := range types {
		a = x.atom(name, kind, plainType(t), "")
	}
	a.Exact = p.Type == "uri"
	switch kind {
	case store.Texts:
		a.Long = x.atom(name+":long", store.Tokens, "boolean", "")
	case store.Refs:
		x.atom(name+":identifier", store.Tokens, "Identifier", "")
	}
	return a
}

// computed is how a parameter that was found good makes its rows.
func (p *Parameter) computed(x *Edition) computed {
	a := p.Atoms[0]
	return computed{p, a, x.atoms["t:"+a.Name[2:]+":identifier"]}
}

// compute makes the rows of a parameter that is evaluated.
func (x *Index) compute(r *fhir.Resource, c *computed, out *store.Index) {
	for _, v := range c.p.evaluated(r) {
		c.emit(x, v.node, v.fhirType, out)
	}
}

func (c *computed) emit(x *Index, n fhir.Node, fhirType string, out *store.Index) {
	if parts := subpaths[fhirType]; parts != nil && c.p.Type == "string" {
		for _, part := range parts {
			for v := range n.Get(part).Values() {
				c.emit(x, v, "string", out)
			}
		}
		return
	}
	if kind, ok := indexKind(c.p.Type, fhirType); !ok || kind != c.atom.Kind {
		return
	}
	x.emit(n, &emit{atom: c.atom, fhirType: fhirType, ident: c.ident}, out)
}

// found is a value that an expression gave.
type found struct {
	node     fhir.Node
	fhirType string
}

// evaluated are the values of a parameter's expression. A document on which it fails, or takes too long, has none.
func (p *Parameter) evaluated(r *fhir.Resource) (out []found) {
	values, err := p.expr.Eval(fhirpath.Env{Resource: r.Root(), Resolver: fhirpath.ResolverFunc(named), MaxSteps: evaluationSteps}, fhirpath.Root(r))
	if err != nil {
		return nil
	}
	for _, v := range values {
		n, typ := v.Node(), plainType(v.TypeName())
		if !n.Exists() {
			text := v.Text()
			if text == "" {
				continue
			}
			if typ != "integer" && typ != "decimal" {
				text = string(fhir.AppendString(nil, strings.TrimPrefix(text, "@")))
			}
			n = fhir.Open([]byte(`{"value":` + text + `}`)).Get("value")
		}
		if n.Get("resourceType").Exists() {
			typ = "Resource"
		}
		out = append(out, found{n, typ})
	}
	return out
}

// named is a resource of which nothing is known but its type and id, which stand in the reference to it.
func named(reference string) (fhir.Node, error) {
	t, ok := fhir.ParseReference(reference)
	if !ok || t.Type == "" || t.ID == "" {
		return fhir.Node{}, nil
	}
	return fhir.Open([]byte(`{"resourceType":"` + t.Type + `","id":"` + t.ID + `"}`)).Root(), nil
}

// nodes are the places in a document that the parameter leads to.
func (p *Parameter) nodes(r *fhir.Resource) (out []fhir.Node) {
	if p.expr == nil {
		return p.extract.nodes(r.Root())
	}
	for _, v := range p.evaluated(r) {
		parts := subpaths[v.fhirType]
		if p.Type != "string" {
			parts = nil
		}
		for _, part := range parts {
			for n := range v.node.Get(part).Values() {
				out = append(out, n)
			}
		}
		if parts == nil {
			out = append(out, v.node)
		}
	}
	return out
}
