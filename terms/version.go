package terms

import (
	"cmp"
	"strings"
)

// CompareVersions orders versions: numbers within them by their value, so that 2.76 comes before 2.100, everything else
// as text. SNOMED CT's versions are URIs that end in a date; of one edition, later dates come later.
func CompareVersions(a, b string) int {
	for a != "" && b != "" {
		na, nb := digitsOf(a), digitsOf(b)
		if na > 0 && nb > 0 {
			x, y := strings.TrimLeft(a[:na], "0"), strings.TrimLeft(b[:nb], "0")
			if c := cmp.Or(cmp.Compare(len(x), len(y)), cmp.Compare(x, y)); c != 0 {
				return c
			}
			a, b = a[na:], b[nb:]
			continue
		}
		if a[0] != b[0] {
			return cmp.Compare(a[0], b[0])
		}
		a, b = a[1:], b[1:]
	}
	return cmp.Compare(len(a), len(b))
}

func digitsOf(s string) int {
	n := 0
	for n < len(s) && isDigit(s[n]) {
		n++
	}
	return n
}

// sameVersion reports whether a version is the one asked for: exactly, or an edition of SNOMED CT for any of its dates
// (http://snomed.info/sct/731000124108 for .../version/20260301).
func sameVersion(asked, version string) bool {
	return asked == version || strings.HasPrefix(asked, SNOMEDCT+"/") && strings.HasPrefix(version, asked+"/")
}

// canonicalParts lets a version stand in the URL as well as beside it.
func canonicalParts(url, version string) (string, string) {
	u, v := splitCanonical(url)
	if version == "" {
		version = v
	}
	return u, version
}
