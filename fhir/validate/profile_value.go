package validate

import (
	"github.com/osler-ehr/osler/fhir"
)

// fixedOrPattern checks a value that the profile fixes, as a whole or in part.
func (w *profileWalker) fixedOrPattern(c *constraint, it item) {
	if c.fixed.Exists() && !equalsFixed(it.node, c.fixed) {
		w.fail(fhir.CodeValue, ruleFixed, "the profile fixes this value: "+shown(c.fixed))
	}
	if c.pattern.Exists() && !matchesPattern(it.node, c.pattern) {
		w.fail(fhir.CodeValue, rulePattern, "the profile asks that this value contain "+shown(c.pattern))
	}
}

// shown is a value of a profile as a message shows it.
func shown(n fhir.Node) string {
	if n.Kind() == fhir.String {
		return n.Text()
	}
	return string(fhir.AppendCompact(nil, n))
}

// equalsFixed compares a value with a fixed one: the same properties, in any order, with the same values.
func equalsFixed(n, want fhir.Node) bool {
	if n.Kind() != want.Kind() || n.Len() != want.Len() {
		return false
	}
	switch want.Kind() {
	case fhir.Object:
		for c := range want.Children() {
			if !equalsFixed(n.Get(c.Key()), c) {
				return false
			}
		}
		return true
	case fhir.Array:
		i := 0
		for c := range want.Children() {
			if !equalsFixed(n.Index(i), c) {
				return false
			}
			i++
		}
		return true
	}
	return n.Text() == want.Text()
}

// matchesPattern tells whether a value holds all that the pattern has: its properties, and for each item of an array one like it.
func matchesPattern(n, pattern fhir.Node) bool {
	if n.Kind() != pattern.Kind() {
		return false
	}
	switch pattern.Kind() {
	case fhir.Object:
		for c := range pattern.Children() {
			if !matchesPattern(n.Get(c.Key()), c) {
				return false
			}
		}
		return true
	case fhir.Array:
		for c := range pattern.Children() {
			if !anyMatches(n, c) {
				return false
			}
		}
		return true
	}
	return n.Text() == pattern.Text()
}

func anyMatches(array, pattern fhir.Node) bool {
	for c := range array.Children() {
		if matchesPattern(c, pattern) {
			return true
		}
	}
	return false
}
