package synthetic

import "math"

// signal is an analyte, or something else that is measured and treated: blood pressure, a score.
type signal = analyte

const (
	systolic signal = analytes + iota
	pulse
	weightShift // change of body mass index by treatment, kg/m²
	phq9
	gad7
	asthmaControl // Asthma Control Test, 5 to 25
	headacheDays  // in a month
	pain          // 0 to 10
	copdScore     // COPD Assessment Test, 0 to 40
	symptomScore  // 0 to 10: reflux, hot flushes, prostate
	signals       // how many there are
)

// others describes the signals that no laboratory measures.
var others = [signals - analytes]test{
	systolic - analytes:      {short: "systolic pressure", mean: 118, between: 6, within: 6, settle: 20, floor: 86},
	pulse - analytes:         {short: "pulse", mean: 73, between: 7, within: 5, settle: 15, floor: 46},
	weightShift - analytes:   {settle: 150, floor: -20},
	phq9 - analytes:          {short: "PHQ-9", mean: 2, between: 1, within: 1.3, settle: 40},
	gad7 - analytes:          {short: "GAD-7", mean: 2, between: 1, within: 1.2, settle: 40},
	asthmaControl - analytes: {short: "ACT", mean: 24, within: 1.2, settle: 25, floor: 5},
	headacheDays - analytes:  {mean: 1, between: 0.5, within: 1, settle: 40},
	pain - analytes:          {mean: 0.5, within: 1, settle: 30},
	copdScore - analytes:     {short: "CAT", mean: 3, within: 2, settle: 40},
	symptomScore - analytes:  {mean: 0.5, within: 0.8, settle: 25},
}

func (s signal) test() *test {
	if s < analytes {
		return &tests[s]
	}
	return &others[s-analytes]
}

// level is one signal in one patient: where it is, and where it is going.
type level struct {
	target float64 // where illness and treatment take it
	value  float64 // the truth on the day on
	on     day     // 0 before the first look

	seen, before     float64 // what was last measured, and the time before that
	seenOn, beforeOn day
}

// advance moves the value towards its target, two thirds of the way in settle days.
func (l *level) advance(on day, settle float64) float64 {
	switch {
	case l.on == 0:
		l.value = l.target
	case on > l.on && settle > 0:
		l.value += (l.target - l.value) * (1 - math.Exp(-float64(on-l.on)/settle))
	}
	l.on = max(l.on, on)
	return l.value
}

// usual is the typical value of a signal in healthy people of an age and sex.
func usual(s signal, age int, female bool) float64 {
	v := s.test().mean
	a := float64(age)
	woman := female && age >= 13
	switch s {
	case hemoglobin:
		switch {
		case age < 13:
			return 12.6
		case woman:
			return v - 1.5
		}
	case creatinine:
		switch {
		case age < 13:
			return 0.28 + a*0.025
		case woman:
			v -= 0.19
		}
		return v + max(0, a-50)*0.002
	case alkalinePhosphatase:
		switch {
		case age < 13:
			return v * 3.2
		case age < 18:
			return v * 1.6
		}
	case mcv:
		if age < 13 {
			return v - 7
		}
	case hdl:
		if woman {
			return v + 9
		}
	case ferritin:
		if woman {
			return v - 42
		}
	case urate:
		if woman {
			return v - 1
		}
	case ldl:
		if age < 18 {
			return v - 15
		}
		return v + min(12, max(-10, (a-40)*0.4))
	case hba1c:
		return v + max(0, a-40)*0.005
	case psa:
		return v + (a-60)*0.03
	case systolic:
		switch {
		case age < 13:
			return 92 + a*1.6
		case age < 18:
			return v - 6
		}
		return v + (a-40)*0.16
	case pulse:
		switch {
		case age < 1:
			return 130
		case age < 13:
			return 118 - a*3.2
		}
	}
	return v
}

// drawLevels gives the patient their own healthy values.
func (p *patient) drawLevels() {
	age := p.age(p.today)
	l := &p.levels
	for s := signal(0); s < signals; s++ {
		l[s].target = max(usual(s, age, p.female)+p.d.normal()*s.test().between, s.test().floor)
	}
	l[glucose].target += (p.body.bmi - 26) * 0.4
	l[triglycerides].target += max(0, p.body.bmi-26) * 3
	l[hdl].target -= max(0, p.body.bmi-26) * 0.5
	l[alt].target += max(0, p.body.bmi-28) * 0.6
	if p.smokes() {
		l[hdl].target -= 4
		l[leukocytes].target += 0.9
	}
	for s := range l {
		l[s].target = max(l[s].target, signal(s).test().floor)
	}
}

// shift moves where a signal is going.
func (p *patient) shift(s signal, by float64) {
	l := &p.levels[s]
	l.target = max(l.target+by, s.test().floor)
}

// aim sets where a signal is going.
func (p *patient) aim(s signal, target float64) { p.levels[s].target = target }

// measure reads a signal on a day, with the scatter that instruments and days have.
func (p *patient) measure(s signal, on day) float64 {
	t, l := s.test(), &p.levels[s]
	v := l.advance(on, t.settle)
	within := t.within
	if s == urineAlbumin || s == ntProBNP || s == ferritin || s == triglycerides {
		within *= max(0.3, v/t.mean) // these scatter in proportion
	}
	v += p.d.normal() * within
	if age := p.age(on); age < 18 { // not grown up yet
		v += usual(s, age, p.female) - usual(s, p.age(p.today), p.female)
	}
	if pinned, ok := p.pinned(s, on); ok {
		v = pinned
	}
	v = round(max(v, t.floor), t.decimals)
	p.note(s, v, on)
	return v
}

// note remembers what was measured, so that the next note can compare.
func (p *patient) note(s signal, v float64, on day) {
	l := &p.levels[s]
	if on > l.seenOn {
		l.before, l.beforeOn = l.seen, l.seenOn
	}
	l.seen, l.seenOn = v, on
}

// glomerularFiltration is the CKD-EPI equation of 2021, in mL/min/1.73 m².
func glomerularFiltration(creatinine float64, age int, female bool) float64 {
	k, a, f := 0.9, -0.302, 1.0
	if female {
		k, a, f = 0.7, -0.241, 1.012
	}
	r := creatinine / k
	return math.Round(142 * math.Pow(min(r, 1), a) * math.Pow(max(r, 1), -1.2) * math.Pow(0.9938, float64(age)) * f)
}

// creatinineFor is the creatinine that gives a filtration rate (the equation above, backwards, for values below normal).
func creatinineFor(gfr float64, age int, female bool) float64 {
	k, f := 0.9, 1.0
	if female {
		k, f = 0.7, 1.012
	}
	return k * math.Pow(142*math.Pow(0.9938, float64(age))*f/gfr, 1/1.2)
}
