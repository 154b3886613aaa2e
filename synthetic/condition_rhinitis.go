package synthetic

var allergicRhinitisModule = &module{
	is: allergicRhinitis,
	onset: func(p *patient) (day, bool) {
		return p.between(0.14, 5, 30)
	},
	begin: func(p *patient, c *condition) {
		c.code = icd("J30.1", "Allergic rhinitis due to pollen", "Allergic rhinitis")
	},
	ladder: func(p *patient, c *condition) ladder {
		if p.age(p.last) < 12 {
			return ladder{symptomScore, []rung{{drug: loratadine10, sig: daily.prn("in the season")}}, 0}
		}
		return ladder{symptomScore, []rung{{drug: cetirizine10, sig: daily.prn("in the season")}, {drug: fluticasoneNas, sig: daily.take(2)}}, 0}
	},
	review: func(v *visit, c *condition) {
		if m := v.at.day.month(); (m >= 4 && m <= 6 || m == 9) && v.kind != videoVisit || c.fresh(v) {
			v.say("Sneezing and itchy eyes in spring.", "Nose stuffy when the grass is cut.")
			a := v.assess(c, "seasonal", "Symptoms in season only.")
			if c.rung < 2 && v.age(v.at.day) >= 6 && v.d.chance(0.6) {
				a.planned(v.climb(c))
			} else {
				a.planned(c.continued())
			}
		}
	},
}
