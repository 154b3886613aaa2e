package stock

import (
	"strings"

	"github.com/osler-ehr/osler/fhir"
)

// Statement is a Vaccine Information Statement (42 U.S.C. 300aa-26): of which vaccine, and its edition. A combination vaccine has one for
// each of its parts.
type Statement struct {
	Name    string // "" = that of the whole vaccine
	Edition fhir.Date
}

// Statements are the Vaccine Information Statements that go with a lot.
func (l Lot) Statements() (out []Statement) {
	for _, e := range l.Extension {
		if e.URL != own+"vis" {
			continue
		}
		if d, ok := fhir.ChoiceValue[fhir.Date](e.Value); ok {
			out = append(out, Statement{Edition: d})
			continue
		}
		var s Statement
		for _, part := range e.Extension {
			switch part.URL {
			case "name":
				s.Name, _ = fhir.ChoiceValue[string](part.Value)
			case "edition":
				s.Edition, _ = fhir.ChoiceValue[fhir.Date](part.Value)
			}
		}
		out = append(out, s)
	}
	return out
}

// extension keeps a statement with its lot.
func (s Statement) extension() fhir.Extension {
	if strings.TrimSpace(s.Name) == "" {
		return fhir.Extension{URL: own + "vis", Value: fhir.ChoiceOf(s.Edition)}
	}
	return fhir.Extension{URL: own + "vis", Extension: []fhir.Extension{{URL: "name", Value: fhir.ChoiceOf(s.Name)}, {URL: "edition", Value: fhir.ChoiceOf(s.Edition)}}}
}
