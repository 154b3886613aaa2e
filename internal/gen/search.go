package main

import (
	"cmp"
	"slices"
	"strings"
)

// searchParameter is what the tables need of a SearchParameter.
type searchParameter struct {
	URL, Code, Type, Expression string
	Base, Target                []string
	MultipleAnd, MultipleOr     *bool
	Component                   []struct{ Definition, Expression string }
}

// writeSearchParameters writes, for each resource type, the parameters that have it as a base:
//
//	=type
//	code  kind  url  expression  targets (* for any)  bases (when more than one)  component definition expression ...
//
// An implementation guide's parameter counts only where R4 has no parameter of that code for the type.
func writeSearchParameters(t *table, in *input) {
	byType := map[string][]*searchParameter{}
	has := func(base, code string) bool {
		return slices.ContainsFunc(byType[base], func(p *searchParameter) bool { return p.Code == code })
	}
	for i := range in.Search {
		p := &in.Search[i]
		p.repair()
		for _, base := range p.Base {
			if !has(base, p.Code) && !has("Resource", p.Code) && !has("DomainResource", p.Code) {
				byType[base] = append(byType[base], p)
			}
		}
	}
	types := make([]string, 0, len(byType))
	for name := range byType {
		types = append(types, name)
	}
	slices.Sort(types)
	for _, name := range types {
		params := byType[name]
		slices.SortFunc(params, func(a, b *searchParameter) int { return cmp.Compare(a.Code, b.Code) })
		t.line("=" + name)
		for _, p := range params {
			bases := ""
			if len(p.Base) > 1 {
				bases = strings.Join(p.Base, ",")
			}
			fields := []string{p.Code, p.Type, p.URL, narrow(p, name), p.targets(), bases}
			for _, c := range p.Component {
				fields = append(fields, c.Definition, c.Expression)
			}
			t.line(fields...)
		}
	}
}

// manyTargets is the number of resource types from which a parameter's targets mean "any": R4 has 146 types.
const manyTargets = 140

func (p *searchParameter) targets() string {
	if len(p.Target) >= manyTargets {
		return "*"
	}
	return strings.Join(p.Target, ",")
}

// narrow keeps the alternatives of a shared expression that can apply to one of its base types.
func narrow(p *searchParameter, base string) string {
	if len(p.Base) == 1 || base == "Resource" || base == "DomainResource" {
		return p.Expression
	}
	var kept []string
	for _, alternative := range alternatives(p.Expression) {
		if strings.HasPrefix(strings.TrimLeft(alternative, "("), base+".") {
			kept = append(kept, alternative)
		}
	}
	if kept == nil {
		return p.Expression
	}
	return strings.Join(kept, " | ")
}

// alternatives splits an expression at the "|" that stand outside of brackets.
func alternatives(expression string) []string {
	var parts []string
	depth, from := 0, 0
	for i := range len(expression) {
		switch expression[i] {
		case '(', '[':
			depth++
		case ')', ']':
			depth--
		case '|':
			if depth == 0 {
				parts = append(parts, strings.TrimSpace(expression[from:i]))
				from = i + 1
			}
		}
	}
	return append(parts, strings.TrimSpace(expression[from:]))
}
