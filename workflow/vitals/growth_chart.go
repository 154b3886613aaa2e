package vitals

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/osler-ehr/osler/web/clinical"
	"github.com/osler-ehr/osler/web/facts"
	"github.com/osler-ehr/osler/web/format"
	"github.com/osler-ehr/osler/workflow/vitals/growth"
)

// span is the ages that one sheet of growth charts is for.
type span string

// The sheets.
const (
	infants  span = "infant" // birth to 36 months, the WHO's to 24
	children span = "child"  // 2 to 20 years
)

// sheet are the measures of a span in the order of their tabs.
func (s span) sheet(ref *growth.Reference, sex growth.Sex) []growth.Measure {
	order := []growth.Measure{growth.WeightForAge, growth.LengthForAge, growth.WeightForLength, growth.HeadForAge, growth.BMIForAge}
	if s == children {
		order = []growth.Measure{growth.WeightForAge, growth.StatureForAge, growth.BMIForAge, growth.WeightForStature}
	}
	var out []growth.Measure
	for _, m := range order {
		from, to, ok := s.reach(ref, m, sex)
		if !ok || from >= to || s == infants && m.ForAge() && from > 1 { // the CDC's BMI begins at 2 years
			continue
		}
		out = append(out, m)
	}
	return out
}

// reach is the part of a measure's chart that the sheet shows, in months or cm.
func (s span) reach(ref *growth.Reference, m growth.Measure, sex growth.Sex) (from, to float64, ok bool) {
	from, to, ok = ref.Range(m, sex)
	if !ok || !m.ForAge() {
		return from, to, ok
	}
	if s == infants {
		end := 36.0
		if ref.Name == "WHO" {
			end = 24
		}
		return from, math.Min(to, end), true
	}
	return math.Max(from, 24), to, true
}

// names of the measures: in a heading, on a tab, and in a sentence.
var measureNames = map[growth.Measure][3]string{
	growth.WeightForAge: {"Weight for age", "Weight", "weight"}, growth.LengthForAge: {"Length for age", "Length", "length"}, growth.StatureForAge: {"Height for age", "Height", "height"},
	growth.HeadForAge: {"Head circumference for age", "Head", "head"}, growth.BMIForAge: {"BMI for age", "BMI", "BMI"},
	growth.WeightForLength: {"Weight for length", "Weight for length", "weight for length"}, growth.WeightForStature: {"Weight for height", "Weight for height", "weight for height"},
}

// percents are the percentiles that are drawn: those of the published charts.
func percents(ref *growth.Reference, m growth.Measure) []float64 {
	switch {
	case ref.Name == "WHO":
		return []float64{3, 15, 50, 85, 97}
	case m == growth.BMIForAge:
		return []float64{5, 10, 25, 50, 75, 85, 90, 95, 98, 99.9}
	}
	return []float64{5, 10, 25, 50, 75, 90, 95}
}

// expected are the percentiles between which the area is tinted.
func expected(ref *growth.Reference, m growth.Measure) (low, high float64) {
	switch {
	case ref.Name == "WHO":
		return 15, 85
	case m == growth.BMIForAge:
		return 5, 85 // CDC: healthy weight
	}
	return 10, 90
}

// chartOf draws the measurements over the curves of a sheet. Implausible ones are left to the table, where they are named: one slip would
// flatten all the rest.
func chartOf(ref *growth.Reference, s span, m growth.Measure, sex growth.Sex, points []grown, in system, zone *time.Location, size clinical.TrendSize) *clinical.Trend {
	from, to, ok := s.reach(ref, m, sex)
	if !ok {
		return nil
	}
	shown := in.unitIn(m.Unit())
	times := factor(m.Unit(), shown)
	t := &clinical.Trend{
		Size: size, ID: "growth-" + string(m), Title: measureNames[m][0], Unit: format.Unit(shown), XTicks: ticks(s, m, from, to), XLabel: xLabel(s, m),
		Note: "Percentiles of the " + ref.Name,
	}
	small := size == clinical.GrowthSmall
	if small {
		t.XLabel = ""
		t.XTicks = every(2, t.XTicks)
	}
	low, high := expected(ref, m)
	for _, p := range percents(ref, m) {
		c := clinical.Curve{Label: ordinal(p), Mid: p == 50, Dash: p == low || p == high, Band: p == low || p == high}
		for i := range 121 {
			x := from + (to-from)*float64(i)/120
			if y, ok := ref.Value(m, sex, x, p); ok {
				c.XY = append(c.XY, [2]float64{place(s, m, x), y * times})
			}
		}
		t.Curves = append(t.Curves, c)
	}
	if small {
		t.Curves = outline(t.Curves)
	}
	room := .045
	if small {
		room = .2
	}
	thin(t.Curves, room)
	series := clinical.Series{Style: 1}
	for _, g := range points {
		if !g.judged || g.x < from || g.x > to || g.score.Implausible {
			continue
		}
		series.Points = append(series.Points, clinical.Point{X: place(s, m, g.x), Y: g.y * times, When: facts.Day(g.at, zone), Text: g.short(in), Hint: g.hint(in, zone)})
		if small {
			series.Points[len(series.Points)-1].Hint = ""
		}
	}
	t.Series = []clinical.Series{series}
	return t
}

