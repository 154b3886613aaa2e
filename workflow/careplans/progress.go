package careplans

import (
	"math/big"
	"slices"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/terms/ucum"
	"github.com/osler-ehr/osler/web/facts"
)

// Standing is how a goal stands by what was measured.
type Standing int

// The standings, from the best to the worst: of a goal with several targets the worst one counts.
const (
	Met Standing = iota
	OnTrack
	NoData
	Behind
)

func (s Standing) words() string {
	switch s {
	case Met:
		return "Met"
	case OnTrack:
		return "On track"
	case Behind:
		return "Behind"
	}
	return "No data"
}

// aim is one target of a goal, to be compared with measured values: within low and high, in a unit of UCUM.
type aim struct {
	low, high         *big.Rat // nil = open
	lowOpen, highOpen bool     // the bound itself does not count
	unit              string
	from, due         time.Time // when the goal began, and until when it is to be reached; zero if not stated
}

// Progress is what was found.
type Progress struct {
	Standing Standing
	Start    *Reading // the last value when the goal began, or the first one since
	Newest   *Reading
	Toward   string // closer to the target, further from the target, unchanged; "" for fewer than two values
	Why      string // what the standing rests on, or why there is none
}

// Reading is a value in the unit of the target, with its day: the evidence.
type Reading struct {
	At    time.Time
	Value *big.Rat
	Shown facts.Value // as it was recorded
}

// stale is how old the newest value may be to tell anything of today.
const stale = 365 * 24 * time.Hour

// judge compares values, in any order, with a target.
func judge(a aim, values []facts.Value, now time.Time) Progress {
	readings, odd := a.readings(values, now)
	if len(readings) == 0 {
		p := Progress{Standing: NoData, Why: "Nothing was measured."}
		if odd != "" {
			p.Why = "Cannot be compared: " + odd
		}
		return p
	}
	newest := readings[len(readings)-1]
	p := Progress{Newest: &newest}
	if odd != "" && newerOdd(values, newest.At, now) {
		p.Standing, p.Why = NoData, "The newest value cannot be compared: "+odd
		return p
	}
	if now.Sub(newest.At) > stale {
		p.Standing, p.Why = NoData, "The newest value is older than a year."
		return p
	}
	start := a.start(readings)
	p.Start = &start
	if readings := slices.DeleteFunc(slices.Clone(readings), func(r Reading) bool { return r.At.Before(start.At) }); len(readings) > 1 {
		switch a.off(newest.Value).Cmp(a.off(start.Value)) {
		case -1:
			p.Toward = "closer to the target"
		case 1:
			p.Toward = "further from the target"
		default:
			p.Toward = "unchanged"
			if newest.Value.Cmp(start.Value) != 0 {
				p.Toward = "within the target"
			}
		}
	}
	switch {
	case a.holds(newest.Value):
		p.Standing, p.Why = Met, "The newest value is within the target."
	case !a.due.IsZero() && !now.Before(a.due):
		p.Standing, p.Why = Behind, "The due day is over."
	case !a.from.IsZero() && newest.At.Before(a.from):
		p.Standing, p.Why = NoData, "Nothing was measured since the goal was set."
	case p.Toward == "":
		p.Standing, p.Why = NoData, "One value only; it is not within the target yet."
	case a.due.IsZero() && p.Toward == "closer to the target":
		p.Standing, p.Why = OnTrack, "Closer to the target than at the start."
	case a.due.IsZero():
		p.Standing, p.Why = Behind, "No closer to the target than at the start."
	case a.off(newest.Value).Cmp(a.expected(start, newest.At)) <= 0:
		p.Standing, p.Why = OnTrack, "At this pace it is reached by the due day."
	default:
		p.Standing, p.Why = Behind, "At this pace it is not reached by the due day."
	}
	return p
}

// readings are the values that compare with the target, oldest first, and why another one does not.
func (a aim) readings(values []facts.Value, now time.Time) (out []Reading, odd string) {
	for _, v := range values {
		when := v.At.Time(now.Location())
		q, ok := v.Quantity()
		if v.At.IsZero() || when.After(now) || !ok {
			continue
		}
		x, why := convert(q, a.unit)
		if why != "" {
			odd = why
			continue
		}
		out = append(out, Reading{when, x, v})
	}
	slices.SortStableFunc(out, func(a, b Reading) int { return a.At.Compare(b.At) })
	return out, odd
}

// newerOdd reports whether a value that does not compare is newer than the newest that does.
func newerOdd(values []facts.Value, newest, now time.Time) bool {
	for _, v := range values {
		if at := v.At.Time(now.Location()); !v.At.IsZero() && at.After(newest) && !at.After(now) {
			return true
		}
	}
	return false
}

// convert expresses a quantity in a unit, or says why it cannot be. Numbers without a dimension (%, mmol/mol, scores) are
// taken in their own unit only: HbA1c of 53 mmol/mol is not 5.3 %, though both are numbers to UCUM.
func convert(q fhir.Quantity, unit string) (*big.Rat, string) {
	x := q.Value.Rat()
	switch {
	case q.Comparator != "":
		return nil, "it says “" + q.Comparator + "”, not a number."
	case x == nil:
		return nil, "it is no number."
	case q.Code == unit && (q.System == fhir.UCUM || q.System == ""):
		return x, ""
	case q.System != fhir.UCUM || q.Code == "":
		return nil, "its unit is not coded."
	}
	text := "it is in " + ucum.Symbol(q.Code) + ", the target in " + ucum.Symbol(unit) + "."
	if pure(q.Code) || pure(unit) || !ucum.Commensurable(q.Code, unit) {
		return nil, text
	}
	y, err := ucum.ConvertRat(x, q.Code, unit)
	if err != nil {
		return nil, text
	}
	return y, ""
}

// pure reports whether a unit is one of plain numbers.
func pure(code string) bool {
	return ucum.Commensurable(code, "1") || ucum.Commensurable(code, "mol/mol")
}

// start is where the goal began: the last value until then, else the first one since.
func (a aim) start(readings []Reading) Reading {
	start := readings[0]
	if a.from.IsZero() {
		return start
	}
	for _, r := range readings {
		if r.At.After(a.from) {
			break
		}
		start = r
	}
	return start
}

func (a aim) holds(x *big.Rat) bool {
	if a.low != nil {
		if c := x.Cmp(a.low); c < 0 || c == 0 && a.lowOpen {
			return false
		}
	}
	if a.high != nil {
		if c := x.Cmp(a.high); c > 0 || c == 0 && a.highOpen {
			return false
		}
	}
	return true
}

// off is how far a value is from the target; 0 within it, and at a bound that does not count.
func (a aim) off(x *big.Rat) *big.Rat {
	switch {
	case a.low != nil && x.Cmp(a.low) < 0:
		return new(big.Rat).Sub(a.low, x)
	case a.high != nil && x.Cmp(a.high) > 0:
		return new(big.Rat).Sub(x, a.high)
	}
	return new(big.Rat)
}

// expected is how far off a value may be at a moment, on a straight line from the start to the due day.
func (a aim) expected(start Reading, at time.Time) *big.Rat {
	from := start.At
	if from.Before(a.from) {
		from = a.from
	}
	whole, gone := a.due.Sub(from), at.Sub(from)
	if whole <= 0 || gone >= whole {
		return new(big.Rat)
	}
	if gone < 0 {
		gone = 0
	}
	left := big.NewRat(int64((whole-gone)/time.Minute), max(1, int64(whole/time.Minute)))
	return left.Mul(left, a.off(start.Value))
}
