package synthetic

import "fmt"

var atrialFibrillationModule = &module{
	is: atrialFibrillation, title: "Atrial fibrillation follow-up", months: 4,
	complaint: "Palpitations",
	onset: func(p *patient) (day, bool) {
		chance := (float64(p.age(p.last)) - 58) * 0.0065
		if p.ever(hypertension) {
			chance *= 1.4
		}
		return p.strike(clamp01(chance), 58)
	},
	begin: func(p *patient, c *condition) {
		c.code = icd("I48.0", "Paroxysmal atrial fibrillation", "Paroxysmal atrial fibrillation")
		if c.severity > 0.5 {
			c.code = icd("I48.20", "Chronic atrial fibrillation, unspecified", "Chronic atrial fibrillation")
		}
		p.shift(pulse, 14)
		if c.severity > 0.9 && c.onset < p.since-400 && p.part == nil {
			p.devices = append(p.devices, &device{kind: pacemaker, on: c.onset + 380, c: c})
		}
	},
	checks: []check{{fullPanel, 12}, {bloodCount, 12}},
	ladder: func(p *patient, c *condition) ladder {
		anticoagulant := rung{drug: apixaban5, sig: twiceDaily}
		if c.warfarin() {
			anticoagulant = rung{drug: warfarin5, sig: daily.with("in the evening, as directed by INR"), side: func(p *patient) { p.aim(inr, 2.5) }}
		}
		return ladder{pulse, []rung{anticoagulant, {drug: metoprolol25, sig: daily, shift: -10}, {drug: metoprolol50, sig: daily, shift: -5, swap: true}, {drug: metoprolol100, sig: daily, shift: -4, swap: true}}, 62}
	},
	review: func(v *visit, c *condition) {
		if c.fresh(v) {
			v.order(electrocardiogram, c, 1).report = "Atrial fibrillation, ventricular rate 98/min, QRS 94 ms, no acute ST change.|Atrial fibrillation."
			v.order(echocardiogram, c, 0.95)
			v.say("Fluttering in the chest on and off for two weeks, some fatigue. No syncope, no chest pain.")
		} else {
			v.say("No palpitations, no bleeding or bruising.", "Occasional fluttering, no dizziness; no bleeding.", "No falls, no black stools.")
		}
		v.exam[heart] = pick(&v.d, []string{"Irregularly irregular, no murmur.", "Irregular, rate controlled, no murmur."})
		evidence := fmt.Sprintf("Rate %d/min. CHA2DS2-VASc %d.", v.vitals.pulse, v.strokeScore())
		if v.vitals.pulse == 0 {
			evidence = fmt.Sprintf("CHA2DS2-VASc %d.", v.strokeScore())
		}
		a := v.treatToGoal(c, stand{good: "rate controlled", bad: "rate above goal", evidence: evidence, atGoal: v.vitals.pulse < 100 && c.rung > 0, eager: 0.8, again: 1})
		if c.warfarin() {
			v.anticoagulate(c, a)
		} else if c.rung > 0 {
			a.planned("Kidney function and blood count yearly on apixaban.")
		}
	},
}

// warfarin is true for the patients who take warfarin rather than apixaban.
func (c *condition) warfarin() bool { return c.severity > 0.62 }

// strokeScore is CHA2DS2-VASc.
func (v *visit) strokeScore() int {
	n := 0
	switch age := v.age(v.at.day); {
	case age >= 75:
		n += 2
	case age >= 65:
		n++
	}
	if v.female {
		n++
	}
	for _, is := range []illness{hypertension, diabetes, heartFailure, coronaryDisease} {
		if v.has(is, v.at.day) != nil {
			n++
		}
	}
	return n
}

// anticoagulate plans the nurse's INR checks until the next visit.
func (v *visit) anticoagulate(c *condition, a *assessment) {
	if v.levels[inr].seenOn != 0 {
		a.planned(v.told(inr)+"; goal 2.0 to 3.0.", "INR with the nurse every four weeks.")
	} else {
		a.planned("INR in one week, then weekly until stable.")
	}
	if v.part != nil {
		return
	}
	next := v.at.day + 28
	for range 4 {
		v.plans = append(v.plans, plan{on: next + day(v.d.between(-3, 6)), kind: nurseVisit, title: "INR check", errand: c, soft: true})
		next += 31
	}
}

// checkINR is the nurse's visit: a drop of blood, and the dose.
func (v *visit) checkINR(c *condition) {
	if v.sayFirst != "" {
		v.said = v.sayFirst
		v.say("No bleeding or bruising, no missed doses.")
	} else {
		v.say("No bleeding or bruising, no missed doses, no new medicines.", "One missed dose last week; no bleeding.", "Steady diet, no antibiotics, no bleeding.")
	}
	value := v.value(inr)
	switch {
	case value > 3.2:
		v.aim(inr, 2.4)
		v.assess(c, "INR above range", v.told(inr)+", goal 2.0 to 3.0.", "Skip one dose, then reduce the weekly dose by 10 %.", "Repeat in one week.")
	case value < 1.9:
		v.aim(inr, 2.6)
		v.assess(c, "INR below range", v.told(inr)+", goal 2.0 to 3.0.", "One extra half dose today, weekly dose up by 10 %.", "Repeat in two weeks.")
	default:
		v.aim(inr, 2.5+v.d.normal()*0.25)
		v.assess(c, "INR in range", v.told(inr)+", goal 2.0 to 3.0.", "Same dose, repeat in four weeks.")
	}
	v.levels[inr].value += v.d.normal() * 0.3
}
