package sig

import (
	"fmt"
	"math/big"
	"regexp"
	"strconv"
	"strings"
)

// Frequency is how often: Times (to TimesMax) in each Every (to EveryMax) of Period, at certain moments.
type Frequency struct {
	Times, TimesMax int
	Every, EveryMax int
	Period          string // h, d, wk or mo
	When            string // a moment of the day, as FHIR codes it: MORN, HS, AC; "" = any
	Once            bool   // a single time
}

// IsZero reports whether nothing is said.
func (f Frequency) IsZero() bool { return f == Frequency{} }

// PerDay is how many times in 24 hours at most; ok is false for what happens once.
func (f Frequency) PerDay() (*big.Rat, bool) {
	hours, ok := map[string]int64{"h": 1, "d": 24, "wk": 24 * 7, "mo": 24 * 30}[f.Period]
	if !ok || f.Once || f.Times <= 0 || f.Every <= 0 {
		return nil, false
	}
	times := int64(max(f.Times, f.TimesMax))
	if f.When == "C" || f.When == "AC" || f.When == "PC" {
		times = max(times, 3)
	}
	return big.NewRat(times*24, int64(f.Every)*hours), true
}

// named are the frequencies that have words of their own, in the order in which they are offered, with HL7's timing code where there is
// one that says exactly this.
var named = []struct {
	words string
	f     Frequency
	code  string
}{
	{"daily", Frequency{Times: 1, Every: 1, Period: "d"}, "QD"},
	{"twice daily", Frequency{Times: 2, Every: 1, Period: "d"}, "BID"},
	{"3 times daily", Frequency{Times: 3, Every: 1, Period: "d"}, "TID"},
	{"4 times daily", Frequency{Times: 4, Every: 1, Period: "d"}, "QID"},
	{"every morning", Frequency{Times: 1, Every: 1, Period: "d", When: "MORN"}, "AM"},
	{"every evening", Frequency{Times: 1, Every: 1, Period: "d", When: "EVE"}, "PM"},
	{"at bedtime", Frequency{Times: 1, Every: 1, Period: "d", When: "HS"}, "BED"},
	{"before meals", Frequency{Times: 3, Every: 1, Period: "d", When: "AC"}, ""},
	{"with meals", Frequency{Times: 3, Every: 1, Period: "d", When: "C"}, ""},
	{"after meals", Frequency{Times: 3, Every: 1, Period: "d", When: "PC"}, ""},
	{"every other day", Frequency{Times: 1, Every: 2, Period: "d"}, "QOD"},
	{"weekly", Frequency{Times: 1, Every: 1, Period: "wk"}, ""},
	{"twice weekly", Frequency{Times: 2, Every: 1, Period: "wk"}, ""},
	{"monthly", Frequency{Times: 1, Every: 1, Period: "mo"}, ""},
	{"every hour", Frequency{Times: 1, Every: 1, Period: "h"}, "Q1H"},
	{"once", Frequency{Times: 1, Once: true}, ""},
}

// Offered are the frequencies that a form offers, the usual ones first.
func Offered() []string {
	out := make([]string, 0, len(named)+8)
	for _, n := range named {
		out = append(out, n.words)
	}
	return append(out, "every 4 hours", "every 6 hours", "every 8 hours", "every 12 hours", "every 4 to 6 hours", "every 6 to 8 hours", "every 72 hours")
}

// Words write a frequency as labels do. They are "" only for the zero Frequency.
func (f Frequency) Words() string {
	for _, n := range named {
		if n.f == f {
			return n.words
		}
	}
	if f.IsZero() {
		return ""
	}
	unit := map[string][2]string{"h": {"hour", "hours"}, "d": {"day", "days"}, "wk": {"week", "weeks"}, "mo": {"month", "months"}}[f.Period]
	every := strconv.Itoa(f.Every)
	if f.EveryMax > f.Every {
		every += " to " + strconv.Itoa(f.EveryMax)
	}
	times := strconv.Itoa(f.Times)
	if f.TimesMax > f.Times {
		times += " to " + strconv.Itoa(f.TimesMax)
	}
	var out string
	switch {
	case f.Times == 1 && f.TimesMax <= 1:
		out = "every " + every + " " + unit[1]
	case f.Every == 1 && f.EveryMax <= 1 && f.Period == "d":
		out = times + " times daily"
	case f.Every == 1 && f.EveryMax <= 1:
		out = times + " times each " + unit[0]
	default:
		out = times + " times every " + every + " " + unit[1]
	}
	if f.When != "" {
		out += " " + moments[f.When]
	}
	return out
}

