package validate

import (
	"slices"
	"strconv"
	"strings"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/fhir/definitions"
)

// slices tells the values of an element apart and checks each by its slice, and how many each slice has.
func (w *profileWalker) slices(c *constraint, items []item) {
	slicing := slicingOf(c)
	if slicing == nil {
		return
	}
	counts := make([]int, len(c.slices))
	uncertain, unseen := false, w.missing
	for _, it := range items {
		w.missing = false
		i, sure := w.findSlice(c, slicing, it)
		uncertain = uncertain || !sure
		if w.missing && !sure {
			unseen = true
			w.push(it.element.Name, it.index)
			w.add(fhir.SeverityInformation, fhir.CodeInformational, ruleSlice, "what this refers to is not at hand, so it could not be told what the profile asks of it: "+orList(sliceNames(c)))
			w.pop()
		}
		if i < 0 {
			if slicing.Rules == "closed" && sure && !c.choice {
				w.push(it.element.Name, it.index)
				w.fail(fhir.CodeStructure, ruleSlice, "the profile allows only "+orList(sliceNames(c))+" here: remove this value, or mend what tells it apart")
				w.pop()
			}
			continue
		}
		counts[i]++
		w.push(it.element.Name, it.index)
		w.one(c.slices[i], it)
		w.pop()
	}
	w.missing = unseen
	for i, s := range c.slices {
		w.countSlice(s, counts[i], uncertain)
	}
}

// slicingOf is how the values are told apart. Extensions are by their url and choices by their type, where nothing is said.
func slicingOf(c *constraint) *definitions.Slicing {
	switch {
	case len(c.slices) == 0:
		return nil
	case c.element != nil && c.element.Slicing != nil && len(c.element.Slicing.Discriminators) > 0:
		return c.element.Slicing
	case c.name == "extension" || c.name == "modifierExtension":
		return &definitions.Slicing{Rules: "open", Discriminators: []definitions.Discriminator{{Type: "value", Path: "url"}}}
	case c.choice:
		return &definitions.Slicing{Rules: "open", Discriminators: []definitions.Discriminator{{Type: "type", Path: "$this"}}}
	}
	return nil
}

func sliceNames(c *constraint) []string {
	names := make([]string, len(c.slices))
	for i, s := range c.slices {
		names[i] = s.slice
	}
	return names
}

func (w *profileWalker) countSlice(s *constraint, count int, uncertain bool) {
	if s.element == nil {
		return
	}
	low, high := s.element.Min, s.element.Max
	switch {
	case count < low && !uncertain:
		w.failAt(s.name, fhir.CodeRequired, ruleSlice, "the profile requires "+atLeast(low)+" for "+s.slice+" here: add what is missing"+s.told())
	case high == 0 && count > 0:
		w.failAt(s.name, fhir.CodeStructure, ruleSlice, "the profile does not allow "+s.slice+" here: remove it")
	case high != -1 && count > high:
		w.failAt(s.name, fhir.CodeStructure, ruleSlice, "the profile allows at most "+strconv.Itoa(high)+" for "+s.slice+" here: remove the rest")
	}
}

// told says by what the values of a slice are known, where that is short to say.
func (s *constraint) told() string {
	if s.pattern.Exists() {
		return ", with " + shown(s.pattern)
	}
	if code := s.find([]string{"code"}); code != nil && code.pattern.Exists() {
		return ", with the code " + shown(code.pattern)
	}
	if url := s.extensionURL(); url != "" {
		return ", with the url " + url
	}
	return ""
}

// findSlice finds the slice of a value, -1 when it is in none. sure is false when that could not be told.
func (w *profileWalker) findSlice(c *constraint, slicing *definitions.Slicing, it item) (slice int, sure bool) {
	sure = true
	for i, s := range c.slices {
		switch w.belongs(s, slicing.Discriminators, it) {
		case yes:
			return i, true
		case unknown:
			sure = false
		}
	}
	return -1, sure
}

// belongs tells whether a value belongs to a slice.
func (w *profileWalker) belongs(s *constraint, discriminators []definitions.Discriminator, it item) answer {
	result := yes
	for _, d := range discriminators {
		switch w.discriminate(s, d, it) {
		case no:
			return no
		case unknown:
			result = unknown
		}
	}
	return result
}

