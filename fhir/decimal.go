package fhir

import (
	"fmt"
	"math/big"
	"strconv"
	"strings"
)

// Decimal is a FHIR decimal. It keeps its exact text, so 1.50 stays 1.50: the digits say how precisely
// something was measured. The zero Decimal is absent, which is not the number 0. Two Decimals are equal
// with == when their text is; use [Decimal.Compare] for the number.
type Decimal struct{ text string }

// Limits of a decimal that is read as a number. A document may hold longer ones; they pass through it unread.
const (
	maxDecimalText     = 100  // characters
	maxDecimalExponent = 1000 // either side of zero
)

// ParseDecimal reads a number in JSON's notation, such as 1.50, -3 or 2.5e-3.
func ParseDecimal(s string) (Decimal, error) {
	if len(s) > maxDecimalText {
		return Decimal{}, fmt.Errorf("a decimal may have at most %d characters; this one has %d", maxDecimalText, len(s))
	}
	if end, ok := scanNumber(s); !ok || end != len(s) {
		return Decimal{}, fmt.Errorf("%q is not a decimal; write digits such as 0.5, 12 or -1.50", s)
	}
	d := Decimal{s}
	if p := d.parts(); p.exp > maxDecimalExponent || p.exp < -maxDecimalExponent {
		return Decimal{}, fmt.Errorf("the exponent of %s is too large", s)
	}
	return d, nil
}

// NewDecimal is unscaled times ten to the power of minus scale: NewDecimal(150, 2) is 1.50.
func NewDecimal(unscaled int64, scale int) Decimal {
	return decimalOf(big.NewInt(unscaled), -scale)
}

// DecimalFromInt is the whole number v.
func DecimalFromInt(v int64) Decimal { return Decimal{strconv.FormatInt(v, 10)} }

// DecimalFromFloat is v with digits digits after the point.
func DecimalFromFloat(v float64, digits int) (Decimal, error) {
	return ParseDecimal(strconv.FormatFloat(v, 'f', digits, 64))
}

// scanNumber follows JSON's grammar and returns the offset behind the number at the start of s.
func scanNumber(s string) (int, bool) {
	i := 0
	digits := func() bool {
		from := i
		for i < len(s) && s[i] >= '0' && s[i] <= '9' {
			i++
		}
		return i > from
	}
	if i < len(s) && s[i] == '-' {
		i++
	}
	from := i
	if !digits() || s[from] == '0' && i > from+1 {
		return i, false
	}
	if i < len(s) && s[i] == '.' {
		i++
		if !digits() {
			return i, false
		}
	}
	if i < len(s) && s[i]|0x20 == 'e' {
		i++
		if i < len(s) && (s[i] == '+' || s[i] == '-') {
			i++
		}
		if !digits() {
			return i, false
		}
	}
	return i, true
}

// decimalParts is a decimal taken apart: (-1)^neg * digits * 10^exp. digits has no leading zeros.
type decimalParts struct {
	neg    bool
	digits string
	exp    int
}

func (d Decimal) parts() decimalParts {
	s := d.text
	var p decimalParts
	if strings.HasPrefix(s, "-") {
		p.neg, s = true, s[1:]
	}
	if i := strings.IndexAny(s, "eE"); i >= 0 {
		e, err := strconv.Atoi(s[i+1:])
		if err != nil { // out of range; any exponent past the limit is refused
			e = maxDecimalExponent * 10
		}
		p.exp, s = e, s[:i]
	}
	if whole, frac, point := strings.Cut(s, "."); point {
		s = whole + frac
		p.exp -= len(frac)
	}
	p.digits = strings.TrimLeft(s, "0")
	return p
}

