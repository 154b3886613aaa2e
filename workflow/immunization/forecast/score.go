package forecast

// scoreComplete gives points to complete series. (table 8-7)
func scoreComplete(list []*patientSeries) []int {
	points := make([]int, len(list))
	most(points, list, 1, func(ps *patientSeries) int { return ps.satisfied() })
	return points
}

// scoreInProcess gives points to series that have begun. (table 8-9)
func (c *call) scoreInProcess(list []*patientSeries) []int {
	points := make([]int, len(list))
	for i, ps := range list {
		points[i] += either(2, ps.product && ps.allValid())
		points[i] += either(3, c.completable(ps))
	}
	most(points, list, 2, (*patientSeries).satisfied)
	most(points, list, 2, func(ps *patientSeries) int { return -ps.open() })
	most(points, list, 1, func(ps *patientSeries) int {
		if !c.completable(ps) {
			return -int(everAfter)
		}
		return -int(c.finishDate(ps))
	})
	return points
}

// scoreNoValid gives points to series without a valid dose. (table 8-11)
func (c *call) scoreNoValid(list []*patientSeries) []int {
	points := make([]int, len(list))
	for i, ps := range list {
		points[i] += either(1, c.completable(ps))
		points[i] += either(1, !ps.product)
	}
	most(points, list, 1, func(ps *patientSeries) int { return -int(ps.dates.earliest.or(everAfter)) })
	return points
}

func either(points int, yes bool) int {
	if yes {
		return points
	}
	return -points
}

// most gives points to the one that has most of something, none to several that have it, and takes them from the others.
func most(points []int, list []*patientSeries, n int, of func(*patientSeries) int) {
	highest, count := of(list[0]), 0
	for _, ps := range list {
		highest = max(highest, of(ps))
	}
	for _, ps := range list {
		if of(ps) == highest {
			count++
		}
	}
	for i, ps := range list {
		if of(ps) != highest {
			points[i] -= n
		} else if count == 1 {
			points[i] += n
		}
	}
}

// allValid reports whether every dose is valid in the series. (SELECTB-2)
func (ps *patientSeries) allValid() bool {
	for _, e := range ps.evals {
		if e.status != Valid {
			return false
		}
	}
	return true
}

// open is the number of target doses that are not satisfied.
func (ps *patientSeries) open() int {
	n := 0
	for _, t := range ps.targets {
		if t.status == notSatisfied {
			n++
		}
	}
	return n
}

// finishDate is when the series could be finished: from the earliest date of the next dose on, the others follow at
// their minimum intervals. 0 if no dose is forecast. (SELECTB-12)
func (c *call) finishDate(ps *patientSeries) Date {
	at := ps.dates.earliest
	if at == 0 || ps.next >= len(ps.targets) {
		return at
	}
	for _, t := range ps.targets[ps.next+1:] {
		step := at
		for _, i := range t.intervals {
			if i.from.previous && i.holds(c.on) {
				step = max(step, at.plus(i.minimum))
			}
		}
		at = step
	}
	return at
}

// completable reports whether the series can be finished before its last dose is too late. (SELECTB-3)
func (c *call) completable(ps *patientSeries) bool {
	finish := c.finishDate(ps)
	if finish == 0 {
		return false
	}
	last := ps.targets[len(ps.targets)-1]
	return finish < c.patient.Birth.plus(last.limits(c.on).maximum).or(everAfter)
}
