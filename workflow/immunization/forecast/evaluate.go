package forecast

import "slices"

// flawed reports a dose that is not to be counted whatever else. (6.1)
func flawed(r record) (evaluation, bool) {
	switch {
	case r.LotExpires != 0 && r.Given > r.LotExpires:
		return evaluation{status: SubStandard, reasons: []Reason{{Code: LotExpired, Date: r.LotExpires}}}, true
	case r.Flawed:
		return evaluation{status: SubStandard, reasons: []Reason{{Code: DoseFlawed}}}, true
	}
	return evaluation{}, false
}

// evaluate is the evaluation of a record against a target dose. (6.3 to 6.10)
func (c *call) evaluate(ps *patientSeries, t *target, i int) evaluation {
	r := ps.records[i]
	if slices.Contains(t.inadvertent, r.CVX) {
		return evaluation{status: NotValid, inadvertent: true, reasons: []Reason{{Code: InadvertentVaccine}}}
	}
	var e evaluation
	fine := true
	judge := func(ok bool, reasons ...Reason) {
		fine = fine && ok
		for _, reason := range reasons {
			if reason.Code == None {
				continue
			}
			e.reasons = append(e.reasons, reason)
			if !ok {
				e.earliest = max(e.earliest, reason.Date)
			}
		}
	}
	age, reason := c.age(t.seriesDose, r.Given)
	if age == tooOld {
		return evaluation{status: Extraneous, reasons: reason}
	}
	judge(age != tooYoung, reason...)
	judge(c.intervals(ps, t, i))
	judge(c.unconflicted(ps, i))
	ok, reason := c.rightVaccine(t.seriesDose, r)
	judge(ok, reason...)
	e.status = NotValid
	if fine {
		e.status, e.earliest = Valid, 0
	} else { // what is fine does not explain what is not
		e.reasons = slices.DeleteFunc(e.reasons, func(r Reason) bool { return r.Code == GracePeriod || r.Code == LowVolume })
	}
	return e
}
