package synthetic

import (
	"fmt"
	"math"
	"strings"
)

// vitals are the vital signs of one visit. A zero was not taken.
type vitals struct {
	taken      moment
	sbp, dbp   int
	pulse      int
	breaths    int
	temp       float64 // °C
	saturation int
	weight     float64 // kg
	height     float64 // cm
	bmi        float64
	head       float64 // cm
	weightPct  float64 // percentile: weight for length up to 2 years
	bmiPct     float64 // from 2 years
	headPct    float64
	fever      float64 // what the illness adds, °C
	breathless int     // what the illness adds to the breathing rate
}

// takeVitals measures the patient, as the nurse does on the way to the room.
func (v *visit) takeVitals() {
	d, t := &v.d, &v.vitals
	on := v.at.day
	age := v.age(on)
	months := v.ageMonths(on)
	t.taken = v.at.plus(-d.between(4, 14))
	if v.kind.elsewhere() {
		t.taken = v.at.plus(d.between(5, 25))
	}
	if t.taken.after(v.now) {
		t.taken = v.now.plus(-1)
	}
	t.weight = round(v.patient.weight(on)+d.normal()*0.004*v.patient.weight(on), 1)
	if months < 6 {
		t.weight = round(v.patient.weight(on), 2)
	}
	full := v.kind != nurseVisit
	if full && (age < 19 || d.chance(0.6) || v.previous == nil) {
		t.height = round(v.patient.height(on)+d.normal()*0.2, 1)
	}
	if full && (age >= 3 || v.part != nil && age >= 3) {
		sbp := v.measure(systolic, on)
		if pinned, ok := v.pinned(systolic, on); ok {
			sbp = pinned
		}
		t.sbp = int(math.Round(sbp))
		t.dbp = int(math.Round(min(float64(t.sbp)-22, 30+0.4*sbp+d.normal()*4)))
		if age < 13 {
			t.dbp = int(math.Round(sbp*0.6 + d.normal()*3))
		}
	} else if !full && age >= 18 {
		t.sbp = int(math.Round(v.measure(systolic, on)))
		t.dbp = int(math.Round(min(float64(t.sbp)-22, 30+0.4*float64(t.sbp)+d.normal()*4)))
	}
	t.pulse = int(math.Round(v.measure(pulse, on) + t.fever*9))
	if !full {
		return
	}
	base := 15.0
	if age < 13 {
		base = 15 + 25*math.Exp(-months/24)
	}
	t.breaths = int(math.Round(base+d.normal()*1.2)) + t.breathless
	t.temp = round(36.7+d.normal()*0.18+t.fever, 1)
	if age >= 1 || t.breathless > 0 {
		t.saturation = min(100, 98+d.between(-1, 1)-t.breathless/2)
		if v.has(copd, on) != nil {
			t.saturation = max(t.saturation-d.between(2, 5), 86)
		}
	}
	if t.height > 0 && months >= 24 {
		t.bmi = round(t.weight/(t.height*t.height)*10000, 1)
	}
	v.percentiles(months)
}

// percentiles measures the head, and reads the growth charts.
func (v *visit) percentiles(months float64) {
	t := &v.vitals
	sex := sexIndex(v.female)
	if months <= 36 && v.kind == wellChildVisit {
		r := reference(headForAge[sex], months)
		t.head = round(r.value(v.body.headZ)+v.d.normal()*0.1, 1)
		t.headPct = clampPercentile(r.percentile(t.head))
	}
	switch {
	case months < 24 && t.height > 0:
		// Weight for length, by the weight that is usual at the age at which this length is usual.
		t.weightPct = clampPercentile(reference(weightForAge[sex], ageAtLength(sex, t.height)).percentile(t.weight))
	case months < 240 && t.bmi > 0:
		t.bmiPct = clampPercentile(reference(bmiForAge[sex], months).percentile(t.bmi))
	}
}

func clampPercentile(p float64) float64 { return min(max(round(p, 0), 1), 99) }

// ageAtLength is the age in months at which a length is the median.
func ageAtLength(sex int, length float64) float64 {
	table := heightForAge[sex]
	for i := 1; i < len(table); i++ {
		if length <= table[i].m {
			a, b := table[i-1], table[i]
			return max(0, a.months+(b.months-a.months)*(length-a.m)/(b.m-a.m))
		}
	}
	return 239
}

// line is the vital signs as the note gives them.
func (t *vitals) line() string {
	var parts []string
	add := func(format string, args ...any) { parts = append(parts, fmt.Sprintf(format, args...)) }
	if t.sbp > 0 {
		add("BP %d/%d mmHg", t.sbp, t.dbp)
	}
	if t.pulse > 0 {
		add("pulse %d/min", t.pulse)
	}
	if t.breaths > 0 {
		add("respirations %d/min", t.breaths)
	}
	if t.temp > 0 {
		add("temperature %.1f °C", t.temp)
	}
	if t.saturation > 0 {
		add("oxygen saturation %d %% on air", t.saturation)
	}
	if t.weight > 0 {
		add("weight %s kg", number(t.weight))
	}
	if t.height > 0 {
		add("height %s cm", number(t.height))
	}
	if t.bmi > 0 {
		add("BMI %.1f kg/m²", t.bmi)
	}
	if t.head > 0 {
		add("head circumference %.1f cm (%.0fth percentile)", t.head, t.headPct)
	}
	s := strings.Join(parts, ", ")
	if s != "" {
		s = strings.ToUpper(s[:1]) + s[1:] + "."
	}
	return s
}

// ordinal is 1st, 2nd, 3rd, 4th.
func ordinal(n int) string {
	suffix := "th"
	if n%100 < 11 || n%100 > 13 {
		switch n % 10 {
		case 1:
			suffix = "st"
		case 2:
			suffix = "nd"
		case 3:
			suffix = "rd"
		}
	}
	return itoa(n) + suffix
}
