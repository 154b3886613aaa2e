package drugs

import (
	"fmt"
	"math/big"
	"time"
)

// Severity is how much a finding weighs. Only a Stop may interrupt.
type Severity uint8

const (
	Note    Severity = iota + 1 // to know
	Caution                     // to weigh
	Stop                        // not without a reason
)

// String is the name by which configuration and measurements know the severity.
func (s Severity) String() string {
	switch s {
	case Note:
		return "note"
	case Caution:
		return "caution"
	case Stop:
		return "stop"
	}
	return "none"
}

// ParseSeverity reads the name of a severity.
func ParseSeverity(s string) (Severity, error) {
	for _, v := range []Severity{Note, Caution, Stop} {
		if v.String() == s {
			return v, nil
		}
	}
	return 0, fmt.Errorf("%q is no severity: write stop, caution or note", s)
}

// Sources of the rules that ship with the program.
var (
	ONC     = Source{"onc", "ONC high-priority list", "Phansalkar 2012", day(2012, time.September)}
	ONCLow  = Source{"onc-low", "ONC non-interruptive list", "Phansalkar 2013", day(2013, time.May)}
	Label   = Source{"label", "FDA label", "Osler rules of 24-Nov-2026", time.Date(2026, time.November, 24, 0, 0, 0, 0, time.UTC)}
	Beers   = Source{"beers", "AGS Beers Criteria", "2023", day(2023, time.May)}
	Allergy = Source{"allergy", "Drug allergy practice parameter", "2022", day(2022, time.December)}
)

func day(year int, month time.Month) time.Time {
	return time.Date(year, month, 1, 0, 0, 0, 0, time.UTC)
}

// Rules are what makes a medicine unsafe.
type Rules struct {
	Interactions []*Interaction
	Doses        []*DoseLimit
	Kidneys      []*KidneyRule
	Pregnancy    []*PregnancyRule
	Ages         []*AgeRule
	Conditions   []*ConditionRule
	// SideChains are groups of beta-lactams of like side chains.
	SideChains map[string][]*Ingredient
	// Cross are classes, beyond those that the checks know, in which an allergy to one member concerns the others.
	Cross []Cross
	// Sources are those of added rules, by kind of set.
	Sources map[string][]Source

	of map[*Ingredient][]*Interaction // the interactions that an ingredient has a part in, in the order of the tables
}

// Cross is a class in which an allergy to one member concerns the others.
type Cross struct {
	Class    *Class
	Severity Severity
	Source   Source
}

// index notes which interactions an ingredient has a part in.
func (r *Rules) index() {
	r.of = map[*Ingredient][]*Interaction{}
	for _, rule := range r.Interactions {
		part := map[*Ingredient]bool{}
		for _, set := range []map[*Ingredient]bool{rule.A.has, rule.B.has} {
			for i := range set {
				part[i] = true
			}
		}
		for i, with := range rule.pairs {
			part[i] = true
			for j := range with {
				part[j] = true
			}
		}
		for i := range part {
			r.of[i] = append(r.of[i], rule)
		}
	}
}

// Between are the interactions of two ingredients, in the order of the tables.
func (r *Rules) Between(a, b *Ingredient) (out []*Interaction) {
	list := r.of[a]
	if other := r.of[b]; len(other) < len(list) {
		list = other
	}
	for _, rule := range list {
		if rule.Holds(a, b) {
			out = append(out, rule)
		}
	}
	return out
}

// Set is a set of ingredients, and how it was written: metformin or @nsaid.
type Set struct {
	Text string
	has  map[*Ingredient]bool
}

// Has reports whether an ingredient is in the set.
func (s Set) Has(i *Ingredient) bool { return s.has[i] }

// Interaction is what happens when an ingredient of one side meets one of the other.
type Interaction struct {
	ID             string // stable: onc-8
	Severity       Severity
	Source         Source
	A, B           Set
	Effect, Advice string
	pairs          map[*Ingredient]map[*Ingredient]bool // instead of A and B, for lists of pairs
}

// Holds reports whether the two are such a pair, in either order.
func (r *Interaction) Holds(a, b *Ingredient) bool {
	if a == b {
		return false
	}
	if r.pairs != nil {
		return r.pairs[a][b] || r.pairs[b][a]
	}
	return r.A.Has(a) && r.B.Has(b) || r.A.Has(b) && r.B.Has(a)
}

// Ages is a range of ages in years; nil is without end.
type Ages struct{ From, Below *big.Rat }

// Contains reports whether an age in years is in the range.
func (a Ages) Contains(years *big.Rat) bool {
	return (a.From == nil || years.Cmp(a.From) >= 0) && (a.Below == nil || years.Cmp(a.Below) < 0)
}

// Limited reports whether the range has an end at all.
func (a Ages) Limited() bool { return a.From != nil || a.Below != nil }

// Limit is an amount, perhaps for each kilogram of body weight.
type Limit struct {
	Amount *big.Rat // nil = no limit
	PerKg  bool
}

// DoseLimit is the most of an ingredient that is taken.
type DoseLimit struct {
	ID         string
	Ingredient *Ingredient
	Route      string // "any", or a key of [Routes]
	Ages       Ages
	Once, Most Limit
	Unit       string // mg
	Period     string // of Most: day or week
	Source     Source
}

// KidneyRule holds below a kidney function.
type KidneyRule struct {
	ID       string
	Set      Set
	Measure  string // egfr in mL/min/1.73 m2, or crcl in mL/min
	Below    *big.Rat
	Severity Severity
	Text     string
	Source   Source
}

// PregnancyRule holds in pregnancy.
type PregnancyRule struct {
	ID       string
	Set      Set
	Severity Severity
	Text     string
	Source   Source
}

// AgeRule holds at an age.
type AgeRule struct {
	ID       string
	Set      Set
	Ages     Ages
	Severity Severity
	Text     string
	Source   Source
}

// ConditionRule holds with a disease.
type ConditionRule struct {
	ID        string
	Set       Set
	ICD10     []string // beginnings of codes of ICD-10-CM, with the point
	Words     []string // within the name, in lower case
	Severity  Severity
	Condition string
	Text      string
	Source    Source
}
