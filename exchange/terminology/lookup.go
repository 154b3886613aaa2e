package terminology

import (
	"net/http"
	"slices"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/terms"
	"github.com/osler-ehr/osler/terms/ucum"
)

// lookup is CodeSystem/$lookup.
func (c *call) lookup() (any, error) {
	asked, err := c.params.asked("code", "system", "version")
	if err != nil {
		return nil, err
	}
	k := asked[0]
	s, err := c.system(k.System, k.Version)
	if err != nil {
		return nil, err
	}
	if s == nil {
		return c.lookupUnit(k.Code)
	}
	id, ok := s.Find(k.Code)
	if !ok {
		return nil, refused(http.StatusNotFound, fhir.CodeNotFound, shown(k)+" is not in "+s.Info().Canonical()+part(s)+c.explain(k))
	}
	info, concept := s.Info(), s.Concept(id)
	display := concept.Display
	if name := inLanguage(concept.Designations, c.params.text("displayLanguage")); name != "" {
		display = name
	}
	name := info.Title
	if name == "" {
		name = info.Name
	}
	out := newParameters(stringParam("name", name))
	if info.Version != "" {
		out.add(stringParam("version", info.Version))
	}
	out.add(stringParam("display", display))
	wanted := c.params.all("property")
	wants := func(property string) bool {
		return len(wanted) == 0 || slices.Contains(wanted, property) || slices.Contains(wanted, "*")
	}
	if wants("designation") {
		for _, d := range concept.Designations {
			if d.Use == terms.Definition {
				continue
			}
			p := parameter{Name: "designation"}
			if d.Language != "" {
				p.Part = append(p.Part, codeParam("language", d.Language))
			}
			p.Part = append(p.Part, parameter{Name: "use", ValueCoding: use(d.Use)}, stringParam("value", d.Value))
			out.add(p)
		}
	}
	for _, d := range concept.Designations {
		if d.Use == terms.Definition && wants("definition") {
			out.add(property("definition", stringParam("value", d.Value), ""))
		}
	}
	if wants("inactive") {
		out.add(property("inactive", boolParam("value", concept.Inactive), ""))
	}
	if concept.Abstract && wants("notSelectable") {
		out.add(property("notSelectable", boolParam("value", true), ""))
	}
	if wants("parent") {
		for _, p := range s.Parents(id) {
			out.add(property("parent", codeParam("value", s.Code(p)), s.Display(p)))
		}
	}
	if wants("child") {
		for _, p := range s.Children(id) {
			out.add(property("child", codeParam("value", s.Code(p)), s.Display(p)))
		}
	}
	for _, v := range concept.Properties {
		if wants(v.Property) {
			out.add(c.propertyOf(s, v))
		}
	}
	return out, nil
}

// propertyOf is a property as its type has it.
func (c *call) propertyOf(s *terms.System, v terms.Value) parameter {
	info := s.Info()
	i := slices.IndexFunc(info.Properties, func(p terms.Property) bool { return p.Code == v.Property })
	if i >= 0 && info.Properties[i].Type == "boolean" {
		return property(v.Property, boolParam("value", v.Value == "true"), "")
	}
	if i >= 0 && info.Properties[i].Type == "code" && v.Value != "" {
		return property(v.Property, codeParam("value", v.Value), "")
	}
	// A value that is a code of the system itself is shown with its name.
	if id, ok := s.Find(v.Value); ok {
		return property(v.Property, codeParam("value", v.Value), s.Display(id))
	}
	return property(v.Property, stringParam("value", v.Value), "")
}

func property(code string, value parameter, description string) parameter {
	p := parameter{Name: "property", Part: []parameter{codeParam("code", code), value}}
	if description != "" {
		p.Part = append(p.Part, stringParam("description", description))
	}
	return p
}

// lookupUnit is for UCUM: what a unit is in base units, and how it is written.
func (c *call) lookupUnit(code string) (any, error) {
	u, err := ucum.Parse(code)
	if err != nil {
		return nil, refused(http.StatusNotFound, fhir.CodeNotFound, err.Error())
	}
	out := newParameters(stringParam("name", "UCUM"), stringParam("version", ucum.Version()), stringParam("display", ucum.Symbol(code)))
	if factor, canonical, ok := u.Canonical(); ok {
		out.add(property("canonical", codeParam("value", canonical), ""), property("factor", stringParam("value", factor.RatString()), ""))
	}
	return out, nil
}
