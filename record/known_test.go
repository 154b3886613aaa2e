package record_test

import (
	"context"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/osler-ehr/osler/clock"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/record/recordtest"
	"github.com/osler-ehr/osler/store"
	"github.com/osler-ehr/osler/store/sqlite"
)

// asked counts how often a store was asked whether resources exist.
type asked struct {
	store.Store
	serial bool
	exists atomic.Int64
}

func (a *asked) Serial() bool { return a.serial }

func (a *asked) Exists(ctx context.Context, hashes []int64) (map[int64]store.Key, error) {
	a.exists.Add(1)
	return a.Store.Exists(ctx, hashes)
}

func TestAPatientIsLookedUpOnceUntilSomethingIsDeleted(t *testing.T) {
	for _, serial := range []bool{true, false} {
		var a *asked
		f := recordtest.With(t, record.Options{Clock: clock.System{}}, func(o sqlite.Options) (store.Store, error) {
			s, err := sqlite.Open(t.Context(), t.TempDir()+"/record.db", o)
			a = &asked{Store: s, serial: serial}
			return a, err
		})
		s := f.As(access.Administrator)
		made := create(t, s, patient, observation)
		query := "patient=" + made[0].ID
		want := []string{"Observation/" + made[1].ID}
		search := func(want []string) (lookups int64) {
			t.Helper()
			before := a.exists.Load()
			if got := find(t, s, "Observation", query); !slices.Equal(got, want) {
				t.Errorf("serial %v: found %v, want %v", serial, got, want)
			}
			return a.exists.Load() - before
		}
		search(want)
		if n := search(want); serial != (n == 0) {
			t.Errorf("serial %v: %d lookups of a patient looked up before", serial, n)
		}
		remove := func(r record.Result) {
			t.Helper()
			if _, err := s.Do(t.Context(), []record.Op{{Verb: record.Delete, Type: r.Type, ID: r.ID}}); err != nil {
				t.Fatal(err)
			}
		}
		remove(made[1])
		remove(made[0])
		if n := search(nil); n != 1 {
			t.Errorf("serial %v: %d lookups after the patient was deleted", serial, n)
		}

		// The same name again is another patient, with a record of its own.
		again := parse(t, `{"id":"`+made[0].ID+`",`+patient[1:])
		if _, err := s.Do(t.Context(), []record.Op{{Verb: record.Update, Type: "Patient", ID: made[0].ID, Resource: again}}); err != nil {
			t.Fatal(err)
		}
		next := parse(t, `{"resourceType":"Observation","status":"final","code":{"text":"Weight"},"subject":{"reference":"Patient/`+made[0].ID+`"}}`)
		res, err := s.Do(t.Context(), []record.Op{{Verb: record.Create, Type: "Observation", Resource: next}})
		if err != nil {
			t.Fatal(err)
		}
		search([]string{"Observation/" + res[0].ID})
	}
}
