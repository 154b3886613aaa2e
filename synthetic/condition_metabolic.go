package synthetic

import "fmt"

var obesityModule = &module{
	is: obesity, title: "Weight management", months: 0,
	onset: func(p *patient) (day, bool) {
		if p.age(p.last) < 20 || p.body.bmi < 30.5 {
			return 0, false
		}
		return p.sometime(19), true
	},
	begin: func(p *patient, c *condition) {
		c.code = icd("E66.9", "Obesity, unspecified", "Obesity")
		if p.body.bmi >= 40 {
			c.code = icd("E66.01", "Morbid (severe) obesity due to excess calories", "Severe obesity")
		}
	},
	review: func(v *visit, c *condition) {
		if v.kind != physicalVisit && v.kind != newPatientExam && !c.fresh(v) {
			return
		}
		a := v.assess(c, "", fmt.Sprintf("Weight %s kg, BMI %.1f kg/m².", number(v.vitals.weight), v.bmi(v.at.day)), pick(&v.d, []string{"Goal 5 % in six months: smaller portions, no sweet drinks, walking after dinner.", "Food diary for two weeks; activity goal 7,000 steps.", "Discussed medication and the group program; prefers to start with diet."}))
		if v.due(nutrition, 3) && v.d.chance(0.3) {
			v.order(nutrition, c, 0.7)
			a.planned("Nutrition counseling.")
		}
		if v.d.chance(0.15) {
			v.shift(weightShift, -1.2)
		}
	},
}

var prediabetesModule = &module{
	is: prediabetes, title: "", months: 0,
	onset: func(p *patient) (day, bool) {
		return p.strike(clamp01((float64(p.age(p.last))-35)*0.006+(p.body.bmi-27)*0.02), 35)
	},
	begin: func(p *patient, c *condition) {
		c.code = icd("R73.03", "Prediabetes", "Prediabetes")
		p.aim(hba1c, max(p.levels[hba1c].target, 5.8+c.severity*0.4))
	},
	checks: []check{{a1cTest, 12}},
	review: func(v *visit, c *condition) {
		if v.has(diabetes, v.at.day) != nil {
			c.resolved = v.at.day
			return
		}
		if !v.knows(hba1c, 14) {
			return
		}
		v.assess(c, "stable", v.told(hba1c)+".", pick(&v.d, []string{"Repeat in one year; activity and less sugar.", "Diabetes prevention program offered.", "Weight loss of 5 to 7 % recommended."}))
	},
}

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

var kidneyDiseaseModule = &module{
	is: kidneyDisease, title: "Kidney disease follow-up", months: 6,
	onset: func(p *patient) (day, bool) {
		chance := (float64(p.age(p.last)) - 55) * 0.006
		if p.ever(hypertension) {
			chance *= 1.5
		}
		if p.ever(diabetes) {
			chance *= 1.7
		}
		return p.strike(clamp01(chance), 55)
	},
	begin: func(p *patient, c *condition) {
		gfr := 57 - c.severity*20
		c.code = icd("N18.31", "Chronic kidney disease, stage 3a", "Chronic kidney disease, stage 3a")
		if gfr < 45 {
			c.code = icd("N18.32", "Chronic kidney disease, stage 3b", "Chronic kidney disease, stage 3b")
		}
		p.aim(creatinine, creatinineFor(gfr, p.age(p.last), p.female))
		p.shift(urea, 7+c.severity*6)
		p.shift(potassium, 0.2)
		p.shift(hemoglobin, -0.5-c.severity*0.6)
		if d := p.has(diabetes, p.last); d != nil {
			p.aim(urineAlbumin, 60+c.severity*180)
			d.code = diabetesWithKidneys
		}
	},
	checks: []check{{basicPanel, 6}, {albuminRatio, 12}, {bloodCount, 12}},
	review: func(v *visit, c *condition) {
		v.shift(creatinine, 0.008)
		if v.levels[egfr].seenOn == 0 {
			v.assess(c, "", "Kidney function due.", "Avoid NSAIDs.")
			return
		}
		a := v.assess(c, "stable", v.told(egfr)+". "+v.told(potassium)+".", pick(&v.d, []string{"Avoid NSAIDs, keep blood pressure below 130/80.", "No NSAIDs; doses adjusted to kidney function.", "Recheck in six months."}))
		if v.value(potassium) > 5.3 {
			a.planned("Low-potassium diet, repeat potassium in one week.")
			v.within(0.3)
		}
	},
}

