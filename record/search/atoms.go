package search

import (
	"fmt"
	"slices"
	"strings"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/fhir/definitions"
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
}

// part is one component of a composite parameter.
type part struct {
	*Parameter
	relative *extractor // from the composite's base to the part's values
}

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

// step is one name of a path with what limits it.
type step struct {
	name   string
	when   condition
	ofType string
}

// parsePaths reads the expressions that search parameters have: unions of paths with where(), ofType(),
// an index, or "where(resolve() is T)". It returns the paths below the root name, and the type to which
// references are limited.
func parsePaths(expression, root string) (paths [][]step, only string, err error) {
	for _, alt := range splitTop(expression, '|') {
		alt = strings.TrimSpace(alt)
		suffix := ""
		// "(T.value.ofType(string)).text"
		for strings.HasPrefix(alt, "(") {
			end := matching(alt, 0)
			if end < 0 {
				return nil, "", fmt.Errorf("unbalanced parentheses in %q", expression)
			}
			suffix = alt[end+1:] + suffix
			alt = strings.TrimSpace(alt[1:end])
		}
		// "(T.value as Quantity)" is the same as ofType here.
		if path, as, ok := strings.Cut(alt, " as "); ok {
			alt = path + ".ofType(" + strings.TrimSpace(as) + ")"
		}
		alt += suffix
		var steps []step
		for i, name := range splitTop(alt, '.') {
			switch {
			case i == 0 && (name == root || name == "Resource" || name == "DomainResource"):
			case name == "$this" && i == 0:
			case (strings.HasPrefix(name, "ofType(") || strings.HasPrefix(name, "as(")) && len(steps) > 0:
				steps[len(steps)-1].ofType = strings.TrimSpace(name[strings.IndexByte(name, '(')+1 : len(name)-1])
			case strings.HasPrefix(name, "where(resolve() is ") && len(steps) > 0:
				only = strings.TrimSpace(name[len("where(resolve() is ") : len(name)-1])
				steps[len(steps)-1].when.refers = only
			case strings.HasPrefix(name, "where(") && len(steps) > 0:
				k, v, ok := strings.Cut(name[len("where("):len(name)-1], "=")
				if !ok {
					return nil, "", fmt.Errorf("where without = in %q", expression)
				}
				steps[len(steps)-1].when.property = strings.TrimSpace(k)
				steps[len(steps)-1].when.value = strings.Trim(strings.TrimSpace(v), "'")
			case strings.ContainsAny(name, "()"):
				return nil, "", fmt.Errorf("function %s in %q", name, expression)
			default:
				s := step{name: name}
				if before, index, ok := strings.Cut(name, "["); ok {
					if index != "0]" {
						return nil, "", fmt.Errorf("index %s in %q", index, expression)
					}
					s.name, s.when.first = before, true
				}
				steps = append(steps, s)
			}
		}
		paths = append(paths, steps)
	}
	return paths, only, nil
}

// splitTop splits at a separator outside parentheses and quotes.
func splitTop(s string, sep byte) (parts []string) {
	depth, quoted, from := 0, false, 0
	for i := range len(s) {
		switch c := s[i]; {
		case c == '\'':
			quoted = !quoted
		case quoted:
		case c == '(':
			depth++
		case c == ')':
			depth--
		case c == sep && depth == 0:
			parts = append(parts, s[from:i])
			from = i + 1
		}
	}
	return append(parts, s[from:])
}

func matching(s string, open int) int {
	depth, quoted := 0, false
	for i := open; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\'':
			quoted = !quoted
		case quoted:
		case c == '(':
			depth++
		case c == ')':
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return -1
}

// ending is a place where a path ends: the extractor there, the type of its values, and its name.
type ending struct {
	at       *extractor
	fhirType string
	binding  string
	name     string
	part     bool // of a name or address
}

// follow walks steps from an extractor, through all types that choices allow.
func follow(x *extractor, fields *definitions.Fields, fhirType, binding, name string, steps []step) []ending {
	return followFrom(x, fields, "", fhirType, binding, name, steps)
}

