package synthetic

import "fmt"

var osteoarthritisModule = &module{
	is: osteoarthritis, title: "Knee arthritis follow-up", months: 9,
	complaint: "Knee pain",
	onset: func(p *patient) (day, bool) {
		return p.strike(clamp01((float64(p.age(p.last))-46)*0.012+(p.body.bmi-28)*0.006), 46)
	},
	begin: func(p *patient, c *condition) {
		c.code = icd("M17.11", "Unilateral primary osteoarthritis, right knee", "Osteoarthritis, right knee")
		switch {
		case c.severity < 0.35:
			c.code = icd("M17.12", "Unilateral primary osteoarthritis, left knee", "Osteoarthritis, left knee")
		case c.severity > 0.8:
			c.code = icd("M17.0", "Bilateral primary osteoarthritis of knee", "Osteoarthritis of both knees")
			if c.onset < p.since-900 && p.age(p.last) > 66 {
				p.devices = append(p.devices, &device{kind: kneeProsthesis, on: p.since - 200, c: c})
			}
		}
		p.aim(pain, 4+c.severity*2.5)
	},
	screens: []*screening{painScreen},
	ladder: func(p *patient, c *condition) ladder {
		return ladder{pain, []rung{{drug: acetaminophen500, sig: thriceDaily.take(2).prn("for pain"), shift: -1}, {drug: naproxen500, sig: twiceDaily.with("with food").prn("for pain"), shift: -1.2}}, 0}
	},
	review: func(v *visit, c *condition) {
		value := v.ask(painScreen)
		v.say("Knee pain limits walking to 20 minutes; stiff for ten minutes in the morning.", "Worse on stairs, better after warming up. No locking.", "Swims twice a week, knee holds.")
		v.exam[joints] = pick(&v.d, []string{"Right knee with crepitus and mild effusion, flexion 115 degrees.", "Medial joint line tenderness, no instability.", "Crepitus of the knees, full extension."})
		a := v.treatToGoal(c, stand{good: "stable", bad: "painful", evidence: fmt.Sprintf("Pain %d of 10.", value), atGoal: value <= 4, eager: 0.5,
			waiting: []string{"Topical diclofenac and a cane on the left.", "Steroid injection discussed."}})
		if v.due(kneeXray, 6) && value >= 5 {
			v.order(kneeXray, c, 0.9)
			a.planned("Knee X-ray.")
		}
		if v.due(physicalTherapy, 3) && v.d.chance(0.4) {
			v.order(physicalTherapy, c, 0.75)
			a.planned("Physical therapy referral.")
		}
	},
}
