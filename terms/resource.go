package terms

import (
	"fmt"
	"strings"

	"github.com/osler-ehr/osler/fhir"
)

// ReadCodeSystem adds the concepts of a CodeSystem resource to a new builder.
func ReadCodeSystem(r *fhir.Resource) (*Builder, error) {
	if r.Type() != "CodeSystem" {
		return nil, fmt.Errorf("this is a %s, not a CodeSystem", r.Type())
	}
	info := Info{
		URL: r.Get("url").Text(), Version: r.Get("version").Text(), Name: r.Get("name").Text(), Title: r.Get("title").Text(),
		Content: r.Get("content").Text(), CaseSensitive: r.Get("caseSensitive").Bool(), Publisher: r.Get("publisher").Text(), Copyright: r.Get("copyright").Text(),
	}
	if info.URL == "" {
		return nil, fmt.Errorf("the CodeSystem has no url")
	}
	for id := range r.Get("identifier").Values() {
		if oid, ok := strings.CutPrefix(id.Get("value").Text(), "urn:oid:"); ok && info.OID == "" {
			info.OID = oid
		}
	}
	for p := range r.Get("property").Values() {
		info.Properties = append(info.Properties, Property{p.Get("code").Text(), p.Get("type").Text(), p.Get("description").Text()})
	}
	b := NewBuilder(info)
	return b, readConcepts(b, r.Get("concept"), "", 0)
}

func readConcepts(b *Builder, list fhir.Node, parent string, depth int) error {
	if depth > maxDepth {
		return fmt.Errorf("the concepts are nested more than %d deep", maxDepth)
	}
	for n := range list.Values() {
		c := Concept{Code: n.Get("code").Text(), Display: n.Get("display").Text()}
		if parent != "" {
			c.Parents = []string{parent}
		}
		for d := range n.Get("designation").Values() {
			c.Designations = append(c.Designations, Designation{Language: d.Get("language").Text(), Use: d.Get("use").Get("code").Text(), Value: d.Get("value").Text()})
		}
		if def := n.Get("definition").Text(); def != "" {
			c.Designations = append(c.Designations, Designation{Use: Definition, Value: def, Unsearched: true})
		}
		for p := range n.Get("property").Values() {
			code, value := p.Get("code").Text(), propertyValue(p)
			switch code {
			case "parent", "subsumedBy":
				c.Parents = append(c.Parents, value)
				continue
			case "notSelectable", "abstract":
				c.Abstract = value == "true"
			case "inactive":
				c.Inactive = value == "true"
			case "status":
				c.Inactive = c.Inactive || value == "retired" || value == "inactive" || value == "deprecated"
			}
			c.Properties = append(c.Properties, Value{code, value})
		}
		if err := b.Add(c); err != nil {
			return err
		}
		if err := readConcepts(b, n.Get("concept"), c.Code, depth+1); err != nil {
			return err
		}
	}
	return nil
}

// Definition is the use of a designation that is a concept's definition.
const Definition = "definition"

func propertyValue(p fhir.Node) string {
	for v := range p.Children() {
		if !strings.HasPrefix(v.Key(), "value") {
			continue
		}
		if v.Kind() == fhir.Object { // Coding
			return v.Get("code").Text()
		}
		return v.Text()
	}
	return ""
}

// ReadValueSet reads a ValueSet resource.
func ReadValueSet(r *fhir.Resource) (*ValueSet, error) {
	if r.Type() != "ValueSet" {
		return nil, fmt.Errorf("this is a %s, not a ValueSet", r.Type())
	}
	v := &ValueSet{
		ID: r.ID(), URL: r.Get("url").Text(), Version: r.Get("version").Text(), Name: r.Get("name").Text(), Title: r.Get("title").Text(), Status: r.Get("status").Text(),
	}
	compose := r.Get("compose")
	v.Include, v.Exclude = readSets(compose.Get("include")), readSets(compose.Get("exclude"))
	expansion := r.Get("expansion")
	if err := readContains(v, expansion.Get("contains"), 0); err != nil {
		return nil, err
	}
	if total, ok := expansion.Get("total").Int(); ok && int(total) > len(v.Expansion) {
		v.Partial = true
	}
	return v, nil
}

