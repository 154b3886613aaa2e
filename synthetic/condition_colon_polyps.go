package synthetic

var colonPolypsModule = &module{
	is: colonPolyps,
	onset: func(p *patient) (day, bool) {
		return p.strike(clamp01((float64(p.age(p.last))-50)*0.005), 50)
	},
	begin: func(p *patient, c *condition) {
		c.code = icd("K63.5", "Polyp of colon", "Colon polyps")
	},
	review: func(v *visit, c *condition) {
		if v.kind == physicalVisit && v.d.chance(0.5) {
			v.assess(c, "stable", "Adenomas removed at the last colonoscopy.", "Surveillance colonoscopy as advised by gastroenterology.")
		}
	},
}
