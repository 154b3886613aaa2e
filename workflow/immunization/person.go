package immunization

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/terms/tables"
	"github.com/osler-ehr/osler/web/facts"
	"github.com/osler-ehr/osler/workflow/immunization/forecast"
)

// person is what the record says of a patient that matters for vaccines.
type person struct {
	Patient       patient
	Immunizations []immunization
	Conditions    []condition
	Allergies     []facts.Allergy
	Procedures    []procedure
	Findings      []finding
	// Unread are types that this session may not read: the forecast is made without them, and says so.
	Unread []string
}

// patient is the view of a Patient.
type patient struct {
	ID        string
	Birth     fhir.Date `fhir:"birthDate"`
	Gender    string
	Deceased  fhir.Choice `fhir:"deceased[x]"`
	Extension []fhir.Extension
}

// condition is the view of a Condition.
type condition struct {
	Clinical     fhir.CodeableConcept `fhir:"clinicalStatus"`
	Verification fhir.CodeableConcept `fhir:"verificationStatus"`
	Code         fhir.CodeableConcept
	Onset        fhir.Choice   `fhir:"onset[x]"`
	Recorded     fhir.DateTime `fhir:"recordedDate"`
}

// procedure is the view of a Procedure.
type procedure struct {
	Status    string
	Code      fhir.CodeableConcept
	Performed fhir.Choice `fhir:"performed[x]"`
}

// finding is the view of an Observation that says something of a patient's state: pregnancy, smoking.
type finding struct {
	Status    string
	Code      fhir.CodeableConcept
	Effective fhir.Choice `fhir:"effective[x]"`
	Value     fhir.Choice `fhir:"value[x]"`
}

// gather reads a person. The patient and the immunizations must be readable; of the rest, what this session may not see
// is left out and named.
func gather(ctx context.Context, s *record.Session, id string) (person, error) {
	var p person
	var mu sync.Mutex
	var first error
	fail := func(typ string, err error) {
		mu.Lock()
		defer mu.Unlock()
		switch {
		case err == nil:
		case typ != "" && record.KindOf(err) == record.KindForbidden:
			p.Unread = append(p.Unread, typ)
		case first == nil:
			first = err
		}
	}
	facts.Together(
		func() {
			v, err := s.Read(ctx, "Patient", id)
			if err == nil {
				p.Patient, err = fhir.View[patient](v.Resource())
			}
			fail("", err)
		},
		func() {
			var err error
			p.Immunizations, err = facts.FindAll[immunization](ctx, s, "Immunization", id, facts.Params("_count", "500")...)
			fail("", err)
		},
		func() {
			var err error
			p.Conditions, err = facts.FindAll[condition](ctx, s, "Condition", id, facts.Params("_count", "500")...)
			fail("conditions", err)
		},
		func() {
			var err error
			p.Allergies, err = facts.FindAll[facts.Allergy](ctx, s, "AllergyIntolerance", id, facts.Params("_count", "200")...)
			fail("allergies", err)
		},
		func() {
			var err error
			p.Procedures, err = facts.FindAll[procedure](ctx, s, "Procedure", id, facts.Params("status", "completed", "_count", "500")...)
			fail("procedures", err)
		},
		func() {
			var err error
			p.Findings, err = facts.Find[finding](ctx, s, "Observation", id, facts.Params("code", pregnancyStatus+","+smokingStatus, "_sort", "-date", "_count", "20")...)
			fail("observations", err)
		},
	)
	slices.Sort(p.Unread)
	return p, first
}

// LOINC codes of findings that are read.
const (
	pregnancyStatus = "http://loinc.org|82810-3"
	smokingStatus   = "http://loinc.org|72166-2"
)

// uncounted is an immunization that cannot be evaluated, and why.
type uncounted struct {
	immunization
	why string
}

