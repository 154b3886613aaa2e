package searchtest

import (
	"math/big"
	"strings"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/fhir/path"
)

// amount is a number or quantity: one point, or from low to high.
type amount struct {
	low, high          *big.Rat // nil = open
	system, code, unit string
}

func rat(n fhir.Node) *big.Rat {
	if n.Kind() != fhir.Number {
		return nil
	}
	r, ok := new(big.Rat).SetString(n.Text())
	if !ok {
		return nil
	}
	return r
}

func amountOf(v path.Value) (a amount, ok bool) {
	n := v.Node()
	switch v.TypeName() {
	case "Money": // "the currency is the code", of ISO 4217
		x := rat(n.Get("value"))
		return amount{x, x, "urn:iso:std:iso:4217", n.Get("currency").Text(), ""}, x != nil
	case "Range":
		low, high := n.Get("low"), n.Get("high")
		a = amount{rat(low.Get("value")), rat(high.Get("value")), "", "", ""}
		for _, q := range []fhir.Node{low, high} {
			if q.Exists() {
				a.system, a.code, a.unit = q.Get("system").Text(), q.Get("code").Text(), q.Get("unit").Text()
			}
		}
		return a, a.low != nil || a.high != nil
	case "SampledData":
		return a, false // its values are a series; the parameter's own description says servers may leave them
	}
	if v.Kind() == path.Complex {
		x := rat(n.Get("value"))
		return amount{x, x, n.Get("system").Text(), n.Get("code").Text(), n.Get("unit").Text()}, x != nil
	}
	x := rat(n)
	return amount{low: x, high: x}, x != nil
}

// amountMatches compares with [prefix][number], or [prefix][number]|[system]|[code].
func amountMatches(v path.Value, want string) bool {
	a, ok := amountOf(v)
	if !ok {
		return false
	}
	parts := split(want, '|')
	if len(parts) == 3 {
		system, code := plain(parts[1]), plain(parts[2])
		switch {
		case system != "" && (a.system != system || a.code != code): // "and the given system and code"
			return false
		case system == "" && a.code != code && a.unit != code: // "where the code or the unit is"
			return false
		}
	}
	op, number := prefixed(parts[0])
	x, ok := new(big.Rat).SetString(number)
	if !ok {
		panic("not a number: " + want)
	}
	// eq, ne: "the number has an implicit precision: 100 is [99.5, 100.5), 100.00 is [99.995, 100.005)".
	// The others treat it as if it had "arbitrarily high precision".
	half := halfUnit(number)
	from, to := new(big.Rat).Sub(x, half), new(big.Rat).Add(x, half)
	contained := a.low != nil && a.high != nil && a.low.Cmp(from) >= 0 && a.high.Cmp(to) < 0
	point := a.low != nil && a.high != nil && a.low.Cmp(x) == 0 && a.high.Cmp(x) == 0
	above := a.high == nil || a.high.Cmp(x) > 0
	below := a.low == nil || a.low.Cmp(x) < 0
	switch op {
	case "eq":
		return contained
	case "ne":
		return !contained
	case "gt":
		return above
	case "lt":
		return below
	case "ge":
		return above || point
	case "le":
		return below || point
	case "sa":
		return a.low != nil && a.low.Cmp(x) > 0
	case "eb":
		return a.high != nil && a.high.Cmp(x) < 0
	}
	// ap: "the recommended value for the approximation is 10% of the stated value"; ranges overlap
	d := new(big.Rat).Mul(new(big.Rat).Abs(x), big.NewRat(1, 10))
	from, to = new(big.Rat).Sub(x, d), new(big.Rat).Add(x, d)
	return (a.high == nil || a.high.Cmp(from) >= 0) && (a.low == nil || a.low.Cmp(to) <= 0)
}

// halfUnit is half of one in the last digit of a number without exponent.
func halfUnit(number string) *big.Rat {
	half := big.NewRat(1, 2)
	if _, fraction, ok := strings.Cut(number, "."); ok {
		for range fraction {
			half.Mul(half, big.NewRat(1, 10))
		}
	}
	return half
}
