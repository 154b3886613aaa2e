package searchtest

import (
	"strings"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/fhir/definitions"
	"github.com/osler-ehr/osler/fhir/path"
)

// coded is a code with the namespace that it stands in.
type coded struct {
	system, code string
	bare         bool // the element has no place for a system
}

// codes are the codes of a value, by the chapter's table of the types that tokens can be.
func codes(v path.Value) (out []coded) {
	n := v.Node()
	switch v.TypeName() {
	case "Coding":
		return []coded{{n.Get("system").Text(), n.Get("code").Text(), false}}
	case "CodeableConcept":
		for c := range n.Get("coding").Values() {
			out = append(out, coded{c.Get("system").Text(), c.Get("code").Text(), false})
		}
		return out
	case "Identifier":
		return []coded{{n.Get("system").Text(), n.Get("value").Text(), false}}
	case "ContactPoint":
		return []coded{{"", n.Get("value").Text(), true}}
	}
	if v.Kind() == path.Complex {
		return nil
	}
	return []coded{{"", v.Text(), true}}
}

// tokenMatches: "Matches are literal, but not case sensitive."
func tokenMatches(v path.Value, modifier, want string) bool {
	if modifier == "text" {
		return displayed(v, plain(want))
	}
	if modifier == "in" {
		return memberOf(v, plain(want))
	}
	parts := split(want, '|')
	code := plain(parts[len(parts)-1])
	for _, c := range codes(v) {
		same := c.code != "" && strings.EqualFold(c.code, code)
		switch {
		case len(parts) == 1: // [code]: irrespective of the system
			if same {
				return true
			}
		case parts[0] == "": // |[code]: no system
			if same && c.system == "" {
				return true
			}
		case code == "": // [system]|: any code of the system
			if c.system == plain(parts[0]) {
				return true
			}
		case c.bare: // a code's system is implied by its binding
			cs, ok := definitions.LookupCodeSystem(plain(parts[0]))
			if !ok || !same {
				continue
			}
			if _, known := cs.Lookup(c.code); known {
				return true
			}
		case same && c.system == plain(parts[0]):
			return true
		}
	}
	return false
}

// displayed is the modifier text: "the search parameter is processed as a string that searches text
// associated with the code/value: CodeableConcept.text, Coding.display, or Identifier.type.text". The record
// takes the beginning of any word of it for a match.
func displayed(v path.Value, want string) bool {
	n := v.Node()
	var texts []string
	add := func(n fhir.Node) {
		if s := n.Text(); s != "" {
			texts = append(texts, s)
		}
	}
	switch v.TypeName() {
	case "Coding":
		add(n.Get("display"))
	case "CodeableConcept":
		add(n.Get("text"))
		for c := range n.Get("coding").Values() {
			add(c.Get("display"))
		}
	case "Identifier":
		add(n.Get("type").Get("text"))
	}
	for _, t := range texts {
		if strings.Contains(" "+fold(t), " "+fold(want)) {
			return true
		}
	}
	return false
}

// memberOf is the modifier in.
func memberOf(v path.Value, valueSet string) bool {
	vs, ok := definitions.LookupValueSet(valueSet)
	if !ok {
		panic("no value set " + valueSet)
	}
	for _, c := range codes(v) {
		if c.bare {
			expansion, _ := vs.Expansion()
			for _, e := range expansion {
				if e.Code == c.code {
					return true
				}
			}
			continue
		}
		if in, _ := vs.Contains(c.system, c.code); in {
			return true
		}
	}
	return false
}
