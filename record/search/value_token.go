package search

import (
	"slices"
	"strings"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/fhir/definitions"
	"github.com/osler-ehr/osler/store"
)

// token: [system]|[code], with the modifiers not, text, in, not-in, above, below, of-type.
func (c *compiler) token(sp *Parameter, name, modifier string, values []string, top bool) (store.Cond, error) {
	is := store.TokenIs{Atoms: numbers(sp.Atoms), Rank: rank(sp)}
	negate := false
	switch modifier {
	case "", "not":
		negate = modifier == "not"
		for _, v := range values {
			if t, ok := c.tokenValue(sp, v); ok {
				is.Values = append(is.Values, t)
			}
		}
	case "in", "not-in", "above", "below":
		return c.codes(sp, name, modifier, values, top)
	case "text":
		if !top {
			return nil, unmodified(name, ":text is not supported inside a chain")
		}
		c.residual(func(r *fhir.Resource) bool { return displays(sp.nodes(r), values) })
		return store.Has{Atoms: is.Atoms, Kind: store.Tokens}, nil
	case "of-type":
		return c.ofType(sp, name, values, top)
	default:
		return nil, unmodified(name, "the modifier %q is not known for a token", modifier)
	}
	if negate {
		return store.Not{Cond: is}, nil
	}
	return is, nil
}

// rank guesses how few rows a token leaves: see store.TokenIs.
func rank(sp *Parameter) int {
	if sp.Name == "category" || strings.HasPrefix(sp.Name, "_") || strings.HasSuffix(sp.Name, "status") {
		return 2
	}
	best := 2
	for _, a := range sp.Atoms {
		for _, t := range a.Types {
			switch t {
			case "Identifier", "ContactPoint":
				return 0
			case "CodeableConcept", "Coding":
				best = 1
			}
		}
	}
	return best
}

// tokenValue reads [system]|[code]. It is false when no value can match.
func (c *compiler) tokenValue(sp *Parameter, v string) (store.TokenValue, bool) {
	parts := splitEscaped(v, '|')
	if len(parts) == 1 {
		return store.TokenValue{Code: c.Token(unescape(v)), HasCode: true}, true
	}
	system, code := unescape(parts[0]), unescape(strings.Join(parts[1:], "|"))
	t := store.TokenValue{System: c.System(system), HasSystem: true}
	if code != "" {
		t.Code, t.HasCode = c.Token(code), true
	} else if system == "" {
		return t, false
	}
	if bare(sp) { // the value stands without its system
		if !t.HasCode {
			return t, false
		}
		t.HasSystem, t.System = false, 0
		if system != "" && !bound(sp, system, code) {
			return t, false
		}
	}
	return t, true
}

// bare is true of a parameter whose values are codes, strings or booleans without a system.
func bare(sp *Parameter) bool {
	for _, a := range sp.Atoms {
		for _, t := range a.Types {
			switch t {
			case "Coding", "CodeableConcept", "Identifier":
				return false
			}
		}
	}
	return true
}

// bound reports whether a code of a system can be a value, by the element's binding. Strings and contacts
// have none: they are of no system.
func bound(sp *Parameter, system, code string) bool {
	for _, a := range sp.Atoms {
		if slices.Equal(a.Types, []string{"boolean"}) {
			return true
		}
		if a.Binding == "" {
			continue
		}
		vs, ok := definitions.LookupValueSet(a.Binding)
		if !ok {
			return true
		}
		if in, known := vs.Contains(system, code); in || !known {
			return true
		}
	}
	return false
}

func (c *compiler) codings(sp *Parameter, codes []definitions.Coding) []store.TokenValue {
	out := make([]store.TokenValue, 0, len(codes))
	for _, k := range codes {
		out = append(out, store.TokenValue{Code: c.Token(k.Code), HasCode: true, System: c.System(k.System), HasSystem: !bare(sp)})
	}
	return out
}

// displays reports whether a text or display among the values begins with one of the texts, or has a word
// that does.
func displays(nodes []fhir.Node, texts []string) bool {
	for _, n := range nodes {
		shown := []string{n.Get("text").Text(), n.Get("display").Text()}
		for coding := range n.Get("coding").Values() {
			shown = append(shown, coding.Get("display").Text())
		}
		if n.Get("type").Exists() { // Identifier.type
			shown = append(shown, n.Get("type").Get("text").Text())
		}
		for _, s := range shown {
			s = " " + Normalize(s)
			for _, t := range texts {
				if strings.Contains(s, " "+Normalize(unescape(t))) {
					return true
				}
			}
		}
	}
	return false
}

// ofType finds identifiers by type and value: system|code|value.
func (c *compiler) ofType(sp *Parameter, name string, values []string, top bool) (store.Cond, error) {
	if !top {
		return nil, unmodified(name, ":of-type is not supported inside a chain")
	}
	is := store.TokenIs{Atoms: numbers(sp.Atoms)}
	type want struct{ system, code, value string }
	lower := func(system, code, value string) want {
		return want{system, strings.ToLower(code), strings.ToLower(value)}
	}
	var wants []want
	for _, v := range values {
		parts := splitEscaped(v, '|')
		if len(parts) != 3 {
			return nil, wrong(name, "write it as system|code|value")
		}
		w := lower(unescape(parts[0]), unescape(parts[1]), unescape(parts[2]))
		wants = append(wants, w)
		is.Values = append(is.Values, store.TokenValue{Code: c.Token(w.value), HasCode: true})
	}
	c.residual(func(r *fhir.Resource) bool {
		for _, n := range sp.nodes(r) {
			for coding := range n.Get("type").Get("coding").Values() {
				if slices.Contains(wants, lower(coding.Get("system").Text(), coding.Get("code").Text(), n.Get("value").Text())) {
					return true
				}
			}
		}
		return false
	})
	return is, nil
}
