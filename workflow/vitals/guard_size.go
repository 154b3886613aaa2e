package vitals

import (
	"math"
	"math/big"

	"github.com/osler-ehr/osler/workflow/vitals/growth"
)

// slip is a way in which a number of a size goes wrong: what was typed is so many times what was meant.
type slip struct {
	times   float64
	text    string
	correct func(a amount) amount // what was meant, if it was this
}

// slips of a weight or a length: the point in the wrong place, or the number of the other unit.
func slips(name string) []slip {
	move := func(by *big.Rat) func(amount) amount {
		return func(a amount) amount { return amount{exact(new(big.Rat).Mul(a.rat(), by)), a.unit} }
	}
	swap := func(to string) func(amount) amount {
		return func(a amount) amount { return amount{a.number, to} }
	}
	out := []slip{
		{10, "This is about ten times the value before: the point may be in the wrong place.", move(big.NewRat(1, 10))},
		{.1, "This is about a tenth of the value before: the point may be in the wrong place.", move(big.NewRat(10, 1))},
	}
	if name == weight {
		const ratio = 2.20462
		return append(out, slip{ratio, "This may be pounds typed as kilograms.", swap(pound.ucum)}, slip{1 / ratio, "This may be kilograms typed as pounds.", swap(kilogram.ucum)})
	}
	return append(out, slip{2.54, "This may be centimetres typed as inches.", swap(centimetre.ucum)}, slip{1 / 2.54, "This may be inches typed as centimetres.", swap(inch.ucum)})
}

// applies reports whether a slip can have happened in the unit that was typed.
func (s slip) applies(a amount) bool {
	to := s.correct(a)
	switch s.times {
	case 10, .1:
		return true
	}
	return to.unit != a.unit
}

// doubtSize asks about a weight, height, length or head that does not fit the one before, or the age.
func doubtSize(e entry, p patientFacts) (question, bool) {
	base := e.sign.units[0].ucum
	v, ok := e.value.float(base)
	if !ok {
		return question{}, false
	}
	before, days, hasBefore := p.sizeBefore(e.sign.name)
	if hasBefore && !p.grewSince(days) {
		if q, ok := doubtSlip(e, v, before, days); ok {
			return q, true
		}
	}
	if age, ok := p.age(); ok && growth.Months(age) <= 240 && p.sex != 0 {
		if q, ok := doubtAge(e, v, age, p); ok {
			return q, true
		}
	}
	if hasBefore {
		if text := p.moved(e.sign.name, v, before, days); text != "" {
			return question{text: text}, true
		}
	}
	if beyond(e.sign.name, v) || !hasBefore && p.adult() && tooSmallForAdult(e.sign.name, v) {
		return question{text: "This is far from what people have.", proposed: meant(e, func(x float64) bool {
			return !beyond(e.sign.name, x) && (!p.adult() || !tooSmallForAdult(e.sign.name, x))
		})}, true
	}
	return question{}, false
}

// grewSince reports whether so many days ago the person was a child, and has had a year or more to grow: then a value twice as large is
// no surprise, and age judges it.
func (p patientFacts) grewSince(days int) bool {
	age, ok := p.age()
	return ok && days > 365 && growth.Months(age-days) < 240
}

// sizeBefore is the value before in the sign's first unit, and how many days ago it was.
func (p patientFacts) sizeBefore(name string) (v float64, days int, ok bool) {
	r, ok := p.last(name)
	if !ok {
		return 0, 0, false
	}
	v, ok = r.value.float(signOf(name).units[0].ucum)
	return v, growth.Days(r.at.Time(p.zone).In(p.zone), p.at.In(p.zone)), ok && v > 0
}

// doubtSlip asks where the number is about so many times the one before as a slip makes it. Who grows may have had a far smaller value
// long ago: the correction must fit the one before better than what was typed.
func doubtSlip(e entry, v, before float64, days int) (question, bool) {
	for _, s := range slips(e.sign.name) {
		if !s.applies(e.value) {
			continue
		}
		corrected := s.correct(e.value)
		c, ok := corrected.float(e.sign.units[0].ucum)
		if !ok {
			continue
		}
		tolerance := .12 + .2*math.Min(float64(days)/365, 1)
		if math.Abs(math.Log(c/before)) < tolerance && math.Abs(math.Log(v/before)) > 3*math.Abs(math.Log(c/before)) {
			return question{text: s.text, proposed: typedAs(corrected)}, true
		}
	}
	return question{}, false
}

