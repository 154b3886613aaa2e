package synthetic

var goutModule = &module{
	is: gout, title: "Gout follow-up", months: 12,
	complaint: "Big toe red and painful",
	onset: func(p *patient) (day, bool) {
		chance := (float64(p.age(p.last)) - 40) * 0.0022
		if !p.female {
			chance *= 2.2
		}
		return p.strike(clamp01(chance), 40)
	},
	begin: func(p *patient, c *condition) {
		c.code = icd("M10.9", "Gout, unspecified", "Gout")
		p.aim(urate, 8.2+c.severity*1.5)
	},
	checks: []check{{urateTest, 12}},
	ladder: func(p *patient, c *condition) ladder {
		return ladder{urate, []rung{{drug: allopurinol100, sig: daily, shift: -1.8}, {drug: allopurinol100, sig: daily.take(2), shift: -1.2, swap: true}}, 4.2}
	},
	review: func(v *visit, c *condition) {
		if c.fresh(v) && c.onset >= v.since {
			v.say("Woke with a red, hot, very painful right big toe two nights ago. No injury, no fever.")
			v.exam[joints] = "First right metatarsophalangeal joint red, swollen, exquisitely tender."
			v.prescribe(c, colchicine, daily.with("until the flare is over").course(7))
			v.assess(c, "acute flare", v.told(urate)+".", "Colchicine 1.2 mg now, 0.6 mg one hour later, then daily for a week.", "Less beer and red meat; urate-lowering treatment discussed.")
			return
		}
		v.say("No flare since the last visit.", "One short flare after a holiday dinner.")
		if v.knows(urate, 13) {
			v.treatToGoal(c, stand{good: "at goal", bad: "above goal", evidence: v.told(urate) + "; goal below 6 mg/dL.", atGoal: v.value(urate) < 6.2, eager: 0.5, again: 2, waiting: []string{"Prefers no daily tablet for now."}})
		}
	},
}
