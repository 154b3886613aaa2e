package record_test

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"strconv"
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

// onlyTypes permits some types alone, as the scopes of an application do.
type onlyTypes []string

func (o onlyTypes) Allows(typ string, _ access.Action) bool { return slices.Contains(o, typ) }

// A rule that looks at what a reference leads to sees the record as the writer does, and what is written beside it.
func TestProfilesAreHeldThroughReferences(t *testing.T) {
	f := recordtest.With(t, record.Options{Profiles: true}, func(o sqlite.Options) (store.Store, error) {
		return sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "record.db"), o)
	})
	all := f.As(access.Program)
	limited := f.Record.As(access.Actor{ID: "app", Roles: []access.Role{access.Program}, Org: f.Org, Scopes: onlyTypes{"Provenance", "Patient"}})
	put := func(doc string) record.Op {
		r := parse(t, doc)
		return record.Op{Verb: record.Update, Type: r.Type(), ID: r.ID(), Resource: r}
	}
	const doctor = `{"resourceType":"Practitioner","id":"doc","name":[{"family":"Rui"}]}`
	if _, err := all.Do(t.Context(), []record.Op{put(`{"resourceType":"Patient","id":"p"}`), put(doctor), put(`{"resourceType":"Organization","id":"org","name":"Clinic"}`)}); err != nil {
		t.Fatal(err)
	}
	// US Core's rule provenance-1: who is a practitioner acts on behalf of somebody.
	provenance := func(who string) record.Op {
		return record.Op{Verb: record.Create, Type: "Provenance", Resource: parse(t, `{"resourceType":"Provenance","meta":{"profile":["http://hl7.org/fhir/us/core/StructureDefinition/us-core-provenance"]},`+
			`"target":[{"reference":"Patient/p"}],"recorded":"2026-11-01T10:00:00Z","agent":[{"who":{"reference":"`+who+`"}}]}`)}
	}
	beside := put(strings.Replace(doctor, `"doc"`, `"other"`, 1))
	named := put(strings.Replace(doctor, `"doc"`, `"third"`, 1))
	named.FullURL = "urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0"
	for name, tt := range map[string]struct {
		who  *record.Session
		ops  []record.Op
		want string
	}{
		"a practitioner of the record":                {all, []record.Op{provenance("Practitioner/doc")}, "provenance-1"},
		"an organization":                             {all, []record.Op{provenance("Organization/org")}, ""},
		"a practitioner of the same transaction":      {all, []record.Op{provenance("Practitioner/other"), beside}, "provenance-1"},
		"one that is named by the address of its own": {all, []record.Op{named, provenance(named.FullURL)}, "provenance-1"},
		"a practitioner whom the writer may not see":  {limited, []record.Op{provenance("Practitioner/doc")}, "does not exist"},
		"one who is not there":                        {limited, []record.Op{provenance("Practitioner/absent")}, "does not exist"},
	} {
		_, err := tt.who.Do(t.Context(), tt.ops)
		if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(string(outcome(err)), tt.want) {
			t.Errorf("%s: %v, want %q", name, err, tt.want)
		}
	}
}

func outcome(err error) []byte {
	e, _ := errors.AsType[*record.Error](err)
	if e == nil {
		return nil
	}
	return e.Outcome.Bytes()
}

// A resolver looks up few of many references, each once, and finds what may be seen alone.
func TestResolver(t *testing.T) {
	f := recordtest.New(t, nil)
	s := f.As(access.Program)
	if _, err := s.Do(t.Context(), []record.Op{{Verb: record.Update, Type: "Patient", ID: "p", Resource: parse(t, `{"resourceType":"Patient","id":"p"}`)}, {Verb: record.Update, Type: "Patient", ID: "q", Resource: parse(t, `{"resourceType":"Patient","id":"q"}`)}}); err != nil {
		t.Fatal(err)
	}
	const base = "https://ehr.example/fhir"
	for reference, want := range map[string]bool{
		"Patient/p": true, base + "/Patient/p": true, "Patient/p/_history/1": true,
		"Patient/q": false, "Patient/absent": false, "https://other.example/fhir/Patient/p": false, "Nonsense/p": false, "#p": false, "": false,
	} {
		if n, ok := f.AsPatient(t, "p").Resolver(t.Context(), base).Resolve(reference); ok != want || ok && n.Get("id").Text() != "p" {
			t.Errorf("%q: found %v, want %v", reference, ok, want)
		}
	}
	r := s.Resolver(t.Context(), "")
	for i := range 500 {
		r.Resolve("Patient/absent" + strconv.Itoa(i))
	}
	if _, ok := r.Resolve("Patient/p"); ok {
		t.Error("the 501st different reference was looked up")
	}
	broken := &brokenStore{}
	r = recordtest.On(t, nil, func(o sqlite.Options) (st store.Store, err error) {
		broken.Store, err = sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "record.db"), o)
		return broken, err
	}).As(access.Program).Resolver(t.Context(), "")
	broken.down = true
	if _, ok := r.Resolve("Patient/p"); ok || r.Err() == nil {
		t.Error("what could not be looked up is taken for absent")
	}
}

// brokenStore is a store that cannot be read from once it is down.
type brokenStore struct {
	store.Store
	down bool
}

func (b *brokenStore) Read(ctx context.Context, hash int64) (store.Row, error) {
	if b.down {
		return store.Row{}, errors.New("the disk is gone")
	}
	return b.Store.Read(ctx, hash)
}
