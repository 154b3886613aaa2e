package pdf

import (
	"fmt"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// drawable are the scripts whose letters stand one after the other as they are written, from left to right.
var drawable = []*unicode.RangeTable{unicode.Latin, unicode.Greek, unicode.Cyrillic, unicode.Armenian, unicode.Georgian, unicode.Common, unicode.Inherited}

// clean is a text as it is drawn: composed, without what nobody sees; a character that cannot be drawn rightly is written as its number.
// missing is told each of these.
func (f *font) clean(s string, missing func(rune)) string {
	if ascii(s) {
		return s
	}
	var b strings.Builder
	for _, r := range norm.NFC.String(s) {
		switch {
		case r == '\n':
			b.WriteRune(r)
		case r == '\t', r == '\u00a0', r == '\u202f', r == '\u2007', r == '\u2009':
			b.WriteByte(' ')
		case r == '\u2010', r == '\u2011':
			b.WriteByte('-')
		case unicode.IsControl(r), r == '\u200b', r == '\u200c', r == '\u200d', r == '\u2060', r == '\ufeff', r == '\u00ad', r == '\u200e', r == '\u200f', unicode.Is(unicode.Bidi_Control, r), unicode.Is(unicode.Variation_Selector, r):
		case f.draws(r):
			b.WriteRune(r)
		default:
			missing(r)
			fmt.Fprintf(&b, "[U+%04X]", r)
		}
	}
	return b.String()
}

func (f *font) draws(r rune) bool { return f.chars[r] != 0 && unicode.In(r, drawable...) }

func ascii(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x7f || s[i] < ' ' && s[i] != '\n' {
			return false
		}
	}
	return true
}

// width is how wide a cleaned text is, in points.
func (f *font) width(s string, size float64) float64 {
	sum := 0
	for _, r := range s {
		sum += int(f.widths[f.chars[r]])
	}
	return float64(sum) * size / float64(f.units)
}

// wrap breaks a cleaned text into lines of at most a width. Words that are wider by themselves are broken where they must.
func (f *font) wrap(s string, size, most float64) (lines []string) {
	for _, par := range strings.Split(s, "\n") {
		line := ""
		for _, word := range strings.Fields(par) {
			next := word
			if line != "" {
				next = line + " " + word
			}
			if f.width(next, size) <= most {
				line = next
				continue
			}
			if line != "" {
				lines = append(lines, line)
			}
			line = word
			for n := f.fit(line, size, most); n < len(line); n = f.fit(line, size, most) {
				lines, line = append(lines, line[:n]), line[n:]
			}
		}
		lines = append(lines, line)
	}
	return lines
}

// fit is how many bytes of a word fit into a width: at least one character, with the marks upon it.
func (f *font) fit(s string, size, most float64) int {
	n, sum := 0, 0.0
	for i, r := range s {
		w := float64(f.widths[f.chars[r]]) * size / float64(f.units)
		if i > 0 && sum+w > most && !unicode.Is(unicode.Mn, r) {
			return n
		}
		sum, n = sum+w, i+len(string(r))
	}
	return n
}
