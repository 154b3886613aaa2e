package forecast

import "slices"

// rightVaccine judges whether a vaccine is one that the dose may be given with, at the age at which it was given. (6.8, 6.9)
func (c *call) rightVaccine(d *seriesDose, r record) (bool, []Reason) {
	listed := false
	for _, p := range d.preferable {
		if p.cvx != r.CVX {
			continue
		}
		listed = true
		if p.mvx != "" && p.mvx != r.MVX || !c.aged(r.Given, p.begin, p.end) {
			continue
		}
		if r.Volume > 0 && r.Volume < p.volume {
			return true, []Reason{{Code: LowVolume}}
		}
		return true, nil
	}
	for _, a := range d.allowed {
		if slices.Contains(a.cvx, r.CVX) {
			listed = true
			if c.aged(r.Given, a.begin, a.end) {
				return true, nil
			}
		}
	}
	if listed {
		return false, []Reason{{Code: VaccineAtWrongAge, Text: c.vaccines[r.CVX].name}}
	}
	return false, []Reason{{Code: WrongVaccine, Text: c.vaccines[r.CVX].name}}
}
