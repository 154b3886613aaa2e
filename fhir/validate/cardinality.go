package validate

import (
	"strconv"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/fhir/definitions"
)

// missing reports a required element that is not there.
func (w *walker) missing(e *definitions.Element) {
	name := e.Name
	text := "R4 requires this element: add it"
	if e.Choice {
		text = "R4 requires one of " + choiceNames(e) + ": add it"
	}
	w.failAt(name, fhir.CodeRequired, ruleCardinality, text)
}

// countOf checks how many values a repeating element has.
func (w *walker) countOf(count int, e *definitions.Element) {
	switch {
	case count == 0:
		w.fail(fhir.CodeStructure, ruleEmpty, "the array is empty: leave the property out")
	case count < e.Min:
		w.fail(fhir.CodeRequired, ruleCardinality, "R4 requires at least "+strconv.Itoa(e.Min)+" of these: add what is missing")
	case e.Max != -1 && count > e.Max:
		w.fail(fhir.CodeStructure, ruleCardinality, "R4 allows at most "+strconv.Itoa(e.Max)+" of these: remove the rest")
	}
}

// notAllowed reports an element that the data type has, but not at this place: the comparator of a SimpleQuantity.
func (w *walker) notAllowed() {
	w.fail(fhir.CodeStructure, ruleCardinality, "this element is not allowed here: remove it")
}

// noContent reports an object that says nothing: it is empty but for an id.
func (w *walker) noContent() {
	w.fail(fhir.CodeInvariant, "ele-1", "an element needs content besides its id: add it, or remove the element")
}
