package synthetic

var sleepApneaModule = &module{
	is: sleepApnea,
	onset: func(p *patient) (day, bool) {
		if p.body.bmi < 31 {
			return 0, false
		}
		return p.strike(clamp01((p.body.bmi-29)*0.03), 38)
	},
	begin: func(p *patient, c *condition) {
		c.code = icd("G47.33", "Obstructive sleep apnea (adult) (pediatric)", "Obstructive sleep apnea")
	},
	review: func(v *visit, c *condition) {
		if c.fresh(v) && c.onset >= v.since {
			v.order(sleepStudy, c, 0.9)
			v.assess(c, "suspected", "Loud snoring, witnessed pauses, Epworth 13.", "Home sleep study ordered.")
			return
		}
		if v.kind == physicalVisit {
			v.assess(c, "stable", pick(&v.d, []string{"CPAP six hours a night, rested.", "Uses CPAP five nights a week.", "New mask fits better."}), "Continue CPAP.")
		}
	},
}
