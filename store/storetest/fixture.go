package storetest

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/osler-ehr/osler/store"
)

// Type numbers of the resources in these tests.
const (
	patient     = store.PatientType
	observation = 2 + iota
	encounter
	practitioner
)

// fixture is a store under test and short ways to use it. Its methods end the test when the store fails;
// call them from the test's own goroutine only.
type fixture struct {
	t   *testing.T
	ctx context.Context
	s   store.Store
}

func hashOf(typ int, id string) int64 {
	h := fnv.New64a()
	fmt.Fprintf(h, "%d/%s", typ, id)
	return int64(h.Sum64())
}

// first is a resource's first version, as a create.
func first(patientNo int64, typ int, id string, x store.Index) *store.Write {
	return &store.Write{
		Row: store.Row{
			Key: store.MakeKey(patientNo, typ, 0), Hash: hashOf(typ, id), ID: id,
			Version: 1, At: 1_700_000_000_000, Org: 1, Action: store.Created, Body: []byte(id + " v1"),
		},
		Fresh: true,
		Add:   x,
	}
}

// next is a write of the version after old, which changes no index row.
func next(old store.Row) *store.Write {
	w := &store.Write{Row: old, Expect: old.Version, OldKey: old.Key}
	w.Row.Version++
	w.Row.At++
	w.Row.Action = store.Updated
	w.Row.Change = 0
	w.Row.Body = fmt.Appendf(nil, "%s v%d", old.ID, w.Row.Version)
	return w
}

// end is the deletion of old.
func end(old store.Row, x store.Index) *store.Write {
	w := next(old)
	w.Row.Action = store.Deleted
	w.Row.Body = nil
	w.Remove = x
	return w
}

func (f *fixture) update(fn func(store.Tx) error) {
	f.t.Helper()
	if err := f.s.Update(f.ctx, fn); err != nil {
		f.t.Fatalf("Update: %v", err)
	}
}

// put writes all in one transaction.
func (f *fixture) put(ws ...*store.Write) []store.Key {
	f.t.Helper()
	var keys []store.Key
	f.update(func(tx store.Tx) error {
		keys = keys[:0]
		for _, w := range ws {
			key, err := tx.Put(f.ctx, w)
			if err != nil {
				return err
			}
			keys = append(keys, key)
		}
		return nil
	})
	return keys
}

func (f *fixture) delete(ws ...*store.Write) {
	f.t.Helper()
	f.update(func(tx store.Tx) error {
		for _, w := range ws {
			if err := tx.Delete(f.ctx, w); err != nil {
				return err
			}
		}
		return nil
	})
}

func (f *fixture) read(typ int, id string) store.Row {
	f.t.Helper()
	row, err := f.s.Read(f.ctx, hashOf(typ, id))
	if err != nil {
		f.t.Fatalf("Read(%d/%s): %v", typ, id, err)
	}
	return row
}

func (f *fixture) absent(typ int, id string) {
	f.t.Helper()
	if _, err := f.s.Read(f.ctx, hashOf(typ, id)); !errors.Is(err, store.ErrNotFound) {
		f.t.Errorf("Read(%d/%s): %v, want ErrNotFound", typ, id, err)
	}
}

// found runs a plan and returns the ids of its hits, in order.
func (f *fixture) found(p *store.Plan) []string {
	f.t.Helper()
	hits, err := f.s.Search(f.ctx, p)
	if err != nil {
		f.t.Fatalf("Search: %v", err)
	}
	ids := []string{}
	for _, h := range hits {
		ids = append(ids, h.ID)
	}
	n, err := f.s.Count(f.ctx, p)
	if err != nil {
		f.t.Fatalf("Count: %v", err)
	}
	if p.Limit == 0 && p.After == nil && n != int64(len(ids)) {
		f.t.Errorf("Count = %d, but Search has %d rows", n, len(ids))
	}
	return ids
}

// finds checks which resources a plan has, in any order.
func (f *fixture) finds(what string, p *store.Plan, want ...string) {
	f.t.Helper()
	got := f.found(p)
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		f.t.Errorf("%s: found %q, want %q", what, got, want)
	}
}

func (f *fixture) equal(what string, got, want any) {
	f.t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		f.t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// symbols returns the numbers of names.
func (f *fixture) symbols(names ...string) map[string]int64 {
	f.t.Helper()
	m, err := f.s.Symbols(f.ctx, names)
	if err != nil {
		f.t.Fatalf("Symbols: %v", err)
	}
	return m
}

// together runs fn n times at once and returns the errors, joined.
func together(n int, fn func(i int) error) error {
	var wg sync.WaitGroup
	errs := make([]error, n)
	for i := range n {
		wg.Go(func() { errs[i] = fn(i) })
	}
	wg.Wait()
	return errors.Join(errs...)
}

// withoutChange makes rows comparable with what was written: the change number is the store's own.
func withoutChange(rows ...store.Row) []store.Row {
	out := slices.Clone(rows)
	for i := range out {
		out[i].Change = 0
		if len(out[i].Body) == 0 {
			out[i].Body = nil
		}
	}
	return out
}
