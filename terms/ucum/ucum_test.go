package ucum_test

import (
	"errors"
	"math/big"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/fhir/path"
	"github.com/osler-ehr/osler/terms/ucum"
)

var _ path.Units = ucum.Units{}

func TestValidate(t *testing.T) {
	good := "1 m mg ug kg mg/dL g/L mmol/L meq/L 10*3/uL 10*6/uL 10^3/uL /min {beats}/min /[HPF] % [pH] Cel [degF] [in_i] [lb_av] mm[Hg] cm[H2O] " +
		"kg/m2 mL/min/{1.73_m2} m[IU]/mL [iU]/L U/L ng/mL pg/mL fL mosm/kg ug{FEU}/mL {score} (m.s)/kg 10.L/(min.m2) m2 s-1 s+1 10*-3 /m /(m.s) " +
		"dB B[SPL] 10.Cel mCel [p'diop] %[slope] [m/s2/Hz^(1/2)] [in_i'H2O] MiBy 4.[pi].10*-7.N/A2 daL cd das 24.h g.m/s2 mg/(24.h) (1){x} " +
		"[tbs_us] [CFU]/mL {CFU} {}/min kat umol/min a_j mo wk"
	for code := range strings.FieldsSeq(good) {
		if err := ucum.Validate(code); err != nil {
			t.Errorf("%s: %v", code, err)
		}
	}
	for code, says := range map[string]string{
		"":          "empty",
		"m/":        "ends where a unit should follow",
		"m//s":      "where a unit should stand",
		"m.":        "ends",
		"(m":        ") is missing",
		"m)":        "too many",
		"m s":       "blank",
		"µg":        "did you mean ug?",
		"mmHg":      "did you mean mm[Hg]?",
		"IU/L":      "did you mean [iU]?",
		"mcg":       "did you mean ug?",
		"lbs":       "did you mean [lb_av]?",
		"Mg/DL":     "DL",
		"k[in_i]":   "takes no prefix",
		"cmin":      "min takes no prefix",
		"kkg":       "not known",
		"{a":        "no }",
		"{a{b}}":    "no }",
		"{a}m":      "behind an annotation",
		"m}":        "where", // a brace too many is never a unit
		"Cel2":      "no powers",
		"Cel/min":   "scale of its own",
		"m.Cel":     "scale of its own",
		"m1000":     "too large",
		"0":         "cannot be a unit",
		"10*999":    "too large",
		"m[Hg":      "not known",
		"(((m)))^2": "",
	} {
		err := ucum.Validate(code)
		if err == nil {
			t.Errorf("%q passed for a unit", code)
			continue
		}
		var e *ucum.Error
		if !errors.As(err, &e) {
			t.Errorf("%q: %T is not a *ucum.Error", code, err)
		}
		if code != "m}" && !strings.Contains(err.Error(), says) {
			t.Errorf("%q: the error %q does not say %q", code, err, says)
		}
	}
}

