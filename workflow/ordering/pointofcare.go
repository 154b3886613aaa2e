package ordering

import (
	_ "embed" // the tests
	"strconv"
	"strings"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/web/facts"
)

//go:embed tests.tsv
var testsFile string

// analyte is one value of a test that is done in the practice.
type analyte struct {
	Name      string
	Code      fhir.CodeableConcept
	Unit      string   // UCUM; "" for words
	Low, High string   // reference range for this person; "" = open
	Words     []string // to choose from, the normal one first
}

// analytes are the values of a catalogue's test with the ranges for a person of this sex ("female", "male" or other) and
// birth date. A test that is not listed has one value, to be typed with its unit and range.
func analytes(o Orderable, sex string, born, at time.Time) ([]analyte, error) {
	var out []analyte
	seen := map[string]bool{}
	age := at.Sub(born).Hours() / 24 / 365.25
	err := eachLine(testsFile, 11, func(f []string) error {
		if f[0] != o.Key || seen[f[1]] && f[8]+f[9] == "" {
			return nil
		}
		a := analyte{Name: f[3], Code: fhir.Concept(facts.LOINC, f[1], f[2]), Unit: f[4], Words: words(f[10])}
		a.Code.Text = f[3]
		fits := f[5] == "-" || f[5] == "f" && sex == "female" || f[5] == "m" && sex == "male"
		if from, err := strconv.ParseFloat(f[6], 64); err == nil && (born.IsZero() || age < from) {
			fits = false
		}
		if below, err := strconv.ParseFloat(f[7], 64); err == nil && (born.IsZero() || age >= below) {
			fits = false
		}
		if fits {
			a.Low, a.High = f[8], f[9]
		}
		switch i := indexOf(out, a.Name); {
		case i < 0:
			out = append(out, a)
		case fits:
			out[i] = a
		}
		seen[f[1]] = true
		return nil
	})
	if len(out) == 0 {
		out = []analyte{{Name: o.Name, Code: o.Code}}
	}
	return out, err
}

func indexOf(list []analyte, name string) int {
	for i, a := range list {
		if a.Name == name {
			return i
		}
	}
	return -1
}

// interpretation says how a value stands: by the range for numbers, by the first word for words.
func (a analyte) interpretation(value fhir.Decimal, word string) []fhir.CodeableConcept {
	code, display := "N", "Normal"
	if word != "" {
		switch {
		case len(a.Words) == 0:
			return nil
		case word == a.Words[0]:
			code, display = "NEG", "Negative"
			if !strings.EqualFold(word, "negative") {
				code, display = "N", "Normal"
			}
		default:
			code, display = "POS", "Positive"
		}
		return []fhir.CodeableConcept{fhir.Concept(facts.Interpretation, code, display)}
	}
	low, err1 := fhir.ParseDecimal(a.Low)
	high, err2 := fhir.ParseDecimal(a.High)
	switch {
	case err1 != nil && err2 != nil:
		return nil
	case err1 == nil && value.Compare(low) < 0:
		code, display = "L", "Low"
	case err2 == nil && value.Compare(high) > 0:
		code, display = "H", "High"
	}
	return []fhir.CodeableConcept{fhir.Concept(facts.Interpretation, code, display)}
}
