package riskscores

import (
	"context"
	"fmt"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/web/facts"
	"github.com/osler-ehr/osler/web/format"
	"github.com/osler-ehr/osler/workflow/riskscores/score"
)

const actCode = "http://terminology.hl7.org/CodeSystem/v3-ActCode"

// encounter is the view of an Encounter in hospital.
type encounter struct {
	ID              string
	Status          string
	Class           fhir.Coding
	Period          fhir.Period
	Priority        fhir.CodeableConcept
	Hospitalization struct {
		Admit fhir.CodeableConcept `fhir:"admitSource"`
	}
}

// stay is a stay in hospital that ended lately.
type stay struct{ from, until time.Time }

// readStays reads stays and emergency visits of the year.
func readStays(ctx context.Context, s *record.Session, patient string, now time.Time) ([]encounter, error) {
	if !s.May(access.Search, "Encounter") {
		return nil, nil
	}
	class := actCode + "|IMP," + actCode + "|ACUTE," + actCode + "|NONAC," + actCode + "|EMER"
	return facts.FindAll[encounter](ctx, s, "Encounter", patient, facts.Params("class", class, "date", "ge"+now.AddDate(-1, 0, 0).Format(time.DateOnly), "_sort", "-date", "_count", "100")...)
}

// lace answers what LACE asks of the newest discharge of the last 30 days.
func (p *person) lace(list []encounter, now time.Time) {
	zone := now.Location()
	var newest *encounter
	for i := range list {
		e := &list[i]
		if e.Status != "finished" || e.Class.Code == "EMER" || e.Period.Start.IsZero() || e.Period.End.IsZero() {
			continue
		}
		if until := e.Period.End.Time(zone); until.After(now) || until.Before(now.AddDate(0, 0, -30)) {
			continue
		}
		if newest == nil || e.Period.End.Time(zone).After(newest.Period.End.Time(zone)) {
			newest = e
		}
	}
	if newest == nil {
		p.asks["stay"] = "No discharge in the last 30 days is recorded."
		p.asks["acute"], p.asks["emergency"] = p.asks["stay"], p.asks["stay"]
		return
	}
	p.stay = &stay{newest.Period.Start.Time(zone).In(zone), newest.Period.End.Time(zone).In(zone)}
	basis := []fhir.Reference{fhir.To("Encounter", newest.ID)}
	p.facts["stay"] = known{Value: score.Value{Number: float64(nights(p.stay.from, p.stay.until))}, From: format.Date(p.stay.from) + " to " + format.Date(p.stay.until), Basis: basis}
	p.asks["acute"] = "The stay does not say how the patient came in."
	switch newest.Hospitalization.Admit.In("http://terminology.hl7.org/CodeSystem/admit-source") {
	case "emd":
		p.facts["acute"] = known{Value: score.Value{Yes: true}, From: "from the emergency department", Basis: basis}
	case "gp", "mp", "outp":
		p.asks["acute"] = "Sent by a physician: an emergency or not?"
	}
	emergencies := known{Basis: nil}
	n := 0
	for _, e := range list {
		start := e.Period.Start.Time(zone)
		switch {
		case e.Class.Code != "EMER" || e.Status == "cancelled" || e.Status == "entered-in-error" || e.Status == "planned" || e.Period.Start.IsZero():
		case start.Before(p.stay.from.AddDate(0, -6, 0)) || !start.Before(p.stay.from.AddDate(0, 0, -1)): // on the day or the one before: it led to the admission
		default:
			n++
			emergencies.Basis = append(emergencies.Basis, fhir.To("Encounter", e.ID))
		}
	}
	emergencies.Number, emergencies.From = float64(n), fmt.Sprintf("%d in this record", n)
	p.facts["emergency"] = emergencies
}

// nights are the days from one date to another.
func nights(from, until time.Time) int {
	midnight := func(t time.Time) time.Time { return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC) }
	return int(midnight(until).Sub(midnight(from)) / (24 * time.Hour))
}

// attendance is how a patient has kept appointments.
type attendance struct {
	came, missed int
	last         time.Time // the newest that was missed
}

// attendanceYears is how far back appointments count; attendanceLeast, how many it takes.
const (
	attendanceYears = 2
	attendanceLeast = 4
)

type booked struct {
	Status string
	Start  fhir.Instant
}

// readAttendance counts the appointments of two years that the patient kept and missed.
func readAttendance(ctx context.Context, s *record.Session, patient string, now time.Time) (*attendance, error) {
	if !s.May(access.Search, "Appointment") {
		return nil, nil
	}
	list, err := facts.FindAll[booked](ctx, s, "Appointment", patient, facts.Params("date", "ge"+now.AddDate(-attendanceYears, 0, 0).Format(time.DateOnly), "status", "fulfilled,noshow,arrived,checked-in", "_sort", "-date", "_count", "200")...)
	if err != nil {
		return nil, err
	}
	a := &attendance{}
	for _, b := range list {
		at := b.Start.Time()
		switch {
		case at.After(now):
		case b.Status == "noshow":
			a.missed++
			if at.After(a.last) {
				a.last = at
			}
		default:
			a.came++
		}
	}
	return a, nil
}

// result says what the appointments tell. It is the patient's own history and nothing else, which makes it clear what it rests on.
func (a *attendance) result(zone *time.Location) (text, level, meaning string, ok bool) {
	all := a.came + a.missed
	if all < attendanceLeast {
		return "", "", fmt.Sprintf("%s of the last two years came due: too few for an estimate, which takes %d.", format.Count(all, "appointment", "appointments"), attendanceLeast), false
	}
	text = fmt.Sprintf("%d of %d missed", a.missed, all)
	switch {
	case 3*a.missed >= all:
		level, meaning = "high", "A third or more. Call before the visit; ask what hinders."
	case 10*a.missed >= all:
		level, meaning = "moderate", "A tenth to a third. A reminder by telephone helps."
	default:
		level, meaning = "low", "Less than a tenth."
	}
	if a.missed > 0 {
		meaning += " The last was on " + format.Date(a.last.In(zone)) + "."
	}
	return text, level, meaning, true
}
