package growth

import "math"

// Reference is a set of growth charts.
type Reference struct {
	Name   string // CDC, WHO
	tables map[chart]*Table
	limits map[Measure]limits
	// score is how this reference turns a value into z-score and percentile where that is more than LMS; nil = LMS alone.
	score func(Score, Measurement) Score
	// curve is the value at a percentile where that is more than LMS.
	curve func(m Measure, sex Sex, x float64, row LMS, percent float64) float64
}

// limits are the z-scores beyond which a value is taken for biologically implausible.
type limits struct {
	low, high float64
	modified  bool // by LMS.Modified
}

// Measurement is one value to be judged.
type Measurement struct {
	Measure Measure
	Sex     Sex
	X       float64 // age in months, or length or stature in cm: see Measure.ForAge
	Value   float64 // see Measure.Unit
}

// Score is how a value stands.
type Score struct {
	Z          float64
	Percentile float64 // 0 to 100
	LMS        LMS     // the row it was judged by
	Modified   float64 // LMS.Modified
	// Implausible says that the value is so far out that a slip is likelier than the truth.
	Implausible bool
	// Extended says that Z and Percentile are the CDC's extended ones, for a BMI above the 95th percentile.
	Extended bool
	// OfP95 is the BMI in percent of the 95th percentile, by which severe obesity is told; 0 for other measures.
	OfP95 float64
}

// Covers reports whether there is a chart for the measure, sex and place.
func (r *Reference) Covers(m Measure, sex Sex, x float64) bool {
	_, ok := r.table(m, sex).At(x)
	return ok
}

// Range is what the chart of a measure covers: months, or cm; ok is false where there is no such chart.
func (r *Reference) Range(m Measure, sex Sex) (from, to float64, ok bool) {
	t := r.table(m, sex)
	if t == nil {
		return 0, 0, false
	}
	return t.From, t.To, true
}

func (r *Reference) table(m Measure, sex Sex) *Table {
	if r == nil {
		return nil
	}
	return r.tables[chart{m, sex}]
}

// Assess judges a value; ok is false where no chart covers it, or it is no positive number.
func (r *Reference) Assess(m Measurement) (s Score, ok bool) {
	row, ok := r.table(m.Measure, m.Sex).At(m.X)
	if !ok || !(m.Value > 0) || math.IsInf(m.Value, 0) {
		return Score{}, false
	}
	z := row.Z(m.Value)
	s = Score{Z: z, Percentile: Percentile(z), LMS: row, Modified: row.Modified(m.Value)}
	if r.score != nil {
		s = r.score(s, m)
	}
	if l, ok := r.limits[m.Measure]; ok {
		judged := s.Z
		if l.modified {
			judged = s.Modified
		}
		s.Implausible = judged < l.low || judged > l.high
	}
	return s, true
}

// Value is the value at a percentile, for drawing curves; ok is false outside of the chart.
func (r *Reference) Value(m Measure, sex Sex, x, percent float64) (v float64, ok bool) {
	row, ok := r.table(m, sex).At(x)
	if !ok {
		return 0, false
	}
	if r.curve != nil {
		v = r.curve(m, sex, x, row, percent)
	} else {
		v = row.Value(Quantile(percent))
	}
	return v, !math.IsNaN(v)
}
