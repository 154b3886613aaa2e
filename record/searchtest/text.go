package searchtest

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/osler-ehr/osler/fhir/path"
)

// parts of names and addresses that a search for the whole looks at.
var parts = map[string][]string{
	"HumanName": {"family", "given", "prefix", "suffix", "text"},
	"Address":   {"line", "city", "district", "state", "postalCode", "country", "text"},
}

// texts are the strings of a value.
func texts(v path.Value) (out []string) {
	if names, ok := parts[v.TypeName()]; ok {
		for _, name := range names {
			for n := range v.Node().Get(name).Values() {
				if s := n.Text(); s != "" {
					out = append(out, s)
				}
			}
		}
		return out
	}
	if v.Kind() == path.Complex {
		return nil
	}
	return []string{v.Text()}
}

// textMatches: "By default, a field matches a string query if the value of the field equals or starts with
// the supplied parameter value, after both have been normalized by case and accent."
func textMatches(v path.Value, modifier, want string) bool {
	want = plain(want)
	for _, s := range texts(v) {
		switch modifier {
		case "":
			if strings.HasPrefix(fold(s), fold(want)) {
				return true
			}
		case "contains":
			if strings.Contains(fold(s), fold(want)) {
				return true
			}
		case "exact":
			if s == want {
				return true
			}
		default:
			panic("modifier " + modifier)
		}
	}
	return false
}

// fold normalizes by case, accent and white space: "non-significant whitespace (e.g. repeated space
// characters, tab vs space) SHOULD also be ignored".
func fold(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return unicode.ToLower(r)
	}, norm.NFD.String(s))
	s = strings.NewReplacer("ß", "ss", "’", "'", "ø", "o", "æ", "ae").Replace(s)
	return strings.Join(strings.Fields(s), " ")
}
