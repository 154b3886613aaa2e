package synthetic

var insomniaModule = &module{
	is: insomnia,
	onset: func(p *patient) (day, bool) {
		return p.strike(0.07, 30)
	},
	begin: func(p *patient, c *condition) {
		c.code = icd("G47.00", "Insomnia, unspecified", "Insomnia")
	},
	ladder: func(p *patient, c *condition) ladder {
		return ladder{symptomScore, []rung{{drug: trazodone50, sig: nightly.prn("for sleep")}}, 0}
	},
	review: func(v *visit, c *condition) {
		if v.kind != physicalVisit && !c.fresh(v) {
			return
		}
		v.assess(c, "stable", pick(&v.d, []string{"Falls asleep after an hour, five hours a night.", "Wakes at three, reads, sleeps again."}), "Sleep hygiene and a fixed rise time; online therapy program.", c.continued())
	},
}
