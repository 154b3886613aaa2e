package jobs

import (
	"context"
	"fmt"
	"log/slog"
	"runtime"
	"runtime/debug"
	"sync"
	"time"

	"github.com/osler-ehr/osler/clock"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/slice"
	"github.com/osler-ehr/osler/store"
)

// Store is what the runner needs of a store.
type Store interface {
	Changes(ctx context.Context, since int64, limit int) ([]store.Change, error)
	LastChange(ctx context.Context) (int64, error)
	Claim(ctx context.Context, kinds []string, now, until int64) (store.Job, error)
	Secret(ctx context.Context, space, name string) ([]byte, error)
	Secrets(ctx context.Context, space string) (map[string][]byte, error)
	Blob(ctx context.Context, name string) ([]byte, error)
	Update(ctx context.Context, f func(store.Tx) error) error
}

// Types names resource types by their numbers; *search.Index does.
type Types interface {
	NameOf(store.Key) string
}

// Options of a runner.
type Options struct {
	Store Store
	Types Types
	Key   Sealer // what spools are sealed with
	Clock clock.Clock
	Log   *slog.Logger // never given patient data
	// Poll is how often to look for work that another server has added; 0 = 5 s. Look is how often to look for new
	// changes; 0 = 250 ms.
	Poll, Look time.Duration
}

// Runner does what no request waits for. Make it with [New].
type Runner struct {
	Options
	log   changeLog
	dues  dues
	freed chan struct{} // a piece of work ended, or was added
}

var (
	_ slice.Queue   = (*Runner)(nil)
	_ slice.Changes = (*Runner)(nil)
)

// New makes a runner. It starts nothing.
func New(o Options) *Runner {
	if o.Poll <= 0 {
		o.Poll = 5 * time.Second
	}
	if o.Look <= 0 {
		o.Look = 250 * time.Millisecond
	}
	r := &Runner{Options: o, freed: make(chan struct{}, 1)}
	r.log.init(r)
	return r
}

// Program gives the session of a program by its name.
type Program func(name string) *record.Session

// Run carries out the jobs, watches, work and listeners of the slices until the context ends, and returns when all of
// it has ended. The error tells of a slice that is put together wrongly; then nothing is started.
func (r *Runner) Run(ctx context.Context, program Program, all []slice.Slice) error {
	d, err := r.dispatcher(program, all)
	if err != nil {
		return err
	}
	var wg sync.WaitGroup
	wg.Go(func() { r.log.look(ctx) })
	wg.Go(func() { d.run(ctx) })
	for _, s := range all {
		for _, l := range s.Listeners {
			wg.Go(func() { r.listen(ctx, l) })
		}
	}
	wg.Wait()
	return nil
}

// listen keeps a listener going.
func (r *Runner) listen(ctx context.Context, l slice.Listener) {
	for failures := 1; ctx.Err() == nil; failures++ {
		began := r.Clock.Now()
		err := r.guarded(func() error { return l.Serve(ctx) })
		if ctx.Err() != nil {
			return
		}
		if r.Clock.Now().Sub(began) > time.Minute {
			failures = 1
		}
		r.report("listener stopped; it is started again", l.Name, err)
		sleep(ctx, backoff(failures))
	}
}

// report logs what went wrong with something that has a name.
func (r *Runner) report(what, name string, err error) {
	text := "it returned by itself"
	if err != nil {
		text = err.Error()
	}
	r.Log.LogAttrs(context.Background(), slog.LevelError, what, slog.String("name", name), slog.String("error", text))
}

// guarded turns a panic into an error. Of its value only what the Go runtime says is told: anything else might quote
// a patient's data.
func (r *Runner) guarded(f func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			what := "panic"
			if e, ok := p.(runtime.Error); ok {
				what = e.Error()
			}
			err = fmt.Errorf("%s\n%s", what, debug.Stack())
		}
	}()
	return f()
}

// longestPause is between two attempts at what fails.
const longestPause = 15 * time.Minute

// backoff is how long to wait after the n-th failure in a row: 1 s, 2 s, 4 s ...
func backoff(n int) time.Duration {
	if n > 10 {
		return longestPause
	}
	return min(time.Second<<max(n-1, 0), longestPause)
}

// sleep returns false if the context ended before the time was over.
func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}
