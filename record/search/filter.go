package search

import (
	"slices"
	"strings"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/store"
)

// filtering is what a part of a filter comes to: rows that may hold, and what tells on a document whether they do.
type filtering struct {
	cond  store.Cond                // nil = every row
	exact bool                      // the condition says it all
	check func(*fhir.Resource) bool // nil where it is exact and the documents need not, or cannot, be asked
}

// maxLinks bounds the types of resources that the references of all filters of a search are followed to.
const maxLinks = 300

// filter compiles _filter. Its parts go the same way as parameters do. Where the index cannot answer a part, the
// documents are asked.
func (c *compiler) filter(typ string, p Param) error {
	x, err := parseFilter(p.Value)
	if err != nil {
		return err
	}
	// What is joined by and at the outside stands for itself, as parameters do.
	for _, term := range conjuncts(x) {
		f, err := c.filtered(typ, term, 0)
		if err != nil {
			return err
		}
		if f.cond != nil {
			c.out.Plan.Where = append(c.out.Plan.Where, f.cond)
		}
		if !f.exact {
			c.residual(f.check)
		}
	}
	return nil
}

func conjuncts(x *filterExpr) (out []*filterExpr) {
	if x.join != "and" {
		return []*filterExpr{x}
	}
	for i := range x.terms {
		out = append(out, conjuncts(&x.terms[i])...)
	}
	return out
}

func (c *compiler) filtered(typ string, x *filterExpr, depth int) (filtering, error) {
	switch x.join {
	case "not":
		f, err := c.filtered(typ, &x.terms[0], depth)
		if err != nil {
			return f, err
		}
		if f.exact {
			return c.exactly(store.Not{Cond: f.cond}), nil
		}
		check := f.check
		return filtering{check: func(r *fhir.Resource) bool { return !check(r) }}, nil
	case "and", "or":
		return c.joined(typ, x, depth)
	}
	return c.compared(typ, x, &x.path, depth)
}

// joined joins terms. If one of them has to ask the documents, all of them must be able to.
func (c *compiler) joined(typ string, x *filterExpr, depth int) (filtering, error) {
	var parts []filtering
	var conds []store.Cond
	exact, everything := true, false
	for i := range x.terms {
		f, err := c.filtered(typ, &x.terms[i], depth)
		if err != nil {
			return f, err
		}
		parts = append(parts, f)
		exact = exact && f.exact
		if f.cond != nil {
			conds = append(conds, f.cond)
		} else {
			everything = true
		}
	}
	var out filtering
	switch {
	case x.join == "and" && len(conds) > 0:
		out.cond = store.And(conds)
	case x.join == "or" && !everything:
		out.cond = store.Or(conds)
	}
	if exact {
		return c.exactly(out.cond), nil
	}
	if slices.ContainsFunc(parts, func(f filtering) bool { return f.check == nil }) {
		return out, unsupported("_filter", "the comparisons joined by %q cannot be made together: one needs the index, another the documents; use and outside of brackets", x.join)
	}
	and := x.join == "and"
	out.check = func(r *fhir.Resource) bool {
		return and != slices.ContainsFunc(parts, func(f filtering) bool { return f.check(r) != and })
	}
	return out, nil
}

// exactly is a condition that the index answers, with the way to ask a document the same where there is one.
func (c *compiler) exactly(cond store.Cond) filtering {
	return filtering{cond: cond, exact: true, check: c.onDocument(cond)}
}

// onDocument tells of a document whether a condition holds; nil where a document cannot tell.
func (c *compiler) onDocument(cond store.Cond) func(*fhir.Resource) bool {
	switch k := cond.(type) {
	case store.And:
		return c.onAll(k, true)
	case store.Or:
		return c.onAll(k, false)
	case store.Not:
		if inner := c.onDocument(k.Cond); inner != nil {
			return func(r *fhir.Resource) bool { return !inner(r) }
		}
	case store.HashIs:
		return func(r *fhir.Resource) bool { return slices.Contains(k.Hashes, c.ResourceOf(r.Type(), r.ID())) }
	case store.UpdatedIs:
		return func(r *fhir.Resource) bool {
			at, err := time.Parse(time.RFC3339Nano, r.Get("meta").Get("lastUpdated").Text())
			ms := at.UnixMilli()
			return err == nil && (k.From == 0 || ms >= k.From) && (k.To == 0 || ms < k.To)
		}
	case store.TokenIs, store.RefIs, store.DateIs, store.TextIs, store.AmountIs, store.Has:
		return func(r *fhir.Resource) bool { return c.Matches(k, c.Extract(r, false)) }
	}
	return nil
}

// onAll tells whether all conditions hold, or one of them does.
func (c *compiler) onAll(conds []store.Cond, all bool) func(*fhir.Resource) bool {
	checks := make([]func(*fhir.Resource) bool, len(conds))
	for i, cond := range conds {
		if checks[i] = c.onDocument(cond); checks[i] == nil {
			return nil
		}
	}
	return func(r *fhir.Resource) bool {
		return all != slices.ContainsFunc(checks, func(f func(*fhir.Resource) bool) bool { return f(r) != all })
	}
}

