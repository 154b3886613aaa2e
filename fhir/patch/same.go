package patch

import (
	"strconv"
	"strings"

	"github.com/osler-ehr/osler/fhir"
)

// same is the equality of RFC 6902: numbers by value, properties in any order.
func same(a, b fhir.Node) bool {
	if a.Kind() != b.Kind() {
		return false
	}
	switch a.Kind() {
	case fhir.Object:
		for c := range a.Children() {
			if !same(c, b.Get(c.Key())) {
				return false
			}
		}
		return a.Len() == b.Len()
	case fhir.Array:
		x, y := a.First(), b.First()
		for x.Exists() && y.Exists() {
			if !same(x, y) {
				return false
			}
			x, y = x.Sibling(a), y.Sibling(b)
		}
		return x.Exists() == y.Exists()
	case fhir.Number:
		return plainNumber(a.Text()) == plainNumber(b.Text())
	}
	return a.Text() == b.Text()
}

// plainNumber writes equal JSON numbers alike: sign, digits without zeros at either end, power of ten.
func plainNumber(s string) string {
	sign := ""
	if strings.HasPrefix(s, "-") {
		sign, s = "-", s[1:]
	}
	exponent := 0
	if i := strings.IndexAny(s, "eE"); i >= 0 {
		n, err := strconv.Atoi(s[i+1:])
		if err != nil {
			return sign + s
		}
		exponent, s = n, s[:i]
	}
	whole, fraction, _ := strings.Cut(s, ".")
	digits := strings.TrimLeft(whole+fraction, "0")
	exponent -= len(fraction)
	trimmed := strings.TrimRight(digits, "0")
	exponent += len(digits) - len(trimmed)
	if trimmed == "" {
		return "0"
	}
	return sign + trimmed + "e" + strconv.Itoa(exponent)
}
