package vitals

import (
	"fmt"
	"math"
	"math/big"
	"strconv"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/web/facts"
	"github.com/osler-ehr/osler/workflow/vitals/growth"
)

// question is a doubt about what was typed. Nothing is changed: the person says that it is right, takes what is proposed, or types anew.
type question struct {
	sign     *sign
	typed    string // what was typed, as it is read: 815 kg
	text     string // what is odd
	previous string // the value before, with its date; "" if there is none
	proposed string // what may have been meant, as it would be typed; "" if nothing is near
}

// patientFacts are what entries are compared with.
type patientFacts struct {
	child
	past []reading // newest first
	zone *time.Location
	at   time.Time // of the entries
}

// refuse says what cannot be at all, and cannot be confirmed either; "" if nothing is so.
func refuse(e entry) string {
	v := e.value.rat()
	if v == nil || v.Sign() <= 0 && e.sign.name != pain {
		return "Write a number above 0."
	}
	switch e.sign.name {
	case saturation:
		if v.Cmp(big.NewRat(100, 1)) > 0 {
			return "A saturation is at most 100 %."
		}
	case pain:
		if !v.IsInt() || v.Cmp(big.NewRat(10, 1)) > 0 {
			return "Pain is a whole number from 0 to 10."
		}
	case bloodPressure:
		if low := e.second.rat(); low == nil || low.Sign() <= 0 {
			return "Write both numbers of the pressure, such as 128/82."
		}
	}
	return ""
}

// span of values that people have, in the sign's first unit; outside of it a value is asked about.
var likely = map[string][2]float64{
	pulse: {30, 220}, temperature: {34, 42}, respiration: {6, 70}, saturation: {70, 100}, weight: {.4, 300}, height: {40, 220}, length: {25, 130}, head: {20, 65},
	systolic: {60, 240}, diastolic: {30, 140},
}

// doubts are the questions that entries raise, in their order: each sign at most once.
func doubts(entries []entry, p patientFacts) []question {
	var out []question
	for _, e := range entries {
		if q, ok := doubt(e, entries, p); ok {
			q.sign, q.typed = e.sign, e.String()
			if q.previous == "" {
				q.previous = p.before(e.sign.name)
			}
			out = append(out, q)
		}
	}
	return out
}

func doubt(e entry, all []entry, p patientFacts) (question, bool) {
	switch e.sign.name {
	case bloodPressure:
		return doubtPressure(e)
	case temperature:
		return doubtTemperature(e)
	case weight, height, length, head:
		if q, ok := doubtSize(e, p); ok {
			return q, true
		}
		if e.sign.name == weight {
			return doubtBuild(e, all, p)
		}
		return question{}, false
	}
	v, ok := e.value.float(e.sign.units[0].ucum)
	if ok && beyond(e.sign.name, v) {
		return question{text: "This is far from what people have.", proposed: tenth(e, e.sign.name)}, true
	}
	return question{}, false
}

func beyond(name string, v float64) bool {
	span, ok := likely[name]
	return ok && (v < span[0] || v > span[1])
}

func doubtPressure(e entry) (question, bool) {
	high, ok1 := e.value.float(mercury.ucum)
	low, ok2 := e.second.float(mercury.ucum)
	switch {
	case !ok1 || !ok2:
		return question{}, false
	case high < low:
		return question{text: "The systolic pressure is below the diastolic.", proposed: e.second.number + "/" + e.value.number}, true
	case high == low:
		return question{text: "The systolic pressure is the same as the diastolic."}, true
	case beyond(systolic, high) || beyond(diastolic, low):
		return question{text: "This is far from what people have."}, true
	}
	return question{}, false
}

func doubtTemperature(e entry) (question, bool) {
	c, ok := e.value.float("Cel")
	if !ok || !beyond(temperature, c) {
		return question{}, false
	}
	// The number as if it had been typed in the other unit.
	other := fahrenheit
	if e.value.unit == fahrenheit.ucum {
		other = celsius
	}
	if v, ok := (amount{e.value.number, other.ucum}).float("Cel"); ok && !beyond(temperature, v) {
		return question{text: "No living body has " + e.value.String() + ". It may be " + unitName(other) + ".", proposed: e.value.number + " " + unitName(other)}, true
	}
	return question{text: "This is far from what people have.", proposed: tenth(e, temperature)}, true
}

// tenth is the value with its point moved by one place, if people have that: 371 may be 37.1.
func tenth(e entry, name string) string {
	v := e.value.rat()
	if v == nil {
		return ""
	}
	for _, by := range []*big.Rat{big.NewRat(1, 10), big.NewRat(10, 1)} {
		a := amount{exact(new(big.Rat).Mul(v, by)), e.value.unit}
		if f, ok := a.float(e.sign.units[0].ucum); ok && !beyond(name, f) {
			return typedAs(a)
		}
	}
	return ""
}

// typedAs is an amount as it would be typed into a field.
func typedAs(a amount) string {
	if u := unitName(unit{ucum: a.unit}); u != "" && a.unit != score.ucum {
		return a.number + " " + u
	}
	return a.number
}

// before is the newest value of a sign with its date: 80.1 kg on 24-Aug-2026.
func (p patientFacts) before(name string) string {
	r, ok := p.last(name)
	if !ok {
		return ""
	}
	return r.String() + " on " + facts.Day(r.at, p.zone)
}

// last is the newest reading before the entries; for a height and a length it is the newest of either.
func (p patientFacts) last(name string) (reading, bool) {
	for _, r := range p.past {
		same := r.sign == name || (name == height || name == length) && (r.sign == height || r.sign == length)
		if same && !r.struck && !r.at.IsZero() && !r.at.Time(p.zone).After(p.at) {
			return r, true
		}
	}
	return reading{}, false
}

// age is the age at the time of the entries, in days.
func (p patientFacts) age() (int, bool) {
	return p.days(fhir.DateTimeOf(p.at, fhir.Second), p.zone)
}

// String is the reading as it is read.
func (r reading) String() string {
	text, unit := r.shownText(asMeasured)
	if unit == "" {
		return text
	}
	return text + " " + unit
}

// percentOf is how two numbers differ, in words: 12 % less.
func percentOf(now, before float64) string {
	d := (now - before) / before * 100
	if d < 0 {
		return strconv.FormatFloat(math.Round(-d), 'f', 0, 64) + " % less"
	}
	return strconv.FormatFloat(math.Round(d), 'f', 0, 64) + " % more"
}

// between says how long a change took: 3 days, 5 weeks, 14 months.
func between(days int) string {
	count, word := days, "day"
	switch {
	case days >= 730:
		count, word = days/365, "year"
	case days >= 90:
		count, word = int(math.Round(growth.Months(days))), "month"
	case days >= 21:
		count, word = days/7, "week"
	}
	if count != 1 {
		word += "s"
	}
	return fmt.Sprintf("%d %s", count, word)
}

// measureOf is the growth measure of a sign at an age.
func measureOf(name string, days int) growth.Measure {
	switch name {
	case weight:
		return growth.WeightForAge
	case head:
		return growth.HeadForAge
	case length:
		return growth.LengthForAge
	case height:
		if growth.Months(days) < lyingUntil {
			return growth.LengthForAge
		}
		return growth.StatureForAge
	}
	return ""
}
