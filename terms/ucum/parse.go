package ucum

import (
	"fmt"
	"math/big"
	"strconv"
	"strings"
)

// Unit is a unit that was read.
type Unit struct {
	code string
	// factor and dim are what one of it is in base units; for a special unit see atom.
	factor *big.Rat
	dim    dimension
	// special is the scale of a unit such as Cel; multiple is how many steps of the scale the unit is, for dB a tenth.
	special  *scale
	multiple *big.Rat
}

// Error tells what is wrong with a unit.
type Error struct {
	Unit   string
	Reason string
}

func (e *Error) Error() string { return fmt.Sprintf("%q is not a UCUM unit: %s", e.Unit, e.Reason) }

// Limits of one unit.
const (
	maxLength   = 300
	maxNesting  = 20
	maxExponent = 99
	maxPower    = 300    // of ten, as in 10*3
	maxBits     = 20_000 // of a factor
)

// Parse reads a unit in the case-sensitive form. The error is an *Error.
func Parse(code string) (*Unit, error) { return load().parse(code) }

// Validate is nil for a unit, otherwise an *Error that says what is wrong.
func Validate(code string) error {
	_, err := Parse(code)
	return err
}

// String is the unit as it was written.
func (u *Unit) String() string { return u.code }

func (t *table) parse(code string) (*Unit, error) {
	p := parser{table: t, rest: code}
	u, reason := p.unit(code)
	if reason != "" {
		return nil, &Error{clip(code), reason}
	}
	u.code = code
	return u, nil
}

func clip(s string) string {
	if len(s) > 64 {
		return s[:64] + "…"
	}
	return s
}

// parser reads UCUM's grammar (The Unified Code for Units of Measure, 2.2, syntax rules). Reasons are "" when all is well.
type parser struct {
	*table
	rest  string
	depth int
}

// unit: "/" term | term
func (p *parser) unit(code string) (*Unit, string) {
	switch {
	case code == "":
		return nil, "it is empty; write 1 for no unit"
	case len(code) > maxLength:
		return nil, "it is too long"
	}
	for i := range len(code) {
		if c := code[i]; c <= ' ' || c > '~' {
			return nil, "it has a blank or a character that is not ASCII" + hint(code)
		}
	}
	u, reason := p.term()
	if reason == "" && p.rest != "" {
		reason = "there is a " + p.rest[:1] + " too many"
	}
	return u, reason
}

// term: ["/"] component {("." | "/") component}
func (p *parser) term() (*Unit, string) {
	if p.depth++; p.depth > maxNesting {
		return nil, "its parentheses are nested too deeply"
	}
	defer func() { p.depth-- }()
	out := &Unit{factor: big.NewRat(1, 1)}
	sign := 1
	if strings.HasPrefix(p.rest, "/") {
		sign, p.rest = -1, p.rest[1:]
	}
	for first := true; ; first = false {
		c, reason := p.component()
		if reason != "" {
			return nil, reason
		}
		if first && sign == 1 {
			out = c
		} else if reason := out.multiply(c, sign); reason != "" {
			return nil, reason
		}
		switch {
		case strings.HasPrefix(p.rest, "."):
			sign = 1
		case strings.HasPrefix(p.rest, "/"):
			sign = -1
		default:
			return out, ""
		}
		p.rest = p.rest[1:]
	}
}

// multiply makes u the product of u and o to the power sign.
func (u *Unit) multiply(o *Unit, sign int) string {
	if u.special != nil || o.special != nil {
		// A scale can be multiplied by a number, and by nothing else (UCUM, 22).
		switch {
		case sign == 1 && u.special == nil && len(u.dim) == 0:
			number := u.factor
			*u = *o
			u.multiple = new(big.Rat).Mul(o.multiple, number)
			return ""
		case o.special == nil && len(o.dim) == 0:
			number := o.factor
			if sign < 0 {
				number = new(big.Rat).Inv(number)
			}
			u.multiple = new(big.Rat).Mul(u.multiple, number)
			return ""
		}
		return "a unit on a scale of its own, such as degrees Celsius, cannot be multiplied or divided by another"
	}
	factor := new(big.Rat)
	if sign < 0 {
		factor.Quo(u.factor, o.factor)
	} else {
		factor.Mul(u.factor, o.factor)
	}
	if factor.Num().BitLen() > maxBits || factor.Denom().BitLen() > maxBits {
		return "it is beyond all measure"
	}
	u.factor, u.dim = factor, u.dim.times(o.dim, sign)
	return ""
}

// component: annotatable [annotation] | annotation | factor | "(" term ")"
func (p *parser) component() (*Unit, string) {
	switch {
	case p.rest == "":
		return nil, "it ends where a unit should follow"
	case p.rest[0] == '(':
		p.rest = p.rest[1:]
		u, reason := p.term()
		if reason != "" {
			return nil, reason
		}
		if !strings.HasPrefix(p.rest, ")") {
			return nil, "a ) is missing"
		}
		p.rest = p.rest[1:]
		// Annotations behind parentheses are beyond the grammar and harmless; practice writes them.
		return u, p.annotation()
	case p.rest[0] == '{':
		return &Unit{factor: big.NewRat(1, 1)}, p.annotation()
	}
	symbol := p.symbol()
	if symbol == "" {
		return nil, "there is a " + p.rest[:1] + " where a unit should stand"
	}
	u, reason := p.annotatable(symbol)
	if reason != "" {
		return nil, reason
	}
	return u, p.annotation()
}

