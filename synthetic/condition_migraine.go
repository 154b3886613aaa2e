package synthetic

import "fmt"

var migraineModule = &module{
	is: migraine, title: "Migraine follow-up", months: 6,
	complaint: "Severe headaches",
	onset: func(p *patient) (day, bool) {
		chance := 0.045
		if p.female {
			chance = 0.13
		}
		return p.between(chance, 14, 40)
	},
	begin: func(p *patient, c *condition) {
		c.code = icd("G43.009", "Migraine without aura, not intractable, without status migrainosus", "Migraine without aura")
		p.aim(headacheDays, 4+c.severity*8)
	},
	ladder: func(p *patient, c *condition) ladder {
		return ladder{headacheDays, []rung{{drug: sumatriptan50, sig: daily.prn("at the start of a migraine; may repeat once after 2 hours"), shift: -0.5}, {drug: topiramate25, sig: nightly, shift: -2}, {drug: topiramate50, sig: nightly, shift: -1.5, swap: true}}, 0}
	},
	review: func(v *visit, c *condition) {
		days := max(0, int(v.measure(headacheDays, v.at.day)+0.5))
		if c.fresh(v) && c.onset >= v.since {
			v.say("One-sided throbbing headaches with nausea and light sensitivity, lasting a day, for a year. No aura, no weakness.")
		} else {
			v.say("Sumatriptan works within an hour.", "Worse before periods and with poor sleep.", "Keeps a diary; skipping meals is a trigger.")
		}
		v.exam[nerves] = "Cranial nerves intact, fundi normal, no focal deficit."
		if days > 8 && v.due(neurologyReferral, 3) {
			v.order(neurologyReferral, c, 0.7)
		}
		v.treatToGoal(c, stand{good: "controlled", bad: "frequent attacks", evidence: fmt.Sprintf("%d headache days a month.", days), atGoal: days <= 4, eager: 0.6, again: 2, lines: []string{"Limit acute treatment to nine days a month."}})
	},
}
