package search

import (
	"fmt"
	"maps"
	"slices"

	"github.com/osler-ehr/osler/store"
)

// Edition is every parameter and atom that an [Index] knows at a time: HL7's, and those that the record defines
// for itself. It never changes once it is adopted; two are the same if, and only if, they are the same pointer.
type Edition struct {
	*Types
	byType map[string]*typeIndex
	atoms  map[string]*Atom
	base   map[string]bool // the atoms of HL7's own parameters
	made   []string        // the names of the atoms, in the order in which they were made
	custom []Custom
	faults []Fault
	marker string

	building bool
}

func newEdition(t *Types) (*Edition, error) {
	x := &Edition{Types: t, byType: map[string]*typeIndex{}, atoms: map[string]*Atom{}}
	if x.Number("Patient") != store.PatientType {
		return nil, fmt.Errorf("the numbering of resource types has changed: Patient is %d", x.Number("Patient"))
	}
	for _, name := range x.Names() {
		if err := x.compile(name); err != nil {
			return nil, err
		}
	}
	x.base = make(map[string]bool, len(x.atoms))
	for n := range x.atoms {
		x.base[n] = true
	}
	return x, nil
}

// AtomNames lists what the store must number.
func (x *Edition) AtomNames() []string { return slices.Sorted(maps.Keys(x.atoms)) }

// KindOf is the table that an atom's rows are in, by its name.
func KindOf(atom string) store.IndexKind {
	switch atom[:1] {
	case "t":
		return store.Tokens
	case "r":
		return store.Refs
	case "d":
		return store.Dates
	case "s":
		return store.Texts
	}
	return store.Amounts
}

func (x *Edition) bind(numbers map[string]int64) {
	for n, a := range x.atoms {
		a.No = numbers[n]
	}
}

// Next compiles HL7's parameters together with those of a record. What cannot be used is left out: see Faults. The
// marker says of what the edition was made.
func (x *Index) Next(custom []Custom, marker string) (*Edition, error) {
	e, err := newEdition(x.Types)
	if err != nil {
		return nil, err
	}
	e.marker = marker
	for _, c := range composedLast(custom) {
		if fault := e.add(c); fault != nil {
			e.faults = append(e.faults, *fault)
		} else {
			e.custom = append(e.custom, c)
		}
	}
	return e, nil
}

// Adopt makes an edition the one that the index works with. numbers are those of its atoms; building tells of an atom
// that is not HL7's whether earlier data lacks its rows.
func (x *Index) Adopt(e *Edition, numbers map[string]int64, building func(atom string) bool) {
	e.bind(numbers)
	for name, a := range e.atoms {
		a.Building = !e.base[name] && building(name)
		e.building = e.building || a.Building
	}
	for _, t := range e.byType {
		for _, p := range t.params {
			p.building = p.custom && slices.ContainsFunc(p.all(), func(a *Atom) bool { return a.Building })
		}
	}
	x.current.Store(e)
}

// Building reports whether there are atoms that earlier data lacks rows of.
func (x *Edition) Building() bool { return x.building }

// Marker says of what the edition was made.
func (x *Edition) Marker() string { return x.marker }

// Custom are the record's own parameters that are in use.
func (x *Edition) Custom() []Custom { return x.custom }

// Faults tells which of the record's own parameters are not in use, and why.
func (x *Edition) Faults() []Fault { return x.faults }

// Added are the atoms that HL7's parameters do not have, in order.
func (x *Edition) Added() (names []string) {
	for n := range x.atoms {
		if !x.base[n] {
			names = append(names, n)
		}
	}
	slices.Sort(names)
	return names
}

// AddedBy are the atoms that HL7's parameters do not have of the record's own parameter with a resource's id.
func (x *Edition) AddedBy(id string) (names []string) {
	for _, c := range x.custom {
		if c.ID != id {
			continue
		}
		types, err := x.bases(c.Base)
		if err != nil {
			continue
		}
		for _, typ := range types {
			p := x.byType[typ].params[c.Name]
			if p == nil || !p.custom {
				continue
			}
			for _, a := range p.all() {
				for n, other := range x.atoms { // with what belongs to it
					if !x.base[n] && (other == a || other == a.Long || n == "t:"+a.Name[2:]+":identifier") {
						names = append(names, n)
					}
				}
			}
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// Atom finds an atom by its name.
func (x *Edition) Atom(name string) (*Atom, bool) {
	a, ok := x.atoms[name]
	return a, ok
}

// TypesOf are the numbers of the resource types that have one of the atoms.
func (x *Edition) TypesOf(atoms map[string]bool) map[int]bool {
	out := map[int]bool{}
	for _, t := range x.byType {
		for _, p := range t.params {
			if slices.ContainsFunc(p.all(), func(a *Atom) bool { return atoms[a.Name] }) {
				out[t.number] = true
			}
		}
	}
	return out
}

// all are the parameter's atoms, those of its parts included.
func (p *Parameter) all() []*Atom {
	atoms := slices.Clone(p.Atoms)
	for _, q := range p.Parts {
		atoms = append(atoms, q.all()...)
	}
	return atoms
}

// Building reports whether searches by the parameter would miss what was stored before it was defined.
func (p *Parameter) Building() bool { return p.building }

// Settled takes out of index rows those of atoms that are being built, or that no parameter has any more: what is left
// follows from the document.
func (x *Edition) Settled(rows *store.Index) *store.Index {
	return x.rows(rows, func(a *Atom) bool { return !a.Building })
}

// Of takes out of index rows those of other atoms than the named ones.
func (x *Edition) Of(rows *store.Index, names map[string]bool) *store.Index {
	return x.rows(rows, func(a *Atom) bool { return names[a.Name] })
}

func (x *Edition) rows(rows *store.Index, keep func(*Atom) bool) *store.Index {
	kept := map[int64]bool{}
	for _, a := range x.atoms {
		if keep(a) {
			kept[a.No] = true
		}
	}
	return &store.Index{
		Tokens:  filtered(rows.Tokens, func(r store.Token) bool { return kept[r.Atom] }),
		Refs:    filtered(rows.Refs, func(r store.Ref) bool { return kept[r.Atom] }),
		Dates:   filtered(rows.Dates, func(r store.Date) bool { return kept[r.Atom] }),
		Texts:   filtered(rows.Texts, func(r store.Text) bool { return kept[r.Atom] }),
		Amounts: filtered(rows.Amounts, func(r store.Amount) bool { return kept[r.Atom] }),
	}
}

func filtered[T any](rows []T, keep func(T) bool) (out []T) {
	for _, r := range rows {
		if keep(r) {
			out = append(out, r)
		}
	}
	return out
}
