package search

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/store"
)

// Param is one parameter of a request, its name with modifiers and chain.
type Param struct{ Name, Value string }

// Error tells which parameter is wrong and why.
type Error struct {
	Param        string
	Reason       string
	NotSupported bool // legal FHIR that this server does not do
	Modifier     bool // it is the modifier that is not supported, of a parameter that is
	Building     bool // what was stored before the parameter was defined is not indexed by it yet
}

func (e *Error) Error() string { return fmt.Sprintf("search parameter %q: %s", e.Param, e.Reason) }

// Env is what compiling a search needs to know of the record and the caller.
type Env struct {
	// Exists finds the keys of resources by hash.
	Exists func(ctx context.Context, hashes []int64) (map[int64]store.Key, error)
	// Filter is what the caller may see of a type.
	Filter func(typ string) store.Filter
	// Base is the address with which references to resources of this record may begin; "" = none.
	Base string
	// Codes answers :in, :not-in, :above and :below; nil = HL7's own code systems and value sets.
	Codes Codes
}

// Summary says which parts of resources a search asks for.
type Summary struct {
	Mode     string   // "", "true", "text", "data", "count" or "false"
	Elements []string // from _elements
}

// Include asks for resources that matches refer to, or, reversed, that refer to matches.
type Include struct {
	Source  string // the type that holds the reference
	Param   string // its search parameter, or "*" for all
	Target  string // only references to this type; "" = any
	Iterate bool   // follow from included resources too
	Reverse bool
}

// Compiled is a search ready to run.
type Compiled struct {
	Plan store.Plan
	// Residual are conditions that no index answers. They are checked on the documents of the plan's rows,
	// which the caller's filter has narrowed before.
	Residual []func(*fhir.Resource) bool
	Order    []Order // what to sort the matches by, where the plan's Sort cannot; nil = it does
	Count    int     // page size; -1 = not given
	Total    string
	Summary  Summary
	Includes []Include
	Used     []Param // as understood, for the self link
	Ignored  []*Error
}

type compiler struct {
	*Index
	ctx    context.Context
	env    Env
	out    *Compiled
	strict bool

	order     []Order // all keys of _sort
	unindexed bool    // one of them is none that the store can sort by
	links     int     // see maxLinks

	conditions int // see maxParams
}

// Limits of one request.
const (
	maxChain  = 3    // references followed by one parameter
	maxValues = 1000 // alternatives of one parameter that are found by hash: codes, references, addresses
	maxRanges = 100  // alternatives that are compared one by one: strings, dates, numbers, composites
	maxParams = 50   // parameters that each must hold
	maxKeys   = 10   // keys of _sort
	maxCodes  = 1000 // codes of a value set or hierarchy
)

// Compile reads the parameters of a search over a type ("" = all types) and makes its plan. Under strict
// handling a parameter that is not understood is an error; otherwise it is ignored and listed. A parameter
// that is understood but wrong, or has a modifier that is not known, is always an error: ignoring it would answer another question.
func (x *Index) Compile(ctx context.Context, env Env, typ string, params []Param, strict bool) (*Compiled, error) {
	c := &compiler{Index: x, ctx: ctx, env: env, strict: strict, out: &Compiled{Count: -1}}
	c.out.Plan.Type = x.Number(typ)
	c.out.Plan.Filter = env.Filter(typ)
	for _, p := range params {
		if p.Value == "" { // an empty value asks nothing (R4 search, 3.1.1.4)
			continue
		}
		err := c.param(typ, p)
		if e, ok := err.(*Error); ok && e.unknown() && !strict && p.Name != "_filter" { // of which a part is understood
			c.out.Ignored = append(c.out.Ignored, e)
			continue
		}
		if err != nil {
			return nil, err
		}
		c.out.Used = append(c.out.Used, p)
	}
	if c.unindexed {
		c.out.Order, c.out.Plan.Sort = c.order, nil
	}
	return c.out, nil
}

// unknown reports whether the parameter as such is not understood, in contrast to a wrong value, and to a modifier, which no
// server may ignore (R4 search, 3.1.1.4.4): without it the parameter would ask something else.
func (e *Error) unknown() bool { return e.NotSupported && !e.Modifier }