func followFrom(x *extractor, fields *definitions.Fields, parent, fhirType, binding, name string, steps []step) []ending {
	if len(steps) == 0 {
		return []ending{{at: x, fhirType: fhirType, binding: binding, name: name, part: subpaths[parent] != nil}}
	}
	if fields == nil {
		return nil
	}
	s := steps[0]
	var out []ending
	for _, json := range jsonNames(fields, s) {
		p, ok := fields.Lookup(json)
		if !ok {
			continue
		}
		bound := ""
		if p.Element.Binding != nil {
			bound = p.Element.Binding.ValueSet
		}
		label := name + "." + json
		when := s.when
		if when.refers != "" { // the atom is the whole reference; the parameter limits the target
			when = condition{}
		}
		if when.property != "" {
			label += "[" + when.property + "=" + when.value + "]"
		}
		if when.first {
			label += "[0]"
		}
		out = append(out, followFrom(x.child(json, when), p.Fields(), fhirType, p.Type, bound, label, steps[1:])...)
	}
	return out
}

// jsonNames are the JSON properties that a step means: several for a choice.
func jsonNames(fields *definitions.Fields, s step) []string {
	if _, ok := fields.Lookup(s.name); ok && s.ofType == "" {
		return []string{s.name}
	}
	if s.ofType != "" {
		if n := s.name + upper(s.ofType); has(fields, n) {
			return []string{n}
		}
		if has(fields, s.name) {
			return []string{s.name}
		}
		return nil
	}
	var names []string
	for _, e := range fields.Elements {
		if e.Name == s.name && e.Choice {
			for _, t := range e.Types {
				names = append(names, s.name+upper(t.Code))
			}
		}
	}
	return names
}

func has(f *definitions.Fields, name string) bool { _, ok := f.Lookup(name); return ok }

func upper(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

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

// Index knows every atom and parameter.
type Index struct {
	*Types
	*Hasher
	byType map[string]*typeIndex
	atoms  map[string]*Atom
}

// typeIndex is what one resource type is indexed by.
type typeIndex struct {
	number   int
	params   map[string]*Parameter
	root     *extractor
	owner    string // JSON name of the owning element; "" if there is none
	deceased *Atom
}

// NewIndex compiles HL7's search parameters. Atoms get their numbers by Bind.
func NewIndex(h *Hasher) (*Index, error) {
	x := &Index{Types: NewTypes(), Hasher: h, byType: map[string]*typeIndex{}, atoms: map[string]*Atom{}}
	if x.Number("Patient") != store.PatientType {
		return nil, fmt.Errorf("the numbering of resource types has changed: Patient is %d", x.Number("Patient"))
	}
	for _, name := range x.Names() {
		if err := x.compile(name); err != nil {
			return nil, err
		}
	}
	return x, nil
}

// AtomNames lists what the store must number.
func (x *Index) AtomNames() []string {
	names := make([]string, 0, len(x.atoms))
	for n := range x.atoms {
		names = append(names, n)
	}
	slices.Sort(names)
	return names
}

// Bind tells the atoms' numbers.
func (x *Index) Bind(numbers map[string]int64) {
	for n, a := range x.atoms {
		a.No = numbers[n]
	}
}

// RefAtoms are the numbers of all atoms that hold references.
func (x *Index) RefAtoms() (out []int64) {
	for _, a := range x.atoms {
		if a.Kind == store.Refs {
			out = append(out, a.No)
		}
	}
	return out
}

func (x *Index) atom(name string, kind store.IndexKind, fhirType, binding string) *Atom {
	key := string("?trdsa"[kind]) + ":" + name
	a := x.atoms[key]
	if a == nil {
		a = &Atom{Name: key, Kind: kind, Binding: binding}
		x.atoms[key] = a
	}
	if !slices.Contains(a.Types, fhirType) {
		a.Types = append(a.Types, fhirType)
	}
	return a
}

func (x *Index) compile(typ string) error {
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

func (x *Index) compileParam(t *typeIndex, p *Parameter, fields *definitions.Fields, typ string) error {
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
func (x *Index) emitAll(root *extractor, fields *definitions.Fields, name string, path []step, p *Parameter) {
	for _, end := range follow(root, fields, "", "", name, path) {
		x.emitAt(end, p)
	}
}

func (x *Index) emitAt(end ending, p *Parameter) {
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
	a := x.atom(end.name, kind, end.fhirType, end.binding)
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
func (x *Index) compileComposite(t *typeIndex, p *Parameter, fields *definitions.Fields, typ string) {
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

// Param finds a compiled parameter.
func (x *Index) Param(typ, name string) (*Parameter, bool) {
	t := x.byType[typ]
	if t == nil {
		return nil, false
	}
	p, ok := t.params[name]
	return p, ok
}
