package synthetic

import "fmt"

var hypertensionModule = &module{
	is: hypertension, title: "Blood pressure follow-up", months: 5,
	complaint: "High blood pressure readings",
	onset: func(p *patient) (day, bool) {
		age := float64(p.age(p.last))
		return p.strike(clamp01((age-30)*0.012+(p.body.bmi-27)*0.013), 30)
	},
	begin: func(p *patient, c *condition) {
		c.code = icd("I10", "Essential (primary) hypertension", "Hypertension")
		p.shift(systolic, 20+c.severity*16)
	},
	checks: []check{{basicPanel, 12}},
	ladder: func(p *patient, c *condition) ladder {
		firm := func(p *patient) { p.shift(potassium, 0.12) }
		dry := func(p *patient) { p.shift(potassium, -0.3); p.shift(urate, 0.6); p.shift(sodium, -1) }
		calcium := []rung{{drug: amlodipine5, sig: daily, shift: -9}, {drug: amlodipine10, sig: daily, shift: -4, swap: true}}
		ace := []rung{{drug: lisinopril10, sig: daily, shift: -8, side: firm}, {drug: lisinopril20, sig: daily, shift: -4, swap: true}}
		if p.k%3 == 1 {
			ace = []rung{{drug: losartan50, sig: daily, shift: -8, side: firm}, {drug: losartan100, sig: daily, shift: -4, swap: true}}
		}
		if p.age(p.last) > 70 && p.k%2 == 0 && p.part == nil {
			ace, calcium = calcium, ace
		}
		steps := append(append([]rung{}, ace...), calcium...)
		return ladder{systolic, append(steps, rung{drug: chlorthalidone, sig: everyAM, shift: -9, side: dry}), 114}
	},
	review: func(v *visit, c *condition) {
		goal := 130.0
		if v.age(v.at.day) >= 78 {
			goal = 140
		}
		if v.vitals.sbp == 0 {
			mean := v.levels[systolic].value + v.d.normal()*3
			v.say(fmt.Sprintf("Home blood pressure mean %d/%d mmHg over the last week.", int(mean), int(30+0.4*mean)))
			v.assess(c, "stable by home readings", fmt.Sprintf("Home mean %d/%d mmHg.", int(mean), int(30+0.4*mean)), c.continued())
			return
		}
		evidence := fmt.Sprintf("%d/%d mmHg, goal below %.0f/80.", v.vitals.sbp, v.vitals.dbp, goal)
		if v.d.chance(0.5) && !c.fresh(v) {
			home := v.levels[systolic].value - 3 + v.d.normal()*3
			v.say(fmt.Sprintf("Checks blood pressure at home, mean %d/%d mmHg.", int(home), int(30+0.4*home)), "Takes the blood pressure medicine every day; no dizziness, no swelling.")
		}
		v.treatToGoal(c, stand{good: "at goal", bad: "above goal", evidence: evidence, atGoal: v.vitals.sbp < int(goal)+3, eager: 0.6, again: 1.2,
			waiting: []string{"Repeat at home twice daily for a week and send the readings.", "White-coat effect possible; home readings first.", "Missed doses lately; pillbox and once-daily dosing."}})
		if c.fresh(v) {
			v.order(electrocardiogram, c, 1)
		}
	},
}

var hyperlipidemiaModule = &module{
	is: hyperlipidemia, title: "Cholesterol follow-up", months: 12,
	onset: func(p *patient) (day, bool) {
		age := float64(p.age(p.last))
		return p.strike(clamp01((age-32)*0.012+(p.body.bmi-27)*0.008), 32)
	},
	begin: func(p *patient, c *condition) {
		c.code = icd("E78.5", "Hyperlipidemia, unspecified", "Hyperlipidemia")
		if c.severity > 0.7 {
			c.code = icd("E78.2", "Mixed hyperlipidemia", "Mixed hyperlipidemia")
			p.shift(triglycerides, 90)
		}
		p.shift(ldl, 38+c.severity*42)
	},
	checks: []check{{lipidPanel, 12}, {fullPanel, 24}},
	ladder: func(p *patient, c *condition) ladder {
		start := rung{drug: atorvastatin10, sig: nightly, shift: -40}
		if p.has(diabetes, p.last) != nil || p.has(coronaryDisease, p.last) != nil {
			start = rung{drug: atorvastatin20, sig: nightly, shift: -48}
		}
		return ladder{ldl, []rung{start, {drug: atorvastatin40, sig: nightly, shift: -16, swap: true}, {drug: atorvastatin80, sig: nightly, shift: -10, swap: true}}, 56}
	},
	review: func(v *visit, c *condition) {
		goal := 100.0
		switch {
		case v.has(coronaryDisease, v.at.day) != nil:
			goal = 70
		case c.rung == 0:
			goal = 130
		}
		if !v.knows(ldl, 14) {
			v.assess(c, "stable", "Lipids due at the next visit.", c.continued())
			return
		}
		v.treatToGoal(c, stand{good: "at goal", bad: "above goal", evidence: v.told(ldl) + fmt.Sprintf("; goal below %.0f mg/dL.", goal), atGoal: v.value(ldl) < goal+6, eager: 0.55, again: 3,
			waiting: []string{"Diet and activity first; repeat lipids in three months.", "Prefers to wait with a larger dose; less saturated fat, recheck.", "Takes it irregularly; once-daily routine agreed."}})
	},
}

