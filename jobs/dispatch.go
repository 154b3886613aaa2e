package jobs

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/osler-ehr/osler/slice"
	"github.com/osler-ehr/osler/store"
)

const (
	// workLease is how long a piece of work belongs to a server. It is longer than slice.WorkTime, so that it does not
	// end while the work still goes on.
	workLease = slice.WorkTime + 15*time.Second
	// turnLease is how long a turn of what runs on one server at a time belongs to it, unless renewed.
	turnLease = 30 * time.Second
)

// The kinds under which the runner's own leases stand in the store.
const (
	turnPrefix  = "turn " // of a scheduled job
	watchesKind = "watches"
)

// task is one kind of job in the store.
type task struct {
	kind  string
	limit int
	run   func(ctx context.Context, j store.Job) error
	// every is not 0 for what has one job in the store, which never ends.
	every time.Duration

	running int // guarded by the dispatcher
}

// dispatcher claims jobs and runs them.
type dispatcher struct {
	*Runner
	tasks []*task
	mu    sync.Mutex
	wg    sync.WaitGroup
}

// dispatcher lists what there is to do.
func (r *Runner) dispatcher(program Program, all []slice.Slice) (*dispatcher, error) {
	d := &dispatcher{Runner: r}
	seen := map[string]bool{}
	name := func(s slice.Slice, what, name string) error {
		if name == "" || seen[what+name] {
			return fmt.Errorf("slice %q: its %s needs a name that nothing else of this kind has: %q", s.Name, what, name)
		}
		seen[what+name] = true
		return nil
	}
	var watches []slice.Watch
	for _, s := range all {
		for _, w := range s.Work {
			if err := name(s, "work", w.Kind); err != nil {
				return nil, err
			}
			session := program(w.Kind)
			d.tasks = append(d.tasks, &task{kind: w.Kind, limit: max(w.Limit, 1), run: func(ctx context.Context, j store.Job) error {
				ctx, cancel := context.WithTimeout(ctx, slice.WorkTime)
				defer cancel()
				return w.Do(ctx, session, j.Payload)
			}})
		}
		for _, j := range s.Jobs {
			if err := name(s, "job", j.Name); err != nil {
				return nil, err
			}
			if j.Every <= 0 {
				return nil, fmt.Errorf("slice %q: job %q does not say how often it runs", s.Name, j.Name)
			}
			d.tasks = append(d.tasks, r.turns(turnPrefix+j.Name, j.Every, func(ctx context.Context) error { return j.Run(ctx, program(j.Name)) }))
		}
		for _, w := range s.Watch {
			if err := name(s, "watch", w.Name); err != nil {
				return nil, err
			}
			watches = append(watches, w)
		}
	}
	if len(watches) > 0 {
		d.tasks = append(d.tasks, r.turns(watchesKind, time.Second, func(ctx context.Context) error {
			var wg sync.WaitGroup
			for _, w := range watches {
				f := &follower{Runner: r, watch: w, session: program(w.Name)}
				wg.Go(func() { f.run(ctx) })
			}
			wg.Wait()
			return nil
		}))
	}
	return d, nil
}

// turns is a task that runs on one server at a time, again and again. While it runs, its lease is renewed.
func (r *Runner) turns(kind string, every time.Duration, run func(context.Context) error) *task {
	return &task{kind: kind, limit: 1, every: every, run: func(ctx context.Context, j store.Job) error {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		var wg sync.WaitGroup
		wg.Go(func() {
			r.renew(ctx, kind, j.Leased)
			cancel()
		})
		defer wg.Wait()
		defer cancel()
		return run(ctx)
	}}
}

// renew prolongs a lease until the context ends, or the lease is lost. There is one job of the kind, so claiming as
// of the moment at which the lease ends can only give the same job again.
func (r *Runner) renew(ctx context.Context, kind string, until int64) {
	for sleep(ctx, turnLease/3) {
		next := r.Clock.Now().Add(turnLease).UnixMilli()
		_, err := r.Store.Claim(ctx, []string{kind}, until, next)
		switch {
		case err == nil:
			until = next
		case errors.Is(err, store.ErrNotFound), r.Clock.Now().UnixMilli() > until-turnLease.Milliseconds()/4:
			return
		}
	}
}

