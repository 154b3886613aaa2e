package terminology

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/terms"
	"github.com/osler-ehr/osler/terms/ucum"
)

// validateInValueSet is ValueSet/$validate-code.
//
// A code that cannot be told to be in the set, because the set draws on what is not here, is answered like one that is
// not, with a message that says so.
func (c *call) validateInValueSet() (any, error) {
	asked, err := c.params.asked("code", "system", "systemVersion")
	if err != nil {
		return nil, err
	}
	v, content, err := c.content()
	if err != nil {
		return nil, err
	}
	name := v.URL
	if name == "" {
		name = "given"
	}
	var why []string
	for _, k := range asked {
		if k.Code == "" {
			why = append(why, "a coding has no code")
			continue
		}
		e, ok := content.Find(k.System, k.Version, k.Code)
		if ok {
			return c.found(e, k), nil
		}
		if _, known := content.Contains(k.System, k.Version, k.Code); !known {
			why = append(why, fmt.Sprintf("it cannot be told whether %s is in the value set %s: %s", shown(k), name, strings.Join(content.Missing(), "; ")))
			continue
		}
		why = append(why, fmt.Sprintf("%s is not in the value set %s%s", shown(k), name, c.explain(k)))
	}
	return notValid(why, asked), nil
}

// validateInCodeSystem is CodeSystem/$validate-code.
func (c *call) validateInCodeSystem() (any, error) {
	asked, err := c.params.asked("code", "url", "version")
	if err != nil {
		return nil, err
	}
	var why []string
	for _, k := range asked {
		s, err := c.system(k.System, k.Version)
		if err != nil {
			if _, ok := errors.AsType[*refusal](err); ok && len(asked) > 1 {
				why = append(why, err.Error())
				continue
			}
			return nil, err
		}
		if s == nil { // UCUM, whose codes are a grammar
			if err := ucum.Validate(k.Code); err != nil {
				why = append(why, err.Error())
				continue
			}
			return c.found(terms.Entry{Coding: terms.Coding{System: terms.UCUM, Version: ucum.Version(), Code: k.Code, Display: k.Code}}, fhir.Coding{System: terms.UCUM, Code: k.Code}), nil
		}
		id, ok := s.Find(k.Code)
		info := s.Info()
		k.System = info.URL
		if !ok {
			why = append(why, shown(k)+" is not in "+info.Canonical()+part(s)+c.explain(k))
			continue
		}
		e := terms.Entry{Coding: terms.Coding{System: info.URL, Version: info.Version, Code: s.Code(id), Display: s.Display(id)}, Abstract: s.Abstract(id), Inactive: s.Inactive(id), System: s, ID: id}
		return c.found(e, k), nil
	}
	return notValid(why, asked), nil
}

// part says that a code may exist all the same.
func part(s *terms.System) string {
	if s.Complete() {
		return ""
	}
	return ", of which only a part is here"
}

// found answers for a code that is there: valid, unless its display is wrong or it may not be used here.
func (c *call) found(e terms.Entry, k fhir.Coding) *parameters {
	result := true
	var says []string
	if e.Abstract && !c.params.flag("abstract") {
		result = false
		says = append(says, fmt.Sprintf("%s groups other codes and is not to be used itself; abstract=true allows it", shown(k)))
	}
	if k.Display != "" && !c.hasName(e, k.Display) {
		result = false
		says = append(says, fmt.Sprintf("%q is no name of %s; its display is %q", clip(k.Display), shown(k), e.Display))
	}
	if e.Inactive {
		says = append(says, shown(k)+" is no longer in use")
	}
	out := newParameters(boolParam("result", result))
	if len(says) > 0 {
		out.add(stringParam("message", strings.Join(says, "; ")))
	}
	out.add(stringParam("display", e.Display), codeParam("code", e.Code))
	if e.Coding.System != "" {
		out.add(uriParam("system", e.Coding.System))
	}
	if e.Version != "" {
		out.add(stringParam("version", e.Version))
	}
	return out
}

// hasName reports whether a concept goes by a name, letters' case and spaces aside.
func (c *call) hasName(e terms.Entry, name string) bool {
	same := func(s string) bool {
		return strings.EqualFold(strings.Join(strings.Fields(s), " "), strings.Join(strings.Fields(name), " "))
	}
	if same(e.Display) || e.Display == e.Code { // a code without name goes by any
		return true
	}
	if e.System == nil {
		return false
	}
	concept := e.System.Concept(e.ID)
	if same(concept.Display) {
		return true
	}
	for _, d := range concept.Designations {
		if same(d.Value) {
			return true
		}
	}
	return false
}

func notValid(why []string, asked []fhir.Coding) *parameters {
	out := newParameters(boolParam("result", false), stringParam("message", strings.Join(why, "; ")))
	if len(asked) == 1 {
		if asked[0].Code != "" {
			out.add(codeParam("code", asked[0].Code))
		}
		if asked[0].System != "" {
			out.add(uriParam("system", asked[0].System))
		}
	}
	return out
}

// explain says more about a code that was not found: that it does not exist, or how it may have been meant.
func (c *call) explain(k fhir.Coding) string {
	if k.System == "" {
		return "; the system was not given"
	}
	if k.System == terms.UCUM {
		if err := ucum.Validate(k.Code); err != nil {
			return "; " + err.Error()
		}
		return ""
	}
	s, err := c.source.System(c.ctx, k.System, k.Version)
	if err != nil {
		return ""
	}
	if _, ok := s.Find(k.Code); ok {
		return ""
	}
	if id, ok := s.Meant(k.Code); ok {
		return "; did you mean " + s.Code(id) + " (" + s.Display(id) + ")?"
	}
	if s.Complete() {
		return "; the code does not exist in " + s.Info().Canonical()
	}
	return ""
}

// shown names a code in a message.
func shown(k fhir.Coding) string {
	if k.System == "" {
		return clip(k.Code)
	}
	return clip(k.System) + "|" + clip(k.Code)
}

// system is the code system that a request is about; nil for UCUM, whose codes are a grammar and not a list.
func (c *call) system(url, version string) (*terms.System, error) {
	if c.id != "" {
		return read[*terms.System](c.ctx, c.source, "CodeSystem", c.id)
	}
	if p, ok := c.params.find("codeSystem"); ok && p.resource != nil {
		return makeOf[*terms.System](p.resource)
	}
	if url == "" {
		return nil, refused(http.StatusBadRequest, fhir.CodeRequired, "say which code system: give its url, or ask below CodeSystem/id")
	}
	source, err := c.withExtras()
	if err != nil {
		return nil, err
	}
	s, err := source.System(c.ctx, url, version)
	if errors.Is(err, terms.ErrUnknown) {
		if url == terms.UCUM {
			return nil, nil
		}
		if version != "" {
			url += ", version " + version + ","
		}
		return nil, refused(http.StatusNotFound, fhir.CodeNotFound, "the code system "+clip(url)+" is not here; load it with `osler terminology add`, or as a CodeSystem resource")
	}
	return s, err
}
