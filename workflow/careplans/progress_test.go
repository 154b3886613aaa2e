package careplans

import (
	"math/big"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/web/facts"
)

var now = time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)

func day(s string) time.Time {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		panic(err)
	}
	return t
}

// value reads "2026-11-01 7.2 %": the day, the number, the unit's UCUM code.
func value(t testing.TB, s string) facts.Value {
	f := strings.Fields(s)
	q := `{"value":` + f[1] + `,"unit":"` + f[2] + `","system":"http://unitsofmeasure.org","code":"` + f[2] + `"}`
	if f[2] == "uncoded" {
		q = `{"value":` + f[1] + `,"unit":"percent"}`
	}
	if strings.HasPrefix(f[1], "<") {
		q = `{"value":` + f[1][1:] + `,"comparator":"<","unit":"%","system":"http://unitsofmeasure.org","code":"%"}`
	}
	doc, err := fhir.Parse([]byte(`{"resourceType":"Observation","status":"final","code":{"text":"x"},"effectiveDateTime":"` + f[0] + `","valueQuantity":` + q + `}`))
	if err != nil {
		t.Fatal(err)
	}
	o, err := facts.ReadObservation(doc)
	if err != nil {
		t.Fatal(err)
	}
	return o.Values()[0]
}

func TestAGoalStandsByWhatWasMeasured(t *testing.T) {
	const from, due = "2026-06-01", "2026-12-01"
	for _, c := range []struct {
		name, target, unit, from, due string
		values                        []string
		want                          Standing
		toward, why                   string
	}{
		{"met", "< 7", "%", from, due, []string{"2026-05-20 8.4 %", "2026-11-01 6.9 %"}, Met, "closer to the target", "within the target"},
		{"at an open bound it is not met, and the line has not run out", "< 7", "%", from, due, []string{"2026-05-20 8.4 %", "2026-11-01 7.0 %"}, OnTrack, "closer to the target", "At this pace"},
		{"at a bound that counts", "<= 7", "%", from, due, []string{"2026-05-20 8.4 %", "2026-11-01 7.0 %"}, Met, "closer to the target", ""},
		{"half way at half time", "< 7", "%", from, due, []string{"2026-05-20 9 %", "2026-08-31 8 %"}, OnTrack, "closer to the target", "At this pace"},
		{"a tenth of the way at half time", "< 7", "%", from, due, []string{"2026-05-20 9 %", "2026-08-31 8.8 %"}, Behind, "closer to the target", "not reached"},
		{"worse than at the start", "< 7", "%", from, due, []string{"2026-05-20 8 %", "2026-08-31 8.8 %"}, Behind, "further from the target", ""},
		{"after the due day", "< 7", "%", from, "2026-11-20", []string{"2026-05-20 9 %", "2026-11-01 7.1 %"}, Behind, "closer to the target", "The due day is over."},
		{"upward", ">= 12", "g/dL", from, due, []string{"2026-05-20 9 g/dL", "2026-08-31 11 g/dL"}, OnTrack, "closer to the target", ""},
		{"upward, too slow", ">= 12", "g/dL", from, due, []string{"2026-05-20 9 g/dL", "2026-10-31 9.5 g/dL"}, Behind, "closer to the target", ""},
		{"in a range", "2-3", "{INR}", from, due, []string{"2026-05-20 1.5 {INR}", "2026-11-20 2.4 {INR}"}, Met, "closer to the target", ""},
		{"over a range", "2-3", "{INR}", from, due, []string{"2026-05-20 1.5 {INR}", "2026-11-20 4 {INR}"}, Behind, "further from the target", ""},
		{"nothing", "< 7", "%", from, due, nil, NoData, "", "Nothing was measured."},
		{"nothing since", "< 7", "%", from, due, []string{"2026-05-20 8 %"}, NoData, "", "Nothing was measured since the goal was set."},
		{"one value", "< 7", "%", from, due, []string{"2026-07-20 8 %"}, NoData, "", "One value only"},
		{"what is yet to come does not count", "< 7", "%", from, due, []string{"2026-07-20 8 %", "2027-07-20 6 %"}, NoData, "", "One value only"},
		{"older than a year", "< 7", "%", "2025-01-01", "2027-01-01", []string{"2025-02-20 8 %", "2025-11-20 6.5 %"}, NoData, "", "older than a year"},
		{"converted", "< 80", "kg", from, due, []string{"2026-05-20 200 [lb_av]", "2026-11-01 170 [lb_av]"}, Met, "closer to the target", ""},
		{"converted, not met", "< 80", "kg", from, due, []string{"2026-05-20 200 [lb_av]", "2026-11-01 199 [lb_av]"}, Behind, "closer to the target", ""},
		{"mass and substance are refused", "< 100", "mg/dL", from, due, []string{"2026-11-01 2.1 mmol/L"}, NoData, "", "it is in mmol/L, the target in mg/dL"},
		{"HbA1c of 53 mmol/mol is not 5.3 %", "< 7", "%", from, due, []string{"2026-05-20 8 %", "2026-11-01 53 mmol/mol"}, NoData, "", "The newest value cannot be compared"},
		{"a newer value in the unit makes it good", "< 7", "%", from, due, []string{"2026-05-20 8 %", "2026-10-01 53 mmol/mol", "2026-11-01 6.8 %"}, Met, "closer to the target", ""},
		{"no unit", "< 7", "%", from, due, []string{"2026-11-01 6.8 uncoded"}, NoData, "", "not coded"},
		{"less than", "< 7", "%", from, due, []string{"2026-11-01 <4 %"}, NoData, "", "not a number"},
		{"without a due day, closer", "< 7", "%", from, "", []string{"2026-05-20 9 %", "2026-11-01 8.9 %"}, OnTrack, "closer to the target", ""},
		{"without a due day, no closer", "< 7", "%", from, "", []string{"2026-05-20 9 %", "2026-11-01 9 %"}, Behind, "unchanged", ""},
	} {
		detail, why := target(c.target, Measure{Name: "It", Unit: c.unit})
		if why != "" {
			t.Fatal(why)
		}
		a, ok := aimOf(detail, nil)
		if !ok {
			t.Fatal(c.name)
		}
		a.from = day(c.from)
		if c.due != "" {
			a.due = day(c.due).AddDate(0, 0, 1)
		}
		var values []facts.Value
		for _, v := range c.values {
			values = append(values, value(t, v))
		}
		p := judge(a, values, now)
		if p.Standing != c.want || p.Toward != c.toward || !strings.Contains(p.Why, c.why) {
			t.Errorf("%s: %s, %q, %q", c.name, p.Standing.words(), p.Toward, p.Why)
		}
	}
}

