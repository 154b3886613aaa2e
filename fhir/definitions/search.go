package definitions

import (
	"strings"
	"sync"
)

// SearchParameter is a search parameter as it applies to one resource type.
type SearchParameter struct {
	Name string // its code, as in a URL: "birthdate"
	Type string // number, date, string, token, reference, composite, quantity, uri or special
	URL  string
	// Expression is FHIRPath from the resource to the values. Of a parameter that several types share, it holds the
	// part that applies to the type asked for. "" for _text, _content and _query.
	Expression string
	// Base are all the types that share the parameter.
	Base []string
	// Targets are the resource types that a reference may point at; nil for any.
	Targets []string
	// Components are the parts of a composite parameter.
	Components []Component
}

// Component is one part of a composite search parameter.
type Component struct {
	Definition string // URL of the part's search parameter
	Expression string // from a value of the composite's expression to the part's values
}

var searchIndex = sync.OnceValue(func() *index[searchRecord] { return newIndex[searchRecord](searchTable, false) })

type searchRecord struct {
	all    []SearchParameter
	byName map[string]int
}

// SearchParameters are all parameters of a resource type, R4's and US Core's: first those of every resource (_id,
// _lastUpdated, ...), then its own in the order of their names. nil for a type that does not exist.
func SearchParameters(resourceType string) []SearchParameter {
	r := searchRecordOf(resourceType)
	if r == nil {
		return nil
	}
	return r.all
}

// LookupSearchParameter finds a parameter of a resource type by its name.
func LookupSearchParameter(resourceType, name string) (SearchParameter, bool) {
	r := searchRecordOf(resourceType)
	if r == nil {
		return SearchParameter{}, false
	}
	i, ok := r.byName[name]
	if !ok {
		return SearchParameter{}, false
	}
	return r.all[i], true
}

func searchRecordOf(resourceType string) *searchRecord {
	r, ok := searchIndex().records[resourceType]
	if ok {
		return r.get(decodeSearch)
	}
	if IsResourceType(resourceType) {
		// A type without parameters of its own, such as Parameters.
		return searchIndex().records["Resource"].get(decodeSearch)
	}
	return nil
}

func decodeSearch(text string) *searchRecord {
	name := line(text)
	rec := &searchRecord{}
	// A Bundle, a Binary and Parameters have no narrative: they are no DomainResources.
	if t, ok := LookupType(name); ok {
		switch {
		case t.Base == "DomainResource":
			rec.all = append(decodeSearchLines(searchIndex().records["Resource"].text), decodeSearchLines(searchIndex().records["DomainResource"].text)...)
		case t.Base == "Resource":
			rec.all = decodeSearchLines(searchIndex().records["Resource"].text)
		}
	}
	rec.all = append(rec.all, decodeSearchLines(text)...)
	rec.byName = make(map[string]int, len(rec.all))
	for i := range rec.all {
		rec.byName[rec.all[i].Name] = i
	}
	return rec
}

func decodeSearchLines(text string) []SearchParameter {
	base := line(text)
	all := make([]SearchParameter, 0, strings.Count(text, "\n"))
	var f [6]string
	for l := range body(text) {
		fields(l, f[:])
		p := SearchParameter{Name: f[0], Type: f[1], URL: f[2], Expression: f[3], Base: list(f[5])}
		if f[4] != "*" {
			p.Targets = list(f[4])
		}
		if p.Base == nil {
			p.Base = []string{base}
		}
		for i := 6; ; i += 2 {
			definition := field(l, i)
			if definition == "" {
				break
			}
			p.Components = append(p.Components, Component{Definition: definition, Expression: field(l, i+1)})
		}
		all = append(all, p)
	}
	return all
}