// input is a person as the forecast takes it. What cannot be evaluated comes back with its reason.
func (p person) input(on forecast.Date, zone *time.Location) (forecast.Patient, []uncounted) {
	if p.Patient.gone() {
		return forecast.Patient{}, nil
	}
	out := forecast.Patient{Birth: wholeDate(p.Patient.Birth), Gender: forecast.Gender(p.Patient.Gender), BirthCountry: p.Patient.country()}
	var left []uncounted
	for _, i := range p.Immunizations {
		if i.Status != "completed" {
			continue
		}
		if d, why := i.dose(zone); why == "" {
			out.Doses = append(out.Doses, d)
		} else {
			left = append(left, uncounted{i, why})
		}
	}
	out.Observations = p.observations(out, on, zone)
	return out, left
}

// gone reports whether the patient has died.
func (p patient) gone() bool {
	dead, isFlag := fhir.ChoiceValue[bool](p.Deceased)
	return p.Deceased.Type() != "" && (!isFlag || dead)
}

// country is "U.S." for those whose place of birth is recorded to be there, for that is how the supporting data write it.
func (p patient) country() string {
	e, ok := fhir.FindExtension(p.Extension, "http://hl7.org/fhir/StructureDefinition/patient-birthPlace")
	if !ok {
		return ""
	}
	a, _ := fhir.ChoiceValue[fhir.Address](e.Value)
	switch strings.ToUpper(strings.ReplaceAll(a.Country, ".", "")) {
	case "US", "USA", "UNITED STATES", "UNITED STATES OF AMERICA":
		return "U.S."
	}
	return a.Country
}

// Code systems of vaccines.
const (
	cvx = "http://hl7.org/fhir/sid/cvx"
	mvx = "http://hl7.org/fhir/sid/mvx"
	ndc = "http://hl7.org/fhir/sid/ndc"
)

// dose is the immunization as a dose, or why it cannot be evaluated.
func (i immunization) dose(zone *time.Location) (forecast.Dose, string) {
	at, _ := i.on()
	switch code := i.code(); {
	case code == "":
		return forecast.Dose{}, "the vaccine has no CVX code"
	case at.IsZero() || at.Precision() < fhir.Day:
		return forecast.Dose{}, "the day is not known"
	default:
		d := forecast.Dose{ID: i.ID, CVX: code, Given: forecast.DateOf(at.Time(zone).In(zone)), Flawed: i.Subpotent, LotExpires: lastDay(i.Expires)}
		if m := i.Manufacturer.Identifier; m != nil && m.System == mvx {
			d.MVX = m.Value
		}
		if i.Volume.Code == "mL" || i.Volume.Unit == "mL" {
			d.Volume = i.Volume.Value.Float64()
		}
		return d, ""
	}
}

// code is the CVX code of the vaccine: its own, or that of its package.
func (i immunization) code() string {
	if code := i.Vaccine.In(cvx); code != "" {
		if len(code) == 1 {
			code = "0" + code
		}
		return code
	}
	if code := strings.ReplaceAll(i.Vaccine.In(ndc), "-", ""); code != "" {
		return packages()[code]
	}
	return ""
}

// packages are the CVX codes of vaccines' package codes, without hyphens.
var packages = sync.OnceValue(func() map[string]string {
	out := map[string]string{}
	for _, p := range tables.Packages() {
		out[strings.ReplaceAll(p.NDC, "-", "")] = p.CVX
	}
	return out
})

// wholeDate is a day that is wholly known; no date otherwise.
func wholeDate(d fhir.Date) forecast.Date {
	out, err := forecast.ParseDate(d.String())
	if err != nil {
		return 0
	}
	return out
}

// lastDay is the last day of a date that may know no more than the month, as lots do.
func lastDay(d fhir.Date) forecast.Date {
	if d.IsZero() {
		return 0
	}
	_, end := d.Range(time.UTC)
	return forecast.DateOf(end.Add(-time.Second))
}

// dayOf is the day of a choice of dates, or 0.
func dayOf(c fhir.Choice, zone *time.Location) forecast.Date {
	switch v := c.Value().(type) {
	case fhir.DateTime:
		if !v.IsZero() {
			return forecast.DateOf(v.Time(zone).In(zone))
		}
	case fhir.Period:
		if !v.Start.IsZero() {
			return forecast.DateOf(v.Start.Time(zone).In(zone))
		}
	}
	return 0
}
