package format

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// TypedDate reads a date as people type one into a field, as exact as they state it, and returns it as FHIR writes it:
// "2014", "2014-03" or "2014-03-14".
//
//	2014        3/2014, Mar 2014, 2014-03       14-Mar-2014, 14 March 2014, March 14, 2014, 2014-03-14
//	3/14/2014   month first where both orders are dates, as in the United States
//	t, today, t-3, d-3 (days), w-2, m-6, y-10 (as exact as the unit), yesterday, t+7
//
// ok is false for what is no date; empty text is none.
func TypedDate(text string, now time.Time) (iso string, ok bool) {
	s := strings.ToLower(strings.TrimSpace(text))
	switch s {
	case "":
		return "", false
	case "t", "today", "now":
		return now.Format(time.DateOnly), true
	case "yesterday":
		return now.AddDate(0, 0, -1).Format(time.DateOnly), true
	case "tomorrow":
		return now.AddDate(0, 0, 1).Format(time.DateOnly), true
	}
	if m := relative.FindStringSubmatch(s); m != nil {
		n, err := strconv.Atoi(m[2] + m[3])
		if err != nil {
			return "", false
		}
		switch m[1] {
		case "t", "d":
			return now.AddDate(0, 0, n).Format(time.DateOnly), true
		case "w":
			return now.AddDate(0, 0, 7*n).Format(time.DateOnly), true
		case "m":
			first := time.Date(now.Year(), now.Month(), 1, 0, 0, 0, 0, time.UTC) // so that 31-Mar less a month is February
			return first.AddDate(0, n, 0).Format("2006-01"), true
		}
		return strconv.Itoa(now.Year() + n), true
	}
	parts := splitDate.Split(s, -1)
	switch len(parts) {
	case 1:
		if y := yearOf(s); y > 0 {
			return s, true
		}
	case 2:
		for i, p := range parts {
			other := parts[1-i]
			if y := yearOf(p); y > 0 {
				if m := monthOf(other); m > 0 {
					return fmt.Sprintf("%04d-%02d", y, m), true
				}
			}
		}
	case 3:
		return threeParts(parts)
	}
	return "", false
}

var (
	relative  = regexp.MustCompile(`^([tdwmy]) ?([+-]) ?(\d{1,4})$`)
	splitDate = regexp.MustCompile(`[-/., ]+`)
)

// threeParts reads year, month and day in the orders that people use.
func threeParts(p []string) (string, bool) {
	if y := yearOf(p[0]); y > 0 {
		return dayOf(y, monthOf(p[1]), p[2])
	}
	y := yearOf(p[2])
	if y == 0 {
		return "", false
	}
	if monthName(p[1]) > 0 { // 14 March 2014
		return dayOf(y, monthOf(p[1]), p[0])
	}
	if iso, ok := dayOf(y, monthOf(p[0]), p[1]); ok { // March 14, 2014 and 3/14/2014
		return iso, true
	}
	return dayOf(y, monthOf(p[1]), p[0]) // 14/3/2014
}

func dayOf(y, m int, day string) (string, bool) {
	d, err := strconv.Atoi(strings.TrimRight(day, "stndrh"))
	if err != nil || m == 0 {
		return "", false
	}
	t := time.Date(y, time.Month(m), d, 0, 0, 0, 0, time.UTC)
	if t.Day() != d || t.Month() != time.Month(m) {
		return "", false
	}
	return t.Format(time.DateOnly), true
}

func yearOf(s string) int {
	if len(s) != 4 {
		return 0
	}
	y, err := strconv.Atoi(s)
	if err != nil || y < 1850 || y > 2200 {
		return 0
	}
	return y
}

func monthOf(s string) int {
	if m := monthName(s); m > 0 {
		return m
	}
	m, err := strconv.Atoi(s)
	if err != nil || m < 1 || m > 12 {
		return 0
	}
	return m
}

func monthName(s string) int {
	if s == "sept" {
		s = "sep"
	}
	for m := time.January; m <= time.December; m++ {
		if len(s) >= 3 && strings.HasPrefix(strings.ToLower(m.String()), s) {
			return int(m)
		}
	}
	return 0
}
