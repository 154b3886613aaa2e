package search

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/fhir/definitions"
	"github.com/osler-ehr/osler/store"
)

// Custom is a search parameter that a record defines for itself, with a SearchParameter resource.
type Custom struct {
	ID string // of the resource
	definitions.SearchParameter
}

// Fault tells why one of a record's own parameters is not used.
type Fault struct {
	Custom
	Reason string
	// Same is true when the types have this parameter already, by HL7's definitions or another resource.
	Same bool
	// Taken is true when a type has another parameter of that name, which is the one that is used.
	Taken bool
}

func (f *Fault) Error() string { return f.Reason }

// ReadCustom reads a SearchParameter resource.
func ReadCustom(r *fhir.Resource) Custom {
	texts := func(n fhir.Node) (out []string) {
		for v := range n.Values() {
			out = append(out, v.Text())
		}
		return out
	}
	c := Custom{ID: r.ID(), SearchParameter: definitions.SearchParameter{
		Name: r.Get("code").Text(), Type: r.Get("type").Text(), URL: r.Get("url").Text(), Expression: strings.TrimSpace(r.Get("expression").Text()),
		Base: texts(r.Get("base")), Targets: texts(r.Get("target")),
	}}
	for n := range r.Get("component").Values() {
		c.Components = append(c.Components, definitions.Component{Definition: n.Get("definition").Text(), Expression: strings.TrimSpace(n.Get("expression").Text())})
	}
	return c
}

// Check tells why a parameter cannot be used beside those that are; nil if it can. A parameter of the same resource is
// the one that it replaces.
func (x *Index) Check(c Custom) *Fault {
	others := slices.DeleteFunc(slices.Clone(x.Edition().custom), func(o Custom) bool { return o.ID == c.ID })
	e, err := x.Next(others, "")
	if err != nil {
		return &Fault{Custom: c, Reason: err.Error()}
	}
	return e.add(c)
}

// CheckAll tells which of several parameters cannot be used, beside those that are and one another.
func (x *Index) CheckAll(list []Custom) []Fault {
	others := slices.DeleteFunc(slices.Clone(x.Edition().custom), func(o Custom) bool {
		return slices.ContainsFunc(list, func(c Custom) bool { return c.ID == o.ID })
	})
	e, err := x.Next(append(others, list...), "")
	if err != nil {
		return []Fault{{Reason: err.Error()}}
	}
	return slices.DeleteFunc(e.faults, func(f Fault) bool {
		return slices.ContainsFunc(others, func(o Custom) bool { return o.ID == f.ID })
	})
}

// composedLast orders parameters so that a composite comes behind its parts.
func composedLast(list []Custom) []Custom {
	out := slices.Clone(list)
	slices.SortStableFunc(out, func(a, b Custom) int {
		switch {
		case a.Type == b.Type, a.Type != "composite" && b.Type != "composite":
			return 0
		case a.Type == "composite":
			return 1
		}
		return -1
	})
	return out
}

// ofEveryType are parameters whose meaning is the same for every type, whatever a guide writes for one.
var ofEveryType = map[string]bool{"_id": true, "_lastUpdated": true, "_tag": true, "_profile": true, "_security": true, "_source": true, "_text": true, "_content": true}

