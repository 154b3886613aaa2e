package synthetic

import "time"

// day is a calendar day, counted from 1 January 1970, in the practice's own time.
type day int32

// never is a day that does not come.
const never day = 1 << 30

func dayOf(year, month, date int) day {
	return day(time.Date(year, time.Month(month), date, 0, 0, 0, 0, time.UTC).Unix() / 86400)
}

// date gives the parts of the day (Howard Hinnant's civil_from_days).
func (d day) date() (year, month, date int) {
	z := int(d) + 719468
	era := z / 146097
	doe := z - era*146097
	yoe := (doe - doe/1460 + doe/36524 - doe/146096) / 365
	doy := doe - (365*yoe + yoe/4 - yoe/100)
	mp := (5*doy + 2) / 153
	date = doy - (153*mp+2)/5 + 1
	month = mp + 3
	if month > 12 {
		month -= 12
	}
	year = yoe + era*400
	if month <= 2 {
		year++
	}
	return year, month, date
}

func (d day) year() int { y, _, _ := d.date(); return y }

func (d day) month() int { _, m, _ := d.date(); return m }

// weekday is 0 for Sunday to 6 for Saturday.
func (d day) weekday() int { return int((d + 4) % 7) }

func (d day) weekend() bool { w := d.weekday(); return w == 0 || w == 6 }

// workday is d, or the Monday after it.
func (d day) workday() day {
	switch d.weekday() {
	case 6:
		return d + 2
	case 0:
		return d + 1
	}
	return d
}

// years is the age in whole years of somebody born on d, on the day at.
func (d day) years(at day) int {
	by, bm, bd := d.date()
	y, m, dd := at.date()
	age := y - by
	if m < bm || m == bm && dd < bd {
		age--
	}
	return age
}

// months is the age in whole months of somebody born on d, on the day at.
func (d day) months(at day) int {
	by, bm, bd := d.date()
	y, m, dd := at.date()
	age := (y-by)*12 + m - bm
	if dd < bd {
		age--
	}
	return age
}

// moment is a minute of a day.
type moment struct {
	day    day
	minute int
}

func (d day) at(minute int) moment { return moment{d, minute} }

func (m moment) plus(minutes int) moment {
	m.minute += minutes
	for m.minute >= 24*60 {
		m.minute -= 24 * 60
		m.day++
	}
	for m.minute < 0 {
		m.minute += 24 * 60
		m.day--
	}
	return m
}

func (m moment) after(n moment) bool {
	return m.day > n.day || m.day == n.day && m.minute > n.minute
}

func momentOf(t time.Time) moment {
	y, m, d := t.Date()
	return dayOf(y, int(m), d).at(t.Hour()*60 + t.Minute())
}

var monthNames = [...]string{"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"}

// human is the day as staff read it: 23-Nov-2026.
func (d day) human() string {
	y, m, dd := d.date()
	return string([]byte{'0' + byte(dd/10), '0' + byte(dd%10), '-'}) + monthNames[m-1] + "-" + itoa(y)
}
