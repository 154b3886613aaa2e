package forecast

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden compares a text with a file, or writes the file.
func golden(t *testing.T, name, got string) {
	t.Helper()
	name = "testdata/" + name
	if *update {
		if err := os.WriteFile(name, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs; look at each line, then run the test with -update. It is now:\n%s", name, got)
	}
}

// The words of every reason, for a reader to judge: they decide whether somebody gives a vaccine.
func TestReasonWords(t *testing.T) {
	var b strings.Builder
	for code := TooYoung; code <= CannotFinish; code++ {
		r := Reason{Code: code, Date: NewDate(2026, 3, 5), Span: "12 months", Text: "Something"}
		words := r.Words(Date.String)
		if words == "" {
			t.Errorf("reason %d has no words", code)
		}
		fmt.Fprintf(&b, "%2d  %s\n", code, words)
	}
	golden(t, "reasons.txt", b.String())
}

// What patients with a reason not to vaccinate are told, for all groups.
func TestSafetyTexts(t *testing.T) {
	on := NewDate(2026, 11, 24)
	var b strings.Builder
	for _, c := range []struct {
		name string
		p    Patient
	}{
		{"pregnant woman of 30", Patient{Birth: NewDate(1996, 5, 5), Gender: Female, Observations: []Observation{{Code: "007", Date: NewDate(2026, 6, 1)}, {Code: "170", Date: NewDate(2026, 6, 1)}}}},
		{"infant with severe combined immunodeficiency", Patient{Birth: NewDate(2026, 7, 1), Gender: Male, Observations: []Observation{{Code: "013"}}}},
		{"child after a severe reaction to gelatin", Patient{Birth: NewDate(2022, 7, 1), Gender: Male, Observations: []Observation{{Code: "102"}}}},
		{"child given MMR and varicella 10 days apart, and too young", Patient{Birth: NewDate(2025, 1, 1), Gender: Female, Doses: []Dose{
			{CVX: "03", Given: NewDate(2025, 12, 1)}, {CVX: "03", Given: NewDate(2026, 2, 1)}, {CVX: "21", Given: NewDate(2026, 2, 11)}}}},
		{"man of 66 with diabetes", Patient{Birth: NewDate(1960, 2, 2), Gender: Male, Observations: []Observation{{Code: "014"}}}},
	} {
		r := CDC().Forecast(c.p, on)
		fmt.Fprintf(&b, "# %s\n", c.name)
		for _, g := range r.Groups {
			var why []string
			for _, reason := range g.Reasons {
				why = append(why, reason.Words(Date.String))
			}
			dose := ""
			if g.DoseNumber > 0 {
				dose = fmt.Sprintf(" dose %d from %s, recommended %s", g.DoseNumber, g.Earliest, g.Recommended)
			}
			if g.Outdated {
				dose += " (of an earlier season)"
			}
			fmt.Fprintf(&b, "%s: %s%s: %s\n", g.Group, strings.ToLower(statusNames[g.Status]), dose, strings.Join(why, "; "))
			for _, e := range g.Evaluations {
				for _, reason := range e.Reasons {
					fmt.Fprintf(&b, "  %s %s: %s\n", r.Doses[e.Dose].Given, r.Doses[e.Dose].CVX, reason.Words(Date.String))
				}
			}
		}
		b.WriteByte('\n')
	}
	golden(t, "safety.txt", b.String())
}
