package search

import (
	"context"
	"errors"
	"slices"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/fhir/definitions"
	"github.com/osler-ehr/osler/store"
)

// Codes knows value sets and the hierarchies of code systems. What it does not know it says with a *CodesError.
type Codes interface {
	// ValueSet is what the value set of a URL holds, which must be known whole.
	ValueSet(ctx context.Context, url string) (CodeSet, error)
	// Hierarchy is a code with all codes below it, or above it.
	Hierarchy(ctx context.Context, system, code string, below bool) (CodeSet, error)
}

// CodeSet is a set of codes. It never changes.
type CodeSet interface {
	// List is every code; all is false if there are more than max, or no end of them.
	List(max int) (codes []definitions.Coding, all bool)
	// Has reports whether a code is in it. An empty system asks for the code in any system.
	Has(system, code string) bool
}

// CodesError tells why a value set or hierarchy cannot be searched with.
type CodesError struct{ Reason string }

func (e *CodesError) Error() string { return e.Reason }

// codes is the condition that a token is in a value set, or above or below a code. A set that is small enough is looked
// up in the index; a larger one is compared with the documents that have a token at all.
func (c *compiler) codes(sp *Parameter, name, modifier string, values []string, top bool) (store.Cond, error) {
	is := store.TokenIs{Atoms: numbers(sp.Atoms), Rank: rank(sp)}
	negate := modifier == "not-in"
	var sets []CodeSet
	listed := true
	for _, v := range values {
		set, err := c.codeSet(name, modifier, v)
		if e, ok := errors.AsType[*CodesError](err); ok {
			return nil, unsupported(name, "%s", e.Reason)
		}
		if err != nil {
			return nil, err
		}
		sets = append(sets, set)
		if codes, all := set.List(maxCodes - len(is.Values)); all {
			is.Values = append(is.Values, c.codings(sp, codes)...)
		} else {
			listed = false
		}
	}
	switch {
	case listed && negate:
		return store.Not{Cond: is}, nil
	case listed:
		return is, nil
	case !top:
		return nil, unsupported(name, "more than %d codes are meant, and that is not supported inside a chain", maxCodes)
	}
	c.residual(func(r *fhir.Resource) bool { return negate != inSets(sp.nodes(r), sets) })
	if negate {
		return nil, nil
	}
	return store.Has{Atoms: is.Atoms, Kind: store.Tokens}, nil
}

func (c *compiler) codeSet(name, modifier, value string) (CodeSet, error) {
	known := c.env.Codes
	if known == nil {
		known = definedCodes{}
	}
	if modifier == "in" || modifier == "not-in" {
		return known.ValueSet(c.ctx, unescape(value))
	}
	parts := splitEscaped(value, '|')
	if len(parts) != 2 {
		return nil, wrong(name, "write it as system|code")
	}
	return known.Hierarchy(c.ctx, unescape(parts[0]), unescape(parts[1]), modifier == "below")
}

// inSets reports whether one of the tokens is in one of the sets.
func inSets(nodes []fhir.Node, sets []CodeSet) bool {
	has := func(system, code string) bool {
		return code != "" && slices.ContainsFunc(sets, func(s CodeSet) bool { return s.Has(system, code) })
	}
	for _, n := range nodes {
		if n.Kind() != fhir.Object { // a code by itself
			if has("", n.Text()) {
				return true
			}
			continue
		}
		if has(n.Get("system").Text(), n.Get("code").Text()) {
			return true
		}
		for coding := range n.Get("coding").Values() {
			if has(coding.Get("system").Text(), coding.Get("code").Text()) {
				return true
			}
		}
	}
	return false
}

// definedCodes are those that HL7 defines.
type definedCodes struct{}

func (definedCodes) ValueSet(_ context.Context, url string) (CodeSet, error) {
	vs, ok := definitions.LookupValueSet(url)
	if !ok {
		return nil, &CodesError{"the value set " + url + " is not known here"}
	}
	codes, whole := vs.Expansion()
	if !whole {
		return nil, &CodesError{"the value set " + url + " holds codes of a system that is not loaded here"}
	}
	return codeList(codes), nil
}

func (definedCodes) Hierarchy(_ context.Context, system, code string, below bool) (CodeSet, error) {
	cs, known := definitions.LookupCodeSystem(system)
	if !known {
		return nil, &CodesError{"the code system " + system + " is not loaded here"}
	}
	var out codeList
	for _, k := range cs.Concepts {
		if below && cs.IsA(k.Code, code) || !below && cs.IsA(code, k.Code) {
			out = append(out, definitions.Coding{System: cs.URL, Code: k.Code})
		}
	}
	return out, nil
}

// codeList is a set that is listed.
type codeList []definitions.Coding

func (l codeList) List(max int) ([]definitions.Coding, bool) {
	if len(l) > max {
		return nil, false
	}
	return l, true
}

func (l codeList) Has(system, code string) bool {
	return slices.ContainsFunc(l, func(c definitions.Coding) bool {
		return c.Code == code && (system == "" || c.System == system)
	})
}
