package sig

import (
	"slices"
	"strings"
	"unicode"
)

// Surplus compares the words that came with a dosage with what its structure says. note is what the words add at their end, such as
// "before breakfast"; differs is true when they say something else, so that the structure alone must not be taken for the whole.
func Surplus(text, words string) (note string, differs bool) {
	said := map[string]bool{"once": true, "a": true, "an": true, "the": true, "of": true, "each": true, "day": true, "per": true}
	for _, w := range split(words) {
		said[w.plain] = true
	}
	all := split(text)
	end := 0 // where what is added begins: behind what the structure says too
	for end < len(all) && said[all[end].plain] {
		end++
	}
	for i, w := range all[end:] { // a number or a unit within it may be another dose, but for how long something takes
		if next := end + i + 1; next < len(all) && slices.Contains(spans, all[next].plain) {
			continue
		}
		if slices.Contains(spans, w.plain) {
			continue
		}
		if strings.ContainsAny(w.plain, "0123456789") || slices.Contains(pluralUnits, w.plain) || w.plain == "then" || w.plain == "half" {
			return "", true
		}
	}
	var rest []string
	for _, w := range all[end:] {
		rest = append(rest, w.typed)
	}
	return strings.Trim(strings.Join(rest, " "), " ,.;"), false
}

type word struct{ plain, typed string }

// split are the words of directions, without what stands in brackets: the strength, which the label adds anew.
func split(s string) (out []word) {
	depth := 0
	s = strings.Map(func(r rune) rune {
		switch r {
		case '(':
			depth++
			return ' '
		case ')':
			depth = max(depth-1, 0)
			return ' '
		}
		if depth > 0 {
			return ' '
		}
		return r
	}, s)
	for _, f := range strings.Fields(s) {
		plain := strings.ToLower(strings.TrimFunc(f, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }))
		if plain == "" {
			continue
		}
		if n := len(plain); n > 3 && plain[n-1] == 's' && slices.Contains(pluralUnits, plain[:n-1]) {
			plain = plain[:n-1]
		}
		if other, ok := synonyms[plain]; ok {
			plain = other
		}
		out = append(out, word{plain, f})
	}
	return out
}

// spans are times within which something is done.
var spans = []string{"minute", "minutes", "hour", "hours"}

// synonyms are words that mean what others do.
var synonyms = map[string]string{"one": "1", "two": "2", "three": "3", "four": "4", "six": "6", "eight": "8", "week": "weekly", "month": "monthly", "night": "bedtime"}

// pluralUnits are units whose plural means the same.
var pluralUnits = []string{"tablet", "capsule", "puff", "drop", "spray", "unit", "dose", "application", "time", "hour"}
