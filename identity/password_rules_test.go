package identity

import (
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestPasswordsThatAreRefused(t *testing.T) {
	for password, why := range map[string]string{
		"":               "at least 15",
		"Tr0ub4dor&3":    "at least 15",
		"fourteen chars": "at least 15",
		"e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301": "at least 15", // 8 letters in 16 code points
		"aaaaaaaaaaaaaaaa":              "repeats",
		"abcabcabcabcabcabc":            "repeats",
		"abcdefghijklmnopq":             "repeats",
		"12345678901234567890":          "repeats",
		"passwordpassword":              "well-known",
		"Password123456789!":            "well-known",
		"P@ssword-P@ssword":             "well-known",
		"qwertyuiopasdfghjkl":           "well-known",
		"correct horse battery staple":  "well-known",
		"OslerAdministrator":            "well-known",
		"Welcome-Spring-2026":           "well-known",
		"kimberly.lee-kimberly.lee":     "well-known",
		"Kimberly.Lee.2026":             "well-known",
		"fine words\nbut two lines":     "typed",
		"broken \xff text here, yes":    "valid text",
		strings.Repeat("long and ", 40): "at most 256",
	} {
		err := CheckPassword(password, "kimberly.lee", "Kimberly Lee")
		if !errors.Is(err, ErrInvalid) || !strings.Contains(err.Error(), why) {
			t.Errorf("%q: %v, want %q", password, err, why)
		}
		if err != nil && len(password) > 3 && strings.Contains(err.Error(), password) {
			t.Errorf("the error quotes the password: %v", err)
		}
	}
}

func TestPasswordsThatAreGood(t *testing.T) {
	for _, password := range []string{
		"violet otter climbs slowly",
		"exactly15chars!",
		"gehtauchaufdeutschsehrgut",
		"お気に入りの緑の椅子が三つある森",
		"all lower case and no digits",
		"kfu4 89sk jqpw 0xmd",
		strings.Repeat("a fairly long sentence. ", 10),
		"my patient otter has a doctor", // known words among enough of one's own
	} {
		if err := CheckPassword(password, "kimberly.lee", "Kimberly Lee"); err != nil {
			t.Errorf("%q: %v", password, err)
		}
	}
}

// No composition rules: which kinds of characters a long random password has does not matter.
func TestRandomPasswordsOfAnyAlphabetAreGood(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		alphabet := rapid.SampledFrom([]string{"bdgjkpqvwxz", "0369258147", "BDGJKPQVWXZ", "éàüöñßčř"}).Draw(t, "alphabet")
		p := rapid.StringOfN(rapid.RuneFrom([]rune(alphabet)), 24, 60, -1).Draw(t, "password")
		seen := map[rune]bool{}
		for _, r := range p {
			seen[r] = true
		}
		if len(seen) < 6 {
			t.Skip("happens to repeat itself")
		}
		if err := CheckPassword(p); err != nil && !repeats(plainForm(p)) && !wellKnown(plainForm(p), strings.Fields(blocklist)) {
			t.Fatalf("%q: %v", p, err)
		}
	})
}
