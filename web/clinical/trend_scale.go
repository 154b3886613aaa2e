package clinical

import (
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/osler-ehr/osler/web/format"
)

// frame is the drawing area of a size in user units: the whole, and the margins within.
type frame struct{ w, h, left, right, top, bottom float64 }

func (s TrendSize) frame() frame {
	switch s {
	case SparkWide:
		return frame{128, 24, 3, 5, 4, 4}
	case Plot:
		return frame{600, 270, 34, 84, 28, 26}
	case Growth:
		return frame{880, 340, 48, 52, 12, 44}
	case GrowthSmall:
		return frame{430, 150, 34, 40, 10, 24}
	}
	return frame{64, 24, 3, 5, 4, 4}
}

// scale maps values to the drawing.
type scale struct {
	frame
	x0, x1, y0, y1 float64
}

func (s scale) x(v float64) float64 {
	return s.left + (v-s.x0)/(s.x1-s.x0)*(s.w-s.left-s.right)
}

func (s scale) y(v float64) float64 {
	return s.h - s.bottom - (v-s.y0)/(s.y1-s.y0)*(s.h-s.top-s.bottom)
}

// scale chooses the ranges of both axes.
func (t *Trend) scale() scale {
	s := scale{frame: t.Size.frame(), x0: math.Inf(1), x1: math.Inf(-1), y0: math.Inf(1), y1: math.Inf(-1)}
	for _, series := range t.Series {
		for _, p := range series.Points {
			s.x0, s.x1 = min(s.x0, p.X), max(s.x1, p.X)
			s.y0, s.y1 = min(s.y0, p.Y), max(s.y1, p.Y)
		}
	}
	for _, c := range t.Curves {
		for _, p := range c.XY {
			s.x0, s.x1 = min(s.x0, p[0]), max(s.x1, p[0])
			s.y0, s.y1 = min(s.y0, p[1]), max(s.y1, p[1])
		}
	}
	for _, e := range t.Events {
		s.x0, s.x1 = min(s.x0, e.X), max(s.x1, e.X)
	}
	if math.IsInf(s.x0, 0) {
		s.x0, s.x1, s.y0, s.y1 = 0, 1, 0, 1
	}
	s.reach(t)
	if s.x0 == s.x1 {
		s.x0, s.x1 = s.x0-1, s.x1+1
	}
	if s.y0 == s.y1 {
		pad := math.Max(math.Abs(s.y0)*.1, .5)
		s.y0, s.y1 = s.y0-pad, s.y1+pad
	}
	if t.Size >= Plot {
		step := niceStep(s.y1-s.y0, t.Size.steps())
		s.y0, s.y1 = math.Floor(s.y0/step)*step, math.Ceil(s.y1/step)*step
	}
	return s
}

// reach widens the vertical range to the limits that the values are judged by, but never so far that the values become a flat line.
func (s *scale) reach(t *Trend) {
	span := s.y1 - s.y0
	limit := 2.8 * math.Max(span, math.Max(math.Abs(s.y1), math.Abs(s.y0))*.08)
	widen := func(v *float64) {
		if v == nil {
			return
		}
		if *v < s.y0 {
			s.y0 = max(*v, s.y0-limit)
		}
		if *v > s.y1 {
			s.y1 = min(*v, s.y1+limit)
		}
	}
	if t.Band != nil {
		widen(t.Band.Low)
		widen(t.Band.High)
	}
	if t.Size >= Plot {
		widen(t.CriticalLow)
		widen(t.CriticalHigh)
	}
	if t.Band == nil {
		return
	}
	// A band with an open end takes a third of the height, so that it can be seen.
	if t.Band.Low == nil && t.Band.High != nil {
		s.y0 = min(s.y0, *t.Band.High-(s.y1-*t.Band.High)/2)
	}
	if t.Band.High == nil && t.Band.Low != nil {
		s.y1 = max(s.y1, *t.Band.Low+(*t.Band.Low-s.y0)/2)
	}
}

