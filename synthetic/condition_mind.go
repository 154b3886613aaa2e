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
		a.planned(pick(&v.d, []string{"School plan reviewed.", "Weight and blood pressure at each visit.", "Medicine-free weekends if appetite is poor."}))
	},
}

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
		v.treatToGoal(c, stand{good: "controlled", bad: "frequent attacks", evidence: fmt.Sprintf("%d headache days a month.", days), atGoal: days <= 4, eager: 0.6, again: 2, lines: []string{"Limit acute treatment to nine days a month."}})
	},
}

var insomniaModule = &module{
	is: insomnia,
	onset: func(p *patient) (day, bool) {
		return p.strike(0.07, 30)
	},
	begin: func(p *patient, c *condition) {
		c.code = icd("G47.00", "Insomnia, unspecified", "Insomnia")
	},
	ladder: func(p *patient, c *condition) ladder {
		return ladder{symptomScore, []rung{{drug: trazodone50, sig: nightly.prn("for sleep")}}, 0}
	},
	review: func(v *visit, c *condition) {
		if v.kind != physicalVisit && !c.fresh(v) {
			return
		}
		v.assess(c, "stable", pick(&v.d, []string{"Falls asleep after an hour, five hours a night.", "Wakes at three, reads, sleeps again."}), "Sleep hygiene and a fixed rise time; online therapy program.", c.continued())
	},
}
