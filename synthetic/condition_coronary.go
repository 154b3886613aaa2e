package synthetic

var coronaryModule = &module{
	is: coronaryDisease, title: "Coronary disease follow-up", months: 6,
	onset: func(p *patient) (day, bool) {
		chance := (float64(p.age(p.last)) - 50) * 0.006
		if !p.female {
			chance *= 1.6
		}
		if p.smoking != neverSmoked {
			chance *= 1.4
		}
		if p.ever(diabetes) {
			chance *= 1.5
		}
		on, ok := p.strike(clamp01(chance), 50)
		return min(on, p.since-200), ok
	},
	begin: func(p *patient, c *condition) {
		c.code = icd("I25.10", "Atherosclerotic heart disease of native coronary artery without angina pectoris", "Coronary artery disease")
		p.shift(pulse, 4)
		if c.severity > 0.5 {
			p.devices = append(p.devices, &device{kind: coronaryStent, on: c.onset + 20, c: c})
		}
	},
	checks: []check{{fullPanel, 12}},
	ladder: func(p *patient, c *condition) ladder {
		return ladder{pulse, []rung{{drug: aspirin81, sig: daily}, {drug: metoprolol25, sig: daily, shift: -8}, {drug: nitroglycerin, sig: everyFiveMinutes.prn("for chest pain; call 911 if it is not gone after the first")}}, 0}
	},
	review: func(v *visit, c *condition) {
		v.say("No chest pain, walks two blocks and a flight of stairs without trouble.", "No angina, has not used nitroglycerin.", "Walks 30 minutes a day without chest discomfort.")
		a := v.assess(c, "stable", "No angina at usual activity.", c.continued())
		if c.rung == 0 {
			a.planned(v.climb(c))
		}
		if v.due(cardioReferral, 3) && v.d.chance(0.3) {
			v.order(cardioReferral, c, 0.9)
			a.planned("Cardiology visit requested.")
		}
	},
}
