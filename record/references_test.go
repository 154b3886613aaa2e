package record_test

import (
	"context"
	"strings"
	"testing"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/record/recordtest"
)

// TestReferencesThatWereThereMayStay: an update keeps references that its author may not see or that lead
// nowhere; new ones of that kind are refused.
func TestReferencesThatWereThereMayStay(t *testing.T) {
	ctx := context.Background()
	f := recordtest.New(t, nil)
	root, desk := f.As(access.Program), f.As(access.FrontDesk)
	do := func(s *record.Session, loose bool, docs ...string) error {
		var ops []record.Op
		for _, d := range docs {
			op := put(parse(t, d))
			op.LooseReferences = loose
			ops = append(ops, op)
		}
		_, err := s.Do(ctx, ops)
		return err
	}
	const appointment = `{"resourceType":"Appointment","id":"x","status":"booked","start":"2026-11-24T09:00:00Z","end":"2026-11-24T09:15:00Z",REASONS"participant":[{"actor":{"reference":"Patient/a"},"status":"accepted"}]}`
	reasons := func(refs ...string) string {
		if len(refs) == 0 {
			return strings.Replace(appointment, "REASONS", "", 1)
		}
		return strings.Replace(appointment, "REASONS", `"reasonReference":[{"reference":"`+strings.Join(refs, `"},{"reference":"`)+`"}],`, 1)
	}
	if err := do(root, true, `{"resourceType":"Patient","id":"a"}`,
		string(instance(t, "Condition", "c", `"subject":{"reference":"Patient/a"}`).Bytes()),
		string(instance(t, "Condition", "d", `"subject":{"reference":"Patient/a"}`).Bytes()),
		reasons("Condition/c", "Condition/lost")); err != nil {
		t.Fatal(err)
	}
	moved := func(doc string) string { return strings.ReplaceAll(doc, "T09:", "T10:") }
	if err := do(desk, false, moved(reasons("Condition/c", "Condition/lost"))); err != nil {
		t.Errorf("the desk moves an appointment: %v", err)
	}
	for _, other := range []string{"Condition/d", "Condition/none"} {
		if err := do(desk, false, reasons("Condition/c", other)); record.KindOf(err) != record.KindInvalid {
			t.Errorf("the desk adds %s: %v", other, err)
		}
	}
	clinician := f.As(access.Clinician)
	if err := do(clinician, false, reasons("Condition/d")); err != nil {
		t.Errorf("a clinician adds a condition: %v", err)
	}
	keep := put(parse(t, moved(reasons("Condition/d"))))
	keep.LooseReferences = false
	_, err := clinician.Do(ctx, []record.Op{keep, {Verb: record.Delete, Type: "Condition", ID: "d"}})
	if record.KindOf(err) != record.KindInvalid {
		t.Errorf("a transaction keeps a reference to what it deletes: %v", err)
	}
	if _, err := clinician.Do(ctx, []record.Op{{Verb: record.Delete, Type: "Condition", ID: "d"}}); record.KindOf(err) != record.KindConflict {
		t.Errorf("delete of what an appointment refers to: %v", err)
	}
	if _, err := clinician.Read(ctx, "Condition", "d"); err != nil {
		t.Error(err)
	}
}

// TestA3ForeignIDs: writing under the id of what the actor may not see changes nothing, and deleting it
// answers as deleting what is not there.
func TestA3ForeignIDs(t *testing.T) {
	ctx := context.Background()
	h := build(t)
	n, err := h.PatientNumber(ctx, "a")
	if err != nil {
		t.Fatal(err)
	}
	app := h.Record.As(access.Actor{ID: "app", Roles: []access.Role{access.Clinician}, Patient: n, Org: h.Org})
	elsewhere, err := h.OrganizationNumber(ctx, "Organization/elsewhere")
	if err != nil {
		t.Fatal(err)
	}
	stranger := h.Record.As(access.Actor{ID: "stranger", Roles: []access.Role{access.Clinician}, Org: elsewhere, Orgs: []int64{elsewhere}})
	for who, s := range map[string]*record.Session{"an app of patient a": app, "a clinician of another organisation": stranger} {
		for _, typ := range []string{"Observation", "Condition", "Binary", "Appointment", "Encounter"} {
			before := h.version(t, typ, "b")
			for what, op := range map[string]record.Op{
				"update":                 put(instance(t, typ, "b", ownerOf(typ))),
				"update with If-Match":   {Verb: record.Update, Type: typ, ID: "b", Resource: instance(t, typ, "b", ownerOf(typ)), IfMatch: 1},
				"patch":                  {Verb: record.Patch, Type: typ, ID: "b", Patch: func(r *fhir.Resource) (*fhir.Resource, error) { t.Error("a patch sees it"); return r, nil }},
				"delete":                 {Verb: record.Delete, Type: typ, ID: "b"},
				"delete with If-Match":   {Verb: record.Delete, Type: typ, ID: "b", IfMatch: 1},
				"delete by condition":    {Verb: record.Delete, Type: typ, Condition: "_id=b"},
				"update into b's record": {Verb: record.Create, Type: typ, Resource: instance(t, typ, "", strings.ReplaceAll(ownerOf(typ), "Patient/a", "Patient/b"))},
			} {
				res, err := s.Do(ctx, []record.Op{op})
				if what == "update into b's record" {
					if err == nil && typ != "Binary" { // which need not be of a patient, and then is of nobody
						t.Errorf("%s creates a %s for patient b", who, typ)
					}
					continue
				}
				absent := op
				absent.ID = strings.Replace(op.ID, "b", "none", 1)
				absent.Condition = strings.Replace(op.Condition, "=b", "=none", 1)
				if op.Verb == record.Delete { // as what is not there
					res2, err2 := s.Do(ctx, []record.Op{absent})
					if (err == nil) != (err2 == nil) || record.KindOf(err) != record.KindOf(err2) || err == nil && (res[0].Unchanged != res2[0].Unchanged || res[0].Version.Version != res2[0].Version.Version) {
						t.Errorf("%s, %s of %s/b: %v %v; of what is not there: %v %v", who, what, typ, res, err, res2, err2)
					}
				} else if record.KindOf(err) != record.KindNotFound {
					t.Errorf("%s, %s of %s/b: %v %v", who, what, typ, res, err)
				}
				if after := h.version(t, typ, "b"); after != before {
					t.Fatalf("%s, %s of %s/b changed it:\n%s\n%s", who, what, typ, before, after)
				}
			}
		}
	}
}
