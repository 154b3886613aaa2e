package storetest

import (
	"errors"
	"fmt"
	"strconv"
	"sync/atomic"
	"testing"

	"github.com/osler-ehr/osler/store"
)

// testLostUpdates has 64 writers count in one resource, each on top of the version it has read.
func testLostUpdates(t *testing.T, f *fixture) {
	const writers, each = 64, 4
	w := first(1, observation, "counter", store.Index{})
	w.Row.Body = []byte("0")
	f.put(w)
	var conflicts atomic.Int64
	err := together(writers, func(int) error {
		for range each {
			for {
				row, err := f.s.Read(f.ctx, w.Row.Hash)
				if err != nil {
					return err
				}
				n, err := strconv.Atoi(string(row.Body))
				if err != nil {
					return err
				}
				u := next(row)
				u.Row.Body = []byte(strconv.Itoa(n + 1))
				err = f.s.Update(f.ctx, func(tx store.Tx) error { _, err := tx.Put(f.ctx, u); return err })
				if err == nil {
					break
				}
				if !errors.Is(err, store.ErrConflict) {
					return err
				}
				conflicts.Add(1)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	row := f.read(observation, "counter")
	if want := strconv.Itoa(writers * each); string(row.Body) != want || row.Version != writers*each+1 {
		t.Errorf("counted to %s in version %d, want %s in %d", row.Body, row.Version, want, writers*each+1)
	}
	history, err := f.s.History(f.ctx, store.HistoryPlan{Hash: row.Hash})
	if err != nil || len(history) != writers*each+1 {
		t.Errorf("%d versions in the history, %v, want %d", len(history), err, writers*each+1)
	}
	for i, h := range history {
		if h.Version != row.Version-int64(i) {
			t.Fatalf("version %d stands at place %d of the history", h.Version, i)
		}
	}
	t.Logf("%d updates, %d conflicts", writers*each, conflicts.Load())

	// Reading within the transaction, nobody need conflict more than the store can bear: each succeeds at last.
	err = together(16, func(int) error {
		for {
			err := f.s.Update(f.ctx, func(tx store.Tx) error {
				row, err := tx.Read(f.ctx, w.Row.Hash)
				if err != nil {
					return err
				}
				_, err = tx.Put(f.ctx, next(row))
				return err
			})
			if !errors.Is(err, store.ErrConflict) {
				return err
			}
		}
	})
	if err != nil {
		t.Error(err)
	}
	if v := f.read(observation, "counter").Version; v != writers*each+1+16 {
		t.Errorf("version %d, want %d", v, writers*each+1+16)
	}
}

// testReferencesHold has some writers refer to a resource, after Exists within their transaction, while
// others end it, after Referrers within theirs: no reference may be left that leads nowhere.
func testReferencesHold(t *testing.T, f *fixture) {
	const atom = 3
	for round := range 20 {
		id := fmt.Sprint("target", round)
		f.put(first(0, practitioner, id, store.Index{}))
		target := f.read(practitioner, id)
		var ended atomic.Int64
		err := together(8, func(g int) error {
			if g%4 == 3 {
				err := f.s.Update(f.ctx, func(tx store.Tx) error {
					used, err := tx.Referrers(f.ctx, target.Hash, []int64{atom})
					if err != nil {
						return err
					}
					if used {
						return store.ErrConflict
					}
					return tx.Delete(f.ctx, end(target, store.Index{}))
				})
				if err == nil {
					ended.Add(1)
				} else if !errors.Is(err, store.ErrConflict) {
					return err
				}
				return nil
			}
			return f.s.Update(f.ctx, func(tx store.Tx) error {
				exists, err := tx.Exists(f.ctx, []int64{target.Hash})
				if err != nil || len(exists) == 0 {
					return err
				}
				w := first(int64(g+1), observation, fmt.Sprint(round, "-", g),
					store.Index{Refs: []store.Ref{{Atom: atom, Target: target.Hash}}})
				_, err = tx.Put(f.ctx, w)
				return err
			})
		})
		if err != nil {
			t.Fatal(err)
		}
		n, err := f.s.Count(f.ctx, &store.Plan{
			Where: []store.Cond{store.RefIs{Atoms: []int64{atom}, Targets: []int64{target.Hash}}}})
		if err != nil {
			t.Fatal(err)
		}
		if n > 0 && ended.Load() > 0 {
			t.Fatalf("round %d: %d resources refer to what was deleted", round, n)
		}
		if n == 0 && ended.Load() == 0 {
			t.Fatalf("round %d: nobody refers to the target, and nobody could delete it", round)
		}
	}
}

// testSerialize has writers check and then act on the same thing, which only Serialize makes safe.
func testSerialize(t *testing.T, f *fixture) {
	const things, writers = 6, 24
	token := func(thing int) []store.Cond {
		return []store.Cond{store.TokenIs{Atoms: []int64{1}, Values: []store.TokenValue{{Code: int64(thing), HasCode: true}}}}
	}
	err := together(writers, func(g int) error {
		for thing := range things {
			err := f.s.Update(f.ctx, func(tx store.Tx) error {
				if err := tx.Serialize(f.ctx, int64(thing)-2); err != nil {
					return err
				}
				n, err := tx.Count(f.ctx, &store.Plan{Type: encounter, Where: token(thing)})
				if err != nil || n > 0 {
					return err
				}
				w := first(int64(g), encounter, fmt.Sprintf("%d by %d", thing, g),
					store.Index{Tokens: []store.Token{{Atom: 1, Code: int64(thing)}}})
				_, err = tx.Put(f.ctx, w)
				return err
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for thing := range things {
		n, err := f.s.Count(f.ctx, &store.Plan{Type: encounter, Where: token(thing)})
		if err != nil || n != 1 {
			t.Errorf("thing %d was made %d times, %v", thing, n, err)
		}
	}
	// Two things in opposite orders: somebody may have to run again, nobody waits for ever.
	err = together(12, func(g int) error {
		return f.s.Update(f.ctx, func(tx store.Tx) error {
			for i := range int64(2) {
				if err := tx.Serialize(f.ctx, 100+(i+int64(g))%2); err != nil {
					return err
				}
				if _, err := tx.Read(f.ctx, 1); !errors.Is(err, store.ErrNotFound) {
					return err
				}
			}
			return nil
		})
	})
	if err != nil {
		t.Error(err)
	}
}
