package results

import (
	"fmt"
	"testing"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/web/clinical"
	"github.com/osler-ehr/osler/web/facts"
)

func observation(t *testing.T, name, value, at, flag, more string) facts.Observation {
	t.Helper()
	r, err := fhir.Parse(fmt.Appendf(nil, `{"resourceType":"Observation","status":"final","code":{"text":%q},"effectiveDateTime":%q,"valueQuantity":{"value":%s,"unit":"mmol/L"},"interpretation":[{"coding":[{"code":%q}]}]%s}`, name, at, value, flag, more))
	if err != nil {
		t.Fatal(err)
	}
	o, err := facts.ReadObservation(r)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func TestList(t *testing.T) {
	of := func(name, value, at, flag string) facts.Observation { return observation(t, name, value, at, flag, "") }
	p := list([]facts.Observation{
		of("Sodium", "140", "2026-11-20T08:12:00Z", "N"),
		of("Potassium", "5.6", "2026-11-20T08:12:00Z", "H"),
		of("Potassium", "4.9", "2026-08-24T08:00:00Z", "N"),
		of("Calcium", "3.9", "2026-11-20T08:12:00Z", "HH"),
		of("TSH", "2.1", "2026-06-01", "N"),
		of("TSH", "2.0", "2025-06-01", "N"),
		of("Lithium", "1.9", "2026-07-01", "HH"),
	}, time.UTC)
	want := []struct {
		name, change, previous string
		flag                   clinical.Flag
	}{
		{"Calcium", "", "", clinical.HighCritical}, // critical first, of the newest day
		{"Potassium", "+0.7 since 24-Aug-2026", "4.9 on 24-Aug-2026", clinical.High},
		{"Sodium", "", "", clinical.Normal},
		{"Lithium", "01-Jul-2026", "", clinical.HighCritical}, // older days after it, newest first
		{"TSH", "01-Jun-2026, +0.1", "2.0 on 01-Jun-2025", clinical.Normal},
	}
	if len(p.Rows) != len(want) || p.When != "20-Nov-2026, 08:12" || p.Previous != "Before" {
		t.Fatalf("%d rows at %q, previous %q", len(p.Rows), p.When, p.Previous)
	}
	for i, w := range want {
		r := p.Rows[i]
		if r.Name != w.name || r.Change != w.change || r.Previous != w.previous || r.Value.Flag != w.flag {
			t.Errorf("row %d: %q %q %q flag %d, want %q %q %q flag %d", i, r.Name, r.Change, r.Previous, r.Value.Flag, w.name, w.change, w.previous, w.flag)
		}
	}
}

func TestListLeavesOutWhatIsNotTrue(t *testing.T) {
	wrong := observation(t, "Potassium", "9.9", "2026-11-21", "HH", "")
	wrong.Status = "entered-in-error"
	corrected := observation(t, "Potassium", "5.6", "2026-11-20", "H", `,"referenceRange":[{"low":{"value":3.5},"high":{"value":5.1}}]`)
	corrected.Status = "corrected"
	p := list([]facts.Observation{wrong, corrected}, time.UTC)
	if len(p.Rows) != 1 || p.Rows[0].Value.Text != "5.6" || p.Rows[0].Range != "3.5–5.1, corrected" {
		t.Errorf("%+v", p.Rows)
	}
	if p := list(nil, time.UTC); len(p.Rows) != 0 || p.When != "" {
		t.Errorf("%+v", p)
	}
}
