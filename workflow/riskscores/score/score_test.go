package score

import (
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

var update = flag.Bool("update", false, "write the golden files anew")

// The worked example of the guideline (Goff et al., Table A of Appendix 7): 55 years, total cholesterol 213, HDL 50, untreated systolic
// 120, no smoking, no diabetes. The guideline adds up terms that it has rounded to two digits, which makes up to a tenth of a percent.
func TestPooledCohortOfTheGuideline(t *testing.T) {
	for _, c := range []struct {
		female, african bool
		want            float64
	}{{true, false, 2.1}, {true, true, 3.0}, {false, false, 5.3}, {false, true, 6.1}} {
		got := Pooled{Age: 55, Female: c.female, AfricanAmerican: c.african, Cholesterol: 213, HDL: 50, Systolic: 120}.Risk()
		if math.Abs(got-c.want) > 0.1 {
			t.Errorf("female %v, African American %v: %.3f %%, the guideline has %.1f", c.female, c.african, got, c.want)
		}
	}
}

// What makes a risk greater never makes it smaller, and it stays a probability.
func TestPooledCohortRises(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := Pooled{
			Age: float64(rapid.IntRange(40, 79).Draw(t, "age")), Female: rapid.Bool().Draw(t, "female"), AfricanAmerican: rapid.Bool().Draw(t, "african"),
			Cholesterol: float64(rapid.IntRange(130, 320).Draw(t, "cholesterol")), HDL: float64(rapid.IntRange(20, 100).Draw(t, "hdl")), Systolic: float64(rapid.IntRange(90, 200).Draw(t, "systolic")),
			Treated: rapid.Bool().Draw(t, "treated"), Smoker: rapid.Bool().Draw(t, "smoker"),
		}
		without := p.Risk()
		p.Diabetes = true
		with := p.Risk()
		if math.IsNaN(without) || without < 0 || with > 100 || with < without {
			t.Fatalf("%+v: %v without, %v with diabetes", p, without, with)
		}
	})
}

// answers makes values of a text in the notation: age 74, sex female, diabetes yes.
func answers(t testing.TB, s *Score, text string) Values {
	t.Helper()
	v := Values{}
	for _, in := range s.Inputs { // what is not said is no, or what hinders nothing
		switch {
		case in.Kind == YesNo:
			v[in.Name] = Value{Yes: in.IfNo != ""}
		case in.Kind == Choice:
			v[in.Name] = Value{Choice: in.Options[len(in.Options)-1].Value}
		}
	}
	for _, part := range strings.Split(text, ",") {
		name, said, _ := strings.Cut(strings.TrimSpace(part), " ")
		in := s.Input(name)
		if in == nil {
			t.Fatalf("%s has no input %q", s.ID, name)
		}
		switch in.Kind {
		case YesNo:
			v[name] = Value{Yes: said == "yes"}
		case Choice:
			v[name] = Value{Choice: said}
		default:
			var n float64
			if _, err := fmt.Sscanf(said, "%g", &n); err != nil {
				t.Fatalf("%s: %v", part, err)
			}
			v[name] = Value{Number: n}
		}
	}
	return v
}

