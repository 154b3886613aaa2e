package home

import (
	"strconv"
	"strings"
)

// count writes the number beside a heading; none is written for an empty list.
func count(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

func itoa(n int) string { return strconv.Itoa(n) }

func upper(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

// ifLinked is a label that is shown only where it leads somewhere.
func ifLinked(label, href string) string {
	if href == "" {
		return ""
	}
	return label
}
