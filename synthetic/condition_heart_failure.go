package synthetic

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