// Whatever was measured: a goal is met exactly if its newest comparable value is within the target, and the order in which
// values come does not matter.
func TestMetMeansTheNewestIsWithin(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		low, high := rapid.IntRange(1, 50).Draw(r, "low"), rapid.IntRange(51, 99).Draw(r, "high")
		a := aim{low: big.NewRat(int64(low), 1), high: big.NewRat(int64(high), 1), unit: "kg", from: now.AddDate(0, -3, 0), due: now.AddDate(0, 3, 0)}
		var values []facts.Value
		newest, at := 0, -1
		used := map[int]bool{}
		for range rapid.IntRange(1, 6).Draw(r, "n") {
			ago, x := rapid.IntRange(0, 300).Draw(r, "ago"), rapid.IntRange(1, 120).Draw(r, "x")
			if used[ago] {
				continue
			}
			used[ago] = true
			if at < 0 || ago < at {
				newest, at = x, ago
			}
			values = append(values, value(t, now.AddDate(0, 0, -ago).Format(time.DateOnly)+" "+big.NewRat(int64(x), 1).FloatString(0)+" kg"))
		}
		p := judge(a, values, now)
		if in := newest >= low && newest <= high; in != (p.Standing == Met) {
			r.Fatalf("newest %d in %d-%d: %s", newest, low, high, p.Standing.words())
		}
		for i, j := 0, len(values)-1; i < j; i, j = i+1, j-1 {
			values[i], values[j] = values[j], values[i]
		}
		if q := judge(a, values, now); q.Standing != p.Standing || q.Toward != p.Toward {
			r.Fatalf("another order: %s %s, %s %s", p.Standing.words(), p.Toward, q.Standing.words(), q.Toward)
		}
	})
}

func TestTargetsAreReadOrRefused(t *testing.T) {
	kg, a1c := Measure{Name: "Weight", Unit: "kg"}, Measure{Name: "HbA1c", Unit: "%"}
	for _, c := range []struct {
		text string
		m    Measure
		want string
	}{
		{"< 7", a1c, "< 7 %"}, {"below 7%", a1c, "< 7 %"}, {"at most 7.5", a1c, "at most 7.5 %"}, {"≥ 6", a1c, "at least 6 %"}, {"6.5-7.5", a1c, "6.5–7.5 %"}, {"7", a1c, "7 %"},
		{"80 kg", kg, "80 kg"}, {"< 180 lb", kg, "< 81.6 kg"}, {"70 to 75 kg", kg, "70–75 kg"},
		{"53 mmol/mol", a1c, "!cannot be converted"}, {"80 cm", kg, "!cannot be converted"}, {"soon", kg, "!Not a target"}, {"8-7", a1c, "!The lower end"}, {"0-00", kg, "!Not a number"}, {"00-7", kg, "!Not a number"}, {"", kg, "!Not a target"},
	} {
		got, why := target(c.text, c.m)
		if want, bad := strings.CutPrefix(c.want, "!"); bad {
			if !strings.Contains(why, want) {
				t.Errorf("%q: %q, %q", c.text, targetWords(got), why)
			}
		} else if why != "" || targetWords(got) != want {
			t.Errorf("%q: %q, %q", c.text, targetWords(got), why)
		}
	}
}

func FuzzTarget(f *testing.F) {
	for _, s := range []string{"< 7", "2-3", "180 lb", "at least 12 g/dL", "0", "1e9", "7 {x}", "0-00"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		c, why := target(s, Measure{Name: "Weight", Unit: "kg"})
		if why == "" && targetWords(c) == "" {
			t.Errorf("%q: nothing read, nothing said", s)
		}
	})
}

func TestTheTableIsWhole(t *testing.T) {
	table, err := LoadTable()
	if err != nil {
		t.Fatal(err)
	}
	e := &desk{table: table}
	for _, u := range table.Goals {
		g := newGoal("ada", u.Text, fhir.Reference{}, now)
		why := e.usualTargets(&g, u, now)
		if asks := strings.HasSuffix(u.Targets, "<"); asks != (why != "") {
			t.Errorf("%s: %q", u.Key, why)
		}
		if len(u.Codes) == 0 || u.Months == 0 {
			t.Errorf("%s suits nobody, or is never due", u.Key)
		}
	}
}
