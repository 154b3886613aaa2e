package drugs

import (
	"math/big"
	"strings"
)

var (
	one      = big.NewRat(1, 1)
	thousand = big.NewRat(1000, 1)
)

// Number writes an exact amount as labels do: a leading zero, no trailing zero, a comma from 1,000. What has no end in
// decimals is rounded to four places, and says so with "about".
func Number(r *big.Rat) string {
	prec, exact := r.FloatPrec()
	about := ""
	if !exact || prec > 6 {
		prec, about = 4, "about "
	}
	s := r.FloatString(prec)
	if strings.Contains(s, ".") {
		s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	}
	whole, frac, point := strings.Cut(s, ".")
	for i := len(whole) - 3; i > 0 && whole[i-1] != '-'; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if point {
		whole += "." + frac
	}
	return about + whole
}

// Readable gives an amount in the unit that avoids decimals: 0.075 mg is 75 micrograms, and 0.5 g is 500 mg.
func Readable(amount *big.Rat, unit string) (*big.Rat, string) {
	switch {
	case unit == "mg" && amount.Sign() > 0 && amount.Cmp(one) < 0:
		return new(big.Rat).Mul(amount, thousand), "micrograms"
	case unit == "g" && amount.Sign() > 0 && amount.Cmp(one) < 0:
		return new(big.Rat).Mul(amount, thousand), "mg"
	}
	return amount, unit
}

// Milligrams converts a mass; ok is false for what is no mass.
func Milligrams(amount *big.Rat, unit string) (mg *big.Rat, ok bool) {
	switch strings.ToLower(unit) {
	case "mg", "milligram", "milligrams":
		return amount, true
	case "g", "gram", "grams":
		return new(big.Rat).Mul(amount, thousand), true
	case "ug", "mcg", "microgram", "micrograms":
		return new(big.Rat).Quo(amount, thousand), true
	}
	return nil, false
}
