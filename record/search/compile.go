package search

import (
	"fmt"
	"slices"
	"strings"

	"github.com/osler-ehr/osler/fhir/definitions"
	"github.com/osler-ehr/osler/store"
)

// subpaths are the parts by which names and addresses are indexed, so that parameters for a part share
// the rows of those for the whole.
var subpaths = map[string][]string{
	"HumanName": {"family", "given", "text", "prefix", "suffix"},
	"Address":   {"line", "city", "district", "state", "postalCode", "country", "text"},
}

// indexKind is the table in which values of a FHIR type are found by parameters of a search type.
func indexKind(searchType, fhirType string) (store.IndexKind, bool) {
	switch searchType {
	case "token":
		switch fhirType {
		case "Coding", "CodeableConcept", "Identifier", "ContactPoint", "boolean", "code", "string", "id", "uri", "canonical", "markdown", "oid", "uuid":
			return store.Tokens, true
		}
	case "reference":
		switch fhirType {
		case "Reference", "canonical", "uri", "url", "Resource":
			return store.Refs, true
		}
	case "date":
		switch fhirType {
		case "date", "dateTime", "instant", "Period", "Timing":
			return store.Dates, true
		}
	case "string":
		switch fhirType {
		case "string", "markdown", "code", "id", "uri":
			return store.Texts, true
		}
	case "uri":
		// By hash: an address is long, and searched for whole. :below and :above read the documents.
		switch fhirType {
		case "uri", "url", "canonical", "oid", "uuid":
			return store.Tokens, true
		}
	case "number":
		switch fhirType {
		case "integer", "decimal", "positiveInt", "unsignedInt":
			return store.Amounts, true
		}
	case "quantity":
		switch fhirType {
		case "Quantity", "Age", "Duration", "Distance", "Count", "SimpleQuantity", "Money", "Range":
			return store.Amounts, true
		}
	}
	return 0, false
}

// ownerElements are the elements that name the patient a resource is about, best first. Single ones hold
// one reference, so the row's key says all there is to say.
var ownerElements = []string{"patient", "subject", "beneficiary", "for", "individual", "candidate"}

func (x *Edition) compile(typ string) error {
	def, ok := definitions.LookupType(typ)
	if !ok {
		return fmt.Errorf("no definition of %s", typ)
	}
	t := &typeIndex{number: x.Number(typ), params: map[string]*Parameter{}, root: &extractor{}}
	x.byType[typ] = t
	for _, e := range ownerElements {
		if p, ok := def.Fields().Lookup(e); ok && p.Type == "Reference" && refersToPatient(p.Ref.Targets) {
			t.owner = e
			break
		}
	}
	all := definitions.SearchParameters(typ)
	for _, sp := range all {
		p := &Parameter{SearchParameter: sp}
		t.params[sp.Name] = p
		switch {
		case sp.Name == "_id" || sp.Name == "_lastUpdated" || sp.Expression == "" || sp.Type == "special" || sp.Type == "composite":
			continue
		case strings.HasSuffix(sp.Expression, "deceased.exists() and "+typ+".deceased != false"):
			t.deceased = x.atom(typ+".deceased", store.Tokens, "boolean", "")
			p.Atoms = []*Atom{t.deceased}
			continue
		}
		if err := x.compileParam(t, p, def.Fields(), typ); err != nil {
			return err
		}
	}
	for _, sp := range all {
		if sp.Type == "composite" {
			x.compileComposite(t, t.params[sp.Name], def.Fields(), typ)
		}
	}
	return nil
}

func refersToPatient(targets []string) bool {
	return targets == nil || slices.Contains(targets, "Patient")
}

