package main

import (
	"cmp"
	"slices"
	"strings"
)

type compartmentDefinition struct {
	Code     string
	Resource []compartmentResource
}

type compartmentResource struct {
	Code  string
	Param []string
}

// writeCompartments writes, for each compartment, the resource types that can be in it and the search parameters that put them there:
//
//	=Patient
//	Observation  subject,performer
//
// The entry "{def}", by which a resource is in its own compartment, is left out: the reader's documentation states it for all.
func writeCompartments(t *table, in *input) {
	list := slices.Clone(in.Compartments)
	slices.SortFunc(list, func(a, b compartmentDefinition) int { return cmp.Compare(a.Code, b.Code) })
	for _, c := range list {
		t.line("=" + c.Code)
		for _, r := range c.Resource {
			params := slices.DeleteFunc(slices.Clone(r.Param), func(p string) bool { return p == "{def}" })
			if len(params) > 0 {
				t.line(r.Code, strings.Join(params, ","))
			}
		}
	}
}
