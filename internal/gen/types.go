package main

import (
	"cmp"
	"slices"
	"strings"
)

// core holds R4's own types by name.
type core map[string]*structureDefinition

// coreTypes picks R4's primitive, complex and resource types, and the two constrained quantities that elements name as types.
func coreTypes(in *input) core {
	types := core{}
	for i := range in.Structures {
		sd := &in.Structures[i]
		if sd.FHIRVersion != "4.0.1" || !strings.HasPrefix(sd.URL, coreURL) {
			continue
		}
		if sd.Kind != "resource" && sd.Kind != "complex-type" && sd.Kind != "primitive-type" {
			continue
		}
		if sd.Derivation == "constraint" && sd.Name != "SimpleQuantity" && sd.Name != "MoneyQuantity" {
			continue
		}
		if _, twice := types[sd.Name]; !twice {
			types[sd.Name] = sd
		}
	}
	return types
}

// invariants are the constraints that the type's own definition adds to an element; what it inherits stands with the base type.
func (sd *structureDefinition) invariants(e *elementDefinition) []constraint {
	var own []constraint
	for _, c := range e.Constraint {
		if c.Source == "" || c.Source == sd.URL {
			own = append(own, c)
		}
	}
	return own
}

func keys(cs []constraint) string {
	k := make([]string, len(cs))
	for i, c := range cs {
		k[i] = c.Key
	}
	return strings.Join(k, ",")
}

func writeTypes(t *table, types core) {
	names := make([]string, 0, len(types))
	for name := range types {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		writeType(t, types[name])
	}
}

// writeType writes one type:
//
//	=name  kind  base  A(bstract)  root invariants
//	path  min..max  types  S(ummary)M(odifier)  binding  content reference  invariants
//	!key  e(rror)|w(arning)  expression  human
func writeType(t *table, sd *structureDefinition) {
	abstract := ""
	if sd.Abstract {
		abstract = "A"
	}
	base := sd.BaseDefinition[strings.LastIndexByte(sd.BaseDefinition, '/')+1:]
	t.line("="+sd.Name, sd.Kind[:1], base, abstract, keys(sd.invariants(&sd.Snapshot.Element[0])))
	var all []constraint
	for i := range sd.Snapshot.Element {
		e := &sd.Snapshot.Element[i]
		for _, c := range sd.invariants(e) {
			if !slices.ContainsFunc(all, func(have constraint) bool { return have.Key == c.Key }) {
				all = append(all, c)
			}
		}
		_, path, nested := strings.Cut(e.Path, ".")
		if !nested {
			continue
		}
		flags := ""
		if e.IsSummary {
			flags += "S"
		}
		if e.IsModifier {
			flags += "M"
		}
		_, content, _ := strings.Cut(e.ContentReference, ".")
		t.line(path, e.cardinality(), typeList(e.Type), flags, e.Binding.text(), content, keys(sd.invariants(e)))
	}
	slices.SortFunc(all, func(a, b constraint) int { return cmp.Compare(a.Key, b.Key) })
	for _, c := range all {
		t.line("!"+c.Key, severityLetter(c.Severity), c.Expression, c.Human)
	}
}
