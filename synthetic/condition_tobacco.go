package synthetic

var tobaccoModule = &module{
	is: tobaccoUse,
	onset: func(p *patient) (day, bool) {
		if !p.smokes() {
			return 0, false
		}
		return p.birth + day((17+p.d.below(5))*365), true
	},
	begin: func(p *patient, c *condition) {
		c.code = icd("F17.210", "Nicotine dependence, cigarettes, uncomplicated", "Tobacco use")
	},
	ladder: func(p *patient, c *condition) ladder { return ladder{symptomScore, nil, 0} },
	review: func(v *visit, c *condition) {
		if v.kind != physicalVisit && v.d.chance(0.5) {
			return
		}
		packs := pick(&v.d, []string{"Half a pack a day.", "One pack a day.", "Ten cigarettes a day.", "Five cigarettes on weekends."})
		a := v.assess(c, "", packs, pick(&v.d, []string{"Not ready to set a date; quit line number given.", "Thinking about it, will talk again in three months.", "Wants to stop this year; triggers discussed."}))
		if c.extra == 0 && v.d.chance(0.2) {
			c.extra = 1
			x, s := nicotinePatch, daily.course(56)
			if v.d.chance(0.5) {
				x, s = varenicline, twiceDaily.with("after a meal").course(84)
			}
			v.prescribe(c, x, s)
			a.plan[0] = "Quit date set. Start " + x.brief(s) + "."
		}
	},
}
