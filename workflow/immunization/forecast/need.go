package forecast

// forecast decides whether another dose is needed and when: status, reasons and dates of the series. (7)
func (c *call) forecast(ps *patientSeries) {
	at := len(ps.records)
	for {
		for ps.next < len(ps.targets) && c.skips(ps, &ps.targets[ps.next], at, c.on, false) {
			ps.targets[ps.next].status = skipped
			ps.next++
		}
		if !c.needed(ps) {
			return
		}
		t := &ps.targets[ps.next]
		if !c.skips(ps, t, at, ps.dates.earliest, false) { // 7.6
			break
		}
		t.status = skipped
		ps.next++
	}
	c.finish(ps)
}

// needed is the decision whether another dose is to be given. If so, the dates are there. (table 7-10)
func (c *call) needed(ps *patientSeries) bool {
	ps.dates = forecastDates{}
	if ps.next == len(ps.targets) {
		if ps.satisfied() > 0 {
			return ps.stop(Complete, Reason{Code: PatientComplete})
		}
		return ps.stop(NotRecommended, Reason{Code: HistorySuffices})
	}
	d := ps.targets[ps.next].seriesDose
	if evidence := c.immunity(ps.antigen); evidence != "" {
		return ps.stop(Immune, Reason{Code: EvidenceOfImmunity, Text: evidence})
	}
	if k := c.barred(ps, d); k != nil {
		return ps.stop(Contraindicated, Reason{Code: HasContraindication, Text: k.text})
	}
	if c.on > d.seasonEnd.or(everAfter) {
		return ps.stop(NotRecommended, Reason{Code: SeasonOver, Date: d.seasonEnd})
	}
	limits := d.limits(c.on)
	maximum := c.patient.Birth.plus(limits.maximum)
	if c.on >= maximum.or(everAfter) {
		return ps.stop(AgedOut, Reason{Code: OverMaximumAge, Date: maximum, Span: limits.maximum.String()})
	}
	c.date(ps, d, limits)
	if ps.dates.earliest >= maximum.or(everAfter) {
		ps.dates = forecastDates{}
		return ps.stop(AgedOut, Reason{Code: CannotFinish, Date: maximum, Span: limits.maximum.String()})
	}
	ps.status = NotComplete
	return true
}

func (ps *patientSeries) stop(s Status, why Reason) bool {
	ps.status, ps.reasons = s, []Reason{why}
	return false
}

// satisfied is the number of valid doses. (SELECTB-21)
func (ps *patientSeries) satisfied() int {
	n := 0
	for _, t := range ps.targets {
		if t.status == satisfied {
			n++
		}
	}
	return n
}