// annotation skips an annotation if there is one.
func (p *parser) annotation() string {
	if !strings.HasPrefix(p.rest, "{") {
		return ""
	}
	end := strings.IndexAny(p.rest[1:], "{}")
	if end < 0 || p.rest[1+end] == '{' {
		return "the annotation that begins with { has no }"
	}
	p.rest = p.rest[end+2:]
	if p.rest != "" && strings.IndexByte("./)", p.rest[0]) < 0 {
		return "behind an annotation only . or / can follow"
	}
	return ""
}

// symbol takes everything up to the next operator, parenthesis or annotation. What stands in brackets belongs to it.
func (p *parser) symbol() string {
	for i, bracket := 0, false; ; i++ {
		if i == len(p.rest) {
			s := p.rest
			p.rest = ""
			return s
		}
		switch c := p.rest[i]; {
		case c == '[':
			bracket = true
		case c == ']':
			bracket = false
		case !bracket && strings.IndexByte("./(){}", c) >= 0:
			s := p.rest[:i]
			p.rest = p.rest[i:]
			return s
		}
	}
}

// annotatable: factor | simple-unit [exponent]
func (p *parser) annotatable(s string) (*Unit, string) {
	if digits(s) == len(s) {
		f, ok := new(big.Rat).SetString(s)
		if !ok || f.Sign() == 0 || len(s) > 30 {
			return nil, "the number " + clip(s) + " cannot be a unit"
		}
		return &Unit{factor: f}, ""
	}
	// The exponent is the digits at the end, with a sign perhaps. 10* and 10^ are units themselves.
	n := len(s)
	for n > 0 && isDigit(s[n-1]) {
		n--
	}
	exponent := 1
	symbol := s
	if n < len(s) && n > 0 {
		digitsFrom := n
		if s[n-1] == '-' || s[n-1] == '+' {
			n--
		}
		limit := maxExponent
		if symbol = s[:n]; symbol == "10*" || symbol == "10^" {
			limit = maxPower
		}
		e, err := strconv.Atoi(s[digitsFrom:])
		if err != nil || e > limit {
			return nil, "the exponent of " + clip(s) + " is too large"
		}
		if exponent = e; s[n] == '-' {
			exponent = -e
		}
	}
	u, reason := p.simple(symbol)
	if reason != "" {
		return nil, reason
	}
	return u.power(exponent)
}

// power is the unit to the power n.
func (u *Unit) power(n int) (*Unit, string) {
	if n == 1 {
		return u, ""
	}
	if u.special != nil {
		return nil, "a unit on a scale of its own, such as degrees Celsius, has no powers"
	}
	e := big.NewInt(int64(max(n, -n)))
	num, denom := new(big.Int).Exp(u.factor.Num(), e, nil), new(big.Int).Exp(u.factor.Denom(), e, nil)
	if num.BitLen() > maxBits || denom.BitLen() > maxBits {
		return nil, "it is beyond all measure"
	}
	if n < 0 {
		num, denom = denom, num
	}
	return &Unit{factor: new(big.Rat).SetFrac(num, denom), dim: dimension(nil).times(u.dim, n)}, ""
}

// simple: atom | prefix metric-atom. An atom goes before the same letters as prefix and atom: cd is the candela, Pa the
// pascal.
func (p *parser) simple(s string) (*Unit, string) {
	if a := p.atoms[s]; a != nil {
		return a.unit(nil), ""
	}
	for n := min(2, len(s)-1); n > 0; n-- { // da before d
		pre, a := p.prefixes[s[:n]], p.atoms[s[n:]]
		if pre != nil && a != nil && a.metric {
			return a.unit(pre), ""
		}
	}
	for n := min(2, len(s)-1); n > 0; n-- {
		if p.prefixes[s[:n]] != nil && p.atoms[s[n:]] != nil {
			return nil, s[n:] + " takes no prefix"
		}
	}
	return nil, clip(s) + " is not known" + hint(s)
}

// unit is one of the atom, or as many as the prefix says.
func (a *atom) unit(pre *prefix) *Unit {
	u := &Unit{factor: a.factor, dim: a.dim, special: a.special}
	if a.special != nil {
		u.multiple = big.NewRat(1, 1)
	}
	if pre != nil && a.special != nil {
		u.multiple = pre.factor
	} else if pre != nil {
		u.factor = new(big.Rat).Mul(a.factor, pre.factor)
	}
	return u
}

// digits counts the digits at the beginning.
func digits(s string) int {
	for i := range len(s) {
		if !isDigit(s[i]) {
			return i
		}
	}
	return len(s)
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }
