package synthetic

import "fmt"

var hypertensionModule = &module{
	is: hypertension, title: "Blood pressure follow-up", months: 5,
	complaint: "High blood pressure readings",
	onset: func(p *patient) (day, bool) {
		age := float64(p.age(p.last))
		return p.strike(clamp01((age-30)*0.012+(p.body.bmi-27)*0.013), 30)
	},
	begin: func(p *patient, c *condition) {
		c.code = icd("I10", "Essential (primary) hypertension", "Hypertension")
		p.shift(systolic, 20+c.severity*16)
	},
	checks: []check{{basicPanel, 12}},
	ladder: func(p *patient, c *condition) ladder {
		firm := func(p *patient) { p.shift(potassium, 0.12) }
		dry := func(p *patient) { p.shift(potassium, -0.3); p.shift(urate, 0.6); p.shift(sodium, -1) }
		calcium := []rung{{drug: amlodipine5, sig: daily, shift: -9}, {drug: amlodipine10, sig: daily, shift: -4, swap: true}}
		ace := []rung{{drug: lisinopril10, sig: daily, shift: -8, side: firm}, {drug: lisinopril20, sig: daily, shift: -4, swap: true}}
		if p.k%3 == 1 {
			ace = []rung{{drug: losartan50, sig: daily, shift: -8, side: firm}, {drug: losartan100, sig: daily, shift: -4, swap: true}}
		}
		if p.age(p.last) > 70 && p.k%2 == 0 && p.part == nil {
			ace, calcium = calcium, ace
		}
		steps := append(append([]rung{}, ace...), calcium...)
		return ladder{systolic, append(steps, rung{drug: chlorthalidone, sig: everyAM, shift: -9, side: dry}), 114}
	},
	review: func(v *visit, c *condition) {
		goal := 130.0
		if v.age(v.at.day) >= 78 {
			goal = 140
		}
		if v.vitals.sbp == 0 {
			mean := v.levels[systolic].value + v.d.normal()*3
			v.say(fmt.Sprintf("Home blood pressure mean %d/%d mmHg over the last week.", int(mean), int(30+0.4*mean)))
			v.assess(c, "stable by home readings", fmt.Sprintf("Home mean %d/%d mmHg.", int(mean), int(30+0.4*mean)), c.continued())
			return
		}
		evidence := fmt.Sprintf("%d/%d mmHg, goal below %.0f/80.", v.vitals.sbp, v.vitals.dbp, goal)
		if v.d.chance(0.5) && !c.fresh(v) {
			home := v.levels[systolic].value - 3 + v.d.normal()*3
			v.say(fmt.Sprintf("Checks blood pressure at home, mean %d/%d mmHg.", int(home), int(30+0.4*home)), "Takes the blood pressure medicine every day; no dizziness, no swelling.")
		}
		v.treatToGoal(c, stand{good: "at goal", bad: "above goal", evidence: evidence, atGoal: v.vitals.sbp < int(goal)+3, eager: 0.6, again: 1.2,
			waiting: []string{"Repeat at home twice daily for a week and send the readings.", "White-coat effect possible; home readings first.", "Missed doses lately; pillbox and once-daily dosing."}})
		if c.fresh(v) {
			v.order(electrocardiogram, c, 1)
		}
	},
}
