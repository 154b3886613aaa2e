package synthetic

var menopauseModule = &module{
	is: menopause,
	onset: func(p *patient) (day, bool) {
		if !p.female || p.age(p.last) < 48 || p.age(p.since) > 56 {
			return 0, false
		}
		on := p.birth + day((48+p.d.below(6))*365)
		return on, p.d.chance(0.4)
	},
	begin: func(p *patient, c *condition) {
		c.code = icd("N95.1", "Menopausal and female climacteric states", "Menopausal symptoms")
	},
	review: func(v *visit, c *condition) {
		if v.at.day-c.onset > 5*365 {
			c.resolved = v.at.day
			return
		}
		if v.kind == physicalVisit {
			v.say("Hot flushes several times a day, sleep broken.", "Fewer hot flushes than last year.")
			v.assess(c, "stable", "Bothersome but manageable.", pick(&v.d, []string{"Layers, cool bedroom, less wine; hormone therapy discussed.", "Gabapentin at night discussed; prefers to wait."}))
		}
	},
}
