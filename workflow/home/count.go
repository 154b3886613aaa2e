package home

import "strconv"

// count writes the number beside a heading; none is written for an empty list.
func count(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}
