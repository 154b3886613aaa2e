package synthetic

import "math"

// sample is what was drawn from a patient at one time, with the results.
type sample struct {
	at       moment
	issued   moment
	ordered  moment
	by       *staff // who ordered
	order    *visit // at which it was ordered; nil if that was not here
	visit    *visit // at which it was drawn; nil for a trip to the laboratory
	results  []result
	pending  bool   // drawn, no result yet
	unread   bool   // the report waits in the clinician's inbox
	reportID string // of its first report, once written
	comment  string
}

// result is one panel's figures and findings.
type result struct {
	panel  *panel
	c      *condition
	values []float64
	words  []string
	first  map[analyte]float64 // values that the laboratory corrected
}

// draw takes the samples that the visit wants. Standing tests are drawn some days before, as ordered the last time; the rest on the spot.
func (v *visit) draw() {
	var here, ahead []request
	early := v.previous != nil && v.at.day-v.previous.at.day > 20 && (v.kind == followUpVisit || v.kind == videoVisit || v.kind == physicalVisit)
	for _, r := range v.wanted {
		if early && !r.panel.point {
			ahead = append(ahead, r)
		} else {
			here = append(here, r)
		}
	}
	if len(ahead) > 0 {
		on := v.at.day - day(v.d.between(2, 5))
		if v.part != nil && v.part.drawBefore > 0 {
			on = v.at.day - day(v.part.drawBefore)
		}
		for on.weekend() {
			on--
		}
		at := on.at(7*60 + 30 + v.d.below(120))
		s := &sample{at: at, ordered: v.previous.at.plus(20), by: v.by, order: v.previous}
		s.issued = at.plus(6*60 + v.d.below(300))
		v.fill(s, ahead)
	}
	if len(here) > 0 {
		s := &sample{at: v.vitals.taken.plus(2), ordered: v.vitals.taken.plus(1), by: v.by, order: v, visit: v}
		if v.vitals.taken.day == 0 {
			s.at, s.ordered = v.at, v.at
		}
		s.issued = s.at.plus(4)
		for _, r := range here {
			if !r.panel.point {
				s.issued = (s.at.day + 1).at(8*60 + v.d.below(240))
			}
		}
		if s.issued.after(v.now) {
			s.issued = v.now
			for _, r := range here {
				s.pending = s.pending || !r.panel.point
			}
		}
		v.fill(s, here)
	}
}

// fill measures what the panels hold.
func (v *visit) fill(s *sample, list []request) {
	for _, r := range list {
		v.done[r.panel] = s.at.day
		if r.panel == fullPanel {
			v.done[basicPanel] = s.at.day
		}
		res := result{panel: r.panel, c: r.c}
		if len(r.panel.members) > 0 {
			res.values = v.measurePanel(r.panel, s.at.day)
		}
		for _, f := range r.panel.findings {
			res.words = append(res.words, f.normal)
		}
		s.results = append(s.results, res)
	}
	v.samples = append(v.samples, s)
	v.patient.samples = append(v.patient.samples, s)
}

// measurePanel measures a panel's members. Those that follow from others are calculated, so that they agree.
func (p *patient) measurePanel(pn *panel, on day) []float64 {
	values := make([]float64, len(pn.members))
	got := func(a analyte) float64 {
		for i, m := range pn.members {
			if m == a {
				return values[i]
			}
		}
		return p.levels[a].seen
	}
	for pass := range 2 {
		for i, m := range pn.members {
			derived := m == egfr || m == cholesterol || m == hematocrit || m == erythrocytes || m == mch || m == prothrombinTime
			if derived != (pass == 1) {
				continue
			}
			switch m {
			case egfr:
				if p.age(on) < 18 {
					values[i] = 120 + math.Round(p.d.normal()*8)
				} else {
					values[i] = min(glomerularFiltration(got(creatinine), p.age(on), p.female), 130)
				}
			case cholesterol:
				values[i] = math.Round(got(ldl) + got(hdl) + got(triglycerides)/5)
			case hematocrit:
				values[i] = round(got(hemoglobin)/got(mchc)*100, 1)
			case erythrocytes:
				values[i] = round(got(hemoglobin)/got(mchc)*1000/got(mcv), 2)
			case mch:
				values[i] = round(got(mchc)*got(mcv)/100, 1)
			case prothrombinTime:
				values[i] = round(11*got(inr), 1)
			case glucose:
				values[i] = p.measure(glucose, on)
				// What the average over three months says, if it is known to be high.
				if l := &p.levels[hba1c]; l.on != 0 && l.value > 6 {
					values[i] = math.Round(28.7*l.value - 46.7 - 18 + p.d.normal()*14)
					p.levels[glucose].seen = values[i]
				}
			default:
				values[i] = p.measure(m, on)
			}
			if derived {
				if pinned, ok := p.pinned(m, on); ok {
					values[i] = pinned
				}
				p.note(m, values[i], on)
			}
		}
	}
	return values
}

// finding sets what a test in words has shown.
func (s *sample) finding(pn *panel, index int, words string) {
	for i := range s.results {
		if s.results[i].panel == pn {
			s.results[i].words[index] = words
		}
	}
}

// limits are the reference range for a patient.
func (t *test) limits(female bool) (low, high float64) {
	low, high = t.low, t.high
	if female {
		if t.femaleLow != 0 {
			low = t.femaleLow
		}
		if t.femaleHigh != 0 {
			high = t.femaleHigh
		}
	}
	return low, high
}

// limits are the reference range for this patient on a day.
func (p *patient) limits(a analyte, on day) (low, high float64) {
	if p.age(on) < 13 {
		switch a {
		case hemoglobin:
			return 11, 14.5
		case creatinine:
			return 0.2, 0.7
		case mcv:
			return 73, 89
		case alkalinePhosphatase:
			return 130, 420
		case hematocrit:
			return 33, 43
		case erythrocytes:
			return 3.9, 5.3
		case mch:
			return 24, 31
		}
	}
	return tests[a].limits(p.female)
}

// flag is the interpretation of a value: "", "L", "H", "LL" or "HH".
func (p *patient) flag(a analyte, v float64, on day) string {
	t := &tests[a]
	low, high := p.limits(a, on)
	switch {
	case t.critHigh > 0 && v >= t.critHigh:
		return "HH"
	case t.critLow > 0 && v <= t.critLow:
		return "LL"
	case high > 0 && v > high:
		return "H"
	case low > 0 && v < low:
		return "L"
	}
	return ""
}
