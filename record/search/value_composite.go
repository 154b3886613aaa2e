package search

import (
	"slices"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/store"
)

// composite: values joined by $. On a repeating element the parts must hold of the same element, which is
// checked on the documents.
func (c *compiler) composite(sp *Parameter, name, modifier string, values []string, top bool) (store.Cond, error) {
	if modifier != "" {
		return nil, unmodified(name, "the modifier %q is not known for a composite parameter", modifier)
	}
	var any store.Or
	var checks []func(*fhir.Resource) bool
	paired := false
	for _, v := range values {
		parts := splitEscaped(v, '$')
		for _, alternative := range sp.Parts {
			q := alternative.Parameter
			if len(parts) != len(q.Parts) {
				return nil, wrong(name, "%q must have %d parts joined by $", v, len(q.Parts))
			}
			var all store.And
			var holds []func(fhir.Node) bool // on the base
			for i, p := range q.Parts {
				cond, err := c.partIs(p, name, parts[i])
				if err != nil {
					return nil, err
				}
				check := func(n fhir.Node) bool { return c.Matches(cond, c.below(n, p.relative)) }
				if p.Type == "quantity" && ranges(p.Parameter) { // neither end alone may decide
					n, units, err := c.readQuantity(name, parts[i])
					if err != nil {
						return nil, err
					}
					check = func(base fhir.Node) bool {
						return slices.ContainsFunc(p.relative.nodes(base), func(v fhir.Node) bool { return c.holds(n, v, units) })
					}
					cond = store.Has{Atoms: numbers(p.Atoms), Kind: store.Amounts}
				}
				all, holds = append(all, cond), append(holds, check)
			}
			any = append(any, all)
			if q.Base == nil {
				checks = append(checks, func(r *fhir.Resource) bool { return c.Matches(all, c.Extract(r, false)) })
				continue
			}
			paired = true
			checks = append(checks, func(r *fhir.Resource) bool {
				return slices.ContainsFunc(q.Base.nodes(r.Root()), func(n fhir.Node) bool {
					return !slices.ContainsFunc(holds, func(f func(fhir.Node) bool) bool { return !f(n) })
				})
			})
		}
	}
	if paired {
		if !top {
			return nil, unsupported(name, "this composite is not supported inside a chain")
		}
		c.residual(func(r *fhir.Resource) bool {
			return slices.ContainsFunc(checks, func(f func(*fhir.Resource) bool) bool { return f(r) })
		})
	}
	return one(any), nil
}

func (c *compiler) partIs(p part, name, value string) (store.Cond, error) {
	switch p.Type {
	case "token":
		return c.token(p.Parameter, name, "", []string{value}, false)
	case "string":
		return c.text(p.Parameter, name, "", []string{value}, false)
	case "date":
		return c.date(p.Parameter, name, "", []string{value})
	case "number":
		return c.number(p.Parameter, name, "", []string{value})
	case "quantity":
		return c.quantity(p.Parameter, name, "", []string{value}, false)
	case "reference":
		return c.reference(p.Parameter, name, "", []string{value})
	case "uri":
		return c.uri(p.Parameter, name, "", []string{value}, false)
	}
	return nil, unsupported(name, "a part of type %s is not supported", p.Type)
}