func TestScores(t *testing.T) {
	for _, c := range []struct{ id, in, want string }{
		// Lip et al.: a point each but two for age from 75 on and for stroke.
		{"cha2ds2-vasc", "age 64, sex male", "0 points, low"},
		{"cha2ds2-vasc", "age 65, sex male", "1 point, intermediate"},
		{"cha2ds2-vasc", "age 74, sex male", "1 point, intermediate"},
		{"cha2ds2-vasc", "age 75, sex male", "2 points, high"},
		{"cha2ds2-vasc", "age 50, sex female", "1 point, low"}, // sex alone
		{"cha2ds2-vasc", "age 65, sex female", "2 points, intermediate"},
		{"cha2ds2-vasc", "age 65, sex female, hypertension yes", "3 points, high"},
		{"cha2ds2-vasc", "age 75, sex female, failure yes, hypertension yes, diabetes yes, embolism yes, vascular yes", "9 points, high"},
		{"cha2ds2-vasc", "age 70, sex male, fibrillation no", "There is no atrial fibrillation: the score is for people who have it."},
		{"cha2ds2-vasc", "age 70, sex male, valve yes", "With a mechanical valve, or mitral stenosis that is moderate or severe, an anticoagulant is needed whatever the score."},
		{"cha2ds2-vasc", "age 17, sex male", "Age 17 years: this score is valid from 18 years to 120 years."},
		// Pisters et al.: older than 65, a systolic pressure over 160.
		{"has-bled", "age 65, systolic 160", "0 points, low"},
		{"has-bled", "age 66, systolic 160", "1 point, low"},
		{"has-bled", "age 66, systolic 161", "2 points, moderate"},
		{"has-bled", "age 66, systolic 161, alcohol yes", "3 points, high"},
		{"has-bled", "age 80, systolic 170, renal yes, liver yes, stroke yes, bleeding yes, labile yes, antiplatelet yes, alcohol yes", "9 points, high"},
		// van Walraven et al.
		{"lace", "age 70, stay 0, charlson 0, emergency 0", "0 points, low"},
		{"lace", "age 70, stay 3, charlson 0, emergency 0", "3 points, low"},
		{"lace", "age 70, stay 4, charlson 0, emergency 0", "4 points, low"},
		{"lace", "age 70, stay 6, charlson 0, emergency 1", "5 points, moderate"},
		{"lace", "age 70, stay 7, charlson 3, emergency 1", "9 points, moderate"},
		{"lace", "age 70, stay 13, charlson 4, emergency 0", "10 points, high"},
		{"lace", "age 70, stay 14, charlson 9, emergency 7, acute yes", "19 points, high"},
		{"lace", "age 70, stay 1, charlson 2, emergency 4", "7 points, moderate"},
		// Sterling et al.; limits of Shah et al. and, from 65 on, McPherson et al.
		{"fib-4", "age 50, ast 80, alt 64, platelets 125", "4.00, high"},
		{"fib-4", "age 40, ast 40, alt 100, platelets 123", "1.30, indeterminate"},
		{"fib-4", "age 40, ast 40, alt 100, platelets 125", "1.28, low"},
		{"fib-4", "age 64, ast 45, alt 36, platelets 250", "1.92, indeterminate"},
		{"fib-4", "age 65, ast 45, alt 36, platelets 250", "1.95, low"},
		{"fib-4", "age 65, ast 46, alt 36, platelets 249", "2.00, indeterminate"},
		{"fib-4", "age 50, ast 89, alt 100, platelets 166.5", "2.67, indeterminate"},
		{"fib-4", "age 50, ast 89, alt 100, platelets 166", "2.68, high"},
		// Inker et al.; KDIGO's categories.
		{"egfr-ckd-epi-2021", "age 50, sex female, creatinine 0.7", "105 mL/min/1.73 m², G1"},
		{"egfr-ckd-epi-2021", "age 60, sex male, creatinine 1.8", "42 mL/min/1.73 m², G3b"},
		// Lim et al.
		{"curb-65", "age 64, urea 19, respirations 29, systolic 90, diastolic 61", "0 points, low"},
		{"curb-65", "age 65, urea 20, respirations 29, systolic 90, diastolic 61", "2 points, intermediate"},
		{"curb-65", "age 64, urea 19, respirations 30, systolic 120, diastolic 60", "2 points, intermediate"},
		{"curb-65", "age 64, urea 19, respirations 29, systolic 89, diastolic 70, confusion yes", "2 points, intermediate"},
		{"curb-65", "age 90, urea 40, respirations 35, systolic 80, diastolic 40, confusion yes", "5 points, high"},
		// McIsaac et al.
		{"centor-mcisaac", "age 15, temperature 38", "0 points, low"},
		{"centor-mcisaac", "age 14, temperature 38.1", "2 points, intermediate"},
		{"centor-mcisaac", "age 44, temperature 38.1, cough yes, nodes yes, tonsils yes", "4 points, high"},
		{"centor-mcisaac", "age 45, temperature 38.1, cough yes, nodes yes, tonsils yes", "3 points, intermediate"},
		{"centor-mcisaac", "age 50, temperature 37", "-1 points, low"},
		{"centor-mcisaac", "age 2, temperature 39", "Age 2 years: this score is valid from 3 years to 120 years."},
		// Wells et al.: over 4 is likely.
		{"wells-pe", "age 50, pulse 100, signs yes, hemoptysis yes", "4 points, unlikely"},
		{"wells-pe", "age 50, pulse 101, signs yes", "4.5 points, likely"},
		{"wells-dvt", "age 50, tender yes", "1 point, unlikely"},
		{"wells-dvt", "age 50, tender yes, calf yes", "2 points, likely"},
		{"wells-dvt", "age 50, tender yes, calf yes, alternative yes", "0 points, unlikely"},
		{"wells-dvt", "age 50, alternative yes", "-2 points, unlikely"},
		{"wells-dvt", "age 50, malignancy yes, plaster yes, bedridden yes, tender yes, whole-leg yes, calf yes, pitting yes, collateral yes, previous-dvt yes", "9 points, likely"},
		{"wells-pe", "age 50, pulse 120, signs yes, likely yes, immobile yes, previous yes, hemoptysis yes, malignancy yes", "12.5 points, likely"},
		// Goff et al.
		{"ascvd-pce-2013", "age 39, cholesterol 213, hdl 50, systolic 120", "Age 39 years: this score is valid from 40 years to 79 years."},
		{"ascvd-pce-2013", "age 80, cholesterol 213, hdl 50, systolic 120", "Age 80 years: this score is valid from 40 years to 79 years."},
		{"ascvd-pce-2013", "age 55, cholesterol 329, hdl 50, systolic 120", "Total cholesterol 329 mg/dL: this score is valid from 130 mg/dL to 320 mg/dL."},
		{"ascvd-pce-2013", "age 55, cholesterol 213, hdl 50, systolic 120, ascvd yes", "There is atherosclerotic cardiovascular disease already: the equations estimate a first event."},
		{"ascvd-pce-2013", "age 55, sex male, coefficients white, cholesterol 213, hdl 50, systolic 120", "5.4 %, borderline"},
		{"ascvd-pce-2013", "age 55, sex female, coefficients white, cholesterol 213, hdl 50, systolic 120", "2.1 %, low"},
	} {
		s := Find(c.id)
		r := s.Evaluate(answers(t, s, c.in))
		got := r.Refused
		if r.OK() {
			got = r.Text + ", " + r.Level
		} else if got == "" {
			t.Errorf("%s of %s: %d inputs are missing", c.id, c.in, len(r.Missing))
		}
		if got != c.want {
			t.Errorf("%s of %s: %s, want %s", c.id, c.in, got, c.want)
		}
	}
}

