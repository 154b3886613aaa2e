package search

import (
	"github.com/osler-ehr/osler/fhir"
)

// extractor is a tree of JSON property names that leads to atoms.
type extractor struct {
	children map[string][]branch
	emits    []emit
}

type branch struct {
	when condition
	next *extractor
}

// condition limits a branch: a property of the value that must equal a text, or its place in the array.
type condition struct {
	property, value string
	first           bool
	refers          string // the reference must be to this type
}

func (c condition) holds(n fhir.Node) bool {
	switch {
	case c.property != "":
		return n.Get(c.property).Text() == c.value
	case c.refers != "":
		t, ok := fhir.ParseReference(n.Get("reference").Text())
		return ok && t.Type == c.refers
	}
	return true
}

// emit says how a value found at an extractor's end becomes index rows.
type emit struct {
	atom     *Atom
	fhirType string
	ident    *Atom // for references: their identifiers
}

func (x *extractor) child(name string, when condition) *extractor {
	if x.children == nil {
		x.children = map[string][]branch{}
	}
	for _, b := range x.children[name] {
		if b.when == when {
			return b.next
		}
	}
	next := &extractor{}
	x.children[name] = append(x.children[name], branch{when, next})
	return next
}

func (x *extractor) add(e emit) {
	for _, have := range x.emits {
		if have.atom == e.atom {
			return
		}
	}
	x.emits = append(x.emits, e)
}
