package vitals

import (
	"context"
	"slices"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/web/clinical"
	"github.com/osler-ehr/osler/web/facts"
	"github.com/osler-ehr/osler/web/format"
)

// panelRow is one vital sign of the panel.
type panelRow struct {
	name  string
	codes []string // LOINC, any of them
}

// panelRows are the rows of the panel in their order. Blood pressure is made of two.
var panelRows = []panelRow{
	{"Pulse", []string{"8867-4"}}, {"Respiration", []string{"9279-1"}}, {"Temperature", []string{"8310-5", "8331-1", "8329-5"}},
	{"Oxygen sat.", []string{"59408-5", "2708-6"}}, {"Weight", []string{"29463-7", "3141-9"}}, {"Height", []string{"8302-2", "8306-3"}},
	{"BMI", []string{"39156-5"}}, {"Head circ.", []string{"9843-4", "8287-5"}},
}

func readPanel(ctx context.Context, s *record.Session, patient string, now time.Time) (Panel, error) {
	all, err := facts.Find[facts.Observation](ctx, s, "Observation", patient, facts.Params("category", "vital-signs", "_sort", "-date", "_count", "120")...)
	if err != nil {
		return Panel{}, err
	}
	return panelOf(all, now), nil
}

// panelOf makes the panel: the newest value of each sign. A value from another day than the newest says so.
func panelOf(all []facts.Observation, now time.Time) Panel {
	zone := now.Location()
	byCode := map[string][]facts.Value{}
	var newest fhir.DateTime
	for _, o := range all {
		if !o.Valid() {
			continue
		}
		for _, v := range o.Values() {
			code := v.Code.In(facts.LOINC)
			byCode[code] = append(byCode[code], v)
			if newest.IsZero() || v.At.Time(zone).After(newest.Time(zone)) {
				newest = v.At
			}
		}
	}
	for _, values := range byCode {
		slices.SortStableFunc(values, func(a, b facts.Value) int { return facts.Later(a, b, zone) })
	}
	p := Panel{Date: facts.Moment(newest, zone), When: relative(newest, now)}
	if row, ok := pressure(byCode, newest, zone); ok {
		p.Rows = append(p.Rows, row)
	}
	for _, s := range panelRows {
		var values []facts.Value
		for _, code := range s.codes {
			values = append(values, byCode[code]...)
		}
		slices.SortStableFunc(values, func(a, b facts.Value) int { return facts.Later(a, b, zone) })
		if len(values) == 0 {
			continue
		}
		row := clinical.Result{Name: s.name, Value: values[0].Show(), Trend: facts.Trend(clinical.SparkWide, values, zone), When: otherDay(values[0].At, newest, zone)}
		p.Rows = append(p.Rows, row)
	}
	return p
}

// pressure joins the two values that were measured together.
func pressure(byCode map[string][]facts.Value, newest fhir.DateTime, zone *time.Location) (clinical.Result, bool) {
	if len(byCode[systolic]) == 0 {
		return clinical.Result{}, false
	}
	high := byCode[systolic][0]
	row := clinical.Result{Name: "Blood pressure", Value: high.Show(), Trend: facts.Trend(clinical.SparkWide, byCode[systolic], zone), When: otherDay(high.At, newest, zone)}
	if row.Trend != nil {
		row.Trend.Title = "Systolic blood pressure"
	}
	row.Value.Text += "/–"
	for _, low := range byCode[diastolic] {
		if low.ID == high.ID || low.At == high.At {
			shown := low.Show()
			row.Value.Text = high.Show().Text + "/" + shown.Text
			row.Value.Flag = max(row.Value.Flag, shown.Flag)
			break
		}
	}
	return row, true
}

func otherDay(at, newest fhir.DateTime, zone *time.Location) string {
	if facts.SameDay(at, newest, zone) {
		return ""
	}
	return facts.Day(at, zone)
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
