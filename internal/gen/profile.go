package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"slices"
	"strings"
)

// writeProfiles writes what each profile and extension definition asks beyond its base type:
//
//	=url  version  name  type  base  contexts (of an extension)  root invariants
//	id  min..max  types  M(ust support)  binding  =fixed or ~pattern  slicing  invariants
//	!key  e(rror)|w(arning)  expression  human
//
// An element whose facts are those of the base type is left out, and so is a field that is the same there.
func writeProfiles(t *table, in *input, types core) {
	var list []*structureDefinition
	for i := range in.Structures {
		sd := &in.Structures[i]
		if sd.Derivation == "constraint" && types[sd.Type] != nil && types[sd.Name] != sd {
			list = append(list, sd)
		}
	}
	slices.SortStableFunc(list, func(a, b *structureDefinition) int {
		return cmp.Or(cmp.Compare(a.URL, b.URL), cmp.Compare(a.Version, b.Version))
	})
	for i, sd := range list {
		if i > 0 && sd.URL == list[i-1].URL && sd.Version == list[i-1].Version {
			continue
		}
		writeProfile(t, sd, types)
	}
}

func writeProfile(t *table, sd *structureDefinition, types core) {
	var contexts []string
	for _, c := range sd.Context {
		contexts = append(contexts, c.Expression)
	}
	root := &sd.Snapshot.Element[0]
	t.line("="+sd.URL, sd.Version, cmp.Or(sd.Title, sd.Name), sd.Type, sd.BaseDefinition,
		strings.Join(contexts, ","), keys(profileInvariants(root, types)))
	var all []constraint
	inherited := baseFinder{sd: sd, types: types}
	for i := range sd.Snapshot.Element {
		e := &sd.Snapshot.Element[i]
		own := profileInvariants(e, types)
		for _, c := range own {
			if !slices.ContainsFunc(all, func(have constraint) bool { return have.Key == c.Key }) {
				all = append(all, c)
			}
		}
		if i > 0 {
			writeProfileElement(t, e, own, inherited.find(e))
		}
	}
	slices.SortFunc(all, func(a, b constraint) int { return cmp.Compare(a.Key, b.Key) })
	for _, c := range all {
		t.line("!"+c.Key, severityLetter(c.Severity), c.Expression, c.Human)
	}
}

func writeProfileElement(t *table, e *elementDefinition, own []constraint, base *elementDefinition) {
	if base == nil {
		base = &elementDefinition{}
	}
	_, id, _ := strings.Cut(e.ID, ".")
	types := typeList(e.Type)
	if types == typeList(base.Type) {
		types = ""
	}
	binding := e.Binding.text()
	if binding == base.Binding.text() {
		binding = ""
	}
	flags := ""
	if e.MustSupport {
		flags = "M"
	}
	slicing := slicingText(e)
	value := valueText(e)
	slice := e.SliceName != "" || strings.HasSuffix(id, "]") && strings.HasPrefix(id, "extension[")
	if !slice && e.cardinality() == base.cardinality() && types+binding+flags+slicing+value == "" && len(own) == 0 {
		return
	}
	t.line(id, e.cardinality(), types, flags, binding, value, slicing, keys(own))
}

// slicingText writes a slicing as "o(pen)|c(losed)|e(open at end)[+ when ordered] type:path,type:path". The slicing by url
// that every extension has is left out.
func slicingText(e *elementDefinition) string {
	if e.Slicing == nil {
		return ""
	}
	var d []string
	for _, x := range e.Slicing.Discriminator {
		d = append(d, x.Type+":"+x.Path)
	}
	text := map[string]string{"open": "o", "closed": "c", "openAtEnd": "e"}[e.Slicing.Rules]
	if e.Slicing.Ordered {
		text += "+"
	}
	text += " " + strings.Join(d, ",")
	if text == "o value:url" && (strings.HasSuffix(e.Path, ".extension") || strings.HasSuffix(e.Path, ".modifierExtension")) {
		return ""
	}
	return text
}

func valueText(e *elementDefinition) string {
	if e.Value == nil {
		return ""
	}
	var compact bytes.Buffer
	if err := json.Compact(&compact, e.Value); err != nil {
		panic(err) // the bytes have been through the JSON reader already
	}
	if e.Fixed != "" {
		return "=" + compact.String()
	}
	return "~" + compact.String()
}

// profileInvariants are an element's constraints other than those of R4's own types.
func profileInvariants(e *elementDefinition, types core) []constraint {
	var own []constraint
	for _, c := range e.Constraint {
		if name, ok := strings.CutPrefix(c.Source, coreURL); ok && types[name] != nil {
			continue
		}
		if inCore(c, types) {
			continue
		}
		own = append(own, c)
	}
	return own
}

// inCore is true of a constraint that a snapshot has copied from one of R4's own types.
func inCore(c constraint, types core) bool {
	for _, sd := range types {
		for i := range sd.Snapshot.Element {
			for _, have := range sd.Snapshot.Element[i].Constraint {
				if have.Key == c.Key && (c.Source == "" || have.Expression == c.Expression) {
					return true
				}
			}
		}
	}
	return false
}

// baseFinder finds the element of R4's own types that a profile's element constrains.
type baseFinder struct {
	sd    *structureDefinition
	types core
}

func (f baseFinder) find(e *elementDefinition) *elementDefinition {
	typeName, path := f.sd.Type, ""
	at := f.sd.Type // the id so far, as the profile writes it
	var found *elementDefinition
	for _, segment := range strings.Split(e.ID, ".")[1:] {
		name, _, _ := strings.Cut(segment, ":")
		if found != nil && !isBackbone(found) {
			// Go on in the data type of the element before.
			typeName, path = f.typeAt(at, found), ""
		} else if found != nil && found.ContentReference != "" {
			_, path, _ = strings.Cut(found.ContentReference, ".")
		}
		at += "." + segment
		if path != "" {
			path += "."
		}
		path += name
		sd := f.types[typeName]
		if sd == nil {
			return nil
		}
		found = nil
		for i := range sd.Snapshot.Element {
			if _, p, ok := strings.Cut(sd.Snapshot.Element[i].Path, "."); ok && p == path {
				found = &sd.Snapshot.Element[i]
				break
			}
		}
		if found == nil {
			return nil
		}
	}
	return found
}

// typeAt is the data type of the profile's element with the given id.
func (f baseFinder) typeAt(id string, base *elementDefinition) string {
	for i := range f.sd.Snapshot.Element {
		if e := &f.sd.Snapshot.Element[i]; e.ID == id && len(e.Type) > 0 {
			return e.Type[0].code()
		}
	}
	if len(base.Type) > 0 {
		return base.Type[0].code()
	}
	return ""
}

func isBackbone(e *elementDefinition) bool {
	return e.ContentReference != "" || len(e.Type) == 1 && (e.Type[0].Code == "BackboneElement" || e.Type[0].Code == "Element")
}
