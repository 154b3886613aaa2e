package ordering

import (
	"context"
	"strings"
	"sync"
	"time"

	"github.com/osler-ehr/osler/drugs"
	"github.com/osler-ehr/osler/drugs/kidney"
	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/web/clinical"
	"github.com/osler-ehr/osler/web/facts"
	"github.com/osler-ehr/osler/workflow/ordering/imaging"
)

// Codes of LOINC by which the checks of imaging find what they need.
const (
	pregnancyCodes = "http://loinc.org|82810-3,http://loinc.org|11449-6"
	pregnancyTests = "http://loinc.org|2106-3,http://loinc.org|2118-8,http://loinc.org|80384-1,http://loinc.org|2110-5,http://loinc.org|21198-7,http://loinc.org|19080-1,http://loinc.org|2119-6"
	implantSection = "46264-8"
)

// pictured is what of a record the checks of imaging look at.
type pictured struct {
	patient                            *fhir.Resource
	conditions, procedures             []*fhir.Resource
	filtration, creatinine, status     []*fhir.Resource // Observations, newest first
	tests                              []*fhir.Resource
	allergies, devices                 []*fhir.Resource
	medicines, medications, statements []*fhir.Resource
	noImplants                         *facts.NilKnown
	unread                             map[imaging.Check][]string
}

// readPictured reads what the checks of imaging look at. What cannot be read keeps nothing else from being read; it is named.
func readPictured(ctx context.Context, s *record.Session, patient string) *pictured {
	d := &pictured{unread: map[imaging.Check][]string{}}
	var mu sync.Mutex
	missing := func(text string, checks ...imaging.Check) {
		mu.Lock()
		defer mu.Unlock()
		for _, c := range checks {
			d.unread[c] = append(d.unread[c], text)
		}
	}
	read := func(into *[]*fhir.Resource, what, typ string, most int, checks []imaging.Check, params ...string) func() {
		return func() {
			var docs []*fhir.Resource
			enough := false
			if !s.May(access.Search, typ) {
				missing("The "+what+" could not be read: this role may not see them.", checks...)
				return
			}
			err := facts.Each(ctx, s, facts.Of(typ, patient, facts.Params(append(params, "_count", "100")...)...), func(e *record.Entry) error {
				if len(docs) == most {
					enough = true
					return facts.ErrEnough
				}
				docs = append(docs, e.Resource())
				return nil
			})
			switch {
			case err != nil:
				missing("The "+what+" could not be read.", checks...)
			case enough && most >= mostRead:
				missing("There are more "+what+" than could be read.", checks...)
			}
			*into = docs
		}
	}
	kidneys, pregnancy := []imaging.Check{imaging.Kidneys, imaging.Metformin}, []imaging.Check{imaging.Pregnancy}
	newest := func(codes string) []string { return []string{"_sort", "-date", "code", codes} }
	facts.Together(
		func() {
			v, err := s.Read(ctx, "Patient", patient)
			if err != nil {
				missing("Birth date and sex could not be read.", imaging.Pregnancy, imaging.Kidneys)
				return
			}
			d.patient = v.Resource()
		},
		read(&d.conditions, "problems", "Condition", mostRead, []imaging.Check{imaging.Pregnancy, imaging.Kidneys, imaging.Metformin, imaging.Implants}),
		read(&d.procedures, "procedures", "Procedure", mostRead, []imaging.Check{imaging.Pregnancy, imaging.Implants}),
		read(&d.filtration, "values of eGFR", "Observation", 10, kidneys, newest(kidney.FiltrationCodes)...),
		read(&d.creatinine, "values of creatinine", "Observation", 10, kidneys, newest(kidney.CreatinineCodes)...),
		read(&d.status, "pregnancy statuses", "Observation", 10, pregnancy, newest(pregnancyCodes)...),
		read(&d.tests, "pregnancy tests", "Observation", 10, pregnancy, newest(pregnancyTests)...),
		read(&d.allergies, "allergies", "AllergyIntolerance", mostRead, []imaging.Check{imaging.ContrastAllergy}),
		read(&d.devices, "devices", "Device", mostRead, []imaging.Check{imaging.Implants}),
		read(&d.medicines, "prescriptions", "MedicationRequest", mostRead, []imaging.Check{imaging.Metformin}, "status", "active,on-hold,unknown"),
		read(&d.statements, "medicines that the patient reported", "MedicationStatement", mostRead, []imaging.Check{imaging.Metformin}, "status", "active,on-hold,intended,unknown"),
		func() {
			none, err := facts.ReadNilKnown(ctx, s, patient, implantSection)
			if err != nil {
				missing("Whether there are implants could not be read.", imaging.Implants)
			}
			d.noImplants = none
		},
	)
	d.readMedications(ctx, s)
	return d
}

