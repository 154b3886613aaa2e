package path

import (
	"time"

	"github.com/osler-ehr/osler/fhir"
)

// Env is what an expression may reach besides the element it starts at. The zero Env reaches nothing.
type Env struct {
	// Resource is %resource: the resource that holds the starting point. Missing means the starting point
	// itself, if it is a resource.
	Resource fhir.Node
	// RootResource is %rootResource: the container if Resource is a contained resource. Missing means
	// Resource. References to #id are looked up in it.
	RootResource fhir.Node
	// Variables are %name. They come before the names that the language defines.
	Variables map[string][]Value
	// Resolver follows references to other resources. Contained resources, and the entries of a Bundle that
	// is the root resource, are found without it.
	Resolver Resolver
	// Terms answers memberOf().
	Terms Terms
	// Profiles answers conformsTo() for profiles other than R4's own types.
	Profiles Profiles
	// Units converts quantities; nil means a small built-in table of UCUM units.
	Units Units
	// Now is the instant that now(), today() and timeOfDay() tell, in its zone. Zero makes them errors, so
	// that nothing depends on a clock unseen.
	Now time.Time
	// Trace is told what trace() sees. nil ignores it.
	Trace func(name string, values []Value)
	// MaxSteps bounds the work of one evaluation; zero means DefaultMaxSteps.
	MaxSteps int
}

// DefaultMaxSteps is the budget of one evaluation: far above what real expressions need.
const DefaultMaxSteps = 1_000_000

// Resolver follows a literal reference such as "Patient/1" or "urn:uuid:...". It returns Missing where
// there is nothing to be found, or nothing that may be seen.
type Resolver interface {
	Resolve(reference string) (fhir.Node, error)
}

// ResolverFunc is a function as a Resolver.
type ResolverFunc func(reference string) (fhir.Node, error)

// Resolve calls f.
func (f ResolverFunc) Resolve(reference string) (fhir.Node, error) { return f(reference) }

// Terms knows value sets.
type Terms interface {
	// MemberOf reports whether the code, Coding or CodeableConcept v is in the value set. known is false
	// where that cannot be told, such as for a value set that is not here.
	MemberOf(v Value, valueSet string) (member, known bool, err error)
}

// Profiles knows profiles.
type Profiles interface {
	// ConformsTo reports whether v follows the profile. known is false for a profile that is not here.
	ConformsTo(v Value, profile string) (conforms, known bool, err error)
}
