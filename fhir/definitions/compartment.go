package definitions

import "sync"

type compartment struct{ params map[string][]string }

var compartmentIndex = sync.OnceValue(func() *index[compartment] { return newIndex[compartment](compartmentsTable, false) })

// CompartmentParams names the search parameters by which a resource of a type is in a compartment: for "Patient" and
// "Observation" they are "subject" and "performer". nil when such resources are never in it.
//
// The resource after which the compartment is named is in it as well ("{def}" in the definitions), by its own id and
// without a parameter.
func CompartmentParams(compartment, resourceType string) []string {
	r, ok := compartmentIndex().records[compartment]
	if !ok {
		return nil
	}
	return r.get(decodeCompartment).params[resourceType]
}

// Compartments are the names of R4's compartments, sorted.
func Compartments() []string { return compartmentIndex().keys }

func decodeCompartment(text string) *compartment {
	c := &compartment{params: map[string][]string{}}
	for l := range body(text) {
		c.params[field(l, 0)] = list(field(l, 1))
	}
	return c
}
