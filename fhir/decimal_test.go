package fhir_test

import (
	"math/big"
	"testing"

	"pgregory.net/rapid"

	"github.com/osler-ehr/osler/fhir"
)

func decimal(t testing.TB, s string) fhir.Decimal {
	t.Helper()
	d, err := fhir.ParseDecimal(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestDecimalKeepsItsText(t *testing.T) {
	for _, s := range []string{"0", "-0", "1.50", "100", "1e3", "2.5E-3", "0.000000000000000001", "-12.30"} {
		if got := decimal(t, s).String(); got != s {
			t.Errorf("%s became %s", s, got)
		}
	}
	for _, s := range []string{"", "01", "1.", ".5", "+1", "1e", "NaN", "1 ", "0x1", "1_0", "1e99999", "1e-99999999999999999999", "1." + string(make([]byte, 200))} {
		if d, err := fhir.ParseDecimal(s); err == nil {
			t.Errorf("%q was accepted as %s", s, d)
		}
	}
}

func TestDecimalRange(t *testing.T) { // FHIR R4, search, number
	for _, c := range []struct{ in, low, high string }{
		{"100", "99.5", "100.5"},
		{"100.00", "99.995", "100.005"},
		{"1e2", "95", "105"},
		{"5.40e-3", "0.005395", "0.005405"},
		{"0", "-0.5", "0.5"},
		{"-2.0", "-2.05", "-1.95"},
		{"0.05", "0.045", "0.055"},
	} {
		low, high := decimal(t, c.in).Range()
		if low.Compare(decimal(t, c.low)) != 0 || high.Compare(decimal(t, c.high)) != 0 {
			t.Errorf("%s: got %s to %s, want %s to %s", c.in, low, high, c.low, c.high)
		}
	}
}

func TestDecimalFrom(t *testing.T) {
	f, err := fhir.DecimalFromFloat(36.649, 1)
	for _, c := range []struct {
		got  fhir.Decimal
		want string
	}{
		{fhir.NewDecimal(150, 2), "1.50"}, {fhir.NewDecimal(-5, 3), "-0.005"}, {fhir.NewDecimal(7, 0), "7"},
		{fhir.NewDecimal(7, -2), "700"}, {fhir.DecimalFromInt(-3), "-3"}, {f, "36.6"},
	} {
		if c.got.String() != c.want || err != nil {
			t.Errorf("got %s, want %s", c.got, c.want)
		}
	}
	for s, want := range map[string]int64{"12": 12, "12.0": 12, "1.2e1": 12, "-3": -3} {
		if got, ok := decimal(t, s).Int64(); !ok || got != want {
			t.Errorf("%s: got %d", s, got)
		}
	}
	for _, s := range []string{"1.5", "1e30"} {
		if got, ok := decimal(t, s).Int64(); ok {
			t.Errorf("%s is no int64, got %d", s, got)
		}
	}
}

// anyDecimal draws decimals in every notation.
func anyDecimal() *rapid.Generator[string] {
	return rapid.StringMatching(`-?(0|[1-9][0-9]{0,8})(\.[0-9]{1,8})?([eE][+-]?[0-9]{1,2})?`)
}

func TestDecimalCompareAgreesWithExactNumbers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := anyDecimal().Draw(t, "a"), anyDecimal().Draw(t, "b")
		x, _ := new(big.Rat).SetString(a)
		y, _ := new(big.Rat).SetString(b)
		d, errA := fhir.ParseDecimal(a)
		e, errB := fhir.ParseDecimal(b)
		if errA != nil || errB != nil {
			t.Fatal(errA, errB)
		}
		if got, want := d.Compare(e), x.Cmp(y); got != want {
			t.Fatalf("%s and %s compare %d, want %d", a, b, got, want)
		}
		if d.Sign() != x.Sign() || d.Rat().Cmp(x) != 0 {
			t.Fatalf("%s: sign %d, value %s", a, d.Sign(), d.Rat())
		}
		low, high := d.Range()
		if low.Compare(d) >= 0 || high.Compare(d) <= 0 {
			t.Fatalf("%s does not lie between %s and %s", a, low, high)
		}
		middle := new(big.Rat).Add(low.Rat(), high.Rat())
		if middle.Cmp(new(big.Rat).Mul(x, big.NewRat(2, 1))) != 0 {
			t.Fatalf("%s is not in the middle of %s and %s", a, low, high)
		}
	})
}
