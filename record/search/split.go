package search

import (
	"slices"
	"strings"
)

// split takes a value apart at its commas. A backslash keeps the character behind it.
func split(name, value string) ([]string, error) {
	values := splitEscaped(value, ',')
	seen := map[string]bool{"": true}
	values = slices.DeleteFunc(values, func(v string) bool {
		had := seen[v]
		seen[v] = true
		return had
	})
	if len(values) > maxValues {
		return nil, wrong(name, "%d alternatives, more than the limit of %d", len(values), maxValues)
	}
	return values, nil
}

func splitEscaped(s string, sep byte) (parts []string) {
	from := 0
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case sep:
			parts = append(parts, s[from:i])
			from = i + 1
		}
	}
	return append(parts, s[from:])
}

// unescape removes the backslashes of a value that has been taken apart.
func unescape(s string) string {
	if !strings.Contains(s, `\`) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) {
			i++
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

var escaper = strings.NewReplacer(`\`, `\\`, `,`, `\,`, `|`, `\|`, `$`, `\$`)

// Escape writes a text so that a search takes it as one value, or one part of one: with a backslash before each character that separates
// values and their parts. (http://hl7.org/fhir/R4/search.html#escaping)
func Escape(s string) string { return escaper.Replace(s) }
