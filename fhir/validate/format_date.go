package validate

// validDate accepts YYYY, YYYY-MM and YYYY-MM-DD of the calendar, years 0001 to 9999.
func validDate(s string) bool {
	switch len(s) {
	case 4:
		return digits(s) > 0
	case 7:
		return validYearMonth(s)
	case 10:
		return validDay(s)
	}
	return false
}

// validDateTime accepts a date, or a day with time and zone.
func validDateTime(s string) bool {
	if len(s) <= 10 {
		return validDate(s)
	}
	return validInstant(s)
}

// validInstant accepts YYYY-MM-DDThh:mm:ss[.f...] with a zone.
func validInstant(s string) bool {
	if len(s) < len("2006-01-02T15:04:05Z") || s[10] != 'T' || !validDay(s[:10]) {
		return false
	}
	rest, ok := clock(s[11:])
	return ok && validZone(rest)
}

// validTime accepts hh:mm:ss[.f...].
func validTime(s string) bool {
	rest, ok := clock(s)
	return ok && rest == ""
}

func validYearMonth(s string) bool {
	month := digits(s[5:7])
	return digits(s[:4]) > 0 && s[4] == '-' && month >= 1 && month <= 12
}

func validDay(s string) bool {
	if !validYearMonth(s[:7]) || s[7] != '-' {
		return false
	}
	day := digits(s[8:])
	return day >= 1 && day <= daysIn(digits(s[:4]), digits(s[5:7]))
}

func daysIn(year, month int) int {
	switch month {
	case 4, 6, 9, 11:
		return 30
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	}
	return 31
}

// clock reads hh:mm:ss and fractions, and returns what follows. Second 60 is a leap second.
func clock(s string) (rest string, ok bool) {
	if len(s) < 8 || s[2] != ':' || s[5] != ':' {
		return "", false
	}
	hour, minute, second := digits(s[:2]), digits(s[3:5]), digits(s[6:8])
	if hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60 {
		return "", false
	}
	s = s[8:]
	if s == "" || s[0] != '.' {
		return s, true
	}
	i := 1
	for i < len(s) && s[i] >= '0' && s[i] <= '9' {
		i++
	}
	return s[i:], i > 1
}

// validZone accepts Z and ±hh:mm up to 14:00.
func validZone(s string) bool {
	if s == "Z" {
		return true
	}
	if len(s) != 6 || s[0] != '+' && s[0] != '-' || s[3] != ':' {
		return false
	}
	hour, minute := digits(s[1:3]), digits(s[4:])
	return hour >= 0 && minute >= 0 && minute <= 59 && (hour < 14 || hour == 14 && minute == 0)
}

// digits is the number that s writes, -1 when it is not all digits.
func digits(s string) int {
	v := 0
	for i := range len(s) {
		c := s[i] - '0'
		if c > 9 {
			return -1
		}
		v = v*10 + int(c)
	}
	return v
}
