package vitals

import (
	"math"
	"strings"
	"time"

	"github.com/osler-ehr/osler/web/facts"
	"github.com/osler-ehr/osler/workflow/vitals/growth"
)

// crossing is the change of z-score that is worth a sentence: the distance between two neighbouring lines of a growth chart, such as the
// 50th and the 75th percentile.
const crossing = .67

// lookBack is how far back a change is looked for, in days.
const lookBack = 400

// change is how a measure moved across the percentiles: from the earlier measurement that differs most to the newest one.
type change struct {
	measure  growth.Measure
	from, to grown
	moved    bool // by crossing or more
}

// changeOf looks for the change of a measure; ok is false for fewer than two measurements that count.
func changeOf(m growth.Measure, points []grown) (c change, ok bool) {
	var counted []grown
	for _, g := range points {
		if g.judged && !g.score.Implausible {
			counted = append(counted, g)
		}
	}
	if len(counted) < 2 {
		return change{}, false
	}
	c = change{measure: m, to: counted[len(counted)-1]}
	c.from = counted[len(counted)-2]
	for _, g := range counted[:len(counted)-1] {
		// Newborns find their own line in the first weeks; a change counts from two months on, or from the last measurement.
		if c.to.days-g.days > lookBack || g.days < 60 && c.to.days > 180 {
			continue
		}
		if math.Abs(c.to.score.Z-g.score.Z) > math.Abs(c.to.score.Z-c.from.score.Z) {
			c.from = g
		}
	}
	c.moved = math.Abs(c.to.score.Z-c.from.score.Z) >= crossing && c.to.days > c.from.days
	return c, true
}

// finding is one sentence on the measure that is shown, and one on the others.
func finding(shown growth.Measure, changes []change, zone *time.Location) (lead, rest string) {
	var moved, steady []string
	for _, c := range changes {
		name := measureNames[c.measure][2]
		switch {
		case c.measure == shown && c.moved:
			lead = c.sentence(zone)
		case c.moved:
			moved = append(moved, c.sentence(zone))
		default:
			steady = append(steady, name)
		}
	}
	if lead == "" && len(moved) > 0 {
		lead, moved = moved[0], moved[1:]
	}
	rest = strings.Join(moved, " ")
	if lead != "" && len(steady) > 0 {
		s := list(steady) + " is steady."
		if len(steady) > 1 {
			s = list(steady) + " are steady."
		}
		rest = strings.TrimSpace(rest + " " + first(s))
	}
	return lead, rest
}

// sentence says what moved: Weight fell from the 61st to the 21st percentile since 12-May-2026.
func (c change) sentence(zone *time.Location) string {
	verb := " rose"
	if c.to.score.Z < c.from.score.Z {
		verb = " fell"
	}
	return first(measureNames[c.measure][2]) + verb + " from the " + percentile(c.from.score.Percentile) + " to the " + percentile(c.to.score.Percentile) + " percentile since " + facts.Day(c.from.at, zone) + "."
}

func first(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

// list joins words as a sentence does: length, head and BMI.
func list(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " and " + words[len(words)-1]
}
