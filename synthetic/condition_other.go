package synthetic

var refluxModule = &module{
	is: reflux, title: "Reflux follow-up", months: 12,
	complaint: "Heartburn",
	onset: func(p *patient) (day, bool) {
		return p.strike(clamp01(0.08+(p.body.bmi-26)*0.012+float64(p.age(p.last)-30)*0.002), 25)
	},
	begin: func(p *patient, c *condition) {
		c.code = icd("K21.9", "Gastro-esophageal reflux disease without esophagitis", "Reflux disease")
		p.aim(symptomScore, 5+c.severity*2)
	},
	ladder: func(p *patient, c *condition) ladder {
		return ladder{symptomScore, []rung{{drug: omeprazole20, sig: everyAM.with("before breakfast"), shift: -4}, {drug: pantoprazole40, sig: everyAM.with("before breakfast"), shift: -1.5, swap: true}}, 0}
	},
	review: func(v *visit, c *condition) {
		if v.kind != physicalVisit && !c.fresh(v) && v.d.chance(0.6) {
			return
		}
		value := v.measure(symptomScore, v.at.day)
		if c.fresh(v) && c.onset >= v.since {
			v.say("Burning behind the breastbone after meals and lying down, for three months. No trouble swallowing, no weight loss.")
		}
		evidence := "Heartburn less than once a week."
		if value > 3 {
			evidence = "Heartburn three nights a week, no alarm symptoms."
		}
		v.treatToGoal(c, stand{good: "controlled", bad: "symptomatic", evidence: evidence, atGoal: value <= 3, eager: 0.7, waiting: []string{"Raise the head of the bed, no late meals."}})
	},
}

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