var hypothyroidismModule = &module{
	is: hypothyroidism, title: "Thyroid follow-up", months: 12,
	complaint: "Tired and cold",
	onset: func(p *patient) (day, bool) {
		chance := (float64(p.age(p.last)) - 22) * 0.0016
		if p.female {
			chance *= 3.2
		}
		return p.strike(clamp01(chance), 22)
	},
	begin: func(p *patient, c *condition) {
		c.code = icd("E03.9", "Hypothyroidism, unspecified", "Hypothyroidism")
		p.aim(tsh, 8+c.severity*7)
		p.shift(freeT4, -0.35)
		p.shift(ldl, 8)
	},
	checks: []check{{tshTest, 6}},
	ladder: func(p *patient, c *condition) ladder {
		empty := everyAM.with("on an empty stomach")
		lift := func(p *patient) { p.shift(freeT4, 0.2) }
		return ladder{tsh, []rung{{drug: levothyroxine50, sig: empty, shift: -6.5, side: lift}, {drug: levothyroxine75, sig: empty, shift: -3, swap: true, side: lift}, {drug: levothyroxine88, sig: empty, shift: -2, swap: true}, {drug: levothyroxine1, sig: empty, shift: -1.5, swap: true}}, 0.9}
	},
	review: func(v *visit, c *condition) {
		if c.fresh(v) && c.onset >= v.since {
			v.say("Tired for three months, cold hands, dry skin and constipation. Mother has thyroid disease.")
		} else if v.d.chance(0.5) {
			v.say("Takes levothyroxine on an empty stomach; energy good.", "No palpitations, weight steady on the thyroid tablet.")
		}
		if !v.knows(tsh, 8) {
			return
		}
		value := v.value(tsh)
		v.treatToGoal(c, stand{good: "at goal", bad: "above goal", evidence: v.told(tsh) + ".", atGoal: value <= 4.6, eager: 0.85, again: 2,
			waiting: []string{"Took it with coffee and iron; take alone, repeat TSH in six weeks."}})
	},
}

var goutModule = &module{
	is: gout, title: "Gout follow-up", months: 12,
	complaint: "Big toe red and painful",
	onset: func(p *patient) (day, bool) {
		chance := (float64(p.age(p.last)) - 40) * 0.0022
		if !p.female {
			chance *= 2.2
		}
		return p.strike(clamp01(chance), 40)
	},
	begin: func(p *patient, c *condition) {
		c.code = icd("M10.9", "Gout, unspecified", "Gout")
		p.aim(urate, 8.2+c.severity*1.5)
	},
	checks: []check{{urateTest, 12}},
	ladder: func(p *patient, c *condition) ladder {
		return ladder{urate, []rung{{drug: allopurinol100, sig: daily, shift: -1.8}, {drug: allopurinol100, sig: daily.take(2), shift: -1.2, swap: true}}, 4.2}
	},
	review: func(v *visit, c *condition) {
		if c.fresh(v) && c.onset >= v.since {
			v.say("Woke with a red, hot, very painful right big toe two nights ago. No injury, no fever.")
			v.exam[joints] = "First right metatarsophalangeal joint red, swollen, exquisitely tender."
			v.prescribe(c, colchicine, daily.with("until the flare is over").course(7))
			v.assess(c, "acute flare", v.told(urate)+".", "Colchicine 1.2 mg now, 0.6 mg one hour later, then daily for a week.", "Less beer and red meat; urate-lowering treatment discussed.")
			return
		}
		v.say("No flare since the last visit.", "One short flare after a holiday dinner.")
		if v.knows(urate, 13) {
			v.treatToGoal(c, stand{good: "at goal", bad: "above goal", evidence: v.told(urate) + "; goal below 6 mg/dL.", atGoal: v.value(urate) < 6.2, eager: 0.5, again: 2, waiting: []string{"Prefers no daily tablet for now."}})
		}
	},
}

var osteoporosisModule = &module{
	is: osteoporosis, title: "", months: 0,
	onset: func(p *patient) (day, bool) {
		if !p.female {
			return 0, false
		}
		return p.strike(clamp01((float64(p.age(p.last))-62)*0.011), 62)
	},
	begin: func(p *patient, c *condition) {
		c.code = icd("M81.0", "Age-related osteoporosis without current pathological fracture", "Osteoporosis")
	},
	checks: []check{{vitaminDTest, 24}},
	ladder: func(p *patient, c *condition) ladder {
		return ladder{symptomScore, []rung{{drug: vitaminD3, sig: daily, side: func(p *patient) { p.shift(vitaminD, 9) }}, {drug: alendronate70, sig: weekly.with("with a full glass of water, upright for 30 minutes")}}, 0}
	},
	review: func(v *visit, c *condition) {
		if v.kind != physicalVisit && !c.fresh(v) {
			return
		}
		a := v.assess(c, "stable", "No fractures since the last visit.", c.continued())
		if c.rung < 2 {
			a.planned(v.climb(c))
		}
		if v.due(boneDensity, 2) {
			v.order(boneDensity, c, 0.8).report = "DXA of lumbar spine and hips. T-score spine -2.7, femoral neck -2.4.|Osteoporosis."
			a.planned("Bone density scan ordered.")
		}
	},
}

