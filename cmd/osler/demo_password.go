package main

import (
	"crypto/rand"
	"fmt"
	"math/big"
	"strings"
)

// demoPassword is four random groups of letters, easy to type from a screen: about 75 bits.
func demoPassword() (string, error) {
	const letters = "abcdefghjkmnpqrstuvwxyz" // without i, l and o
	var groups []string
	for range 4 {
		var b strings.Builder
		for range 4 {
			n, err := rand.Int(rand.Reader, big.NewInt(int64(len(letters))))
			if err != nil {
				return "", fmt.Errorf("no randomness: %w", err)
			}
			b.WriteByte(letters[n.Int64()])
		}
		groups = append(groups, b.String())
	}
	return strings.Join(groups, "-"), nil
}