// mostRead is how many of one kind are read; more are said to be unread.
const mostRead = 1000

// readMedications reads the Medication resources that prescriptions refer to. One that cannot be read leaves a medicine unknown, which
// is said.
func (d *pictured) readMedications(ctx context.Context, s *record.Session) {
	wanted := map[string]bool{}
	for _, list := range [][]*fhir.Resource{d.medicines, d.statements} {
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
				d.medications = append(d.medications, v.Resource())
			}
		})
	}
	facts.Together(reads...)
}

// snapshot is what the documents say of the patient.
func (d *pictured) snapshot(library *drugs.Library, now time.Time) imaging.Patient {
	r := picturing{d: d, p: imaging.Patient{Now: now, Unread: d.unread}, library: library}
	r.person()
	r.problems()
	r.procedures()
	r.pregnancy()
	r.kidneys()
	r.allergies()
	r.medicines()
	r.devices()
	return r.p
}

// picturing turns documents into a snapshot.
type picturing struct {
	d       *pictured
	p       imaging.Patient
	library *drugs.Library
	age     int // in years; 0 = not known
	female  bool
	sexed   bool
}

func (r *picturing) unread(text string, checks ...imaging.Check) {
	for _, c := range checks {
		r.p.Unread[c] = append(r.p.Unread[c], text)
	}
}

func (r *picturing) person() {
	if r.d.patient == nil {
		return
	}
	p, err := fhir.View[facts.Patient](r.d.patient)
	if err != nil {
		r.unread("Birth date and sex could not be understood.", imaging.Pregnancy, imaging.Kidneys)
		return
	}
	sex := p.Gender
	const birthsex = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-birthsex"
	if e, ok := fhir.FindExtension(p.Extension, birthsex); ok {
		switch code, _ := fhir.ChoiceValue[string](e.Value); code {
		case "F":
			r.p.Bearing = imaging.Yes
		case "M":
			r.p.Bearing = imaging.No
		}
	}
	r.female, r.sexed = sex == "female", sex == "female" || sex == "male"
	if r.p.Bearing == imaging.NotKnown {
		switch sex {
		case "female":
			r.p.Bearing = imaging.Yes
		case "male":
			r.p.Bearing = imaging.No
		}
	}
	switch born := p.Birth.String(); {
	case len(born) == len(time.DateOnly):
		if t, err := time.ParseInLocation(time.DateOnly, born, r.p.Now.Location()); err == nil {
			r.p.Born = t
			r.age = r.p.Now.Year() - t.Year()
			if t.AddDate(r.age, 0, 0).After(r.p.Now) {
				r.age--
			}
		}
	case born != "":
		r.unread("The birth date is known as "+born+" only: the age is not exact enough.", imaging.Pregnancy, imaging.Kidneys)
	}
}