func (w *profileWalker) discriminate(s *constraint, d definitions.Discriminator, it item) answer {
	if d.Path == "url" && it.typ == "Extension" {
		return is(it.node.Get("url").Text() == s.extensionURL())
	}
	var path []string
	if d.Path != "$this" {
		if strings.ContainsAny(d.Path, "()") {
			return w.beyond(s, d.Type, d.Path, it)
		}
		path = strings.Split(d.Path, ".")
	}
	switch d.Type {
	case "value", "pattern":
		return s.byValue(path, it)
	case "exists":
		return s.byExistence(path, it)
	case "type":
		return s.byType(path, it)
	}
	return unknown
}

func is(b bool) answer {
	if b {
		return yes
	}
	return no
}

// extensionURL is the url that the extensions of a slice have.
func (s *constraint) extensionURL() string {
	if s.element != nil && len(s.element.Types) == 1 && len(s.element.Types[0].Profiles) == 1 {
		if p, ok := s.in.Profile(s.element.Types[0].Profiles[0]); ok {
			return p.URL
		}
		url, _, _ := strings.Cut(s.element.Types[0].Profiles[0], "|")
		return url
	}
	if url := s.find([]string{"url"}); url != nil {
		return url.fixed.Text()
	}
	return ""
}

// byValue tells a slice by the values at a path: one of them is as the slice asks.
func (s *constraint) byValue(path []string, it item) answer {
	if want := s.find(path); want != nil && want.tells() {
		best := no
		for _, x := range it.at(path) {
			switch want.fulfilled(x) {
			case yes:
				return yes
			case unknown:
				best = unknown
			}
		}
		return best
	}
	// The value may stand in a pattern further up.
	for cut := len(path) - 1; cut >= 0; cut-- {
		up := s.find(path[:cut])
		if up == nil {
			continue
		}
		for _, whole := range []fhir.Node{up.fixed, up.pattern} {
			if wanted := nodesAt(whole, path[cut:]); len(wanted) > 0 {
				return is(slices.ContainsFunc(it.at(path), func(x item) bool {
					return slices.ContainsFunc(wanted, func(n fhir.Node) bool { return matchesPattern(x.node, n) })
				}))
			}
		}
	}
	return unknown
}

// nodesAt follows property names through objects and arrays.
func nodesAt(n fhir.Node, path []string) []fhir.Node {
	if !n.Exists() {
		return nil
	}
	nodes := []fhir.Node{n}
	for _, name := range path {
		var next []fhir.Node
		for _, x := range nodes {
			for v := range x.Get(name).Values() {
				next = append(next, v)
			}
		}
		nodes = next
	}
	return nodes
}

// tells is true when the constraint says what values are right.
func (c *constraint) tells() bool {
	if c.fixed.Exists() || c.pattern.Exists() {
		return true
	}
	if c.element != nil && c.element.Binding != nil && c.element.Binding.Strength == "required" {
		return true
	}
	return slices.ContainsFunc(c.children, (*constraint).tells)
}

// fulfilled tells whether a value is as the constraint asks.
func (c *constraint) fulfilled(it item) answer {
	if c.fixed.Exists() {
		return is(equalsFixed(it.node, c.fixed))
	}
	if c.pattern.Exists() {
		return is(matchesPattern(it.node, c.pattern))
	}
	result := yes
	for _, child := range c.children {
		if !child.tells() {
			continue
		}
		best := no
		for _, x := range it.named(child.name) {
			if a := child.fulfilled(x); a == yes || best == no {
				best = a
			}
			if best == yes {
				break
			}
		}
		if best == no {
			return no
		}
		if best == unknown {
			result = unknown
		}
	}
	if c.element != nil && c.element.Binding != nil && c.element.Binding.Strength == "required" {
		set, ok := c.in.ValueSet(c.element.Binding.ValueSet)
		if !ok {
			return unknown
		}
		if a := codeOf(it, set, true); a != yes {
			return a
		}
	}
	return result
}

// byExistence tells a slice by whether there is a value at a path.
func (s *constraint) byExistence(path []string, it item) answer {
	want := s.find(path)
	if want == nil || want.element == nil {
		return unknown
	}
	there := len(it.at(path)) > 0
	switch {
	case want.element.Max == 0:
		return is(!there)
	case want.element.Min > 0:
		return is(there)
	}
	return unknown
}

// byType tells a slice by the type of the value at a path.
func (s *constraint) byType(path []string, it item) answer {
	want := s.find(path)
	if want == nil || want.element == nil || want.element.Types == nil {
		return unknown
	}
	return is(slices.ContainsFunc(it.at(path), func(x item) bool {
		return slices.Contains(typeCodes(want.element.Types), x.typ)
	}))
}
