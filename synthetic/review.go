package synthetic

// The steps that most reviews share.

// stand is how a condition stands at a visit.
type stand struct {
	good     string // its word when at goal: "at goal", "controlled", "stable"
	bad      string // and when not: "above goal", "not controlled"
	evidence string // what is seen
	atGoal   bool
	eager    float64  // chance that the clinician acts at once when it is not
	again    float64  // months until it is looked at again after acting; 0 for the usual
	lines    []string // plan lines in any case
	waiting  []string // what is said when nothing is changed although it could be
}

// treatToGoal writes the assessment of a condition whose treatment is a ladder. At goal it goes on; otherwise a rung is climbed.
func (v *visit) treatToGoal(c *condition, s stand) *assessment {
	var a *assessment
	switch {
	case c.fresh(v) && c.rung == 0:
		a = v.assess(c, "new", s.evidence)
		a.planned(v.climb(c))
		if s.again > 0 {
			v.within(s.again)
		}
	case s.atGoal:
		a = v.assess(c, s.good, s.evidence)
		a.planned(c.continued())
	default:
		done := ""
		if v.mayClimb(c, s.eager) {
			done = v.climb(c)
		}
		kept := ""
		if done == "" {
			kept = c.continued()
		}
		a = v.assess(c, s.bad, s.evidence)
		a.planned(done, kept)
		if done == "" && len(s.waiting) > 0 {
			a.planned(pick(&v.d, s.waiting))
		}
		if done != "" && s.again > 0 {
			v.within(s.again)
		}
	}
	a.planned(s.lines...)
	return a
}

// sometime draws a day in adult life, from an age until now; later ages are likelier.
func (p *patient) sometime(from int) day {
	first := int(p.birth) + from*365
	span := int(p.last) - first
	if span <= 0 {
		return p.last + 1
	}
	x := max(p.d.unit(), p.d.unit())
	return day(first + int(x*float64(span)))
}

// strike is the onset of an illness that has struck with a chance by now, at some time after an age.
func (p *patient) strike(chance float64, from int) (day, bool) {
	if p.age(p.last) <= from || !p.d.chance(chance) {
		return 0, false
	}
	return p.sometime(from), true
}

// clamp01 keeps a chance between none and almost certain.
func clamp01(x float64) float64 { return min(max(x, 0), 0.95) }
