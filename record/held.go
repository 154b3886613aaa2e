package record

import (
	"cmp"
	"context"
	"slices"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/fhir/path"
	"github.com/osler-ehr/osler/fhir/validate"
)

// held holds a document to R4's rules and to the profiles that it claims: see Options.Profiles. Warnings keep nothing
// out; they come along where something else does.
func (b *batch) held(ctx context.Context, doc *fhir.Resource) error {
	r := b.s.r
	defined := r.Definitions()
	stored := b.s.Resolver(ctx, "")
	issues := validate.Invariants(doc, path.Env{Now: r.clock.Now()})
	issues = append(issues, validate.Checker{Definitions: defined, Resolve: b.beside(stored.Resolve)}.Claimed(doc)...)
	if err := cmp.Or(defined.Err(), stored.Err()); err != nil { // then it was held against less than there is
		return err
	}
	if !slices.ContainsFunc(issues, grave) {
		return nil
	}
	return &Error{Kind: KindInvalid, Outcome: &fhir.Outcome{Issue: issues}}
}

// beside resolves a reference to what the same transaction writes, as it will be; anything else as before.
func (b *batch) beside(before func(reference string) (fhir.Node, bool)) func(reference string) (fhir.Node, bool) {
	return func(reference string) (fhir.Node, bool) {
		t, ok := fhir.ParseReference(reference)
		if !ok || t.Kind != fhir.RelativeTarget || b.s.r.index.Number(t.Type) == 0 {
			return before(reference)
		}
		c := b.made[b.s.r.index.ResourceOf(t.Type, t.ID)]
		switch {
		case c == nil || c.op.Verb == Delete:
			return before(reference)
		case c.doc != nil:
			return c.doc.Root(), true
		case c.op.Resource != nil:
			return c.op.Resource.Root(), true
		}
		return before(reference)
	}
}

func grave(i fhir.Issue) bool {
	return i.Severity == fhir.SeverityError || i.Severity == fhir.SeverityFatal
}
