package main

import (
	"strconv"
	"strings"

	"github.com/osler-ehr/osler/web/clinical"
	"github.com/osler-ehr/osler/web/format"
)

func ptr(v float64) *float64 { return &v }

// history makes a trend of values in the reader's notation, oldest first: "4.4 4.6 4.5 4.9 5.6".
func history(title, unit, values string, size clinical.TrendSize, low, high *float64, last clinical.Flag) *clinical.Trend {
	t := &clinical.Trend{Size: size, Title: title, Unit: unit, Series: []clinical.Series{{}}}
	if low != nil || high != nil {
		t.Band = &clinical.Band{Low: low, High: high}
	}
	words := strings.Fields(values)
	for i, w := range words {
		y, err := strconv.ParseFloat(w, 64)
		if err != nil {
			panic(err)
		}
		p := clinical.Point{X: float64(i), Y: y, Text: w, When: format.Date(now.AddDate(0, -3*(len(words)-1-i), 0))}
		if i == len(words)-1 {
			p.Flag = last
		}
		t.Series[0].Points = append(t.Series[0].Points, p)
	}
	return t
}

func sampleResults() []clinical.Result {
	row := func(name, value, unit string, f clinical.Flag, bounds, change, previous, values string, low, high *float64) clinical.Result {
		return clinical.Result{Name: name, Href: "/patients/okafor/results/" + strings.ToLower(strings.ReplaceAll(name, " ", "-")), Value: clinical.Value{Text: value, Unit: unit, Flag: f},
			Range: bounds, Change: change + " since 24-Aug-2026", Previous: previous, Trend: history(name, unit, values, clinical.Spark, low, high, f)}
	}
	return []clinical.Result{
		row("Potassium", "5.6", "mmol/L", clinical.High, "3.5–5.1", "+0.7", "4.9", "4.6 4.8 4.7 4.9 5.6", ptr(3.5), ptr(5.1)),
		row("HbA1c", "8.1", "%", clinical.High, "4.0–5.6", "+0.5", "7.6", "7.2 7.4 7.3 7.6 8.1", ptr(4), ptr(5.6)),
		row("Hemoglobin", "10.9", "g/dL", clinical.Low, "12.0–15.5", "−0.8", "11.7", "13.1 12.7 12.2 11.7 10.9", ptr(12), ptr(15.5)),
		row("Ferritin", "9", "ng/mL", clinical.Low, "13–150", "−7", "16", "42 31 22 16 9", ptr(13), ptr(150)),
		row("Creatinine", "1.2", "mg/dL", clinical.High, "0.6–1.1", "+0.1", "1.1", "0.9 1.0 1.0 1.1 1.2", ptr(.6), ptr(1.1)),
		row("eGFR", "52", "mL/min/1.73 m²", clinical.Low, "60 or more", "−6", "58", "68 64 63 58 52", ptr(60), nil),
		row("LDL cholesterol", "92", "mg/dL", clinical.Normal, "below 100", "−4", "96", "112 104 98 96 92", nil, ptr(100)),
	}
}

func sampleVitals() []clinical.Result {
	row := func(name, value, unit, values string, low, high *float64, f clinical.Flag) clinical.Result {
		return clinical.Result{Name: name, Value: clinical.Value{Text: value, Unit: unit}, Trend: history(name, unit, values, clinical.SparkWide, low, high, f)}
	}
	return []clinical.Result{
		row("Blood pressure", "148/86", "mmHg", "134 138 136 140 141 142 148", ptr(90), ptr(130), clinical.High),
		row("Pulse", "84", "/min", "76 78 75 79 80 82 84", ptr(60), ptr(100), clinical.Normal),
		row("Weight", "78.4", "kg", "82.8 82.1 81.3 80.5 80.1 79.2 78.4", nil, nil, clinical.Normal),
		row("Oxygen sat.", "98", "% on air", "98 97 98 98 97 98 98", ptr(94), ptr(100), clinical.Normal),
	}
}
