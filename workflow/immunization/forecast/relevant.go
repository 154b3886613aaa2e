package forecast

import "slices"

// patientSeries is a series as it is walked for one patient.
type patientSeries struct {
	*series
	antigen *antigen
	because []indication // by which a risk series concerns the patient
	records []record
	targets []target
	evals   []evaluation // one for each record
	next    int          // the target dose that is not yet satisfied; len(targets) = none

	status   Status
	reasons  []Reason
	dates    forecastDates
	vaccines []string // recommended
	priority bool     // FORECASTPRIORITY-1
}

// target is a dose of the series that is to be given.
type target struct {
	*seriesDose
	status targetStatus
	record int // that satisfies it
}

type targetStatus int

const (
	notSatisfied targetStatus = iota
	satisfied
	skipped
)

// evaluation is that of a record against the target doses of one series.
type evaluation struct {
	status      EvaluationStatus
	number      int
	reasons     []Reason
	earliest    Date
	inadvertent bool
}

// relevant are the series of an antigen that concern the patient. (5.1)
func (c *call) relevant(a *antigen) []*patientSeries {
	var out []*patientSeries
	for _, s := range a.series {
		if len(s.genders) > 0 && !slices.Contains(s.genders, c.gender()) {
			continue
		}
		ps := &patientSeries{series: s, antigen: a}
		if s.kind == Risk {
			if ps.because = c.indicated(s); len(ps.because) == 0 {
				continue
			}
		}
		out = append(out, ps)
	}
	return out
}

func (c *call) gender() Gender {
	switch c.patient.Gender {
	case Female, Male:
		return c.patient.Gender
	}
	return UnknownGender
}

// indicated are the indications of a series that apply. (table 5-4)
func (c *call) indicated(s *series) []indication {
	var out []indication
	for _, i := range s.indications {
		if _, yes := c.observed[i.observation]; yes && c.aged(c.on, i.begin, i.end) {
			out = append(out, i)
		}
	}
	return out
}
