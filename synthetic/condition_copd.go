package synthetic

import "fmt"

var copdModule = &module{
	is: copd, title: "COPD follow-up", months: 5,
	complaint: "Short of breath climbing stairs",
	onset: func(p *patient) (day, bool) {
		if p.smoking == neverSmoked {
			return 0, false
		}
		return p.strike(clamp01((float64(p.age(p.last))-48)*0.014), 48)
	},
	begin: func(p *patient, c *condition) {
		c.code = icd("J44.9", "Chronic obstructive pulmonary disease, unspecified", "COPD")
		p.aim(copdScore, 14+c.severity*12)
	},
	ladder: func(p *patient, c *condition) ladder {
		return ladder{copdScore, []rung{{drug: albuterol, sig: everySix.take(2).prn("for shortness of breath"), shift: -1}, {drug: tiotropium, sig: daily.take(2), shift: -4}, {drug: advair, sig: twiceDaily.with("and rinse mouth"), shift: -3}}, 0}
	},
	review: func(v *visit, c *condition) {
		value := min(max(int(v.measure(copdScore, v.at.day)), 0), 40)
		if c.fresh(v) && c.onset >= v.since {
			v.say("Two years of morning cough with sputum, now stops once on the stairs. Thirty pack-years.")
			v.order(chestXray, c, 0.95).report = "Hyperinflated lungs, flattened diaphragms, no infiltrate or mass.|Emphysematous changes."
		} else {
			v.say("Morning cough with white sputum, one flight of stairs without stopping. No exacerbation since the last visit.", "One exacerbation in winter treated with prednisone. Breathing back to usual.", "Uses albuterol most days before walking the dog.")
		}
		v.exam[lungs] = pick(&v.d, []string{"Distant breath sounds, prolonged expiration, no crackles.", "Scattered rhonchi, no wheeze.", "Decreased breath sounds, few wheezes."})
		lines := []string{"Inhaler technique reviewed; pulmonary rehabilitation offered."}
		if v.smokes() {
			lines = append(lines, "Still smoking: advised to stop.")
		}
		if !c.fresh(v) && v.d.chance(0.12) && v.vitals.temp > 0 {
			v.exam[lungs] = "Diffuse expiratory wheeze, no crackles."
			v.prescribe(c, prednisone20, daily.take(2).with("with food").course(5))
			lines = append(lines, "Exacerbation: prednisone 40 mg daily for 5 days.")
		}
		v.treatToGoal(c, stand{good: "stable", bad: "symptomatic", evidence: fmt.Sprintf("CAT score %d of 40, oxygen saturation %s.", value, saturationWords(v)), atGoal: value < 12, eager: 0.6, again: 2, lines: lines})
	},
}

func saturationWords(v *visit) string {
	if v.vitals.saturation == 0 {
		return "not measured"
	}
	return itoa(v.vitals.saturation) + " %"
}