// kidneys takes the newer of the reported eGFR and the one worked out from creatinine.
func (r *picturing) kidneys() {
	e, at := r.newest(r.d.filtration, "eGFR", func(q fhir.Quantity) (float64, bool) {
		code := strings.ToLower(q.Code + q.Unit)
		return q.Value.Float64(), strings.HasPrefix(code, "ml/min")
	})
	c, cAt := r.newest(r.d.creatinine, "creatinine", func(q fhir.Quantity) (float64, bool) {
		switch code := strings.ToLower(q.Code + "|" + q.Unit); {
		case strings.Contains(code, "mg/dl"):
			return q.Value.Float64(), true
		case strings.Contains(code, "umol/l"), strings.Contains(code, "µmol/l"):
			return q.Value.Float64() / 88.4, true // 113.12 g/mol
		}
		return 0, false
	})
	if !at.IsZero() {
		r.p.EGFR = &imaging.Filtration{Value: e, At: at}
	}
	if cAt.IsZero() || !at.IsZero() && !cAt.After(at.AddDate(0, 0, 1)) {
		return
	}
	switch {
	case r.p.Born.IsZero() || !r.sexed:
		r.unread("Age or sex is not known: eGFR could not be worked out from the creatinine of "+cAt.Format("02-Jan-2006")+".", imaging.Kidneys, imaging.Metformin)
	case c <= 0:
		r.unread("The creatinine of "+cAt.Format("02-Jan-2006")+" is no amount.", imaging.Kidneys, imaging.Metformin)
	case r.age >= 18:
		r.p.EGFR = &imaging.Filtration{Value: kidney.CKDEPI(c, float64(r.age), r.female), At: cAt, From: "creatinine"}
	}
}

// newest is the newest value of observations that can be understood; what is newer and cannot is said.
func (r *picturing) newest(docs []*fhir.Resource, what string, value func(fhir.Quantity) (float64, bool)) (float64, time.Time) {
	for _, doc := range docs {
		o, err := facts.ReadObservation(doc)
		if err != nil {
			r.unread("A value of "+what+" could not be understood and was left out.", imaging.Kidneys, imaging.Metformin)
			continue
		}
		q, ok := o.Quantity()
		if !o.Valid() || !ok || q.Value.IsZero() {
			continue
		}
		v, ok := value(q)
		// A limit is taken for the value: an eGFR of <15 must not give way to an older, better one. That it is a limit is said.
		if ok && strings.HasPrefix(q.Comparator, "<") {
			r.unread("The "+what+" of "+o.At().Time(r.p.Now.Location()).Format("02-Jan-2006")+" is known as less than "+q.Value.String()+" only.", imaging.Kidneys, imaging.Metformin)
		}
		if !ok {
			r.unread("The "+what+" of "+o.At().Time(r.p.Now.Location()).Format("02-Jan-2006")+" is not an amount that can be used; an older one was.", imaging.Kidneys, imaging.Metformin)
			continue
		}
		return v, o.At().Time(r.p.Now.Location())
	}
	return 0, time.Time{}
}

func (r *picturing) allergies() {
	var all []facts.Allergy
	for _, doc := range r.d.allergies {
		a, err := fhir.View[facts.Allergy](doc)
		if err != nil {
			r.unread("An allergy could not be understood and was not compared.", imaging.ContrastAllergy)
			continue
		}
		all = append(all, a)
	}
	standing, state := facts.Sort(all)
	r.p.AllergiesAsked = state == clinical.KnownAllergies || state == clinical.NoKnownAllergies
	for _, a := range standing {
		name := a.Substance()
		words := name
		for _, c := range a.Code.Coding {
			words += " | " + c.Display
		}
		for _, x := range a.Reactions {
			words += " | " + facts.Concept(x.Substance)
		}
		if to := imaging.MediumOf(words); to != 0 {
			grave := a.High() || a.Severity() == "severe" || a.Severity() == "" && a.Criticality != "low" && a.Type != "intolerance"
			r.p.Allergies = append(r.p.Allergies, imaging.Allergy{Name: name, To: to, Reaction: a.Reaction(), Grave: grave})
		}
	}
}
