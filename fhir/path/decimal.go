package path

import (
	"strings"

	"github.com/cockroachdb/apd/v3"
)

// maxDigits bounds a decimal's digits before and after the point, and so the cost of one operation.
const maxDigits = 400

// exact is for sums and products: nothing is rounded within the bounds of parseDecimal.
var exact = apd.BaseContext.WithPrecision(4 * maxDigits)

// working is for results that may not end, such as quotients and roots: 28 significant digits, what the
// language demands at least.
var working = apd.BaseContext.WithPrecision(28)

// parseDecimal reads a JSON number or a decimal literal. Numbers of absurd size are refused.
func parseDecimal(s string) (*apd.Decimal, bool) {
	if len(s) > 2*maxDigits {
		return nil, false
	}
	d, _, err := apd.NewFromString(s)
	if err != nil || d.Form != apd.Finite || !bounded(d) {
		return nil, false
	}
	return d, true
}

func bounded(d *apd.Decimal) bool {
	return d.Exponent >= -maxDigits && int64(d.Exponent)+d.NumDigits() <= maxDigits
}

// bound turns the outcome of an operation into nothing when it is no number or out of bounds.
func bound(d *apd.Decimal, cond apd.Condition, err error) (*apd.Decimal, bool) {
	if err != nil || cond.DivisionByZero() || cond.InvalidOperation() || cond.DivisionUndefined() || d.Form != apd.Finite || !bounded(d) {
		return nil, false
	}
	return d, true
}

// formatDecimal writes plain digits, never an exponent.
func formatDecimal(d *apd.Decimal) string { return d.Text('f') }

// reduced is d without trailing zeros behind the point.
func reduced(d *apd.Decimal) *apd.Decimal {
	var out apd.Decimal
	out.Reduce(d)
	if out.Exponent > 0 {
		_, _ = exact.Quantize(&out, &out, 0)
	}
	return &out
}

// places is the number of digits behind the point.
func places(d *apd.Decimal) int { return max(0, int(-d.Exponent)) }

// rescale gives d exactly n digits behind the point, rounding half up in magnitude.
func rescale(d *apd.Decimal, n int) *apd.Decimal {
	var out apd.Decimal
	_, _ = exact.Quantize(&out, d, int32(-n))
	return &out
}

// truncated cuts d to n digits behind the point.
func truncated(d *apd.Decimal, n int) *apd.Decimal {
	c := *exact
	c.Rounding = apd.RoundDown
	var out apd.Decimal
	_, _ = c.Quantize(&out, d, int32(-n))
	return &out
}

// whole is d as an Integer, if it has no fraction and fits.
func whole(d *apd.Decimal) (int64, bool) {
	r := reduced(d)
	if r.Exponent < 0 {
		return 0, false
	}
	i, err := r.Int64()
	return i, err == nil && i >= minInteger && i <= maxInteger
}

// Integers of the language have 32 bits.
const (
	minInteger = -1 << 31
	maxInteger = 1<<31 - 1
)

// isPlainNumber accepts what toDecimal() and toQuantity() accept: (+|-)? digits ('.' digits)?
func isPlainNumber(s string) bool {
	if strings.HasPrefix(s, "+") || strings.HasPrefix(s, "-") {
		s = s[1:]
	}
	j := digits(s, 0)
	if j == 0 {
		return false
	}
	if j < len(s) && s[j] == '.' {
		if k := digits(s, j+1); k > j+1 {
			j = k
		}
	}
	return j == len(s)
}
