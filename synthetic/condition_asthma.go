package synthetic

import "fmt"

var asthmaModule = &module{
	is: asthma, title: "Asthma follow-up", months: 6,
	complaint: "Wheezing and cough at night",
	onset: func(p *patient) (day, bool) {
		if !p.d.chance(0.10) {
			return 0, false
		}
		if p.d.chance(0.7) || p.age(p.last) < 25 {
			return p.between(1, 3, 12)
		}
		return p.sometime(22), true
	},
	begin: func(p *patient, c *condition) {
		switch {
		case c.severity < 0.35:
			c.code = icd("J45.20", "Mild intermittent asthma, uncomplicated", "Mild intermittent asthma")
		case c.severity < 0.75:
			c.code = icd("J45.30", "Mild persistent asthma, uncomplicated", "Mild persistent asthma")
		default:
			c.code = icd("J45.40", "Moderate persistent asthma, uncomplicated", "Moderate persistent asthma")
		}
		p.aim(asthmaControl, 20-c.severity*7)
	},
	ladder: func(p *patient, c *condition) ladder {
		steps := []rung{{drug: albuterol, sig: everySix.take(2).prn("for wheezing"), shift: 1}}
		if c.severity >= 0.35 {
			steps = append(steps, rung{drug: fluticasone44, sig: twiceDaily.take(2).with("with spacer, rinse mouth"), shift: 4})
		}
		if c.severity >= 0.6 {
			steps = append(steps, rung{drug: fluticasone110, sig: twiceDaily.take(2).with("with spacer, rinse mouth"), shift: 2, swap: true})
			if p.age(p.last) < 15 {
				steps = append(steps, rung{drug: montelukast5, sig: nightly, shift: 1.5})
			} else {
				steps = append(steps, rung{drug: montelukast10, sig: nightly, shift: 1.5})
			}
		}
		return ladder{asthmaControl, steps, 0}
	},
	review: func(v *visit, c *condition) {
		control := int(v.measure(asthmaControl, v.at.day))
		control = min(max(control, 5), 25)
		v.note(asthmaControl, float64(control), v.at.day)
		switch {
		case c.fresh(v) && c.onset >= v.since:
			v.say("Cough at night three times a week for two months, wheezing with exercise and colds.")
			v.exam[lungs] = "Scattered expiratory wheeze, good air movement."
		case control >= 20:
			v.say("Albuterol once or twice a month, sleeps through, no emergency visits.", "No night symptoms, plays sports without trouble.")
		default:
			v.say("Albuterol three times a week, cough at night with colds.", "Short of breath on stairs last month, used the inhaler daily for a week.")
			v.exam[lungs] = pick(&v.d, []string{"Mild end-expiratory wheeze.", "Clear, slightly prolonged expiration."})
		}
		v.treatToGoal(c, stand{good: "well controlled", bad: "not well controlled", evidence: fmt.Sprintf("Asthma Control Test %d of 25.", control), atGoal: control >= 20, eager: 0.7, again: 2,
			lines: []string{"Inhaler technique checked, action plan given."}, waiting: []string{"Technique was poor: corrected, use with spacer."}})
	},
}
