package path

import (
	"slices"
	"strconv"
	"strings"

	"github.com/cockroachdb/apd/v3"
)

// Units knows units of measure. The package has a small table of common UCUM units for when none is given.
type Units interface {
	// Canonical returns how many canonical units one unit is, and the canonical unit: base units with
	// exponents in a fixed order, such as "g.m-3". ok is false for units that are unknown or that do not
	// convert by a factor (degrees Celsius).
	Canonical(unit string) (factor *apd.Decimal, canonical string, ok bool)
}

// basicUnits is the built-in table.
type basicUnits struct{}

// dimension is a product of base units with their exponents.
type dimension map[string]int

func (basicUnits) Canonical(unit string) (*apd.Decimal, string, bool) {
	f, dim, ok := parseUnit(unit)
	if !ok {
		return nil, "", false
	}
	return f, dim.String(), true
}

func (d dimension) String() string {
	var parts []string
	for base, exp := range d {
		switch exp {
		case 0:
		case 1:
			parts = append(parts, base)
		default:
			parts = append(parts, base+strconv.Itoa(exp))
		}
	}
	if len(parts) == 0 {
		return "1"
	}
	slices.Sort(parts)
	return strings.Join(parts, ".")
}

// parseUnit reads a UCUM expression of units, prefixes, exponents, dots and slashes, without parentheses.
func parseUnit(s string) (*apd.Decimal, dimension, bool) {
	factor, dim := apd.New(1, 0), dimension{}
	if s == "" || len(s) > 100 {
		return nil, nil, false
	}
	sign := 1
	if s[0] == '/' {
		sign, s = -1, s[1:]
	}
	for {
		term, rest := nextTerm(s)
		f, d, ok := parseTerm(term)
		if !ok || !multiply(factor, dim, f, d, sign) {
			return nil, nil, false
		}
		if rest == "" {
			return factor, dim, true
		}
		sign = 1
		if rest[0] == '/' {
			sign = -1
		}
		s = rest[1:]
	}
}

// nextTerm cuts at the first . or / outside brackets and braces.
func nextTerm(s string) (term, rest string) {
	depth := 0
	for i := range len(s) {
		switch s[i] {
		case '[', '{':
			depth++
		case ']', '}':
			depth--
		case '.', '/':
			if depth == 0 {
				return s[:i], s[i:]
			}
		}
	}
	return s, ""
}

// multiply multiplies factor and dim by f and d, raised to the power exp.
func multiply(factor *apd.Decimal, dim dimension, f *apd.Decimal, d dimension, exp int) bool {
	var cond apd.Condition
	var err error
	for range max(exp, -exp) {
		if exp > 0 {
			cond, err = exact.Mul(factor, factor, f)
		} else {
			cond, err = unitDivision.Quo(factor, factor, f)
		}
		if _, ok := bound(factor, cond, err); !ok {
			return false
		}
	}
	for base, e := range d {
		dim[base] += e * exp
	}
	return true
}

// unitDivision has digits enough that factors such as 1/60 do not blur a comparison.
var unitDivision = apd.BaseContext.WithPrecision(60)

// parseTerm reads one unit: a number, or prefix, atom and exponent; annotations count as 1.
func parseTerm(s string) (*apd.Decimal, dimension, bool) {
	if i := strings.IndexByte(s, '{'); i >= 0 {
		if !strings.HasSuffix(s, "}") {
			return nil, nil, false
		}
		if s = s[:i]; s == "" {
			return apd.New(1, 0), nil, true
		}
	}
	if s == "" {
		return nil, nil, false
	}
	if digits(s, 0) == len(s) {
		f, ok := parseDecimal(s)
		return f, nil, ok && !f.IsZero()
	}
	body, exp := s, 1
	if !strings.HasSuffix(s, "]") {
		i := len(s)
		for i > 0 && isDigit(s[i-1]) {
			i--
		}
		if i < len(s) && i > 0 {
			if s[i-1] == '-' || s[i-1] == '+' {
				i--
			}
			n, err := strconv.Atoi(s[i:])
			if err != nil || n > 99 || n < -99 {
				return nil, nil, false
			}
			body, exp = s[:i], n
		}
	}
	f, d, ok := lookupAtom(body)
	if !ok {
		return nil, nil, false
	}
	factor, dim := apd.New(1, 0), dimension{}
	return factor, dim, multiply(factor, dim, f, d, exp)
}

func lookupAtom(s string) (*apd.Decimal, dimension, bool) {
	if a, ok := atoms[s]; ok {
		return a.value()
	}
	for _, n := range [...]int{2, 1} { // the prefix da before d
		if len(s) <= n {
			continue
		}
		exp, isPrefix := prefixes[s[:n]]
		a, isAtom := atoms[s[n:]]
		if !isPrefix || !isAtom || !a.metric {
			continue
		}
		f, d, ok := a.value()
		if !ok {
			return nil, nil, false
		}
		var out apd.Decimal
		_, err := exact.Mul(&out, f, apd.New(1, exp))
		return &out, d, err == nil
	}
	return nil, nil, false
}

// atom is one unit of the table: factor times the unit in terms of others.
type atom struct {
	factor string
	unit   string // "" for a base unit
	metric bool   // takes prefixes
	base   string // name of a base unit
}

func (a atom) value() (*apd.Decimal, dimension, bool) {
	if a.base != "" {
		return apd.New(1, 0), dimension{a.base: 1}, true
	}
	f, ok := parseDecimal(a.factor)
	if !ok {
		return nil, nil, false
	}
	if a.unit == "1" {
		return f, nil, true
	}
	g, d, ok := parseUnit(a.unit)
	if !ok {
		return nil, nil, false
	}
	var out apd.Decimal
	_, err := exact.Mul(&out, f, g)
	return &out, d, err == nil
}

