package forecast

import (
	"cmp"
	"slices"
)

// call is one forecast being made.
type call struct {
	*Schedule
	patient  Patient
	on       Date
	doses    []Dose          // known vaccines, by date
	observed map[string]Date // observation codes that hold, and since when (0 = not known)
	complete map[string]Date // when a series of an antigen and series group was complete, for skips
}

// record is an antigen of a dose: an antigen administered record. (4.2)
type record struct {
	dose int // index into call.doses
	*Dose
}

// Forecast evaluates the doses and says what is recommended on a day. Doses given after that day are left out, and so
// is everything if the day of birth is not known.
func (s *Schedule) Forecast(p Patient, on Date) Report {
	r := Report{On: on, Version: s.Version}
	c := &call{Schedule: s, patient: p, on: on, observed: map[string]Date{}, complete: map[string]Date{}}
	for _, d := range p.Doses {
		switch _, known := s.vaccines[d.CVX]; {
		case d.Given == 0 || d.Given > on:
		case known:
			c.doses = append(c.doses, d)
		default:
			r.Unknown = append(r.Unknown, d)
		}
	}
	if p.Birth == 0 {
		return r
	}
	slices.SortStableFunc(c.doses, func(a, b Dose) int { return cmp.Compare(a.Given, b.Given) })
	c.observe()
	r.Doses = c.doses
	best := map[string][]*patientSeries{}
	for i := range s.antigens {
		a := &s.antigens[i]
		records := c.records(a.name)
		all := c.relevant(a)
		for _, ps := range all {
			ps.records = records
			c.walk(ps)
			c.forecast(ps)
			if ps.status == Complete {
				key := a.name + "\t" + ps.seriesGroup
				c.complete[key] = earliest(c.complete[key], ps.lastValid())
			}
		}
		best[a.name] = c.selectBest(all)
	}
	r.Groups = c.groups(best)
	return r
}

// observe notes the observations of the patient, and those that follow from the age.
func (c *call) observe() {
	for _, o := range c.patient.Observations {
		if at, seen := c.observed[o.Code]; (!seen || o.Date > at) && o.Date <= c.on {
			c.observed[o.Code] = o.Date // the most recent counts, CALCDTINT-9
		}
	}
	if c.on < c.patient.Birth.plus(Span{years: 1, given: true}) {
		c.observed["229"] = 0 // age is less than 1 year
	}
	if c.on >= c.patient.Birth.plus(Span{years: 60, given: true}) {
		c.observed["276"] = 0 // age is 60 years or older
	}
}

// records are the doses that hold an antigen, by date.
func (c *call) records(antigen string) []record {
	var out []record
	for i := range c.doses {
		d := &c.doses[i]
		for _, a := range c.vaccines[d.CVX].antigens {
			if a.antigen == antigen && c.aged(d.Given, a.begin, a.end) {
				out = append(out, record{i, d})
				break
			}
		}
	}
	return out
}

// aged reports whether the patient was of an age on a day: from the begin on and before the end, as far as these are given.
func (c *call) aged(on Date, begin, end Span) bool {
	return on >= c.patient.Birth.plus(begin).or(everBefore) && on < c.patient.Birth.plus(end).or(everAfter)
}
