package growth

import (
	"bytes"
	"math"
	"os"
	"testing"

	"pgregory.net/rapid"
)

func near(t *testing.T, what string, got, want, within float64) {
	t.Helper()
	if !(math.Abs(got-want) <= within) {
		t.Errorf("%s: %.5f, want %.5f within %v", what, got, want, within)
	}
}

// TestPublished holds percentiles that the CDC prints in its data files.
func TestPublished(t *testing.T) {
	for _, c := range []struct {
		m       Measure
		sex     Sex
		x       float64
		percent float64
		value   float64
	}{
		{WeightForAge, Male, .5, 3, 2.799548641}, {WeightForAge, Male, .5, 50, 4.003106424}, {WeightForAge, Male, .5, 97, 5.032624982},
		{WeightForAge, Female, .5, 5, 2.894442278}, {WeightForAge, Female, .5, 90, 4.450125603}, {WeightForAge, Male, 35.5, 25, 13.24720657},
		{LengthForAge, Male, .5, 3, 47.97812373}, {LengthForAge, Female, .5, 97, 56.62728063}, {LengthForAge, Male, .5, 75, 54.44054313},
		{StatureForAge, Male, 35.5, 10, 89.87816458}, {StatureForAge, Male, 36.5, 95, 101.9323762},
		{HeadForAge, Male, 0, 3, 31.48762321}, {HeadForAge, Male, 0, 97, 38.85417217}, {HeadForAge, Female, 0, 95, 37.65137722},
		{BMIForAge, Male, 24.5, 3, 14.50347667}, {BMIForAge, Male, 24.5, 85, 18.11954923}, {BMIForAge, Male, 24.5, 95, 19.27889813}, {BMIForAge, Female, 24.5, 50, 16.38804056},
		{WeightForLength, Male, 45, 3, 1.597028518}, {WeightForLength, Male, 61.5, 75, 6.66569255}, {WeightForLength, Male, 103.5, 97, 19.58399633},
		{WeightForLength, Female, 45, 97, 3.075559629}, {WeightForLength, Female, 75.5, 10, 8.647219687}, {WeightForLength, Female, 88.5, 95, 14.3070456},
	} {
		s, ok := CDC().Assess(Measurement{c.m, c.sex, c.x, c.value})
		if !ok {
			t.Fatalf("%+v: no chart", c)
		}
		near(t, string(c.m)+" percentile", s.Percentile, c.percent, .0005)
		near(t, string(c.m)+" z", s.Z, Quantile(c.percent), .0001)
		v, ok := CDC().Value(c.m, c.sex, c.x, c.percent)
		if !ok {
			t.Fatalf("%+v: no value", c)
		}
		near(t, string(c.m)+" value", v, c.value, 2e-5)
	}
}

// TestExtended holds the worked examples of the CDC's page on the extended BMI charts of 2022.
func TestExtended(t *testing.T) {
	girl, _ := CDC().Assess(Measurement{BMIForAge, Female, 114.5, 21.2})
	near(t, "girl of 9.5 years, z", girl.Z, 1.4215, .0001)
	near(t, "girl of 9.5 years, percentile", girl.Percentile, 92.2, .05)
	if girl.Extended {
		t.Error("a BMI below the 95th percentile is extended")
	}
	boy, _ := CDC().Assess(Measurement{BMIForAge, Male, 50.5, 22.6})
	near(t, "boy of 4 years, percentile", boy.Percentile, 99.7683, .0001)
	near(t, "boy of 4 years, z", boy.Z, 2.83, .005)
	near(t, "boy of 4 years, of the 95th", boy.OfP95, 100*22.6/17.8219, .001)
	if !boy.Extended {
		t.Error("a BMI above the 95th percentile is not extended")
	}
	near(t, "sigma at 50.5 months", sigma(Male, 50.5), 2.3983, .0001)
	near(t, "sigma at 92.5 months", sigma(Male, 92.5), 3.837343, .000001)
	v, _ := CDC().Value(BMIForAge, Male, 92.5, 98.7)
	near(t, "BMI of a boy at the 98.7th", v, 24.1, .05)
	v, _ = CDC().Value(BMIForAge, Female, 184.5, Percentile(1.5))
	near(t, "BMI of a girl at z 1.5", v, 27.2, .05)
	far, _ := CDC().Assess(Measurement{BMIForAge, Male, 50.5, 90})
	if math.IsInf(far.Z, 0) || far.Percentile > 100 || far.Z < 5 || !far.Implausible {
		t.Errorf("a BMI of 90: %+v", far)
	}
}

func TestImplausible(t *testing.T) {
	for _, c := range []struct {
		m        Measure
		x, value float64
		want     bool
	}{
		{WeightForAge, 15, 8.7, false}, {WeightForAge, 15, 87, true}, {WeightForAge, 15, .87, true}, {WeightForAge, 15, 19.2, false}, // pounds of 8.7 kg
		{LengthForAge, 15, 77.7, false}, {LengthForAge, 15, 30.6, true}, {LengthForAge, 15, 7.8, true},
		{HeadForAge, 15, 45.8, false}, {HeadForAge, 15, 18, true}, {StatureForAge, 120, 54, true}, {StatureForAge, 120, 138, false},
		{BMIForAge, 120, 16, false}, {BMIForAge, 120, 6, true},
	} {
		s, ok := CDC().Assess(Measurement{c.m, Female, c.x, c.value})
		if !ok || s.Implausible != c.want {
			t.Errorf("%s of %v at %v: %+v, want implausible %t", c.m, c.value, c.x, s, c.want)
		}
	}
}

