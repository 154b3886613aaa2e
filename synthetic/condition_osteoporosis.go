package synthetic

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