// compared compiles one comparison. path is where it stands, through references.
func (c *compiler) compared(typ string, x *filterExpr, path *filterPath, depth int) (filtering, error) {
	if depth > maxChain {
		return filtering{}, wrong("_filter", "more than %d references in one path", maxChain)
	}
	if path.next == nil {
		return c.compare(typ, path.name, x.op, x.value, depth == 0)
	}
	sp, err := c.filterParam(typ, path.name)
	if err != nil {
		return filtering{}, err
	}
	if sp.Type != "reference" {
		return filtering{}, wrong("_filter", "%q is not a reference, so nothing can follow it", path.name)
	}
	var types []string
	switch {
	case sp.Only != "":
		types = []string{sp.Only}
	default:
		types = sp.Targets
		if types == nil {
			types = c.Names()
		}
		types = slices.DeleteFunc(slices.Clone(types), func(t string) bool { _, ok := c.Param(t, path.next.name); return !ok })
	}
	if path.where != nil {
		types = slices.DeleteFunc(slices.Clone(types), func(t string) bool { return !c.knows(t, path.where) })
	}
	if len(types) == 0 {
		return filtering{}, wrong("_filter", "none of the types that %q refers to has all of the search parameters that are asked for behind it, such as %q", path.name, path.next.name)
	}
	if c.links += len(types); c.links > maxLinks {
		return filtering{}, wrong("_filter", "the references in it can mean too many types of resources together; use parameters that refer to few, such as patient")
	}
	var any store.Or
	for _, t := range types {
		link := store.Chain{Type: c.Number(t), Filter: c.env.Filter(t)}
		inner, err := c.compared(t, x, path.next, depth+1)
		if err == nil && path.where != nil {
			var where filtering
			if where, err = c.filtered(t, path.where, depth+1); err == nil {
				inner = filtering{cond: store.And{inner.cond, where.cond}, exact: inner.exact && where.exact}
			}
		}
		if err != nil {
			return filtering{}, err
		}
		if !inner.exact {
			return filtering{}, unsupported("_filter", "the comparison of %s.%s is not supported behind a reference", path.name, path.next.name)
		}
		link.Where = []store.Cond{inner.cond}
		if t == "Patient" && sp.Owner {
			link.Owner = true
		} else {
			link.Atoms = numbers(refAtoms(sp))
		}
		any = append(any, link)
	}
	return filtering{cond: one(any), exact: true}, nil
}

// knows reports whether a type has the parameters that a filter begins its paths with.
func (c *compiler) knows(typ string, x *filterExpr) bool {
	if x.join != "" {
		return !slices.ContainsFunc(x.terms, func(t filterExpr) bool { return !c.knows(typ, &t) })
	}
	_, ok := c.Param(typ, x.path.name)
	return ok
}

func (c *compiler) filterParam(typ, name string) (*Parameter, error) {
	if typ == "" && !onAllTypes[name] {
		return nil, wrong("_filter", "without a resource type only _id, _lastUpdated, _tag, _profile, _security and _source can be compared")
	}
	of := or(typ, "Basic")
	sp, ok := c.Param(of, name)
	if !ok {
		return nil, wrong("_filter", "%s has no search parameter %q%s", or(typ, "a resource"), name, c.suggest(of, name))
	}
	return sp, built("_filter", sp)
}

