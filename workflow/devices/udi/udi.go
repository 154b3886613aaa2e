// Package udi reads unique device identifiers as they stand on labels and in bar codes: of GS1, HIBCC and ICCBBA, the agencies that the
// United States' FDA has accredited. (21 CFR 830; FDA, "UDI formats by FDA-accredited issuing agency", version 1.3 and later; GS1
// General Specifications; ANSI/HIBC 2.6; ISBT 128 Standard.)
package udi

import (
	"fmt"
	"strings"
	"time"
)

// Agency is who issued an identifier: the URI by which Device.udiCarrier.issuer names it in FHIR R4.
type Agency string

// The agencies.
const (
	GS1         Agency = "http://hl7.org/fhir/NamingSystem/gs1-di"
	HIBCC       Agency = "http://hl7.org/fhir/NamingSystem/hibcc-dI"
	ICCBBA      Agency = "http://hl7.org/fhir/NamingSystem/iccbba-other-di"
	ICCBBABlood Agency = "http://hl7.org/fhir/NamingSystem/iccbba-blood-di" // blood containers
)

// Name is the agency for people.
func (a Agency) Name() string {
	switch a {
	case GS1:
		return "GS1"
	case HIBCC:
		return "HIBCC"
	}
	return "ICCBBA"
}

// UDI is a carrier that was read.
type UDI struct {
	Agency   Agency
	DI       string // device identifier: which version or model of a device it is
	Lot      string
	Serial   string
	Distinct string // the donation number of a human cell or tissue product
	Made     string // as FHIR writes a date: 2014-12-31, or 2014-12 where only the month is stated
	Expires  string
	Human    string // the human readable form
	Scanned  string // the form of the bar code, where that was read; else ""
	// Doubts are what does not fit though it could be read: a check digit, a date. Somebody must compare it with the label.
	Doubts []string
}

// Unreadable is why something is no UDI: a sentence for whoever scanned it.
type Unreadable string

func (u Unreadable) Error() string { return string(u) }

func unreadable(format string, args ...any) error { return Unreadable(fmt.Sprintf(format, args...)) }

// longest is the most that a carrier may hold. (FDA: 76 characters; bar codes hold more than the base UDI.)
const longest = 300

// Parse reads a carrier in its human readable form or as a scanner types it. now tells the century of years with two digits. The error
// is a sentence for whoever scanned it.
func Parse(text string, now time.Time) (UDI, error) {
	s := clean(text)
	switch {
	case s == "":
		return UDI{}, unreadable("Scan or type the UDI.")
	case len(s) > longest:
		return UDI{}, unreadable("A UDI has at most %d characters.", longest)
	case strings.HasPrefix(s, "+"):
		return parseHIBCC(s, now)
	case strings.HasPrefix(s, "="), strings.HasPrefix(s, "&"):
		return parseICCBBA(s)
	case strings.HasPrefix(s, "("):
		return parseGS1Human(s, now)
	case s[0] >= '0' && s[0] <= '9':
		return parseGS1Scanned(s, now)
	}
	return UDI{}, unreadable("This is no UDI: those of GS1 begin with (01), those of HIBCC with +, those of ICCBBA with =/.")
}

// separator parts the elements of a GS1 bar code. (FNC1, sent as the control character GS.)
const separator = '\x1d'

// clean removes what scanners put around a carrier and spaces, and writes the separator in one way.
func clean(text string) string {
	s := strings.TrimSpace(text)
	for _, id := range []string{"]d2", "]D2", "]C1", "]Q3", "]e0", "]d1", "]C0", "]A0"} { // symbology identifiers, ISO/IEC 15424
		s = strings.TrimPrefix(s, id)
	}
	if len(s) > 1 && s[0] == '*' && s[len(s)-1] == '*' { // HIBC labels print asterisks around the code
		s = s[1 : len(s)-1]
	}
	s = separators.Replace(s)
	var b strings.Builder
	for _, r := range s {
		switch {
		case r == ' ' || r == '\t' || r == '\n' || r == '\r':
		case r == separator || r > ' ' && r < 0x7f:
			b.WriteRune(r)
		default:
			return "?" // a character that no carrier holds
		}
	}
	return b.String()
}

// separators are the ways in which keyboard scanners send GS.
var separators = strings.NewReplacer("<GS>", "\x1d", "{GS}", "\x1d", "[GS]", "\x1d", "␝", "\x1d", "^]", "\x1d", "|", "\x1d", "~", "\x1d", `\x1d`, "\x1d", `\u001d`, "\x1d", `\F`, "\x1d")

// digits reports whether s is digits and nothing else, and not empty.
func digits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// number is a short text of digits as a number.
func number(s string) int {
	n := 0
	for i := range len(s) {
		n = n*10 + int(s[i]-'0')
	}
	return n
}

// century is the full year of two digits: the one within fifty years of now. (GS1 General Specifications, 7.12.)
func century(yy int, now time.Time) int {
	year := now.Year()
	full := year - year%100 + yy
	switch d := yy - year%100; {
	case d >= 51:
		full -= 100
	case d <= -50:
		full += 100
	}
	return full
}

// day is a date as FHIR writes it; a day of 0 is the whole month. ok is false for a day that no calendar has.
func day(y, m, d int) (string, bool) {
	if m < 1 || m > 12 || d < 0 {
		return "", false
	}
	if d == 0 {
		return fmt.Sprintf("%04d-%02d", y, m), true
	}
	t := time.Date(y, time.Month(m), d, 0, 0, 0, 0, time.UTC)
	if t.Day() != d {
		return "", false
	}
	return t.Format(time.DateOnly), true
}

// dayOfYear is a date by the number of its day within the year.
func dayOfYear(y, n int) (string, bool) {
	t := time.Date(y, 1, n, 0, 0, 0, 0, time.UTC)
	if n < 1 || t.Year() != y {
		return "", false
	}
	return t.Format(time.DateOnly), true
}

// badDate notes a date that is none.
func (u *UDI) badDate(what, text string) {
	u.Doubts = append(u.Doubts, "The "+what+" "+text+" is no date.")
}
