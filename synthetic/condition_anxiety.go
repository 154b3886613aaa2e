package synthetic

import "fmt"

var anxietyModule = &module{
	is: anxiety, title: "Anxiety follow-up", months: 5,
	complaint: "Worry and racing heart",
	onset: func(p *patient) (day, bool) {
		chance := 0.08
		if p.female {
			chance = 0.13
		}
		if p.ever(depression) {
			chance *= 1.5
		}
		return p.strike(chance, 13)
	},
	begin: func(p *patient, c *condition) {
		c.code = icd("F41.1", "Generalized anxiety disorder", "Generalized anxiety disorder")
		p.aim(gad7, 9+c.severity*7)
	},
	screens: []*screening{gad7Screen},
	ladder: func(p *patient, c *condition) ladder {
		if p.ever(depression) {
			return ladder{gad7, []rung{{drug: trazodone50, sig: nightly.prn("for sleep"), shift: -3}}, 0}
		}
		return ladder{gad7, []rung{{drug: escitalopram10, sig: everyAM, shift: -5.5}, {drug: escitalopram20, sig: everyAM, shift: -2.5, swap: true}}, 3}
	},
	review: func(v *visit, c *condition) {
		value := v.ask(gad7Screen)
		if c.fresh(v) && c.onset >= v.since {
			v.say("Worries most of the day for six months, tense shoulders, racing heart before meetings. Two cups of coffee.")
		} else {
			v.say("Worry is less, breathing exercises help.", "Slept badly before the exams, otherwise steady.", "Two panic attacks since the last visit.")
		}
		v.treatToGoal(c, stand{good: "controlled", bad: "symptomatic", evidence: fmt.Sprintf("GAD-7 %d.", value), atGoal: value < 8, eager: 0.55, again: 1.5,
			waiting: []string{"Cognitive behavioral therapy first.", "Prefers no change; app-based exercises."}})
	},
}
