package record

import (
	"slices"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/fhir/path"
	"github.com/osler-ehr/osler/fhir/validate"
)

// held holds a document to R4's rules and to the profiles that it claims: see Options.Profiles. Warnings keep nothing
// out; they come along where something else does.
func (r *Record) held(doc *fhir.Resource) error {
	defined := r.Definitions()
	issues := validate.Invariants(doc, path.Env{Now: r.clock.Now()})
	issues = append(issues, validate.Checker{Definitions: defined}.Claimed(doc)...)
	if err := defined.Err(); err != nil { // then it was held against less than there is
		return err
	}
	if !slices.ContainsFunc(issues, grave) {
		return nil
	}
	return &Error{Kind: KindInvalid, Outcome: &fhir.Outcome{Issue: issues}}
}

func grave(i fhir.Issue) bool {
	return i.Severity == fhir.SeverityError || i.Severity == fhir.SeverityFatal
}
