package validate

import (
	"strings"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/fhir/definitions"
)

// code checks a value of type code against a value set. Where the value set's codes are not all known here, it passes.
func (w *walker) code(s string, b *definitions.Binding) {
	set, ok := definitions.LookupValueSet(b.ValueSet)
	if !ok {
		return
	}
	if in, known := set.Contains("", s); known && !in {
		w.fail(fhir.CodeCodeInvalid, ruleBinding, "the code is not one of "+setName(set, s))
	}
}

// coding checks a Coding with a required value set.
func (w *walker) coding(n fhir.Node, b *definitions.Binding) {
	if b == nil || b.Strength != "required" {
		return
	}
	set, ok := definitions.LookupValueSet(b.ValueSet)
	if ok && codingIn(n, set) == no {
		w.fail(fhir.CodeCodeInvalid, ruleBinding, "the coding is not one of "+setName(set, n.Get("code").Text())+"; system and code must both be right")
	}
}

// codeableConcept checks that one of the codings is in a required value set.
func (w *walker) codeableConcept(n fhir.Node, b *definitions.Binding) {
	if b == nil || b.Strength != "required" {
		return
	}
	set, ok := definitions.LookupValueSet(b.ValueSet)
	if ok && conceptIn(n, set) == no {
		w.fail(fhir.CodeCodeInvalid, ruleBinding, "one coding must be of "+setName(set, n.Get("coding").First().Get("code").Text())+"; system and code must both be right")
	}
}

// answer is yes, no, or unknown when it depends on codes that are not here.
type answer uint8

const (
	no answer = iota
	yes
	unknown
)

// conceptIn tells whether any coding of a CodeableConcept is in the set.
func conceptIn(n fhir.Node, set *definitions.ValueSet) answer {
	best := no
	codings := n.Get("coding")
	for c := codings.First(); c.Exists(); c = c.Sibling(codings) {
		switch codingIn(c, set) {
		case yes:
			return yes
		case unknown:
			best = unknown
		}
	}
	return best
}

// codingIn tells whether a Coding is in the set. A coding without system is in none.
func codingIn(n fhir.Node, set *definitions.ValueSet) answer {
	system, code := n.Get("system").Text(), n.Get("code").Text()
	if system == "" || code == "" {
		return no
	}
	in, known := set.Contains(system, code)
	switch {
	case in:
		return yes
	case known:
		return no
	}
	return unknown
}

// setName names a value set for a person: its codes when they are few, else its name.
func setName(set *definitions.ValueSet, wrong string) string {
	const few = 12
	codes, complete := set.Expansion()
	for _, c := range codes {
		if strings.EqualFold(c.Code, wrong) && c.Code != wrong {
			return set.Name + " (" + set.URL + "); codes are exact: " + c.Code
		}
	}
	if len(codes) > few || !complete {
		return set.Name + " (" + set.URL + ")"
	}
	var b strings.Builder
	for i, c := range codes {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(c.Code)
	}
	return b.String() + " (" + set.URL + ")"
}