func readSets(list fhir.Node) []ConceptSet {
	var out []ConceptSet
	for n := range list.Values() {
		s := ConceptSet{System: n.Get("system").Text(), Version: n.Get("version").Text()}
		for c := range n.Get("concept").Values() {
			s.Codes = append(s.Codes, Coding{Code: c.Get("code").Text(), Display: c.Get("display").Text()})
		}
		for f := range n.Get("filter").Values() {
			s.Filters = append(s.Filters, Filter{f.Get("property").Text(), f.Get("op").Text(), f.Get("value").Text()})
		}
		for u := range n.Get("valueSet").Values() {
			s.ValueSets = append(s.ValueSets, u.Text())
		}
		out = append(out, s)
	}
	return out
}

func readContains(v *ValueSet, list fhir.Node, depth int) error {
	if depth > maxDepth {
		return fmt.Errorf("the expansion is nested more than %d deep", maxDepth)
	}
	for n := range list.Values() {
		if c := (Coding{n.Get("system").Text(), n.Get("version").Text(), n.Get("code").Text(), n.Get("display").Text()}); c.Code != "" && !n.Get("abstract").Bool() {
			v.Expansion = append(v.Expansion, c)
		}
		if err := readContains(v, n.Get("contains"), depth+1); err != nil {
			return err
		}
	}
	return nil
}

// ReadConceptMap adds the lines of a ConceptMap resource to a new builder.
func ReadConceptMap(r *fhir.Resource) (*MapBuilder, error) {
	if r.Type() != "ConceptMap" {
		return nil, fmt.Errorf("this is a %s, not a ConceptMap", r.Type())
	}
	info := MapInfo{URL: r.Get("url").Text(), Version: r.Get("version").Text(), Name: r.Get("name").Text(), Title: r.Get("title").Text(),
		Source: firstText(r, "sourceUri", "sourceCanonical"), Target: firstText(r, "targetUri", "targetCanonical")}
	if info.URL == "" {
		info.URL = "urn:osler:" + r.ID() // R4 lets a map go without; the record finds it by id
	}
	b := NewMapBuilder(info)
	for g := range r.Get("group").Values() {
		source, target := Coding{System: g.Get("source").Text(), Version: g.Get("sourceVersion").Text()}, Coding{System: g.Get("target").Text(), Version: g.Get("targetVersion").Text()}
		for e := range g.Get("element").Values() {
			source.Code, source.Display = e.Get("code").Text(), e.Get("display").Text()
			for t := range e.Get("target").Values() {
				target.Code, target.Display = t.Get("code").Text(), t.Get("display").Text()
				m := Mapping{Source: source, Target: target, Equivalence: t.Get("equivalence").Text(), Comment: t.Get("comment").Text(), DependsOn: readItems(t.Get("dependsOn")), Product: readItems(t.Get("product"))}
				if err := b.Add(m); err != nil {
					return nil, err
				}
			}
		}
		if u := g.Get("unmapped"); u.Exists() {
			b.info.Unmapped = append(b.info.Unmapped, Unmapped{source.System, target.System, u.Get("mode").Text(), u.Get("code").Text(), u.Get("display").Text(), u.Get("url").Text()})
		}
	}
	return b, nil
}

func readItems(list fhir.Node) (out []MapItem) {
	for n := range list.Values() {
		out = append(out, MapItem{n.Get("property").Text(), n.Get("system").Text(), n.Get("value").Text(), n.Get("display").Text()})
	}
	return out
}

func firstText(r *fhir.Resource, names ...string) string {
	for _, n := range names {
		if s := r.Get(n).Text(); s != "" {
			return s
		}
	}
	return ""
}
