package storetest

import (
	"fmt"
	"testing"
	"time"

	"github.com/osler-ehr/osler/store"
)

// soon repeats a check until it holds or ten seconds have passed. The change log may show a commit a
// little later than the rows themselves: never before everything with a lower number.
func soon(t *testing.T, what string, holds func() (bool, error)) {
	t.Helper()
	for end := time.Now().Add(5 * time.Minute); ; time.Sleep(2 * time.Millisecond) {
		ok, err := holds()
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		if ok {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("%s: not within five minutes", what)
		}
	}
}

// changes waits until there are n changes after since and returns them.
func (f *fixture) changes(since int64, n int) []store.Change {
	f.t.Helper()
	var got []store.Change
	soon(f.t, "changes", func() (bool, error) {
		var err error
		got, err = f.s.Changes(f.ctx, since, 1000)
		return len(got) >= n, err
	})
	if len(got) != n {
		f.t.Fatalf("%d changes after %d, want %d", len(got), since, n)
	}
	return got
}

func testChanges(t *testing.T, f *fixture) {
	if last, err := f.s.LastChange(f.ctx); err != nil || last != 0 {
		t.Fatalf("LastChange of an empty store: %d, %v", last, err)
	}
	if cs, err := f.s.Changes(f.ctx, 0, 10); err != nil || len(cs) != 0 {
		t.Fatalf("Changes of an empty store: %d, %v", len(cs), err)
	}
	f.put(first(1, observation, "a", store.Index{}), first(0, practitioner, "b", store.Index{}))
	a := f.read(observation, "a")
	f.put(next(a))
	d := end(f.read(observation, "a"), store.Index{})
	f.delete(d)

	b := f.read(practitioner, "b")
	want := []store.Change{
		{Key: a.Key, Hash: a.Hash, Version: 1, Action: store.Created, At: a.At, ID: "a"},
		{Key: b.Key, Hash: b.Hash, Version: 1, Action: store.Created, At: b.At, ID: "b"},
		{Key: a.Key, Hash: a.Hash, Version: 2, Action: store.Updated, At: a.At + 1, ID: "a"},
		{Key: a.Key, Hash: a.Hash, Version: 3, Action: store.Deleted, At: a.At + 2, ID: "a"},
	}
	got := f.changes(0, len(want))
	for i := range got {
		if i > 0 && got[i].Seq <= got[i-1].Seq {
			t.Errorf("change numbers %d, %d do not grow", got[i-1].Seq, got[i].Seq)
		}
		want[i].Seq = got[i].Seq
		row, err := f.s.Version(f.ctx, got[i].Hash, got[i].Version)
		if err != nil || row.Change != got[i].Seq {
			t.Errorf("the version's change number is %d, %v, the log says %d", row.Change, err, got[i].Seq)
		}
	}
	f.equal("the change log", got, want)
	f.equal("from the middle", f.changes(got[1].Seq, 2), want[2:])
	if last, err := f.s.LastChange(f.ctx); err != nil || last != got[3].Seq {
		t.Errorf("LastChange: %d, %v, want %d", last, err, got[3].Seq)
	}
	two, err := f.s.Changes(f.ctx, 0, 2)
	if err != nil {
		t.Fatal(err)
	}
	f.equal("the first two", two, want[:2])
	if none, err := f.s.Changes(f.ctx, got[3].Seq, 10); err != nil || len(none) != 0 {
		t.Errorf("after the last: %d, %v", len(none), err)
	}
}

// testTailing follows the log by number while many write: a tailer that goes on after the highest number
// it has seen must miss nothing.
func testTailing(t *testing.T, f *fixture) {
	const writers, each, bundle = 12, 25, 3
	total := writers * each * bundle
	done := make(chan error, 1)
	var tailed []store.Change
	go func() {
		since := int64(0)
		for end := time.Now().Add(60 * time.Second); len(tailed) < total && time.Now().Before(end); {
			cs, err := f.s.Changes(f.ctx, since, 7)
			if err != nil {
				done <- err
				return
			}
			for _, c := range cs {
				if c.Seq <= since {
					done <- fmt.Errorf("change %d came after %d", c.Seq, since)
					return
				}
				since = c.Seq
			}
			tailed = append(tailed, cs...)
		}
		done <- nil
	}()
	err := together(writers, func(g int) error {
		for i := range each {
			err := f.s.Update(f.ctx, func(tx store.Tx) error {
				for j := range bundle {
					w := first(int64(g), observation, fmt.Sprintf("%d-%d-%d", g, i, j), store.Index{})
					if _, err := tx.Put(f.ctx, w); err != nil {
						return err
					}
					if i%5 == 0 { // some transactions take longer than others between their writes
						time.Sleep(time.Duration(g) * 100 * time.Microsecond)
						if _, err := tx.Count(f.ctx, &store.Plan{Type: patient}); err != nil {
							return err
						}
					}
				}
				return nil
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
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if len(tailed) != total {
		t.Errorf("a tailer saw %d of %d changes", len(tailed), total)
	}
	f.equal("the tail and the log", tailed, f.changes(0, total))
}
