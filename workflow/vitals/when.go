package vitals

import (
	"regexp"
	"strconv"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/web"
	"github.com/osler-ehr/osler/web/format"
)

// ahead is how far a moment may lie in the future, for clocks that differ.
const ahead = 5 * time.Minute

// whenOf reads when the signs were taken from the fields date and time, and notes in the form what is wrong with them. Without a time it
// is the day.
func whenOf(f *web.Form, born, now time.Time) fhir.DateTime {
	iso, ok := format.TypedDate(f.Text("date"), now)
	day, err := time.ParseInLocation(time.DateOnly, iso, now.Location())
	if !ok || err != nil {
		f.Wrong("date", "Not a day. Write it like 23-Nov-2026, or t for today, t-1 for yesterday.")
		return fhir.DateTime{}
	}
	if !born.IsZero() && day.Before(born) {
		f.Wrong("date", "This is before the birth.")
		return fhir.DateTime{}
	}
	if f.Text("time") == "" {
		if day.After(now) {
			f.Wrong("date", "This lies in the future.")
			return fhir.DateTime{}
		}
		return fhir.DateTimeOf(day, fhir.Day)
	}
	hour, minute, ok := clockTime(f.Text("time"))
	if !ok {
		f.Wrong("time", "Not a time. Write it like 10:08 or 3:15 pm.")
		return fhir.DateTime{}
	}
	at := time.Date(day.Year(), day.Month(), day.Day(), hour, minute, 0, 0, now.Location())
	if at.After(now.Add(ahead)) {
		f.Wrong("time", "This lies in the future: "+format.DateTime(at)+".")
		return fhir.DateTime{}
	}
	return fhir.DateTimeOf(at, fhir.Second)
}

var typedTime = regexp.MustCompile(`^(?i)(\d{1,2})[:.h]?(\d{2})?\s*(a|p|am|pm)?$`)

// clockTime reads a time of day as people type one: 10:08, 1008, 9, 3:15 pm, 3p.
func clockTime(text string) (hour, minute int, ok bool) {
	m := typedTime.FindStringSubmatch(text)
	if m == nil {
		return 0, 0, false
	}
	hour, _ = strconv.Atoi(m[1]) // digits by the pattern
	if m[2] != "" {
		minute, _ = strconv.Atoi(m[2])
	} else if len(m[1]) == 2 && m[3] == "" && hour > 23 {
		return 0, 0, false
	}
	switch m[3] {
	case "a", "A", "am", "AM", "Am", "aM":
		if hour == 12 {
			hour = 0
		}
	case "p", "P", "pm", "PM", "Pm", "pM":
		if hour < 12 {
			hour += 12
		}
	}
	return hour, minute, hour < 24 && minute < 60
}
