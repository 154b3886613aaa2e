package synthetic

import "fmt"

var diabetesWithKidneys = icd("E11.22", "Type 2 diabetes mellitus with diabetic chronic kidney disease", "Type 2 diabetes mellitus")

var diabetesModule = &module{
	is: diabetes, title: "Diabetes follow-up", months: 4,
	complaint: "Thirsty and urinating often",
	onset: func(p *patient) (day, bool) {
		chance := (float64(p.age(p.last))-38)*0.006 + (p.body.bmi-27)*0.014
		if h := p.heritage; h != nil && (h.name == "hispanic" || h.name == "south asian" || h.name == "african american" || h.name == "native" || h.name == "islander") {
			chance *= 1.35
		}
		return p.strike(clamp01(chance), 38)
	},
	begin: func(p *patient, c *condition) {
		c.code = icd("E11.9", "Type 2 diabetes mellitus without complications", "Type 2 diabetes mellitus")
		if p.has(kidneyDisease, p.last) != nil {
			c.code = diabetesWithKidneys
		}
		p.aim(hba1c, 7.6+c.severity*1.9)
		p.shift(triglycerides, 45)
		p.shift(urineAlbumin, c.severity*18)
	},
	checks:  []check{{a1cTest, 3}, {albuminRatio, 12}, {basicPanel, 12}, {lipidPanel, 12}},
	screens: nil,
	ladder: func(p *patient, c *condition) ladder {
		loss := func(p *patient) { p.shift(weightShift, -0.8) }
		third := rung{drug: empagliflozin10, sig: everyAM, shift: -0.6, side: loss}
		switch p.k % 4 {
		case 1:
			third = rung{drug: sitagliptin100, sig: daily, shift: -0.6}
		case 2:
			third = rung{drug: glipizide5, sig: twiceDaily.with("before meals"), shift: -0.7}
		}
		return ladder{hba1c, []rung{
			{drug: metformin500, sig: twiceDaily.with("with meals"), shift: -0.9},
			{drug: metformin1000, sig: twiceDaily.with("with meals"), shift: -0.5, swap: true},
			third,
			{drug: semaglutide, sig: weekly, shift: -1.0, side: func(p *patient) { p.shift(weightShift, -2.2) }},
			{drug: glargine, sig: nightly.take(18), shift: -0.9},
		}, 5.9}
	},
	review: func(v *visit, c *condition) {
		if c.fresh(v) && c.onset >= v.since {
			v.say("Thirsty, urinating at night for two months, lost some weight. Blurry vision at times.")
		} else {
			v.say("Checks glucose most mornings, usually 110 to 150 mg/dL. No lows.", "Misses the evening dose about twice a week. No numb feet, no lows.", "No hypoglycemia, vision stable, feet without sores.", "Walks after dinner, less bread; fasting values around 130 mg/dL.")
		}
		v.exam[limbs] = pick(&v.d, []string{"Feet warm, skin intact, monofilament felt at all points, pulses palpable.", "No edema; foot examination normal, monofilament 10 of 10.", "Feet warm, no ulcer; vibration slightly reduced at the toes."})
		if !v.knows(hba1c, 5) {
			v.assess(c, "stable", "HbA1c due.", c.continued())
			return
		}
		v.shift(hba1c, 0.03)
		goal := 7.0
		if v.age(v.at.day) > 75 {
			goal = 8
		}
		a := v.treatToGoal(c, stand{good: "at goal", bad: "above goal", evidence: v.told(hba1c) + fmt.Sprintf("; goal below %.0f %%.", goal), atGoal: v.value(hba1c) < goal+0.3, eager: 0.65, again: 3,
			waiting: []string{"Diet lapses over the holidays; recheck in three months.", "Prefers to work on diet once more; repeat HbA1c in three months.", "Pillbox for missed evening doses; recheck in three months."}})
		if v.levels[urineAlbumin].seenOn == v.at.day || v.knows(urineAlbumin, 2) && v.d.chance(0.5) {
			a.planned(v.told(urineAlbumin) + ".")
		}
		if v.due(eyeExam, 1) && v.d.chance(0.6) {
			o := v.order(eyeExam, c, 0.75)
			if c.severity > 0.75 {
				o.report = "Visual acuity 20/30 in both eyes. Scattered microaneurysms, no macular edema.|Mild nonproliferative diabetic retinopathy. Return in nine months."
			}
			a.planned("Retinal examination at Harbor Eye requested.")
		}
	},
}
