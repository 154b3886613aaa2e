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