// outline leaves the outermost curves, the median and the tinted area, which are what a small chart has room for.
func outline(curves []clinical.Curve) []clinical.Curve {
	var out []clinical.Curve
	for i, c := range curves {
		if i == 0 || i == len(curves)-1 || c.Mid || c.Band {
			out = append(out, c)
		}
	}
	return out
}

// every is each n-th tick.
func every(n int, ticks []clinical.Tick) []clinical.Tick {
	var out []clinical.Tick
	for i := 0; i < len(ticks); i += n {
		out = append(out, ticks[i])
	}
	return out
}

// thin takes the label from curves that end too close to one already named, in shares of the height: their place in the order tells which
// they are. The outermost keep theirs, then the median.
func thin(curves []clinical.Curve, room float64) {
	low, high := math.Inf(1), math.Inf(-1)
	for _, c := range curves {
		for _, p := range c.XY {
			low, high = min(low, p[1]), max(high, p[1])
		}
	}
	var named []float64
	name := func(c *clinical.Curve, always bool) {
		if len(c.XY) == 0 {
			return
		}
		end := c.XY[len(c.XY)-1][1]
		if !always && slices.ContainsFunc(named, func(o float64) bool { return math.Abs(o-end) < (high-low)*room }) {
			c.Label = ""
			return
		}
		named = append(named, end)
	}
	last := len(curves) - 1
	for i := range curves {
		if i == 0 || i == last {
			name(&curves[i], true)
		}
	}
	for i := range curves {
		if curves[i].Mid {
			name(&curves[i], false)
		}
	}
	for i := range curves {
		if i != 0 && i != last && !curves[i].Mid {
			name(&curves[i], false)
		}
	}
}

// place is where an age or length stands on the axis: years for children, months for infants, cm for lengths.
func place(s span, m growth.Measure, x float64) float64 {
	if s == children && m.ForAge() {
		return x / 12
	}
	return x
}

func xLabel(s span, m growth.Measure) string {
	switch {
	case m == growth.WeightForLength:
		return "length in cm"
	case m == growth.WeightForStature:
		return "height in cm"
	case s == children:
		return "age in years"
	}
	return "age in months"
}

func ticks(s span, m growth.Measure, from, to float64) []clinical.Tick {
	step := 3.0
	switch {
	case !m.ForAge():
		step = 10
	case s == children:
		step = 24
	}
	var out []clinical.Tick
	for x := math.Ceil(from/step) * step; x <= to+1e-9; x += step {
		at := place(s, m, x)
		out = append(out, clinical.Tick{At: at, Label: strconv.FormatFloat(at, 'f', -1, 64)})
	}
	return out
}

// factor is by what a number in one unit is multiplied to be in another.
func factor(from, to string) float64 {
	if v, ok := (amount{"1", from}).float(to); ok {
		return v
	}
	return 1
}

// short is the measurement with its percentile, as the last point of a chart says it: 8.7 kg, 21st percentile.
func (g grown) short(in system) string {
	return g.measured.to(in).String() + ", " + percentile(g.score.Percentile) + " percentile"
}

// hint is all about a point in one line.
func (g grown) hint(in system, zone *time.Location) string {
	s := g.measured.to(in).String()
	if shown := g.measured.to(in); shown.unit != g.measured.unit {
		s += " (measured " + g.measured.String() + ")"
	}
	if !g.against.isZero() {
		s += " at " + g.against.String()
	}
	s += ", " + percentile(g.score.Percentile) + " percentile"
	if g.score.Extended {
		s += " (" + g.ofP95() + ")"
	}
	return s + ", z " + zText(g.score.Z) + ", " + g.age + ", " + facts.Day(g.at, zone)
}

// ageText writes an age in days of somebody born on a day, as the banner does: 15 m 12 d.
func ageText(born time.Time, days int) string {
	return format.PartialAge(format.Partial{Time: born, Precision: format.Day}, born.AddDate(0, 0, days))
}

// percentile writes a percentile: whole ones between the 1st and the 99th, and as many digits as tell them apart beyond.
func percentile(p float64) string {
	switch {
	case p < .01:
		return "below 0.01th"
	case p < 1:
		return ordinal(math.Round(p*100) / 100)
	case p > 99.99:
		return "above 99.99th"
	case p > 99:
		return ordinal(math.Round(p*100) / 100)
	}
	return ordinal(math.Round(p))
}

// zText writes a z-score with its sign and two digits.
func zText(z float64) string {
	s := strconv.FormatFloat(math.Abs(z), 'f', 2, 64)
	switch {
	case strings.Trim(s, "0.") == "":
		return s
	case z < 0:
		return format.Minus + s
	}
	return "+" + s
}

// ordinal writes a percentile as it is said: 21st, 3rd, 99.9th.
func ordinal(p float64) string {
	s := strconv.FormatFloat(p, 'f', -1, 64)
	if strings.Contains(s, ".") {
		return s + "th"
	}
	n := int(p)
	if n%100 >= 11 && n%100 <= 13 {
		return s + "th"
	}
	switch n % 10 {
	case 1:
		return s + "st"
	case 2:
		return s + "nd"
	case 3:
		return s + "rd"
	}
	return s + "th"
}
