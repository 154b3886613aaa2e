package udi

import (
	"strings"
	"time"
)

// application is a GS1 application identifier: how long its value is.
type application struct {
	fixed int // 0 = up to most, ended by a separator
	most  int
}

// applications are those that stand on devices; others are refused rather than misread. (GS1 General Specifications, 3.2.)
var applications = map[string]application{
	"00": {fixed: 18}, "01": {fixed: 14}, "02": {fixed: 14}, "11": {fixed: 6}, "12": {fixed: 6}, "13": {fixed: 6}, "15": {fixed: 6}, "16": {fixed: 6}, "17": {fixed: 6}, "20": {fixed: 2},
	"10": {most: 20}, "21": {most: 20}, "22": {most: 20}, "30": {most: 8}, "37": {most: 8}, "235": {most: 28}, "240": {most: 30}, "241": {most: 30}, "242": {most: 6}, "243": {most: 20},
	"250": {most: 30}, "251": {most: 30}, "400": {most: 30}, "710": {most: 20}, "711": {most: 20}, "712": {most: 20}, "713": {most: 20}, "714": {most: 20}, "715": {most: 20}, "716": {most: 20},
	"7003": {fixed: 10}, "8008": {most: 12}, "8012": {most: 20}, "8013": {most: 25},
	"90": {most: 30}, "91": {most: 90}, "92": {most: 90}, "93": {most: 90}, "94": {most: 90}, "95": {most: 90}, "96": {most: 90}, "97": {most: 90}, "98": {most: 90}, "99": {most: 90},
}

// element is one application identifier with its value.
type element struct{ id, value string }

// identifierAt is the application identifier at the start of s.
func identifierAt(s string) (string, bool) {
	for n := 2; n <= 4 && n <= len(s); n++ {
		if _, ok := applications[s[:n]]; ok {
			return s[:n], true
		}
	}
	return "", false
}

// parseGS1Human reads (01)51022222233336(17)150707(10)A213B1. A parenthesis within a value is part of it unless a known identifier stands
// in it.
func parseGS1Human(s string, now time.Time) (UDI, error) {
	var list []element
	for s != "" {
		id, rest, ok := bracketed(s)
		if !ok {
			return UDI{}, unreadable("This is not the human readable form of GS1: each part begins with its number in parentheses, such as (01).")
		}
		end := len(rest)
		for i := 1; i < len(rest); i++ {
			if _, _, ok := bracketed(rest[i:]); ok {
				end = i
				break
			}
		}
		list = append(list, element{id, strings.Trim(rest[:end], string(separator))})
		s = rest[end:]
	}
	return gs1(list, "", now)
}

// bracketed is the identifier in parentheses at the start of s, and what follows.
func bracketed(s string) (id, rest string, ok bool) {
	if !strings.HasPrefix(s, "(") {
		return "", "", false
	}
	end := strings.IndexByte(s, ')')
	if end < 3 || end > 5 {
		return "", "", false
	}
	id = s[1:end]
	_, ok = applications[id]
	return id, s[end+1:], ok
}

// parseGS1Scanned reads the elements of a bar code as they follow each other.
func parseGS1Scanned(s string, now time.Time) (UDI, error) {
	if digits(s) && (len(s) == 14 || len(s) == 13 || len(s) == 12 || len(s) == 8) { // a GTIN alone, as linear bar codes of retail hold it
		return gs1([]element{{"01", strings.Repeat("0", 14-len(s)) + s}}, s, now)
	}
	var list []element
	ambiguous := ""
	for rest := s; rest != ""; {
		if rest[0] == separator {
			rest = rest[1:]
			continue
		}
		id, ok := identifierAt(rest)
		if !ok {
			return UDI{}, unreadable("This part is not known: %s. Scan it again, or type the numbers below the bar code.", rest[:min(len(rest), 8)])
		}
		a := applications[id]
		rest = rest[len(id):]
		n := a.fixed
		if n == 0 {
			if n = strings.IndexByte(rest, separator); n < 0 {
				n = len(rest)
				// Without a separator the rest may hold another element. Nothing tells, so it is asked.
				if !strings.ContainsRune(s, separator) && hides(rest) {
					ambiguous = rest
				}
			}
		}
		if len(rest) < n {
			return UDI{}, unreadable("The bar code ends within part (%s). Scan it again.", id)
		}
		list = append(list, element{id, rest[:n]})
		rest = rest[n:]
	}
	u, err := gs1(list, s, now)
	if err == nil && ambiguous != "" {
		u.Doubts = append(u.Doubts, "The scanner did not send where "+ambiguous+" ends, which may hold more than one part. Compare lot and serial number with the label, or type the human readable form.")
	}
	return u, err
}

// hides reports whether a value may hold another element: a lot or serial number, or a date.
func hides(s string) bool {
	for i := 1; i+2 < len(s); i++ {
		switch s[i : i+2] {
		case "10", "21":
			return true
		case "11", "17":
			if len(s) >= i+8 && digits(s[i+2:i+8]) {
				return true
			}
		}
	}
	return false
}

// gs1 takes the elements for what they are.
func gs1(list []element, scanned string, now time.Time) (UDI, error) {
	u := UDI{Agency: GS1, Scanned: scanned}
	seen := map[string]bool{}
	for _, e := range list {
		a := applications[e.id]
		if seen[e.id] {
			return UDI{}, unreadable("Part (%s) stands there twice.", e.id)
		}
		seen[e.id] = true
		if e.value == "" || a.fixed > 0 && (len(e.value) != a.fixed || !digits(e.value)) || a.most > 0 && len(e.value) > a.most || strings.ContainsRune(e.value, separator) {
			return UDI{}, unreadable("Part (%s) is not right: %s.", e.id, shown(e.value))
		}
		u.Human += "(" + e.id + ")" + e.value
		switch e.id {
		case "01":
			u.DI = e.value
			if !checkDigit(e.value) {
				u.Doubts = append(u.Doubts, "The check digit of the device identifier does not fit.")
			}
		case "10":
			u.Lot = e.value
		case "21":
			u.Serial = e.value
		case "11":
			u.Made = u.yymmdd("manufacturing date", e.value, now)
		case "17":
			u.Expires = u.yymmdd("expiration date", e.value, now)
		case "7003":
			u.Expires = u.yymmdd("expiration date", e.value[:6], now)
		}
	}
	if u.DI == "" {
		return UDI{}, unreadable("The device identifier, part (01), is missing. It may stand in a second bar code: scan that first, then this one behind it.")
	}
	return u, nil
}

func shown(s string) string {
	return strings.ReplaceAll(s, string(separator), "<GS>")
}

func (u *UDI) yymmdd(what, s string, now time.Time) string {
	d, ok := day(century(number(s[:2]), now), number(s[2:4]), number(s[4:6]))
	if !ok {
		u.badDate(what, s)
	}
	return d
}

// checkDigit reports whether the last digit of a GTIN is the sum of the others by weights 3 and 1. (GS1 General Specifications, 7.9.)
func checkDigit(s string) bool {
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
