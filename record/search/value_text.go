package search

import (
	"slices"
	"strings"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/store"
)

// text: begins with, :exact, :contains.
func (c *compiler) text(sp *Parameter, name, modifier string, values []string, top bool) (store.Cond, error) {
	is := store.TextIs{Atoms: numbers(sp.Atoms)}
	for _, v := range values {
		is.Values = append(is.Values, clip(Normalize(unescape(v))))
	}
	switch modifier {
	case "":
	case "contains":
		is.Op = store.TextContains
		var long []int64
		for _, a := range sp.Atoms {
			if a.Long != nil {
				long = append(long, a.Long.No)
			}
		}
		if top && len(long) > 0 { // the index holds the beginning only; inside a chain that must do
			c.residual(func(r *fhir.Resource) bool {
				return slices.ContainsFunc(sp.nodes(r), func(n fhir.Node) bool {
					text := Normalize(n.Text())
					return slices.ContainsFunc(values, func(v string) bool { return strings.Contains(text, Normalize(unescape(v))) })
				})
			})
			return store.Or{is, store.Has{Atoms: long, Kind: store.Tokens}}, nil
		}
	case "exact":
		if !top {
			return nil, unmodified(name, ":exact is not supported inside a chain")
		}
		is.Op = store.TextEqual
		exact := make([]string, len(values))
		for i, v := range values {
			exact[i] = unescape(v)
		}
		c.residual(func(r *fhir.Resource) bool {
			for _, n := range sp.nodes(r) {
				if slices.Contains(exact, n.Text()) {
					return true
				}
			}
			return false
		})
	default:
		return nil, unmodified(name, "the modifier %q is not known for a string", modifier)
	}
	return is, nil
}

// uri: the whole address; :below and :above by path.
func (c *compiler) uri(sp *Parameter, name, modifier string, values []string, top bool) (store.Cond, error) {
	switch modifier {
	case "":
		is := store.TokenIs{Atoms: numbers(sp.Atoms), Rank: rank(sp)}
		for _, v := range values {
			is.Values = append(is.Values, store.TokenValue{Code: c.Code(unescape(v)), HasCode: true})
		}
		return is, nil
	case "below", "above":
		if !top {
			return nil, unmodified(name, ":%s is not supported inside a chain", modifier)
		}
		c.residual(func(r *fhir.Resource) bool {
			for _, n := range sp.nodes(r) {
				for _, v := range values {
					long, short := n.Text(), unescape(v)
					if modifier == "above" {
						long, short = short, long
					}
					if long == short || strings.HasPrefix(long, strings.TrimSuffix(short, "/")+"/") || strings.HasPrefix(long, short+"|") {
						return true
					}
				}
			}
			return false
		})
		return store.Has{Atoms: numbers(sp.Atoms), Kind: store.Tokens}, nil
	}
	return nil, unmodified(name, "the modifier %q is not known for an address", modifier)
}
