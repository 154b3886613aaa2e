package definitions

import (
	"strconv"
	"strings"
	"sync"
)

// Kind tells the three kinds of types apart.
type Kind uint8

const (
	Primitive Kind = iota
	Complex
	Resource
)

// Type is an R4 type. SimpleQuantity and MoneyQuantity, which R4 defines as profiles but names as types, are types here.
type Type struct {
	Name     string
	Kind     Kind
	Base     string // the type it specializes, "" for Element and Resource
	Abstract bool
	// Elements are all elements in the order of the specification, inherited ones included, those of nested
	// BackboneElements by their path. The type itself is not among them.
	Elements []Element
	// Invariants hold for the type as a whole. Those of its base types hold too, and stand there.
	Invariants []Invariant

	root Fields
}

// Element is one element of a type.
type Element struct {
	Path string // such as "Patient.contact.name"; "Observation.value" for value[x]
	Name string // the last part of the path, such as "name"
	// Types are the types its value may have: one, or several for a choice. Empty when ContentReference is given.
	Types []TypeRef
	Min   int
	Max   int // -1 when unbounded
	// Choice is true of elements such as value[x], whose JSON name ends in the type: valueQuantity.
	Choice, Summary, Modifier bool
	Binding                   *Binding // nil when unbound
	// ContentReference is the path of the element whose content this one shares, "" for most.
	ContentReference string
	// Invariants are those that the type's definition adds to the element. Those of the element's data type stand there.
	Invariants []Invariant
}

// TypeRef names a type that an element's value may have.
type TypeRef struct {
	Code     string   // "Quantity", "Reference", "BackboneElement", "code"
	Profiles []string // the value follows one of these: bare names are HL7's own, such as "SimpleQuantity"; others are URLs
	// Targets are what a Reference or canonical may point at: resource type names and, in profiles, profile URLs.
	// nil allows any.
	Targets []string
}

// Binding ties an element to a value set.
type Binding struct {
	Strength string // "required", "extensible", "preferred" or "example"
	ValueSet string // canonical URL; a version only where it is not R4's own
	Max      string // the value set that codes must come from even if Strength is weaker; mostly ""
}

// Invariant is a rule in FHIRPath.
type Invariant struct {
	Key        string // such as "obs-6"
	Severity   string // "error" or "warning"
	Expression string
	Human      string // what the rule asks, in words
}

var typeIndex = sync.OnceValue(func() *index[Type] { return newIndex[Type](typesTable, false) })

// LookupType finds a resource, complex or primitive type by its name.
func LookupType(name string) (*Type, bool) {
	r, ok := typeIndex().records[name]
	if !ok {
		return nil, false
	}
	return r.get(decodeType), true
}

// ResourceTypes are the names of R4's concrete resource types, sorted.
func ResourceTypes() []string { return resourceTypes() }

var resourceTypes = sync.OnceValue(func() []string {
	var names []string
	for _, name := range typeIndex().keys {
		first := line(typeIndex().records[name].text)
		if field(first, 1) == "r" && field(first, 3) == "" {
			names = append(names, name)
		}
	}
	return names
})

// IsResourceType is true of the name of a concrete resource type.
func IsResourceType(name string) bool {
	r, ok := typeIndex().records[name]
	if !ok {
		return false
	}
	t := r.get(decodeType)
	return t.Kind == Resource && !t.Abstract
}

// Fields are the JSON properties of an object of the type. Those of a primitive type are the ones of its "_name" object.
func (t *Type) Fields() *Fields { return &t.root }

// Element finds an element by its path, such as "Patient.contact.name".
func (t *Type) Element(path string) (*Element, bool) {
	for i := range t.Elements {
		if t.Elements[i].Path == path {
			return &t.Elements[i], true
		}
	}
	return nil, false
}

// Child resolves a JSON property name under a parent, which is given by JSON property names from the type downward
// ("Patient", "Patient.contact", "Observation.valueQuantity", "Patient.contact.name"). It answers the element and the
// type code of the value. Code that walks a document uses [Fields.Lookup] level by level instead.
func (t *Type) Child(path, jsonName string) (e *Element, typeCode string, ok bool) {
	at := t.Fields()
	_, path, _ = strings.Cut(path, ".")
	for path != "" && at != nil {
		var name string
		name, path, _ = strings.Cut(path, ".")
		p, ok := at.Lookup(name)
		if !ok {
			return nil, "", false
		}
		at = p.Fields()
	}
	p, ok := at.Lookup(jsonName)
	if !ok {
		return nil, "", false
	}
	return p.Element, p.Type, true
}

