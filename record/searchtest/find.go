package searchtest

import (
	"fmt"
	"slices"
	"strings"

	"github.com/osler-ehr/osler/fhir/definitions"
	"github.com/osler-ehr/osler/fhir/path"
)

// Param is one parameter of a search: its name with modifier and chain, and its value.
type Param struct{ Name, Value string }

// Query is a search over a type.
type Query struct {
	Type   string // "" = all types
	Params []Param
}

func (q Query) String() string {
	var parts []string
	for _, p := range q.Params {
		parts = append(parts, p.Name+"="+p.Value)
	}
	return q.Type + "?" + strings.Join(parts, "&")
}

// Find gives the resources for which all parameters hold.
func (w *World) Find(q Query) []*Resource {
	var out []*Resource
	from := w.byType[q.Type]
	if q.Type == "" {
		for _, r := range w.byName {
			from = append(from, r)
		}
	}
	for _, r := range from {
		ok := true
		for _, p := range q.Params {
			if ok = w.matches(r, p.Name, p.Value); !ok {
				break
			}
		}
		if ok {
			out = append(out, r)
		}
	}
	return out
}

// matches evaluates one parameter on a resource. What the evaluator does not know is a mistake of the test.
func (w *World) matches(r *Resource, name, value string) bool {
	if name == "_filter" {
		return w.filter(value)(r)
	}
	if rest, ok := strings.CutPrefix(name, "_has:"); ok {
		return w.has(r, rest, value)
	}
	head, tail, chained := strings.Cut(name, ".")
	base, modifier, _ := strings.Cut(head, ":")
	sp, ok := param(r.Type, base)
	if !ok {
		panic(fmt.Sprintf("%s has no parameter %q", r.Type, base))
	}
	if chained {
		return w.chain(r, sp, modifier, tail, value)
	}
	switch base {
	case "_id":
		return slices.Contains(alternatives(value), r.ID)
	case "_lastUpdated":
		return anyOf(value, func(v string) bool { return dateMatches(spanOf(r.Updated), v) })
	}
	if modifier == "missing" {
		return w.missing(r, sp) == (value == "true")
	}
	if modifier == "not" {
		return !anyOf(value, func(v string) bool { return w.one(r, sp, "", v) })
	}
	if modifier == "not-in" {
		return !anyOf(value, func(v string) bool { return w.one(r, sp, "in", v) })
	}
	return anyOf(value, func(v string) bool { return w.one(r, sp, modifier, v) })
}

// missing: "return all the resources that don't have a value for the parameter (which usually equates to not
// having the relevant element in the resource)". So a CodeableConcept with nothing but a text is a value of a
// token, and a Reference with a display alone one of a reference; but a string where a date could stand is no
// date.
func (w *World) missing(r *Resource, sp definitions.SearchParameter) bool {
	return !slices.ContainsFunc(w.values(r, sp), func(v path.Value) bool {
		switch sp.Type {
		case "date":
			_, ok := dateSpan(v)
			return ok
		case "string":
			return len(texts(v)) > 0
		case "number", "quantity":
			_, ok := amountOf(v)
			return ok
		}
		return true
	})
}

// one evaluates one alternative of a parameter's value.
func (w *World) one(r *Resource, sp definitions.SearchParameter, modifier, want string) bool {
	if sp.Type == "composite" {
		return w.composite(r, sp, want)
	}
	return slices.ContainsFunc(w.values(r, sp), func(v path.Value) bool { return compare(sp, modifier, v, want) })
}

// compare compares one value of a resource with one alternative of the search.
func compare(sp definitions.SearchParameter, modifier string, v path.Value, want string) bool {
	switch sp.Type {
	case "token":
		return tokenMatches(v, modifier, want)
	case "string":
		return textMatches(v, modifier, want)
	case "date":
		s, ok := dateSpan(v)
		return ok && dateMatches(s, want)
	case "number", "quantity":
		return amountMatches(v, want)
	case "reference":
		return referenceMatches(sp, v, modifier, want)
	case "uri":
		return uriMatches(v, modifier, want)
	}
	panic("no evaluation for parameters of type " + sp.Type)
}

// chain: "subject:Patient.name=peter" holds when a resource that subject refers to, a Patient, has the name.
// References to other servers, within the document, and by canonical address are not followed.
func (w *World) chain(r *Resource, sp definitions.SearchParameter, typ, tail, value string) bool {
	next, _, _ := strings.Cut(tail, ".")
	next, _, _ = strings.Cut(next, ":")
	for _, v := range w.values(r, sp) {
		t, id, ok := local(reference(v))
		if !ok || typ != "" && t != typ || sp.Targets != nil && !slices.Contains(sp.Targets, t) {
			continue
		}
		target := w.byName[t+"/"+id]
		if target == nil {
			continue
		}
		if _, known := param(t, next); !known && next != "_has" {
			continue // one of several possible targets, which lacks the parameter
		}
		if w.matches(target, tail, value) {
			return true
		}
	}
	return false
}

// has: "_has:Observation:patient:code=1234-5" holds when an Observation that refers to this resource by its
// parameter patient has the code.
func (w *World) has(r *Resource, rest, value string) bool {
	parts := strings.SplitN(rest, ":", 3)
	sp, ok := param(parts[0], parts[1])
	if !ok {
		panic("_has:" + rest)
	}
	return slices.ContainsFunc(w.referrers(parts[0], sp, r.Name()), func(o *Resource) bool { return w.matches(o, parts[2], value) })
}

// composite: the parts must hold of the same value of the base expression.
func (w *World) composite(r *Resource, sp definitions.SearchParameter, want string) bool {
	parts := split(want, '$')
	for _, base := range w.values(r, sp) {
		all := len(parts) == len(sp.Components)
		for i, c := range sp.Components {
			of := component(r.Type, c)
			all = all && slices.ContainsFunc(w.eval(c.Expression, base, r.Doc.Root()), func(v path.Value) bool {
				return compare(of, "", v, parts[i])
			})
		}
		if all {
			return true
		}
	}
	return false
}

// component finds the parameter that a composite's part is of.
func component(typ string, c definitions.Component) definitions.SearchParameter {
	for _, sp := range definitions.SearchParameters(typ) {
		if sp.URL == c.Definition {
			return sp
		}
	}
	panic("no parameter " + c.Definition)
}

// anyOf: commas separate alternatives.
func anyOf(value string, holds func(string) bool) bool {
	return slices.ContainsFunc(split(value, ','), holds)
}

func alternatives(value string) []string {
	out := split(value, ',')
	for i := range out {
		out[i] = plain(out[i])
	}
	return out
}

// split splits at a separator that no backslash escapes. The parts keep their backslashes.
func split(s string, sep rune) (parts []string) {
	var part strings.Builder
	escaped := false
	for _, c := range s {
		if c == sep && !escaped {
			parts = append(parts, part.String())
			part.Reset()
			continue
		}
		part.WriteRune(c)
		escaped = c == '\\' && !escaped
	}
	return append(parts, part.String())
}

// plain removes the backslashes that escape.
func plain(s string) string {
	var b strings.Builder
	escaped := false
	for _, c := range s {
		if escaped = c == '\\' && !escaped; !escaped {
			b.WriteRune(c)
		}
	}
	return b.String()
}

// escape puts a backslash before what separates.
func escape(s string) string {
	return strings.NewReplacer(`\`, `\\`, `,`, `\,`, `|`, `\|`, `$`, `\$`).Replace(s)
}
