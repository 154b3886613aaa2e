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

// conflictEnd is the first day on which the next dose can be given without a conflict with a vaccine given before: that
// of the preferable vaccine that can be given first, for live and other vaccines may stand side by side.
func (c *call) conflictEnd(ps *patientSeries, d *seriesDose) Date {
	var out Date
	for _, p := range d.preferable {
		if c.withoutVaccine(ps.antigen, p.cvx) != nil {
			continue
		}
		free := c.conflictFree(p.cvx)
		if free == 0 {
			return 0
		}
		out = earliest(out, free)
	}
	return out
}

// conflictFree is the first day on which no vaccine given before stands in the way of a vaccine; 0 = any day.
func (c *call) conflictFree(cvx string) Date {
	var out Date
	for i := range c.doses {
		before := &c.doses[i]
		if !c.conflicting[before.CVX] {
			continue
		}
		for _, k := range c.conflicts[cvx] {
			if k.previous == before.CVX {
				out = max(out, before.Given.plus(k.end))
			}
		}
	}
	return out
}