func TestConvert(t *testing.T) {
	for _, c := range []struct {
		value, from, to string
		digits          int
		want            string
	}{
		{"98.6", "[degF]", "Cel", 1, "37.0"},
		{"37.0", "Cel", "[degF]", 1, "98.6"},
		{"0", "K", "Cel", 2, "-273.15"},
		{"80", "[degRe]", "Cel", 1, "100.0"},
		{"37000", "mCel", "[degF]", 1, "98.6"},
		{"70", "kg", "[lb_av]", 1, "154.3"},
		{"154", "[lb_av]", "kg", 2, "69.85"},
		{"8", "[oz_av]", "g", 3, "226.796"},
		{"72", "[in_i]", "cm", 2, "182.88"},
		{"6", "[ft_i]", "m", 4, "1.8288"},
		{"120", "mm[Hg]", "kPa", 2, "16.00"},
		{"90", "mg/dL", "g/L", 2, "0.90"},
		{"5.2", "mmol/L", "umol/mL", 1, "5.2"},
		{"5", "meq/L", "mmol/L", 1, "5.0"},
		{"1", "U/L", "nkat/L", 3, "16.667"},
		{"4.5", "10*3/uL", "10*9/L", 1, "4.5"},
		{"72", "/min", "Hz", 1, "1.2"},
		{"1", "wk", "d", 0, "7"},
		{"1", "a", "d", 2, "365.25"},
		{"1", "[tsp_us]", "mL", 3, "4.929"},
		{"2", "[tbs_m]", "mL", 0, "30"},
		{"7.4", "[pH]", "nmol/L", 1, "39.8"},
		{"39.81", "nmol/L", "[pH]", 2, "7.40"},
		{"20", "dB[SPL]", "uPa", 0, "200"},
		{"100", "%[slope]", "deg", 1, "45.0"},
		{"1", "mol", "1", 0, "602214076000000000000000"},
		{"1", "m[H2O]", "kPa", 5, "9.80665"},
		{"1", "[IU]", "[iU]", 0, "1"},
		{"250", "m[IU]/L", "u[iU]/mL", 0, "250"},
		{"1", "bit_s", "1", 0, "2"},
		{"1", "Np", "1", 4, "2.7183"},
		{"3", "B[W]", "kW", 0, "1"},
		{"2.5", "1", "%", 0, "250"},
		{"1.005", "m", "m", 2, "1.01"}, // half away from zero, from the exact decimal
		{"-1.005", "m", "m", 2, "-1.01"},
		{"24", "cal", "J", 3, "100.416"},
		{"6", "eq", "mol", 0, "6"},
		{"60", "kg/m2", "g/cm2", 1, "6.0"},
	} {
		x, err := fhir.ParseDecimal(c.value)
		if err != nil {
			t.Fatal(err)
		}
		got, err := ucum.Convert(x, c.from, c.to, c.digits)
		if err != nil || got.String() != c.want {
			t.Errorf("%s %s in %s: got %s, %v, want %s", c.value, c.from, c.to, got, err, c.want)
		}
	}
	for _, c := range [][2]string{{"mg", "mL"}, {"[iU]", "mg"}, {"Cel", "m"}, {"[iU]", "[arb'U]"}, {"[iU]", "1"}, {"mg", "milligrams"}, {"x", "g"}} {
		if got, err := ucum.Convert(fhir.NewDecimal(1, 0), c[0], c[1], 2); err == nil {
			t.Errorf("%s converts to %s: %s", c[0], c[1], got)
		}
	}
	if _, err := ucum.ConvertRat(big.NewRat(-1, 1), "V", "B[V]"); err == nil {
		t.Error("a negative number has a logarithm")
	}
}

func TestCommensurable(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{"mg/dL", "g/L", true}, {"Cel", "[degF]", true}, {"Cel", "K", true}, {"mm[Hg]", "kPa", true}, {"/min", "Hz", true}, {"{beats}/min", "/min", true},
		{"mmol/L", "mg/dL", false}, {"mmol", "1", false}, {"[iU]/L", "U/L", false}, {"kg", "m", false}, {"kg", "nonsense", false}, {"{a}", "{b}", true},
	} {
		if got := ucum.Commensurable(c.a, c.b); got != c.want {
			t.Errorf("%s and %s: got %t", c.a, c.b, got)
		}
	}
}

func TestCanonical(t *testing.T) {
	for _, c := range []struct{ unit, factor, canonical string }{
		{"mg/dL", "10", "g.m-3"}, {"1", "1", "1"}, {"%", "0.01", "1"}, {"mm[Hg]", "133322", "g.m-1.s-2"}, {"mmol/L", "1", "m-3.mol"},
		{"[iU]/L", "1000", "[iU].m-3"}, {"U/L", "0.0000166666666666666666666666666666666666666666666666666666666667", "m-3.mol.s-1"},
		{"m/m", "1", "1"}, {"10*-3", "0.001", "1"}, {"[lb_av]", "453.59237", "g"},
	} {
		f, canonical, ok := ucum.Units{}.Canonical(c.unit)
		if !ok || canonical != c.canonical || f.Text('f') != c.factor {
			t.Errorf("%s: got %v %s, %t, want %s %s", c.unit, f, canonical, ok, c.factor, c.canonical)
		}
	}
	for _, unit := range []string{"Cel", "[pH]", "nonsense", ""} {
		if _, _, ok := (ucum.Units{}).Canonical(unit); ok {
			t.Errorf("%q has a factor", unit)
		}
	}
}

func TestSymbol(t *testing.T) {
	for code, want := range map[string]string{
		"ug/dL": "µg/dL", "Cel": "°C", "[degF]": "°F", "[lb_av]": "lb", "[in_i]": "in", "mm[Hg]": "mmHg", "10*3/uL": "10³/µL", "kg/m2": "kg/m²", "{beats}/min": "beats/min",
		"/min": "/min", "mL/min/{1.73_m2}": "mL/min/1.73_m2", "%": "%", "nonsense": "nonsense", "s-1": "s⁻¹", "mg{total}": "mg", "N.m": "N·m", "m[IU]/L": "mIU/L", "l": "L",
	} {
		if got := ucum.Symbol(code); got != want {
			t.Errorf("%s: got %s, want %s", code, got, want)
		}
	}
}

