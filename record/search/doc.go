// Package search turns FHIR search parameters into index rows and plans.
//
// Writing: [Index.Extract] walks a resource once and yields the rows by which searches find it.
// Searching: [Parse] reads the parameters of a request, and [Index.Plan] compiles them to a store.Plan.
//
// Both work from atoms. An atom is one path of a search parameter's expression together with how its
// values are compared, such as "Observation.value.ofType(Quantity)" as an amount. Parameters that share a
// path share its atom: combo-code is the atoms of code and component-code, name those of family and given.
// So nothing is indexed twice, and everything comes from HL7's search-parameter rows.
//
// The patient whose record a resource is part of is not indexed at all: it is in the key of the row.
package search

import (
	"github.com/osler-ehr/osler/fhir/definitions"
	"github.com/osler-ehr/osler/store"
)

// Types numbers the R4 resource types from 1, in alphabetical order. The numbers are part of stored keys
// and never change.
type Types struct {
	names   []string
	numbers map[string]int
}

// NewTypes numbers the types.
func NewTypes() *Types {
	t := &Types{names: definitions.ResourceTypes(), numbers: map[string]int{}}
	for i, n := range t.names {
		t.numbers[n] = i + 1
	}
	return t
}

// Names lists the types in order.
func (t *Types) Names() []string { return t.names }

// Number is the number of a type, 0 if R4 has no such type.
func (t *Types) Number(name string) int { return t.numbers[name] }

// Name is the type with a number, "" if there is none.
func (t *Types) Name(number int) string {
	if number < 1 || number > len(t.names) {
		return ""
	}
	return t.names[number-1]
}

// NameOf is the type of the resource under a key.
func (t *Types) NameOf(k store.Key) string { return t.Name(k.Type()) }
