package storetest

import (
	"errors"
	"testing"
	"time"

	"github.com/osler-ehr/osler/store"
)

// testReindex: rows come to a resource without a version, only to the one that is current, and an atom's rows can
// be taken away.
func testReindex(t *testing.T, f *fixture) {
	had := store.Index{Tokens: []store.Token{{Atom: 1, Code: 10, System: 1}}}
	f.put(first(0, practitioner, "a", had), first(0, practitioner, "b", had))
	a, b := f.read(practitioner, "a"), f.read(practitioner, "b")
	changes, err := f.s.LastChange(f.ctx)
	if err != nil {
		t.Fatal(err)
	}
	more := store.Index{
		Tokens: []store.Token{{Atom: 1, Code: 10, System: 1}, {Atom: 2, Code: 20}}, Refs: []store.Ref{{Atom: 3, Target: 30}},
		Dates: []store.Date{{Atom: 4, Lo: 1, Hi: 2}}, Texts: []store.Text{{Atom: 5, Value: "x"}}, Amounts: []store.Amount{{Atom: 6, Value: 1.5, Unit: 7}},
	}
	again := func(add store.Index, rows ...store.Row) {
		t.Helper()
		f.update(func(tx store.Tx) error {
			var all []store.Reindex
			for _, r := range rows {
				all = append(all, store.Reindex{Key: r.Key, Hash: r.Hash, Version: r.Version, Add: add})
			}
			return tx.Reindex(f.ctx, all)
		})
	}
	for range 2 { // the second time nothing is new
		again(more, a, b)
	}
	have, err := f.s.ScanIndex(f.ctx, store.KeyRange{From: a.Key, To: b.Key})
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range []store.Key{a.Key, b.Key} {
		x := have[k]
		if x == nil || len(x.Tokens) != 2 || len(x.Refs) != 1 || len(x.Dates) != 1 || len(x.Texts) != 1 || len(x.Amounts) != 1 {
			t.Errorf("index rows of %d: %+v", k, x)
		}
	}
	if now := f.read(practitioner, "a"); now.Version != a.Version || now.Change != a.Change {
		t.Errorf("the resource is at version %d and change %d now", now.Version, now.Change)
	}
	if last, err := f.s.LastChange(f.ctx); err != nil || last != changes {
		t.Errorf("the change log goes to %d, %v, not %d", last, err, changes)
	}

	f.put(next(b))
	f.put(first(0, practitioner, "c", store.Index{}), first(0, practitioner, "d", store.Index{}))
	c, d := f.read(practitioner, "c"), f.read(practitioner, "d")
	f.delete(end(d, store.Index{}))
	once := store.Index{Tokens: []store.Token{{Atom: 9, Code: 90}}}
	again(once, b, d, c) // b is another version by now, d is gone
	f.indexed("after a version was replaced and a resource deleted", store.KeyRange{From: b.Key, To: d.Key}, map[store.Key]store.Index{b.Key: more, c.Key: once})
	f.update(func(tx store.Tx) error {
		if last, err := tx.LastKey(f.ctx); err != nil || last != c.Key {
			t.Errorf("the last key is %d, %v, want %d", last, err, c.Key)
		}
		key, err := tx.Put(f.ctx, first(1, practitioner, "e", store.Index{}))
		if err != nil {
			return err
		}
		if last, err := tx.LastKey(f.ctx); err != nil || last != key {
			t.Errorf("after another of a patient, the last key is %d, %v, want %d", last, err, key)
		}
		return nil
	})

	take := func(kind store.IndexKind, atom int64, limit int) (n int) {
		t.Helper()
		f.update(func(tx store.Tx) (err error) { n, err = tx.Unindex(f.ctx, kind, atom, limit); return err })
		return n
	}
	for kind, atom := range map[store.IndexKind]int64{store.Tokens: 2, store.Refs: 3, store.Dates: 4, store.Texts: 5, store.Amounts: 6} {
		if n := take(kind, atom, 1); n != 1 {
			t.Errorf("kind %d: %d rows taken, want 1", kind, n)
		}
		if n := take(kind, atom, 10); n != 1 {
			t.Errorf("kind %d: %d rows taken then, want 1", kind, n)
		}
		if n := take(kind, atom, 10); n != 0 {
			t.Errorf("kind %d: %d rows taken at last, want 0", kind, n)
		}
	}
	have, err = f.s.ScanIndex(f.ctx, store.KeyRange{From: a.Key, To: b.Key})
	if err != nil || have[a.Key] == nil || len(have[a.Key].Tokens) != 1 || len(have[a.Key].Refs)+len(have[a.Key].Texts) != 0 {
		t.Errorf("left: %+v, %v", have[a.Key], err)
	}
}

// testAssert: what a transaction asserts of a secret stays true until its end; who serializes the thing waits.
func testAssert(t *testing.T, f *fixture) {
	const thing = -7
	set := func(value string) {
		f.update(func(tx store.Tx) error {
			if err := tx.Serialize(f.ctx, thing); err != nil {
				return err
			}
			return tx.SetSecret(f.ctx, "s", "n", []byte(value))
		})
	}
	// assert writes a practitioner under the assertion.
	assert := func(value, id string) error {
		return f.s.Update(f.ctx, func(tx store.Tx) error {
			if err := tx.Assert(f.ctx, thing, "s", "n", []byte(value)); err != nil {
				return err
			}
			_, err := tx.Put(f.ctx, first(0, practitioner, id, store.Index{}))
			return err
		})
	}
	if err := assert("1", "a"); !errors.Is(err, store.ErrConflict) {
		t.Errorf("no secret: %v, want ErrConflict", err)
	}
	if err := assert("", "b"); err != nil {
		t.Errorf("no secret, and none asserted: %v", err)
	}
	set("1")
	for _, value := range []string{"", "2"} {
		if err := assert(value, "c"); !errors.Is(err, store.ErrConflict) {
			t.Errorf("asserted %q: %v, want ErrConflict", value, err)
		}
	}
	if err := assert("1", "d"); err != nil {
		t.Errorf("asserted as it is: %v", err)
	}
	f.absent(practitioner, "a")
	f.absent(practitioner, "c")
	f.read(practitioner, "b")
	f.read(practitioner, "d")
	f.update(func(tx store.Tx) error { // of what it has serialized itself, and changed
		if err := tx.Serialize(f.ctx, thing); err != nil {
			return err
		}
		return tx.Assert(f.ctx, thing, "s", "n", []byte("1"))
	})

	holding, changed := make(chan struct{}), make(chan struct{})
	go func() {
		<-holding
		set("2")
		close(changed)
	}()
	once := false
	f.update(func(tx store.Tx) error {
		if err := tx.Assert(f.ctx, thing, "s", "n", []byte("1")); err != nil {
			return err
		}
		if _, err := tx.Secret(f.ctx, "s", "n"); err != nil { // from here on it holds
			return err
		}
		if !once {
			once = true
			close(holding)
		}
		select {
		case <-changed:
			t.Error("the secret was changed while it was asserted")
		case <-time.After(50 * time.Millisecond):
		}
		if v, err := tx.Secret(f.ctx, "s", "n"); err != nil || string(v) != "1" {
			t.Errorf("seen again: %q, %v", v, err)
		}
		return nil
	})
	<-changed
	if v, err := f.s.Secret(f.ctx, "s", "n"); err != nil || string(v) != "2" {
		t.Errorf("afterwards: %q, %v", v, err)
	}
}
