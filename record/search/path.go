package search

import (
	"fmt"
	"strings"

	"github.com/osler-ehr/osler/fhir/definitions"
)

// step is one name of a path with what limits it.
type step struct {
	name   string
	when   condition
	ofType string
}

// parsePaths reads the expressions that search parameters have: unions of paths with where(), ofType(),
// an index, or "where(resolve() is T)". It returns the paths below the root name, and the type to which
// references are limited.
func parsePaths(expression, root string) (paths [][]step, only string, err error) {
	for _, alt := range splitTop(expression, '|') {
		alt = strings.TrimSpace(alt)
		suffix := ""
		// "(T.value.ofType(string)).text"
		for strings.HasPrefix(alt, "(") {
			end := matching(alt, 0)
			if end < 0 {
				return nil, "", fmt.Errorf("unbalanced parentheses in %q", expression)
			}
			suffix = alt[end+1:] + suffix
			alt = strings.TrimSpace(alt[1:end])
		}
		// "(T.value as Quantity)" is the same as ofType here.
		if path, as, ok := strings.Cut(alt, " as "); ok {
			alt = path + ".ofType(" + strings.TrimSpace(as) + ")"
		}
		alt += suffix
		var steps []step
		for i, name := range splitTop(alt, '.') {
			switch {
			case i == 0 && (name == root || name == "Resource" || name == "DomainResource"):
			case name == "$this" && i == 0:
			case (strings.HasPrefix(name, "ofType(") || strings.HasPrefix(name, "as(")) && len(steps) > 0:
				steps[len(steps)-1].ofType = strings.TrimSpace(name[strings.IndexByte(name, '(')+1 : len(name)-1])
			case strings.HasPrefix(name, "extension("):
				s := step{name: "extension"}
				s.when.property, s.when.value = "url", strings.Trim(strings.TrimSpace(name[len("extension("):len(name)-1]), "'")
				steps = append(steps, s)
			case strings.HasPrefix(name, "where(resolve() is ") && len(steps) > 0:
				only = strings.TrimSpace(name[len("where(resolve() is ") : len(name)-1])
				steps[len(steps)-1].when.refers = only
			case strings.HasPrefix(name, "where(") && len(steps) > 0:
				k, v, ok := strings.Cut(name[len("where("):len(name)-1], "=")
				if !ok {
					return nil, "", fmt.Errorf("where without = in %q", expression)
				}
				steps[len(steps)-1].when.property = strings.TrimSpace(k)
				steps[len(steps)-1].when.value = strings.Trim(strings.TrimSpace(v), "'")
			case strings.ContainsAny(name, "()"):
				return nil, "", fmt.Errorf("function %s in %q", name, expression)
			default:
				s := step{name: name}
				if before, index, ok := strings.Cut(name, "["); ok {
					if index != "0]" {
						return nil, "", fmt.Errorf("index %s in %q", index, expression)
					}
					s.name, s.when.first = before, true
				}
				steps = append(steps, s)
			}
		}
		paths = append(paths, steps)
	}
	return paths, only, nil
}

// splitTop splits at a separator outside parentheses and quotes.
func splitTop(s string, sep byte) (parts []string) {
	depth, quoted, from := 0, false, 0
	for i := range len(s) {
		switch c := s[i]; {
		case c == '\'':
			quoted = !quoted
		case quoted:
		case c == '(':
			depth++
		case c == ')':
			depth--
		case c == sep && depth == 0:
			parts = append(parts, s[from:i])
			from = i + 1
		}
	}
	return append(parts, s[from:])
}

func matching(s string, open int) int {
	depth, quoted := 0, false
	for i := open; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\'':
			quoted = !quoted
		case quoted:
		case c == '(':
			depth++
		case c == ')':
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return -1
}

// ending is a place where a path ends: the extractor there, the type of its values, and its name.
type ending struct {
	at       *extractor
	fhirType string
	binding  string
	name     string
	part     bool // of a name or address
}

// follow walks steps from an extractor, through all types that choices allow.
func follow(x *extractor, fields *definitions.Fields, fhirType, binding, name string, steps []step) []ending {
	return followFrom(x, fields, "", fhirType, binding, name, steps)
}

func followFrom(x *extractor, fields *definitions.Fields, parent, fhirType, binding, name string, steps []step) []ending {
	if len(steps) == 0 {
		return []ending{{at: x, fhirType: fhirType, binding: binding, name: name, part: subpaths[parent] != nil}}
	}
	if fields == nil {
		return nil
	}
	s := steps[0]
	var out []ending
	for _, json := range jsonNames(fields, s) {
		p, ok := fields.Lookup(json)
		if !ok {
			continue
		}
		bound := ""
		if p.Element.Binding != nil {
			bound = p.Element.Binding.ValueSet
		}
		label := name + "." + json
		when := s.when
		if when.refers != "" { // the atom is the whole reference; the parameter limits the target
			when = condition{}
		}
		if when.property != "" {
			label += "[" + when.property + "=" + when.value + "]"
		}
		if when.first {
			label += "[0]"
		}
		out = append(out, followFrom(x.child(json, when), p.Fields(), fhirType, p.Type, bound, label, steps[1:])...)
	}
	return out
}

// jsonNames are the JSON properties that a step means: several for a choice.
func jsonNames(fields *definitions.Fields, s step) []string {
	if _, ok := fields.Lookup(s.name); ok && s.ofType == "" {
		return []string{s.name}
	}
	if s.ofType != "" {
		if n := s.name + upper(s.ofType); has(fields, n) {
			return []string{n}
		}
		if has(fields, s.name) {
			return []string{s.name}
		}
		return nil
	}
	var names []string
	for _, e := range fields.Elements {
		if e.Name == s.name && e.Choice {
			for _, t := range e.Types {
				names = append(names, s.name+upper(t.Code))
			}
		}
	}
	return names
}

func has(f *definitions.Fields, name string) bool { _, ok := f.Lookup(name); return ok }

func upper(s string) string { return strings.ToUpper(s[:1]) + s[1:] }
