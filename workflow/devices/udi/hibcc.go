package udi

import (
	"strings"
	"time"
)

// alphabet gives the value of each character for the check character. (ANSI/HIBC 2.6, modulo 43; of those, the space never stands in a
// carrier but may be its check character, which is then printed as an underscore.)
const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-. $/+%"

// parseHIBCC reads +H123PARTNO1234567890120/$$420020216LOT123/SXYZ456/16D20130202C: a primary with the device identifier, secondaries
// behind slashes, and a check character at the end.
func parseHIBCC(s string, now time.Time) (UDI, error) {
	u := UDI{Agency: HIBCC, Human: s}
	if strings.ContainsRune(s, separator) || len(s) < 8 {
		return UDI{}, unreadable("This is not a UDI of HIBCC. Scan it again.")
	}
	if s[1] == '$' || s[1] >= '0' && s[1] <= '9' {
		return UDI{}, unreadable("This bar code holds lot and date alone. Scan the one with the device first, then this one behind it.")
	}
	body, check := s[1:len(s)-1], s[len(s)-1]
	if want := checkCharacter(s[:len(s)-1]); want != check && (want != ' ' || check != '_') {
		u.Doubts = append(u.Doubts, "The check character does not fit.")
	}
	parts := strings.Split(body, "/")
	u.DI = parts[0]
	if n := len(u.DI); n < 6 || n > 23 || !identifier(u.DI) {
		return UDI{}, unreadable("The device identifier is not right: %s.", u.DI)
	}
	for _, p := range parts[1:] {
		if err := u.secondary(p, now); err != nil {
			return UDI{}, err
		}
	}
	return u, nil
}

// identifier reports whether it is a labeler's code, which begins with a letter, a product's, and a unit of measure, which is a digit.
func identifier(s string) bool {
	if s[0] < 'A' || s[0] > 'Z' || s[len(s)-1] < '0' || s[len(s)-1] > '9' {
		return false
	}
	for i := range len(s) {
		if (s[i] < '0' || s[i] > '9') && (s[i] < 'A' || s[i] > 'Z') {
			return false
		}
	}
	return true
}

func checkCharacter(s string) byte {
	sum := 0
	for i := range len(s) {
		if at := strings.IndexByte(alphabet, s[i]); at >= 0 {
			sum += at
		}
	}
	return alphabet[sum%43]
}

// secondary takes what stands behind a slash.
func (u *UDI) secondary(p string, now time.Time) error {
	set := func(to *string, what, value string) error {
		if *to != "" && *to != value {
			return unreadable("There are two %ss: %s and %s.", what, *to, value)
		}
		*to = value
		return nil
	}
	date := func(to *string, what, text string, d string, ok bool) error {
		if !ok {
			u.badDate(what, text)
			return nil
		}
		return set(to, what, d)
	}
	switch {
	case p == "":
		return nil
	case strings.HasPrefix(p, "$$"):
		return u.dated(p[2:], now, set, date)
	case strings.HasPrefix(p, "$+"):
		return set(&u.Serial, "serial number", p[2:])
	case strings.HasPrefix(p, "$"):
		return set(&u.Lot, "lot number", p[1:])
	case strings.HasPrefix(p, "16D") && len(p) == 11 && digits(p[3:]):
		d, ok := day(number(p[3:7]), number(p[7:9]), number(p[9:11]))
		return date(&u.Made, "manufacturing date", p[3:], d, ok)
	case strings.HasPrefix(p, "14D") && len(p) == 11 && digits(p[3:]):
		d, ok := day(number(p[3:7]), number(p[7:9]), number(p[9:11]))
		return date(&u.Expires, "expiration date", p[3:], d, ok)
	case p[0] == 'S':
		return set(&u.Serial, "serial number", p[1:])
	case p[0] == 'Q' && (len(p) == 1 || digits(p[1:])): // a quantity
		return nil
	case len(p) >= 5 && digits(p[:5]): // day of the year, then the lot
		d, ok := dayOfYear(century(number(p[:2]), now), number(p[2:5]))
		if err := date(&u.Expires, "expiration date", p[:5], d, ok); err != nil {
			return err
		}
		if len(p) > 5 {
			return set(&u.Lot, "lot number", p[5:])
		}
		return nil
	}
	return unreadable("This part is not known: /%s. Scan it again.", p)
}

// dated takes a secondary with a date: an optional quantity, a digit that tells how the date is written, the date, and a lot number or,
// behind a plus, a serial number.
func (u *UDI) dated(p string, now time.Time, set func(*string, string, string) error, date func(*string, string, string, string, bool) error) error {
	to, what := &u.Lot, "lot number"
	if rest, serial := strings.CutPrefix(p, "+"); serial {
		p, to, what = rest, &u.Serial, "serial number"
	}
	wrong := unreadable("This part is not right: /$$%s. Scan it again.", p)
	skip := 0
	if strings.HasPrefix(p, "8") {
		skip = 3
	} else if strings.HasPrefix(p, "9") {
		skip = 6
	}
	if len(p) < skip || skip > 0 && !digits(p[:skip]) {
		return wrong
	}
	if p = p[skip:]; p == "" {
		return nil
	}
	take := func(n int) (string, bool) {
		if len(p) < n || !digits(p[:n]) {
			return "", false
		}
		s := p[:n]
		p = p[n:]
		return s, true
	}
	var text, d string
	ok, known := true, true
	flag := p[0]
	switch flag {
	case '0', '1': // MMYY: the month is its own flag
		if text, known = take(4); known {
			d, ok = day(century(number(text[2:]), now), number(text[:2]), 0)
		}
	case '2', '3', '4', '5', '6':
		p = p[1:]
		n := map[byte]int{'2': 6, '3': 6, '4': 8, '5': 5, '6': 7}[flag]
		if text, known = take(n); !known {
			break
		}
		switch flag {
		case '2': // MMDDYY
			d, ok = day(century(number(text[4:]), now), number(text[:2]), number(text[2:4]))
		case '3', '4': // YYMMDD, and the hour
			d, ok = day(century(number(text[:2]), now), number(text[2:4]), number(text[4:6]))
		case '5', '6': // YYJJJ, and the hour
			d, ok = dayOfYear(century(number(text[:2]), now), number(text[2:5]))
		}
		if len(d) == len("2006-01") {
			ok = false
		}
	case '7':
		p = p[1:]
	default:
		known = false
	}
	if !known {
		return wrong
	}
	if text != "" {
		if err := date(&u.Expires, "expiration date", text, d, ok); err != nil {
			return err
		}
	}
	if p == "" {
		return nil
	}
	return set(to, what, p)
}