// doubtAge asks about a size that no child of the age has.
func doubtAge(e entry, v float64, age int, p patientFacts) (question, bool) {
	words := ageText(p.born, age)
	age, ok := growth.Corrected(age, growth.Correction(p.gestation))
	if !ok {
		return question{}, false
	}
	m := measureOf(e.sign.name, age)
	judge := func(x float64) (growth.Score, bool) {
		return growth.CDC().Assess(growth.Measurement{Measure: m, Sex: p.sex, X: growth.Months(age), Value: x})
	}
	s, ok := judge(v)
	if !ok || !s.Implausible {
		return question{}, false
	}
	return question{text: "At this age (" + words + ") this is implausible: z " + zText(s.Z) + ".", proposed: meant(e, func(x float64) bool {
		s, ok := judge(x)
		return ok && math.Abs(s.Z) < 3
	})}, true
}

// meant is what may have been meant: the first correction of a slip that fits.
func meant(e entry, fits func(v float64) bool) string {
	for _, s := range slips(e.sign.name) {
		if !s.applies(e.value) {
			continue
		}
		a := s.correct(e.value)
		if v, ok := a.float(e.sign.units[0].ucum); ok && fits(v) {
			return typedAs(a)
		}
	}
	return ""
}

// adult reports whether growth is over, as far as the birth date tells.
func (p patientFacts) adult() bool {
	age, ok := p.age()
	return ok && growth.Months(age) > 240
}

// tooSmallForAdult are sizes that hardly any adult has.
func tooSmallForAdult(name string, v float64) bool {
	return map[string]float64{weight: 30, height: 120, length: 120, head: 48}[name] > v
}

// moved says what is odd in how far a size moved; "" if nothing is. Weight changes; height does not, or slowly, and only up in children.
func (p patientFacts) moved(name string, v, before float64, days int) string {
	adult := p.adult() && !p.grewSince(days)
	switch name {
	case weight:
		// The limits are wide enough that a person on a diet or with heart failure is seldom asked about.
		share, limit := v/before-1, .10+.10*math.Min(float64(days)/180, 1)
		if !adult && share > 0 {
			return "" // who grows is judged by age
		}
		if math.Abs(share) > limit {
			return "This is " + percentOf(v, before) + " than " + between(days) + " before."
		}
	case height, length:
		loss, gain := 2.0, 3.0
		if adult && days > 3650 {
			loss = 5 // people shrink
		}
		switch {
		case before-v > loss:
			return "Height has fallen by " + oneDigit(before-v) + " cm since."
		case adult && v-before > gain:
			return "Height has risen by " + oneDigit(v-before) + " cm since, in an adult."
		case !adult && v-before > gain+float64(days)*40/365: // more than any infant grows
			return "Height has risen by " + oneDigit(v-before) + " cm in " + between(days) + "."
		}
	case head:
		switch {
		case before-v > 1:
			return "The head has become smaller by " + oneDigit(before-v) + " cm since."
		case v-before > 1.5+float64(days)*16/365:
			return "The head has grown by " + oneDigit(v-before) + " cm in " + between(days) + "."
		}
	}
	return ""
}

// doubtBuild asks about weight and height that together make a body which nobody has, such as weight and height in each other's fields.
func doubtBuild(e entry, all []entry, p patientFacts) (question, bool) {
	if !p.adult() {
		return question{}, false
	}
	for _, o := range all {
		if o.sign.name != height {
			continue
		}
		index, ok := indexOf(e.value, o.value)
		if !ok {
			continue
		}
		if v, _ := index.float("kg/m2"); v < 10 || v > 90 {
			return question{text: "With " + o.value.String() + " this makes a BMI of " + index.number + " kg/m². One of the two may be in the wrong field or unit."}, true
		}
	}
	return question{}, false
}

func oneDigit(v float64) string {
	return exact(new(big.Rat).SetFloat64(math.Round(v*10) / 10))
}
