package format

import (
	"fmt"
	"time"
)

// Age writes how old someone born at birth is at now, in the bands of the NHS Common User Interface:
//
//	under 2 hours     minutes            35 min
//	under 2 days      hours              31 h
//	under 4 weeks     days               21 d
//	under 1 year      weeks and days     7 w 4 d
//	under 2 years     months and days    15 m 12 d
//	under 18 years    years and months   7 y 5 m
//	from 18 years     years              58 y
//
// Calendar ages count whole months: someone born on 29 February is a year older on 1 March of a year without one. A birth in the
// future, which is an error in the record, gives NotKnown.
func Age(birth, now time.Time) string {
	main, rest := age(birth, now)
	if rest == "" {
		return main
	}
	return main + " " + rest
}

// AgeShort is Age in its larger unit alone, for lists: 7 w, 15 m, 7 y.
func AgeShort(birth, now time.Time) string {
	main, _ := age(birth, now)
	return main
}

// PartialAge writes the age of someone whose birth date may be known to the month or year only: "57 or 58 y", never one guessed value.
func PartialAge(birth Partial, now time.Time) string {
	switch birth.Precision {
	case Instant:
		return Age(birth.Time, now)
	case Day:
		return dayAge(birth.Time, now)
	case Month, Year:
	default:
		return NotKnown
	}
	oldest, youngest := AgeShort(birth.Time, now), AgeShort(birth.last(), now)
	if oldest == youngest {
		return oldest
	}
	if years := years(birth.Time, now); years > 2 && birth.last().Before(now) {
		return fmt.Sprintf("%d or %d y", years-1, years)
	}
	if youngest == NotKnown {
		youngest = "newborn"
	}
	return youngest + " to " + oldest
}

// AgeAtDeath writes the age a person reached: 88 y at death.
func AgeAtDeath(birth Partial, death time.Time) string {
	return PartialAge(birth, death) + " at death"
}

// dayAge is Age for a birth date without a time of day, which cannot tell minutes or hours.
func dayAge(birth, now time.Time) string {
	y, m, d := now.Date()
	today := time.Date(y, m, d, 0, 0, 0, 0, birth.Location())
	if days := daysBetween(birth, today); days >= 0 && days < 28 {
		return fmt.Sprintf("%d d", days)
	}
	return Age(birth, today)
}

func age(birth, now time.Time) (main, rest string) {
	if birth.IsZero() || now.Before(birth) {
		return NotKnown, ""
	}
	now = now.In(birth.Location())
	lived := now.Sub(birth)
	days := daysBetween(birth, now)
	y := years(birth, now)
	switch {
	case lived < 2*time.Hour:
		return fmt.Sprintf("%d min", int(lived.Minutes())), ""
	case lived < 48*time.Hour:
		return fmt.Sprintf("%d h", int(lived.Hours())), ""
	case days < 28:
		return fmt.Sprintf("%d d", days), ""
	case y < 1:
		return fmt.Sprintf("%d w", days/7), some(days%7, "d")
	case y < 2:
		m := months(birth, now)
		return fmt.Sprintf("%d m", m), some(daysBetween(addMonths(birth, m), now), "d")
	case y < 18:
		return fmt.Sprintf("%d y", y), some(months(birth, now)%12, "m")
	}
	return fmt.Sprintf("%d y", y), ""
}

// some writes a count with its unit, and nothing for none.
func some(n int, unit string) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf("%d %s", n, unit)
}

// years counts whole years lived.
func years(birth, now time.Time) int { return months(birth, now) / 12 }

// months counts whole months lived.
func months(birth, now time.Time) int {
	by, bm, bd := birth.Date()
	ny, nm, nd := now.Date()
	n := (ny-by)*12 + int(nm-bm)
	if nd < bd {
		n--
	}
	return n
}

// addMonths is the day on which n whole months have been lived; in a month too short for it, the first day of the next.
func addMonths(t time.Time, n int) time.Time { return t.AddDate(0, n, 0) }

// daysBetween counts midnights between two instants, blind to changes of the clock.
func daysBetween(from, to time.Time) int {
	day := func(t time.Time) time.Time {
		y, m, d := t.Date()
		return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
	}
	return int(day(to).Sub(day(from)).Hours() / 24)
}