// moments are the moments of a day.
var moments = map[string]string{"MORN": "in the morning", "EVE": "in the evening", "HS": "at bedtime", "AC": "before meals", "C": "with meals", "PC": "after meals", "NOON": "at noon"}

var (
	everyUnits = regexp.MustCompile(`^every ([0-9]{1,3})(?: to ([0-9]{1,3}))? (hour|day|week|month)s$`)
	timesDaily = regexp.MustCompile(`^([0-9]{1,2})(?: to ([0-9]{1,2}))? times (?:daily|each (hour|week|month))$`)
	timesEvery = regexp.MustCompile(`^([0-9]{1,2})(?: to ([0-9]{1,2}))? times every ([0-9]{1,3})(?: to ([0-9]{1,3}))? (hour|day|week|month)s$`)
)

// typed are what clinicians type, and what it means: abbreviations are understood, and never written.
var typed = map[string]string{
	"qd": "daily", "q.d.": "daily", "od": "daily", "once daily": "daily", "every day": "daily", "1 time daily": "daily", "bid": "twice daily", "b.i.d.": "twice daily", "2 times daily": "twice daily", "tid": "3 times daily", "t.i.d.": "3 times daily",
	"three times daily": "3 times daily", "qid": "4 times daily", "q.i.d.": "4 times daily", "four times daily": "4 times daily", "qam": "every morning", "qpm": "every evening", "qhs": "at bedtime", "hs": "at bedtime", "nightly": "at bedtime", "every night": "at bedtime",
	"qod": "every other day", "q.o.d.": "every other day", "every 2 days": "every other day", "qwk": "weekly", "once weekly": "weekly", "ac": "before meals", "pc": "after meals", "hourly": "every hour", "one time": "once", "x1": "once", "in the morning": "every morning", "in the evening": "every evening",
	"every day in the morning": "every morning", "2 times each week": "twice weekly",
}

var qHours = regexp.MustCompile(`^q([0-9]{1,3})(?:-([0-9]{1,3}))?h$`)

// ParseFrequency reads the words of [Frequency.Words], and the abbreviations that clinicians type.
func ParseFrequency(s string) (Frequency, error) {
	s = strings.Join(strings.Fields(strings.ToLower(s)), " ")
	if words, ok := typed[s]; ok {
		s = words
	}
	if m := qHours.FindStringSubmatch(strings.ReplaceAll(s, " ", "")); m != nil {
		s = "every " + m[1]
		if m[2] != "" {
			s += " to " + m[2]
		}
		s += " hours"
	}
	when := ""
	for _, code := range []string{"MORN", "EVE", "HS", "AC", "C", "PC", "NOON"} {
		if cut, ok := strings.CutSuffix(s, " "+moments[code]); ok && cut != "" {
			s, when = cut, code
		}
	}
	for _, n := range named {
		if n.words == s && when == "" {
			return n.f, nil
		}
		if n.words == s && n.f.When == "" && !n.f.Once {
			f := n.f
			f.When = when
			return f, nil
		}
	}
	periods := map[string]string{"hour": "h", "day": "d", "week": "wk", "month": "mo", "": "d"}
	number := func(text string) int {
		n, _ := strconv.Atoi(text)
		return n
	}
	f := Frequency{When: when}
	if m := everyUnits.FindStringSubmatch(s); m != nil {
		f.Times, f.Every, f.EveryMax, f.Period = 1, number(m[1]), number(m[2]), periods[m[3]]
	} else if m := timesDaily.FindStringSubmatch(s); m != nil {
		f.Times, f.TimesMax, f.Every, f.Period = number(m[1]), number(m[2]), 1, periods[m[3]]
	} else if m := timesEvery.FindStringSubmatch(s); m != nil {
		f.Times, f.TimesMax, f.Every, f.EveryMax, f.Period = number(m[1]), number(m[2]), number(m[3]), number(m[4]), periods[m[5]]
	}
	if f.Times < 1 || f.Every < 1 || f.TimesMax != 0 && f.TimesMax <= f.Times || f.EveryMax != 0 && f.EveryMax <= f.Every {
		return Frequency{}, fmt.Errorf("%q is no frequency; write such as daily, twice daily or every 8 hours", s)
	}
	return f, nil
}
