package main

import (
	"encoding/json"
	"strconv"
	"strings"
)

// addXML keeps a resource of a kind that the tables need, and drops every other.
func (in *input) addXML(n *xmlNode) {
	switch n.name {
	case "StructureDefinition":
		in.addStructure(structureOf(n))
	case "CompartmentDefinition":
		in.Compartments = append(in.Compartments, compartmentOf(n))
	case "CodeSystem":
		in.CodeSystems = append(in.CodeSystems, codeSystemOf(n))
	case "ValueSet":
		in.ValueSets = append(in.ValueSets, valueSetOf(n))
	}
}

// addJSON does the same for a resource in JSON.
func (in *input) addJSON(data []byte) error {
	var head struct{ ResourceType string }
	if err := json.Unmarshal(data, &head); err != nil {
		return err
	}
	switch head.ResourceType {
	case "StructureDefinition":
		var sd structureDefinition
		if err := json.Unmarshal(data, &sd); err != nil {
			return err
		}
		in.addStructure(sd)
	case "SearchParameter":
		return appendDecoded(&in.Search, data)
	case "CodeSystem":
		return appendDecoded(&in.CodeSystems, data)
	case "ValueSet":
		return appendDecoded(&in.ValueSets, data)
	}
	return nil
}

func (in *input) addStructure(sd structureDefinition) {
	sd.repair()
	in.Structures = append(in.Structures, sd)
}

func appendDecoded[T any](list *[]T, data []byte) error {
	var v T
	if err := json.Unmarshal(data, &v); err != nil {
		return err
	}
	*list = append(*list, v)
	return nil
}

func structureOf(n *xmlNode) structureDefinition {
	sd := structureDefinition{
		URL: n.text("url"), Version: n.text("version"), Name: n.text("name"), Title: n.text("title"), Kind: n.text("kind"),
		Type: n.text("type"), BaseDefinition: n.text("baseDefinition"), Derivation: n.text("derivation"),
		FHIRVersion: n.text("fhirVersion"), Abstract: n.is("abstract"),
	}
	for _, c := range n.all("context") {
		sd.Context = append(sd.Context, struct{ Type, Expression string }{c.text("type"), c.text("expression")})
	}
	for _, e := range n.get("snapshot").all("element") {
		sd.Snapshot.Element = append(sd.Snapshot.Element, elementOf(e))
	}
	return sd
}

func elementOf(n *xmlNode) elementDefinition {
	e := elementDefinition{
		ID: n.id, Path: n.text("path"), SliceName: n.text("sliceName"), Max: n.text("max"),
		ContentReference: n.text("contentReference"), MustSupport: n.is("mustSupport"),
		IsModifier: n.is("isModifier"), IsSummary: n.is("isSummary"),
	}
	e.Min, _ = strconv.Atoi(n.text("min"))
	for _, t := range n.all("type") {
		e.Type = append(e.Type, typeRef{
			Code: t.text("code"), Profile: t.texts("profile"), TargetProfile: t.texts("targetProfile"), Extension: extensionsOf(t),
		})
	}
	if b := n.get("binding"); b != nil {
		e.Binding = &binding{Strength: b.text("strength"), ValueSet: b.text("valueSet"), Extension: extensionsOf(b)}
	}
	for _, c := range n.all("constraint") {
		e.Constraint = append(e.Constraint, constraint{
			Key: c.text("key"), Severity: c.text("severity"), Human: c.text("human"), Expression: c.text("expression"), Source: c.text("source"),
		})
	}
	if s := n.get("slicing"); s != nil {
		e.Slicing = &slicing{Ordered: s.is("ordered"), Rules: s.text("rules")}
		for _, d := range s.all("discriminator") {
			e.Slicing.Discriminator = append(e.Slicing.Discriminator, struct{ Type, Path string }{d.text("type"), d.text("path")})
		}
	}
	for _, c := range n.children {
		if t, ok := strings.CutPrefix(c.name, "fixed"); ok {
			e.Fixed, e.Value = t, c.json(t)
		} else if t, ok := strings.CutPrefix(c.name, "pattern"); ok {
			e.Pattern, e.Value = t, c.json(t)
		}
	}
	return e
}

func extensionsOf(n *xmlNode) []extension {
	var list []extension
	for _, x := range n.all("extension") {
		list = append(list, extension{URL: x.url, ValueURL: x.text("valueUrl"), ValueCanonical: x.text("valueCanonical")})
	}
	return list
}

func compartmentOf(n *xmlNode) compartmentDefinition {
	c := compartmentDefinition{Code: n.text("code")}
	for _, r := range n.all("resource") {
		c.Resource = append(c.Resource, compartmentResource{Code: r.text("code"), Param: r.texts("param")})
	}
	return c
}

func codeSystemOf(n *xmlNode) codeSystem {
	return codeSystem{
		URL: n.text("url"), Version: n.text("version"), Name: n.text("name"), Title: n.text("title"), Content: n.text("content"),
		CaseSensitive: n.is("caseSensitive"), Concept: conceptsOf(n),
	}
}

func conceptsOf(n *xmlNode) []concept {
	var list []concept
	for _, x := range n.all("concept") {
		c := concept{Code: x.text("code"), Display: x.text("display"), Concept: conceptsOf(x)}
		for _, p := range x.all("property") {
			c.Property = append(c.Property, property{Code: p.text("code"), Value: p.text("valueCode") + p.text("valueString") + p.text("valueBoolean")})
		}
		list = append(list, c)
	}
	return list
}

func valueSetOf(n *xmlNode) valueSet {
	v := valueSet{URL: n.text("url"), Version: n.text("version"), Name: n.text("name"), Title: n.text("title")}
	compose := n.get("compose")
	v.Compose.Include = conceptSetsOf(compose, "include")
	v.Compose.Exclude = conceptSetsOf(compose, "exclude")
	return v
}

func conceptSetsOf(compose *xmlNode, name string) []conceptSet {
	var list []conceptSet
	for _, x := range compose.all(name) {
		s := conceptSet{System: x.text("system"), ValueSet: x.texts("valueSet")}
		for _, c := range x.all("concept") {
			s.Concept = append(s.Concept, struct{ Code, Display string }{c.text("code"), c.text("display")})
		}
		for _, f := range x.all("filter") {
			s.Filter = append(s.Filter, struct{ Property, Op, Value string }{f.text("property"), f.text("op"), f.text("value")})
		}
		list = append(list, s)
	}
	return list
}