func decodeType(text string) *Type {
	var f [7]string
	fields(line(text), f[:5])
	t := &Type{Name: f[0], Base: f[2], Abstract: f[3] == "A"}
	switch f[1] {
	case "c":
		t.Kind = Complex
	case "r":
		t.Kind = Resource
	}
	known := decodeInvariants(text)
	t.Invariants = pick(known, f[4])
	t.Elements = make([]Element, 0, strings.Count(text, "\n")-1)
	paths := joinPaths(t.Name, text)
	for l := range body(text) {
		if l[0] == '!' {
			continue
		}
		fields(l, f[:])
		e := Element{Types: decodeTypes(f[2]), Binding: decodeBinding(f[4]), Invariants: pick(known, f[6])}
		var path string
		path, paths, _ = strings.Cut(paths, "\n")
		e.Path = strings.TrimSuffix(path, "[x]")
		e.Choice = len(e.Path) < len(path)
		e.Name = e.Path[strings.LastIndexByte(e.Path, '.')+1:]
		e.Min, e.Max = decodeCardinality(f[1])
		e.Summary = strings.Contains(f[3], "S")
		e.Modifier = strings.Contains(f[3], "M")
		if f[5] != "" {
			e.ContentReference = t.Name + "." + f[5]
		}
		t.Elements = append(t.Elements, e)
	}
	t.buildFields()
	return t
}

// joinPaths makes the full paths of all elements in one allocation, one a line.
func joinPaths(name, text string) string {
	var b strings.Builder
	for l := range body(text) {
		if l[0] != '!' {
			b.WriteString(name)
			b.WriteByte('.')
			b.WriteString(field(l, 0))
			b.WriteByte('\n')
		}
	}
	return b.String()
}

// decodeTypes reads "Quantity<SimpleQuantity>|Reference(Patient,Group)".
func decodeTypes(s string) []TypeRef {
	if s == "" {
		return nil
	}
	refs := make([]TypeRef, 0, strings.Count(s, "|")+1)
	for s != "" {
		end := typeEnd(s)
		one := s[:end]
		s = strings.TrimPrefix(s[end:], "|")
		var ref TypeRef
		if i := strings.IndexByte(one, '('); i >= 0 {
			ref.Targets = list(strings.TrimSuffix(one[i+1:], ")"))
			one = one[:i]
			if len(ref.Targets) == 1 && ref.Targets[0] == "Resource" {
				ref.Targets = nil
			}
		}
		if i := strings.IndexByte(one, '<'); i >= 0 {
			ref.Profiles = list(strings.TrimSuffix(one[i+1:], ">"))
			one = one[:i]
		}
		ref.Code = one
		refs = append(refs, ref)
	}
	return refs
}

// typeEnd is where the first type of a list ends. A "|" inside of brackets belongs to a URL with a version.
func typeEnd(s string) int {
	depth := 0
	for i := range len(s) {
		switch s[i] {
		case '<', '(':
			depth++
		case '>', ')':
			depth--
		case '|':
			if depth == 0 {
				return i
			}
		}
	}
	return len(s)
}

func decodeBinding(s string) *Binding {
	if s == "" {
		return nil
	}
	b := &Binding{}
	switch s[0] {
	case 'r':
		b.Strength = "required"
	case 'e':
		b.Strength = "extensible"
	case 'p':
		b.Strength = "preferred"
	case 'x':
		b.Strength = "example"
	}
	b.ValueSet, b.Max, _ = strings.Cut(s[2:], " ")
	return b
}

// decodeCardinality reads "0..*". The tables hold nothing that does not parse; a test reads every record.
func decodeCardinality(s string) (lowest, highest int) {
	low, high, _ := strings.Cut(s, "..")
	lowest, _ = strconv.Atoi(low)
	if high == "*" {
		return lowest, -1
	}
	highest, _ = strconv.Atoi(high)
	return lowest, highest
}

// decodeInvariants reads the "!" lines of a record.
func decodeInvariants(text string) []Invariant {
	i := strings.Index(text, "\n!")
	if i < 0 {
		return nil
	}
	all := make([]Invariant, 0, strings.Count(text[i:], "\n!"))
	var f [4]string
	for l := range body(text[i:]) {
		fields(l, f[:])
		severity := "error"
		if f[1] == "w" {
			severity = "warning"
		}
		all = append(all, Invariant{Key: f[0][1:], Severity: severity, Expression: f[2], Human: f[3]})
	}
	return all
}

// pick returns the invariants of the given keys.
func pick(known []Invariant, keys string) []Invariant {
	if keys == "" {
		return nil
	}
	var picked []Invariant
	for key := range strings.SplitSeq(keys, ",") {
		for i := range known {
			if known[i].Key == key {
				picked = append(picked, known[i])
			}
		}
	}
	return picked
}
