package synthetic

var prostateModule = &module{
	is: prostate,
	onset: func(p *patient) (day, bool) {
		if p.female {
			return 0, false
		}
		return p.strike(clamp01((float64(p.age(p.last))-52)*0.016), 52)
	},
	begin: func(p *patient, c *condition) {
		c.code = icd("N40.1", "Benign prostatic hyperplasia with lower urinary tract symptoms", "Enlarged prostate with urinary symptoms")
	},
	ladder: func(p *patient, c *condition) ladder {
		return ladder{symptomScore, []rung{{drug: tamsulosin, sig: nightly}}, 0}
	},
	review: func(v *visit, c *condition) {
		if v.kind != physicalVisit && !c.fresh(v) {
			return
		}
		v.say("Up once or twice at night, stream weaker, empties well.", "Night-time urination three times before treatment, once now.")
		a := v.assess(c, "stable", pick(&v.d, []string{"Symptom score 9 of 35.", "Symptom score 12 of 35."}), c.continued())
		if c.rung == 0 && v.d.chance(0.6) {
			a.planned(v.climb(c))
		}
	},
}
