package synthetic

import "fmt"

var obesityModule = &module{
	is: obesity, title: "Weight management", months: 0,
	onset: func(p *patient) (day, bool) {
		if p.age(p.last) < 20 || p.body.bmi < 30.5 {
			return 0, false
		}
		return p.sometime(19), true
	},
	begin: func(p *patient, c *condition) {
		c.code = icd("E66.9", "Obesity, unspecified", "Obesity")
		if p.body.bmi >= 40 {
			c.code = icd("E66.01", "Morbid (severe) obesity due to excess calories", "Severe obesity")
		}
	},
	review: func(v *visit, c *condition) {
		if v.kind != physicalVisit && v.kind != newPatientExam && !c.fresh(v) {
			return
		}
		a := v.assess(c, "", fmt.Sprintf("Weight %s kg, BMI %.1f kg/m².", number(v.vitals.weight), v.bmi(v.at.day)), pick(&v.d, []string{"Goal 5 % in six months: smaller portions, no sweet drinks, walking after dinner.", "Food diary for two weeks; activity goal 7,000 steps.", "Discussed medication and the group program; prefers to start with diet."}))
		if v.due(nutrition, 3) && v.d.chance(0.3) {
			v.order(nutrition, c, 0.7)
			a.planned("Nutrition counseling.")
		}
		if v.d.chance(0.15) {
			v.shift(weightShift, -1.2)
		}
	},
}
