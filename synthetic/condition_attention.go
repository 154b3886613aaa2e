package synthetic

import "fmt"

var attentionDeficitModule = &module{
	is: attentionDeficit, title: "ADHD follow-up", months: 4,
	complaint: "Trouble at school",
	onset: func(p *patient) (day, bool) {
		if p.age(p.last) > 40 {
			return 0, false
		}
		chance := 0.06
		if !p.female {
			chance = 0.12
		}
		return p.between(chance, 6, 12)
	},
	begin: func(p *patient, c *condition) {
		c.code = icd("F90.2", "Attention-deficit hyperactivity disorder, combined type", "ADHD, combined type")
		if c.severity < 0.4 {
			c.code = icd("F90.0", "Attention-deficit hyperactivity disorder, predominantly inattentive type", "ADHD, inattentive type")
		}
		if p.age(p.last) > 22 && c.severity < 0.6 {
			c.resolved = p.birth + 19*365
			if c.resolved >= p.last {
				c.resolved = 0
			}
		}
	},
	ladder: func(p *patient, c *condition) ladder {
		return ladder{symptomScore, []rung{{drug: methylphenidate1, sig: everyAM}, {drug: methylphenidate2, sig: everyAM, swap: true}, {drug: methylphenidate3, sig: everyAM, swap: true}}, 0}
	},
	review: func(v *visit, c *condition) {
		if c.fresh(v) && c.onset >= v.since {
			v.say("Teacher reports leaving the seat, unfinished work and blurting out since first grade. Vanderbilt forms positive at home and at school.")
		} else if v.age(v.at.day) >= 18 {
			v.say("Finishes tasks at work, uses a planner; sleep is fine.", "Focus good until late afternoon, appetite normal.", "Forgets the tablet on weekends, otherwise well.")
		} else {
			v.say("Homework done most days, appetite lower at lunch, sleeps at nine.", "Grades up from C to B; irritable late in the afternoon.", "Teacher is content, no tics, appetite fair.")
		}
		a := v.assess(c, "improving", fmt.Sprintf("Weight %s kg, pulse %d/min.", number(v.vitals.weight), v.vitals.pulse))
		switch {
		case v.age(v.at.day) < 6:
			a.planned("Parent training first.")
		case c.rung == 0 || c.rung < 3 && v.d.chance(0.3):
			a.planned(v.climb(c))
			v.within(1)
		default:
			a.planned(c.continued())
		}
		a.planned(pick(&v.d, []string{"Side effects reviewed.", "Weight and blood pressure at each visit.", "Medicine-free weekends if appetite is poor."}))
	},
}
