package definitions

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
)

// Definitions of FHIR's own types, and the extensions that qualify parts of an ElementDefinition.
const (
	coreURL       = "http://hl7.org/fhir/StructureDefinition/"
	fhirTypeURL   = coreURL + "structuredefinition-fhir-type"
	maxBindingURL = coreURL + "elementdefinition-maxValueSet"
)

type (
	structureJSON struct {
		ResourceType, URL, Version, Name, Title, Kind, Type, BaseDefinition, Derivation, FHIRVersion string

		Abstract               bool
		Context                []struct{ Type, Expression string }
		Snapshot, Differential struct{ Element []elementJSON }
	}
	elementJSON struct {
		ID, Path, SliceName, Max, ContentReference string
		Min                                        *int
		Type                                       []typeJSON
		MustSupport                                bool
		Binding                                    *bindingJSON
		Constraint                                 []struct{ Key, Severity, Human, Expression, Source string }
		Slicing                                    *slicingJSON
		fixed, pattern                             string
	}
	typeJSON struct {
		Code                   string
		Profile, TargetProfile []string
		Extension              []extensionJSON
	}
	bindingJSON struct {
		Strength, ValueSet string
		Extension          []extensionJSON
	}
	slicingJSON struct {
		Discriminator []struct{ Type, Path string }
		Ordered       bool
		Rules         string
	}
	extensionJSON struct {
		URL            string
		ValueUrl       string //nolint:revive // the name of the JSON property
		ValueCanonical string
	}
)

// UnmarshalJSON also finds fixed[x] and pattern[x].
func (e *elementJSON) UnmarshalJSON(data []byte) error {
	type plain elementJSON
	if err := json.Unmarshal(data, (*plain)(e)); err != nil {
		return err
	}
	if !bytes.Contains(data, []byte(`"fixed`)) && !bytes.Contains(data, []byte(`"pattern`)) {
		return nil
	}
	var all map[string]json.RawMessage
	if err := json.Unmarshal(data, &all); err != nil {
		return err
	}
	for name, value := range all {
		var compact bytes.Buffer
		switch {
		case strings.HasPrefix(name, "fixed"):
			if err := json.Compact(&compact, value); err != nil {
				return err
			}
			e.fixed = compact.String()
		case strings.HasPrefix(name, "pattern"):
			if err := json.Compact(&compact, value); err != nil {
				return err
			}
			e.pattern = compact.String()
		}
	}
	return nil
}

// ReadProfile reads a profile or extension definition of an R4 type from its StructureDefinition. Of one without a
// snapshot it holds what the differential says, and is Partial.
func ReadProfile(document []byte) (*StructureProfile, error) {
	var sd structureJSON
	if err := json.Unmarshal(document, &sd); err != nil {
		return nil, fmt.Errorf("the StructureDefinition cannot be read: %w", err)
	}
	t, known := LookupType(sd.Type)
	switch {
	case sd.URL == "":
		return nil, errors.New("the StructureDefinition has no url")
	case sd.Derivation != "constraint":
		return nil, fmt.Errorf("the StructureDefinition %s constrains no type; it defines one", sd.URL)
	case !known:
		return nil, fmt.Errorf("the StructureDefinition %s is of the type %q, which R4 does not have", sd.URL, sd.Type)
	}
	p := &StructureProfile{URL: sd.URL, Version: sd.Version, Name: cmp.Or(sd.Title, sd.Name), Type: sd.Type, Base: sd.BaseDefinition}
	for _, c := range sd.Context {
		p.Contexts = append(p.Contexts, c.Expression)
	}
	elements := sd.Snapshot.Element
	if len(elements) == 0 {
		elements, p.Partial = sd.Differential.Element, true
	}
	ids := map[string]*elementJSON{}
	for i := range elements {
		ids[elements[i].ID] = &elements[i]
	}
	for i := range elements {
		e := &elements[i]
		if e.ID == "" {
			e.ID = e.Path
		}
		if e.ID == sd.Type {
			p.Invariants = e.invariants()
			continue
		}
		if !strings.HasPrefix(e.ID, sd.Type+".") {
			return nil, fmt.Errorf("the element %q of %s is not below %s", e.ID, sd.URL, sd.Type)
		}
		if x, asks := e.asks(t, ids); asks {
			p.Elements = append(p.Elements, x)
		}
	}
	return p, nil
}

// asks is what an element asks beyond the base type, and whether that is anything.
func (e *elementJSON) asks(t *Type, ids map[string]*elementJSON) (x ProfileElement, asks bool) {
	base := baseOf(t, e.ID, ids)
	x = ProfileElement{ID: e.ID, MustSupport: e.MustSupport, Fixed: e.fixed, Pattern: e.pattern, Invariants: e.invariants(), Max: -1}
	x.Path, x.SliceName = pathOf(e.ID)
	if base != nil {
		x.Min, x.Max = base.Min, base.Max
	}
	lowest, highest := x.Min, x.Max
	if e.SliceName != "" && e.Min == nil { // a slice need not be there unless it is said
		x.Min = 0
	}
	if e.Min != nil {
		x.Min = *e.Min
	}
	if e.Max == "*" {
		x.Max = -1
	} else if n, err := strconv.Atoi(e.Max); err == nil {
		x.Max = n
	}
	if types := e.types(); base == nil || !sameTypes(types, base.Types) {
		x.Types = types
	}
	if b := e.Binding.read(); b != nil && (base == nil || base.Binding == nil || *b != *base.Binding) {
		x.Binding = b
	}
	x.Slicing = e.slicing()
	slice := e.SliceName != ""
	return x, slice || x.Min != lowest || x.Max != highest || x.Types != nil || x.MustSupport || x.Binding != nil || x.Fixed != "" || x.Pattern != "" ||
		x.Slicing != nil || len(x.Invariants) > 0
}

