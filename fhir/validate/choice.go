package validate

import (
	"strings"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/fhir/definitions"
)

// secondChoice reports a second value of a choice, such as valueString beside valueQuantity.
func (w *walker) secondChoice(e *definitions.Element) {
	w.failAt(e.Name, fhir.CodeStructure, ruleChoice, "only one of "+choiceNames(e)+" may be there: keep one")
}

// choiceNames lists the JSON names of a choice, as far as a reader follows.
func choiceNames(e *definitions.Element) string {
	const enough = 6
	var b strings.Builder
	for i, t := range e.Types {
		if i > 0 {
			b.WriteString(", ")
		}
		if i == enough {
			b.WriteString("...")
			break
		}
		b.WriteString(e.Name)
		b.WriteString(strings.ToUpper(t.Code[:1]))
		b.WriteString(t.Code[1:])
	}
	return b.String()
}
