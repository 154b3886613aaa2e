package growth

import "math"

// LMS are the parameters of a skewed normal distribution at one age or length: the power of the Box-Cox transformation, the median
// (in the measure's unit) and the generalised coefficient of variation.
type LMS struct{ L, M, S float64 }

// Z is how many standard deviations a value lies from the median. Values and M must be above 0.
func (p LMS) Z(value float64) float64 {
	if math.Abs(p.L) < tiny {
		return math.Log(value/p.M) / p.S
	}
	return (math.Pow(value/p.M, p.L) - 1) / (p.L * p.S)
}

// Value is the value that lies z standard deviations from the median. It is NaN where the distribution does not reach so far: the
// transformation has an end on one side.
func (p LMS) Value(z float64) float64 {
	if math.Abs(p.L) < tiny {
		return p.M * math.Exp(p.S*z)
	}
	base := 1 + p.L*p.S*z
	if base <= 0 {
		return math.NaN()
	}
	return p.M * math.Pow(base, 1/p.L)
}

// Modified is the z-score by which the CDC looks for implausible values: beyond the median it measures in halves of the distance from
// the median to two standard deviations, and so does not shrink towards the end of a skewed distribution.
// (CDC, "Modified z-scores in the CDC growth charts".)
func (p LMS) Modified(value float64) float64 {
	if value >= p.M {
		return (value - p.M) / ((p.Value(2) - p.M) / 2)
	}
	return (value - p.M) / ((p.M - p.Value(-2)) / 2)
}

// between is the row at the share t of the way from p to q, each parameter by itself, as the CDC's programs do it.
func (p LMS) between(q LMS, t float64) LMS {
	mix := func(a, b float64) float64 { return a + (b-a)*t }
	return LMS{mix(p.L, q.L), mix(p.M, q.M), mix(p.S, q.S)}
}

// tiny is where the power is taken as 0, for which the transformation is the logarithm.
const tiny = 1e-9
