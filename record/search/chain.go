package search

import (
	"strings"

	"github.com/osler-ehr/osler/store"
)

// has compiles _has:Type:reference:parameter=value.
func (c *compiler) has(typ, name, rest, value string, depth int) (store.Cond, error) {
	parts := strings.SplitN(rest, ":", 3)
	if len(parts) != 3 {
		return nil, wrong(name, "must be written as _has:Type:reference:parameter")
	}
	other, ref := parts[0], parts[1]
	if c.Number(other) == 0 {
		return nil, wrong(name, "%q is not a FHIR R4 resource type", other)
	}
	sp, ok := c.Param(other, ref)
	if !ok || sp.Type != "reference" {
		return nil, wrong(name, "%s has no reference parameter %q", other, ref)
	}
	if err := built(name, sp); err != nil {
		return nil, err
	}
	if typ == "" {
		return nil, unsupported(name, "_has needs a resource type to search")
	}
	inner, err := c.condition(other, parts[2], value, depth+1, false)
	if err != nil {
		return nil, err
	}
	return c.refersBack(typ, sp, other, []store.Cond{inner}), nil
}

// refersBack is the condition that a resource of type other for which where holds refers to this one.
func (c *compiler) refersBack(typ string, sp *Parameter, other string, where []store.Cond) store.Cond {
	r := store.Reverse{Atoms: numbers(refAtoms(sp)), Type: c.Number(other), Where: where, Filter: c.env.Filter(other)}
	if sp.Owner && typ == "Patient" {
		r.Owner = true
	}
	return r
}

func refAtoms(sp *Parameter) (out []*Atom) {
	for _, a := range sp.Atoms {
		if a.Kind == store.Refs {
			out = append(out, a)
		}
	}
	return out
}

// chain compiles reference.parameter=value.
func (c *compiler) chain(sp *Parameter, typ, name, target, tail, value string, depth int) (store.Cond, error) {
	if sp.Type != "reference" {
		return nil, wrong(name, "%q is not a reference, so nothing can be chained to it", sp.Name)
	}
	next, _, _ := strings.Cut(tail, ".")
	next, _, _ = strings.Cut(next, ":")
	var types []string
	switch {
	case target != "":
		if c.Number(target) == 0 {
			return nil, wrong(name, "%q is not a FHIR R4 resource type", target)
		}
		types = []string{target}
	case sp.Only != "":
		types = []string{sp.Only}
	default:
		candidates := sp.Targets
		if candidates == nil {
			candidates = c.Names()
		}
		for _, t := range candidates {
			if _, ok := c.Param(t, next); ok || strings.HasPrefix(tail, "_has:") {
				types = append(types, t)
			}
		}
	}
	if len(types) == 0 {
		return nil, wrong(name, "none of the types that %q refers to has a search parameter %q", sp.Name, next)
	}
	var any store.Or
	for _, t := range types {
		inner, err := c.condition(t, tail, value, depth+1, false)
		if err != nil {
			return nil, err
		}
		link := store.Chain{Type: c.Number(t), Where: []store.Cond{inner}, Filter: c.env.Filter(t)}
		if t == "Patient" && sp.Owner {
			link.Owner = true
		} else {
			link.Atoms = numbers(refAtoms(sp))
		}
		any = append(any, link)
	}
	if len(any) == 1 {
		return any[0], nil
	}
	return any, nil
}
