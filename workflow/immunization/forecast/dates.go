package forecast

import "slices"

// forecastDates are those of the next dose. (7.5)
type forecastDates struct {
	earliest, recommended, pastDue, latest   Date
	unadjustedRecommended, unadjustedPastDue Date
	driver                                   Reason // what the recommended date comes from
	undated                                  string // an observation from which an interval counts, and whose date is not known
}

// date calculates the dates of the next dose.
func (c *call) date(ps *patientSeries, d *seriesDose, limits ageLimits) {
	birth, at := c.patient.Birth, len(ps.records)
	var minimum, recommended, last Date // of the intervals
	var span Span
	var since string // the observation that the latest minimum interval counts from
	for _, i := range d.intervals {
		if !i.holds(c.on) {
			continue
		}
		from := c.from(ps, i.from, at)
		if m := from.plus(i.minimum); m > minimum {
			minimum, span, since = m, i.minimum, c.observations[i.from.observation].title
		}
		recommended = max(recommended, from.plus(i.earliest))
		last = max(last, from.plus(i.latest))
	}
	var given, inadvertent Date
	afterInvalid := false
	for i, r := range ps.records {
		given = r.Given
		afterInvalid = ps.evals[i].status == NotValid
		if ps.evals[i].inadvertent {
			inadvertent = r.Given
		}
	}
	f := &ps.dates
	minimumAge, conflict := birth.plus(limits.minimum), c.conflictEnd(ps, d)
	f.earliest = latest(minimumAge, minimum, conflict, d.seasonStart, inadvertent, given) // FORECASTDTCAN-1

	if f.earliest == 0 { // all depends on the date of an observation that is not known
		f.earliest = c.on
	}
	f.unadjustedRecommended = birth.plus(limits.earliest).or(recommended).or(f.earliest) // FORECASTDT-2
	f.unadjustedPastDue = birth.plus(limits.latest).or(last)                             // FORECASTDT-3
	if f.unadjustedPastDue != 0 {
		f.unadjustedPastDue--
		f.pastDue = max(f.earliest, f.unadjustedPastDue) // FORECASTDT-6
	}
	f.recommended = max(f.earliest, f.unadjustedRecommended) // FORECASTDT-5
	if maximum := birth.plus(limits.maximum); maximum != 0 {
		f.latest = maximum - 1 // FORECASTDT-4
	}
	for _, i := range d.intervals {
		if code := i.from.observation; code != "" && c.observed[code] == 0 {
			f.undated = c.observations[code].title
		}
	}
	f.driver = driver(f, minimum, conflict, d.seasonStart, limits, span, afterInvalid && since == "", len(ps.records) > 0)
	if f.driver.Code == ByInterval && f.driver.Date == minimum {
		f.driver.Text = since
	}
}

// driver is what the recommended date comes from.
func driver(f *forecastDates, minimum, conflict, season Date, limits ageLimits, span Span, afterInvalid, any bool) Reason {
	switch {
	case f.recommended > f.earliest && limits.earliest.given:
		return Reason{Code: ByAge, Date: f.recommended, Span: limits.earliest.String()}
	case f.recommended > f.earliest:
		return Reason{Code: ByInterval, Date: f.recommended}
	case season != 0 && f.earliest == season:
		return Reason{Code: BySeason, Date: season}
	case minimum != 0 && f.earliest == minimum && afterInvalid:
		return Reason{Code: AfterInvalid, Date: minimum, Span: span.String()}
	case minimum != 0 && f.earliest == minimum:
		return Reason{Code: ByInterval, Date: minimum, Span: span.String()}
	case conflict != 0 && f.earliest == conflict:
		return Reason{Code: AfterConflict, Date: conflict}
	case afterInvalid && any:
		return Reason{Code: AfterInvalid, Date: f.earliest}
	}
	return Reason{Code: ByAge, Date: f.earliest, Span: limits.minimum.String()}
}

// finish adds to dates what else a forecast says: its reason, the vaccines, and whether its intervals take precedence.
func (c *call) finish(ps *patientSeries) {
	t := &ps.targets[ps.next]
	ps.reasons = []Reason{ps.dates.driver}
	if ps.dates.undated != "" {
		ps.reasons = append(ps.reasons, Reason{Code: DateNotKnown, Text: ps.dates.undated})
	}
	for _, i := range ps.because {
		ps.reasons = append(ps.reasons, Reason{Code: ByRisk, Text: c.observations[i.observation].title})
	}
	for _, p := range t.preferable { // FORECASTRECVAC-1
		if p.forecast && !slices.Contains(ps.vaccines, p.cvx) && c.withoutVaccine(ps.antigen, p.cvx) == nil && c.conflictFree(p.cvx) <= ps.dates.recommended &&
			(c.aged(ps.dates.earliest, p.begin, p.end) || c.aged(ps.dates.recommended, p.begin, p.end)) {
			ps.vaccines = append(ps.vaccines, p.cvx)
		}
	}
	ps.priority = len(t.intervals) > 0 // FORECASTPRIORITY-1
	for _, i := range t.intervals {
		ps.priority = ps.priority && (i.override || !i.holds(c.on))
	}
}

// doseNumber is the number of the next dose; of a seasonal one, within its season. (FORECASTDN-1)
func (ps *patientSeries) doseNumber() int {
	n := 1
	for _, t := range ps.targets {
		if t.status == satisfied && (t.seasonStart == 0 || ps.records[t.record].Given >= t.seasonStart) {
			n++
		}
	}
	return n
}
