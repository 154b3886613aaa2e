package synthetic

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
