// Package gs1 reads the bar codes of vaccines: GS1 DataMatrix and its human readable form. (GS1 General Specifications, section 3.)
package gs1

import (
	"strings"
	"time"
)

// Label is what the bar code of a package or vial says.
type Label struct {
	GTIN    string // 14 digits
	Lot     string
	Serial  string
	Expires string // YYYY-MM-DD; "" if not said
	// Doubt says that the scanner may have lost where an element ends; "" for none.
	Doubt string
}

const separator = '\x1d'

// lengths are those of elements whose value is always as long; all others end at a separator or at the end of the code.
var lengths = map[string]int{"00": 18, "01": 14, "02": 14, "11": 6, "12": 6, "13": 6, "15": 6, "16": 6, "17": 6, "20": 2}

// variable are the elements of varying length that stand on medicines, with the most characters that they may have.
var variable = map[string]int{"10": 20, "21": 20, "22": 20, "30": 8, "37": 8, "240": 30, "241": 30, "710": 20, "711": 20, "712": 20, "713": 20, "714": 20, "715": 20}

// unreadable is why a code cannot be read, as a sentence for the person who scanned it.
type unreadable string

func (u unreadable) Error() string { return string(u) }

// What is wrong with a code, for the person who scanned it.
const (
	errUnknown = unreadable("This is no bar code of a vaccine that can be read. Scan the square code of the package or vial, or choose the lot by hand.")
	errEnds    = unreadable("The bar code ends too early. Scan it again.")
	errCheck   = unreadable("The product number does not fit its check digit. Scan it again.")
	errNoGTIN  = unreadable("The bar code does not name a product. Scan the square code of the package or vial.")
	errExpiry  = unreadable("The expiration date of the bar code is no date. Choose the lot by hand, and compare with the label.")
	errTwice   = unreadable("Two bar codes were read at once. Empty the field and scan one.")
)

// most bounds what is read: a code of GS1 holds 48 digits in its linear form and a few more in its square one.
const most = 400

// Parse reads what a scanner sent, or what was typed with parentheses. now decides the century of dates.
func Parse(text string, now time.Time) (Label, error) {
	s := strings.TrimSpace(text)
	for _, sign := range []string{"]d2", "]C1", "]Q3", "]e0"} { // of the symbology
		s = strings.TrimPrefix(s, sign)
	}
	// Scanners that act as keyboards send the separator as they are set up to.
	s = strings.NewReplacer("<GS>", string(separator), "{GS}", string(separator), "\\x1d", string(separator), "^]", string(separator), "␝", string(separator)).Replace(s)
	s = strings.Trim(s, string(separator)+" ")
	if s == "" || len(s) > most {
		return Label{}, errUnknown
	}
	if s[0] == '(' {
		return human(s, now)
	}
	return scanned(s, now)
}

func identifierAt(s string) (id string, fixed, upTo int) {
	for n := 2; n <= 3 && n <= len(s); n++ {
		if l, ok := lengths[s[:n]]; ok {
			return s[:n], l, 0
		}
		if l, ok := variable[s[:n]]; ok {
			return s[:n], 0, l
		}
	}
	return "", 0, 0
}

func scanned(s string, now time.Time) (Label, error) {
	var l Label
	seen := map[string]bool{}
	for rest := s; rest != ""; {
		if rest[0] == separator {
			rest = rest[1:]
			continue
		}
		id, fixed, upTo := identifierAt(rest)
		if id == "" {
			return Label{}, errUnknown
		}
		rest = rest[len(id):]
		n := fixed
		if fixed == 0 {
			if n = strings.IndexByte(rest, separator); n < 0 {
				n = len(rest)
				if !strings.ContainsRune(s, separator) && hides(rest) {
					l.Doubt = "The scanner did not send where an element ends: compare the lot " + rest + " with the label."
				}
			}
			if n > upTo {
				return Label{}, errUnknown
			}
		}
		if len(rest) < n {
			return Label{}, errEnds
		}
		if seen[id] {
			return Label{}, errTwice
		}
		seen[id] = true
		if err := l.take(id, rest[:n], now); err != nil {
			return Label{}, err
		}
		rest = rest[n:]
	}
	return l.whole()
}