func (c *compiler) param(typ string, p Param) error {
	base, _, _ := strings.Cut(p.Name, ":")
	if resultParams[base] {
		return c.result(typ, p)
	}
	if p.Name == "_filter" {
		return c.filter(typ, p)
	}
	cond, err := c.condition(typ, p.Name, p.Value, 0, true)
	if err != nil {
		return err
	}
	if c.conditions++; c.conditions > maxParams {
		return wrong(p.Name, "more than %d parameters in one search; leave some away", maxParams)
	}
	if cond != nil {
		c.out.Plan.Where = append(c.out.Plan.Where, cond)
	}
	return nil
}

func unsupported(param, format string, args ...any) *Error {
	return &Error{Param: param, Reason: fmt.Sprintf(format, args...), NotSupported: true}
}

// unmodified is the error of a parameter that is known, with a modifier that is not.
func unmodified(param, format string, args ...any) *Error {
	return &Error{Param: param, Reason: fmt.Sprintf(format, args...), NotSupported: true, Modifier: true}
}

func wrong(param, format string, args ...any) *Error {
	return &Error{Param: param, Reason: fmt.Sprintf(format, args...)}
}

// built refuses a parameter that would not find everything: an answer that lacks something unseen is worse than none.
func built(name string, sp *Parameter) error {
	if !sp.Building() {
		return nil
	}
	return &Error{Param: name, Reason: fmt.Sprintf("what is in the record is still being indexed by %q; search by it again in a while", sp.Name), Building: true}
}

