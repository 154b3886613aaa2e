package prescribing

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/osler-ehr/osler/drugs"
	"github.com/osler-ehr/osler/drugs/kidney"
	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/web/clinical"
	"github.com/osler-ehr/osler/web/facts"
	"github.com/osler-ehr/osler/workflow/prescribing/safety"
)

// Codes of LOINC by which the checks find what they need.
const (
	weightCodes    = "http://loinc.org|29463-7,http://loinc.org|3141-9,http://loinc.org|8335-2"
	pregnancyCodes = "http://loinc.org|82810-3,http://loinc.org|11449-6"
)

// mostDocuments is how many of one kind are read; more are said to be unread.
const mostDocuments = 1000

// readDocuments reads what the safety checks look at. What cannot be read keeps nothing else from being read; it is named.
func readDocuments(ctx context.Context, s *record.Session, patient string) documents {
	d := documents{unread: map[safety.Check][]string{}, medications: map[string]*fhir.Resource{}}
	var mu sync.Mutex
	missing := func(text string, checks []safety.Check) {
		mu.Lock()
		defer mu.Unlock()
		for _, c := range checks {
			d.unread[c] = append(d.unread[c], text)
		}
	}
	read := func(into *[]*fhir.Resource, what, typ string, most int, checks []safety.Check, params ...string) func() {
		return func() {
			docs, whole, err := find(ctx, s, typ, patient, most, params...)
			switch {
			case err != nil:
				missing("The "+what+" could not be read.", checks)
			case !whole:
				missing("There are more "+what+" than could be read.", checks)
			}
			*into = docs
		}
	}
	newest := []string{"_sort", "-date"}
	together := []safety.Check{safety.Interactions, safety.Duplicates, safety.Dose}
	facts.Together(
		func() {
			v, err := s.Read(ctx, "Patient", patient)
			if err != nil {
				missing("Birth date and sex could not be read.", []safety.Check{safety.Dose, safety.Kidneys, safety.Pregnancy, safety.Age})
				return
			}
			d.patient = v.Resource()
		},
		read(&d.allergies, "allergies", "AllergyIntolerance", mostDocuments, []safety.Check{safety.Allergies}),
		read(&d.requests, "prescriptions", "MedicationRequest", mostDocuments, together, "status", "active,on-hold,unknown"),
		read(&d.statements, "medicines that the patient reported", "MedicationStatement", mostDocuments, together, "status", "active,on-hold,intended,unknown"),
		read(&d.conditions, "problems", "Condition", mostDocuments, []safety.Check{safety.Conditions, safety.Pregnancy}),
		read(&d.weights, "weights", "Observation", 0, []safety.Check{safety.Dose, safety.Kidneys}, append(newest, "code", weightCodes)...),
		read(&d.filtration, "values of eGFR", "Observation", 0, []safety.Check{safety.Kidneys}, append(newest, "code", kidney.FiltrationCodes)...),
		read(&d.creatinine, "values of creatinine", "Observation", 0, []safety.Check{safety.Kidneys}, append(newest, "code", kidney.CreatinineCodes)...),
		read(&d.pregnancy, "pregnancy statuses", "Observation", 0, []safety.Check{safety.Pregnancy}, append(newest, "code", pregnancyCodes)...),
	)
	d.readMedications(ctx, s)
	return d
}

// find reads resources about a patient, page after page, up to most of them; 0 reads the first ten. whole is false when there are more.
func find(ctx context.Context, s *record.Session, typ, patient string, most int, params ...string) (docs []*fhir.Resource, whole bool, err error) {
	if !s.May(access.Search, typ) {
		return nil, false, errors.New("this role may not read them")
	}
	count := "200"
	if most == 0 {
		count = "10"
	}
	q := facts.Of(typ, patient, facts.Params(append(params, "_count", count)...)...)
	cursor := ""
	for {
		page, err := facts.Page(ctx, s, q, patient, cursor)
		if err != nil {
			return docs, false, err
		}
		for i := range page.Entries {
			docs = append(docs, page.Entries[i].Resource())
		}
		if page.Next == "" || most == 0 {
			return docs, true, nil
		}
		if len(docs) >= most {
			return docs, false, nil
		}
		cursor = page.Next
	}
}

// readMedications reads the Medication resources that requests and statements refer to. One that cannot be read leaves its medicine
// unknown, which the checks say.
func (d *documents) readMedications(ctx context.Context, s *record.Session) {
	wanted := map[string]bool{}
	for _, list := range [][]*fhir.Resource{d.requests, d.statements} {
		for _, doc := range list {
			if t, ok := fhir.ParseReference(doc.Get("medicationReference").Get("reference").Text()); ok && t.Type == "Medication" && t.ID != "" {
				wanted[t.ID] = true
			}
		}
	}
	var mu sync.Mutex
	var reads []func()
	for id := range wanted {
		reads = append(reads, func() {
			if v, err := s.Read(ctx, "Medication", id); err == nil {
				mu.Lock()
				defer mu.Unlock()
				d.medications[id] = v.Resource()
			}
		})
	}
	facts.Together(reads...)
}

// Snapshot is what a session may see of a patient, for the safety checks.
func Snapshot(ctx context.Context, s *record.Session, patient string, medicines *drugs.Library, now time.Time) safety.Patient {
	return readDocuments(ctx, s, patient).snapshot(medicines, now)
}

// allergyState says what a list of allergies means that may be empty.
func allergyState(standing int, unread bool, state clinical.AllergyState) safety.AllergyState {
	switch {
	case standing > 0:
		return safety.Known
	case unread:
		return safety.Unavailable
	case state == clinical.NoKnownAllergies:
		return safety.NoneKnown
	}
	return safety.NotRecorded
}
