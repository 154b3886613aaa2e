package facts

import "strings"

// ShortTestName cuts a LOINC long common name down to what a chart needs: "Potassium [Moles/volume] in Serum or Plasma" to "Potassium".
// The specimen of urine tests stays, since the same component is measured in blood too.
func ShortTestName(s string) string {
	open := strings.Index(s, " [")
	if open < 0 {
		return s
	}
	close := strings.Index(s[open:], "]")
	if close < 0 {
		return s
	}
	name, tail := s[:open], s[open+close+1:]
	if strings.Contains(tail, "Urine") {
		name += ", urine"
	}
	return name
}
