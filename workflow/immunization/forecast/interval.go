package forecast

import "slices"

// holds reports whether an interval is in force on a day.
func (i interval) holds(on Date) bool {
	return on >= i.effective.or(everBefore) && on <= i.cessation.or(everAfter)
}

// intervals judges the time since the doses before: all preferable intervals must be kept, or all allowable ones. (6.5, 6.6)
func (c *call) intervals(ps *patientSeries, t *target, at int) (bool, Reason) {
	given := ps.records[at].Given
	ok, worst := true, Reason{}
	for _, i := range t.intervals {
		if !i.holds(given) {
			continue
		}
		from := c.from(ps, i.from, at)
		switch absolute := from.plus(i.absoluteMinimum); {
		case absolute != 0 && given < absolute:
			if ok || absolute > worst.Date {
				worst = Reason{Code: TooSoon, Date: absolute, Span: i.minimum.or(i.absoluteMinimum).String()}
			}
			ok = false
		case ok && given < from.plus(i.minimum):
			worst = Reason{Code: GracePeriod, Date: from.plus(i.minimum), Span: i.minimum.String()}
		}
	}
	if ok || !c.allowed(ps, t, at) {
		return ok, worst
	}
	return true, Reason{}
}

// allowed reports whether all allowable intervals are kept; not if there are none.
func (c *call) allowed(ps *patientSeries, t *target, at int) bool {
	given, any := ps.records[at].Given, false
	for _, i := range t.allowable {
		if !i.holds(given) {
			continue
		}
		any = true
		if given < c.from(ps, i.from, at).plus(i.absoluteMinimum) {
			return false
		}
	}
	return any
}

// from is the date that an interval is counted from, for the record at an index or, at len(records), for a forecast;
// 0 if there is none, and then the interval is kept.
func (c *call) from(ps *patientSeries, ref reference, at int) Date {
	switch {
	case ref.previous: // CALCDTINT-1
		for i := at - 1; i >= 0; i-- {
			if e := ps.evals[i]; (e.status == Valid || e.status == NotValid) && !e.inadvertent {
				return ps.records[i].Given
			}
		}
	case ref.dose > 0: // CALCDTINT-2
		for _, t := range ps.targets {
			if t.number == ref.dose && t.status == satisfied && t.record < at {
				return ps.records[t.record].Given
			}
		}
	case len(ref.vaccines) > 0: // CALCDTINT-8
		for i := at - 1; i >= 0; i-- {
			if slices.Contains(ref.vaccines, ps.records[i].CVX) && !ps.evals[i].inadvertent {
				return ps.records[i].Given
			}
		}
	case ref.observation != "": // CALCDTINT-9
		return c.observed[ref.observation]
	}
	return 0
}
