package careplans

import (
	"cmp"
	_ "embed"
	"fmt"
	"math/big"
	"regexp"
	"strconv"
	"strings"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/terms/ucum"
	"github.com/osler-ehr/osler/web/facts"
)

//go:embed measures.tsv
var measuresFile string

//go:embed goals.tsv
var goalsFile string

// Measure is something that goals are measured by.
type Measure struct{ Key, Name, Code, Display, Unit string }

// Usual is a goal that many patients have.
type Usual struct {
	Key, Text string
	Codes     []string // beginnings of ICD-10-CM codes
	Targets   string   // measure and target, as a person types it; several with ;
	Months    int
	Source    string
}

// Table is what the form offers.
type Table struct {
	Measures []Measure
	Goals    []Usual
}

// LoadTable reads the tables that ship with the program.
func LoadTable() (*Table, error) {
	t := &Table{}
	for _, row := range rows(measuresFile) {
		if len(row) != 5 {
			return t, fmt.Errorf("measures.tsv: %d fields in %q, want 5", len(row), row[0])
		}
		if err := ucum.Validate(row[4]); err != nil {
			return t, fmt.Errorf("measures.tsv: %s: %w", row[0], err)
		}
		t.Measures = append(t.Measures, Measure{row[0], row[1], row[2], row[3], row[4]})
	}
	for _, row := range rows(goalsFile) {
		if len(row) < 5 {
			return t, fmt.Errorf("goals.tsv: %d fields in %q, want 6", len(row), row[0])
		}
		months, err := strconv.Atoi(row[4])
		if err != nil {
			return t, fmt.Errorf("goals.tsv: %s: %w", row[0], err)
		}
		u := Usual{Key: row[0], Text: row[1], Codes: strings.Split(row[2], ";"), Targets: row[3], Months: months}
		if len(row) > 5 {
			u.Source = row[5]
		}
		t.Goals = append(t.Goals, u)
	}
	return t, nil
}

func rows(file string) (out [][]string) {
	for line := range strings.SplitSeq(file, "\n") {
		if line != "" && !strings.HasPrefix(line, "#") {
			out = append(out, strings.Split(line, "\t"))
		}
	}
	return out
}

func (t *Table) goal(key string) (Usual, bool) {
	for _, g := range t.Goals {
		if g.Key == key {
			return g, true
		}
	}
	return Usual{}, false
}

func (t *Table) measure(key string) (Measure, bool) {
	for _, m := range t.Measures {
		if m.Key == key {
			return m, true
		}
	}
	return Measure{}, false
}

// of is the measure of a concept, by its LOINC code.
func (t *Table) of(c fhir.CodeableConcept) (Measure, bool) {
	for _, m := range t.Measures {
		if c.Has(facts.LOINC, m.Code) {
			return m, true
		}
	}
	return Measure{}, false
}

// suits reports whether a goal is for somebody with a diagnosis.
func (u Usual) suits(icd string) bool {
	for _, c := range u.Codes {
		if icd != "" && c != "" && strings.HasPrefix(icd, c) {
			return true
		}
	}
	return false
}

var (
	one   = regexp.MustCompile(`^(<=|>=|<|>|≤|≥|below|above|at most|at least)?\s*(\d+(?:\.\d+)?)\s*(\S.*)?$`)
	two   = regexp.MustCompile(`^(\d+(?:\.\d+)?)\s*(?:-|–|to)\s*(\d+(?:\.\d+)?)\s*(\S.*)?$`)
	signs = map[string]string{"≤": "<=", "≥": ">=", "below": "<", "above": ">", "at most": "<=", "at least": ">="}
)

