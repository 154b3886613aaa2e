package format

import (
	"math/big"
	"strings"
)

func contains(s string, r rune) bool { return strings.ContainsRune(s, r) }

func ratOf(s string) *big.Rat {
	s = strings.ReplaceAll(s, ",", "")
	if strings.HasPrefix(s, ".") {
		s = "0" + s
	}
	r, ok := new(big.Rat).SetString(s)
	if !ok {
		panic("no number: " + s)
	}
	return r
}
