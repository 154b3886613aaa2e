package synthetic

var ironDeficiencyModule = &module{
	is: ironDeficiency, title: "Anemia follow-up", months: 3,
	complaint: "Tired, heavy periods",
	onset: func(p *patient) (day, bool) {
		if !p.female || p.age(p.last) < 16 || p.age(p.since) > 52 {
			return 0, false
		}
		if !p.d.chance(0.12) {
			return 0, false
		}
		return max(p.since, p.birth+16*365) + 30 + day(p.d.below(max(1, int(p.last-max(p.since, p.birth+16*365))-30))), true
	},
	begin: func(p *patient, c *condition) {
		c.code = icd("D50.0", "Iron deficiency anemia secondary to blood loss (chronic)", "Iron deficiency anemia")
		p.aim(hemoglobin, 9.6+c.severity*1.3)
		p.aim(ferritin, 4+c.severity*5)
		p.aim(mcv, 75)
		p.aim(rdw, 16.4)
		p.aim(iron, 24)
		p.aim(ironBinding, 440)
		for _, s := range []signal{hemoglobin, ferritin, mcv, rdw, iron, ironBinding} {
			p.levels[s].value = p.levels[s].target // it has been coming for months
			p.levels[s].on = max(p.levels[s].on, 1)
		}
	},
	checks: []check{{bloodCount, 3}, {ferritinTest, 3}, {ironStudies, 6}},
	ladder: func(p *patient, c *condition) ladder {
		return ladder{hemoglobin, []rung{{drug: ferrousSulfate, sig: everyOther, shift: 3.2, side: func(p *patient) {
			p.aim(ferritin, 48)
			p.aim(mcv, 88)
			p.aim(rdw, 13.2)
			p.aim(iron, 85)
			p.aim(ironBinding, 340)
		}}}, 0}
	},
	review: func(v *visit, c *condition) {
		if c.fresh(v) {
			v.say("Tired for two months, heavy periods with clots for seven days. No black stools, no chest pain.")
			v.exam[general] = "Pale, comfortable."
			if v.age(v.at.day) >= 45 && v.part == nil {
				v.order(gastroReferral, c, 0.8).urgent = true
			}
		} else {
			v.say("More energy on iron, stools dark, no constipation.", "Takes iron every other day with orange juice.")
		}
		if v.value(hemoglobin) >= 12.2 && v.value(ferritin) > 30 && v.at.day-c.onset > 150 && !c.fresh(v) {
			a := v.assess(c, "resolved", v.told(hemoglobin)+". "+v.told(ferritin)+".")
			for len(c.held) > 0 {
				a.planned("Stop " + c.held[0].drug.name + ".")
				v.stop(c.held[0], "Iron stores are full")
			}
			c.resolved = v.at.day
			return
		}
		v.treatToGoal(c, stand{good: "improving", bad: "improving", evidence: v.told(hemoglobin) + ". " + v.told(ferritin) + ".", atGoal: c.rung > 0, eager: 1, again: 2})
	},
}