// compare compiles the comparison of a parameter of the resource itself. top is false behind a reference.
func (c *compiler) compare(typ, name, op, value string, top bool) (filtering, error) {
	sp, err := c.filterParam(typ, name)
	if err != nil {
		return filtering{}, err
	}
	escaped := strings.ReplaceAll(value, `\`, `\\`)
	exact := func(cond store.Cond, err error) (filtering, error) {
		if err != nil {
			return filtering{}, inFilter(err)
		}
		return c.exactly(cond), nil
	}
	switch {
	case name == "_id" && (op == "eq" || op == "ne"):
		modifier := map[string]string{"eq": "", "ne": "not"}[op]
		return exact(c.id(typ, "_filter", modifier, strings.ReplaceAll(escaped, ",", `\,`)))
	case name == "_lastUpdated" && filterDates[op] != "":
		return exact(c.lastUpdated("_filter", "", filterDates[op]+value))
	case name == "_id" || name == "_lastUpdated":
		return filtering{}, unsupported("_filter", "the comparison %q is not supported for %s", op, name)
	case op == "pr":
		if value != "true" && value != "false" {
			return filtering{}, wrong("_filter", "pr is compared with true or false")
		}
		return exact(c.missing(sp, "_filter", map[string]string{"true": "false", "false": "true"}[value], false))
	}
	switch sp.Type {
	case "string":
		return c.compareText(sp, op, value, top)
	case "token":
		return c.compareToken(sp, op, escaped)
	case "date":
		if filterDates[op] != "" {
			return exact(c.date(sp, "_filter", "", []string{filterDates[op] + value}))
		}
	case "number", "quantity":
		if filterDates[op] == "" || op == "po" {
			break
		}
		if sp.Type == "number" {
			return exact(c.number(sp, "_filter", "", []string{op + value}))
		}
		if ranges(sp) && op != "gt" && op != "lt" && op != "ne" {
			return filtering{}, unsupported("_filter", "%s of %q, which may be a range, is not supported", op, name)
		}
		return exact(c.quantity(sp, "_filter", "", []string{op + escaped}, false))
	case "reference":
		if op == "re" || op == "eq" {
			f, err := exact(c.reference(sp, "_filter", "", []string{escaped}))
			if f.check == nil && err == nil {
				f.check = c.refersOnDocument(sp, value)
			}
			return f, err
		}
	case "uri":
		if op == "eq" {
			return exact(c.uri(sp, "_filter", "", []string{escaped}, false))
		}
	}
	return filtering{}, unsupported("_filter", "the comparison %q is not supported for %q, which is of type %s", op, name, sp.Type)
}

// refersOnDocument tells of a document whether it refers to what is named with its type or by its address; nil for an id
// alone, which means several things. The index knows the patient that a resource is about by its key alone.
func (c *compiler) refersOnDocument(sp *Parameter, value string) func(*fhir.Resource) bool {
	target, ok := c.Target(c.local(value))
	t, local := fhir.ParseReference(c.local(value))
	local = local && t.Kind == fhir.RelativeTarget
	if !ok || !local && !strings.Contains(value, ":") || local && sp.Only != "" && t.Type != sp.Only {
		return nil
	}
	is := store.RefIs{Atoms: numbers(refAtoms(sp)), Targets: []int64{target}}
	return func(r *fhir.Resource) bool { return c.Matches(is, c.Extract(r, false)) }
}

// filterDates are the prefixes of dates and numbers by comparison.
var filterDates = map[string]string{
	"eq": "eq", "ne": "ne", "gt": "gt", "lt": "lt", "ge": "ge", "le": "le", "sa": "sa", "eb": "eb", "ap": "ap", "po": "ap",
}

// compareText compares strings as searches do: without case and accents.
func (c *compiler) compareText(sp *Parameter, op, value string, top bool) (filtering, error) {
	want := Normalize(value)
	atoms := numbers(sp.Atoms)
	holds := map[string]func(string) bool{
		"eq": func(s string) bool { return s == want }, "ne": func(s string) bool { return s != want },
		"co": func(s string) bool { return strings.Contains(s, want) }, "ew": func(s string) bool { return strings.HasSuffix(s, want) },
		"sw": func(s string) bool { return strings.HasPrefix(s, want) },
	}[op]
	long := len(want) >= maxText // the index has the beginning alone
	switch {
	case holds == nil:
		return filtering{}, unsupported("_filter", "the comparison %q is not supported for %q, which is a string", op, sp.Name)
	case op == "sw" && !long:
		return c.exactly(store.TextIs{Atoms: atoms, Values: []string{want}}), nil
	case op == "eq" && !long:
		return c.exactly(store.TextIs{Atoms: atoms, Op: store.TextEqual, Values: []string{want}}), nil
	case !top:
		return filtering{}, unsupported("_filter", "the comparison %q of a string is not supported behind a reference", op)
	}
	return filtering{cond: store.Has{Atoms: atoms, Kind: store.Texts}, check: func(r *fhir.Resource) bool {
		return slices.ContainsFunc(sp.nodes(r), func(n fhir.Node) bool {
			text := Normalize(n.Text())
			return text != "" && holds(text)
		})
	}}, nil
}

// compareToken compares codes. ss (the value stands above a code) and sb (below one) go by the hierarchy of the code
// system.
func (c *compiler) compareToken(sp *Parameter, op, value string) (filtering, error) {
	modifier, known := map[string]string{"eq": "", "in": "in", "ni": "not-in", "ss": "below", "sb": "above"}[op]
	switch {
	case known:
		cond, err := c.token(sp, "_filter", modifier, []string{value}, false)
		if err != nil {
			return filtering{}, inFilter(err)
		}
		return c.exactly(cond), nil
	case op != "ne":
		return filtering{}, unsupported("_filter", "the comparison %q is not supported for %q, which is a code", op, sp.Name)
	}
	// ne: there is a code, and it is another one. Of several, one that is another will do.
	want, can := c.tokenValue(sp, value)
	atoms := numbers(sp.Atoms)
	return filtering{cond: store.Has{Atoms: atoms, Kind: store.Tokens}, check: func(r *fhir.Resource) bool {
		return slices.ContainsFunc(c.Extract(r, false).Tokens, func(t store.Token) bool {
			return slices.Contains(atoms, t.Atom) && t.Code != present &&
				!(can && (!want.HasCode || want.Code == t.Code) && (!want.HasSystem || want.System == t.System))
		})
	}}, nil
}

// inFilter says of an error that it is one of a filter.
func inFilter(err error) error {
	if e, ok := err.(*Error); ok {
		e.Param = "_filter"
	}
	return err
}
