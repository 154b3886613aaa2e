package udi

import (
	"strings"
)

// structure is a data structure of ISBT 128: the characters by which it is known and how long what follows is.
type structure struct {
	mark string
	size int
}

// structures are those of a UDI. (ISBT 128 Standard Technical Specification: 034 device identifier, 035 serial number, 008 expiration
// date, 009 production date, 001 donation number, 032 flexible lot number; 017 and 018 of blood containers.)
var structures = []structure{{"=/", 16}, {"=,", 6}, {"=>", 6}, {"=}", 6}, {"&,1", 18}, {"=)", 10}, {"&)", 10}}

// parseICCBBA reads =/A9999XYZ100T0944=,000025=A99971312345600=>014032=}013032&,1000000000000XYZ123, and =)1TE123456A&)RZ12345678 of
// blood containers.
func parseICCBBA(s string) (UDI, error) {
	u := UDI{Agency: ICCBBA, Human: s}
	if strings.ContainsRune(s, separator) {
		return UDI{}, unreadable("This is not a UDI of ICCBBA. Scan it again.")
	}
	for rest := s; rest != ""; {
		mark, value, more, ok := next(rest)
		if !ok {
			return UDI{}, unreadable("This part is not known, or too short: %s. Scan it again.", rest[:min(len(rest), 12)])
		}
		to := map[string]*string{"=/": &u.DI, "=)": &u.DI, "=,": &u.Serial, "&,1": &u.Lot, "&)": &u.Lot, "=": &u.Distinct}[mark]
		switch {
		case to != nil:
			if *to != "" {
				return UDI{}, unreadable("Part %s stands there twice.", mark)
			}
			*to = value
			if mark == "=)" {
				u.Agency = ICCBBABlood
			}
		case mark == "=>":
			u.Expires = u.cyyjjj("expiration date", value)
		case mark == "=}":
			u.Made = u.cyyjjj("manufacturing date", value)
		}
		rest = more
	}
	if u.DI == "" {
		return UDI{}, unreadable("The device identifier, which begins with =/, is missing.")
	}
	return u, nil
}

// next is the data structure at the start of s. A donation number has no mark but the equal sign: it begins with a letter or digit.
func next(s string) (mark, value, rest string, ok bool) {
	for _, st := range structures {
		if strings.HasPrefix(s, st.mark) {
			end := len(st.mark) + st.size
			if len(s) < end || !plain(s[len(st.mark):end]) {
				return "", "", "", false
			}
			return st.mark, s[len(st.mark):end], s[end:], true
		}
	}
	const donation = 16 // with its mark
	if strings.HasPrefix(s, "=") && len(s) >= donation && plain(s[1:donation]) {
		return "=", s[1:donation], s[donation:], true
	}
	return "", "", "", false
}

// plain reports whether s is digits and capital letters.
func plain(s string) bool {
	for i := range len(s) {
		if (s[i] < '0' || s[i] > '9') && (s[i] < 'A' || s[i] > 'Z') && (s[i] < 'a' || s[i] > 'z') {
			return false
		}
	}
	return true
}

// cyyjjj is a date by century, year and day of the year. The century is its last digit but one of the thousands: 0 for 2000 on, 9 for
// 1900 on.
func (u *UDI) cyyjjj(what, s string) string {
	if !digits(s) {
		u.badDate(what, s)
		return ""
	}
	year := 2000 + 100*number(s[:1]) + number(s[1:3])
	if s[0] == '9' {
		year = 1900 + number(s[1:3])
	}
	d, ok := dayOfYear(year, number(s[3:]))
	if !ok {
		u.badDate(what, s)
	}
	return d
}
