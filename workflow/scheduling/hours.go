package scheduling

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/web/facts"
)

// book is one provider at one site: a Schedule, with the working hours of the PractitionerRole that joins the two.
type book struct {
	Schedule string // reference, and the value of the form's field
	Who      fhir.Reference
	Site     fhir.Reference
	Zone     *time.Location
	Week     []window
	Off      []fhir.Period
	role     string // id of the PractitionerRole; "" if there is none
}

// window is a stretch of working time on a day of the week, in minutes of the wall clock at the site.
type window struct {
	Day         time.Weekday
	From, Until int
}

// timezone says in which zone a site lies. (FHIR extension; the name is of the IANA database.)
const timezone = "http://hl7.org/fhir/StructureDefinition/timezone"

var dayCodes = []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}

type schedule struct {
	ID     string
	Active *bool
	Actor  []fhir.Reference
}

type workRole struct {
	ID            string
	Active        *bool
	Practitioner  fhir.Reference
	Location      []fhir.Reference
	AvailableTime []available `fhir:"availableTime"`
	NotAvailable  []struct {
		Description string
		During      fhir.Period
	} `fhir:"notAvailable"`
}

type available struct {
	DaysOfWeek []string  `fhir:"daysOfWeek"`
	AllDay     bool      `fhir:"allDay"`
	From       fhir.Time `fhir:"availableStartTime"`
	Until      fhir.Time `fhir:"availableEndTime"`
}

type place struct {
	ID        string
	Name      string
	Extension []fhir.Extension
}

// books reads all schedules with their hours, by the provider's name. zone is that of sites which name none.
func books(ctx context.Context, s *record.Session, zone *time.Location) ([]book, error) {
	var schedules, roles *record.Page
	var err, roleErr error
	facts.Together(
		func() {
			schedules, err = facts.Whole(ctx, s, record.Query{Type: "Schedule", Params: facts.Params("active", "true", "_count", "500", "_include", "Schedule:actor")})
		},
		func() {
			roles, roleErr = facts.Whole(ctx, s, record.Query{Type: "PractitionerRole", Params: facts.Params("active", "true", "_count", "1000")})
		},
	)
	if err = cmp.Or(err, roleErr); err != nil {
		return nil, err
	}
	places := map[string]place{}
	names := map[string]string{}
	var found []schedule
	for i := range schedules.Entries {
		e := &schedules.Entries[i]
		switch e.Type {
		case "Location":
			p, err := fhir.View[place](e.Resource())
			if err != nil {
				return nil, err
			}
			places["Location/"+e.ID] = p
		case "Practitioner":
			p, err := fhir.View[struct{ Name []fhir.HumanName }](e.Resource())
			if err != nil {
				return nil, err
			}
			if len(p.Name) > 0 {
				names["Practitioner/"+e.ID] = p.Name[0].String()
			}
		case "Schedule":
			v, err := fhir.View[schedule](e.Resource())
			if err != nil {
				return nil, err
			}
			found = append(found, v)
		}
	}
	var all []book
	for _, v := range found {
		b := book{Schedule: "Schedule/" + v.ID, Zone: zone}
		for _, a := range v.Actor {
			switch t, _ := a.Target(); t.Type {
			case "Practitioner":
				b.Who = fhir.Reference{Reference: a.Reference, Display: cmp.Or(a.Display, names[a.Reference])}
			case "Location":
				p := places[a.Reference]
				b.Site = fhir.Reference{Reference: a.Reference, Display: cmp.Or(p.Name, a.Display)}
				b.Zone = p.zone(zone)
			}
		}
		if b.Who.Reference == "" {
			continue
		}
		for i := range roles.Entries {
			r, err := fhir.View[workRole](roles.Entries[i].Resource())
			if err != nil {
				return nil, err
			}
			if r.Practitioner.Reference == b.Who.Reference && (b.Site.Reference == "" || slices.ContainsFunc(r.Location, func(l fhir.Reference) bool { return l.Reference == b.Site.Reference })) {
				b.role = r.ID
				b.Week = append(b.Week, r.week()...)
				for _, n := range r.NotAvailable {
					b.Off = append(b.Off, n.During)
				}
			}
		}
		all = append(all, b)
	}
	slices.SortFunc(all, func(a, b book) int {
		return cmp.Or(strings.Compare(a.Who.Display, b.Who.Display), strings.Compare(a.Site.Display, b.Site.Display), strings.Compare(a.Schedule, b.Schedule))
	})
	return all, nil
}

