package validate

import (
	"strconv"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/fhir/definitions"
)

// children checks the elements below a value.
func (w *profileWalker) children(c *constraint, it item) {
	for _, child := range c.children {
		items := it.named(child.name)
		w.count(child, len(items), baseElement(it.fields, child.name))
		for _, x := range items {
			w.push(x.element.Name, x.index)
			w.one(child, x)
			w.pop()
		}
		w.slices(child, items)
	}
}

// baseElement is R4's own definition of an element; nil for the JSON name of a choice.
func baseElement(f *definitions.Fields, name string) *definitions.Element {
	if f != nil {
		for _, e := range f.Elements {
			if e.Name == name {
				return e
			}
		}
	}
	return nil
}

// count checks a cardinality that is narrower than R4's own.
func (w *profileWalker) count(c *constraint, count int, base *definitions.Element) {
	if c.element == nil {
		return
	}
	low, high := c.element.Min, c.element.Max
	if base != nil && low <= base.Min {
		low = 0 // Base has said it
	}
	if base != nil && high == base.Max {
		high = -1
	}
	switch {
	case count < low:
		w.failAt(c.name, fhir.CodeRequired, ruleCardinality, "the profile requires "+atLeast(low)+" here: add what is missing")
	case high == 0 && count > 0:
		w.failAt(c.name, fhir.CodeStructure, ruleCardinality, "the profile does not allow this element: remove it")
	case high != -1 && count > high:
		w.failAt(c.name, fhir.CodeStructure, ruleCardinality, "the profile allows at most "+strconv.Itoa(high)+" here: remove the rest")
	}
}

func atLeast(n int) string {
	if n == 1 {
		return "a value"
	}
	return "at least " + strconv.Itoa(n) + " values"
}

// one checks one value.
func (w *profileWalker) one(c *constraint, it item) {
	if c.element != nil {
		if !w.types(c.element, it) {
			return // its elements are those of another type
		}
		w.fixedOrPattern(c, it)
		w.binding(c.element.Binding, it)
		w.hold(c.element.Invariants, it, w.scope)
	}
	w.children(c, it)
}