var coronaryModule = &module{
	is: coronaryDisease, title: "Coronary disease follow-up", months: 6,
	onset: func(p *patient) (day, bool) {
		chance := (float64(p.age(p.last)) - 50) * 0.006
		if !p.female {
			chance *= 1.6
		}
		if p.smoking != neverSmoked {
			chance *= 1.4
		}
		if p.ever(diabetes) {
			chance *= 1.5
		}
		on, ok := p.strike(clamp01(chance), 50)
		return min(on, p.since-200), ok
	},
	begin: func(p *patient, c *condition) {
		c.code = icd("I25.10", "Atherosclerotic heart disease of native coronary artery without angina pectoris", "Coronary artery disease")
		p.shift(pulse, 4)
		if c.severity > 0.5 {
			p.devices = append(p.devices, &device{kind: coronaryStent, on: c.onset + 20, c: c})
		}
	},
	checks: []check{{fullPanel, 12}},
	ladder: func(p *patient, c *condition) ladder {
		return ladder{pulse, []rung{{drug: aspirin81, sig: daily}, {drug: metoprolol25, sig: daily, shift: -8}, {drug: nitroglycerin, sig: everyFiveMinutes.prn("for chest pain; call 911 if it is not gone after the first")}}, 0}
	},
	review: func(v *visit, c *condition) {
		v.say("No chest pain, walks two blocks and a flight of stairs without trouble.", "No angina, has not used nitroglycerin.", "Walks 30 minutes a day without chest discomfort.")
		a := v.assess(c, "stable", "No angina at usual activity.", c.continued())
		if c.rung == 0 {
			a.planned(v.climb(c))
		}
		if v.due(cardioReferral, 3) && v.d.chance(0.3) {
			v.order(cardioReferral, c, 0.9)
			a.planned("Cardiology visit requested.")
		}
	},
}

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
	},
	checks: []check{{fullPanel, 12}, {bloodCount, 12}},
	ladder: func(p *patient, c *condition) ladder {
		anticoagulant := rung{drug: apixaban5, sig: twiceDaily}
		if c.warfarin() {
			anticoagulant = rung{drug: warfarin5, sig: daily.with("in the evening, as directed by INR"), side: func(p *patient) { p.aim(inr, 2.5) }}
		}
		return ladder{pulse, []rung{anticoagulant, {drug: metoprolol25, sig: daily, shift: -10}, {drug: metoprolol50, sig: daily, shift: -5, swap: true}}, 0}
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

var heartFailureModule = &module{
	is: heartFailure, title: "Heart failure follow-up", months: 3,
	complaint: "Short of breath and swollen ankles",
	onset: func(p *patient) (day, bool) {
		chance := (float64(p.age(p.last)) - 62) * 0.004
		if p.ever(coronaryDisease) {
			chance *= 2.2
		}
		if p.ever(atrialFibrillation) {
			chance *= 1.8
		}
		return p.strike(clamp01(chance), 62)
	},
	begin: func(p *patient, c *condition) {
		c.code = icd("I50.32", "Chronic diastolic (congestive) heart failure", "Heart failure with preserved ejection fraction")
		if c.severity > 0.5 {
			c.code = icd("I50.22", "Chronic systolic (congestive) heart failure", "Heart failure with reduced ejection fraction")
		}
		p.aim(ntProBNP, 900+c.severity*2200)
	},
	checks: []check{{basicPanel, 4}, {bnpTest, 6}, {magnesiumTest, 12}},
	ladder: func(p *patient, c *condition) ladder {
		wet := func(p *patient) { p.shift(potassium, -0.2); p.shift(urea, 4); p.shift(urate, 0.7) }
		spare := func(p *patient) { p.shift(potassium, 0.35) }
		steps := []rung{{drug: furosemide20, sig: everyAM, shift: -500, side: wet}, {drug: empagliflozin10, sig: everyAM, shift: -250}}
		if c.severity > 0.5 {
			steps = append(steps, rung{drug: metoprolol50, sig: daily, shift: -200})
			if p.has(hypertension, p.last) == nil { // not together with lisinopril or losartan
				steps = append(steps, rung{drug: entresto, sig: twiceDaily, shift: -350})
			}
			steps = append(steps, rung{drug: spironolactone, sig: daily, shift: -200, side: spare})
		}
		return ladder{ntProBNP, append(steps, rung{drug: furosemide40, sig: everyAM, shift: -200}), 200}
	},
	review: func(v *visit, c *condition) {
		if c.fresh(v) {
			v.say("Six weeks of shortness of breath on stairs, ankle swelling and 4 kg weight gain. Sleeps on two pillows.")
			v.exam[limbs] = "Pitting edema to mid-shin on both sides."
			v.exam[lungs] = "Fine crackles at both bases."
			v.order(electrocardiogram, c, 1)
			o := v.order(echocardiogram, c, 1)
			if c.severity > 0.5 {
				o.report = "Left ventricle dilated, ejection fraction 34 %, global hypokinesis. Moderate mitral regurgitation.|Reduced systolic function."
			}
			v.order(cardioReferral, c, 0.95)
		} else {
			v.say("Weighs every morning, no more than 1 kg of change. Sleeps flat, walks to the mailbox without stopping.", "Short of breath on one flight of stairs, as before. No orthopnea.", "Ankles swell a little by evening; salt restricted most days.")
			v.exam[limbs] = pick(&v.d, []string{"Trace ankle edema.", "No edema.", "1+ edema to the ankles."})
		}
		evidence := "NYHA class II."
		if v.knows(ntProBNP, 7) {
			evidence += " " + v.told(ntProBNP) + "."
		}
		v.treatToGoal(c, stand{good: "compensated", bad: "mild congestion", evidence: evidence, atGoal: v.value(ntProBNP) < 900, eager: 0.5, again: 0.5,
			lines: []string{"Daily weight; call for a gain of 1.5 kg in two days."}})
	},
}
