package vitals

import (
	"context"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/web/clinical"
	"github.com/osler-ehr/osler/web/facts"
	"github.com/osler-ehr/osler/web/format"
)

// Panel is the newest vital signs of the chart.
type Panel struct {
	When    string // today, 10:08
	Date    string // for print: 23-Nov-2026, 10:08
	Rows    []clinical.Result
	Href    string // where Action leads
	Action  string // All vitals
	AddHref string // where they are recorded; "" without the right to
}

// panelReads is how many Observations the panel reads: enough for a sparkline of each sign.
const panelReads = 120

// readPanel reads the panel. The birth date is for the ranges of the age; where it cannot be seen they are an adult's.
func readPanel(ctx context.Context, s *record.Session, patient string, now time.Time) (Panel, error) {
	var all []reading
	var c child
	var err, bornErr error
	facts.Together(
		func() { all, _, err = readNewest(ctx, s, patient, now.Location(), panelReads) },
		func() { c, bornErr = readBorn(ctx, s, patient, now.Location()) },
	)
	if err == nil {
		err = bornErr
	}
	if err != nil {
		return Panel{}, err
	}
	return panelOf(c, all, now), nil
}

// panelRows are the rows of the panel in their order.
var panelRows = []string{bloodPressure, pulse, respiration, temperature, saturation, weight, height, length, bmiRow, head, pain}

// panelOf makes the panel: the newest value of each sign. A value from another day than the newest says so.
func panelOf(c child, all []reading, now time.Time) Panel {
	zone := now.Location()
	var newest fhir.DateTime
	for _, r := range all {
		if !r.struck && (newest.IsZero() || r.at.Time(zone).After(newest.Time(zone))) {
			newest = r.at
		}
	}
	p := Panel{Date: facts.Moment(newest, zone), When: relative(newest, now)}
	for _, name := range panelRows {
		for _, r := range all {
			if r.sign != name || r.struck || r.value.isZero() {
				continue
			}
			row := clinical.Result{Name: labelOf(name), Trend: trendOf(name, c, all, asMeasured, now, clinical.SparkWide)}
			row.Value.Text, row.Value.Unit = r.shownText(asMeasured)
			row.Value.Flag = r.stated
			if !facts.SameDay(r.at, newest, zone) {
				row.When = facts.Day(r.at, zone)
			}
			p.Rows = append(p.Rows, row)
			break
		}
	}
	return p
}

// relative is the newest moment as the heading says it: today, 10:08, and else the date.
func relative(at fhir.DateTime, now time.Time) string {
	if at.IsZero() {
		return ""
	}
	t := at.Time(now.Location()).In(now.Location())
	if at.HasTime() && format.Date(t) == format.Date(now) {
		return "today, " + format.Time(t)
	}
	return facts.Moment(at, now.Location())
}