// decimalOf writes coefficient * 10^exp in plain notation where that is short.
func decimalOf(coefficient *big.Int, exp int) Decimal {
	if exp > 0 {
		if exp > 30 {
			return Decimal{coefficient.String() + "e" + strconv.Itoa(exp)}
		}
		if coefficient.Sign() == 0 {
			return Decimal{"0"}
		}
		return Decimal{coefficient.String() + strings.Repeat("0", exp)}
	}
	if exp < -60 {
		return Decimal{coefficient.String() + "e" + strconv.Itoa(exp)}
	}
	s := new(big.Int).Abs(coefficient).String()
	if exp < 0 {
		if short := -exp + 1 - len(s); short > 0 {
			s = strings.Repeat("0", short) + s
		}
		s = s[:len(s)+exp] + "." + s[len(s)+exp:]
	}
	if coefficient.Sign() < 0 {
		s = "-" + s
	}
	return Decimal{s}
}

// IsZero is true when there is no decimal. The number 0 is not IsZero.
func (d Decimal) IsZero() bool { return d.text == "" }

// String is the exact text.
func (d Decimal) String() string { return d.text }

// Float64 is the nearest float64; 0 when absent.
func (d Decimal) Float64() float64 {
	v, _ := strconv.ParseFloat(d.text, 64)
	return v
}

// Int64 is the value of a whole number that fits, written in any notation: 12, 12.0, 1.2e1.
func (d Decimal) Int64() (int64, bool) {
	if d.IsZero() {
		return 0, false
	}
	r := d.Rat()
	if !r.IsInt() || !r.Num().IsInt64() {
		return 0, false
	}
	return r.Num().Int64(), true
}

// Rat is the exact value; 0 when absent.
func (d Decimal) Rat() *big.Rat {
	r, ok := new(big.Rat).SetString(d.text)
	if !ok {
		return new(big.Rat)
	}
	return r
}

// Sign is -1, 0 or +1.
func (d Decimal) Sign() int {
	p := d.parts()
	switch {
	case p.digits == "":
		return 0
	case p.neg:
		return -1
	}
	return 1
}

// Compare orders by value: -1, 0 or +1. 1.5 and 1.50 compare equal. An absent decimal counts as 0.
func (d Decimal) Compare(e Decimal) int {
	a, b := d.Sign(), e.Sign()
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	case a == 0:
		return 0
	}
	p, q := d.parts(), e.parts()
	if m, n := len(p.digits)+p.exp, len(q.digits)+q.exp; m != n { // place of the first digit
		if m < n {
			return -a
		}
		return a
	}
	return a * strings.Compare(strings.TrimRight(p.digits, "0"), strings.TrimRight(q.digits, "0"))
}

// Scale counts the digits after the point: 2 for 1.50, negative for 1e3.
func (d Decimal) Scale() int { return -d.parts().exp }

// Range is the interval of values that round to d at its precision, low included and high not: 2.0 is
// 1.95 to 2.05, and 100 is 99.5 to 100.5. That is how search matches numbers (FHIR R4, search, number).
// A whole number with an exponent counts as having one digit more, because the specification reads 1e2
// as 95 to 105.
func (d Decimal) Range() (low, high Decimal) {
	p := d.parts()
	c, ok := new(big.Int).SetString("0"+p.digits, 10)
	if !ok {
		return d, d
	}
	if p.neg {
		c.Neg(c)
	}
	if strings.ContainsAny(d.text, "eE") && !strings.Contains(d.text, ".") {
		c.Mul(c, big.NewInt(10))
		p.exp--
	}
	c.Mul(c, big.NewInt(10))
	five := big.NewInt(5)
	return decimalOf(new(big.Int).Sub(c, five), p.exp-1), decimalOf(new(big.Int).Add(c, five), p.exp-1)
}

// Read takes the decimal at n.
func (d *Decimal) Read(n Node) error {
	*d = Decimal{}
	switch n.Kind() {
	case Missing, Null:
		return nil
	case Number:
		v, err := ParseDecimal(n.Text())
		if err != nil {
			return wrongForm(n, fmt.Sprintf("a decimal of at most %d characters", maxDecimalText))
		}
		*d = v
		return nil
	}
	return wrongKind(n, "a number")
}

// AppendJSON appends the exact text.
func (d Decimal) AppendJSON(out []byte) []byte {
	if d.text == "" {
		return append(out, "null"...)
	}
	return append(out, d.text...)
}