func (x *Edition) compileParam(t *typeIndex, p *Parameter, fields *definitions.Fields, typ string) error {
	paths, only, err := parsePaths(p.Expression, typ)
	if err != nil {
		return fmt.Errorf("%s-%s: %w", typ, p.Name, err)
	}
	p.Only = only
	p.extract = &extractor{}
	for _, path := range paths {
		name := typ
		if strings.HasPrefix(strings.TrimLeft(p.Expression, "("), "Resource.") {
			name = "Resource"
		}
		if len(path) == 1 && path[0].name == t.owner && t.owner != "" && p.Type == "reference" {
			if f, _ := fields.Lookup(t.owner); f != nil && !f.Repeats {
				p.Owner = len(paths) == 1
			}
		}
		x.emitAll(t.root, fields, name, path, p)
		x.emitAll(p.extract, fields, name, path, p)
	}
	return nil
}

// emitAll makes the path's values index rows of the parameter's atoms.
func (x *Edition) emitAll(root *extractor, fields *definitions.Fields, name string, path []step, p *Parameter) {
	for _, end := range follow(root, fields, "", "", name, path) {
		x.emitAt(end, p)
	}
}

func (x *Edition) emitAt(end ending, p *Parameter) {
	if parts := subpaths[end.fhirType]; parts != nil && p.Type == "string" {
		for _, part := range parts {
			x.emitAt(ending{at: end.at.child(part, condition{}), fhirType: "string", name: end.name + "." + part, part: true}, p)
		}
		return
	}
	kind, ok := indexKind(p.Type, end.fhirType)
	if !ok {
		return
	}
	name := end.name
	if p.custom && kind == store.Tokens {
		name = x.apart(name, p.Type == "uri")
	}
	a := x.atom(name, kind, end.fhirType, end.binding)
	if !slices.Contains(p.Atoms, a) {
		p.Atoms = append(p.Atoms, a)
	}
	a.Exact = p.Type == "uri"
	if kind == store.Texts && !end.part {
		a.Long = x.atom(end.name+":long", store.Tokens, "boolean", "")
	}
	e := emit{atom: a, fhirType: end.fhirType}
	if end.fhirType == "Reference" {
		e.ident = x.atom(end.name+":identifier", store.Tokens, "Identifier", "")
	}
	end.at.add(e)
}

// compileComposite pairs the parts of a composite parameter.
func (x *Edition) compileComposite(t *typeIndex, p *Parameter, fields *definitions.Fields, typ string) {
	// Several bases, as in "Observation | Observation.component", are alternatives: see Plan.
	for _, base := range splitTop(p.Expression, '|') {
		paths, _, err := parsePaths(strings.TrimSpace(base), typ)
		if err != nil || len(paths) != 1 {
			continue
		}
		q := &Parameter{SearchParameter: p.SearchParameter}
		q.extract = &extractor{}
		ends := follow(q.extract, fields, "", "", typ, paths[0])
		baseFields := fields
		for _, s := range paths[0] {
			f, ok := baseFields.Lookup(s.name)
			if !ok {
				break
			}
			baseFields = f.Fields()
		}
		for _, c := range p.Components {
			rel, _, err := parsePaths(c.Expression, "")
			if err != nil {
				continue
			}
			sub := &Parameter{SearchParameter: definitions.SearchParameter{Name: c.Definition, Type: componentType(t, c.Definition)}}
			relative := &extractor{}
			for _, r := range rel {
				for _, end := range ends {
					// The same rows that the part's own parameter has ...
					for _, e := range follow(t.root, fields, "", "", typ, append(slices.Clone(paths[0]), r...)) {
						x.emitAt(e, sub)
					}
					// ... and the way to them from the base, to pair them.
					for _, e := range follow(relative, baseFields, "", "", end.name, r) {
						x.emitAt(e, sub)
					}
				}
			}
			q.Parts = append(q.Parts, part{sub, relative})
		}
		if len(paths[0]) > 0 {
			q.Base = q.extract
		}
		p.Parts = append(p.Parts, part{Parameter: q})
	}
}

// componentType is the search type of a composite's component.
func componentType(t *typeIndex, url string) string {
	for _, p := range t.params {
		if p.URL == url {
			return p.Type
		}
	}
	return "token"
}
