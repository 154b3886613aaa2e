package storetest

import (
	"bytes"
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/osler-ehr/osler/store"
)

func testVersions(t *testing.T, f *fixture) {
	w := first(7, observation, strings.Repeat("i", 64), store.Index{})
	w.Row.Org = 1<<40 + 3
	w.Row.Labels = math.MinInt64 | 5
	w.Row.At = -5
	w.Row.Body = bytes.Repeat([]byte{0, 1, 0xff, '\''}, 5000)
	id := w.Row.ID
	v1 := w.Row
	v1.Key = f.put(w)[0]

	got := f.read(observation, id)
	f.equal("the row as written", withoutChange(got)[0], v1)
	if got.Change <= 0 {
		t.Errorf("change number %d, want a positive one", got.Change)
	}

	u := next(got)
	u.Row.Org, u.Row.Labels = 9, 2
	if key := f.put(u)[0]; key != v1.Key {
		t.Errorf("an update moved the resource from %d to %d", v1.Key, key)
	}
	v2 := f.read(observation, id)
	f.equal("the second version", withoutChange(v2)[0], withoutChange(u.Row)[0])
	if v2.Change <= got.Change {
		t.Errorf("change numbers %d, %d do not grow", got.Change, v2.Change)
	}

	d := end(v2, store.Index{})
	f.delete(d)
	f.absent(observation, id)
	if exists, err := f.s.Exists(f.ctx, []int64{v1.Hash}); err != nil || len(exists) != 0 {
		t.Errorf("Exists after the deletion: %v, %v", exists, err)
	}
	if rows, err := f.s.ReadMany(f.ctx, []int64{v1.Hash}); err != nil || len(rows) != 0 {
		t.Errorf("ReadMany after the deletion: %d rows, %v", len(rows), err)
	}
	if rows, err := f.s.Scan(f.ctx, 0, 10); err != nil || len(rows) != 0 {
		t.Errorf("Scan after the deletion: %d rows, %v", len(rows), err)
	}

	again := first(7, observation, id, store.Index{})
	again.Row.Version = 4
	again.Row.Key = f.put(again)[0]
	f.equal("the resource made anew", withoutChange(f.read(observation, id))[0], withoutChange(again.Row)[0])

	want := []store.Row{v1, u.Row, d.Row, again.Row}
	for i, row := range withoutChange(want...) {
		got, err := f.s.Version(f.ctx, row.Hash, int64(i+1))
		if err != nil {
			t.Fatalf("Version %d: %v", i+1, err)
		}
		if got.Change == 0 {
			t.Errorf("version %d has no change number", i+1)
		}
		f.equal("version", withoutChange(got)[0], row)
	}
	for _, absent := range []int64{0, 5, -1} {
		if _, err := f.s.Version(f.ctx, v1.Hash, absent); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("Version %d: %v, want ErrNotFound", absent, err)
		}
	}
	f.update(func(tx store.Tx) error {
		for hash, want := range map[int64]int64{v1.Hash: 4, hashOf(observation, "never"): 0} {
			if v, err := tx.LastVersion(f.ctx, hash); err != nil || v != want {
				t.Errorf("LastVersion: %d, %v, want %d", v, err, want)
			}
		}
		retired, err := tx.Retired(f.ctx, []int64{v1.Hash, hashOf(observation, "never")})
		if err != nil || len(retired) != 1 || retired[v1.Hash] != 3 {
			t.Errorf("Retired: %v, %v", retired, err)
		}
		return nil
	})

	// Many at once, some of them absent, one asked twice.
	hashes := []int64{v1.Hash, hashOf(observation, "never"), v1.Hash}
	for i := range 300 {
		id := "many" + strings.Repeat("x", i)[:i%60] + string(rune('a'+i%26)) + string(rune('a'+i/26))
		w := first(int64(i%5), observation, id, store.Index{})
		f.put(w)
		hashes = append(hashes, w.Row.Hash)
	}
	rows, err := f.s.ReadMany(f.ctx, hashes)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[int64]bool{}
	for _, r := range rows {
		if seen[r.Hash] {
			t.Errorf("ReadMany has %s twice", r.ID)
		}
		seen[r.Hash] = true
	}
	if len(seen) != 301 {
		t.Errorf("ReadMany has %d rows, want 301", len(seen))
	}
	exists, err := f.s.Exists(f.ctx, hashes)
	if err != nil || len(exists) != 301 {
		t.Fatalf("Exists: %d, %v, want 301", len(exists), err)
	}
	for _, r := range rows {
		if exists[r.Hash] != r.Key {
			t.Errorf("Exists says %s is at %d, it is at %d", r.ID, exists[r.Hash], r.Key)
		}
	}
	for _, none := range [][]int64{nil, {}} {
		if rows, err := f.s.ReadMany(f.ctx, none); err != nil || len(rows) != 0 {
			t.Errorf("ReadMany of nothing: %d, %v", len(rows), err)
		}
		if m, err := f.s.Exists(f.ctx, none); err != nil || len(m) != 0 {
			t.Errorf("Exists of nothing: %d, %v", len(m), err)
		}
	}

	// A scan in pieces passes every row once, in key order.
	var last store.Key
	n := 0
	for {
		rows, err := f.s.Scan(f.ctx, last, 17)
		if err != nil {
			t.Fatal(err)
		}
		if len(rows) == 0 {
			break
		}
		for _, r := range rows {
			if r.Key <= last {
				t.Fatalf("Scan goes from key %d to %d", last, r.Key)
			}
			last = r.Key
			n++
		}
	}
	if n != 301 {
		t.Errorf("Scan passed %d rows, want 301", n)
	}
}

