package charting

import (
	"context"
	"slices"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/web"
	"github.com/osler-ehr/osler/web/facts"
)

// note is a version of a note as it stands in the record.
type note struct {
	composition
	Version int64
}

// read reads a note of this patient. One of another patient, or struck, is not found.
func (n *notes) read(ctx context.Context, s *record.Session, patient, id string) (note, error) {
	v, err := s.Read(ctx, "Composition", id)
	if err != nil {
		return note{}, err
	}
	c, err := fhir.View[composition](v.Resource())
	if err != nil {
		return note{}, err
	}
	if c.Subject.Reference != "Patient/"+patient || c.Status == mistaken {
		return note{}, web.ErrNotFound
	}
	return note{c, v.Version}, nil
}

// diagnosis is the view of a Condition that was diagnosed at a visit.
type diagnosis struct {
	ID           string
	Meta         fhir.Meta
	Identifier   []fhir.Identifier
	Clinical     fhir.CodeableConcept   `fhir:"clinicalStatus"`
	Verification fhir.CodeableConcept   `fhir:"verificationStatus"`
	Category     []fhir.CodeableConcept `fhir:"category"`
	Code         fhir.CodeableConcept
	Subject      fhir.Reference
	Encounter    fhir.Reference
	Recorded     fhir.DateTime `fhir:"recordedDate"`
	Recorder     fhir.Reference
}

// readDiagnoses reads what was diagnosed at a visit, in the order in which it was said.
func readDiagnoses(ctx context.Context, s *record.Session, patient, visit string) ([]diagnosis, error) {
	if visit == "" {
		return nil, nil
	}
	all, err := facts.FindAll[diagnosis](ctx, s, "Condition", patient, facts.Params("encounter", "Encounter/"+visit, "_count", "100")...)
	if err != nil {
		return nil, err
	}
	all = slices.DeleteFunc(all, func(d diagnosis) bool {
		of := slices.ContainsFunc(d.Category, func(c fhir.CodeableConcept) bool { return c.In(facts.ConditionCategory) == "encounter-diagnosis" })
		return !of || facts.Code(d.Verification, facts.ConditionVerification) == mistaken
	})
	slices.SortStableFunc(all, func(a, b diagnosis) int { return compare(a.Recorded.String(), b.Recorded.String()) })
	return all, nil
}

func compare(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// nothing is what a page reads that needs no more than the banner.
func nothing(*record.Session, string) error { return nil }