func TestOutsideOfTheCharts(t *testing.T) {
	for _, m := range []Measurement{
		{WeightForAge, Male, -.1, 3}, {WeightForAge, Male, 240.1, 70}, {LengthForAge, Male, 36.1, 95}, {StatureForAge, Male, 23.9, 85}, {BMIForAge, Male, 23.9, 16},
		{HeadForAge, Male, 36.2, 50}, {WeightForLength, Male, 44.9, 2}, {WeightForStature, Male, 121.6, 22}, {WeightForAge, 0, 12, 9}, {Measure("shoe"), Male, 12, 9},
		{WeightForAge, Male, 12, 0}, {WeightForAge, Male, 12, -3}, {WeightForAge, Male, math.NaN(), 3}, {WeightForAge, Male, 12, math.NaN()}, {WeightForAge, Male, 12, math.Inf(1)},
	} {
		if s, ok := CDC().Assess(m); ok {
			t.Errorf("%+v is judged: %+v", m, s)
		}
	}
	var none *Reference
	if none.Covers(WeightForAge, Male, 1) {
		t.Error("no reference covers something")
	}
}

// Within one chart a greater value never has a smaller z-score or percentile, and a value found at a percentile has that percentile.
func TestOrder(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		m := rapid.SampledFrom(Measures[:]).Draw(rt, "measure")
		sex := rapid.SampledFrom([]Sex{Male, Female}).Draw(rt, "sex")
		from, to, ok := CDC().Range(m, sex)
		if !ok {
			rt.Fatalf("no chart of %s", m)
		}
		x := rapid.Float64Range(from, to).Draw(rt, "x")
		median, ok := CDC().Value(m, sex, x, 50)
		if !ok {
			rt.Fatalf("no median at %v", x)
		}
		a := rapid.Float64Range(median*.3, median*4).Draw(rt, "a")
		b := rapid.Float64Range(median*.3, median*4).Draw(rt, "b")
		if a > b {
			a, b = b, a
		}
		sa, ok1 := CDC().Assess(Measurement{m, sex, x, a})
		sb, ok2 := CDC().Assess(Measurement{m, sex, x, b})
		// At the seam of the extended BMI charts both sides meet at 95.
		if !ok1 || !ok2 || sa.Z > sb.Z+1e-9 || sa.Percentile > sb.Percentile+1e-9 || math.IsNaN(sa.Z) || math.IsNaN(sb.Z) {
			rt.Fatalf("%v: %+v, %v: %+v", a, sa, b, sb)
		}
		p := rapid.Float64Range(.1, 99.9).Draw(rt, "percent")
		v, ok := CDC().Value(m, sex, x, p)
		if !ok {
			rt.Fatalf("no value at %v", p)
		}
		s, _ := CDC().Assess(Measurement{m, sex, x, v})
		if math.Abs(s.Percentile-p) > 1e-6 {
			rt.Fatalf("the value at %v has the percentile %v", p, s.Percentile)
		}
	})
}

func TestLMSInverse(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		p := LMS{rapid.Float64Range(-3, 3).Draw(rt, "L"), rapid.Float64Range(1, 200).Draw(rt, "M"), rapid.Float64Range(.02, .2).Draw(rt, "S")}
		if rapid.Bool().Draw(rt, "log") {
			p.L = 0
		}
		z := rapid.Float64Range(-1.6, 1.6).Draw(rt, "z")
		if got := p.Z(p.Value(z)); math.Abs(got-z) > 1e-6 {
			rt.Fatalf("%+v at %v comes back as %v", p, z, got)
		}
		if got := Quantile(Percentile(z)); math.Abs(got-z) > 1e-9 {
			rt.Fatalf("percentile of %v comes back as %v", z, got)
		}
	})
}

// Rows between two of the table lie between them, and the table's rows are as they stand.
func TestInterpolation(t *testing.T) {
	row, _ := CDC().table(WeightForAge, Male).At(1)
	want := LMS{(1.547523128 + 1.068795548) / 2, (4.003106424 + 4.879525083) / 2, (.146025021 + .136478767) / 2}
	near(t, "L at 1 month", row.L, want.L, 1e-9)
	near(t, "M at 1 month", row.M, want.M, 1e-9)
	near(t, "S at 1 month", row.S, want.S, 1e-9)
	row, ok := CDC().table(StatureForAge, Male).At(24)
	if !ok {
		t.Fatal("no stature at 24 months")
	}
	near(t, "stature at 24 months", row.M, 86.45220101, 1e-6) // as published for that age
	near(t, "its L", row.L, .941523967, 1e-6)
}

func TestReadTablesRefuses(t *testing.T) {
	for _, bad := range []string{"1\t2\t3\t4\n", "@weight\tmale\t0\t1\n1\t2\t3\n", "@weight\tmale\t0\t1\n1\t2\tx\t4\n", "@weight\tmale\t0\t1\n1\t1\t3\t.1\n1\t1\t3\t.1\n", "@weight\tmale\t0\t1\n1\t1\t0\t.1\n"} {
		if _, err := readTables(bytes.NewReader([]byte(bad))); err == nil {
			t.Errorf("%q is read", bad)
		}
	}
}

func sample(t *testing.T, name string) []byte {
	t.Helper()
	b, err := os.ReadFile("../../../../shared/data/terminology/" + name)
	if os.IsNotExist(err) {
		if os.Getenv("CI") == "true" {
			t.Fatalf("the sample data is missing: ../shared/data/terminology/%s beside the repository", name)
		}
		t.Skipf("no sample data at ../shared/data/terminology/%s beside the repository", name)
	}
	if err != nil {
		t.Fatal(err)
	}
	return b
}
