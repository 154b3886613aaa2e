package search

import (
	"slices"
	"sync/atomic"

	"github.com/osler-ehr/osler/fhir/definitions"
	fhirpath "github.com/osler-ehr/osler/fhir/path"
	"github.com/osler-ehr/osler/store"
)

// Atom is one indexed path.
type Atom struct {
	Name string // stable: the symbol under which the store numbers it
	No   int64
	Kind store.IndexKind
	// Types are the FHIR types that its values can have.
	Types []string
	// Binding of coded values, for codes that stand without their system.
	Binding string
	// Exact is true of addresses: a token is found in upper and lower case alike.
	Exact bool
	// Long, of an atom of texts that may be long, has a row where the text goes on beyond what is indexed.
	Long *Atom
	// Building is true while what was stored before the atom came to be does not have all of its rows.
	Building bool
}

// Parameter is a search parameter of one resource type, compiled.
type Parameter struct {
	definitions.SearchParameter
	Atoms []*Atom
	// Only limits a reference to targets of this type, for "where(resolve() is Patient)".
	Only string
	// Owner is true when its value is the patient whose record the resource is part of, and nothing else can be.
	Owner bool
	// Parts of a composite.
	Parts []part
	// Base is where a repeating composite's parts are paired; nil when the parts stand on the resource itself.
	Base *extractor
	// Path leads to the values, for _include and reading a reference.
	extract *extractor
	// expr gives the values where a path cannot; see evaluate.go. nil = extract leads to them.
	expr *fhirpath.Expr
	// custom is true of one that a record defines for itself.
	custom bool
	// building: see Building.
	building bool
}

// part is one component of a composite parameter.
type part struct {
	*Parameter
	relative *extractor // from the composite's base to the part's values
}

// Index knows every atom and parameter. What it knows changes when the record defines parameters of its own: see
// Edition. A method works with one edition from its beginning to its end.
type Index struct {
	*Types
	*Hasher
	current atomic.Pointer[Edition]
}

// typeIndex is what one resource type is indexed by.
type typeIndex struct {
	number   int
	params   map[string]*Parameter
	root     *extractor
	computed []computed
	owner    string // JSON name of the owning element; "" if there is none
	deceased *Atom
}

// NewIndex compiles HL7's search parameters. Atoms get their numbers by Bind.
func NewIndex(h *Hasher) (*Index, error) {
	x := &Index{Types: NewTypes(), Hasher: h}
	e, err := newEdition(x.Types)
	if err != nil {
		return nil, err
	}
	x.current.Store(e)
	return x, nil
}

// Edition is what the index knows now.
func (x *Index) Edition() *Edition { return x.current.Load() }

// AtomNames lists what the store must number.
func (x *Index) AtomNames() []string { return x.Edition().AtomNames() }

// Bind tells the atoms' numbers.
func (x *Index) Bind(numbers map[string]int64) { x.Edition().bind(numbers) }

// RefAtoms are the numbers of all atoms that hold references.
func (x *Index) RefAtoms() (out []int64) {
	for _, a := range x.Edition().atoms {
		if a.Kind == store.Refs {
			out = append(out, a.No)
		}
	}
	return out
}

func (x *Edition) atom(name string, kind store.IndexKind, fhirType, binding string) *Atom {
	key := string("?trdsa"[kind]) + ":" + name
	a := x.atoms[key]
	if a == nil {
		a = &Atom{Name: key, Kind: kind, Binding: binding}
		x.atoms[key] = a
		x.made = append(x.made, key)
	}
	if !slices.Contains(a.Types, fhirType) {
		a.Types = append(a.Types, fhirType)
	}
	return a
}

// Param finds a compiled parameter.
func (x *Index) Param(typ, name string) (*Parameter, bool) {
	t := x.Edition().byType[typ]
	if t == nil {
		return nil, false
	}
	p, ok := t.params[name]
	return p, ok
}