// target reads what a person typed as the target of a measure: "< 7", "at least 12 g/dL", "2-3", "180 lb". A unit may follow;
// it is converted to that of the measure, or refused. A bare number is what is to be reached, from whichever side.
func target(text string, m Measure) (fhir.Choice, string) {
	s := strings.ToLower(strings.TrimSpace(text))
	unit := func(number, typed string) (fhir.Quantity, string) {
		d, err := fhir.ParseDecimal(number)
		if err != nil {
			return fhir.Quantity{}, "Not a number."
		}
		if typed == "" || strings.EqualFold(typed, m.Unit) || strings.EqualFold(typed, ucum.Symbol(m.Unit)) {
			return fhir.Measured(d, m.Unit), ""
		}
		code := unitCode(typed)
		if pure(m.Unit) || code == "" || pure(code) || !ucum.Commensurable(code, m.Unit) {
			return fhir.Quantity{}, m.Name + " is measured in " + ucum.Symbol(m.Unit) + "; “" + typed + "” cannot be converted to it."
		}
		d, err = ucum.Convert(d, code, m.Unit, 1)
		if err != nil {
			return fhir.Quantity{}, m.Name + " is measured in " + ucum.Symbol(m.Unit) + "; “" + typed + "” cannot be converted to it."
		}
		return fhir.Measured(d, m.Unit), ""
	}
	if x := two.FindStringSubmatch(s); x != nil {
		low, why1 := unit(x[1], x[3])
		high, why2 := unit(x[2], x[3])
		if why := cmp.Or(why1, why2); why != "" {
			return fhir.Choice{}, why
		}
		if low.Value.Compare(high.Value) >= 0 {
			return fhir.Choice{}, "The lower end comes first."
		}
		return fhir.ChoiceOf(fhir.Range{Low: low, High: high}), ""
	}
	x := one.FindStringSubmatch(s)
	if x == nil {
		return fhir.Choice{}, "Not a target. Write it as < 7, at least 12, or 2-3."
	}
	q, why := unit(x[2], x[3])
	if why != "" {
		return fhir.Choice{}, why
	}
	q.Comparator = x[1]
	if c, ok := signs[x[1]]; ok {
		q.Comparator = c
	}
	return fhir.ChoiceOf(q), ""
}

// unitCode is the UCUM code of a unit as people type it.
func unitCode(typed string) string {
	switch strings.ToLower(typed) {
	case "lb", "lbs", "pounds":
		return "[lb_av]"
	case "kg", "g", "mmol/l", "g/l", "mg/dl", "g/dl", "ng/ml", "kpa":
		return map[string]string{"mmol/l": "mmol/L", "g/l": "g/L", "mg/dl": "mg/dL", "g/dl": "g/dL", "ng/ml": "ng/mL", "kpa": "kPa"}[strings.ToLower(typed)] + map[string]string{"kg": "kg", "g": "g"}[strings.ToLower(typed)]
	case "mmhg":
		return "mm[Hg]"
	}
	if ucum.Validate(typed) == nil {
		return typed
	}
	return ""
}

// aimOf makes a target comparable. ok is false for one that says no amount.
func aimOf(detail fhir.Choice, start *big.Rat) (a aim, ok bool) {
	bound := func(q fhir.Quantity) *big.Rat {
		if q.Value.IsZero() {
			return nil
		}
		if a.unit == "" {
			a.unit = q.Code
		}
		return q.Value.Rat()
	}
	switch v := detail.Value().(type) {
	case fhir.Range:
		a.low, a.high = bound(v.Low), bound(v.High)
	case fhir.Quantity:
		x := bound(v)
		switch v.Comparator {
		case "<":
			a.high, a.highOpen = x, true
		case "<=":
			a.high = x
		case ">":
			a.low, a.lowOpen = x, true
		case ">=":
			a.low = x
		default: // to be reached, from the side where it began
			switch {
			case x == nil || start == nil:
				a.low, a.high = x, x
			case start.Cmp(x) > 0:
				a.high = x
			default:
				a.low = x
			}
		}
	}
	return a, a.low != nil || a.high != nil
}

// targetWords shows a target: < 130 mmHg.
func targetWords(detail fhir.Choice) string {
	number := func(q fhir.Quantity) string { return q.Value.String() }
	unit := func(q fhir.Quantity) string {
		if q.Unit != "" && !strings.HasPrefix(q.Unit, "{") {
			return ucum.Symbol(q.Unit)
		}
		if strings.HasPrefix(q.Code, "{") {
			return ""
		}
		return ucum.Symbol(q.Code)
	}
	switch v := detail.Value().(type) {
	case fhir.Range:
		switch {
		case v.Low.IsZero():
			return strings.TrimSpace("at most " + number(v.High) + " " + unit(v.High))
		case v.High.IsZero():
			return strings.TrimSpace("at least " + number(v.Low) + " " + unit(v.Low))
		}
		return strings.TrimSpace(number(v.Low) + "–" + number(v.High) + " " + unit(v.High))
	case fhir.Quantity:
		sign := map[string]string{"<": "< ", "<=": "at most ", ">": "> ", ">=": "at least "}[v.Comparator]
		return strings.TrimSpace(sign + number(v) + " " + unit(v))
	case string:
		return v
	case fhir.CodeableConcept:
		return facts.Concept(v)
	}
	return ""
}