// zone is the site's own time zone, where it names one that is known here.
func (p place) zone(other *time.Location) *time.Location {
	if e, ok := fhir.FindExtension(p.Extension, timezone); ok {
		if name, ok := fhir.ChoiceValue[string](e.Value); ok {
			if z, err := time.LoadLocation(name); err == nil && name != "" {
				return z
			}
		}
	}
	return other
}

func (r workRole) week() (out []window) {
	for _, a := range r.AvailableTime {
		w := window{From: int(a.From.SinceMidnight().Minutes()), Until: int(a.Until.SinceMidnight().Minutes())}
		if a.AllDay {
			w.From, w.Until = 0, 24*60
		}
		if w.Until <= w.From {
			continue
		}
		for _, code := range a.DaysOfWeek {
			if d := slices.Index(dayCodes, code); d >= 0 {
				w.Day = time.Weekday(d)
				out = append(out, w)
			}
		}
	}
	slices.SortFunc(out, func(a, b window) int { return cmp.Or(cmp.Compare(a.Day, b.Day), cmp.Compare(a.From, b.From)) })
	return out
}

// span is a stretch of time.
type span struct{ from, until time.Time }

func (a span) overlaps(b span) bool { return a.from.Before(b.until) && b.from.Before(a.until) }

// open are the working times of a day at the site, by its wall clock: 08:00 is 08:00 in summer and in winter.
func (b book) open(year int, month time.Month, day int) (out []span) {
	weekday := time.Date(year, month, day, 12, 0, 0, 0, time.UTC).Weekday()
	for _, w := range b.Week {
		if w.Day != weekday {
			continue
		}
		s := span{wall(year, month, day, w.From, b.Zone), wall(year, month, day, w.Until, b.Zone)}
		if !slices.ContainsFunc(b.Off, func(p fhir.Period) bool { return off(p, s, b.Zone) }) && s.from.Before(s.until) {
			out = append(out, s)
		}
	}
	return out
}

func off(p fhir.Period, s span, zone *time.Location) bool {
	from, until := p.Range(zone)
	if p.End.IsZero() {
		return !s.from.Before(from)
	}
	return s.overlaps(span{from, until})
}

// wall is the moment at which the clock of a zone shows so many minutes after midnight. Where the clocks go forward over it, it is the moment
// at which they do so.
func wall(year int, month time.Month, day, minutes int, zone *time.Location) time.Time {
	return time.Date(year, month, day, 0, minutes, 0, 0, zone)
}

// text writes hours as the form shows them: 08:00-12:00, 13:00-17:00.
func (b book) text(d time.Weekday) string {
	var parts []string
	for _, w := range b.Week {
		if w.Day == d {
			parts = append(parts, clock(w.From)+"-"+clock(w.Until))
		}
	}
	return strings.Join(parts, ", ")
}

func clock(minutes int) string { return fmt.Sprintf("%02d:%02d", minutes/60, minutes%60) }

// typedHours reads working hours as people type them: 8-12, 13:00-17:30. They are multiples of five minutes.
func typedHours(text string, day time.Weekday) (out []window, ok bool) {
	for _, part := range strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ';' }) {
		from, until, both := strings.Cut(strings.NewReplacer("–", "-", " to ", "-", " ", "").Replace(part), "-")
		w := window{Day: day}
		var a, b bool
		w.From, a = typedClock(from)
		w.Until, b = typedClock(until)
		if !both || !a || !b || w.Until <= w.From || w.From%5 != 0 || w.Until%5 != 0 {
			return nil, false
		}
		if n := len(out); n > 0 && out[n-1].Until > w.From {
			return nil, false
		}
		out = append(out, w)
	}
	return out, true
}

func typedClock(s string) (minutes int, ok bool) {
	hours, mins, _ := strings.Cut(s, ":")
	h, err := strconv.Atoi(hours)
	m := 0
	if err == nil && mins != "" {
		m, err = strconv.Atoi(mins)
	}
	return h*60 + m, err == nil && h >= 0 && m >= 0 && m < 60 && h*60+m < 24*60
}

// length writes minutes as people say them: 30 min, 1 h, 1 h 15 min.
func length(minutes int) string {
	h, m := minutes/60, minutes%60
	switch {
	case h == 0:
		return strconv.Itoa(m) + " min"
	case m == 0:
		return strconv.Itoa(h) + " h"
	}
	return strconv.Itoa(h) + " h " + strconv.Itoa(m) + " min"
}
