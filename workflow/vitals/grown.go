package vitals

import (
	"math"
	"math/big"
	"slices"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/web/facts"
	"github.com/osler-ehr/osler/workflow/vitals/growth"
)

// grown is one measurement as a growth chart judges it.
type grown struct {
	at       fhir.DateTime
	days     int     // age on that day, as it is
	age      string  // the same in words
	x        float64 // age in months, corrected; or length or stature in cm
	y        float64 // in the measure's unit
	measured amount  // as it was measured, digit for digit
	computed bool    // a BMI that nobody wrote down: from weight and height of that day
	against  amount  // the length or stature that a weight is judged by
	score    growth.Score
	judged   bool // a chart covers it
}

// lyingUntil is the age in months below which a height was taken lying, unless its code says otherwise, as the charts assume.
const lyingUntil = 24

// grownBy are the measurements of a patient for one measure, oldest first, judged by a reference. Readings that were struck count
// nowhere; those whose unit does not fit are left out.
func grownBy(ref *growth.Reference, m growth.Measure, c child, all []reading, zone *time.Location) []grown {
	var out []grown
	for _, r := range all {
		if r.struck || r.at.IsZero() {
			continue
		}
		days, ok := c.days(r.at, zone)
		if !ok {
			continue
		}
		g := grown{at: r.at, days: days, age: ageText(c.born, days), measured: r.value}
		age, aged := c.months(r.at, zone)
		switch m {
		case growth.WeightForAge, growth.HeadForAge:
			if r.sign != map[growth.Measure]string{growth.WeightForAge: weight, growth.HeadForAge: head}[m] {
				continue
			}
		case growth.LengthForAge, growth.StatureForAge:
			if lying, ok := lies(r, days); !ok || lying != (m == growth.LengthForAge) {
				continue
			}
		case growth.BMIForAge:
			if g.measured, g.computed, ok = massIndex(r, all, zone); !ok {
				continue
			}
		default:
			if r.sign != weight {
				continue
			}
			tall, ok := sameDay(r, all, zone, func(o reading) bool {
				lying, ok := lies(o, days)
				return ok && lying == (m == growth.WeightForLength)
			})
			if !ok {
				continue
			}
			g.against = tall.value
			age, aged = tall.value.float("cm")
		}
		g.x = age
		if g.y, ok = g.measured.float(m.Unit()); !ok || !aged {
			continue
		}
		g.score, g.judged = ref.Assess(growth.Measurement{Measure: m, Sex: c.sex, X: g.x, Value: g.y})
		out = append(out, g)
	}
	slices.Reverse(out)
	return out
}

// lies tells whether a reading of length or height was taken lying; ok is false for readings of something else.
func lies(r reading, days int) (lying, ok bool) {
	switch r.sign {
	case length:
		return true, true
	case height:
		return growth.Months(days) < lyingUntil, true
	}
	return false, false
}

// sameDay is the reading of the kind asked for that was taken closest to another, on the same day.
func sameDay(r reading, all []reading, zone *time.Location, want func(reading) bool) (reading, bool) {
	var best reading
	found := false
	for _, o := range all {
		if o.struck || !want(o) || !facts.SameDay(o.at, r.at, zone) {
			continue
		}
		if !found || apart(o, r, zone) < apart(best, r, zone) {
			best, found = o, true
		}
	}
	return best, found
}

func apart(a, b reading, zone *time.Location) time.Duration {
	return a.at.Time(zone).Sub(b.at.Time(zone)).Abs()
}

// massIndex is the body mass index at a reading: as it was written down, or from a weight and the height of that day. A weight on a day
// with a written index gives none, so that the day has one.
func massIndex(r reading, all []reading, zone *time.Location) (a amount, computed, ok bool) {
	switch r.sign {
	case bmiRow:
		return amount{r.value.number, "kg/m2"}, false, r.value.unit == "kg/m2" || r.value.unit == ""
	case weight:
		if _, written := sameDay(r, all, zone, func(o reading) bool { return o.sign == bmiRow }); written {
			return amount{}, false, false
		}
		tall, found := sameDay(r, all, zone, func(o reading) bool { return o.sign == height || o.sign == length })
		if !found {
			return amount{}, false, false
		}
		a, ok = indexOf(r.value, tall.value)
		return a, true, ok
	}
	return amount{}, false, false
}

// indexOf is weight by the square of height, in kg/m2 to a hundredth.
func indexOf(weight, height amount) (amount, bool) {
	kg, cm := weight.in("kg"), height.in("cm")
	if kg == nil || cm == nil || cm.Sign() <= 0 {
		return amount{}, false
	}
	metres := new(big.Rat).Quo(cm, big.NewRat(100, 1))
	index := new(big.Rat).Quo(kg, metres.Mul(metres, metres))
	if v, _ := index.Float64(); v <= 0 || v > 1e4 || math.IsInf(v, 0) {
		return amount{}, false
	}
	return amount{index.FloatString(2), "kg/m2"}, true
}
