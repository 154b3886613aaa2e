package definitions

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

type (
	valueSetJSON struct {
		URL, Version, Name, Title string

		Compose   struct{ Include, Exclude []conceptSetJSON }
		Expansion struct{ Contains []containedJSON }
	}
	conceptSetJSON struct {
		System, Version string
		Concept         []struct{ Code, Display string }
		Filter          []struct{ Property, Op, Value string }
		ValueSet        []string
	}
	containedJSON struct {
		System, Code, Display string
		Abstract              bool
		Contains              []containedJSON
	}
	codeSystemJSON struct {
		URL, Version, Name, Title, Content string

		CaseSensitive *bool
		Concept       []conceptJSON
	}
	conceptJSON struct {
		Code, Display string
		Property      []struct {
			Code                   string
			ValueCode, ValueString string
			ValueBoolean           bool
		}
		Concept []conceptJSON
	}
)

// ReadValueSet reads a ValueSet resource. One that has an expansion alone holds the codes of that.
func ReadValueSet(document []byte) (*ValueSet, error) {
	var in valueSetJSON
	if err := json.Unmarshal(document, &in); err != nil {
		return nil, fmt.Errorf("the ValueSet cannot be read: %w", err)
	}
	if in.URL == "" {
		return nil, errors.New("the ValueSet has no url")
	}
	v := &ValueSet{URL: in.URL, Version: in.Version, Name: cmp.Or(in.Title, in.Name), include: conceptSetsOf(in.Compose.Include), exclude: conceptSetsOf(in.Compose.Exclude)}
	if len(v.include) == 0 {
		bySystem := map[string]*conceptSet{}
		addExpanded(in.Expansion.Contains, v, bySystem)
		for _, s := range bySystem {
			v.include = append(v.include, *s)
		}
	}
	return v, nil
}

func addExpanded(list []containedJSON, v *ValueSet, bySystem map[string]*conceptSet) {
	for _, c := range list {
		if c.Code != "" && !c.Abstract {
			s := bySystem[c.System]
			if s == nil {
				s = &conceptSet{system: c.System}
				bySystem[c.System] = s
			}
			s.codes = append(s.codes, Coding{System: c.System, Code: c.Code, Display: c.Display})
		}
		addExpanded(c.Contains, v, bySystem)
	}
}

func conceptSetsOf(list []conceptSetJSON) (out []conceptSet) {
	for _, in := range list {
		s := conceptSet{system: in.System}
		for _, c := range in.Concept {
			s.codes = append(s.codes, Coding{System: in.System, Code: c.Code, Display: c.Display})
		}
		for _, f := range in.Filter {
			s.filters = append(s.filters, filter{f.Property, f.Op, f.Value})
		}
		for _, u := range in.ValueSet {
			s.sets = append(s.sets, strings.TrimSuffix(u, "|4.0.1"))
		}
		out = append(out, s)
	}
	return out
}

// ReadCodeSystem reads a CodeSystem resource.
func ReadCodeSystem(document []byte) (*CodeSystem, error) {
	var in codeSystemJSON
	if err := json.Unmarshal(document, &in); err != nil {
		return nil, fmt.Errorf("the CodeSystem cannot be read: %w", err)
	}
	if in.URL == "" {
		return nil, errors.New("the CodeSystem has no url")
	}
	s := &CodeSystem{URL: in.URL, Version: in.Version, Name: cmp.Or(in.Title, in.Name), Content: in.Content, CaseSensitive: in.CaseSensitive == nil || *in.CaseSensitive, byCode: map[string]int32{}}
	children := map[int32][]string{}
	if err := s.addConcepts(in.Concept, nil, children, 0); err != nil {
		return nil, err
	}
	for parent, codes := range children {
		for _, code := range codes {
			if i, ok := s.byCode[code]; ok && i != parent && !containsIndex(s.Concepts[i].parents, parent) {
				s.Concepts[i].parents = append(s.Concepts[i].parents, parent)
			}
		}
	}
	return s, nil
}

func (s *CodeSystem) addConcepts(list []conceptJSON, parents []int32, children map[int32][]string, depth int) error {
	if depth > maxHierarchy {
		return fmt.Errorf("the CodeSystem %s is deeper than %d levels", s.URL, maxHierarchy)
	}
	for _, in := range list {
		i, twice := s.byCode[in.Code]
		if twice { // the same code under another parent
			s.Concepts[i].parents = append(s.Concepts[i].parents, parents...)
		} else {
			i = int32(len(s.Concepts))
			c := Concept{Code: in.Code, Display: in.Display, parents: append([]int32(nil), parents...)}
			for _, p := range in.Property {
				switch {
				case (p.Code == "notSelectable" || p.Code == "abstract") && p.ValueBoolean:
					c.Abstract = true
				case p.Code == "status" && (p.ValueCode == "deprecated" || p.ValueCode == "retired"):
					c.Deprecated = true
				case p.Code == "child":
					children[i] = append(children[i], p.ValueCode)
				}
			}
			s.byCode[in.Code] = i
			s.Concepts = append(s.Concepts, c)
		}
		if err := s.addConcepts(in.Concept, []int32{i}, children, depth+1); err != nil {
			return err
		}
	}
	return nil
}
