package clinical

import (
	"context"
	"encoding/xml"
	"errors"
	"io"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func markup(t testing.TB, tr *Trend) string {
	t.Helper()
	var b strings.Builder
	if err := tr.Draw().Render(context.Background(), &b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

var coordinate = regexp.MustCompile(` (cx|cy|x|y|x1|x2|y1|y2|width|height)="([^"]*)"`)

// However its values lie, a trend is well-formed, has no style attribute, and puts every mark into its frame.
func TestTrendStaysInItsFrame(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		tr := &Trend{Size: TrendSize(rapid.IntRange(0, 4).Draw(rt, "size")), ID: "t", Title: "Potassium", Unit: "mmol/L"}
		value := rapid.Float64Range(-1000, 100000)
		var s Series
		for i := range rapid.IntRange(0, 15).Draw(rt, "points") {
			s.Points = append(s.Points, Point{X: float64(i) * rapid.Float64Range(0, 400).Draw(rt, "gap"), Y: value.Draw(rt, "y"), Text: "1", Flag: Flag(rapid.IntRange(0, 6).Draw(rt, "flag")), Superseded: rapid.Bool().Draw(rt, "superseded")})
		}
		s.Style = rapid.IntRange(0, 7).Draw(rt, "style")
		tr.Series = []Series{s}
		if rapid.Bool().Draw(rt, "band") {
			tr.Band = &Band{Text: "range"}
			if rapid.Bool().Draw(rt, "low") {
				v := value.Draw(rt, "low bound")
				tr.Band.Low = &v
			}
			if rapid.Bool().Draw(rt, "high") {
				v := value.Draw(rt, "high bound")
				tr.Band.High = &v
			}
		}
		got := markup(t, tr)
		if strings.Contains(got, "style=") || strings.Contains(got, "NaN") || strings.Contains(got, "Inf") {
			rt.Fatalf("not to be shown: %s", got)
		}
		d := xml.NewDecoder(strings.NewReader(got))
		for {
			if _, err := d.Token(); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				rt.Fatalf("not well-formed: %v\n%s", err, got)
			}
		}
		f := tr.Size.frame()
		for _, m := range coordinate.FindAllStringSubmatch(got, -1) {
			v, err := strconv.ParseFloat(m[2], 64)
			if err != nil {
				rt.Fatalf("%s=%q is no number", m[1], m[2])
			}
			limit := f.h
			if strings.Contains(m[1], "x") || m[1] == "width" {
				limit = f.w
			}
			if v < -1 || v > limit+1 {
				rt.Fatalf("%s=%v lies outside %v\n%s", m[1], v, limit, got)
			}
		}
	})
}

func TestTrendSummary(t *testing.T) {
	low, high := 3.5, 5.1
	tr := &Trend{Size: Plot, Title: "Potassium", Unit: "mmol/L", Band: &Band{Low: &low, High: &high, Text: "3.5–5.1"}, Events: []Event{{Label: "spironolactone started 03-Nov-2026"}},
		Series: []Series{{Points: []Point{{Text: "4.90", When: "02-Nov-2026"}, {Text: "6.8", When: "23-Nov-2026", Flag: HighCritical, Superseded: true}, {Text: "6.4", When: "23-Nov-2026", Flag: HighCritical}}}}}
	want := "Potassium, mmol/L: 4.90 on 02-Nov-2026, 6.8 critical, high on 23-Nov-2026, later corrected, 6.4 critical, high on 23-Nov-2026. Reference 3.5–5.1. spironolactone started 03-Nov-2026."
	if got := tr.Summary(); got != want {
		t.Errorf("\n got %q\nwant %q", got, want)
	}
}

// The line passes by values that were corrected.
func TestTrendSkipsSuperseded(t *testing.T) {
	tr := &Trend{Size: Plot, ID: "k", Title: "Potassium", Series: []Series{{Points: []Point{{X: 0, Y: 4, Text: "4"}, {X: 5, Y: 9, Text: "9", Superseded: true}, {X: 10, Y: 5, Text: "5"}}}}}
	line := tr.scale().line(tr.Series[0].Points)
	if n := strings.Count(line, "L") + strings.Count(line, "M"); n != 2 {
		t.Errorf("the line %q has %d points, want 2", line, n)
	}
	if last, ok := tr.Series[0].last(); !ok || last.Text != "5" {
		t.Errorf("the last value is %+v", last)
	}
}

func TestTimeTicks(t *testing.T) {
	for _, c := range []struct{ from, to, want string }{
		{"2025-12-10", "2026-11-23", "Jan-2026 Apr-2026 Jul-2026 Oct-2026"},
		{"2026-10-20", "2026-11-23", "Nov-2026"},
		{"2026-11-02", "2026-11-23", "02-Nov-2026"},
	} {
		at := func(s string) float64 {
			d, err := time.Parse("2006-01-02", s)
			if err != nil {
				t.Fatal(err)
			}
			return DayOf(d)
		}
		s := scale{frame: Plot.frame(), x0: at(c.from), x1: at(c.to)}
		var labels []string
		for _, tick := range s.timeTicks() {
			labels = append(labels, tick.Label)
		}
		if got := strings.Join(labels, " "); got != c.want {
			t.Errorf("%s to %s: %q, want %q", c.from, c.to, got, c.want)
		}
	}
}

func TestYTicks(t *testing.T) {
	s := scale{frame: Plot.frame(), y0: 3, y1: 7}
	var labels []string
	for _, tick := range s.yTicks(5) {
		labels = append(labels, tick.Label)
	}
	if got := strings.Join(labels, " "); got != "3 4 5 6 7" {
		t.Errorf("ticks %q", got)
	}
}
