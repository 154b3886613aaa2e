package scheduling

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/osler-ehr/osler/web/format"
)

var inSome = regexp.MustCompile(`^(?:in )?\+?(\d{1,3}) ?(d|days?|w|wks?|weeks?|m|mos?|months?|y|yrs?|years?)$`)

// fromWhen is the first day on which a visit may be, of what people type: 3m, in 3 months, 6 weeks, tomorrow, 24-Feb-2027, Feb 2027; nothing
// for as soon as possible. ok is false for what is none, or past.
func fromWhen(text string, now time.Time) (day time.Time, ok bool) {
	today := midnight(now)
	s := strings.Join(strings.Fields(strings.ToLower(text)), " ")
	switch s {
	case "", "asap", "soon", "next", "now":
		return today, true
	}
	if m := inSome.FindStringSubmatch(s); m != nil {
		n, err := strconv.Atoi(m[1])
		if err != nil {
			return today, false
		}
		switch m[2][0] {
		case 'd':
			return today.AddDate(0, 0, n), true
		case 'w':
			return today.AddDate(0, 0, 7*n), true
		case 'y':
			n *= 12
		}
		return addMonths(today, n), n <= 60
	}
	iso, ok := format.TypedDate(s, now)
	if !ok || len(iso) < len("2006-01") {
		return today, false
	}
	if len(iso) == len("2006-01") {
		iso += "-01"
		if month := iso[:7]; month == now.Format("2006-01") {
			return today, true
		}
	}
	day, err := time.ParseInLocation(time.DateOnly, iso, now.Location())
	return day, err == nil && !day.Before(today)
}

// addMonths adds months and stays in the month that is meant: three months after 30 November is the last day of February.
func addMonths(day time.Time, n int) time.Time {
	first := time.Date(day.Year(), day.Month()+time.Month(n), 1, 0, 0, 0, 0, day.Location())
	last := first.AddDate(0, 1, -1).Day()
	return time.Date(first.Year(), first.Month(), min(day.Day(), last), 0, 0, 0, 0, day.Location())
}

// midnight is the beginning of a day. Where the clocks change at midnight it is the first moment of the day.
func midnight(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, t.Location())
}
