package format

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/language"
)

// PersonName is a person's name in the parts that banners and lists arrange.
type PersonName struct {
	Family    string
	Given     string
	Preferred string // what the person wants to be called, where it differs
	Title     string // Dr, Mrs
}

// Full writes the name as FAMILY, Given (Preferred).
func (n PersonName) Full() string {
	if p := n.preferred(); p != "" {
		return n.Plain() + " (" + p + ")"
	}
	return n.Plain()
}

// Plain writes the name as FAMILY, Given, and whichever part is known where the other is not.
func (n PersonName) Plain() string {
	family, given := n.FamilyUpper(), strings.TrimSpace(n.Given)
	switch {
	case family == "" && given == "":
		return "Name not known"
	case given == "":
		return family
	case family == "":
		return given
	}
	return family + ", " + given
}

// Short writes the name as FAMILY, G for tabs.
func (n PersonName) Short() string {
	first, _ := utf8.DecodeRuneInString(strings.TrimSpace(n.Given))
	if n.FamilyUpper() == "" || first == utf8.RuneError {
		return n.Plain()
	}
	return n.FamilyUpper() + ", " + string(unicode.ToUpper(first))
}

// FamilyUpper writes the family name in capitals.
func (n PersonName) FamilyUpper() string {
	// A fresh caser each time: a Caser holds state and may not be shared.
	return cases.Upper(language.Und).String(strings.TrimSpace(n.Family))
}

// Preferred is the preferred name where it adds something.
func (n PersonName) preferred() string {
	p := strings.TrimSpace(n.Preferred)
	if strings.EqualFold(p, strings.TrimSpace(n.Given)) {
		return ""
	}
	return p
}

// ShownPreferred is the preferred name, or nothing where it equals the given name.
func (n PersonName) ShownPreferred() string { return n.preferred() }

// Initials writes given and family initial, as the stand-in for a photograph: MS.
func (n PersonName) Initials() string {
	var b strings.Builder
	for _, part := range []string{n.Given, n.Family} {
		if r, _ := utf8.DecodeRuneInString(strings.TrimSpace(part)); r != utf8.RuneError {
			b.WriteRune(unicode.ToUpper(r))
		}
	}
	return b.String()
}

// RecordNumber groups a long decimal record number in threes, so that it can be read aloud and compared: 100 482 771. Anything else
// is left as it is. The grouping is for eyes only; it is never stored or sent.
func RecordNumber(s string) string {
	if len(s) < 7 || strings.Trim(s, "0123456789") != "" {
		return s
	}
	var b strings.Builder
	for i, r := range s {
		// The last group may hold four digits, never one.
		if i > 0 && i%3 == 0 && len(s)-i > 1 {
			b.WriteByte(' ')
		}
		b.WriteRune(r)
	}
	return b.String()
}
