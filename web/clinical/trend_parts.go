package clinical

import "strconv"

func (t *Trend) sparkClass() string {
	if t.Size == SparkWide {
		return "spark-wide"
	}
	return "spark"
}

func (s Series) style() int { return min(max(s.Style, 1), 5) }

// last is the newest value that holds.
func (s Series) last() (Point, bool) {
	for i := len(s.Points) - 1; i >= 0; i-- {
		if !s.Points[i].Superseded {
			return s.Points[i], true
		}
	}
	return Point{}, false
}

func (s Series) markClass(p Point) string {
	class := "mk mk-" + strconv.Itoa(s.style())
	if last, ok := s.last(); ok && last == p {
		class += " mk-last"
	}
	if p.Flag.Critical() {
		class += " mk-crit"
	}
	return class
}

// role is that of the drawing: an image, unless its points can be focused.
func (t *Trend) role() string {
	for _, series := range t.Series {
		for _, p := range series.Points {
			if p.Hint != "" {
				return "group"
			}
		}
	}
	return "img"
}

// hintX, hintY and hintAnchor place the words of a point where there is room: above it, and towards the middle.
func (s scale) hintX(p Point) float64 {
	if s.hintAnchor(p) == "end" {
		return s.x(p.X) + 6
	}
	return s.x(p.X) - 6
}

func (s scale) hintY(p Point) float64 {
	if y := s.y(p.Y) - 14; y > s.top+4 {
		return y
	}
	return s.y(p.Y) + 24
}

func (s scale) hintAnchor(p Point) string {
	if s.x(p.X) > s.left+(s.w-s.left-s.right)/2 {
		return "end"
	}
	return "start"
}

func (t *Trend) xTicks(s scale) []Tick {
	if t.XTicks != nil || t.Size >= Growth {
		return t.XTicks
	}
	return s.timeTicks()
}

// tinted are the curves between which the expected area lies.
func (t *Trend) tinted() (low, high Curve, ok bool) {
	for _, c := range t.Curves {
		if !c.Band {
			continue
		}
		if !ok {
			low, ok = c, true
		}
		high = c
	}
	return low, high, ok && len(low.XY) > 0 && len(high.XY) > 0
}
