package charting

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/web/facts"
)

// encounter is the view of an Encounter as this feature reads and writes it.
type encounter struct {
	ID          string
	Identifier  []fhir.Identifier
	Status      string
	Class       fhir.Coding
	Type        []fhir.CodeableConcept
	Subject     fhir.Reference
	Participant []participant
	Appointment []fhir.Reference
	Period      fhir.Period
	Reason      []fhir.CodeableConcept `fhir:"reasonCode"`
	Diagnosis   []diagnosisOf
}

type participant struct {
	Type       []fhir.CodeableConcept
	Individual fhir.Reference
}

type diagnosisOf struct {
	Condition fhir.Reference
	Rank      int
}

const (
	actCode       = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
	participation = "http://terminology.hl7.org/CodeSystem/v3-ParticipationType"
)

// open reports whether a visit has not ended.
func (e encounter) open() bool {
	return slices.Contains([]string{"planned", "arrived", "triaged", "in-progress", "onleave"}, e.Status)
}

// attended adds who sees the patient, once.
func (e *encounter) attended(by fhir.Reference) {
	if by.Reference == "" || slices.ContainsFunc(e.Participant, func(p participant) bool { return p.Individual.Reference == by.Reference }) {
		return
	}
	e.Participant = append(e.Participant, participant{Type: []fhir.CodeableConcept{fhir.Concept(participation, "PPRF", "primary performer")}, Individual: by})
}

// appointment is the view of an Appointment.
type appointment struct {
	ID          string
	Status      string
	Service     []fhir.CodeableConcept `fhir:"serviceType"`
	Kind        fhir.CodeableConcept   `fhir:"appointmentType"`
	Reason      []fhir.CodeableConcept `fhir:"reasonCode"`
	Description string
	Start       fhir.Instant
}

func (a appointment) words() string {
	all := []string{a.Description, facts.First(a.Service), facts.Concept(a.Kind), facts.First(a.Reason)}
	return strings.Join(all, " ")
}

func (a appointment) title() string {
	for _, s := range []string{facts.First(a.Reason), a.Description, facts.First(a.Service), facts.Concept(a.Kind)} {
		if s != "" {
			return s
		}
	}
	return ""
}

// today is what is known of the visit that is about to begin.
type today struct {
	visit       *encounter   // open and of today; nil if there is none yet
	appointment *appointment // of today and not yet over; nil if there is none
	drafts      []composition
	specialties []string       // that the person works in
	used        map[string]int // how often the person used each template lately
}

// readToday finds the visit of today, the appointment it comes from, and notes that are not signed.
func readToday(ctx context.Context, s *record.Session, patient string, now time.Time) (today, error) {
	var t today
	var encounters []encounter
	var booked []appointment
	var errs [4]error
	day, next := now.Format("2006-01-02"), now.AddDate(0, 0, 1).Format("2006-01-02")
	facts.Together(
		func() {
			encounters, errs[0] = facts.FindAll[encounter](ctx, s, "Encounter", patient, facts.Params("date", "ge"+day, "_sort", "-date", "_count", "20")...)
		},
		func() {
			if s.May(access.Search, "Appointment") {
				booked, errs[1] = facts.FindAll[appointment](ctx, s, "Appointment", patient, facts.Params("date", "ge"+day, "date", "lt"+next, "_sort", "date", "_count", "20")...)
			}
		},
		func() { t.drafts, errs[2] = readDrafts(ctx, s, patient) },
		func() { t.specialties, errs[3] = readSpecialties(ctx, s) },
	)
	for _, err := range errs {
		if err != nil {
			return t, err
		}
	}
	for i, e := range encounters {
		if e.open() && e.Period.Start.Time(now.Location()).Before(now.AddDate(0, 0, 1)) {
			t.visit = &encounters[i]
			break
		}
	}
	for i, a := range booked {
		if slices.Contains([]string{"booked", "arrived", "checked-in", "pending"}, a.Status) {
			t.appointment = &booked[i]
			break
		}
	}
	return t, nil
}

// readDrafts finds the notes of a patient that are not signed, newest first.
func readDrafts(ctx context.Context, s *record.Session, patient string) ([]composition, error) {
	all, err := facts.FindAll[composition](ctx, s, "Composition", patient, facts.Params("status", preliminary, "_sort", "-date", "_count", "20")...)
	return slices.DeleteFunc(all, func(c composition) bool { return c.Status != preliminary || c.said(templateOf) == "" }), err
}

// readSpecialties is what the roles of whoever is signed in say of the specialty.
func readSpecialties(ctx context.Context, s *record.Session) (out []string, err error) {
	who := facts.Author(ctx).Reference
	if who == "" || !s.May(access.Search, "PractitionerRole") {
		return nil, nil
	}
	page, err := s.Search(ctx, record.Query{Type: "PractitionerRole", Strict: true, Params: facts.Params("practitioner", who, "active", "true", "_count", "20")})
	if err != nil {
		return nil, err
	}
	for i := range page.Entries {
		role, err := fhir.View[struct{ Specialty []fhir.CodeableConcept }](page.Entries[i].Resource())
		if err != nil {
			return nil, err
		}
		for _, c := range role.Specialty {
			out = append(out, facts.Concept(c))
		}
	}
	return out, nil
}
