package record_test

import (
	"context"
	"strings"
	"testing"

	"github.com/osler-ehr/osler/clock"
	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/record/recordtest"
)

const (
	tagged     = `"meta":{"tag":[{"system":"` + record.TagSystem + `","code":"signed"}]},`
	noteParts  = `"type":{"text":"Note"},"subject":{"reference":"Patient/a"},"date":"2026-11-24","author":[{"display":"Rao"}],"title":"T",`
	attested   = `"attester":[{"mode":"legal","party":{"display":"Rao"}}]`
	signedNote = `{"resourceType":"Composition","id":"n",` + tagged + `"status":"final",` + noteParts + attested + `}`
	signedFile = `{"resourceType":"DocumentReference","id":"d",` + tagged + `"status":"current","docStatus":"final","subject":{"reference":"Patient/a"},"content":[{"attachment":{"contentType":"text/plain","data":"YQ=="}}]}`
)

// TestSigned changes signed documents in every way that there is, as those who may do everything else.
func TestSigned(t *testing.T) {
	ctx := context.Background()
	f := recordtest.New(t, clock.System{})
	parse := func(s string) *fhir.Resource {
		t.Helper()
		doc, err := fhir.Parse([]byte(s))
		if err != nil {
			t.Fatal(err)
		}
		return doc
	}
	put := func(s string) record.Op {
		doc := parse(s)
		return record.Op{Verb: record.Update, Type: doc.Type(), ID: doc.ID(), Resource: doc}
	}
	if _, err := f.As(access.Program).Do(ctx, []record.Op{put(`{"resourceType":"Patient","id":"a"}`), put(signedNote), put(signedFile)}); err != nil {
		t.Fatal(err)
	}
	change := func(old, was, is string) string {
		if !strings.Contains(old, was) {
			t.Fatalf("%q is not there", was)
		}
		return strings.Replace(old, was, is, 1)
	}
	patch := func(typ, id, text string) record.Op {
		return record.Op{Verb: record.Patch, Type: typ, ID: id, Patch: func(*fhir.Resource) (*fhir.Resource, error) { return parse(text), nil }}
	}
	for name, op := range map[string]record.Op{
		"text":           put(change(signedNote, `"title":"T"`, `"title":"U"`)),
		"more":           put(change(signedNote, `"title":"T"`, `"title":"T","confidentiality":"N"`)),
		"less":           put(change(signedNote, `,"date":"2026-11-24"`, `,"date":"2026-11-23"`)),
		"status":         put(change(signedNote, `"final"`, `"preliminary"`)),
		"mistake":        put(change(signedNote, `"final"`, `"entered-in-error"`)),
		"tag":            put(change(signedNote, tagged, "")),
		"tag and text":   put(change(change(signedNote, tagged, ""), `"title":"T"`, `"title":"U"`)),
		"attester":       put(change(signedNote, attested, `"attester":[{"mode":"legal","party":{"display":"Who"}}]`)),
		"no attester":    put(change(signedNote, ","+attested, "")),
		"patch":          patch("Composition", "n", change(signedNote, `"title":"T"`, `"title":"U"`)),
		"delete":         {Verb: record.Delete, Type: "Composition", ID: "n"},
		"file":           put(change(signedFile, "YQ==", "Yg==")),
		"file mistake":   put(change(signedFile, `"current"`, `"entered-in-error"`)),
		"file and state": put(change(change(signedFile, "YQ==", "Yg=="), `"current"`, `"superseded"`)),
		"file deleted":   {Verb: record.Delete, Type: "DocumentReference", ID: "d"},
	} {
		for _, role := range []access.Role{access.Clinician, access.Administrator, access.Program} {
			_, err := f.As(role).Do(ctx, []record.Op{op})
			if record.KindOf(err) != record.KindForbidden || !strings.Contains(err.Error(), "is signed") {
				t.Errorf("%s by a %s: %v", name, role, err)
			}
			if err := f.As(role).Check(ctx, op); record.KindOf(err) != record.KindForbidden {
				t.Errorf("check of %s by a %s: %v", name, role, err)
			}
		}
	}
	for name, text := range map[string]string{
		"as it is":      signedNote,
		"cosigned":      change(signedNote, `}}]}`, `}},{"mode":"legal","party":{"display":"Lee"}}]}`),
		"superseded":    change(signedFile, `"current"`, `"superseded"`),
		"confidential":  change(signedNote, `"meta":{`, `"meta":{"security":[{"system":"http://terminology.hl7.org/CodeSystem/v3-Confidentiality","code":"R"}],`),
		"other spacing": change(signedNote, `"status":"final"`, `"status" : "final"`),
	} {
		if name == "confidential" || name == "as it is" || name == "other spacing" {
			text = change(text, attested, `"attester":[{"mode":"legal","party":{"display":"Rao"}},{"mode":"legal","party":{"display":"Lee"}}]`)
		}
		if _, err := f.As(access.Clinician).Do(ctx, []record.Op{put(text)}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestDraftsAreNotForPatients looks for a note that is not signed by every path that a patient has, and finds it when it is.
func TestDraftsAreNotForPatients(t *testing.T) {
	ctx := context.Background()
	f := recordtest.New(t, clock.System{})
	doc := func(status string) record.Op {
		d, err := fhir.Parse([]byte(`{"resourceType":"Composition","id":"n","status":"` + status + `",` + noteParts + attested + `}`))
		if err != nil {
			t.Fatal(err)
		}
		return record.Op{Verb: record.Update, Type: "Composition", ID: "n", Resource: d}
	}
	patient, err := fhir.Parse([]byte(`{"resourceType":"Patient","id":"a"}`))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.As(access.Program).Do(ctx, []record.Op{{Verb: record.Update, Type: "Patient", ID: "a", Resource: patient}, doc("preliminary")}); err != nil {
		t.Fatal(err)
	}
	n, err := f.Record.PatientNumber(ctx, "a")
	if err != nil {
		t.Fatal(err)
	}
	own := f.Record.As(access.Actor{ID: "p", Roles: []access.Role{access.Patient}, Patient: n, Org: f.Org})
	seen := func() (out []string) {
		if _, err := own.Read(ctx, "Composition", "n"); err == nil {
			out = append(out, "read")
		}
		if _, err := own.ReadVersion(ctx, "Composition", "n", 1); err == nil {
			out = append(out, "version 1")
		}
		if page, err := own.Search(ctx, record.Query{Type: "Composition"}); err != nil || len(page.Entries) > 0 {
			out = append(out, "search")
		}
		if h, err := own.History(ctx, record.HistoryQuery{Type: "Composition", ID: "n"}); err == nil && len(h.Versions) > 0 {
			out = append(out, "history")
		}
		return out
	}
	if got := seen(); len(got) > 0 {
		t.Errorf("a draft is seen by %v", got)
	}
	if _, err := f.As(access.Nurse).Read(ctx, "Composition", "n"); err != nil {
		t.Errorf("a nurse: %v", err)
	}
	if _, err := f.As(access.Program).Do(ctx, []record.Op{doc("final")}); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(seen(), ", "); got != "read, search, history" {
		t.Errorf("a signed note is seen by %s", got)
	}
}
