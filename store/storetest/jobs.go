package storetest

import (
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/osler-ehr/osler/store"
)

func testJobs(t *testing.T, f *fixture) {
	add := func(js ...store.Job) {
		t.Helper()
		f.update(func(tx store.Tx) error {
			for _, j := range js {
				if err := tx.AddJob(f.ctx, j); err != nil {
					return err
				}
			}
			return nil
		})
	}
	claim := func(now, until int64, payload string, attempts int64, kinds ...string) store.Job {
		t.Helper()
		j, err := f.s.Claim(f.ctx, kinds, now, until)
		if err != nil {
			t.Fatalf("Claim of %v at %d: %v, want %s", kinds, now, err, payload)
		}
		if string(j.Payload) != payload || j.Attempts != attempts || j.Leased != until || j.ID == 0 {
			t.Fatalf("Claim of %v at %d: %+v, want %s in attempt %d until %d", kinds, now, j, payload, attempts, until)
		}
		return j
	}
	none := func(now int64, kinds ...string) {
		t.Helper()
		if j, err := f.s.Claim(f.ctx, kinds, now, now+10); !errors.Is(err, store.ErrNotFound) {
			t.Fatalf("Claim of %v at %d: %+v, %v, want ErrNotFound", kinds, now, j, err)
		}
	}
	finish := func(id int64) {
		t.Helper()
		f.update(func(tx store.Tx) error { return tx.FinishJob(f.ctx, id) })
	}

	none(100, "mail")
	none(100)
	add(store.Job{Kind: "mail", Payload: []byte("late"), Due: 200}, store.Job{Kind: "mail", Payload: []byte("early"), Due: 100},
		store.Job{Kind: "fax", Payload: []byte("fax"), Due: 50}, store.Job{Kind: "mail", Payload: []byte{}, Due: 300})
	none(99, "mail")
	none(1000, "other")
	early := claim(100, 150, "early", 1, "mail")
	if early.Kind != "mail" || early.Due != 100 {
		t.Errorf("the job: %+v", early)
	}
	none(149, "mail") // leased
	claim(149, 160, "fax", 1, "mail", "fax")
	again := claim(150, 170, "early", 2, "mail") // the lease has run out
	if again.ID != early.ID {
		t.Errorf("another job has number %d", again.ID)
	}
	finish(again.ID)
	finish(again.ID) // finishing twice is nothing
	late := claim(250, 260, "late", 1, "mail")
	f.update(func(tx store.Tx) error { return tx.RetryJob(f.ctx, late.ID, 400) })
	none(260, "mail")
	claim(300, 1000, "", 1, "mail")
	retried := claim(400, 410, "late", 2, "mail", "other")
	if retried.ID != late.ID {
		t.Errorf("the job tried again has number %d, had %d", retried.ID, late.ID)
	}

	// At most one unfinished job of a kind has a name.
	once := store.Job{Kind: "recall", Unique: "patient 7", Payload: []byte("one"), Due: 1}
	other := once
	other.Payload = []byte("two")
	otherKind := store.Job{Kind: "letter", Unique: "patient 7", Payload: []byte("letter"), Due: 1}
	add(once, other, otherKind)
	add(other)
	j := claim(10, 20, "one", 1, "recall")
	if j.Unique != "patient 7" {
		t.Errorf("the job's name is %q", j.Unique)
	}
	none(10, "recall")
	add(other) // leased is not finished
	finish(j.ID)
	none(100, "recall")
	add(other)
	claim(100, 110, "two", 1, "recall")
	claim(100, 110, "letter", 1, "letter")

	// In one transaction: finish and add.
	f.update(func(tx store.Tx) error {
		if err := tx.AddJob(f.ctx, store.Job{Kind: "chain", Unique: "u", Payload: []byte("1"), Due: 1}); err != nil {
			return err
		}
		return tx.AddJob(f.ctx, store.Job{Kind: "chain", Payload: []byte("plain"), Due: 2})
	})
	first := claim(5, 6, "1", 1, "chain")
	f.update(func(tx store.Tx) error {
		if err := tx.FinishJob(f.ctx, first.ID); err != nil {
			return err
		}
		return tx.AddJob(f.ctx, store.Job{Kind: "chain", Unique: "u", Payload: []byte("2"), Due: 1})
	})
	claim(5, 100, "2", 1, "chain")
	claim(5, 100, "plain", 1, "chain")
	none(5, "chain")
}

// testJobWorkers has many workers take many jobs: each is taken once.
func testJobWorkers(t *testing.T, f *fixture) {
	const jobs, workers = 120, 12
	f.update(func(tx store.Tx) error {
		for i := range jobs {
			if err := tx.AddJob(f.ctx, store.Job{Kind: "k", Payload: fmt.Append(nil, i), Due: int64(i % 7)}); err != nil {
				return err
			}
		}
		return nil
	})
	var mu sync.Mutex
	taken := map[string]int{}
	err := together(workers, func(int) error {
		for {
			j, err := f.s.Claim(f.ctx, []string{"k", "l"}, 10, 1_000_000)
			if errors.Is(err, store.ErrNotFound) {
				return nil
			}
			if err != nil {
				return err
			}
			mu.Lock()
			taken[string(j.Payload)]++
			mu.Unlock()
			if err := f.s.Update(f.ctx, func(tx store.Tx) error { return tx.FinishJob(f.ctx, j.ID) }); err != nil {
				return err
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	for payload, n := range taken {
		if n != 1 {
			t.Errorf("job %s was taken %d times", payload, n)
		}
	}
	if len(taken) != jobs {
		t.Errorf("%d jobs were done, want %d", len(taken), jobs)
	}
}
