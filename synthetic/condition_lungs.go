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

var allergicRhinitisModule = &module{
	is: allergicRhinitis,
	onset: func(p *patient) (day, bool) {
		return p.between(0.14, 5, 30)
	},
	begin: func(p *patient, c *condition) {
		c.code = icd("J30.1", "Allergic rhinitis due to pollen", "Allergic rhinitis")
	},
	ladder: func(p *patient, c *condition) ladder {
		if p.age(p.last) < 12 {
			return ladder{symptomScore, []rung{{drug: loratadine10, sig: daily.prn("in the season")}}, 0}
		}
		return ladder{symptomScore, []rung{{drug: cetirizine10, sig: daily.prn("in the season")}, {drug: fluticasoneNas, sig: daily.take(2)}}, 0}
	},
	review: func(v *visit, c *condition) {
		if m := v.at.day.month(); (m >= 4 && m <= 6 || m == 9) && v.kind != videoVisit || c.fresh(v) {
			v.say("Sneezing and itchy eyes in spring.", "Nose stuffy when the grass is cut.")
			a := v.assess(c, "seasonal", "Symptoms in season only.")
			if c.rung < 2 && v.age(v.at.day) >= 6 && v.d.chance(0.6) {
				a.planned(v.climb(c))
			} else {
				a.planned(c.continued())
			}
		}
	},
}

var eczemaModule = &module{
	is: eczema, complaint: "Dry itchy skin",
	onset: func(p *patient) (day, bool) {
		if p.age(p.since) > 12 {
			return 0, false
		}
		return p.between(0.14, 0, 5)
	},
	begin: func(p *patient, c *condition) {
		c.code = icd("L20.9", "Atopic dermatitis, unspecified", "Eczema")
		if end := p.birth + day((7+p.k%9)*365); end < p.last {
			c.resolved = max(end, c.onset+300)
		}
	},
	ladder: func(p *patient, c *condition) ladder {
		return ladder{symptomScore, []rung{{drug: hydrocortisone, sig: twiceDaily.with("to red areas").prn("for itch")}, {drug: triamcinolone, sig: twiceDaily.with("to thick areas, not the face").prn("for flares"), swap: true}}, 0}
	},
	review: func(v *visit, c *condition) {
		v.exam[skin] = pick(&v.d, []string{"Dry, mild erythema in the elbow and knee creases.", "Lichenified patches behind the knees, no infection.", "Few dry patches on the cheeks and arms."})
		if c.fresh(v) {
			v.say("Scratches at night, red rough patches in the elbow creases for two months.")
		}
		a := v.assess(c, "mild", "", "Thick emollient twice daily, short lukewarm baths.")
		if c.rung == 0 || c.rung == 1 && v.d.chance(0.35) {
			a.planned(v.climb(c))
		}
	},
}

var tobaccoModule = &module{
	is: tobaccoUse,
	onset: func(p *patient) (day, bool) {
		if !p.smokes() {
			return 0, false
		}
		return p.birth + day((17+p.d.below(5))*365), true
	},
	begin: func(p *patient, c *condition) {
		c.code = icd("F17.210", "Nicotine dependence, cigarettes, uncomplicated", "Tobacco use")
	},
	ladder: func(p *patient, c *condition) ladder { return ladder{symptomScore, nil, 0} },
	review: func(v *visit, c *condition) {
		if v.kind != physicalVisit && v.d.chance(0.5) {
			return
		}
		packs := pick(&v.d, []string{"Half a pack a day.", "One pack a day.", "Ten cigarettes a day.", "Five cigarettes on weekends."})
		a := v.assess(c, "", packs, pick(&v.d, []string{"Not ready to set a date; quit line number given.", "Thinking about it, will talk again in three months.", "Wants to stop this year; triggers discussed."}))
		if c.extra == 0 && v.d.chance(0.2) {
			c.extra = 1
			x, s := nicotinePatch, daily.course(56)
			if v.d.chance(0.5) {
				x, s = varenicline, twiceDaily.with("after a meal").course(84)
			}
			v.prescribe(c, x, s)
			a.plan[0] = "Quit date set. Start " + x.brief(s) + "."
		}
	},
}

var sleepApneaModule = &module{
	is: sleepApnea,
	onset: func(p *patient) (day, bool) {
		if p.body.bmi < 31 {
			return 0, false
		}
		return p.strike(clamp01((p.body.bmi-29)*0.03), 38)
	},
	begin: func(p *patient, c *condition) {
		c.code = icd("G47.33", "Obstructive sleep apnea (adult) (pediatric)", "Obstructive sleep apnea")
	},
	review: func(v *visit, c *condition) {
		if c.fresh(v) && c.onset >= v.since {
			v.order(sleepStudy, c, 0.9)
			v.assess(c, "suspected", "Loud snoring, witnessed pauses, Epworth 13.", "Home sleep study ordered.")
			return
		}
		if v.kind == physicalVisit {
			v.assess(c, "stable", pick(&v.d, []string{"CPAP six hours a night, rested.", "Uses CPAP five nights a week.", "New mask fits better."}), "Continue CPAP.")
		}
	},
}
