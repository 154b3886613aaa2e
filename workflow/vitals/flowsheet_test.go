package vitals

import (
	"flag"
	"fmt"
	"math/big"
	"os"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/osler-ehr/osler/web/clinical"
	"github.com/osler-ehr/osler/web/facts"
	"github.com/osler-ehr/osler/workflow/vitals/growth"
)

var update = flag.Bool("update", false, "write the golden files anew")

func pressureOf(t *testing.T, id, status, at, high, low string) facts.Observation {
	o := vital(t, fmt.Sprintf(`"id":%q,"code":{"coding":[{"system":"http://loinc.org","code":"85354-9"}]},"effectiveDateTime":%q,"component":[
		{"code":{"coding":[{"system":"http://loinc.org","code":"8480-6"}]},"valueQuantity":{"value":%s,"code":"mm[Hg]"}},{"code":{"coding":[{"system":"http://loinc.org","code":"8462-4"}]},"valueQuantity":{"value":%s,"code":"mm[Hg]"}}]`, id, at, high, low))
	o.Status = status
	return o
}

func coded(t *testing.T, id, code, value, unit, at string) facts.Observation {
	return vital(t, fmt.Sprintf(`"id":%q,"code":{"coding":[{"system":"http://loinc.org","code":%q}]},"effectiveDateTime":%q,"valueQuantity":{"value":%s,"code":%q}`, id, code, at, value, unit))
}

// text writes a sheet as a golden file has it.
func (s Sheet) text() string {
	var b strings.Builder
	for _, c := range s.Columns {
		fmt.Fprintf(&b, "\t%s", strings.TrimSpace(c.Date+" "+c.Time))
	}
	b.WriteString("\n")
	for _, r := range s.Rows {
		fmt.Fprintf(&b, "%s (%s)", r.Name, r.Range)
		for _, cell := range r.Cells {
			b.WriteString("\t")
			for i, v := range cell {
				if i > 0 {
					b.WriteString(" + ")
				}
				b.WriteString(strings.TrimSpace(v.Value.Text + " " + v.Value.Unit))
				for _, more := range []string{map[clinical.Flag]string{clinical.High: "high", clinical.Low: "low"}[v.Value.Flag], map[bool]string{true: "struck"}[v.Struck], v.Measured, v.Note} {
					if more != "" {
						b.WriteString(", " + more)
					}
				}
			}
		}
		if r.Trend != nil {
			fmt.Fprintf(&b, "\t| %s", r.Trend.Summary())
		}
		b.WriteString("\n")
	}
	return b.String()
}

