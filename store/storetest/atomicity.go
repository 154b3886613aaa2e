package storetest

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/osler-ehr/osler/store"
)

// everything does one of each thing that a transaction can do.
func (f *fixture) everything(tx store.Tx, name string) error {
	w := first(3, observation, name, store.Index{
		Tokens:  []store.Token{{Atom: 1, Code: 1}},
		Refs:    []store.Ref{{Atom: 1, Target: 1}},
		Dates:   []store.Date{{Atom: 1, Lo: 1, Hi: 2}},
		Texts:   []store.Text{{Atom: 1, Value: name}},
		Amounts: []store.Amount{{Atom: 1, Value: 1}},
	})
	_, err := tx.Put(f.ctx, w)
	tx.Audit([]byte("entry of " + name))
	return errors.Join(err,
		tx.SetSecret(f.ctx, "space", name, []byte("s")),
		tx.SetPatientKey(f.ctx, 3, []byte(name)),
		tx.SetBlob(f.ctx, name, []byte("b")),
		tx.AddJob(f.ctx, store.Job{Kind: "kind", Unique: name, Due: 1}),
	)
}

// untouched checks that nothing of what everything does for name is there.
func (f *fixture) untouched(name string) {
	f.t.Helper()
	f.absent(observation, name)
	if _, err := f.s.Version(f.ctx, hashOf(observation, name), 1); !errors.Is(err, store.ErrNotFound) {
		f.t.Errorf("Version: %v, want ErrNotFound", err)
	}
	if _, err := f.s.Secret(f.ctx, "space", name); !errors.Is(err, store.ErrNotFound) {
		f.t.Errorf("Secret: %v, want ErrNotFound", err)
	}
	if _, err := f.s.PatientKey(f.ctx, 3); !errors.Is(err, store.ErrNotFound) {
		f.t.Errorf("PatientKey: %v, want ErrNotFound", err)
	}
	if _, err := f.s.Blob(f.ctx, name); !errors.Is(err, store.ErrNotFound) {
		f.t.Errorf("Blob: %v, want ErrNotFound", err)
	}
	if _, err := f.s.Claim(f.ctx, []string{"kind"}, 10, 20); !errors.Is(err, store.ErrNotFound) {
		f.t.Errorf("Claim: %v, want ErrNotFound", err)
	}
	if cs, err := f.s.Changes(f.ctx, 0, 10); err != nil || len(cs) != 0 {
		f.t.Errorf("Changes: %d, %v, want none", len(cs), err)
	}
	if n := len(f.entries()); n != 0 {
		f.t.Errorf("%d audit entries, want none", n)
	}
	for _, c := range []store.Cond{
		store.Has{Kind: store.Tokens, Atoms: []int64{1}}, store.Has{Kind: store.Refs, Atoms: []int64{1}},
		store.Has{Kind: store.Dates, Atoms: []int64{1}}, store.Has{Kind: store.Texts, Atoms: []int64{1}},
		store.Has{Kind: store.Amounts, Atoms: []int64{1}},
	} {
		f.finds(fmt.Sprintf("%+v", c), &store.Plan{Where: []store.Cond{c}})
	}
	index, err := f.s.ScanIndex(f.ctx, store.PatientRange(3))
	if err != nil || len(index) != 0 {
		f.t.Errorf("index rows of %d resources, %v, want none", len(index), err)
	}
}

