package terms

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// appendWords appends the words by which a text is found: see eachWord.
func appendWords(words []string, text string) []string {
	eachWord(text, func(word []byte) { words = append(words, string(word)) })
	return words
}

// eachWord gives the words by which a text is found to f: in lower case, without diacritics, cut at all that is neither
// letter nor digit. An apostrophe is left out (crohns), a decimal point within a number is kept (0.5). A word is valid
// until f returns.
func eachWord(text string, f func(word []byte)) {
	if !isASCII(text) {
		text = folded(text)
	}
	var b [64]byte
	word := b[:0]
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case c >= 'a' && c <= 'z', c >= '0' && c <= '9', c >= utf8.RuneSelf:
			word = append(word, c)
		case c >= 'A' && c <= 'Z':
			word = append(word, c+'a'-'A')
		case c == '\'':
		case c == '.' && i > 0 && i+1 < len(text) && isDigit(text[i-1]) && isDigit(text[i+1]):
			word = append(word, c)
		default:
			if len(word) > 0 {
				f(word)
				word = word[:0]
			}
		}
	}
	if len(word) > 0 {
		f(word)
	}
}

// folded is text in lower case without diacritics; what is neither letter nor digit outside ASCII becomes a space.
func folded(text string) string {
	var b strings.Builder
	b.Grow(len(text))
	for _, r := range norm.NFKD.String(text) {
		switch {
		case r == '\u2019':
			b.WriteByte('\'')
		case r < utf8.RuneSelf:
			b.WriteRune(r)
		case unicode.Is(unicode.Mn, r):
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			b.WriteRune(unicode.ToLower(r))
		default:
			b.WriteByte(' ')
		}
	}
	return b.String()
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// foldCode is how codes are compared when a person types them: E11.9, e11.9 and E119 are the same.
func foldCode[S string | []byte](dst []byte, code S) []byte {
	for i := range len(code) {
		switch c := code[i]; {
		case c >= 'A' && c <= 'Z':
			dst = append(dst, c+'a'-'A')
		case c >= 'a' && c <= 'z', c >= '0' && c <= '9', c >= utf8.RuneSelf:
			dst = append(dst, c)
		}
	}
	return dst
}

// fillers are words that a search does not insist on.
var fillers = map[string]bool{
	"a": true, "an": true, "and": true, "by": true, "due": true, "for": true, "in": true, "of": true, "on": true, "or": true, "the": true, "to": true, "with": true,
}
