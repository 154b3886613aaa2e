package synthetic

var backPainModule = &module{
	is: backPain, complaint: "Back pain",
	onset: func(p *patient) (day, bool) {
		if p.age(p.last) < 22 || !p.d.chance(0.2) {
			return 0, false
		}
		from := max(p.since, p.birth+20*365)
		return from + 20 + day(p.d.below(max(1, int(p.last-from)-30))), true
	},
	begin: func(p *patient, c *condition) {
		c.code = icd("M54.50", "Low back pain, unspecified", "Low back pain")
		if end := c.onset + day(40+p.d.below(80)); end < p.last {
			c.resolved = end
		}
	},
	screens: nil,
	ladder: func(p *patient, c *condition) ladder {
		return ladder{symptomScore, []rung{{drug: naproxen500, sig: twiceDaily.with("with food").prn("for pain").course(10)}, {drug: cyclobenzaprine, sig: nightly.prn("for spasm").course(10)}}, 0}
	},
	review: func(v *visit, c *condition) {
		if !c.fresh(v) {
			v.say("Back is better, walks daily.", "Back still stiff in the morning.")
			v.assess(c, "improving", "", "Keep moving; core exercises.")
			return
		}
		v.say("Low back pain for five days after lifting boxes, worse bending. No leg weakness, no numbness, bladder and bowel normal.", "Back pain on the left for a week after raking; no fever, no trauma.")
		v.exam[joints] = "Paraspinal tenderness L4 to S1, flexion limited, straight leg raise negative."
		v.exam[nerves] = "Strength, reflexes and sensation of the legs normal."
		a := v.assess(c, "acute", "No red flags, no imaging needed.", "Stay active, heat.")
		a.planned(v.climb(c))
		if v.d.chance(0.4) {
			a.planned(v.climb(c))
		}
		if v.d.chance(0.3) {
			v.order(physicalTherapy, c, 0.7)
			a.planned("Physical therapy referral.")
		}
	},
}
