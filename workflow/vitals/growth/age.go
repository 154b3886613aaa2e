package growth

import "time"

// DaysPerMonth is the mean length of a month by which growth charts count ages: 365.25/12.
const DaysPerMonth = 30.4375

// term is the length of a pregnancy at term, in days, and preterm that below which a birth counts as preterm.
const (
	term    = 40 * 7
	preterm = 37 * 7
)

// correctedUntil is the age in months to which ages are corrected for prematurity.
const correctedUntil = 24

// Days are the whole days from one calendar day to another, whatever the times of day and the changes of clocks.
func Days(from, to time.Time) int {
	return int(midday(to).Sub(midday(from)).Hours() / 24)
}

func midday(t time.Time) time.Time {
	y, m, d := t.Date()
	return time.Date(y, m, d, 12, 0, 0, 0, time.UTC)
}

// Months is an age in months of the mean length.
func Months(days int) float64 { return float64(days) / DaysPerMonth }

// Correction is how many days too early a child was born, by the length of the pregnancy in days. It is 0 for a birth from 37 weeks on,
// and where the length is not known (0) or cannot be (under 20 weeks, over 45).
func Correction(gestationDays int) int {
	if gestationDays < 20*7 || gestationDays >= preterm {
		return 0
	}
	return term - gestationDays
}

// Corrected is the age by which a child is judged: up to 24 months of age without the days that it was born too early. Before the day
// when it should have been born it has no age for these charts: ok is false.
func Corrected(days, correction int) (age int, ok bool) {
	if correction <= 0 || Months(days) >= correctedUntil {
		return days, days >= 0
	}
	return days - correction, days >= correction
}
