package format

import (
	"math/big"
	"strings"
)

// Minus is the sign of negative numbers and differences; it is as wide as a plus and cannot be taken for a range.
const Minus = "−"

// Thousands puts commas into the whole part of a decimal text from 1,000 on: 12345.60 becomes 12,345.60. Text that is no plain
// decimal number is left as it is.
func Thousands(s string) string {
	sign, whole, frac := split(s)
	if whole == "" || strings.Trim(whole, "0123456789") != "" {
		return s
	}
	var b strings.Builder
	b.WriteString(sign)
	for i, r := range whole {
		if i > 0 && (len(whole)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(r)
	}
	b.WriteString(frac)
	return b.String()
}

// DoseNumber writes the number of a dose: a zero before the decimal point, none after the last digit, commas from 1,000. So 0.5 for .5,
// 5 for 5.0, 1,000 for 1000.00. Text that is no plain decimal number is left as it is.
func DoseNumber(s string) string {
	sign, whole, frac := split(s)
	if strings.Trim(whole+frac, "0123456789.") != "" || whole+frac == "" || frac == "." {
		return s
	}
	if whole == "" {
		whole = "0"
	}
	if frac != "" {
		frac = strings.TrimRight(strings.TrimRight(frac, "0"), ".")
	}
	return Thousands(sign + whole + frac)
}

// LabNumber writes a measured value with every digit it was reported with: trailing zeros say how exact the measurement is.
func LabNumber(s string) string {
	if strings.HasPrefix(s, ".") {
		s = "0" + s
	}
	return Thousands(s)
}

// Change writes the signed difference of two decimal texts with the decimals of the more exact one: +0.7, −31, no change. It reports
// false if either is no number.
func Change(from, to string) (string, bool) {
	a, ok1 := new(big.Rat).SetString(from)
	b, ok2 := new(big.Rat).SetString(to)
	if !ok1 || !ok2 || strings.ContainsAny(from+to, "/eE") {
		return "", false
	}
	d := new(big.Rat).Sub(b, a)
	text := Thousands(d.Abs(new(big.Rat).Set(d)).FloatString(max(decimals(from), decimals(to))))
	switch b.Cmp(a) {
	case 0:
		return "no change", true
	case -1:
		return Minus + text, true
	}
	return "+" + text, true
}

// Range writes a reference range: 3.5–5.1, "60 or more", "100 or less". It is empty where neither bound is known.
func Range(low, high string) string {
	switch {
	case low != "" && high != "":
		return LabNumber(low) + "–" + LabNumber(high)
	case low != "":
		return LabNumber(low) + " or more"
	case high != "":
		return LabNumber(high) + " or less"
	}
	return ""
}

// Comparator writes a value with a FHIR comparator in words, since < and > are misread: "below 5", "60 or more".
func Comparator(comparator, number string) string {
	switch comparator {
	case "<":
		return "below " + number
	case "<=":
		return number + " or less"
	case ">":
		return "above " + number
	case ">=":
		return number + " or more"
	}
	return number
}

func decimals(s string) int {
	_, frac, _ := strings.Cut(s, ".")
	return len(frac)
}

// split takes a decimal text apart into sign, whole part and the rest with its point.
func split(s string) (sign, whole, frac string) {
	if strings.HasPrefix(s, "-") || strings.HasPrefix(s, "+") {
		sign, s = s[:1], s[1:]
	}
	if sign == "-" {
		sign = Minus
	}
	if i := strings.IndexByte(s, '.'); i >= 0 {
		return sign, s[:i], s[i:]
	}
	return sign, s, ""
}
