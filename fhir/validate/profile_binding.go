package validate

import (
	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/fhir/definitions"
)

// binding checks a value against a value set that the profile binds it to: an error where the set is required or is the
// furthest allowed, a warning where it is extensible. A set whose codes are not all known here passes what it may hold.
func (w *profileWalker) binding(b *definitions.Binding, it item) {
	if b == nil {
		return
	}
	if set, ok := w.defs.ValueSet(b.ValueSet); ok && codeOf(it, set, b.Strength == "required") == no {
		switch b.Strength {
		case "required":
			w.fail(fhir.CodeCodeInvalid, ruleBinding, "the profile requires a code of "+setName(set, ""))
			return
		case "extensible":
			w.warn(fhir.CodeCodeInvalid, ruleBinding, "the profile asks for a code of "+setName(set, "")+" where one fits")
		}
	}
	if set, ok := w.defs.ValueSet(b.Max); ok && b.Max != "" && codeOf(it, set, false) == no {
		w.fail(fhir.CodeCodeInvalid, ruleBinding, "the profile allows only codes of "+setName(set, ""))
	}
}

// codeOf tells whether the code of a value is in the set. A value without any code is in it, unless a code must be there.
func codeOf(it item, set *definitions.ValueSet, must bool) answer {
	missing := yes
	if must {
		missing = no
	}
	switch it.typ {
	case "CodeableConcept":
		if !it.node.Get("coding").Exists() {
			return missing
		}
		return conceptIn(it.node, set)
	case "Coding", "Quantity":
		if !it.node.Get("code").Exists() {
			return missing
		}
		return codingIn(it.node, set)
	case "code":
		if it.node.Kind() != fhir.String {
			return yes
		}
		in, known := set.Contains("", it.node.Text())
		switch {
		case in:
			return yes
		case known:
			return no
		}
	}
	return unknown
}
