// Package sig is how a medicine is to be taken, as a structure: dose, route, frequency, reason and duration. It becomes a FHIR Dosage
// and the sentence on the label, and comes back from both. No abbreviation of the Joint Commission's do-not-use list can come out of
// it, no trailing zero, and no number without a leading one.
//
// Amounts are exact. Where a quantity must be rounded, it is rounded up to what can be dispensed, and days of supply down to whole
// days.
package sig

import (
	"cmp"
	"errors"
	"fmt"
	"math/big"
	"strings"

	"github.com/osler-ehr/osler/drugs"
)

// Sig is how a medicine is to be taken.
type Sig struct {
	Low, High *big.Rat // the dose; High is nil unless it is a range
	Unit      string   // a key of units: mg, tablet, mL, puff
	Route     string   // a key of routes: oral
	Frequency Frequency
	AsNeeded  bool
	Reason    string   // why it is taken as needed: pain
	Days      int      // for how many days; 0 = until further notice
	MaxPerDay *big.Rat // the most within 24 hours, in Unit; nil = what the frequency says
	Note      string   // what else to heed: with food
	Strength  Strength // of one unit, for the words "1 tablet (100 mg)"; zero if not known
}

// Strength is what one unit holds of the one ingredient.
type Strength struct {
	Amount *big.Rat
	Unit   string // mg, micrograms, units
}

// Check tells what is missing or makes no sense; nil when the sig can be carried out.
func (s Sig) Check() error {
	var problems []string
	add := func(bad bool, text string) {
		if bad {
			problems = append(problems, text)
		}
	}
	add(s.Low == nil || s.Low.Sign() <= 0, "the dose must be more than 0")
	add(s.High != nil && s.Low != nil && s.High.Cmp(s.Low) <= 0, "the upper dose must be more than the lower")
	_, ok := units[s.Unit]
	add(!ok, fmt.Sprintf("%q is no unit for a dose", s.Unit))
	_, ok = routes[s.Route]
	add(!ok, fmt.Sprintf("%q is no route", s.Route))
	add(s.Frequency.IsZero() && !s.AsNeeded, "it does not say how often")
	add(s.Reason != "" && !s.AsNeeded, "a reason belongs to what is taken as needed")
	add(s.Days < 0, "the duration must be more than 0")
	add(s.MaxPerDay != nil && s.MaxPerDay.Sign() <= 0, "the most in 24 hours must be more than 0")
	add(s.Low != nil && whole[s.Unit] && !countable(s.Low), "the dose must be a number of whole or half units")
	if len(problems) > 0 {
		return errors.New(strings.Join(problems, "; "))
	}
	return nil
}

// countable reports whether an amount is a number of quarters: what can be cut from a tablet.
func countable(r *big.Rat) bool { return new(big.Rat).Mul(r, big.NewRat(4, 1)).IsInt() }

// whole are units that are taken in wholes, halves or quarters.
var whole = map[string]bool{"tablet": true, "capsule": true, "puff": true, "spray": true, "patch": true, "suppository": true, "drop": true, "ring": true, "implant": true, "system": true}

// most is the larger dose.
func (s Sig) most() *big.Rat {
	if s.High != nil {
		return s.High
	}
	return s.Low
}

// PerDay is the most that is taken in 24 hours, in Unit; ok is false when nothing says how often.
func (s Sig) PerDay() (amount *big.Rat, ok bool) {
	if s.Low == nil {
		return nil, false
	}
	times, ok := s.Frequency.PerDay()
	if s.MaxPerDay != nil {
		if !ok {
			return s.MaxPerDay, true
		}
		amount = new(big.Rat).Mul(s.most(), times)
		if s.MaxPerDay.Cmp(amount) < 0 {
			return s.MaxPerDay, true
		}
		return amount, true
	}
	if !ok {
		return nil, false
	}
	return new(big.Rat).Mul(s.most(), times), true
}

// Quantity is how much is dispensed for a number of days, in Unit, rounded up to what can be counted or poured.
func (s Sig) Quantity(days int) (*big.Rat, bool) {
	perDay, ok := s.PerDay()
	if !ok || days <= 0 {
		return nil, false
	}
	return ceil(new(big.Rat).Mul(perDay, big.NewRat(int64(days), 1))), true
}

// DaysSupply is for how many whole days a quantity in Unit lasts at the most that may be taken.
func (s Sig) DaysSupply(quantity *big.Rat) (int, bool) {
	perDay, ok := s.PerDay()
	if !ok || perDay.Sign() <= 0 || quantity == nil || quantity.Sign() < 0 {
		return 0, false
	}
	q := new(big.Rat).Quo(quantity, perDay)
	days := new(big.Int).Quo(q.Num(), q.Denom())
	if !days.IsInt64() || days.Int64() > 36500 {
		return 0, false
	}
	return int(days.Int64()), true
}

func ceil(r *big.Rat) *big.Rat {
	n, m := new(big.Int).QuoRem(r.Num(), r.Denom(), new(big.Int))
	if m.Sign() > 0 {
		n.Add(n, big.NewInt(1))
	}
	return new(big.Rat).SetInt(n)
}

// Mass is how much of an ingredient an amount in Unit holds, in the unit of the ingredient's strength or, for a mass, in mg.
func Mass(amount *big.Rat, unit string, part drugs.Part) (*big.Rat, string, bool) {
	if mg, ok := drugs.Milligrams(amount, unit); ok {
		return mg, "mg", true
	}
	if unit == "units" || unit == "mEq" {
		return amount, unit, true
	}
	if part.Amount == nil || unit != part.Per && (part.Per != "" || !whole[unit]) {
		return nil, "", false
	}
	total := new(big.Rat).Mul(amount, part.Amount)
	if mg, ok := drugs.Milligrams(total, part.Unit); ok {
		return mg, "mg", true
	}
	return total, part.Unit, true
}

// ByWeight is a dose that was worked out from body weight.
type ByWeight struct {
	PerKg  *big.Rat // amount for each kilogram
	Unit   string   // mg
	Weight *big.Rat // kg
}

// Dose is the exact amount.
func (w ByWeight) Dose() *big.Rat { return new(big.Rat).Mul(w.PerKg, w.Weight) }

// Words show the arithmetic: 10 mg/kg × 18.2 kg = 182 mg.
func (w ByWeight) Words() string {
	return fmt.Sprintf("%s %s/kg × %s kg = %s %s", drugs.Number(w.PerKg), w.Unit, drugs.Number(w.Weight), drugs.Number(w.Dose()), w.Unit)
}

// Measure turns an amount of an ingredient into units of a product: 182 mg of 32 mg/mL is 5.6875 mL, and to the nearest step of
// 0.1 mL it is 5.7 mL. ok is false when the product's strength is not in the same unit.
func Measure(amount *big.Rat, unit string, part drugs.Part, step *big.Rat) (exact, rounded *big.Rat, ok bool) {
	mass, of, ok := Mass(big.NewRat(1, 1), cmp.Or(part.Per, "tablet"), part)
	if mg, isMass := drugs.Milligrams(amount, unit); isMass {
		amount, unit = mg, "mg"
	}
	if !ok || of != unit || mass.Sign() <= 0 {
		return nil, nil, false
	}
	exact = new(big.Rat).Quo(amount, mass)
	steps := new(big.Rat).Add(new(big.Rat).Quo(exact, step), big.NewRat(1, 2))
	n := new(big.Int).Quo(steps.Num(), steps.Denom())
	return exact, new(big.Rat).Mul(new(big.Rat).SetInt(n), step), true
}