// run claims and runs jobs until the context ends and all are through.
func (d *dispatcher) run(ctx context.Context) {
	defer d.wg.Wait()
	for failures := 0; !d.enlist(ctx); failures++ {
		if !sleep(ctx, backoff(failures)) {
			return
		}
	}
	for failures := 0; ctx.Err() == nil; {
		found, err := d.claim(ctx)
		switch {
		case err != nil && ctx.Err() == nil:
			failures++
			if failures == 1 {
				d.report("jobs cannot be read", "queue", err)
			}
			sleep(ctx, backoff(failures))
		case found:
			failures = 0
		default:
			failures = 0
			d.idle(ctx)
		}
	}
}

// enlist makes sure that everything scheduled has its job in the store.
func (d *dispatcher) enlist(ctx context.Context) bool {
	err := d.Store.Update(ctx, func(tx store.Tx) error {
		for _, t := range d.tasks {
			if t.every == 0 {
				continue
			}
			if err := add(ctx, tx, t.kind, "1", d.Clock.Now(), nil); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil && ctx.Err() == nil {
		d.report("jobs cannot be enlisted", "queue", err)
	}
	return err == nil
}

// idle waits until something may be due.
func (d *dispatcher) idle(ctx context.Context) {
	t := time.NewTimer(d.dues.next(d.Clock.Now(), d.Poll))
	defer t.Stop()
	select {
	case <-t.C:
	case <-d.freed:
	case <-ctx.Done():
	}
}

// claim leases one job and starts it.
func (d *dispatcher) claim(ctx context.Context) (found bool, err error) {
	kinds, turns := d.free()
	for _, c := range []struct {
		kinds []string
		lease time.Duration
	}{{kinds, workLease}, {turns, turnLease}} {
		if len(c.kinds) == 0 {
			continue
		}
		now := d.Clock.Now()
		j, err := d.Store.Claim(ctx, c.kinds, now.UnixMilli(), now.Add(c.lease).UnixMilli())
		if errors.Is(err, store.ErrNotFound) {
			continue
		}
		if err != nil {
			return found, err
		}
		found = true
		d.start(ctx, j)
	}
	return found, nil
}

// free are the kinds of which another one may be run now.
func (d *dispatcher) free() (work, turns []string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, t := range d.tasks {
		switch {
		case t.running >= t.limit:
		case t.every != 0:
			turns = append(turns, t.kind)
		default:
			work = append(work, t.kind)
		}
	}
	return work, turns
}

func (d *dispatcher) start(ctx context.Context, j store.Job) {
	for _, t := range d.tasks {
		if t.kind != j.Kind {
			continue
		}
		d.mu.Lock()
		t.running++
		d.mu.Unlock()
		d.wg.Go(func() {
			err := d.guarded(func() error { return t.run(ctx, j) })
			d.ended(ctx, t, j, err)
			d.mu.Lock()
			t.running--
			d.mu.Unlock()
			d.wake()
		})
	}
}

// ended says in the store what became of a job. It does so also when the program is about to stop.
func (d *dispatcher) ended(ctx context.Context, t *task, j store.Job, err error) {
	stopping := ctx.Err() != nil
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	now := d.Clock.Now()
	var again slice.Again
	var change func(store.Tx) error
	var due time.Time
	switch {
	case t.every != 0:
		if err != nil && !stopping {
			d.report("job failed; it is run again at its next turn", t.kind, err)
		}
		if due = now.Add(t.every); stopping {
			due = now
		}
		change = func(tx store.Tx) error { return tx.RetryJob(ctx, j.ID, due.UnixMilli()) }
	case err == nil:
		change = func(tx store.Tx) error { return tx.FinishJob(ctx, j.ID) }
	case errors.As(err, &again):
		due = now.Add(again.After)
		change = func(tx store.Tx) error { // made anew, so that it has not failed yet
			if err := tx.FinishJob(ctx, j.ID); err != nil {
				return err
			}
			return add(ctx, tx, j.Kind, j.Unique, due, j.Payload)
		}
	case stopping:
		due = now
		change = func(tx store.Tx) error { return tx.RetryJob(ctx, j.ID, due.UnixMilli()) }
	default:
		due = now.Add(backoff(int(j.Attempts)))
		d.report("work failed; it is tried again", t.kind, err)
		change = func(tx store.Tx) error { return tx.RetryJob(ctx, j.ID, due.UnixMilli()) }
	}
	if err := d.Store.Update(ctx, change); err != nil { // then it is done again when the lease is over
		d.report("the end of a job could not be noted", t.kind, err)
		return
	}
	if !due.IsZero() {
		d.dues.note(due)
	}
}