var prefixes = map[string]int32{
	"Y": 24, "Z": 21, "E": 18, "P": 15, "T": 12, "G": 9, "M": 6, "k": 3, "h": 2, "da": 1,
	"d": -1, "c": -2, "m": -3, "u": -6, "n": -9, "p": -12, "f": -15, "a": -18, "z": -21, "y": -24,
}

// atoms are the units that clinical records commonly use. UCUM counts the mole as a pure number; here it
// is a base unit, so that amounts of substance compare with their like only.
var atoms = map[string]atom{
	"m": {base: "m", metric: true}, "s": {base: "s", metric: true}, "g": {base: "g", metric: true},
	"K": {base: "K", metric: true}, "C": {base: "C", metric: true}, "cd": {base: "cd", metric: true},
	"rad": {base: "rad", metric: true}, "mol": {base: "mol", metric: true},
	"[IU]": {base: "[iU]", metric: true}, "[iU]": {base: "[iU]", metric: true}, "[arb'U]": {base: "[arb'U]"},
	"[CFU]": {base: "[CFU]"}, "[pH]": {base: "[pH]"}, "[drp]": {base: "[drp]"}, "[HPF]": {base: "[HPF]"}, "[LPF]": {base: "[LPF]"},

	"%": {factor: "0.01", unit: "1"}, "10*": {factor: "10", unit: "1"}, "10^": {factor: "10", unit: "1"},
	"[ppth]": {factor: "0.001", unit: "1"}, "[ppm]": {factor: "0.000001", unit: "1"}, "[ppb]": {factor: "0.000000001", unit: "1"},
	"deg": {factor: "0.017453292519943295769", unit: "rad"}, "sr": {factor: "1", unit: "rad2", metric: true},

	"min": {factor: "60", unit: "s"}, "h": {factor: "3600", unit: "s"}, "d": {factor: "86400", unit: "s"},
	"wk": {factor: "604800", unit: "s"}, "mo": {factor: "2629800", unit: "s"}, "a": {factor: "31557600", unit: "s"},
	"Hz": {factor: "1", unit: "s-1", metric: true}, "Bq": {factor: "1", unit: "s-1", metric: true},

	"l": {factor: "0.001", unit: "m3", metric: true}, "L": {factor: "0.001", unit: "m3", metric: true},
	"t": {factor: "1000000", unit: "g", metric: true},
	"N": {factor: "1000", unit: "g.m.s-2", metric: true}, "Pa": {factor: "1000", unit: "g.m-1.s-2", metric: true},
	"J": {factor: "1000", unit: "g.m2.s-2", metric: true}, "W": {factor: "1000", unit: "g.m2.s-3", metric: true},
	"A": {factor: "1", unit: "C.s-1", metric: true}, "V": {factor: "1000", unit: "g.m2.s-2.C-1", metric: true},
	"Ohm": {factor: "1000", unit: "g.m2.s-1.C-2", metric: true}, "F": {factor: "0.001", unit: "g-1.m-2.s2.C2", metric: true},
	"T": {factor: "1000", unit: "g.s-1.C-1", metric: true}, "Gy": {factor: "1", unit: "m2.s-2", metric: true},
	"Sv": {factor: "1", unit: "m2.s-2", metric: true}, "bar": {factor: "100000", unit: "Pa", metric: true},
	"atm": {factor: "101325", unit: "Pa"}, "m[Hg]": {factor: "133322", unit: "Pa", metric: true},
	"m[H2O]": {factor: "9806.65", unit: "Pa", metric: true}, "cal": {factor: "4.184", unit: "J", metric: true},
	"[Cal]": {factor: "4184", unit: "J"}, "lm": {factor: "1", unit: "cd.rad2", metric: true},
	"eq": {factor: "1", unit: "mol", metric: true}, "osm": {factor: "1", unit: "mol", metric: true},
	"kat": {factor: "1", unit: "mol.s-1", metric: true}, "U": {factor: "0.000001", unit: "mol.min-1", metric: true},

	"[in_i]": {factor: "0.0254", unit: "m"}, "[ft_i]": {factor: "0.3048", unit: "m"}, "[yd_i]": {factor: "0.9144", unit: "m"},
	"[mi_i]": {factor: "1609.344", unit: "m"}, "[in_us]": {factor: "2.54000508001016", unit: "cm"},
	"[gr]": {factor: "0.06479891", unit: "g"}, "[oz_av]": {factor: "28.349523125", unit: "g"},
	"[lb_av]": {factor: "453.59237", unit: "g"}, "[stone_av]": {factor: "6350.29318", unit: "g"},
	"[ston_av]": {factor: "907184.74", unit: "g"}, "[dr_av]": {factor: "1.7718451953125", unit: "g"},
	"[oz_tr]":  {factor: "31.1034768", unit: "g"},
	"[gal_us]": {factor: "3785.411784", unit: "mL"}, "[qt_us]": {factor: "946.352946", unit: "mL"},
	"[pt_us]": {factor: "473.176473", unit: "mL"}, "[cup_us]": {factor: "236.5882365", unit: "mL"},
	"[foz_us]": {factor: "29.5735295625", unit: "mL"}, "[tbs_us]": {factor: "14.78676478125", unit: "mL"},
	"[tsp_us]": {factor: "4.92892159375", unit: "mL"}, "[cup_m]": {factor: "240", unit: "mL"},
	"[tbs_m]": {factor: "15", unit: "mL"}, "[tsp_m]": {factor: "5", unit: "mL"}, "[foz_m]": {factor: "30", unit: "mL"},
}
