package definitions

import (
	"slices"
	"strings"
	"sync"
)

// StructureProfile is what a profile or an extension definition asks of its type. Its elements are those for which it
// asks something that the base type does not; everything else is as [LookupType] has it.
type StructureProfile struct {
	URL, Version, Name string
	Type               string   // the type it constrains, such as "Observation" or "Extension"
	Base               string   // URL of the definition it is derived from
	Contexts           []string // where an extension may stand, such as "Patient" or "Element"; nil for profiles
	Elements           []ProfileElement
	Invariants         []Invariant // of the type as a whole
	// Partial is true when the elements say only what the profile adds to its Base, which has to be checked too.
	Partial bool
	// Definitions are where other profiles and value sets that it names are looked up.
	Definitions *Set
}

// ProfileElement is what a profile asks of one element.
type ProfileElement struct {
	ID        string // "Observation.component:systolic.code": unique, and tells the slice
	Path      string // "Observation.component.code"; choices end in "[x]"
	SliceName string // the slice that begins here, "" for an element within one
	Min       int
	Max       int // -1 when unbounded
	// Types are the types allowed, nil when they are those of the base type.
	Types       []TypeRef
	MustSupport bool
	Binding     *Binding // nil when it is that of the base type
	Fixed       string   // JSON that the value must equal, or ""
	Pattern     string   // JSON that the value must contain, or ""
	Slicing     *Slicing // when slices follow
	Invariants  []Invariant
}

// Slicing tells how the values of a repeating element are told apart.
type Slicing struct {
	Discriminators []Discriminator
	Rules          string // "open", "closed" or "openAtEnd"
	Ordered        bool
}

// Discriminator is what to look at in a value to find its slice.
type Discriminator struct {
	Type string // value, exists, pattern, type or profile
	Path string // a simple FHIRPath from the sliced value, "$this" for itself
}

var profileIndex = sync.OnceValue(func() *index[StructureProfile] { return newIndex[StructureProfile](profilesTable, true) })

// Profile finds a profile or extension definition of R4 or US Core by its URL. A "|version" is heeded; without one the
// lowest version answers, which for US Core is 6.1.0.
func Profile(url string) (*StructureProfile, bool) {
	r, ok := profileIndex().records[url]
	if !ok {
		return nil, false
	}
	return r.get(decodeProfile), true
}

// ProfileURLs are the URLs of the profiles of a type, sorted, each once; with "Extension" those of the extensions.
func ProfileURLs(typeName string) []string {
	var urls []string
	for _, url := range profileIndex().keys {
		if field(line(profileIndex().records[url].text), 3) == typeName {
			urls = append(urls, url)
		}
	}
	return urls
}

// Element finds an element by its id.
func (p *StructureProfile) Element(id string) (*ProfileElement, bool) {
	i := slices.IndexFunc(p.Elements, func(e ProfileElement) bool { return e.ID == id })
	if i < 0 {
		return nil, false
	}
	return &p.Elements[i], true
}

func decodeProfile(text string) *StructureProfile {
	var f [8]string
	fields(line(text), f[:7])
	p := &StructureProfile{URL: f[0], Version: f[1], Name: f[2], Type: f[3], Base: f[4], Contexts: list(f[5])}
	known := decodeInvariants(text)
	p.Invariants = pick(known, f[6])
	for l := range body(text) {
		if l[0] == '!' {
			continue
		}
		fields(l, f[:])
		e := ProfileElement{
			ID: p.Type + "." + f[0], Types: decodeTypes(f[2]), MustSupport: f[3] == "M",
			Binding: decodeBinding(f[4]), Slicing: decodeSlicing(f[6]), Invariants: pick(known, f[7]),
		}
		e.Path, e.SliceName = pathOf(e.ID)
		e.Min, e.Max = decodeCardinality(f[1])
		if value, ok := strings.CutPrefix(f[5], "="); ok {
			e.Fixed = value
		} else if value, ok := strings.CutPrefix(f[5], "~"); ok {
			e.Pattern = value
		}
		p.Elements = append(p.Elements, e)
	}
	return p
}

// pathOf takes the slice names out of an element id; the last part's is returned.
func pathOf(id string) (path, slice string) {
	if !strings.Contains(id, ":") {
		return id, ""
	}
	parts := strings.Split(id, ".")
	for i, part := range parts {
		parts[i], slice, _ = strings.Cut(part, ":")
	}
	return strings.Join(parts, "."), slice
}

// decodeSlicing reads "o+ value:code,type:$this".
func decodeSlicing(s string) *Slicing {
	if s == "" {
		return nil
	}
	how, discriminators, _ := strings.Cut(s, " ")
	out := &Slicing{Ordered: strings.HasSuffix(how, "+")}
	switch how[0] {
	case 'o':
		out.Rules = "open"
	case 'c':
		out.Rules = "closed"
	case 'e':
		out.Rules = "openAtEnd"
	}
	for _, d := range list(discriminators) {
		kind, path, _ := strings.Cut(d, ":")
		out.Discriminators = append(out.Discriminators, Discriminator{Type: kind, Path: path})
	}
	return out
}
