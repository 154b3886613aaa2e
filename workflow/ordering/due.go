package ordering

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/osler-ehr/osler/web/format"
)

var span = regexp.MustCompile(`^(?:in )?(\d{1,3}|a|one) ?(d|days?|w|weeks?|wk|m|mo|months?|y|years?)$`)

// typedDue reads until when an order is wanted: "today", "in 1 week", "3 months", "2w", or a date as it is typed elsewhere.
// ok is false for what is none of these, and for a day that is over.
func typedDue(text string, now time.Time) (day time.Time, ok bool) {
	s := strings.ToLower(strings.TrimSpace(text))
	today := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, now.Location())
	if m := span.FindStringSubmatch(s); m != nil {
		n, err := strconv.Atoi(m[1])
		if err != nil {
			n = 1
		}
		switch m[2][0] {
		case 'd':
			return today.AddDate(0, 0, n), true
		case 'w':
			return today.AddDate(0, 0, 7*n), true
		case 'm':
			return today.AddDate(0, n, 0), true
		}
		return today.AddDate(n, 0, 0), true
	}
	iso, ok := format.TypedDate(s, now)
	if !ok {
		return time.Time{}, false
	}
	day, err := time.ParseInLocation(time.DateOnly, iso, now.Location())
	return day, err == nil && !day.Before(today)
}
