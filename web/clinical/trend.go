package clinical

import (
	"strings"
	"time"
)

// TrendSize is one of the sizes in which the same component draws values over time.
type TrendSize int

// The sizes.
const (
	Spark       TrendSize = iota // 64 by 24, in a row; no axes
	SparkWide                    // 128 by 24, for vital signs
	Plot                         // a result's history with axes, limits and events
	Growth                       // a large chart over percentile curves
	GrowthSmall                  // half as wide, for comparison; its newest value stands in a heading beside it
)

// Trend is values over time with what they are judged by. It is drawn on the server as SVG: it follows the theme, prints, and reads as
// one sentence to a screen reader. A table with the same values belongs beside the large sizes.
type Trend struct {
	Size   TrendSize
	ID     string // unique on the page; needed for the large sizes only
	Title  string // what is drawn: Potassium
	Unit   string
	Series []Series
	Band   *Band // the reference range
	// Limits beyond which the practice or laboratory calls a value critical.
	CriticalLow  *float64
	CriticalHigh *float64
	Events       []Event // vertical dashed lines: a medication was started
	Curves       []Curve // percentiles, for Growth
	XTicks       []Tick  // drawn as they are; months are chosen where there are none and X is time
	XLabel       string  // age in months
	Note         string  // joined to the text alternative: reference set, correction
}

// Series is one line of a trend. Style 1 to 5 picks colour, dash and marker together, so that no line differs by colour alone.
type Series struct {
	Name   string
	Style  int
	Points []Point // oldest first
}

// Point is one value.
type Point struct {
	X          float64 // DayOf a time, or an age
	Y          float64
	When       string // for the text alternative: 20-Nov-2026
	Text       string // the value exactly as reported; may differ in digits from Y
	Flag       Flag
	Superseded bool // corrected later: drawn as a dashed ring, off the line
	// Hint is what a large size says of the point while it is pointed at or focused: 8.7 kg, 21st percentile, 23-Nov-2026. It
	// must stand in the table beside the trend too.
	Hint string
}

// Band is a reference range; a nil bound is open.
type Band struct {
	Low, High *float64
	Text      string // 3.5–5.1
}

// Event is something that happened during the trend.
type Event struct {
	X     float64
	Label string
}

// Curve is a percentile line.
type Curve struct {
	Label string
	Dash  bool
	Mid   bool // the median
	XY    [][2]float64
	Band  bool // the area between the first and the last curve marked so is tinted
}

// Tick is a labelled place on an axis.
type Tick struct {
	At    float64
	Label string
}

// DayOf places a time on the axis of a trend, in days.
func DayOf(t time.Time) float64 { return float64(t.Unix()) / 86400 }

// Summary is the text alternative: "Potassium, mmol/L: 4.4 on 02-Nov-2025, 5.6 high on 20-Nov-2026. Reference 3.5–5.1."
func (t *Trend) Summary() string {
	var b strings.Builder
	b.WriteString(t.Title)
	if t.Unit != "" {
		b.WriteString(", " + t.Unit)
	}
	for i, s := range t.Series {
		b.WriteString(map[bool]string{true: ": ", false: "; "}[i == 0])
		if s.Name != "" && len(t.Series) > 1 {
			b.WriteString(s.Name + " ")
		}
		points := s.Points
		if t.Size <= SparkWide && len(points) > 6 { // a sparkline shows the shape; the row and the table say the rest
			points = points[len(points)-6:]
		}
		for j, p := range points {
			if j > 0 {
				b.WriteString(", ")
			}
			b.WriteString(p.Text)
			if w := p.Flag.Words(); w != "" {
				b.WriteString(" " + w)
			}
			if p.When != "" {
				b.WriteString(" on " + p.When)
			}
			if p.Superseded {
				b.WriteString(", later corrected")
			}
		}
	}
	b.WriteString(".")
	if t.Band != nil && t.Band.Text != "" {
		b.WriteString(" Reference " + t.Band.Text + ".")
	}
	for _, e := range t.Events {
		b.WriteString(" " + e.Label + ".")
	}
	if t.Note != "" {
		b.WriteString(" " + t.Note + ".")
	}
	return b.String()
}
