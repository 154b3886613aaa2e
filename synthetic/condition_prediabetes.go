package synthetic

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
