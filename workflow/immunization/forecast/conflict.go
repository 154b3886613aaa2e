package forecast

// unconflicted judges whether a dose stood too close to a vaccine given before, mostly of live virus. (6.7)
func (c *call) unconflicted(ps *patientSeries, at int) (bool, Reason) {
	r := ps.records[at]
	for _, k := range c.conflicts[r.CVX] {
		for i := range c.doses {
			before := &c.doses[i]
			if i == r.dose || before.CVX != k.previous || before.Given > r.Given {
				continue
			}
			end := k.minimumEnd
			if !ps.maybeValid(i) {
				end = k.end
			}
			if free := before.Given.plus(end); r.Given >= before.Given.plus(k.begin) && r.Given < free {
				return false, Reason{Code: LiveVirusConflict, Date: free, Span: k.end.String(), Text: c.vaccines[before.CVX].name}
			}
		}
	}
	return true, Reason{}
}

// maybeValid reports whether a dose is valid in this series or has no evaluation in it.
func (ps *patientSeries) maybeValid(dose int) bool {
	for i, r := range ps.records {
		if r.dose == dose {
			s := ps.evals[i].status
			return s == Valid || s == NotEvaluated
		}
	}
	return true
}

// conflictEnd is the first day on which no vaccine given before stands in the way of the next dose. The preferable
// vaccines of the dose are looked at.
func (c *call) conflictEnd(d *seriesDose) Date {
	var out Date
	for i := range c.doses {
		before := &c.doses[i]
		if !c.conflicting[before.CVX] {
			continue
		}
		for _, p := range d.preferable {
			for _, k := range c.conflicts[p.cvx] {
				if k.previous == before.CVX {
					out = max(out, before.Given.plus(k.end))
				}
			}
		}
	}
	return out
}
