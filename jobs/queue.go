package jobs

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/osler-ehr/osler/store"
)

// Add adds a piece of work. See [slice.Queue].
func (r *Runner) Add(ctx context.Context, kind, unique string, due time.Time, payload []byte) error {
	err := r.Store.Update(ctx, func(tx store.Tx) error { return add(ctx, tx, kind, unique, due, payload) })
	if err == nil {
		r.added(due)
	}
	return err
}

func add(ctx context.Context, tx store.Tx, kind, unique string, due time.Time, payload []byte) error {
	if payload == nil {
		payload = []byte{}
	}
	return tx.AddJob(ctx, store.Job{Kind: kind, Unique: unique, Due: due.UnixMilli(), Payload: payload})
}

// added notes when something is due, so that it is begun in time without asking the store again and again.
func (r *Runner) added(due time.Time) {
	r.dues.note(due)
	r.wake()
}

func (r *Runner) wake() {
	select {
	case r.freed <- struct{}{}:
	default:
	}
}

// maxDues bounds what is remembered; what is forgotten is found when the store is asked the next time.
const maxDues = 1000

// dues are the times at which this server knows that something is due.
type dues struct {
	mu    sync.Mutex
	times []time.Time // sorted
}

func (d *dues) note(t time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	i, found := slices.BinarySearchFunc(d.times, t, time.Time.Compare)
	if found || i >= maxDues {
		return
	}
	d.times = slices.Insert(d.times, i, t)
	d.times = d.times[:min(len(d.times), maxDues)]
}

// next is how long to wait until something is due, at most the time given. What is over is forgotten.
func (d *dues) next(now time.Time, longest time.Duration) time.Duration {
	d.mu.Lock()
	defer d.mu.Unlock()
	i := 0
	for i < len(d.times) && !d.times[i].After(now) {
		i++
	}
	d.times = slices.Delete(d.times, 0, i)
	if len(d.times) == 0 {
		return longest
	}
	return min(longest, d.times[0].Sub(now)+time.Millisecond) // due times are kept in whole milliseconds
}
