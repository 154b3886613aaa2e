package storetest

import (
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/osler-ehr/osler/store"
)

func testKeys(t *testing.T, f *fixture) {
	seen := map[store.Key]string{}
	var mu sync.Mutex
	claim := func(key store.Key, patientNo int64, typ int, id string) error {
		mu.Lock()
		defer mu.Unlock()
		if key.Patient() != patientNo || key.Type() != typ || key.Seq() < 0 {
			return fmt.Errorf("%s of patient %d, type %d was given the place %d, %d, %d",
				id, patientNo, typ, key.Patient(), key.Type(), key.Seq())
		}
		if other, taken := seen[key]; taken {
			return fmt.Errorf("%s and %s were given the same key", id, other)
		}
		seen[key] = id
		return nil
	}
	// Many at once, of several patients and types, the largest patient number too.
	patients := []int64{0, 1, 2, 1<<31 - 1}
	err := together(16, func(g int) error {
		for i := range 20 {
			patientNo, typ := patients[i%len(patients)], observation+(i/4)%2
			ids := []string{fmt.Sprintf("%d-%d-x", g, i), fmt.Sprintf("%d-%d-y", g, i)}
			keys := make([]store.Key, len(ids))
			err := f.s.Update(f.ctx, func(tx store.Tx) error {
				for j, id := range ids {
					var err error
					if keys[j], err = tx.Put(f.ctx, first(patientNo, typ, id, store.Index{})); err != nil {
						return err
					}
				}
				return nil
			})
			if err != nil {
				return err
			}
			for j, id := range ids {
				if err := claim(keys[j], patientNo, typ, id); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for key, id := range seen {
		if row := f.read(key.Type(), id); row.Key != key {
			t.Errorf("Put said %s is at %d, it is at %d", id, key, row.Key)
		}
	}

	// A patient's own resource stands at sequence 0, made anew too, and however often a create failed.
	for i := range 3 {
		failed := errors.New("not this time")
		err := f.s.Update(f.ctx, func(tx store.Tx) error {
			if _, err := tx.Put(f.ctx, first(9, patient, "nine", store.Index{})); err != nil {
				return err
			}
			return failed
		})
		if !errors.Is(err, failed) {
			t.Fatal(err)
		}
		w := first(9, patient, "nine", store.Index{})
		w.Row.Version = int64(1 + 2*i)
		if key := f.put(w)[0]; key != store.MakeKey(9, patient, 0) {
			t.Errorf("the patient was given sequence %d", key.Seq())
		}
		f.delete(end(f.read(patient, "nine"), store.Index{}))
	}
	f.put(first(9, patient, "ten", store.Index{}))
	err = f.s.Update(f.ctx, func(tx store.Tx) error {
		_, err := tx.Put(f.ctx, first(9, patient, "eleven", store.Index{}))
		return err
	})
	if !errors.Is(err, store.ErrConflict) {
		t.Errorf("a second Patient in one record: %v, want ErrConflict", err)
	}

	// A move to another patient takes the index rows along.
	x := store.Index{Tokens: []store.Token{{Atom: 1, Code: 2, System: 3}}, Texts: []store.Text{{Atom: 1, Value: "t"}}}
	f.put(first(1, observation, "moved", x))
	old := f.read(observation, "moved")
	move := next(old)
	move.Row.Key = store.MakeKey(5, observation, 0)
	move.Fresh, move.Add, move.Remove = true, x, x
	moved := f.put(move)[0]
	if err := claim(moved, 5, observation, "moved"); err != nil {
		t.Error(err)
	}
	token := store.TokenIs{Atoms: []int64{1}, Values: []store.TokenValue{{Code: 2, HasCode: true}}}
	f.finds("by its token", &store.Plan{Type: observation, Where: []store.Cond{token}}, "moved")
	f.finds("in the new record", &store.Plan{Where: []store.Cond{store.OwnedBy{Patients: []int64{5}}, token}}, "moved")
	f.finds("in the old record", &store.Plan{Where: []store.Cond{store.OwnedBy{Patients: []int64{1}}, token}})
	v1, err := f.s.Version(f.ctx, old.Hash, 1)
	if err != nil || v1.Key != old.Key {
		t.Errorf("the first version is at %d, %v, want %d", v1.Key, err, old.Key)
	}
	index, err := f.s.ScanIndex(f.ctx, store.TypeRange(1, observation))
	if err != nil {
		t.Fatal(err)
	}
	if index[old.Key] != nil {
		t.Errorf("index rows stayed behind: %+v", index[old.Key])
	}
}

func testPatientNumbers(t *testing.T, f *fixture) {
	var mu sync.Mutex
	seen := map[int64]bool{}
	err := together(16, func(int) error {
		for range 25 {
			n, err := f.s.NextPatient(f.ctx)
			if err != nil {
				return err
			}
			mu.Lock()
			dup := seen[n]
			seen[n] = true
			mu.Unlock()
			if dup || n < 1 || n >= 1<<31 {
				return fmt.Errorf("patient number %d (given before: %t)", n, dup)
			}
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}