// Whatever one input is left out, there is no result: nothing is assumed.
func TestNothingIsAssumed(t *testing.T) {
	for _, s := range All {
		all := Values{}
		for _, in := range s.Inputs {
			switch in.Kind {
			case Number:
				all[in.Name] = Value{Number: max(in.From, in.Least, 50)}
			case Choice:
				all[in.Name] = Value{Choice: in.Options[0].Value}
			case YesNo:
				all[in.Name] = Value{Yes: in.IfNo != ""}
			}
		}
		if r := s.Evaluate(all); !r.OK() {
			t.Errorf("%s of everything: %+v", s.ID, r)
		}
		for _, in := range s.Inputs {
			less := Values{}
			for k, v := range all {
				if k != in.Name {
					less[k] = v
				}
			}
			r := s.Evaluate(less)
			if r.OK() || r.Text != "" || len(r.Missing) != 1 || r.Missing[0].Name != in.Name {
				t.Errorf("%s without %s: %+v", s.ID, in.Name, r)
			}
		}
	}
}

// TestWords holds every sentence that a clinician acts on, with its threshold, against a golden file.
func TestWords(t *testing.T) {
	var b strings.Builder
	for _, s := range All {
		fmt.Fprintf(&b, "%s (%s)\n%s\n%s\n%s\n", s.Name, s.Version, s.Purpose, s.Source, s.URL)
		for _, l := range s.Limits {
			b.WriteString("- " + l + "\n")
		}
		for _, in := range s.Inputs {
			fmt.Fprintf(&b, "  %s", in.Label)
			if in.Unit != "" {
				fmt.Fprintf(&b, " [%s]", in.Unit)
			}
			if in.From != 0 || in.To != 0 {
				fmt.Fprintf(&b, " valid %s to %s", in.write(in.From), in.write(in.To))
			}
			if in.Points != 0 {
				fmt.Fprintf(&b, " %+d", in.Points)
			}
			if in.Hint != "" {
				fmt.Fprintf(&b, ": %s", in.Hint)
			}
			b.WriteByte('\n')
			for _, refusal := range []string{in.IfYes, in.IfNo} {
				if refusal != "" {
					b.WriteString("    " + refusal + "\n")
				}
			}
		}
		b.WriteByte('\n')
	}
	for _, c := range []struct{ id, in string }{
		{"ascvd-pce-2013", "age 45, sex female, coefficients white, cholesterol 180, hdl 60, systolic 110"},
		{"ascvd-pce-2013", "age 55, sex male, coefficients white, cholesterol 213, hdl 50, systolic 120"},
		{"ascvd-pce-2013", "age 55, sex male, coefficients african-american, cholesterol 213, hdl 50, systolic 140, diabetes yes"},
		{"ascvd-pce-2013", "age 70, sex male, coefficients white, cholesterol 230, hdl 40, systolic 160, smoker yes"},
		{"cha2ds2-vasc", "age 50, sex male"}, {"cha2ds2-vasc", "age 68, sex male"}, {"cha2ds2-vasc", "age 76, sex female, hypertension yes"},
		{"has-bled", "age 60, systolic 120"}, {"has-bled", "age 70, systolic 120, bleeding yes"}, {"has-bled", "age 70, systolic 165, bleeding yes"}, {"has-bled", "age 70, systolic 165, bleeding yes, renal yes, stroke yes"},
		{"lace", "age 70, stay 1, charlson 0, emergency 0"}, {"lace", "age 70, stay 8, charlson 2, emergency 1, acute yes"},
		{"fib-4", "age 50, ast 20, alt 25, platelets 250"}, {"fib-4", "age 66, ast 46, alt 36, platelets 230"}, {"fib-4", "age 30, ast 200, alt 64, platelets 125"},
		{"egfr-ckd-epi-2021", "age 50, sex male, creatinine 0.8"}, {"egfr-ckd-epi-2021", "age 50, sex male, creatinine 1.2"}, {"egfr-ckd-epi-2021", "age 58, sex female, creatinine 1.2"}, {"egfr-ckd-epi-2021", "age 70, sex male, creatinine 2"}, {"egfr-ckd-epi-2021", "age 70, sex male, creatinine 3"}, {"egfr-ckd-epi-2021", "age 70, sex male, creatinine 6"},
		{"curb-65", "age 60, urea 10, respirations 20, systolic 120, diastolic 80"}, {"curb-65", "age 70, urea 25, respirations 20, systolic 120, diastolic 80"}, {"curb-65", "age 70, urea 25, respirations 32, systolic 120, diastolic 80"},
		{"centor-mcisaac", "age 20, temperature 37"}, {"centor-mcisaac", "age 10, temperature 39"}, {"centor-mcisaac", "age 10, temperature 39, cough yes, nodes yes, tonsils yes"},
		{"wells-pe", "age 50, pulse 80"}, {"wells-pe", "age 50, pulse 110, signs yes, likely yes"},
		{"wells-dvt", "age 50, alternative yes"}, {"wells-dvt", "age 50, tender yes, calf yes"},
	} {
		s := Find(c.id)
		r := s.Evaluate(answers(t, s, c.in))
		fmt.Fprintf(&b, "%s of %s\n  %s, %s. %s\n", s.Name, c.in, r.Text, r.Level, r.Meaning)
		for _, p := range r.Parts {
			fmt.Fprintf(&b, "  %+d %s\n", p.Points, p.Label)
		}
		for _, n := range r.Notes {
			b.WriteString("  " + n + "\n")
		}
	}
	golden := filepath.Join("testdata", "words.txt")
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
		t.Errorf("the words are not those of %s; read each change, then run the test with -update. They are now:\n%s", golden, b.String())
	}
}

func TestBothWays(t *testing.T) {
	v := answers(t, &ascvd, "age 55, sex male, cholesterol 213, hdl 50, systolic 120")
	delete(v, "coefficients")
	if white, african, ok := BothWays(v); !ok || white != "5.4 %" || african != "6.1 %" {
		t.Error(white, african, ok)
	}
	delete(v, "hdl")
	if _, _, ok := BothWays(v); ok {
		t.Error("without HDL there is no result")
	}
}
