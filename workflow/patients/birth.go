package patients

import (
	"strings"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/web"
	"github.com/osler-ehr/osler/web/format"
)

// oldest is how old anybody may be, in years: nobody has been.
const oldest = 130

// bornText is how the form shows a birth date, as exactly as it is known and in a form that can be typed again.
func bornText(d fhir.Date, zone *time.Location) string {
	if d.IsZero() {
		return ""
	}
	return format.FHIRDate(d.String(), zone)
}

func (p *demographics) unknownBirth() bool {
	_, ok := fhir.FindExtension(p.BirthElement.Extension, absent)
	return ok
}

// bornAt is the time of birth: 14:05.
func (p *demographics) bornAt(zone *time.Location) string {
	if e, ok := fhir.FindExtension(p.BirthElement.Extension, birthTime); ok {
		if t, ok := fhir.ChoiceValue[fhir.DateTime](e.Value); ok && t.HasTime() {
			return format.Time(t.Time(zone).In(zone))
		}
	}
	return ""
}

// birthDates are the dates that a text may mean: one, unless the century or the order of day and month is not clear.
func birthDates(text string, now time.Time) []string {
	if iso, ok := format.TypedDate(text, now); ok {
		return []string{iso}
	}
	tokens := strings.Fields(text)
	if len(tokens) == 0 {
		return nil
	}
	dates, n := birth(tokens, now)
	if n != len(tokens) {
		return nil
	}
	return dates
}

// born takes the birth date: whole, the month or year alone, or not known.
func (p *demographics) born(f *web.Form, now time.Time) {
	zone, text := now.Location(), f.Text("born")
	at := f.Text("born-at")
	if text == bornText(p.Birth, zone) && at == p.bornAt(zone) && (text != "" || f.Has("born-unknown") && p.unknownBirth()) {
		return
	}
	if text == "" {
		if !f.Has("born-unknown") {
			f.Wrong("born", "Write it as exactly as it is known: 14-Jul-1968, 7/14/1968, Jul 1968, 1968. Or tick “Not known”.")
			return
		}
		p.Birth = fhir.Date{}
		p.BirthElement = fhir.Element{Extension: []fhir.Extension{{URL: absent, Value: fhir.ChoiceAs("code", "unknown")}}}
		return
	}
	dates := birthDates(text, now)
	switch len(dates) {
	case 0:
		f.Wrong("born", "Not a date. Write it as exactly as it is known: 14-Jul-1968, 7/14/1968, Jul 1968, 1968.")
		return
	case 1:
	default:
		var may []string
		for _, d := range dates {
			may = append(may, format.FHIRDate(d, zone))
		}
		f.Wrong("born", "This may be "+strings.Join(may, " or ")+". Write the one that is meant.")
		return
	}
	d, err := fhir.ParseDate(dates[0])
	from, _ := d.Range(zone)
	day := time.Date(from.Year(), from.Month(), from.Day(), 0, 0, 0, 0, zone)
	switch {
	case err != nil:
		f.Wrong("born", "Not a date. Write it as exactly as it is known: 14-Jul-1968, 7/14/1968, Jul 1968, 1968.")
		return
	case day.After(now):
		f.Wrong("born", "This lies in the future: "+format.FHIRDate(dates[0], zone)+".")
		return
	case day.Before(now.AddDate(-oldest, 0, 0)):
		f.Wrong("born", "Nobody is that old: "+format.FHIRDate(dates[0], zone)+".")
		return
	}
	p.Birth, p.BirthElement = d, fhir.Element{}
	if at == "" {
		return
	}
	t, err := time.Parse("15:04", at)
	if err != nil || len(dates[0]) != len(time.DateOnly) {
		f.Wrong("born-at", "Write hours and minutes, 14:05, beside a whole date.")
		return
	}
	moment := time.Date(day.Year(), day.Month(), day.Day(), t.Hour(), t.Minute(), 0, 0, zone)
	if moment.After(now) {
		f.Wrong("born-at", "This lies in the future.")
		return
	}
	p.BirthElement.Extension = []fhir.Extension{{URL: birthTime, Value: fhir.ChoiceOf(fhir.DateTimeOf(moment, fhir.Second))}}
}
