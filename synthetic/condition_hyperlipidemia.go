package synthetic

import "fmt"

var hyperlipidemiaModule = &module{
	is: hyperlipidemia, title: "Cholesterol follow-up", months: 12,
	onset: func(p *patient) (day, bool) {
		age := float64(p.age(p.last))
		return p.strike(clamp01((age-32)*0.012+(p.body.bmi-27)*0.008), 32)
	},
	begin: func(p *patient, c *condition) {
		c.code = icd("E78.5", "Hyperlipidemia, unspecified", "Hyperlipidemia")
		if c.severity > 0.7 {
			c.code = icd("E78.2", "Mixed hyperlipidemia", "Mixed hyperlipidemia")
			p.shift(triglycerides, 90)
		}
		p.shift(ldl, 38+c.severity*42)
	},
	checks: []check{{lipidPanel, 12}, {fullPanel, 24}},
	ladder: func(p *patient, c *condition) ladder {
		start := rung{drug: atorvastatin10, sig: nightly, shift: -40}
		if p.has(diabetes, p.last) != nil || p.has(coronaryDisease, p.last) != nil {
			start = rung{drug: atorvastatin20, sig: nightly, shift: -48}
		}
		return ladder{ldl, []rung{start, {drug: atorvastatin40, sig: nightly, shift: -16, swap: true}, {drug: atorvastatin80, sig: nightly, shift: -10, swap: true}}, 56}
	},
	review: func(v *visit, c *condition) {
		goal := 100.0
		switch {
		case v.has(coronaryDisease, v.at.day) != nil:
			goal = 70
		case c.rung == 0:
			goal = 130
		}
		if !v.knows(ldl, 14) {
			v.assess(c, "stable", "Lipids due at the next visit.", c.continued())
			return
		}
		v.treatToGoal(c, stand{good: "at goal", bad: "above goal", evidence: v.told(ldl) + fmt.Sprintf("; goal below %.0f mg/dL.", goal), atGoal: v.value(ldl) < goal+6, eager: 0.55, again: 3,
			waiting: []string{"Diet and activity first; repeat lipids in three months.", "Prefers to wait with a larger dose; less saturated fat, recheck.", "Takes it irregularly; once-daily routine agreed."}})
	},
}
