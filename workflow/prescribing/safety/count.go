package safety

import "strconv"

func number(n int) string { return strconv.Itoa(n) }

// count is 3 of 3.
func count(some, all int) string { return number(some) + " of " + number(all) }
