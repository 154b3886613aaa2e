package ucum

import (
	"math/big"

	"github.com/cockroachdb/apd/v3"
)

// Units converts quantities for FHIRPath: it is a path.Units.
type Units struct{}

// precision is digits enough that factors such as 1/60 do not blur a comparison.
const precision = 60

// Canonical is [Unit.Canonical] with a decimal factor.
func (Units) Canonical(unit string) (*apd.Decimal, string, bool) {
	u, err := Parse(unit)
	if err != nil {
		return nil, "", false
	}
	f, canonical, ok := u.Canonical()
	if !ok {
		return nil, "", false
	}
	d, ok := decimal(f)
	return d, canonical, ok
}

// decimal is a fraction as a decimal.
func decimal(r *big.Rat) (*apd.Decimal, bool) {
	num, denom := apd.NewWithBigInt(new(apd.BigInt).SetMathBigInt(r.Num()), 0), apd.NewWithBigInt(new(apd.BigInt).SetMathBigInt(r.Denom()), 0)
	var out apd.Decimal
	if r.IsInt() {
		return num, true
	}
	_, err := apd.BaseContext.WithPrecision(precision).Quo(&out, num, denom)
	if err != nil {
		return nil, false
	}
	out.Reduce(&out)
	return &out, true
}