// TestSheetText holds every value with its unit, as measured and in both systems.
func TestSheetText(t *testing.T) {
	at1, at2, at3 := "2026-05-01", "2026-08-24T09:00:00Z", "2026-11-23T10:08:00Z"
	all := readingsIn([]facts.Observation{
		pressureOf(t, "b1", "final", at2, "136", "82"), pressureOf(t, "b2", "final", at3, "148", "86"), pressureOf(t, "b3", "entered-in-error", at3, "48", "86"), coded(t, "s", systolic, "150", "mm[Hg]", at1),
		coded(t, "p1", "8867-4", "84", "/min", at3), coded(t, "t1", "8310-5", "98.6", "[degF]", at2), coded(t, "t2", "8310-5", "38.1", "Cel", at3), coded(t, "r", "9279-1", "24", "/min", at3),
		coded(t, "o", "59408-5", "93", "%", at3), coded(t, "w1", "29463-7", "176.6", "[lb_av]", at2), coded(t, "w2", "29463-7", "78.40", "kg", at3), coded(t, "h", "8302-2", "65", "[in_i]", at2),
		coded(t, "n", "72514-3", "3", "{score}", at3), coded(t, "w3", "29463-7", "1.0", "kg", at1), coded(t, "c", "29463-7", "1", "kg", "2026"),
	}, time.UTC)
	for i := range all {
		if all[i].id == "w3" {
			all[i].struck = true
		}
	}
	c := child{born: time.Date(1968, 7, 14, 0, 0, 0, 0, time.UTC), sex: growth.Female}
	var b strings.Builder
	for _, in := range []system{asMeasured, metric, customary} {
		fmt.Fprintf(&b, "Units: %q\n%s\n", in, sheetOf("ada", c, all, in, noon, true).text())
	}
	const golden = "testdata/flowsheet.txt"
	if *update {
		if err := os.WriteFile(golden, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if b.String() != string(want) {
		t.Errorf("the sheet is not that of %s; look at each difference, then run the test with -update. It is now:\n%s", golden, b.String())
	}
}

func TestSheetIsShort(t *testing.T) {
	var found []facts.Observation
	for i := range 15 {
		found = append(found, coded(t, fmt.Sprint(i), "8867-4", fmt.Sprint(60+i), "/min", fmt.Sprintf("2026-10-%02dT08:00:00Z", i+1)))
	}
	all := readingsIn(found, time.UTC)
	s := sheetOf("ada", child{}, all, asMeasured, noon, false)
	if len(s.Columns) != momentsShown || s.Hidden != 5 || s.Columns[0].Date != "15-Oct-2026" || len(s.Rows) != 1 || s.Rows[0].Cells[0][0].Value.Text != "74" {
		t.Errorf("%+v", s)
	}
	if s := sheetOf("ada", child{}, all, asMeasured, noon, true); len(s.Columns) != 15 || s.Hidden != 0 {
		t.Errorf("%d columns, %d hidden", len(s.Columns), s.Hidden)
	}
	if s.Growth != "" {
		t.Error("growth charts of somebody without a birth date")
	}
}

func TestBands(t *testing.T) {
	day := func(months float64) int { return int(months * growth.DaysPerMonth) }
	for _, c := range []struct {
		r    reading
		days int
		want clinical.Flag
	}{
		{reading{sign: pulse, value: amount{"150", "/min"}}, day(6), clinical.Normal}, {reading{sign: pulse, value: amount{"150", "/min"}}, day(48), clinical.High}, {reading{sign: pulse, value: amount{"55", "/min"}}, -1, clinical.Low},
		{reading{sign: respiration, value: amount{"40", "/min"}}, day(6), clinical.Normal}, {reading{sign: respiration, value: amount{"40", "/min"}}, day(300), clinical.High},
		{reading{sign: temperature, value: amount{"100.4", "[degF]"}}, day(300), clinical.Normal}, {reading{sign: temperature, value: amount{"100.6", "[degF]"}}, day(300), clinical.High},
		{reading{sign: bloodPressure, value: amount{"128", "mm[Hg]"}, second: amount{"78", "mm[Hg]"}}, day(600), clinical.Normal}, {reading{sign: bloodPressure, value: amount{"118", "mm[Hg]"}, second: amount{"80", "mm[Hg]"}}, day(600), clinical.High},
		{reading{sign: bloodPressure, value: amount{"88", "mm[Hg]"}, second: amount{"78", "mm[Hg]"}}, day(600), clinical.Low}, {reading{sign: bloodPressure, value: amount{"150", "mm[Hg]"}, second: amount{"90", "mm[Hg]"}}, day(60), clinical.Normal},
		{reading{sign: saturation, value: amount{"93", "%"}}, -1, clinical.Low}, {reading{sign: bmiRow, value: amount{"25", "kg/m2"}}, day(600), clinical.High}, {reading{sign: bmiRow, value: amount{"31", "kg/m2"}}, day(100), clinical.Normal},
		{reading{sign: pulse, value: amount{"150", "furlong"}}, -1, clinical.Normal},
	} {
		if got := c.r.flag(c.days); got != c.want {
			t.Errorf("%s %s at %d days: %v, want %v", c.r.sign, c.r, c.days, got, c.want)
		}
	}
}

// What is shown in other units is the measured value to within half of the last digit measured: nothing is lost on the way there.
func TestConversionLosesNothing(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		unit := rapid.SampledFrom([]string{"kg", "g", "[lb_av]", "cm", "[in_i]", "Cel", "[degF]"}).Draw(rt, "unit")
		a := amount{rapid.StringMatching(`[1-9][0-9]{0,2}(\.[0-9]{1,2})?`).Draw(rt, "number"), unit}
		in := rapid.SampledFrom([]system{asMeasured, metric, customary}).Draw(rt, "system")
		shown := a.to(in)
		if in == asMeasured && shown != a {
			rt.Fatalf("as measured, %v is %v", a, shown)
		}
		back := shown.in(unit)
		if back == nil {
			rt.Fatalf("%v has no way back to %s", shown, unit)
		}
		half := new(big.Rat).SetFrac(big.NewInt(1), new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(decimals(a.number))), nil))
		half.Mul(half, big.NewRat(1, 2))
		if off := back.Sub(back, a.rat()); off.Abs(off).Cmp(half) > 0 {
			rt.Fatalf("%v is shown as %v, which is %s off", a, shown, off.FloatString(6))
		}
	})
}
