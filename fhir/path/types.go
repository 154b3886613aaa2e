package path

import "slices"

// Types are the types that the values of the expression can have, when it starts at the type named: FHIR's ("code",
// "HumanName"), and the language's own ("System.Boolean") of values that are computed. known is false where the types
// depend on the document. The error is that of [Expr.Check].
func (e *Expr) Types(typeName string) (types []string, known bool, err error) {
	c := checker{this: unknownShape}
	if t := typeNamed(typeName); t != nil {
		c.this = shapeOf(t)
	}
	c.context = c.this
	s, err := c.visit(e.root)
	if err != nil {
		return nil, false, e.explain(err)
	}
	for _, t := range s.fhir {
		types = append(types, t.reflected())
	}
	for _, k := range s.system {
		types = append(types, "System."+k.String())
	}
	slices.Sort(types)
	return slices.Compact(types), s.known, nil
}
