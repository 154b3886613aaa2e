package terms

import (
	"strings"

	"github.com/osler-ehr/osler/fhir/definitions"
)

// ValueSet is the definition of a set of codes.
type ValueSet struct {
	URL, Version, Name, Title, Status string
	// ID is that of the resource in the record; "" for others.
	ID               string
	Include, Exclude []ConceptSet
	// Expansion are the codes that the author has worked out; nil if none. They stand where Include and Exclude cannot be
	// worked out here.
	Expansion []Coding
	// Partial is true when the author's expansion is known not to be the whole.
	Partial bool
}

// ConceptSet is one include or exclude: the codes of System that are listed, or that all filters select, and that are
// in every one of ValueSets.
type ConceptSet struct {
	System, Version string
	Codes           []Coding // system and version stand above
	Withheld        bool     // codes are listed by the author that may not be handed on
	Filters         []Filter
	ValueSets       []string // canonical URLs, perhaps with |version
}

// builtinValueSet is one of HL7's.
func builtinValueSet(url string) (*ValueSet, bool) {
	d, ok := definitions.LookupValueSet(url)
	if !ok {
		return nil, false
	}
	v := &ValueSet{URL: d.URL, Version: d.Version, Name: d.Name, Title: d.Name, Status: "active"}
	include, exclude := d.Compose()
	v.Include, v.Exclude = builtinSets(include), builtinSets(exclude)
	return v, true
}

func builtinSets(list []definitions.ConceptSet) []ConceptSet {
	out := make([]ConceptSet, len(list))
	for i, d := range list {
		s := ConceptSet{Withheld: d.Withheld, ValueSets: d.ValueSets}
		s.System, s.Version = splitCanonical(d.System)
		for _, c := range d.Codes {
			s.Codes = append(s.Codes, Coding{Code: c.Code, Display: c.Display})
		}
		for _, f := range d.Filters {
			s.Filters = append(s.Filters, Filter(f))
		}
		out[i] = s
	}
	return out
}

// splitCanonical takes url|version apart.
func splitCanonical(canonical string) (url, version string) {
	url, version, _ = strings.Cut(canonical, "|")
	return url, version
}

// implicitValueSet is one that needs no definition: all codes of a system (system?fhir_vs), those below a concept
// (?fhir_vs=isa/ID), or those of a reference set (?fhir_vs=refset/ID), as R4 defines them for SNOMED CT.
func implicitValueSet(url, version string) (*ValueSet, bool) {
	v := &ValueSet{URL: url, Version: version, Name: "Implicit", Status: "active"}
	if url == "http://loinc.org/vs" {
		v.Include = []ConceptSet{{System: "http://loinc.org", Version: version}}
		return v, true
	}
	if url == "http://unitsofmeasure.org/vs" {
		v.Include = []ConceptSet{{System: ucumSystem, Version: version}}
		return v, true
	}
	system, query, ok := strings.Cut(url, "?fhir_vs")
	if !ok {
		return nil, false
	}
	set := ConceptSet{System: system, Version: version}
	what, code, _ := strings.Cut(strings.TrimPrefix(query, "="), "/")
	switch {
	case query == "":
	case what == "isa" && code != "":
		set.Filters = []Filter{{"concept", "is-a", code}}
	case what == "refset" && code != "":
		set.Filters = []Filter{{"concept", "in", code}}
	default:
		return nil, false
	}
	v.Include = []ConceptSet{set}
	return v, true
}
