package forecast

import "slices"

// contraindicated is the contraindication of every vaccine against a disease that applies; nil for none. (table 7-5)
func (c *call) contraindicated(a *antigen) *contraindication {
	for i := range a.never {
		if k := &a.never[i]; c.applies(k) {
			return k
		}
	}
	return nil
}

func (c *call) applies(k *contraindication) bool {
	_, yes := c.observed[k.observation]
	return yes && c.aged(c.on, k.begin, k.end)
}

// withoutVaccine is the contraindication of one vaccine that applies; nil for none. (table 7-6)
func (c *call) withoutVaccine(a *antigen, cvx string) *contraindication {
	for i := range a.without {
		k := &a.without[i]
		if !c.applies(k) {
			continue
		}
		for _, v := range k.vaccines {
			if slices.Contains(v.cvx, cvx) && c.aged(c.on, v.begin, v.end) {
				return k
			}
		}
	}
	return nil
}

// barred is why no dose of a series can be given: a contraindication of the antigen, or of every preferable vaccine of
// the next dose. nil if one can. (table 7-7)
func (c *call) barred(ps *patientSeries, d *seriesDose) *contraindication {
	if k := c.contraindicated(ps.antigen); k != nil {
		return k
	}
	var last *contraindication
	for _, p := range d.preferable {
		if last = c.withoutVaccine(ps.antigen, p.cvx); last == nil {
			return nil
		}
	}
	return last
}