var ironDeficiencyModule = &module{
	is: ironDeficiency, title: "Anemia follow-up", months: 3,
	complaint: "Tired, heavy periods",
	onset: func(p *patient) (day, bool) {
		if !p.female || p.age(p.last) < 16 || p.age(p.since) > 52 {
			return 0, false
		}
		if !p.d.chance(0.12) {
			return 0, false
		}
		return max(p.since, p.birth+16*365) + 30 + day(p.d.below(max(1, int(p.last-max(p.since, p.birth+16*365))-30))), true
	},
	begin: func(p *patient, c *condition) {
		c.code = icd("D50.0", "Iron deficiency anemia secondary to blood loss (chronic)", "Iron deficiency anemia")
		p.aim(hemoglobin, 9.6+c.severity*1.3)
		p.aim(ferritin, 4+c.severity*5)
		p.aim(mcv, 75)
		p.aim(rdw, 16.4)
		p.aim(iron, 24)
		p.aim(ironBinding, 440)
		for _, s := range []signal{hemoglobin, ferritin, mcv, rdw, iron, ironBinding} {
			p.levels[s].value = p.levels[s].target // it has been coming for months
			p.levels[s].on = max(p.levels[s].on, 1)
		}
	},
	checks: []check{{bloodCount, 3}, {ferritinTest, 3}, {ironStudies, 6}},
	ladder: func(p *patient, c *condition) ladder {
		return ladder{hemoglobin, []rung{{drug: ferrousSulfate, sig: everyOther, shift: 3.2, side: func(p *patient) {
			p.aim(ferritin, 48)
			p.aim(mcv, 88)
			p.aim(rdw, 13.2)
			p.aim(iron, 85)
			p.aim(ironBinding, 340)
		}}}, 0}
	},
	review: func(v *visit, c *condition) {
		if c.fresh(v) {
			v.say("Tired for two months, heavy periods with clots for seven days. No black stools, no chest pain.")
			v.exam[general] = "Pale, comfortable."
		} else {
			v.say("More energy on iron, stools dark, no constipation.", "Takes iron every other day with orange juice.")
		}
		if v.value(hemoglobin) >= 12.2 && v.value(ferritin) > 30 && v.at.day-c.onset > 150 && !c.fresh(v) {
			a := v.assess(c, "resolved", v.told(hemoglobin)+". "+v.told(ferritin)+".")
			for len(c.held) > 0 {
				a.planned("Stop " + c.held[0].drug.name + ".")
				v.stop(c.held[0], "Iron stores are full")
			}
			c.resolved = v.at.day
			return
		}
		v.treatToGoal(c, stand{good: "improving", bad: "improving", evidence: v.told(hemoglobin) + ". " + v.told(ferritin) + ".", atGoal: c.rung > 0, eager: 1, again: 2})
	},
}

var vitaminDModule = &module{
	is: vitaminDDeficiency,
	onset: func(p *patient) (day, bool) {
		return p.strike(0.09, 25)
	},
	begin: func(p *patient, c *condition) {
		c.code = icd("E55.9", "Vitamin D deficiency, unspecified", "Vitamin D deficiency")
		p.aim(vitaminD, 15+c.severity*5)
	},
	checks: []check{{vitaminDTest, 12}},
	ladder: func(p *patient, c *condition) ladder {
		return ladder{vitaminD, []rung{{drug: vitaminD3, sig: daily, shift: 17}}, 0}
	},
	review: func(v *visit, c *condition) {
		if !v.knows(vitaminD, 13) {
			return
		}
		v.treatToGoal(c, stand{good: "at goal", bad: "low", evidence: v.told(vitaminD) + ".", atGoal: v.value(vitaminD) >= 29, eager: 1})
	},
}

var menopauseModule = &module{
	is: menopause,
	onset: func(p *patient) (day, bool) {
		if !p.female || p.age(p.last) < 48 || p.age(p.since) > 56 {
			return 0, false
		}
		on := p.birth + day((48+p.d.below(6))*365)
		return on, p.d.chance(0.4)
	},
	begin: func(p *patient, c *condition) {
		c.code = icd("N95.1", "Menopausal and female climacteric states", "Menopausal symptoms")
	},
	review: func(v *visit, c *condition) {
		if v.at.day-c.onset > 5*365 {
			c.resolved = v.at.day
			return
		}
		if v.kind == physicalVisit {
			v.say("Hot flushes several times a day, sleep broken.", "Fewer hot flushes than last year.")
			v.assess(c, "stable", "Bothersome but manageable.", pick(&v.d, []string{"Layers, cool bedroom, less wine; hormone therapy discussed.", "Gabapentin at night discussed; prefers to wait."}))
		}
	},
}
