package search

import (
	"fmt"
	"math"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/store"
)

// number is a number of a search with its prefix: eq and ne mean the span of half a unit of the last digit
// given around it, ap that of a tenth.
type number struct {
	op       string
	value    float64
	from, to float64 // the span of eq, ne and ap
}

// maxDigits bounds a number as written, and its exponent, so that exact arithmetic stays cheap.
const maxDigits = 100

func readNumber(name, v string) (n number, err error) {
	var rest string
	n.op, rest = prefix(v)
	f, perr := strconv.ParseFloat(rest, 64)
	if perr != nil || math.IsInf(f, 0) || math.IsNaN(f) || len(rest) > maxDigits || strings.ContainsAny(rest, "xXpP_iInN") {
		return n, wrong(name, "%q is not a number", rest)
	}
	mantissa, exponent, _ := strings.Cut(strings.ToLower(rest), "e")
	e, _ := strconv.Atoi(exponent)
	if e < -400 || e > 400 {
		return n, wrong(name, "%q is too large or too small", rest)
	}
	if _, fraction, ok := strings.Cut(mantissa, "."); ok {
		e -= len(fraction)
	}
	exact, ok := new(big.Rat).SetString(rest)
	half, ok2 := new(big.Rat).SetString(fmt.Sprintf("0.5e%d", e))
	if !ok || !ok2 {
		return n, wrong(name, "%q is not a number", rest)
	}
	if n.op == "ap" {
		half = new(big.Rat).Mul(new(big.Rat).Abs(exact), big.NewRat(1, 10))
	}
	// The ends are computed exactly and rounded once, as the values in the index are: 5.35 is in the span of
	// 5.4, which 5.4-0.05 in binary arithmetic would miss.
	n.value = f
	n.from, _ = new(big.Rat).Sub(exact, half).Float64()
	n.to, _ = new(big.Rat).Add(exact, half).Float64()
	return n, nil
}

// amountIs is the condition on one point.
func (n number) amountIs(atoms, units []int64) store.AmountIs {
	is := store.AmountIs{Atoms: atoms, Units: units, From: -math.MaxFloat64, To: math.MaxFloat64}
	switch n.op {
	case "eq":
		is.From, is.To, is.ToOpen = n.from, n.to, true
	case "ne":
		is.From, is.To, is.ToOpen, is.Outside = n.from, n.to, true, true
	case "gt", "sa":
		is.From, is.FromOpen = n.value, true
	case "ge":
		is.From = n.value
	case "lt", "eb":
		is.To, is.ToOpen = n.value, true
	case "le":
		is.To = n.value
	case "ap":
		is.From, is.To = n.from, n.to
	}
	return is
}

// rangeHolds compares a range from low to high, by the table of prefixes (R4 search, 3.1.1.4.5).
func (n number) rangeHolds(low, high float64) bool {
	switch n.op {
	case "eq":
		return low >= n.from && high < n.to
	case "ne":
		return low < n.from || high >= n.to
	case "gt":
		return high > n.value
	case "lt":
		return low < n.value
	case "ge":
		return high > n.value || low == n.value && high == n.value
	case "le":
		return low < n.value || low == n.value && high == n.value
	case "sa":
		return low > n.value
	case "eb":
		return high < n.value
	}
	return high >= n.from && low <= n.to
}

// endsSuffice reports whether a range can be compared by each of its ends alone.
func (n number) endsSuffice() bool { return n.op == "gt" || n.op == "lt" || n.op == "ne" }

func (c *compiler) number(sp *Parameter, name, modifier string, values []string) (store.Cond, error) {
	if modifier != "" {
		return nil, unmodified(name, "the modifier %q is not known for a number", modifier)
	}
	var any store.Or
	for _, v := range values {
		n, err := readNumber(name, v)
		if err != nil {
			return nil, err
		}
		any = append(any, n.amountIs(numbers(sp.Atoms), nil))
	}
	return one(any), nil
}

// quantity: [prefix][number]|[system]|[code]. Where a parameter's values may be ranges and an end of a range
// does not decide, the documents are looked at; inside a chain an end must do.
func (c *compiler) quantity(sp *Parameter, name, modifier string, values []string, top bool) (store.Cond, error) {
	if modifier != "" {
		return nil, unmodified(name, "the modifier %q is not known for a quantity", modifier)
	}
	var any store.Or
	var checks []func(fhir.Node) bool
	ends := true // of a range decide
	for _, v := range values {
		n, units, err := c.readQuantity(name, v)
		if err != nil {
			return nil, err
		}
		any = append(any, n.amountIs(numbers(sp.Atoms), units))
		ends = ends && n.endsSuffice()
		checks = append(checks, func(v fhir.Node) bool { return c.holds(n, v, units) })
	}
	if !ranges(sp) || ends || !top {
		return one(any), nil
	}
	c.residual(func(r *fhir.Resource) bool {
		return slices.ContainsFunc(sp.nodes(r), func(v fhir.Node) bool {
			return slices.ContainsFunc(checks, func(holds func(fhir.Node) bool) bool { return holds(v) })
		})
	})
	return store.Has{Atoms: numbers(sp.Atoms), Kind: store.Amounts}, nil
}

// ranges reports whether a parameter's values may be ranges.
func ranges(sp *Parameter) bool {
	return slices.ContainsFunc(sp.Atoms, func(a *Atom) bool { return slices.Contains(a.Types, "Range") })
}

// readQuantity reads [prefix][number]|[system]|[code].
func (c *compiler) readQuantity(name, v string) (n number, units []int64, err error) {
	parts := splitEscaped(v, '|')
	switch len(parts) {
	case 1:
	case 3:
		units = c.units(unescape(parts[1]), unescape(parts[2]))
	default:
		return n, nil, wrong(name, "%q must be written as number or number|system|code", v)
	}
	n, err = readNumber(name, parts[0])
	return n, units, err
}

// holds compares a quantity or range of a document.
func (c *compiler) holds(n number, v fhir.Node, units []int64) bool {
	const atom = 1
	rows := &store.Index{}
	if !v.Get("low").Exists() && !v.Get("high").Exists() {
		c.amount(v, &emit{atom: &Atom{No: atom}, fhirType: "Quantity"}, rows)
		return c.Matches(n.amountIs([]int64{atom}, units), rows)
	}
	c.amount(v, &emit{atom: &Atom{No: atom}, fhirType: "Range"}, rows)
	low, high, found := math.MaxFloat64, -math.MaxFloat64, false
	for _, a := range rows.Amounts {
		if units == nil || slices.Contains(units, a.Unit) {
			low, high, found = min(low, a.Value), max(high, a.Value), true
		}
	}
	return found && n.rangeHolds(low, high)
}

// units are the hashes under which quantities with a unit are indexed; nil = any unit.
func (c *compiler) units(system, code string) []int64 {
	switch {
	case code == "":
		return nil
	case system != "":
		return []int64{c.UnitOf(system, code)}
	}
	return []int64{c.Unit(code), c.UnitOf(ucum, code)}
}