var codePattern = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_-]*$`)

// add compiles a parameter for each of its types, or for none.
func (x *Edition) add(c Custom) *Fault {
	fault := func(format string, args ...any) *Fault {
		return &Fault{Custom: c, Reason: fmt.Sprintf(format, args...)}
	}
	switch {
	case !codePattern.MatchString(c.Name):
		return fault("the code %q cannot be the name of a parameter: letters, digits, - and _ alone", c.Name)
	case resultParams[c.Name] || c.Name == "_filter" || c.Name == "_has" || c.Name == "_list" || c.Name == "_query" || c.Name == "_page":
		return fault("the code %q has a meaning of its own in FHIR", c.Name)
	case c.Expression == "":
		return fault("it has no expression")
	case len(c.Base) == 0:
		return fault("it names no base")
	}
	types, err := x.bases(c.Base)
	if err != nil {
		return fault("%v", err)
	}
	added := map[string]*Parameter{}
	var known []string
	before := len(x.made)
	for _, typ := range types {
		p, err := x.addTo(typ, c)
		if err != nil {
			x.forget(before)
			return fault("%s", err.Error())
		}
		have := x.byType[typ].params[c.Name]
		switch {
		case have == nil:
			added[typ] = p
		case have.URL == c.URL || ofEveryType[c.Name] || same(have, p):
			known = append(known, typ)
		default:
			x.forget(before)
			return &Fault{Custom: c, Reason: fmt.Sprintf("%s has a search parameter %q already, of %s; choose another code", typ, c.Name, have.URL), Taken: true}
		}
	}
	if len(added) == 0 {
		x.forget(before)
		return &Fault{Custom: c, Reason: fmt.Sprintf("%s has this search parameter already", known[0]), Same: true}
	}
	for typ, p := range added {
		t := x.byType[typ]
		t.params[c.Name] = p
		x.plant(t, typ, p)
	}
	return nil
}

// forget removes atoms that came of a parameter which is not used.
func (x *Edition) forget(before int) {
	for _, n := range x.made[before:] {
		delete(x.atoms, n)
	}
	x.made = x.made[:before]
}

// bases are the resource types that a parameter is for.
func (x *Edition) bases(names []string) (types []string, err error) {
	for _, name := range names {
		switch {
		case name == "Resource":
			types = append(types, x.Names()...)
		case name == "DomainResource":
			for _, n := range x.Names() {
				if def, ok := definitions.LookupType(n); ok && def.Base == "DomainResource" {
					types = append(types, n)
				}
			}
		case x.Number(name) == 0:
			return nil, fmt.Errorf("its base %q is not a FHIR R4 resource type", name)
		default:
			types = append(types, name)
		}
	}
	slices.Sort(types)
	return slices.Compact(types), nil
}

// addTo compiles a parameter for one type, without making it known there.
func (x *Edition) addTo(typ string, c Custom) (*Parameter, error) {
	def, ok := definitions.LookupType(typ)
	if !ok {
		return nil, fmt.Errorf("no definition of %s", typ)
	}
	p := &Parameter{SearchParameter: c.SearchParameter, custom: true}
	var err error
	switch c.Type {
	case "composite":
		if p.Expression, err = narrowTo(typ, c.Expression); err != nil {
			return nil, err
		}
		return p, x.composeOf(typ, def, p)
	case "number", "date", "string", "token", "reference", "quantity", "uri":
	default:
		return nil, fmt.Errorf("a parameter of type %q cannot be evaluated", c.Type)
	}
	if p.Expression, err = narrowTo(typ, c.Expression); err != nil {
		p.Expression = c.Expression
		return p, x.computeOf(typ, p)
	}
	paths, _, err := parsePaths(p.Expression, typ)
	if err != nil {
		return nil, err
	}
	for i, path := range paths {
		ends := follow(&extractor{}, def.Fields(), "", "", typ, path)
		if !slices.ContainsFunc(ends, func(end ending) bool {
			return findable(c.Type, end.fhirType)
		}) {
			return nil, fmt.Errorf("the path %q leads to nothing that a parameter of type %s can compare", strings.TrimSpace(splitTop(p.Expression, '|')[i]), c.Type)
		}
	}
	// On a tree of its own: what the type is indexed by stays as it is until the parameter is found good.
	scratch := &typeIndex{owner: x.byType[typ].owner, params: x.byType[typ].params, root: &extractor{}}
	return p, x.compileParam(scratch, p, def.Fields(), typ)
}

// plant makes the values of a parameter that was compiled be found in what is written.
func (x *Edition) plant(t *typeIndex, typ string, p *Parameter) {
	def, _ := definitions.LookupType(typ)
	if p.expr != nil {
		t.computed = append(t.computed, p.computed(x))
		return
	}
	if p.Type == "composite" {
		p.Parts = nil
		x.compileComposite(t, p, def.Fields(), typ)
		return
	}
	if err := x.compileParam(t, p, def.Fields(), typ); err != nil {
		panic(err) // it was compiled before
	}
}

// composeOf compiles a composite, of which every part must be a parameter that is known.
func (x *Edition) composeOf(typ string, def *definitions.Type, p *Parameter) error {
	if len(p.Components) < 2 {
		return fmt.Errorf("a composite has two components or more")
	}
	t := x.byType[typ]
	for _, c := range p.Components {
		known := false
		for _, have := range t.params {
			known = known || have.URL == c.Definition && have.Type != "composite" && have.Type != "special"
		}
		if !known {
			return fmt.Errorf("its component %s is not a search parameter of %s", c.Definition, typ)
		}
		if err := plain(c.Expression); err != nil {
			return err
		}
	}
	scratch := &typeIndex{owner: t.owner, params: t.params, root: &extractor{}}
	x.compileComposite(scratch, p, def.Fields(), typ)
	for _, q := range p.Parts {
		for _, part := range q.Parts {
			if len(part.Atoms) == 0 {
				return fmt.Errorf("a component leads to nothing that can be compared")
			}
		}
	}
	if len(p.Parts) == 0 {
		return fmt.Errorf("its expression leads to nothing")
	}
	return nil
}

// narrowTo keeps the alternatives of an expression that are about a type, and refuses what is no path.
func narrowTo(typ, expression string) (string, error) {
	var kept []string
	for _, alternative := range splitTop(expression, '|') {
		alternative = strings.TrimSpace(alternative)
		if err := plain(alternative); err != nil {
			return "", err
		}
		root, _, _ := strings.Cut(strings.TrimLeft(alternative, "( "), ".")
		switch strings.TrimSpace(root) {
		case typ, "Resource", "DomainResource":
			kept = append(kept, alternative)
		}
	}
	switch {
	case kept == nil:
		return "", fmt.Errorf("the expression has no path that begins with %s", typ)
	case len(kept) > 1 && strings.Contains(expression, "resolve()"):
		return "", fmt.Errorf("resolve() cannot stand in one of several alternatives")
	}
	return strings.Join(kept, " | "), nil
}

// steps that a path may have: see parsePaths.
var stepPatterns = []*regexp.Regexp{
	regexp.MustCompile(`^\$this$`),
	regexp.MustCompile(`^[A-Za-z][A-Za-z0-9]*(\[0\])?$`),
	regexp.MustCompile(`^where\(\s*[A-Za-z]+\s*=\s*('[^'\\]*'|true|false)\s*\)$`),
	regexp.MustCompile(`^where\(resolve\(\) is [A-Z][A-Za-z]+\)$`),
	regexp.MustCompile(`^extension\(\s*'[^'\\]*'\s*\)$`),
	regexp.MustCompile(`^(ofType|as)\(\s*[A-Za-z]+\s*\)$`),
}