func testConflicts(t *testing.T, f *fixture) {
	base := first(1, observation, "here", store.Index{})
	f.put(base)
	here := f.read(observation, "here")
	gone := first(1, observation, "gone", store.Index{})
	f.put(gone)
	goneRow := f.read(observation, "gone")
	f.delete(end(goneRow, store.Index{}))
	stale := func(expect int64) *store.Write {
		w := next(here)
		w.Expect, w.Row.Version = expect, expect+1
		return w
	}
	never := here
	never.Hash, never.ID = hashOf(observation, "never"), "never"

	type step struct {
		w      *store.Write
		delete bool
	}
	cases := []struct {
		name  string
		steps []step
	}{
		{"create of what exists", []step{{w: first(1, observation, "here", store.Index{})}}},
		{"create twice in one transaction", []step{
			{w: first(1, observation, "twice", store.Index{})}, {w: first(1, observation, "twice", store.Index{})}}},
		{"update of what never was", []step{{w: next(never)}}},
		{"update of what was deleted", []step{{w: next(goneRow)}}},
		{"update of an older version", []step{{w: stale(0)}}},
		{"update of a newer version", []step{{w: stale(2)}}},
		{"the same update twice in one transaction", []step{{w: next(here)}, {w: next(here)}}},
		{"deletion of an older version", []step{{w: end(stale(2).Row, store.Index{}), delete: true}}},
		{"deletion of what never was", []step{{w: end(never, store.Index{}), delete: true}}},
		{"deletion twice in one transaction", []step{
			{w: end(here, store.Index{}), delete: true}, {w: end(here, store.Index{}), delete: true}}},
		{"update after deletion in one transaction", []step{{w: end(here, store.Index{}), delete: true}, {w: next(here)}}},
	}
	before, err := f.s.LastChange(f.ctx)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			bystander := first(1, encounter, "bystander", store.Index{})
			err := f.s.Update(f.ctx, func(tx store.Tx) error {
				if _, err := tx.Put(f.ctx, bystander); err != nil {
					return err
				}
				for _, s := range c.steps {
					if s.delete {
						if err := tx.Delete(f.ctx, s.w); err != nil {
							return err
						}
					} else if _, err := tx.Put(f.ctx, s.w); err != nil {
						return err
					}
				}
				return nil
			})
			if !errors.Is(err, store.ErrConflict) {
				t.Fatalf("Update: %v, want ErrConflict", err)
			}
			f.absent(encounter, "bystander")
			f.equal("the resource", f.read(observation, "here"), here)
		})
	}
	after, err := f.s.LastChange(f.ctx)
	if err != nil || after != before {
		t.Errorf("refused writes left changes: %d, then %d (%v)", before, after, err)
	}

	// Several versions of one resource in one transaction are no conflict when each expects the one before.
	v2 := next(here)
	v3 := next(v2.Row)
	f.update(func(tx store.Tx) error {
		for _, w := range []*store.Write{v2, v3} {
			if _, err := tx.Put(f.ctx, w); err != nil {
				return err
			}
		}
		if err := tx.Delete(f.ctx, end(v3.Row, store.Index{})); err != nil {
			return err
		}
		again := first(1, observation, "here", store.Index{})
		again.Row.Version = 5
		_, err := tx.Put(f.ctx, again)
		return err
	})
	if v := f.read(observation, "here").Version; v != 5 {
		t.Errorf("version %d is current, want 5", v)
	}
	for v := int64(1); v <= 5; v++ {
		if _, err := f.s.Version(f.ctx, here.Hash, v); err != nil {
			t.Errorf("version %d: %v", v, err)
		}
	}
}
