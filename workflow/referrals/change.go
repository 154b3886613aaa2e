package referrals

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/web"
	"github.com/osler-ehr/osler/web/facts"
	"github.com/osler-ehr/osler/web/format"
)

// change is a step as somebody takes it.
type change struct {
	*desk
	step     step
	form     *web.Form
	author   fhir.Reference
	now      time.Time
	priority string
	duty     facts.Duty
}

// apply writes the step into the Task, and notes in the form what is wrong.
func (c change) apply(t *facts.Task) {
	f, now := c.form, c.now
	note := f.Text("note")
	if c.step.asks&asksWhy != 0 {
		f.Need("note", "Say why: it stays in the record.")
	}
	when := c.day()
	due := expected(c.step.to, c.priority, now)
	said := c.step.label
	switch {
	case c.step.do == noting.do:
		said = ""
	case c.step.asks&asksHow != 0:
		how, ok := wayWords(f.Text("how"))
		if !ok {
			f.Wrong("how", "Choose how it was done.")
		}
		f.Need("to", "Say to whom: the name of the office or the person.")
		said += ": " + strings.ToLower(how[:min(1, len(how))]) + how[min(1, len(how)):] + ", to " + f.Text("to")
		t.Output = append(t.Output, facts.Part(c.step.do+" by", fhir.ChoiceOf(how)), facts.Part(c.step.do+" to", fhir.ChoiceOf(f.Text("to"))))
	}
	if !when.IsZero() {
		t.Output = append(t.Output, facts.Part(c.step.do, fhir.ChoiceOf(when)))
		word := " on "
		if c.step.early {
			word = " for "
			due = when.Time(now.Location())
		}
		if !facts.SameDay(when, fhir.DateTimeOf(now, fhir.Second), now.Location()) || c.step.early {
			said += word + facts.Moment(when, now.Location())
		}
	}
	if text := f.Text("due"); text != "" {
		day, ok := typedDue(text, now)
		if !ok && text != dayText(t.Due(now.Location())) { // a day that is over stays as it is while nobody touches it
			f.Wrong("due", "Not a day to come. Write it as today, 1 week, in 3 months, or 14-Dec-2026.")
		}
		if ok {
			due = day
		}
		if ok || c.step.do != noting.do {
			t.Restriction.Period.End = fhir.DateTimeOf(due, fhir.Day)
		}
	} else if c.step.do != noting.do && c.step.to.open() {
		t.Restriction.Period.End = fhir.DateTimeOf(due, fhir.Day)
	}
	if c.step.do != noting.do {
		held := t.Status == "on-hold" && t.Kind() != facts.ReferralInTask // the order is: no step takes it off hold
		t.Business, t.Status = c.step.to.concept(), "in-progress"
		if held {
			t.Status = "on-hold"
		}
		switch c.step.to {
		case Closed:
			t.Status, t.Execution.End = "completed", fhir.DateTimeOf(now, fhir.Second)
		case Cancelled:
			t.Status, t.StatusReason = "cancelled", fhir.CodeableConcept{Text: note}
		}
		t.Say(c.author, now, strings.TrimSpace(said+". "+note))
	} else if note != "" {
		t.Say(c.author, now, note)
	}
	if to := f.Text("owner"); to != ownerValue(*t) && (f.Has("owner") || to != "") {
		label, ok := c.duty.OwnerName(to)
		if !ok {
			f.Wrong("owner", "Choose somebody who works here.")
			return
		}
		t.Give(to, label)
		t.Say(c.author, now, "Given to "+label+".")
	}
	t.Modified = fhir.DateTimeOf(now, fhir.Second)
}

// day reads when the step was, or will be.
func (c change) day() fhir.DateTime {
	if c.step.asks&asksDay == 0 {
		return fhir.DateTime{}
	}
	f := c.form
	f.Need("day", "Say on which day.")
	if !c.step.early {
		return facts.PastDate(f, "day", c.now)
	}
	text := f.Text("day")
	if text == "" {
		return fhir.DateTime{}
	}
	day, ok := typedDue(text, c.now)
	if !ok {
		f.Wrong("day", "Not a day to come. Write it as 14-Dec-2026, or in 3 weeks.")
		return fhir.DateTime{}
	}
	if clock := f.Text("time"); clock != "" {
		t, err := time.Parse("15:04", clock)
		if err != nil {
			f.Wrong("time", "Not a time. Write it as 14:30.")
			return fhir.DateTime{}
		}
		// By the clock on the wall: on a day on which the clocks change, that is not so many hours after midnight.
		return fhir.DateTimeOf(time.Date(day.Year(), day.Month(), day.Day(), t.Hour(), t.Minute(), 0, 0, day.Location()), fhir.Second)
	}
	return fhir.DateTimeOf(day, fhir.Day)
}

var span = regexp.MustCompile(`^(?:in )?(\d{1,3}|a|one) ?(d|days?|w|weeks?|m|mo|months?)$`)

// typedDue reads a day to come: "today", "in 1 week", "2 months", or a date as it is typed elsewhere. ok is false for what
// is none of these, and for a day that is over.
func typedDue(text string, now time.Time) (day time.Time, ok bool) {
	s := strings.ToLower(strings.TrimSpace(text))
	today := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, now.Location())
	if m := span.FindStringSubmatch(s); m != nil {
		n, err := strconv.Atoi(m[1])
		if err != nil {
			n = 1
		}
		switch m[2][0] {
		case 'd':
			return today.AddDate(0, 0, n), true
		case 'w':
			return today.AddDate(0, 0, 7*n), true
		}
		return today.AddDate(0, n, 0), true
	}
	iso, ok := format.TypedDate(s, now)
	if !ok {
		return time.Time{}, false
	}
	day, err := time.ParseInLocation(time.DateOnly, iso, now.Location())
	return day, err == nil && !day.Before(today)
}

// dueWords writes until when the next step is expected, and whether that is over.
func dueWords(due, now time.Time) (text string, late bool) {
	if due.IsZero() {
		return "no due day", false
	}
	if now.Before(due) {
		return "due " + dayText(due), false
	}
	return "was due " + dayText(due), true
}

// dayText is the last day of a due time: a day ends where the next begins.
func dayText(due time.Time) string {
	if due.IsZero() {
		return ""
	}
	return format.Date(due.Add(-time.Second))
}

// ownerValue is who answers for a Task, as a value of the field.
func ownerValue(t facts.Task) string {
	if t.Owner.Reference == "" && t.Pool() != "" {
		return "pool:" + t.Pool()
	}
	return t.Owner.Reference
}

// ownerWords says who answers for a Task now: whoever stands in for the owner, or everybody where nobody does.
func ownerWords(d facts.Duty, t facts.Task) string {
	ref := t.Owner.Reference
	if ref == "" {
		return facts.PoolName(t.Pool())
	}
	name := d.Name(ref)
	if name == "" {
		name = t.Owner.Display
	}
	switch who := d.Answers(ref); {
	case who == "" && d.Works(ref):
		return "Everybody: " + name + " is away and nobody stands in"
	case who == "":
		return "Everybody: " + strings.TrimSpace(name+" cannot sign in")
	case who != ref:
		return d.Name(who) + " for " + name
	}
	return name
}

// dayOf is the last day that was noted for a step.
func dayOf(t facts.Task, kind string, zone *time.Location) string {
	made := t.Made(kind)
	for i := len(made) - 1; i >= 0; i-- {
		if d, ok := fhir.ChoiceValue[fhir.DateTime](made[i].Value); ok {
			return facts.Moment(d, zone)
		}
	}
	return ""
}