// band is the vertical extent of the reference range in the drawing; ok is false where none is in sight.
func (t *Trend) band(s scale) (top, height float64, ok bool) {
	if t.Band == nil || (t.Band.Low == nil && t.Band.High == nil) {
		return 0, 0, false
	}
	low, high := s.y0, s.y1
	edge := 0.0
	if t.Size <= SparkWide {
		edge = s.top - 1 // a sparkline's band may use the margins
	}
	if t.Band.Low != nil {
		low = max(low, *t.Band.Low)
	}
	if t.Band.High != nil {
		high = min(high, *t.Band.High)
	}
	if high <= low {
		return 0, 0, false
	}
	top, bottom := s.y(high), s.y(low)
	if t.Band.High == nil {
		top -= edge
	}
	if t.Band.Low == nil {
		bottom += edge
	}
	return top, bottom - top, true
}

// line is the path through the points that still hold.
func (s scale) line(points []Point) string {
	var b strings.Builder
	for _, p := range points {
		if p.Superseded {
			continue
		}
		b.WriteString(map[bool]string{true: "M", false: "L"}[b.Len() == 0] + num(s.x(p.X)) + " " + num(s.y(p.Y)))
	}
	return b.String()
}

// curve is the path of a percentile.
func (s scale) curve(xy [][2]float64) string {
	points := make([]Point, len(xy))
	for i, p := range xy {
		points[i] = Point{X: p[0], Y: p[1]}
	}
	return s.line(points)
}

// between is the area from one curve to another.
func (s scale) between(low, high [][2]float64) string {
	back := make([][2]float64, len(high))
	for i, p := range high {
		back[len(high)-1-i] = p
	}
	return s.curve(low) + strings.Replace(s.curve(back), "M", "L", 1) + "Z"
}

// yTicks are the labelled grid lines.
func (s scale) yTicks(n int) []Tick {
	step := niceStep(s.y1-s.y0, n)
	digits := 0
	if step < 1 {
		digits = int(math.Ceil(-math.Log10(step)))
	}
	var out []Tick
	for i := 0; ; i++ {
		v := s.y0 + float64(i)*step
		if v > s.y1+step/1000 {
			return out
		}
		out = append(out, Tick{v, format.Thousands(strconv.FormatFloat(v, 'f', digits, 64))})
	}
}

// timeTicks are month starts, at most five.
func (s scale) timeTicks() []Tick {
	from := time.Unix(int64(s.x0*86400), 0).UTC()
	to := time.Unix(int64(s.x1*86400), 0).UTC()
	months := int(to.Sub(from).Hours()/24/30.4) + 1
	step := 1
	for _, step = range []int{1, 2, 3, 6, 12, 24, 60, 120} {
		if months/step <= 5 {
			break
		}
	}
	var out []Tick
	for t := time.Date(from.Year(), from.Month()+1, 1, 0, 0, 0, 0, time.UTC); !t.After(to); t = t.AddDate(0, step, 0) {
		out = append(out, Tick{DayOf(t), format.MonthYear(t)})
	}
	if len(out) == 0 { // less than a month: name the day it began
		out = append(out, Tick{s.x0, format.Date(from)})
	}
	return out
}

// steps is about how many grid lines a size has room for.
func (s TrendSize) steps() int {
	switch s {
	case Growth:
		return 8
	case GrowthSmall:
		return 4
	}
	return 5
}

// niceStep divides a range into about n steps of 1, 2 or 5 times a power of ten.
func niceStep(span float64, n int) float64 {
	if span <= 0 {
		return 1
	}
	raw := span / float64(n)
	mag := math.Pow(10, math.Floor(math.Log10(raw)))
	for _, m := range []float64{1, 2, 5, 10} {
		if raw <= m*mag {
			return m * mag
		}
	}
	return 10 * mag
}

// num writes a coordinate with at most one decimal.
func num(v float64) string {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return "0"
	}
	return strconv.FormatFloat(math.Round(v*10)/10, 'f', -1, 64)
}
