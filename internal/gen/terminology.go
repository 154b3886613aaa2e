package main

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"
)

type codeSystem struct {
	URL, Version, Name, Title, Content, Supplements string
	CaseSensitive                                   bool
	Concept                                         []concept
}

type concept struct {
	Code, Display string
	Property      []property
	Concept       []concept
}

// property is a concept's property; only codes and booleans matter here.
type property struct {
	Code  string
	Value string
}

// UnmarshalJSON reads value[x] as text.
func (p *property) UnmarshalJSON(data []byte) error {
	var v struct {
		Code         string `json:"code"`
		ValueCode    string `json:"valueCode"`
		ValueString  string `json:"valueString"`
		ValueBoolean bool   `json:"valueBoolean"`
	}
	if err := json.Unmarshal(data, &v); err != nil {
		return err
	}
	p.Code, p.Value = v.Code, v.ValueCode+v.ValueString
	if v.ValueBoolean {
		p.Value = "true"
	}
	return nil
}

type valueSet struct {
	URL, Version, Name, Title string
	Compose                   struct{ Include, Exclude []conceptSet }
}

type conceptSet struct {
	System   string
	Version  string
	Concept  []struct{ Code, Display string }
	Filter   []struct{ Property, Op, Value string }
	ValueSet []string
}

// onePerURL keeps one definition for each URL, the largest and of those the first, and sorts them by URL.
func onePerURL[T any](list []T, url func(T) string, size func(T) int) []T {
	byURL := map[string]T{}
	for _, v := range list {
		if have, twice := byURL[url(v)]; url(v) != "" && (!twice || size(v) > size(have)) {
			byURL[url(v)] = v
		}
	}
	out := make([]T, 0, len(byURL))
	for _, v := range byURL {
		out = append(out, v)
	}
	slices.SortFunc(out, func(a, b T) int { return cmp.Compare(url(a), url(b)) })
	return out
}

func (in *input) codeSystems() []codeSystem {
	all := slices.DeleteFunc(slices.Clone(in.CodeSystems), func(c codeSystem) bool {
		return isWithheld(c.URL) || len(c.Concept) == 0 || c.Content == "supplement"
	})
	return onePerURL(all, func(c codeSystem) string { return c.URL }, func(c codeSystem) int { return len(c.Concept) })
}

// writeCodeSystems writes:
//
//	=url  version  name  content (when not complete)  C(ase sensitive)
//	code  display  A(bstract)D(eprecated)  further children
//
// One blank in front of the code for each level of the hierarchy, the first included.
func writeCodeSystems(t *table, in *input) {
	for _, cs := range in.codeSystems() {
		content, flags := cs.Content, ""
		if content == "complete" {
			content = ""
		}
		if cs.CaseSensitive {
			flags = "C"
		}
		t.line("="+cs.URL, cs.Version, cmp.Or(cs.Title, cs.Name), content, flags)
		writeConcepts(t, cs.Concept, " ")
	}
}

func writeConcepts(t *table, concepts []concept, indent string) {
	for _, c := range concepts {
		flags := ""
		var children []string
		for _, p := range c.Property {
			switch {
			case (p.Code == "notSelectable" || p.Code == "abstract") && p.Value == "true":
				flags += "A"
			case p.Code == "status" && (p.Value == "deprecated" || p.Value == "retired"):
				flags += "D"
			case p.Code == "child":
				children = append(children, p.Value)
			}
		}
		t.line(indent+c.Code, strings.TrimSpace(plain(c.Display)), flags, strings.Join(children, ","))
		writeConcepts(t, c.Concept, indent+" ")
	}
}

// manyCodes is the length from which a list of codes of another organisation goes without its displays.
const manyCodes = 2000

// writeValueSets writes:
//
//	=url  version  name
//	+system  ~ (when its codes may not be handed on)      an include; -system for an exclude
//	 code  display                                         a listed code, with the display that its system does not give
//	?property  op  value                                   a filter
//	^url                                                   another value set
func writeValueSets(t *table, in *input) {
	displays := map[string]map[string]string{}
	for _, cs := range in.codeSystems() {
		m := map[string]string{}
		collectDisplays(cs.Concept, m)
		displays[cs.URL] = m
	}
	// R4's own definition comes first, then US Core 6.1.0's: an earlier one stays.
	all := onePerURL(in.ValueSets, func(v valueSet) string { return v.URL }, func(valueSet) int { return 0 })
	for _, vs := range all {
		t.line("="+vs.URL, vs.Version, cmp.Or(vs.Title, vs.Name))
		for _, s := range vs.Compose.Include {
			writeConceptSet(t, "+", s, displays)
		}
		for _, s := range vs.Compose.Exclude {
			writeConceptSet(t, "-", s, displays)
		}
	}
}

func collectDisplays(concepts []concept, into map[string]string) {
	for _, c := range concepts {
		into[c.Code] = strings.TrimSpace(plain(c.Display))
		collectDisplays(c.Concept, into)
	}
}

func writeConceptSet(t *table, sign string, s conceptSet, displays map[string]map[string]string) {
	mark := ""
	if isWithheld(s.System) && len(s.Concept) > 0 {
		mark = "~"
		s.Concept = nil
	}
	t.line(sign+s.System, mark)
	for _, c := range s.Concept {
		display := strings.TrimSpace(plain(c.Display))
		if display == displays[s.System][c.Code] || len(s.Concept) >= manyCodes {
			display = ""
		}
		t.line(" "+c.Code, display)
	}
	for _, f := range s.Filter {
		t.line("?"+f.Property, f.Op, f.Value)
	}
	for _, u := range s.ValueSet {
		t.line("^" + strings.TrimSuffix(u, "|4.0.1"))
	}
}
