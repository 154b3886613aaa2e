package identity

import (
	_ "embed"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// The rules are those of NIST SP 800-63B-4 for a password that is the only proof: at least 15 characters, long
// ones welcome, any characters, no composition rules, no expiry, and a list of passwords that are too well known.
const (
	minPasswordRunes = 15
	maxPasswordRunes = 256
	maxPasswordBytes = 4 * maxPasswordRunes
)

// blocklist has phrases of which well-known long passwords are made, one a line.
//
//go:embed password_blocklist.txt
var blocklist string

// CheckPassword says what is wrong with a new password for somebody with the names given, if anything.
func CheckPassword(password string, names ...string) error {
	bad := func(reason string) error { return &InvalidError{"password", reason} }
	if !utf8.ValidString(password) {
		return bad("it is not valid text")
	}
	if utf8.RuneCountInString(norm.NFC.String(password)) < minPasswordRunes {
		return bad("use at least 15 characters; a few unrelated words are easy to remember")
	}
	if utf8.RuneCountInString(password) > maxPasswordRunes {
		return bad("use at most 256 characters")
	}
	for _, r := range password {
		if unicode.IsControl(r) {
			return bad("it has a character that cannot be typed, such as a line break")
		}
	}
	plain := plainForm(password)
	if repeats(plain) {
		return bad("it repeats itself; use different words")
	}
	known := strings.Fields(blocklist)
	for _, n := range names {
		if n := plainForm(n); len(n) >= 3 {
			known = append(known, n)
		}
	}
	if wellKnown(plain, known) {
		return bad("it is made of names and well-known phrases that are tried first; use unrelated words")
	}
	return nil
}

// plainForm is lower case, with the usual signs for letters undone, and without separators.
func plainForm(s string) string {
	s = strings.ToLower(norm.NFKC.String(s))
	s = strings.Map(func(r rune) rune {
		switch r {
		case '@':
			return 'a'
		case '$':
			return 's'
		case ' ', '-', '_', '.', ',', '!', '?', '#', '*', '+':
			return -1
		}
		return r
	}, s)
	return s
}

// repeats reports whether s is one short piece over and over, or a run such as abcdef or 987654.
func repeats(s string) bool {
	r := []rune(s)
	if len(r) < 3 {
		return true
	}
	for n := 1; n <= len(r)/2 && n <= 5; n++ {
		same := true
		for i := n; i < len(r) && same; i++ {
			same = r[i] == r[i-n]
		}
		if same {
			return true
		}
	}
	runs := 0
	for i := 1; i < len(r); i++ {
		if d := r[i] - r[i-1]; d == 1 || d == -1 || d == 0 {
			runs++
		}
	}
	return runs >= len(r)*3/4
}

// wellKnown reports whether so much of s is made of known phrases that fewer than 6 characters are its own.
func wellKnown(s string, known []string) bool {
	r := []rune(s)
	// own[i] is the fewest characters of the first i that belong to no known phrase.
	own := make([]int, len(r)+1)
	for i := 1; i <= len(r); i++ {
		own[i] = own[i-1] + 1
		for _, k := range known {
			n := utf8.RuneCountInString(k)
			if n <= i && strings.EqualFold(string(r[i-n:i]), k) {
				own[i] = min(own[i], own[i-n])
			}
		}
	}
	return own[len(r)] < 6
}
