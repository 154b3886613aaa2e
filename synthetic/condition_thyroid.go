package synthetic

var hypothyroidismModule = &module{
	is: hypothyroidism, title: "Thyroid follow-up", months: 12,
	complaint: "Tired and cold",
	onset: func(p *patient) (day, bool) {
		chance := (float64(p.age(p.last)) - 22) * 0.0016
		if p.female {
			chance *= 3.2
		}
		return p.strike(clamp01(chance), 22)
	},
	begin: func(p *patient, c *condition) {
		c.code = icd("E03.9", "Hypothyroidism, unspecified", "Hypothyroidism")
		p.aim(tsh, 8+c.severity*7)
		p.shift(freeT4, -0.35)
		p.shift(ldl, 8)
	},
	checks: []check{{tshTest, 6}},
	first:  []*panel{freeT4Test},
	ladder: func(p *patient, c *condition) ladder {
		empty := everyAM.with("on an empty stomach")
		lift := func(p *patient) { p.shift(freeT4, 0.2) }
		return ladder{tsh, []rung{{drug: levothyroxine50, sig: empty, shift: -6.5, side: lift}, {drug: levothyroxine75, sig: empty, shift: -3, swap: true, side: lift}, {drug: levothyroxine88, sig: empty, shift: -2, swap: true}, {drug: levothyroxine1, sig: empty, shift: -1.5, swap: true}}, 0.9}
	},
	review: func(v *visit, c *condition) {
		if c.fresh(v) && c.onset >= v.since {
			v.say("Tired for three months, cold hands, dry skin and constipation. Mother has thyroid disease.")
		} else if v.d.chance(0.5) {
			v.say("Takes levothyroxine on an empty stomach; energy good.", "No palpitations, weight steady on the thyroid tablet.")
		}
		if !v.knows(tsh, 8) {
			return
		}
		value := v.value(tsh)
		v.treatToGoal(c, stand{good: "at goal", bad: "above goal", evidence: v.told(tsh) + ".", atGoal: value <= 4.6, eager: 0.85, again: 2,
			waiting: []string{"Took it with coffee and iron; take alone, repeat TSH in six weeks."}})
	},
}
