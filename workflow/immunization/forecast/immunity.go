package forecast

import "slices"

// immunity is the evidence that the patient is immune to a disease, in words; "" for none. (7.2)
func (c *call) immunity(a *antigen) string {
	for _, code := range a.immune {
		if _, yes := c.observed[code]; yes {
			return c.observations[code].title
		}
	}
	for _, b := range a.born {
		excluded := slices.ContainsFunc(b.but, func(code string) bool { _, yes := c.observed[code]; return yes })
		if c.patient.Birth < b.before && !excluded && (b.country == "" || b.country == c.patient.BirthCountry) {
			return "born before " + b.before.Time().Format("2006")
		}
	}
	return ""
}
