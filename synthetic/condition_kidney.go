package synthetic

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