// plain refuses expressions that are more than a path with the steps above. Values of such a path are found in a
// document without evaluating anything.
func plain(expression string) error {
	bad := func(what string) error {
		return fmt.Errorf("the expression cannot be evaluated at %q; it can have element names, where(element = 'text'), where(resolve() is Type), extension('url'), ofType(Type), as Type, [0] and |", what)
	}
	rest := strings.TrimSpace(expression)
	for strings.HasPrefix(rest, "(") {
		end := matching(rest, 0)
		if end < 0 {
			return bad(rest)
		}
		inner, after := strings.TrimSpace(rest[1:end]), rest[end+1:]
		if len(splitTop(inner, '|')) > 1 || after != "" && !strings.HasPrefix(after, ".") {
			return bad(rest)
		}
		for _, step := range splitTop(strings.TrimPrefix(after, "."), '.') {
			if after != "" && !knownStep(step) {
				return bad(step)
			}
		}
		rest = inner
	}
	if path, as, ok := strings.Cut(rest, " as "); ok {
		if !knownStep("as(" + as + ")") {
			return bad(as)
		}
		rest = strings.TrimSpace(path)
	}
	for _, step := range splitTop(rest, '.') {
		if !knownStep(step) {
			return bad(step)
		}
	}
	return nil
}

func knownStep(step string) bool {
	return slices.ContainsFunc(stepPatterns, func(p *regexp.Regexp) bool { return p.MatchString(step) })
}

// same reports whether two parameters of a type find the same.
func same(a, b *Parameter) bool {
	if a.Type != b.Type || a.Only != b.Only || len(a.Atoms) == 0 || len(a.Atoms) != len(b.Atoms) {
		return false
	}
	return !slices.ContainsFunc(a.Atoms, func(x *Atom) bool { return !slices.Contains(b.Atoms, x) })
}

// apart is the name of an atom of tokens, distinct where a parameter compares the values of a path otherwise than those
// that are there: an address exactly, a code in upper and lower case alike.
func (x *Edition) apart(name string, exact bool) string {
	have := x.atoms["t:"+name]
	switch {
	case have == nil || have.Exact == exact || store.Tokens != have.Kind:
		return name
	case exact:
		return name + ":uri"
	}
	return name + ":token"
}