// Every unit of the table converts to what it is defined by and back, with every prefix if it takes prefixes.
func TestTable(t *testing.T) {
	table := ucum.Table()
	if len(table) != 312 {
		t.Errorf("%d units, want UCUM's 312", len(table))
	}
	one := big.NewRat(3, 2)
	for _, k := range table {
		if k.Name == "" || k.Property == "" {
			t.Errorf("%s has no name or property", k.Code)
		}
		u, err := ucum.Parse(k.Code)
		if err != nil {
			t.Error(err)
			continue
		}
		_, canonical, ok := u.Base(one)
		if !ok {
			t.Errorf("%s has no base", k.Code)
			continue
		}
		there, err := ucum.ConvertRat(one, k.Code, canonical)
		if err != nil {
			t.Error(err)
			continue
		}
		back, err := ucum.ConvertRat(there, canonical, k.Code)
		if err != nil {
			t.Error(err)
			continue
		}
		if diff, _ := new(big.Rat).Sub(back, one).Float64(); diff > 1e-9 || diff < -1e-9 || u.Linear() && back.Cmp(one) != 0 {
			t.Errorf("%s: there and back gives %s", k.Code, back.FloatString(12))
		}
	}
}

// Whatever is built by the grammar is read; products and powers convert as the units do that they are made of.
func TestGrammarProperty(t *testing.T) {
	simple := rapid.SampledFrom([]string{"m", "kg", "uL", "mmol", "[in_i]", "mm[Hg]", "10*3", "24", "{x}", "h", "[iU]", "daL", "%"})
	var term func(depth int) *rapid.Generator[string]
	term = func(depth int) *rapid.Generator[string] {
		return rapid.Custom(func(t *rapid.T) string {
			s := simple.Draw(t, "unit")
			if depth > 0 && rapid.Bool().Draw(t, "nested") {
				s = "(" + term(depth-1).Draw(t, "inner") + ")"
			}
			for range rapid.IntRange(0, 3).Draw(t, "more") {
				s += rapid.SampledFrom([]string{".", "/"}).Draw(t, "op") + simple.Draw(t, "unit")
			}
			return s
		})
	}
	rapid.Check(t, func(t *rapid.T) {
		a, b := term(2).Draw(t, "a"), term(2).Draw(t, "b")
		u, err := ucum.Parse(a)
		if err != nil {
			t.Fatal(err)
		}
		v, err := ucum.Parse(b)
		if err != nil {
			t.Fatal(err)
		}
		q, err := ucum.Parse("(" + a + ")/(" + b + ")")
		if err != nil {
			t.Fatal(err)
		}
		fu, _, _ := u.Canonical()
		fv, _, _ := v.Canonical()
		fq, _, _ := q.Canonical()
		if fq.Cmp(new(big.Rat).Quo(fu, fv)) != 0 {
			t.Fatalf("%s / %s: factor %s", a, b, fq)
		}
		if back, err := ucum.ConvertRat(big.NewRat(7, 3), "("+a+").("+b+")/("+b+")", a); err != nil || back.Cmp(big.NewRat(7, 3)) != 0 {
			t.Fatalf("%s: got %v, %v", a, back, err)
		}
	})
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"mg/dL", "10*3/uL", "(m.s)-2", "{a}/min", "[m/s2/Hz^(1/2)]", "dB[SPL]", "m((", "10*-300", "Ym99.Ym99.Ym99", "B[10.nV]2", "\xff", "24.h"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		u, err := ucum.Parse(s)
		if err != nil {
			if err.Error() == "" {
				t.Fatal("an error without words")
			}
			return
		}
		ucum.Symbol(s)
		if u.String() != s {
			t.Fatalf("%q came back as %q", s, u)
		}
		factor, canonical, ok := u.Canonical()
		if !ok {
			return
		}
		if factor.Sign() <= 0 {
			t.Fatalf("%q is %s canonical units", s, factor)
		}
		c, err := ucum.Parse(canonical)
		if err != nil {
			if strings.Contains(err.Error(), "too large") {
				return // an exponent that came about by multiplication
			}
			t.Fatal(err)
		}
		if one, again, ok := c.Canonical(); !ok || again != canonical || one.Cmp(big.NewRat(1, 1)) != 0 {
			t.Fatalf("%q: the canonical unit %s is %s %s", s, canonical, one, again)
		}
	})
}

func BenchmarkConvert(b *testing.B) {
	x := fhir.NewDecimal(986, 1)
	for b.Loop() {
		if _, err := ucum.Convert(x, "[degF]", "Cel", 1); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkParse(b *testing.B) {
	for b.Loop() {
		if _, err := ucum.Parse("mL/min/{1.73_m2}"); err != nil {
			b.Fatal(err)
		}
	}
}