func or(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

func numbers(atoms []*Atom) []int64 {
	out := make([]int64, len(atoms))
	for i, a := range atoms {
		out[i] = a.No
	}
	return out
}

// condition compiles one parameter as it applies to a type. top is true outside chains, where what no
// index answers may be left to the documents.
func (c *compiler) condition(typ, name, value string, depth int, top bool) (store.Cond, error) {
	if depth > maxChain {
		return nil, wrong(name, "more than %d references in one parameter", maxChain)
	}
	if name == "_list" {
		return c.list(typ, name, value)
	}
	if rest, ok := strings.CutPrefix(name, "_has:"); ok {
		return c.has(typ, name, rest, value, depth)
	}
	head, tail, chained := strings.Cut(name, ".")
	base, modifier, _ := strings.Cut(head, ":")
	if typ == "" && !onAllTypes[base] {
		return nil, unsupported(name, "without a resource type only _id, _lastUpdated, _tag, _profile, _security and _source can be searched")
	}
	of := typ
	if of == "" {
		of = "Basic" // has the parameters that all types share, with atoms that all types share
	}
	sp, ok := c.Param(of, base)
	if !ok {
		return nil, unsupported(name, "%s has no search parameter %q%s", or(typ, "a resource"), base, c.suggest(typ, base))
	}
	if err := built(name, sp); err != nil {
		return nil, err
	}
	if chained {
		return c.chain(sp, typ, name, modifier, tail, value, depth)
	}
	switch base {
	case "_id":
		return c.id(typ, name, modifier, value)
	case "_lastUpdated":
		return c.lastUpdated(name, modifier, value)
	}
	values, err := split(name, value)
	if err != nil {
		return nil, err
	}
	if n := len(values); n > maxRanges && sp.Type != "token" && sp.Type != "reference" && sp.Type != "uri" {
		return nil, wrong(name, "%d alternatives, more than the limit of %d", n, maxRanges)
	}
	if base == "_text" || base == "_content" {
		return nil, c.content(name, modifier, values, top)
	}
	if modifier == "missing" {
		return c.missing(sp, name, value, top)
	}
	switch sp.Type {
	case "token":
		return c.token(sp, name, modifier, values, top)
	case "string":
		return c.text(sp, name, modifier, values, top)
	case "reference":
		return c.reference(sp, name, modifier, values)
	case "date":
		return c.date(sp, name, modifier, values)
	case "number":
		return c.number(sp, name, modifier, values)
	case "quantity":
		return c.quantity(sp, name, modifier, values, top)
	case "uri":
		return c.uri(sp, name, modifier, values, top)
	case "composite":
		return c.composite(sp, name, modifier, values, top)
	}
	if sp.Name == "near" && top {
		return c.near(sp, name, values)
	}
	return nil, unsupported(name, "this parameter is not supported")
}

var onAllTypes = map[string]bool{"_id": true, "_lastUpdated": true, "_tag": true, "_profile": true, "_security": true, "_source": true}

// suggest names a parameter that was perhaps meant.
func (c *compiler) suggest(typ, name string) string {
	t := c.Edition().byType[typ]
	if t == nil {
		return ""
	}
	for known := range t.params {
		if strings.EqualFold(known, name) || strings.ReplaceAll(known, "-", "") == strings.ToLower(strings.NewReplacer("-", "", "_", "").Replace(name)) {
			return fmt.Sprintf("; did you mean %q?", known)
		}
	}
	return ""
}

func (c *compiler) id(typ, name, modifier, value string) (store.Cond, error) {
	values, err := split(name, value)
	if err != nil {
		return nil, err
	}
	types := []string{typ}
	if typ == "" {
		types = c.Names()
	}
	var hashes []int64
	for _, id := range values {
		id = strings.TrimPrefix(id, typ+"/")
		for _, t := range types {
			hashes = append(hashes, c.ResourceOf(t, id))
		}
	}
	switch modifier {
	case "":
		return store.HashIs{Hashes: hashes}, nil
	case "not":
		return store.Not{Cond: store.HashIs{Hashes: hashes}}, nil
	}
	return nil, unmodified(name, "the modifier %q is not known for _id", modifier)
}

func (c *compiler) missing(sp *Parameter, name, value string, top bool) (store.Cond, error) {
	if value != "true" && value != "false" {
		return nil, wrong(name, "%q must be true or false", value)
	}
	atoms := sp.Atoms
	if sp.Type == "composite" {
		return nil, unmodified(name, ":missing is not supported for composite parameters")
	}
	var any store.Or
	byKind := map[store.IndexKind][]int64{}
	for _, a := range atoms {
		byKind[a.Kind] = append(byKind[a.Kind], a.No)
	}
	for _, kind := range []store.IndexKind{store.Tokens, store.Refs, store.Dates, store.Texts, store.Amounts} {
		if nos := byKind[kind]; nos != nil {
			any = append(any, store.Has{Atoms: nos, Kind: kind})
		}
	}
	nobodys := store.OwnedBy{Patients: []int64{0}}
	if sp.Owner && value == "true" { // said as a range of keys, which few rows lie in: the queue of what is nobody's yet asks so
		if sp.Only != "" {
			return nobodys, nil // the index holds references to groups and devices too
		}
		return store.And{nobodys, store.Not{Cond: any}}, nil
	}
	if owned := store.Cond(store.Not{Cond: nobodys}); sp.Owner && sp.Only != "" {
		any = store.Or{owned} // the index holds references to groups and devices too
	} else if sp.Owner {
		any = append(any, owned)
	} else if sp.Only != "" { // nor does it tell references to other types apart
		if !top {
			return nil, unmodified(name, ":missing is not supported for this parameter inside a chain")
		}
		c.residual(func(r *fhir.Resource) bool {
			has := slices.ContainsFunc(sp.nodes(r), func(n fhir.Node) bool {
				t, ok := fhir.ParseReference(n.Get("reference").Text())
				return ok && t.Type == sp.Only
			})
			return has == (value == "false")
		})
		if value == "true" {
			return nil, nil
		}
	}
	if value == "true" {
		return store.Not{Cond: any}, nil
	}
	return any, nil
}

// list compiles _list: the resources that a List names.
func (c *compiler) list(typ, name, value string) (store.Cond, error) {
	ids, err := split(name, value)
	if err != nil {
		return nil, err
	}
	is := store.HashIs{}
	for _, id := range ids {
		if strings.HasPrefix(id, "$") {
			return nil, unsupported(name, "lists such as %s are not kept here; search by status instead", id)
		}
		is.Hashes = append(is.Hashes, c.ResourceOf("List", strings.TrimPrefix(c.local(unescape(id)), "List/")))
	}
	sp, ok := c.Param("List", "item")
	if !ok || typ == "" {
		return nil, unsupported(name, "_list needs a resource type to search")
	}
	return store.Reverse{Atoms: numbers(refAtoms(sp)), Type: c.Number("List"), Where: []store.Cond{is}, Filter: c.env.Filter("List")}, nil
}

// residual leaves a condition to the documents.
func (c *compiler) residual(f func(*fhir.Resource) bool) { c.out.Residual = append(c.out.Residual, f) }

// one is a single alternative by itself.
func one(any store.Or) store.Cond {
	if len(any) == 1 {
		return any[0]
	}
	return any
}
