package ucum

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// dimension is a product of base units with their exponents, in the order of their codes; none is 0.
type dimension []power

type power struct {
	base string
	exp  int
}

// times is the product of d and e to the power n.
func (d dimension) times(e dimension, n int) dimension {
	if len(e) == 0 || n == 0 {
		return d
	}
	out := slices.Clone(d)
	for _, p := range e {
		i, found := slices.BinarySearchFunc(out, p.base, func(p power, base string) int { return cmp.Compare(p.base, base) })
		switch {
		case !found:
			out = slices.Insert(out, i, power{p.base, p.exp * n})
		case out[i].exp+p.exp*n == 0:
			out = slices.Delete(out, i, i+1)
		default:
			out[i].exp += p.exp * n
		}
	}
	return out
}

// of is the exponent of a base unit.
func (d dimension) of(base string) int {
	for _, p := range d {
		if p.base == base {
			return p.exp
		}
	}
	return 0
}

// without is the dimension less a base unit.
func (d dimension) without(base string) dimension {
	return slices.DeleteFunc(slices.Clone(d), func(p power) bool { return p.base == base })
}

// String is the dimension as a unit, such as g.m-3; "1" for none.
func (d dimension) String() string {
	if len(d) == 0 {
		return "1"
	}
	var b strings.Builder
	for i, p := range d {
		if i > 0 {
			b.WriteByte('.')
		}
		b.WriteString(p.base)
		if p.exp != 1 {
			b.WriteString(strconv.Itoa(p.exp))
		}
	}
	return b.String()
}
