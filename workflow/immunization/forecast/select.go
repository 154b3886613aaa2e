package forecast

import (
	"cmp"
	"slices"
)

// selectBest picks, of the relevant series of an antigen, those that are the best ones for the patient. (8)
func (c *call) selectBest(all []*patientSeries) []*patientSeries {
	var names []string
	bySeriesGroup := map[string][]*patientSeries{}
	for _, ps := range all {
		if bySeriesGroup[ps.seriesGroup] == nil {
			names = append(names, ps.seriesGroup)
		}
		bySeriesGroup[ps.seriesGroup] = append(bySeriesGroup[ps.seriesGroup], ps)
	}
	slices.Sort(names)
	var prioritized, best []*patientSeries
	for _, name := range names {
		if ps := c.prioritized(bySeriesGroup[name]); ps != nil {
			prioritized = append(prioritized, ps)
		}
	}
	for _, ps := range prioritized {
		if isBest(ps, prioritized) {
			best = append(best, ps)
		}
	}
	return best
}

// isBest decides between prioritized series of equivalent series groups. (table 8-14)
func isBest(ps *patientSeries, all []*patientSeries) bool {
	if ps.status == Complete {
		return true
	}
	completed, risk := false, false
	for _, other := range all {
		if other != ps && slices.Contains(ps.equivalent, other.seriesGroup) {
			completed = completed || other.status == Complete
			risk = risk || other.kind == Risk
		}
	}
	if completed || ps.kind == EvaluationOnly {
		return false
	}
	return ps.kind == Risk || !risk
}

// prioritized is the one series of a series group that is superior to the others; nil if none is to be considered.
func (c *call) prioritized(group []*patientSeries) *patientSeries {
	scorable := c.scorable(group)
	var standby *patientSeries
	for _, ps := range group {
		if ps.byDefault {
			standby = ps
		}
	}
	complete := filter(scorable, func(ps *patientSeries) bool { return ps.status == Complete })
	inProcess := filter(scorable, func(ps *patientSeries) bool { return ps.status == NotComplete && ps.satisfied() > 0 })
	switch { // table 8-3
	case len(scorable) == 0:
		return standby
	case len(scorable) == 1:
		return scorable[0]
	case len(complete) == 1:
		return complete[0]
	case len(complete) == 0 && len(inProcess) == 1:
		return inProcess[0]
	case len(complete) == 0 && len(inProcess) == 0 && standby != nil:
		return standby
	case len(complete) > 1: // table 8-5
		return highest(complete, scoreComplete)
	case len(inProcess) > 1:
		return highest(inProcess, c.scoreInProcess)
	}
	return highest(scorable, c.scoreNoValid)
}

// scorable are the series of a group that are to be considered. (8.1)
func (c *call) scorable(group []*patientSeries) []*patientSeries {
	candidates := filter(group, func(ps *patientSeries) bool { return ps.status != Contraindicated }) // SELECTB-24
	if len(candidates) == 0 {
		candidates = group
	}
	top, anyDefault, anyValid := "", false, false
	for _, ps := range group {
		if top == "" || ps.series.priority < top {
			top = ps.series.priority
		}
		anyDefault = anyDefault || ps.byDefault
		anyValid = anyValid || ps.satisfied() > 0
	}
	return filter(candidates, func(ps *patientSeries) bool { // SELECTSCORE-2
		switch ps.kind {
		case Risk:
			return ps.series.priority <= top
		case EvaluationOnly:
			return ps.status == Complete
		}
		if first := ps.firstValid(); first != 0 {
			return first < c.patient.Birth.plus(ps.maximumToStart).or(everAfter)
		}
		return !anyValid && !anyDefault
	})
}

// firstValid is the date of the earliest valid dose.
func (ps *patientSeries) firstValid() Date {
	for i, e := range ps.evals {
		if e.status == Valid {
			return ps.records[i].Given
		}
	}
	return 0
}

// lastValid is the date of the last valid dose.
func (ps *patientSeries) lastValid() Date {
	for i := len(ps.evals) - 1; i >= 0; i-- {
		if ps.evals[i].status == Valid {
			return ps.records[i].Given
		}
	}
	return 0
}

// highest is the series with the most points; of equals the one that is preferred. (SELECTBEST-2)
func highest(list []*patientSeries, score func([]*patientSeries) []int) *patientSeries {
	points := score(list)
	best := 0
	for i := range list {
		if cmp.Or(cmp.Compare(points[i], points[best]), cmp.Compare(list[best].preference, list[i].preference)) > 0 {
			best = i
		}
	}
	return list[best]
}

func filter(list []*patientSeries, keep func(*patientSeries) bool) []*patientSeries {
	var out []*patientSeries
	for _, ps := range list {
		if keep(ps) {
			out = append(out, ps)
		}
	}
	return out
}
