package identity

import (
	"crypto/rand"
	"testing"
)

func BenchmarkHash(b *testing.B) {
	for _, way := range []Hash{Argon2id, PBKDF2} {
		b.Run(string(way), func(b *testing.B) {
			h, err := newHasher(way, 1, rand.Reader)
			if err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				if _, err := h.make("violet otter climbs slowly"); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
