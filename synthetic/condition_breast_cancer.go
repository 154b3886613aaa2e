package synthetic

var breastCancerModule = &module{
	is: breastCancer,
	onset: func(p *patient) (day, bool) {
		if !p.female {
			return 0, false
		}
		on, ok := p.strike(clamp01((float64(p.age(p.last))-45)*0.0016), 45)
		return min(on, p.since-100), ok
	},
	begin: func(p *patient, c *condition) {
		c.code = icd("Z85.3", "Personal history of malignant neoplasm of breast", "History of breast cancer")
	},
	review: func(v *visit, c *condition) {
		if v.kind == physicalVisit {
			v.assess(c, "no evidence of disease", "Lumpectomy and radiation completed; no new breast symptoms.", "Yearly mammogram.")
		}
	},
}
