package terminology

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/terms"
)

// reversed is what an equivalence is when it is read from target to source.
var reversed = map[string]string{"wider": "narrower", "narrower": "wider", "subsumes": "specializes", "specializes": "subsumes"}

// maxOtherMaps bounds how many maps are followed for codes that a map does not have.
const maxOtherMaps = 3

// translate is ConceptMap/$translate. Without a map, all maps that are here are asked.
func (c *call) translate() (any, error) {
	asked, err := c.params.asked("code", "system", "version")
	if err != nil {
		return nil, err
	}
	target := c.params.text("targetsystem")
	reverse := c.params.flag("reverse")
	given, err := c.dependencies()
	if err != nil {
		return nil, err
	}
	var matches []parameter
	var says []string
	matched := false
	for _, k := range asked {
		maps, err := c.maps(k, target, reverse)
		if err != nil {
			return nil, err
		}
		for _, m := range maps {
			lines, err := c.lines(m, k, reverse, maxOtherMaps)
			if err != nil {
				return nil, err
			}
			for _, l := range lines {
				to := l.Target
				if reverse {
					to = l.Source
				}
				if target != "" && to.System != target && to.Code != "" {
					continue
				}
				holds, open := depends(l.DependsOn, given)
				if !holds {
					continue
				}
				if open != "" {
					says = append(says, fmt.Sprintf("%s holds if %s", to.Code, open))
				}
				if reverse {
					if r := reversed[l.Equivalence]; r != "" {
						l.Equivalence = r
					}
				}
				if l.Comment != "" {
					says = append(says, l.Comment)
				}
				matched = matched || to.Code != "" && l.Equivalence != "unmatched" && l.Equivalence != "disjoint"
				info := m.Info()
				matches = append(matches, c.match(l, to, info.URL))
			}
		}
	}
	if len(matches) == 0 {
		says = append(says, "there is no translation here for "+shown(asked[0]))
	}
	out := newParameters(boolParam("result", matched))
	if len(says) > 0 {
		out.add(stringParam("message", strings.Join(slices.Compact(says), "; ")))
	}
	out.add(matches...)
	return out, nil
}

// maps are those to ask: the one that the request names, or all that fit.
func (c *call) maps(k fhir.Coding, target string, reverse bool) ([]*terms.Map, error) {
	if c.id != "" {
		m, err := read[*terms.Map](c.ctx, c.source, "ConceptMap", c.id)
		return []*terms.Map{m}, err
	}
	if p, ok := c.params.find("conceptMap"); ok && p.resource != nil {
		m, err := makeOf[*terms.Map](p.resource)
		return []*terms.Map{m}, err
	}
	if url := c.params.text("url"); url != "" {
		m, err := c.source.Map(c.ctx, url, c.params.text("conceptMapVersion"))
		if errors.Is(err, terms.ErrUnknown) {
			return nil, refused(http.StatusNotFound, fhir.CodeNotFound, "the map "+clip(url)+" is not here; load it with `osler terminology add`, or as a ConceptMap resource")
		}
		return []*terms.Map{m}, err
	}
	if k.System == "" {
		return nil, refused(http.StatusBadRequest, fhir.CodeRequired, "give the system of the code, or the url of the map")
	}
	if reverse {
		if target == "" {
			return nil, refused(http.StatusBadRequest, fhir.CodeRequired, "give the url of the map, or targetsystem, to translate in reverse")
		}
		return c.source.maps(c.ctx, target, k.System)
	}
	return c.source.maps(c.ctx, k.System, target)
}

// lines are the map's answers for a code. For a code that it does not have, it may say what to do.
func (c *call) lines(m *terms.Map, k fhir.Coding, reverse bool, depth int) ([]terms.Mapping, error) {
	if reverse {
		return m.Reverse(k.System, k.Code), nil
	}
	if lines := m.Translate(k.System, k.Code); len(lines) > 0 {
		return lines, nil
	}
	info := m.Info()
	var out []terms.Mapping
	for _, u := range info.Unmapped {
		if k.System != "" && u.Source != k.System {
			continue
		}
		source := terms.Coding{System: u.Source, Code: k.Code}
		switch u.Mode {
		case "provided":
			out = append(out, terms.Mapping{Source: source, Target: terms.Coding{System: u.Target, Code: k.Code, Display: k.Display}, Equivalence: "equal"})
		case "fixed":
			out = append(out, terms.Mapping{Source: source, Target: terms.Coding{System: u.Target, Code: u.Code, Display: u.Display}, Equivalence: "inexact"})
		case "other-map":
			if depth == 0 {
				return nil, refused(http.StatusUnprocessableEntity, fhir.CodeProcessing, "the map refers to another map, and that to another, too many times")
			}
			other, err := c.source.Map(c.ctx, u.URL, "")
			if errors.Is(err, terms.ErrUnknown) {
				continue
			}
			if err != nil {
				return nil, err
			}
			lines, err := c.lines(other, k, false, depth-1)
			if err != nil {
				return nil, err
			}
			out = append(out, lines...)
		}
	}
	return out, nil
}

// dependencies are the values of other elements that the caller gives: element to value.
func (c *call) dependencies() (map[string]string, error) {
	given := map[string]string{}
	for _, p := range c.params.list {
		if p.name != "dependency" {
			continue
		}
		element, value := "", ""
		for n := range p.parts.Values() {
			q := paramOf(n)
			switch q.name {
			case "element":
				element = q.text
			case "concept":
				var k fhir.CodeableConcept
				if err := k.Read(q.value); err != nil {
					return nil, err
				}
				if len(k.Coding) > 0 {
					value = k.Coding[0].Code
				}
			}
		}
		given[element] = value
	}
	return given, nil
}

// depends reports whether a line's conditions hold, as far as can be told; open says in words which could not be.
func depends(list []terms.MapItem, given map[string]string) (holds bool, open string) {
	var left []string
	for _, d := range list {
		v, known := given[d.Property]
		switch {
		case known && v != d.Value:
			return false, ""
		case !known:
			left = append(left, d.Property+" is "+d.Value)
		}
	}
	return true, strings.Join(left, " and ")
}

// match is one answer.
func (c *call) match(l terms.Mapping, to terms.Coding, url string) parameter {
	p := parameter{Name: "match", Part: []parameter{codeParam("equivalence", l.Equivalence)}}
	if to.Code != "" {
		if to.Display == "" {
			if s, err := c.source.System(c.ctx, to.System, to.Version); err == nil {
				if id, ok := s.Find(to.Code); ok {
					to.Display = s.Display(id)
				}
			}
		}
		p.Part = append(p.Part, parameter{Name: "concept", ValueCoding: &coded{to.System, to.Version, to.Code, to.Display}})
	}
	for _, i := range l.Product {
		p.Part = append(p.Part, parameter{Name: "product", Part: []parameter{uriParam("element", i.Property), {Name: "concept", ValueCoding: &coded{System: i.System, Code: i.Value, Display: i.Display}}}})
	}
	p.Part = append(p.Part, uriParam("source", url))
	return p
}
