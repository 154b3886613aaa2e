package forecast

import "slices"

// walk evaluates the records one after the other against the target doses of a series. (4.4)
func (c *call) walk(ps *patientSeries) {
	for i := range ps.doses {
		ps.targets = append(ps.targets, target{seriesDose: &ps.doses[i]})
	}
	ps.evals = make([]evaluation, len(ps.records))
	for i := range ps.records {
		ps.evals[i] = c.evaluateRecord(ps, i)
	}
}

// evaluateRecord evaluates a record against the next target dose that cannot be skipped.
func (c *call) evaluateRecord(ps *patientSeries, i int) evaluation {
	r := ps.records[i]
	for ps.next < len(ps.targets) {
		if e, yes := flawed(r); yes {
			return e
		}
		t := &ps.targets[ps.next]
		if c.skips(ps, t, i, r.Given, true) {
			t.status = skipped
			ps.next++
			continue
		}
		e := c.evaluate(ps, t, i)
		if e.status == Valid {
			t.status, t.record = satisfied, i
			e.number = ps.satisfied()
			ps.next++
			if again := t.seriesDose; again.recurring { // also where others follow, as in the series of COVID-19 vaccines
				ps.targets = slices.Insert(ps.targets, ps.next, target{seriesDose: again})
			}
		}
		return e
	}
	return evaluation{status: Extraneous, reasons: []Reason{{Code: SeriesComplete}}}
}
