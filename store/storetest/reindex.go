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
	again := func(rows ...store.Row) error {
		return f.s.Update(f.ctx, func(tx store.Tx) error {
			var all []store.Reindex
			for _, r := range rows {
				all = append(all, store.Reindex{Key: r.Key, Hash: r.Hash, Version: r.Version, Add: more})
			}
			return tx.Reindex(f.ctx, all)
		})
	}
	for range 2 { // the second time nothing is new
		if err := again(a, b); err != nil {
			t.Fatal(err)
		}
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
	f.put(first(0, practitioner, "c", store.Index{}))
	c := f.read(practitioner, "c")
	if err := again(c, b); !errors.Is(err, store.ErrConflict) {
		t.Errorf("a version that is not current: %v, want ErrConflict", err)
	}
	if x, err := f.s.ScanIndex(f.ctx, store.KeyRange{From: c.Key, To: c.Key}); err != nil || x[c.Key] != nil && !x[c.Key].Empty() {
		t.Errorf("of a refused change something stands: %+v, %v", x[c.Key], err)
	}
	f.delete(end(c, store.Index{}))
	if err := again(c); !errors.Is(err, store.ErrConflict) {
		t.Errorf("a resource that is deleted: %v, want ErrConflict", err)
	}

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

// testHold: what holds a thing sees the secret as it stays until the end; who serializes the thing waits.
func testHold(t *testing.T, f *fixture) {
	const thing = -7
	set := func(value string) {
		f.update(func(tx store.Tx) error {
			if err := tx.Serialize(f.ctx, thing); err != nil {
				return err
			}
			if v, err := tx.Hold(f.ctx, thing, "s", "n"); err != nil && !errors.Is(err, store.ErrNotFound) {
				t.Errorf("within a transaction that serialized: %q, %v", v, err)
			}
			return tx.SetSecret(f.ctx, "s", "n", []byte(value))
		})
	}
	f.update(func(tx store.Tx) error {
		if _, err := tx.Hold(f.ctx, thing, "s", "n"); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("no secret: %v, want ErrNotFound", err)
		}
		return nil
	})
	set("1")
	holding, changed := make(chan struct{}), make(chan struct{})
	go func() {
		<-holding
		set("2")
		close(changed)
	}()
	once := false
	f.update(func(tx store.Tx) error {
		v, err := tx.Hold(f.ctx, thing, "s", "n")
		if err != nil || string(v) != "1" {
			t.Errorf("held: %q, %v", v, err)
		}
		if !once {
			once = true
			close(holding)
		}
		select {
		case <-changed:
			t.Error("the secret was changed while it was held")
		case <-time.After(50 * time.Millisecond):
		}
		if v, err = tx.Hold(f.ctx, thing, "s", "n"); err != nil || string(v) != "1" {
			t.Errorf("held again: %q, %v", v, err)
		}
		return nil
	})
	<-changed
	if v, err := f.s.Secret(f.ctx, "s", "n"); err != nil || string(v) != "2" {
		t.Errorf("afterwards: %q, %v", v, err)
	}
}
