package ucum

import (
	"fmt"
	"math/big"
	"slices"

	"github.com/osler-ehr/osler/fhir"
)

// Linear is false for a unit on a scale of its own, which no factor converts: degrees Celsius, pH, decibel.
func (u *Unit) Linear() bool { return u.special == nil }

// Canonical is how many canonical units one of the unit is, and the canonical unit: base units with their exponents in
// the order of their codes, such as g.m-3. ok is false for a unit that is not [Unit.Linear]. The caller may keep and
// change the factor.
func (u *Unit) Canonical() (factor *big.Rat, canonical string, ok bool) {
	if u.special != nil {
		return nil, "", false
	}
	return new(big.Rat).Set(u.factor), u.dim.String(), true
}

// Base is a number of the unit as a number of canonical units.
func (u *Unit) Base(x *big.Rat) (value *big.Rat, canonical string, ok bool) {
	value, ok = u.toBase(x)
	return value, u.dim.String(), ok
}

func (u *Unit) toBase(x *big.Rat) (*big.Rat, bool) {
	if u.special != nil {
		var ok bool
		if x, ok = u.special.proper(new(big.Rat).Mul(x, u.multiple)); !ok {
			return nil, false
		}
	}
	return new(big.Rat).Mul(x, u.factor), true
}

func (u *Unit) fromBase(x *big.Rat) (*big.Rat, bool) {
	x = new(big.Rat).Quo(x, u.factor)
	if u.special == nil {
		return x, true
	}
	x, ok := u.special.onScale(x)
	if !ok {
		return nil, false
	}
	return x.Quo(x, u.multiple), true
}

// Commensurable is true when both are units of the same kind of quantity, so that their values compare. A number is not
// of the same kind as an amount of substance. False for what is no unit.
func Commensurable(a, b string) bool {
	u, err := Parse(a)
	if err != nil {
		return false
	}
	v, err := Parse(b)
	return err == nil && slices.Equal(u.dim, v.dim)
}

// ConvertRat expresses a number of one unit in another: exactly, unless one of them is a logarithm or an angle. The
// error tells that one of them is no unit, or that they measure different things.
func ConvertRat(x *big.Rat, from, to string) (*big.Rat, error) {
	u, err := Parse(from)
	if err != nil {
		return nil, err
	}
	v, err := Parse(to)
	if err != nil {
		return nil, err
	}
	apart := u.dim.of("mol") - v.dim.of("mol")
	if !slices.Equal(u.dim.without("mol"), v.dim.without("mol")) {
		return nil, fmt.Errorf("%s cannot be converted to %s: they do not measure the same", from, to)
	}
	base, ok := u.toBase(x)
	for ; ok && apart > 0; apart-- {
		base.Mul(base, mole())
	}
	for ; ok && apart < 0; apart++ {
		base.Quo(base, mole())
	}
	if ok {
		base, ok = v.fromBase(base)
	}
	if !ok {
		return nil, fmt.Errorf("this number of %s has no counterpart in %s", from, to)
	}
	return base, nil
}

// Convert expresses a number of one unit in another, rounded to digits behind the point, halves away from zero.
func Convert(x fhir.Decimal, from, to string, digits int) (fhir.Decimal, error) {
	if x.IsZero() {
		return x, nil
	}
	r, err := ConvertRat(x.Rat(), from, to)
	if err != nil {
		return fhir.Decimal{}, err
	}
	return fhir.ParseDecimal(r.FloatString(max(digits, 0)))
}
