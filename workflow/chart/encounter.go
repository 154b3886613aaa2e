package chart

import (
	"strings"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/web/clinical"
	"github.com/osler-ehr/osler/web/facts"
	"github.com/osler-ehr/osler/web/format"
)

// encounter is the view of an Encounter.
type encounter struct {
	ID          string
	Status      string
	Class       fhir.Coding
	Type        []fhir.CodeableConcept
	Reason      []fhir.CodeableConcept `fhir:"reasonCode"`
	Period      fhir.Period
	Participant []struct {
		Type       []fhir.CodeableConcept
		Individual fhir.Reference
	}
	Location []struct {
		Location fhir.Reference
		Status   string
	}
	ServiceProvider fhir.Reference
}

// shown reports whether the encounter took place or takes place.
func (e encounter) shown() bool {
	switch e.Status {
	case "entered-in-error", "cancelled", "planned":
		return false
	}
	return true
}

// visit makes the entry of the timeline.
func (e encounter) visit(now time.Time) clinical.Visit {
	zone := now.Location()
	start := e.Period.Start.Time(zone).In(zone)
	v := clinical.Visit{ID: "visit-" + e.ID, Title: e.title(), Meta: e.meta(), State: e.state()}
	v.Date, v.Sub = when(e.Period.Start, now)
	v.Now = v.State != "" && format.Date(start) == format.Date(now)
	return v
}

// when writes a moment for the date rail: the date, and below it today's time or the day of the week.
func when(at fhir.DateTime, now time.Time) (date, sub string) {
	if at.IsZero() {
		return "Date not known", ""
	}
	zone := now.Location()
	t := at.Time(zone).In(zone)
	date = facts.Day(at, zone)
	switch {
	case at.HasTime() && format.Date(t) == format.Date(now):
		return date, "Today, " + format.Time(t)
	case at.Precision() >= fhir.Day:
		return date, format.Weekday(t)
	}
	return date, ""
}

// title is why the patient came, else what kind of visit it was.
func (e encounter) title() string {
	if s := facts.First(e.Reason); s != "" {
		return s
	}
	if s := facts.First(e.Type); s != "" {
		return s
	}
	if e.Class.Display != "" {
		return strings.ToUpper(e.Class.Display[:1]) + e.Class.Display[1:] + " visit"
	}
	return "Visit"
}

// meta is who saw the patient, and the kind of visit where the title does not say it.
func (e encounter) meta() string {
	var parts []string
	if kind := facts.First(e.Type); kind != "" && kind != e.title() {
		parts = append(parts, kind)
	}
	if who := e.clinician(); who != "" {
		parts = append(parts, who)
	} else if e.ServiceProvider.Display != "" {
		parts = append(parts, e.ServiceProvider.Display)
	}
	return strings.Join(parts, ", ")
}

// clinician is the primary performer, else the first participant with a name.
func (e encounter) clinician() string {
	for _, p := range e.Participant {
		for _, t := range p.Type {
			if t.In("http://terminology.hl7.org/CodeSystem/v3-ParticipationType") == "PPRF" {
				return p.Individual.Display
			}
		}
	}
	for _, p := range e.Participant {
		if p.Individual.Display != "" {
			return p.Individual.Display
		}
	}
	return ""
}

// state says where an open visit stands: In room 3, Arrived.
func (e encounter) state() string {
	switch e.Status {
	case "arrived":
		return "Arrived"
	case "triaged":
		return e.inRoom("Roomed")
	case "in-progress", "onleave":
		return e.inRoom("In progress")
	}
	return ""
}

func (e encounter) inRoom(otherwise string) string {
	for _, l := range e.Location {
		if l.Status == "active" && l.Location.Display != "" {
			return "In " + strings.ToLower(l.Location.Display[:1]) + l.Location.Display[1:]
		}
	}
	return otherwise
}
