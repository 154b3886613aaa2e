package facts

import (
	"context"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/web"
)

// NilKnown says that somebody asked and there is nothing: no operations, no illnesses in the family, no implants. It is a List that is
// empty for that reason, and is not the same as a list without entries, of which nobody knows whether anybody asked. (FHIR R4,
// List.emptyReason, 2.24.6.)
type NilKnown struct {
	At fhir.DateTime
	By string
}

// Words say that there is nothing, when that was asked and by whom: None, asked 23-Nov-2026 by Dr Rao.
func (n *NilKnown) Words(nothing string, zone *time.Location) string {
	s := nothing + ", asked " + Day(n.At, zone)
	if n.By != "" {
		s += " by " + n.By
	}
	return s
}

const emptyReason = "http://terminology.hl7.org/CodeSystem/list-empty-reason"

// nilList is the view of that List. Fields stand in the order of the specification.
type nilList struct {
	Identifier []fhir.Identifier
	Status     string
	Mode       string
	Title      string
	Code       fhir.CodeableConcept
	Subject    fhir.Reference
	Date       fhir.DateTime
	Source     fhir.Reference
	Empty      fhir.CodeableConcept `fhir:"emptyReason"`
}

// findNil are the current lists that say so, of the kind that the LOINC code of a section names.
func findNil(ctx context.Context, s *record.Session, patient, loinc string) ([]record.Entry, []nilList, error) {
	page, err := Whole(ctx, s, Of("List", patient, Params("code", LOINC+"|"+loinc, "status", "current", "_sort", "-date", "_count", "20")...))
	if record.KindOf(err) == record.KindForbidden {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, err
	}
	var entries []record.Entry
	var lists []nilList
	for i := range page.Entries {
		l, err := fhir.View[nilList](page.Entries[i].Resource())
		if err != nil {
			return nil, nil, err
		}
		if l.Empty.In(emptyReason) == "nilknown" {
			entries, lists = append(entries, page.Entries[i]), append(lists, l)
		}
	}
	return entries, lists, nil
}

// ReadNilKnown is whether it is known that there is nothing of a kind; nil if nobody said so. Whoever may not see lists is not told.
func ReadNilKnown(ctx context.Context, s *record.Session, patient, loinc string) (*NilKnown, error) {
	_, lists, err := findNil(ctx, s, patient, loinc)
	if err != nil || len(lists) == 0 {
		return nil, err
	}
	return &NilKnown{lists[0].Date, lists[0].Source.Display}, nil
}

// SayNilKnown records that there is nothing of a kind. f is the form by which it is said, so that it is said once.
func SayNilKnown(f *web.Form, patient, loinc, title string, author fhir.Reference, at fhir.DateTime) (record.Op, error) {
	l := nilList{
		Status: "current", Mode: "snapshot", Title: title, Code: fhir.Concept(LOINC, loinc, ""), Subject: fhir.To("Patient", patient), Date: at, Source: author,
		Empty: fhir.Concept(emptyReason, "nilknown", "Nil Known"),
	}
	op := record.Op{Verb: record.Create, Type: "List"}
	l.Identifier, op.Condition = Once(f, "nil")
	var err error
	op.Resource, err = fhir.New("List", l)
	return op, err
}

// EndNilKnown ends what was said, since there is something now.
func EndNilKnown(ctx context.Context, s *record.Session, patient, loinc string) ([]record.Op, error) {
	entries, lists, err := findNil(ctx, s, patient, loinc)
	if err != nil {
		return nil, err
	}
	var ops []record.Op
	for i, l := range lists {
		l.Status = "retired"
		doc, err := fhir.Merge(entries[i].Resource(), l)
		if err != nil {
			return nil, err
		}
		ops = append(ops, record.Op{Verb: record.Update, Type: "List", ID: entries[i].ID, Resource: doc, IfMatch: entries[i].Version.Version})
	}
	return ops, nil
}