func (e *elementJSON) types() []TypeRef {
	var out []TypeRef
	for _, t := range e.Type {
		ref := TypeRef{Code: t.code(), Profiles: shorten(t.Profile), Targets: shorten(t.TargetProfile)}
		if len(ref.Targets) == 1 && ref.Targets[0] == "Resource" {
			ref.Targets = nil
		}
		out = append(out, ref)
	}
	return out
}

// code is the type's name: ids and extension urls are given as System.String, with the FHIR type in an extension.
func (t *typeJSON) code() string {
	for _, x := range t.Extension {
		if x.URL == fhirTypeURL {
			return x.ValueUrl
		}
	}
	if code := strings.TrimPrefix(t.Code, "http://hl7.org/fhirpath/"); code != "System.String" {
		return code
	}
	return "string"
}

// shorten writes HL7's own types by their bare names.
func shorten(urls []string) []string {
	var out []string
	for _, u := range urls {
		if name, ok := strings.CutPrefix(u, coreURL); ok && name != "" && name[0] >= 'A' && name[0] <= 'Z' {
			u = name
		}
		out = append(out, u)
	}
	return out
}

func (b *bindingJSON) read() *Binding {
	if b == nil || b.ValueSet == "" {
		return nil
	}
	out := &Binding{Strength: b.Strength, ValueSet: strings.TrimSuffix(b.ValueSet, "|4.0.1")}
	for _, x := range b.Extension {
		if x.URL == maxBindingURL {
			out.Max = strings.TrimSuffix(x.ValueCanonical, "|4.0.1")
		}
	}
	return out
}

// slicing is how values are told apart. That of extensions by their url goes without saying.
func (e *elementJSON) slicing() *Slicing {
	if e.Slicing == nil {
		return nil
	}
	s := &Slicing{Rules: cmp.Or(e.Slicing.Rules, "open"), Ordered: e.Slicing.Ordered}
	for _, d := range e.Slicing.Discriminator {
		s.Discriminators = append(s.Discriminators, Discriminator{Type: d.Type, Path: d.Path})
	}
	extension := strings.HasSuffix(e.Path, ".extension") || strings.HasSuffix(e.Path, ".modifierExtension")
	if extension && s.Rules == "open" && !s.Ordered && len(s.Discriminators) == 1 && s.Discriminators[0] == (Discriminator{"value", "url"}) {
		return nil
	}
	return s
}

// invariants are those that R4's own types do not have.
func (e *elementJSON) invariants() (out []Invariant) {
	for _, c := range e.Constraint {
		if name, ok := strings.CutPrefix(c.Source, coreURL); ok {
			if _, core := typeIndex().records[name]; core {
				continue
			}
		}
		if coreInvariants()[c.Key] || c.Expression == "" {
			continue
		}
		severity := "error"
		if c.Severity == "warning" {
			severity = "warning"
		}
		out = append(out, Invariant{Key: c.Key, Severity: severity, Expression: typeNames.Replace(c.Expression), Human: c.Human})
	}
	return out
}

// typeNames gives FHIR's primitive types their exact names, which published invariants miss. With a capital they mean
// FHIRPath's own types, which an element of a resource never is.
var typeNames = strings.NewReplacer("as(DateTime)", "as(dateTime)", " is DateTime", " is dateTime", " is Boolean", " is boolean")

// coreInvariants are the keys of the invariants of R4's own types, which snapshots copy.
var coreInvariants = sync.OnceValue(func() map[string]bool {
	keys := map[string]bool{}
	for _, r := range typeIndex().records {
		for l := range body(r.text) {
			if l[0] == '!' {
				keys[field(l, 0)[1:]] = true
			}
		}
	}
	return keys
})

func sameTypes(a, b []TypeRef) bool {
	if len(a) == 0 { // nothing is said
		return true
	}
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i].Code != b[i].Code || !sameNames(a[i].Profiles, b[i].Profiles) || !sameNames(a[i].Targets, b[i].Targets) {
			return false
		}
	}
	return true
}

func sameNames(a, b []string) bool { return strings.Join(a, " ") == strings.Join(b, " ") }

// baseOf finds the element of R4's own types that a profile's element constrains; nil if there is none. The profile says
// by which of several types to go on.
func baseOf(t *Type, id string, ids map[string]*elementJSON) *Element {
	path, at := t.Name, t.Name
	var found *Element
	for segment := range strings.SplitSeq(id[len(t.Name)+1:], ".") {
		name, _, _ := strings.Cut(segment, ":")
		switch {
		case found == nil:
		case found.ContentReference != "":
			path = found.ContentReference
		case len(found.Types) == 1 && (found.Types[0].Code == "BackboneElement" || found.Types[0].Code == "Element"):
			path = found.Path
		default:
			code := ""
			if e := ids[at]; e != nil && len(e.Type) > 0 {
				code = e.Type[0].code()
			} else if len(found.Types) > 0 {
				code = found.Types[0].Code
			}
			next, ok := LookupType(code)
			if !ok {
				return nil
			}
			t, path = next, next.Name
		}
		at += "." + segment
		path += "." + strings.TrimSuffix(name, "[x]")
		e, ok := t.Element(path)
		if !ok {
			return nil
		}
		found = e
	}
	return found
}
