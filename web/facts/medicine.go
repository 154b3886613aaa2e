package facts

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/access"
)

// Medicine is one that a patient takes or took: a MedicationRequest, or a MedicationStatement, which says what somebody else prescribed or
// what is taken without a prescription.
type Medicine struct {
	requested
	Name    string    // as it is shown; never empty
	Stated  bool      // it is a MedicationStatement
	Changed time.Time // when its last version was written
	Version int64     // its number
}

// requested is the view of a MedicationRequest.
type requested struct {
	ID           string
	Status       string
	Intent       string
	Medication   fhir.Choice `fhir:"medication[x]"`
	Encounter    fhir.Reference
	Authored     fhir.DateTime  `fhir:"authoredOn"`
	Dosage       []fhir.Dosage  `fhir:"dosageInstruction"`
	Prior        fhir.Reference `fhir:"priorPrescription"`
	DoNotPerform bool
	Reported     bool           `fhir:"reportedBoolean"`
	ReportedBy   fhir.Reference `fhir:"reportedReference"`
}

// stated is the view of a MedicationStatement, with its own names for two elements.
type stated struct {
	ID         string
	Status     string
	Medication fhir.Choice `fhir:"medication[x]"`
	Context    fhir.Reference
	Asserted   fhir.DateTime `fhir:"dateAsserted"`
	Dosage     []fhir.Dosage
}

// FromElsewhere reports whether it was not prescribed here: somebody said that it is taken.
func (m Medicine) FromElsewhere() bool {
	return m.Stated || m.Reported || m.ReportedBy != (fhir.Reference{})
}

// Current reports whether it belongs to what the patient takes now, one that is paused included: see [Medicine.State].
func (m Medicine) Current() bool {
	switch m.Status {
	case "active", "on-hold":
		return true
	case "intended", "unknown":
		return m.Stated
	}
	return false
}

// State is what must be said beside a medicine that is current: "on hold", which is not to be taken now; "" if it is taken.
func (m Medicine) State() string {
	switch m.Status {
	case "on-hold":
		return "on hold"
	case "intended":
		return "not begun yet"
	case "unknown":
		return "not known whether it is taken"
	}
	return ""
}

// counts reports whether it is or was taken at all: proposals, plans of ours, drafts, mistakes and what must not be taken do not count.
func (m Medicine) counts() bool {
	switch {
	case m.DoNotPerform, m.Status == "entered-in-error", m.Status == "draft":
		return false
	case m.Stated:
		return m.Status != "not-taken"
	}
	switch m.Intent {
	case "order", "original-order", "reflex-order", "filler-order", "instance-order", "":
		return true
	case "plan":
		return m.FromElsewhere()
	}
	return false
}

// MostMedicines is how many prescriptions, and how many statements, Medicines reads.
const MostMedicines = 1000

// Medicines reads what a patient takes, and with all also what was taken: prescriptions newest first, then what is stated. It is whole
// unless there are more than [MostMedicines] of a kind. Statements are left out for who may not read them.
func Medicines(ctx context.Context, s *record.Session, patient string, all bool) (out []Medicine, whole bool, err error) {
	whole = true
	read := func(typ, order, current string, view func(*fhir.Resource) (Medicine, error)) error {
		params := []string{"_sort", order, "_count", "200"}
		if !all {
			params = append(params, "status", current)
		}
		n := 0
		return Each(ctx, s, Of(typ, patient, Params(params...)...), func(x *record.Entry) error {
			if n++; n > MostMedicines {
				whole = false
				return ErrEnough
			}
			doc := x.Resource()
			m, err := view(doc)
			if err != nil {
				return err
			}
			if !m.counts() || !all && !m.Current() {
				return nil
			}
			m.Changed, m.Version = x.At, x.Version.Version
			if m.Name, err = MedicineName(ctx, s, doc, m.Medication); err != nil {
				return err
			}
			out = append(out, m)
			return nil
		})
	}
	err = read("MedicationRequest", "-authoredon", "active,on-hold", func(doc *fhir.Resource) (Medicine, error) {
		v, err := fhir.View[requested](doc)
		return Medicine{requested: v}, err
	})
	if err != nil || !s.May(access.Search, "MedicationStatement") {
		return out, whole, err
	}
	err = read("MedicationStatement", "-effective", "active,on-hold,intended,unknown", func(doc *fhir.Resource) (Medicine, error) {
		v, err := fhir.View[stated](doc)
		return Medicine{Stated: true, requested: requested{ID: v.ID, Status: v.Status, Medication: v.Medication, Encounter: v.Context, Authored: v.Asserted, Dosage: v.Dosage}}, err
	})
	return out, whole, err
}

// MedicineName is what the medication[x] of a document is called: by its code, the Medication that it contains or refers to, or the words
// beside the reference. A name that cannot be found out is said to be missing, never left out.
func MedicineName(ctx context.Context, s *record.Session, doc *fhir.Resource, medication fhir.Choice) (string, error) {
	const unnamed = "Medicine not named"
	named := func(name string) string {
		if strings.TrimSpace(name) == "" {
			return unnamed
		}
		return name
	}
	switch v := medication.Value().(type) {
	case fhir.CodeableConcept:
		return named(Concept(v)), nil
	case fhir.Reference:
		if v.Display != "" {
			return v.Display, nil
		}
		type coded struct{ Code fhir.CodeableConcept }
		t, ok := v.Target()
		switch {
		case ok && t.Fragment != "":
			contained := slices.Collect(doc.Get("contained").Values())
			at := slices.IndexFunc(contained, func(c fhir.Node) bool { return c.Get("id").Text() == t.Fragment })
			if at < 0 {
				return unnamed, nil
			}
			m, err := fhir.View[coded](contained[at])
			if err != nil {
				return unnamed, nil
			}
			return named(Concept(m.Code)), nil
		case ok && t.Type == "Medication" && t.ID != "":
			read, err := s.Read(ctx, "Medication", t.ID)
			switch record.KindOf(err) {
			case record.KindNotFound, record.KindGone, record.KindForbidden:
				return unnamed, nil
			}
			if err != nil {
				return "", err
			}
			m, err := fhir.View[coded](read.Resource())
			return named(Concept(m.Code)), err
		}
	}
	return unnamed, nil
}