func testAtomicity(t *testing.T, f *fixture) {
	ours := errors.New("our own error")
	err := f.s.Update(f.ctx, func(tx store.Tx) error {
		if err := f.everything(tx, "failed"); err != nil {
			return err
		}
		return fmt.Errorf("wrapped: %w", ours)
	})
	if !errors.Is(err, ours) {
		t.Errorf("Update: %v, want the error of its function", err)
	}
	f.untouched("failed")

	// The same after its writes have surely reached the database.
	err = f.s.Update(f.ctx, func(tx store.Tx) error {
		if err := f.everything(tx, "late"); err != nil {
			return err
		}
		n, err := tx.Count(f.ctx, &store.Plan{Type: observation})
		if err == nil && n != 1 {
			err = fmt.Errorf("the transaction sees %d resources of its own, want 1", n)
		}
		return errors.Join(err, ours)
	})
	if !errors.Is(err, ours) {
		t.Errorf("Update: %v, want the error of its function", err)
	}
	f.untouched("late")

	err = f.s.Update(f.ctx, func(tx store.Tx) error {
		tx.Audit(refused)
		return f.everything(tx, "unsealed")
	})
	if !errors.Is(err, errSealer) {
		t.Errorf("Update whose audit cannot be sealed: %v, want the sealer's error", err)
	}
	f.untouched("unsealed")

	// A failure among others: the others are not harmed.
	errs := make([]error, 24)
	together(len(errs), func(i int) error {
		errs[i] = f.s.Update(f.ctx, func(tx store.Tx) error {
			if _, err := tx.Put(f.ctx, first(4, encounter, fmt.Sprint("e", i), store.Index{})); err != nil {
				return err
			}
			tx.Audit(fmt.Append(nil, "e", i))
			if i%2 == 0 {
				return ours
			}
			return nil
		})
		return nil
	})
	for i, err := range errs {
		want := []error{ours, nil}[i%2]
		if !errors.Is(err, want) {
			t.Errorf("transaction %d: %v, want %v", i, err, want)
		}
		if want != nil {
			f.absent(encounter, fmt.Sprint("e", i))
		} else {
			f.read(encounter, fmt.Sprint("e", i))
		}
	}
	if n := len(f.entries()); n != len(errs)/2 {
		t.Errorf("%d audit entries, want %d", n, len(errs)/2)
	}

	// A panic undoes the transaction and harms nobody else. It comes back as an error.
	err = f.s.Update(f.ctx, func(tx store.Tx) error {
		if _, err := tx.Put(f.ctx, first(4, encounter, "panic", store.Index{})); err != nil {
			return err
		}
		panic("broken code")
	})
	if err == nil {
		t.Error("Update of a function that panics: no error")
	}
	f.absent(encounter, "panic")
	f.put(first(4, encounter, "after the panic", store.Index{}))

	// A caller who has gone before it began writes nothing.
	gone, cancel := context.WithCancel(f.ctx)
	cancel()
	err = f.s.Update(gone, func(tx store.Tx) error {
		_, err := tx.Put(gone, first(4, encounter, "gone", store.Index{}))
		return err
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("Update of a cancelled request: %v, want context.Canceled", err)
	}
	f.absent(encounter, "gone")
}

// testOwnWrites checks that a transaction sees what it has done, and that nobody else does yet.
func testOwnWrites(t *testing.T, f *fixture) {
	ref := store.Index{
		Refs:   []store.Ref{{Atom: 4, Target: hashOf(patient, "p")}},
		Tokens: []store.Token{{Atom: 5, Code: 6}},
	}
	f.put(first(1, patient, "p", store.Index{}), first(1, observation, "old", ref))
	old := f.read(observation, "old")
	token := &store.Plan{Type: observation,
		Where: []store.Cond{store.TokenIs{Atoms: []int64{5}, Values: []store.TokenValue{{Code: 6, HasCode: true}}}}}
	check := func(what string, r store.Reader, id string, version int64, tokens int64) {
		t.Helper()
		hash := hashOf(observation, id)
		row, err := r.Read(f.ctx, hash)
		if version == 0 {
			if !errors.Is(err, store.ErrNotFound) {
				t.Errorf("%s: Read: version %d, %v, want ErrNotFound", what, row.Version, err)
			}
		} else if err != nil || row.Version != version {
			t.Errorf("%s: Read: version %d, %v, want %d", what, row.Version, err, version)
		}
		rows, err := r.ReadMany(f.ctx, []int64{hash, hashOf(patient, "p")})
		if err != nil || (len(rows) == 2) != (version != 0) {
			t.Errorf("%s: ReadMany: %d rows, %v", what, len(rows), err)
		}
		exists, err := r.Exists(f.ctx, []int64{hash, hashOf(patient, "p")})
		if _, ok := exists[hash]; err != nil || ok != (version != 0) {
			t.Errorf("%s: Exists: %t, %v", what, ok, err)
		}
		if n, err := r.Count(f.ctx, token); err != nil || n != tokens {
			t.Errorf("%s: Count: %d, %v, want %d", what, n, err, tokens)
		}
		if hits, err := r.Search(f.ctx, token); err != nil || int64(len(hits)) != tokens {
			t.Errorf("%s: Search: %d, %v, want %d", what, len(hits), err, tokens)
		}
	}
	last := func(tx store.Tx, id string, want int64) {
		t.Helper()
		if v, err := tx.LastVersion(f.ctx, hashOf(observation, id)); err != nil || v != want {
			t.Errorf("LastVersion: %d, %v, want %d", v, err, want)
		}
	}
	referred := func(tx store.Tx, atoms []int64, want bool) {
		t.Helper()
		if ok, err := tx.Referrers(f.ctx, hashOf(patient, "p"), atoms); err != nil || ok != want {
			t.Errorf("Referrers by %v: %t, %v, want %t", atoms, ok, err, want)
		}
	}
	f.update(func(tx store.Tx) error {
		check("before", tx, "new", 0, 1)
		referred(tx, []int64{4}, true)
		referred(tx, []int64{5}, false)
		referred(tx, []int64{5, 4}, true)
		last(tx, "new", 0)
		if _, err := tx.Put(f.ctx, first(1, observation, "new", ref)); err != nil {
			return err
		}
		check("after the create", tx, "new", 1, 2)
		check("outside, meanwhile", f.s, "new", 0, 1)
		last(tx, "new", 1)
		u := next(old)
		u.Remove = ref
		if _, err := tx.Put(f.ctx, u); err != nil {
			return err
		}
		last(tx, "old", 2)
		check("after the update", tx, "old", 2, 1)
		check("outside, after the update", f.s, "old", 1, 1)
		referred(tx, []int64{4}, true)
		created, err := tx.Read(f.ctx, hashOf(observation, "new"))
		if err != nil {
			return err
		}
		if created.Key.Patient() != 1 || created.Key.Seq() < 1 || string(created.Body) != "new v1" {
			t.Errorf("the transaction reads its own row as %+v", created)
		}
		if err := tx.Delete(f.ctx, end(created, ref)); err != nil {
			return err
		}
		last(tx, "new", 2)
		check("after the deletion", tx, "new", 0, 0)
		referred(tx, []int64{4}, false)

		if err := tx.SetSecret(f.ctx, "own", "n", []byte("v")); err != nil {
			return err
		}
		if v, err := tx.Secret(f.ctx, "own", "n"); err != nil || string(v) != "v" {
			t.Errorf("Secret inside: %q, %v", v, err)
		}
		if _, err := f.s.Secret(f.ctx, "own", "n"); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("Secret outside: %v, want ErrNotFound", err)
		}
		if err := tx.SetPatientKey(f.ctx, 1, []byte("k")); err != nil {
			return err
		}
		if v, err := tx.PatientKey(f.ctx, 1); err != nil || string(v) != "k" {
			t.Errorf("PatientKey inside: %q, %v", v, err)
		}
		return nil
	})
	check("committed", f.s, "new", 0, 0)
	check("committed", f.s, "old", 2, 0)
	if v, err := f.s.Version(f.ctx, hashOf(observation, "new"), 1); err != nil || string(v.Body) != "new v1" {
		t.Errorf("the version that lived within a transaction: %q, %v", v.Body, err)
	}

	// A slow function sees a request's end.
	ctx, cancel := context.WithTimeout(f.ctx, 30*time.Millisecond)
	defer cancel()
	err := f.s.Update(ctx, func(tx store.Tx) error {
		if _, err := tx.Put(ctx, first(1, observation, "slow", store.Index{})); err != nil {
			return err
		}
		<-ctx.Done()
		return ctx.Err()
	})
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Update past its time: %v, want context.DeadlineExceeded", err)
	}
	f.absent(observation, "slow")
}
