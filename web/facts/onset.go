package facts

import (
	"cmp"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/web"
	"github.com/osler-ehr/osler/web/format"
)

// OnsetText is how a form shows since when something holds: a date as exactly as it is known, in a form that can be typed
// again, or what another system recorded instead: an age, words. "" if nothing is recorded.
func OnsetText(c fhir.Choice, zone *time.Location) string {
	date := func(d fhir.DateTime) string {
		if d.IsZero() {
			return ""
		}
		return format.FHIRDate(d.String(), zone)
	}
	switch v := c.Value().(type) {
	case fhir.DateTime:
		return date(v)
	case fhir.Period:
		return date(v.Start)
	case fhir.Quantity:
		return AtAge(v)
	case string:
		return v
	}
	return ""
}

// AtAge is an age at which something began: at 6 mo. An age without a unit is one of years.
func AtAge(q fhir.Quantity) string {
	unit := cmp.Or(q.Code, q.Unit, "a")
	if unit == "a" {
		unit = "y"
	}
	return "at " + format.DoseNumber(q.Value.String()) + " " + unit
}

// Onset is since when something holds, by a field of a form. It stays as it was recorded while the field says the same;
// what is no date, or lies in the future, is wrong.
func Onset(f *web.Form, name string, was fhir.Choice, now time.Time) fhir.Choice {
	if f.Text(name) == OnsetText(was, now.Location()) {
		return was
	}
	d := PastDate(f, name, now)
	if d.IsZero() {
		return fhir.Choice{}
	}
	return fhir.ChoiceOf(d)
}

// PastDate reads a field with a date as people type one; what is none, or lies in the future, is wrong. Zero if the field is empty or wrong.
func PastDate(f *web.Form, name string, now time.Time) fhir.DateTime {
	text := f.Text(name)
	if text == "" {
		return fhir.DateTime{}
	}
	iso, ok := format.TypedDate(text, now)
	d, err := fhir.ParseDateTime(iso)
	switch {
	case !ok || err != nil:
		f.Wrong(name, "Not a date. Write it as exactly as it is known: 2014, Mar 2014, 14-Mar-2014, or y-10 for ten years ago.")
		return fhir.DateTime{}
	case d.Time(now.Location()).After(now):
		f.Wrong(name, "This lies in the future: "+format.FHIRDate(iso, now.Location())+".")
		return fhir.DateTime{}
	}
	return d
}
