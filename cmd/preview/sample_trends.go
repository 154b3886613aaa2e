package main

import (
	"math"
	"time"

	"github.com/osler-ehr/osler/web/clinical"
	"github.com/osler-ehr/osler/web/format"
)

var medicationSamples = []clinical.Medication{
	{Generic: "hydroxyzine", Form: "tablet", DoseNumber: "25.0", DoseUnit: "mg", Route: "by mouth", Frequency: "every 6 hours", AsNeeded: "as needed for itching"},
	{Product: "24 HR Metformin hydrochloride 500 MG Extended Release Oral Tablet", Text: "Take with the evening meal"},
	{Generic: "warfarin", Form: "tablet", DoseNumber: "5", DoseUnit: "mg", Route: "by mouth", Frequency: "daily", Status: "on hold"},
}

func potassium() *clinical.Trend {
	at := func(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, 0, 0, 0, 0, time.UTC) }
	point := func(t time.Time, y float64, text string, f clinical.Flag) clinical.Point {
		return clinical.Point{X: clinical.DayOf(t), Y: y, Text: text, When: format.Date(t), Flag: f}
	}
	was := point(at(2026, 11, 23), 6.8, "6.8", clinical.HighCritical)
	was.Superseded = true
	return &clinical.Trend{Size: clinical.Plot, ID: "potassium", Title: "Potassium", Unit: "mmol/L", Band: &clinical.Band{Low: ptr(3.5), High: ptr(5.1), Text: "3.5–5.1"}, CriticalHigh: ptr(6),
		Events: []clinical.Event{{X: clinical.DayOf(at(2026, 11, 3)), Label: "spironolactone started 03-Nov-2026"}},
		Series: []clinical.Series{{Points: []clinical.Point{
			point(at(2025, 12, 10), 4.5, "4.5", 0), point(at(2026, 3, 9), 4.6, "4.6", 0), point(at(2026, 6, 10), 4.7, "4.7", 0), point(at(2026, 9, 8), 4.9, "4.9", 0),
			point(at(2026, 11, 2), 4.9, "4.9", 0), was, point(at(2026, 11, 23), 6.4, "6.4", clinical.HighCritical)}}}}
}

// weight draws invented curves of the shape that growth references have; they are no reference.
func weight() *clinical.Trend {
	curve := func(label string, birth, k float64, dash, mid, band bool) clinical.Curve {
		c := clinical.Curve{Label: label, Dash: dash, Mid: mid, Band: band}
		for m := 0.0; m <= 24; m++ {
			c.XY = append(c.XY, [2]float64{m, birth + k*math.Pow(m, .58)})
		}
		return c
	}
	t := &clinical.Trend{Size: clinical.Growth, ID: "weight", Title: "Weight for age", Unit: "kg", XLabel: "age in months", Note: "Invented curves",
		Curves: []clinical.Curve{curve("3rd", 2.4, 1.08, false, false, false), curve("15th", 2.8, 1.17, true, false, true), curve("50th", 3.2, 1.32, false, true, true),
			curve("85th", 3.7, 1.5, true, false, true), curve("97th", 4.2, 1.66, false, false, false)}}
	for m := 0.0; m <= 24; m += 3 {
		t.XTicks = append(t.XTicks, clinical.Tick{At: m, Label: format.LabNumber(trim(m))})
	}
	s := clinical.Series{Style: 1}
	for _, p := range []struct{ m, kg float64 }{{0, 3.4}, {2, 5.4}, {4, 6.7}, {6, 7.6}, {9, 8.5}, {12, 8.9}, {15, 8.7}} {
		s.Points = append(s.Points, clinical.Point{X: p.m, Y: p.kg, Text: trim(p.kg) + " kg", When: trim(p.m) + " months"})
	}
	s.Points[6].Text = "8.7 kg, 21st percentile"
	t.Series = []clinical.Series{s}
	return t
}
