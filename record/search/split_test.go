package search

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// TestEscape: whatever a text holds, it is taken as one value and one part of it, and is read as it was.
func TestEscape(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringOf(rapid.RuneFrom([]rune(`a\,|$ é`))).Draw(t, "text")
		for _, sep := range []byte{',', '|', '$'} {
			if parts := splitEscaped(Escape(text), sep); !slices.Equal(parts, []string{Escape(text)}) || unescape(parts[0]) != text {
				t.Errorf("%q: %q", text, parts)
			}
		}
	})
}
