package synthetic

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
