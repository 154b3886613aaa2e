package record_test

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/record/recordtest"
	"github.com/osler-ehr/osler/store"
	"github.com/osler-ehr/osler/store/sqlite"
)

// With Options.Profiles the rules of R4 and the profiles that a document names hold for every kind of write; what is
// put back from a copy stays as it was.
func TestProfilesAreHeldOnWrite(t *testing.T) {
	strict := recordtest.With(t, record.Options{Profiles: true}, func(o sqlite.Options) (store.Store, error) {
		return sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "record.db"), o)
	}).As(access.Program)
	usual := recordtest.New(t, nil).As(access.Program)

	const us = `"meta":{"profile":["http://hl7.org/fhir/us/core/StructureDefinition/us-core-patient"]}`
	good := `{"resourceType":"Patient",` + us + `,"identifier":[{"system":"urn:mrn","value":"1"}],"name":[{"family":"Hale"}],"gender":"female"}`
	for _, tt := range []struct{ name, doc, path string }{
		{"a claimed profile", strings.Replace(good, `"name":[{"family":"Hale"}],`, ``, 1), "Patient.name"},
		{"a rule of R4", `{"resourceType":"Patient","contact":[{"gender":"male"}]}`, "Patient.contact[0]"},
		{"an unknown profile says nothing", strings.Replace(good, "us-core-patient", "of-ours", 1), ""},
		{"no profile claimed", `{"resourceType":"Patient","gender":"female"}`, ""},
		{"all is well", good, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			doc := parse(t, tt.doc)
			if _, err := usual.Do(context.Background(), []record.Op{{Verb: record.Create, Type: "Patient", Resource: doc}}); err != nil {
				t.Errorf("without the option: %v", err)
			}
			_, err := strict.Do(context.Background(), []record.Op{{Verb: record.Create, Type: "Patient", Resource: doc}})
			if tt.path == "" {
				if err != nil {
					t.Errorf("refused: %v", err)
				}
				return
			}
			e, ok := errors.AsType[*record.Error](err)
			if !ok || e.Kind != record.KindInvalid || !strings.Contains(string(e.Outcome.Bytes()), `"`+tt.path+`"`) {
				t.Errorf("got %v, want a refusal at %s", err, tt.path)
			}
		})
	}
}