// hides reports whether a value may hold another element behind it.
func hides(s string) bool {
	for i := 1; i+2 < len(s); i++ {
		switch s[i : i+2] {
		case "21", "10":
			return true
		case "17", "11":
			if len(s) >= i+8 && digits(s[i+2:i+8]) {
				return true
			}
		}
	}
	return false
}

func human(s string, now time.Time) (Label, error) {
	var l Label
	seen := map[string]bool{}
	for s != "" {
		end := strings.IndexByte(s, ')')
		if s[0] != '(' || end < 3 || end > 4 {
			return Label{}, errUnknown
		}
		id := s[1:end]
		known, fixed, upTo := identifierAt(id)
		if known != id {
			return Label{}, errUnknown
		}
		s = s[end+1:]
		n := strings.IndexByte(s, '(')
		if n < 0 {
			n = len(s)
		}
		value := strings.Trim(s[:n], " "+string(separator))
		if fixed > 0 && len(value) != fixed || fixed == 0 && len(value) > upTo {
			return Label{}, errEnds
		}
		if seen[id] {
			return Label{}, errTwice
		}
		seen[id] = true
		if err := l.take(id, value, now); err != nil {
			return Label{}, err
		}
		s = s[n:]
	}
	return l.whole()
}

func (l *Label) take(id, value string, now time.Time) error {
	for _, r := range value {
		if r < ' ' || r > '~' {
			return errUnknown
		}
	}
	switch id {
	case "01":
		if !digits(value) {
			return errUnknown
		}
		if !checked(value) {
			return errCheck
		}
		l.GTIN = value
	case "10":
		l.Lot = strings.TrimSpace(value)
	case "21":
		l.Serial = strings.TrimSpace(value)
	case "17":
		d, ok := expiry(value, now)
		if !ok {
			return errExpiry
		}
		l.Expires = d
	}
	return nil
}

func (l Label) whole() (Label, error) {
	if l.GTIN == "" {
		return Label{}, errNoGTIN
	}
	return l, nil
}

// expiry is a date of six digits; day 00 stands for the last of the month. The century is the one that brings the year nearest to now.
// (GS1 General Specifications, 7.12.)
func expiry(s string, now time.Time) (string, bool) {
	if !digits(s) {
		return "", false
	}
	two := func(i int) int { return int(s[i]-'0')*10 + int(s[i+1]-'0') }
	year, month, day := two(0), time.Month(two(2)), two(4)
	switch d := year - now.Year()%100; {
	case d >= 51:
		year -= 100
	case d <= -50:
		year += 100
	}
	year += now.Year() / 100 * 100
	if month < 1 || month > 12 {
		return "", false
	}
	if day == 0 {
		return time.Date(year, month+1, 0, 0, 0, 0, 0, time.UTC).Format(time.DateOnly), true
	}
	t := time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
	return t.Format(time.DateOnly), t.Month() == month
}

func digits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// checked reports whether the last digit is the sum of the others by weights 3 and 1. (GS1 General Specifications, 7.9.)
func checked(s string) bool {
	sum := 0
	for i := range len(s) - 1 {
		w := 1
		if (len(s)-1-i)%2 == 1 {
			w = 3
		}
		sum += w * int(s[i]-'0')
	}
	return (10-sum%10)%10 == int(s[len(s)-1]-'0')
}

// NDCs are the package codes, as eleven digits, that the product number may stand for: a GTIN holds ten without the hyphens that would
// tell which of its three parts is short. None if it is no drug of the United States.
func (l Label) NDCs() []string {
	if len(l.GTIN) != 14 || l.GTIN[1:3] != "03" {
		return nil
	}
	ten := l.GTIN[3:13]
	return []string{"0" + ten, ten[:5] + "0" + ten[5:], ten[:9] + "0" + ten[9:]}
}
