package facts

import (
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/web/format"
)

// When chooses the first of several dates that is stated.
func When(dates ...fhir.DateTime) fhir.DateTime {
	for _, d := range dates {
		if !d.IsZero() {
			return d
		}
	}
	return fhir.DateTime{}
}

// Day writes a date as far as it is known: 14-Jul-1968, Jul-1968, 1968; nothing where there is none.
func Day(d fhir.DateTime, zone *time.Location) string {
	if d.IsZero() {
		return ""
	}
	return format.FHIRDate(d.String(), zone)
}

// Moment is Day with the time of day where one is stated.
func Moment(d fhir.DateTime, zone *time.Location) string {
	if d.IsZero() {
		return ""
	}
	return format.FHIRDateTime(d.String(), zone)
}

// Partial is a date as ages and birth dates need it.
func Partial(d fhir.Date, zone *time.Location) format.Partial {
	p, _ := format.Parse(d.String(), zone) // an absent date parses to the zero Partial
	return p
}
