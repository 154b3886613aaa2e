package forecast

import (
	"cmp"
	"slices"
)

// groups makes the forecasts of the vaccine groups from the best series of their antigens. Series of one kind and
// series group are blended. (9)
func (c *call) groups(best map[string][]*patientSeries) []GroupForecast {
	var out []GroupForecast
	for _, g := range c.Groups {
		type key struct {
			kind  Kind
			group string
		}
		var order []key
		members := map[key][]*patientSeries{}
		for _, antigen := range g.Antigens {
			for _, ps := range best[antigen] {
				k := key{min(ps.kind, Risk), ps.seriesGroup}
				if members[k] == nil {
					order = append(order, k)
				}
				members[k] = append(members[k], ps)
			}
		}
		slices.SortFunc(order, func(a, b key) int { return cmp.Compare(a.group, b.group) })
		for _, k := range order {
			out = append(out, c.group(g, members[k]))
		}
	}
	return out
}

// sharedFrom are the ages from which a vaccine is given after a shared decision alone, where the supporting data say so
// in their advice on the series, and not by its name.
var sharedFrom = map[string]Span{"HPV": {years: 27, given: true}}

func (c *call) group(g Group, members []*patientSeries) GroupForecast {
	out := GroupForecast{Group: g.Name, Kind: members[0].kind, SeriesGroup: members[0].seriesGroup, Status: statusOf(members)}
	for _, ps := range members {
		out.Antigens = append(out.Antigens, ps.antigen.name)
		out.Series = append(out.Series, ps.name)
		out.Shared = out.Shared || ps.shared
		out.Outdated = out.Outdated || c.outdated(ps)
		for _, r := range ps.reasons {
			if !slices.Contains(out.Reasons, r) && (out.Status != NotComplete || ps.status == NotComplete) {
				out.Reasons = append(out.Reasons, r)
			}
		}
		for _, i := range ps.because {
			if t := c.observations[i.observation].title; !slices.Contains(out.Because, t) {
				out.Because = append(out.Because, t)
			}
		}
	}
	if from, ok := sharedFrom[g.Name]; ok && out.Kind == Standard && c.on >= c.patient.Birth.plus(from) {
		out.Shared = true
	}
	if out.Status == NotComplete {
		c.groupDates(&out, g, filter(members, func(ps *patientSeries) bool { return ps.status == NotComplete }))
		out.Guidance = guidance(members)
	}
	out.Evaluations = evaluations(members)
	for _, ps := range members {
		out.Members = append(out.Members, Member{ps.antigen.name, ps.name, len(ps.doses), ps.status, evaluations([]*patientSeries{ps})})
	}
	return out
}

// outdated reports whether the series is of a season that began a year ago or more.
func (c *call) outdated(ps *patientSeries) bool {
	return slices.ContainsFunc(ps.doses, func(d seriesDose) bool {
		return d.seasonStart != 0 && c.on >= d.seasonStart.plus(Span{years: 1, given: true})
	})
}

// statusOf is the status of a group. (9.2, table 9-4)
func statusOf(members []*patientSeries) Status {
	has := func(s Status) bool {
		return slices.ContainsFunc(members, func(ps *patientSeries) bool { return ps.status == s })
	}
	for _, s := range []Status{Contraindicated, AgedOut, NotRecommended, NotComplete} {
		if has(s) {
			return s
		}
	}
	if has(Complete) {
		return Complete
	}
	return Immune
}

// groupDates blends the dates of the series that need a dose. (FORECASTVG-2 to 6, SINGLEANTVG-2, MULTIANTVG-1, FORECASTDN-2)
func (c *call) groupDates(out *GroupForecast, g Group, open []*patientSeries) {
	var first, last, recommended, pastDue, given Date
	priority := false
	for _, ps := range open {
		f := ps.dates
		first, last = earliest(first, f.earliest), latest(last, f.earliest)
		recommended, pastDue = earliest(recommended, f.recommended), earliest(pastDue, f.pastDue)
		out.Latest = earliest(out.Latest, f.latest)
		out.UnadjustedRecommended = earliest(out.UnadjustedRecommended, f.unadjustedRecommended)
		out.UnadjustedPastDue = earliest(out.UnadjustedPastDue, f.unadjustedPastDue)
		priority = priority || ps.priority
		if n := len(ps.records); n > 0 {
			given = max(given, ps.records[n-1].Given)
		}
		out.Needed = append(out.Needed, ps.antigen.name)
		for _, v := range ps.vaccines {
			if !slices.Contains(out.Vaccines, v) {
				out.Vaccines = append(out.Vaccines, v)
			}
		}
		switch n := ps.doseNumber(); {
		case out.DoseNumber == 0, g.full && n < out.DoseNumber, !g.full && n > out.DoseNumber:
			out.DoseNumber = n
		}
	}
	out.Earliest = first
	if len(g.Antigens) > 1 {
		out.Earliest = last
		if priority {
			out.Earliest = max(first, given)
		}
	}
	out.Recommended = max(recommended, out.Earliest)
	if pastDue != 0 {
		out.PastDue = max(pastDue, out.Earliest)
	}
}

// guidance is CDC's advice on the series and its indications. (FORECASTGUIDANCE-1)
func guidance(members []*patientSeries) []string {
	var out []string
	add := func(s string) {
		if s != "" && !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	for _, ps := range members {
		for _, s := range ps.guidance {
			add(s)
		}
		for _, i := range ps.because {
			add(i.guidance)
		}
	}
	return out
}

// evaluations blends those of the antigens: a dose is worth what it is worth for the antigen for which it is worth least,
// antigens that needed no dose left aside.
func evaluations(members []*patientSeries) []Evaluation {
	var out []Evaluation
	for _, ps := range members {
		for i, r := range ps.records {
			e := ps.evals[i]
			at := slices.IndexFunc(out, func(o Evaluation) bool { return o.Dose == r.dose })
			switch {
			case at < 0:
				out = append(out, Evaluation{Dose: r.dose, Antigens: []string{ps.antigen.name}, Status: e.status, Number: e.number, Reasons: e.reasons, Earliest: e.earliest})
			case rank(e.status) > rank(out[at].Status):
				out[at] = Evaluation{Dose: r.dose, Antigens: append(out[at].Antigens, ps.antigen.name), Status: e.status, Number: e.number, Reasons: e.reasons, Earliest: e.earliest}
			default:
				out[at].Antigens = append(out[at].Antigens, ps.antigen.name)
				if e.status == out[at].Status {
					out[at].Number = max(out[at].Number, e.number)
				}
			}
		}
	}
	slices.SortStableFunc(out, func(a, b Evaluation) int { return cmp.Compare(a.Dose, b.Dose) })
	return out
}

// rank orders the statuses of antigens by which of them decides about the dose.
func rank(s EvaluationStatus) int {
	switch s {
	case SubStandard:
		return 3
	case NotValid:
		return 2
	case Valid:
		return 1
	}
	return 0
}
