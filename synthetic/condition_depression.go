package synthetic

import "fmt"

var depressionModule = &module{
	is: depression, title: "Depression follow-up", months: 4,
	complaint: "Low mood",
	onset: func(p *patient) (day, bool) {
		chance := 0.10
		if p.female {
			chance = 0.17
		}
		if p.age(p.last) < 20 {
			chance *= 0.5
		}
		return p.strike(chance, 14)
	},
	begin: func(p *patient, c *condition) {
		c.code = icd("F33.1", "Major depressive disorder, recurrent, moderate", "Major depression, recurrent")
		if c.severity < 0.5 {
			c.code = icd("F32.1", "Major depressive disorder, single episode, moderate", "Major depression")
		}
		p.aim(phq9, 11+c.severity*7)
	},
	screens: []*screening{phq9Screen},
	ladder: func(p *patient, c *condition) ladder {
		return ladder{phq9, []rung{{drug: sertraline50, sig: everyAM, shift: -6.5}, {drug: sertraline100, sig: everyAM, shift: -3, swap: true}, {drug: bupropion150, sig: everyAM, shift: -3}}, 3}
	},
	review: func(v *visit, c *condition) {
		if v.part == nil && !c.fresh(v) && v.d.chance(0.1) { // a relapse begins
			v.levels[phq9].value += 5 + 5*c.severity
		}
		value := v.ask(phq9Screen)
		switch {
		case c.fresh(v) && c.onset >= v.since:
			v.say("Low mood and no pleasure for two months, wakes at four, poor concentration at work. No thoughts of suicide.")
			v.exam[mood] = "Tearful, affect constricted, thought clear, no suicidal ideation."
		case value < 6:
			v.say("Mood good, sleeps seven hours, back with friends.", "Feels like before; enjoys the garden again.")
			v.exam[mood] = "Affect bright, well groomed."
		default:
			v.say("Better days and worse days, sleep still broken. No thoughts of suicide.", "Less tearful, still tired and without drive.")
			v.exam[mood] = "Affect mildly constricted, no suicidal ideation."
		}
		a := v.treatToGoal(c, stand{good: "in remission", bad: "partial response", evidence: fmt.Sprintf("PHQ-9 %d.", value), atGoal: value < 6, eager: 0.65, again: 1.5,
			waiting: []string{"Prefers to continue therapy alone for six weeks.", "Give the dose two more weeks."}})
		if value >= 10 && v.due(counseling, 2) {
			v.order(counseling, c, 0.7)
			a.planned("Counseling referral. Crisis line number given.")
		}
	},
}
