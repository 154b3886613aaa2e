package forecast

import "slices"

// skips reports whether a target dose can be skipped. at is the index of the record being evaluated, or len(records)
// for a forecast; on is the conditional skip reference date, CONDSKIP-2. (6.2, 7.1, 7.6)
func (c *call) skips(ps *patientSeries, t *target, at int, on Date, evaluating bool) bool {
	for i := range t.skips {
		k := &t.skips[i]
		if evaluating && !k.evaluation || !evaluating && !k.forecast || len(k.sets) == 0 {
			continue
		}
		met := 0
		for _, set := range k.sets {
			if c.met(ps, set, at, on) {
				met++
			}
		}
		if met == len(k.sets) || k.any && met > 0 {
			return true
		}
	}
	return false
}

// met reports whether the conditions of a set are met. (table 6-10)
func (c *call) met(ps *patientSeries, set skipSet, at int, on Date) bool {
	if on < set.effective.or(everBefore) || on > set.cessation.or(everAfter) || len(set.conditions) == 0 {
		return false
	}
	met := 0
	for _, k := range set.conditions {
		if c.conditionMet(ps, k, at, on) {
			met++
		}
	}
	return met == len(set.conditions) || set.any && met > 0
}

func (c *call) conditionMet(ps *patientSeries, k condition, at int, on Date) bool {
	switch k.kind {
	case byAge: // table 6-6
		return c.aged(on, k.begin, k.finish)
	case byCompletedSeries: // table 6-7; a dose is not skipped because of what was given after it
		return slices.ContainsFunc(k.groups, func(group string) bool {
			when := c.complete[ps.antigen.name+"\t"+group]
			return when != 0 && (when < on || when == on && at == len(ps.records))
		})
	case byInterval: // table 6-8
		return at > 0 && on >= ps.records[at-1].Given.plus(k.interval)
	}
	n := 0 // CONDSKIP-1
	for i := 0; i < at; i++ {
		r := ps.records[i]
		if (len(k.vaccines) == 0 || slices.Contains(k.vaccines, r.CVX)) && c.aged(r.Given, k.begin, k.finish) &&
			r.Given >= k.start.or(everBefore) && r.Given < k.end.or(everAfter) && (k.total || ps.evals[i].status == Valid) {
			n++
		}
	}
	switch k.compare {
	case exactly:
		return n == k.count
	case fewerThan:
		return n < k.count
	}
	return n > k.count
}
