package format

import (
	"fmt"
	"time"
)

// Elapsed writes how long something has waited, in its largest whole unit: 41 min, 2 h, 1 day, 12 days. The absolute date belongs beside it.
func Elapsed(d time.Duration) string {
	switch {
	case d < time.Minute:
		return "now"
	case d < time.Hour:
		return fmt.Sprintf("%d min", int(d.Minutes()))
	case d < 24*time.Hour:
		return fmt.Sprintf("%d h", int(d.Hours()))
	}
	return Count(int(d.Hours()/24), "day", "days")
}

// Count writes a number with the right form of its noun: 1 patient, 12 patients.
func Count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return Thousands(fmt.Sprint(n)) + " " + many
}
