package chart

import "strconv"

// number writes the count beside a heading; none is written for an empty list.
func number(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}
