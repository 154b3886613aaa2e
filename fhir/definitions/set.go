package definitions

import (
	"strings"
	"sync"
)

// Set is what R4 and US Core define, and besides what Find brings from elsewhere: profiles, value sets and code systems
// of implementation guides. What R4 and US Core define goes before what Find brings of the same URL (and, for a profile
// that is asked for by its version, of the same version). The nil Set has the program's own definitions alone.
//
// A Set remembers what it was given. It may be used by any number of goroutines.
type Set struct {
	find func(resourceType, url string) ([]byte, error)

	mu    sync.Mutex
	known map[string]any // by resource type and URL; nil = there is none
	err   error
}

// NewSet makes a set. find gives the JSON of a StructureDefinition, ValueSet or CodeSystem by its canonical URL, which may
// end in "|version"; nil if there is none.
func NewSet(find func(resourceType, url string) ([]byte, error)) *Set {
	return &Set{find: find, known: map[string]any{}}
}

// Err is the first error that find returned: what was asked for then counted as not being there. What find brings and
// cannot be read is not there either, which is no error.
func (s *Set) Err() error {
	if s == nil {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err
}

// Profile finds a profile or extension definition by its URL.
func (s *Set) Profile(url string) (*StructureProfile, bool) {
	if p, ok := Profile(url); ok || s == nil {
		return p, ok
	}
	return found(s, "StructureDefinition", url, func(doc []byte) (*StructureProfile, error) {
		p, err := ReadProfile(doc)
		if err == nil {
			p.Definitions = s
		}
		return p, err
	})
}

// ValueSet finds a value set by its URL.
func (s *Set) ValueSet(url string) (*ValueSet, bool) {
	if v, ok := LookupValueSet(url); ok || s == nil {
		return v, ok
	}
	return found(s, "ValueSet", url, func(doc []byte) (*ValueSet, error) {
		v, err := ReadValueSet(doc)
		if err == nil {
			v.in = s
		}
		return v, err
	})
}

// CodeSystem finds a code system by its URL.
func (s *Set) CodeSystem(url string) (*CodeSystem, bool) {
	if c, ok := LookupCodeSystem(url); ok || s == nil {
		return c, ok
	}
	return found(s, "CodeSystem", url, ReadCodeSystem)
}

// maxKnown bounds what a set remembers: the URLs come from documents.
const maxKnown = 4096

func found[T any](s *Set, resourceType, url string, read func([]byte) (*T, error)) (*T, bool) {
	if !strings.Contains(url, ":") || len(url) > 512 {
		return nil, false
	}
	name := resourceType + " " + url
	s.mu.Lock()
	have, asked := s.known[name]
	s.mu.Unlock()
	if asked {
		v, ok := have.(*T)
		return v, ok
	}
	doc, err := s.find(resourceType, url)
	var v *T
	if err == nil && doc != nil {
		v, _ = read(doc)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err != nil {
		if s.err == nil {
			s.err = err
		}
		return nil, false
	}
	if len(s.known) >= maxKnown {
		clear(s.known)
	}
	if v == nil {
		s.known[name] = nil
		return nil, false
	}
	if have, ok := s.known[name].(*T); ok { // another goroutine was faster
		return have, true
	}
	s.known[name] = v
	return v, true
}
