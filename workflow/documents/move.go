package documents

import (
	"context"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/web/facts"
)

// movedTask and movedProvenance are what of a Task or Provenance says in whose record it stands.
type (
	movedTask       struct{ For fhir.Reference }
	movedProvenance struct {
		Occurred fhir.Choice `fhir:"occurred[x]"`
		Recorded fhir.Instant
	}
)

// move are the changes that take a document out of the chart in which it was misfiled and put it into another, with its files, the work
// that it asks for and what was noted of it. Nothing of it says whose chart that was: a patient's record names no other patient. The
// versions before, and the log, tell it to those who may see both.
func move(ctx context.Context, s *record.Session, v *record.Version, d document, to, why string, author fhir.Reference, now time.Time) ([]record.Op, error) {
	d.Subject = fhir.To("Patient", to)
	d.Context.Encounter, d.Context.SourcePatientInfo, d.Context.Related = nil, fhir.Reference{}, nil
	op, err := change(v, d)
	if err != nil {
		return nil, err
	}
	ops := []record.Op{op}
	files, err := d.reown(ctx, s, to)
	if err != nil {
		return nil, err
	}
	ops = append(ops, files...)
	tasks, err := reviews(ctx, s, v.ID)
	if err != nil {
		return nil, err
	}
	for _, at := range tasks {
		op, err := change(at, movedTask{fhir.To("Patient", to)})
		if err != nil {
			return nil, err
		}
		ops = append(ops, op)
	}
	if s.May(access.Search, "Provenance") {
		page, err := facts.Whole(ctx, s, record.Query{Type: "Provenance", Params: facts.Params("target", "DocumentReference/"+v.ID, "_count", "200"), Strict: true})
		if err != nil {
			return nil, err
		}
		for i := range page.Entries {
			at := &page.Entries[i].Version
			x, err := fhir.View[movedProvenance](at.Resource())
			if err != nil {
				return nil, err
			}
			// A Provenance stands in the record of its target, where it is put when it changes: so it says when it happened, or says it no more.
			if x.Occurred.IsZero() {
				x.Occurred = fhir.ChoiceOf(x.Recorded.DateTime())
			} else {
				x.Occurred = fhir.Choice{}
			}
			op, err := change(at, x)
			if err != nil {
				return nil, err
			}
			ops = append(ops, op)
		}
	}
	said, err := note(moved, "DocumentReference/"+v.ID, author, why, now)
	return append(ops, said), err
}
