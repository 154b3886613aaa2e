package subscriptions

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/search"
)

// pageOfChanges is how many changes are read at a time.
const pageOfChanges = 500

// run keeps a worker for each subscription that is on, until the context ends. It runs on one server at a time.
func (e *engine) run(ctx context.Context, program *record.Session) error {
	f := &fleet{engine: e, program: program, workers: map[string]*worker{}}
	defer f.stopAll()
	at, err := e.Changes.Last(ctx)
	if err != nil {
		return err
	}
	if err := f.startAll(ctx); err != nil {
		return err
	}
	for {
		page, err := e.Changes.After(ctx, at, pageOfChanges)
		if err != nil {
			return err
		}
		for _, c := range page {
			if c.Type == "Subscription" {
				if err := f.refresh(ctx, c.ID); err != nil {
					return err
				}
			}
			at = c.Number
		}
		if len(page) < pageOfChanges {
			if err := e.Changes.Wait(ctx, at); err != nil {
				return nil // the program stops
			}
		}
	}
}

// fleet is the workers of all subscriptions.
type fleet struct {
	*engine
	program *record.Session
	workers map[string]*worker
	wg      sync.WaitGroup
}

func (f *fleet) stopAll() {
	for _, w := range f.workers {
		w.cancel()
	}
	f.wg.Wait()
}

func (f *fleet) startAll(ctx context.Context) error {
	q := record.Query{Type: "Subscription", Strict: true, Params: []search.Param{{Name: "status", Value: "requested,active,error"}, {Name: "_count", Value: "500"}}}
	for {
		page, err := f.program.Search(ctx, q)
		if err != nil {
			return err
		}
		for i := range page.Entries {
			f.start(ctx, &page.Entries[i].Version)
		}
		if page.Next == "" {
			return nil
		}
		q.Page = page.Next
	}
}

// refresh looks at a subscription that has changed.
func (f *fleet) refresh(ctx context.Context, id string) error {
	v, err := f.program.Read(ctx, "Subscription", id)
	switch record.KindOf(err) {
	case record.KindNotFound, record.KindGone:
		f.stop(id)
		return f.forget(ctx, id)
	}
	if err != nil {
		return err
	}
	f.start(ctx, v)
	return nil
}

func (f *fleet) stop(id string) {
	if w := f.workers[id]; w != nil {
		w.cancel()
		<-w.ended
		delete(f.workers, id)
	}
}

// start gives a subscription its worker. One that does the same already is left alone.
func (f *fleet) start(ctx context.Context, v *record.Version) {
	doc := v.Resource()
	status, wishes := doc.Get("status").Text(), digest(doc)
	on := status == requested || status == active || status == failing
	if w := f.workers[v.ID]; w != nil {
		running := true
		select {
		case <-w.ended:
			running = false
		default:
		}
		if running && on && w.wishes == wishes && status != requested {
			return
		}
		f.stop(v.ID)
	}
	if !on {
		return
	}
	w := &worker{engine: f.engine, program: f.program, id: v.ID, doc: doc, wishes: wishes, ended: make(chan struct{})}
	var own context.Context
	own, w.cancel = context.WithCancel(ctx)
	f.workers[v.ID] = w
	f.wg.Go(func() {
		defer close(w.ended)
		defer w.cancel()
		w.run(own)
	})
}

// told is what the engine writes into a Subscription.
type told struct {
	Status string
	Error  string
}

// tell writes the status of a subscription, and why, unless its wishes have changed meanwhile.
func (w *worker) tell(ctx context.Context, status, why string) error {
	if w.status == status && w.why == why {
		return nil
	}
	_, err := w.program.Do(ctx, []record.Op{{Verb: record.Patch, Type: "Subscription", ID: w.id, Patch: func(r *fhir.Resource) (*fhir.Resource, error) {
		now, err := fhir.View[told](r)
		if err != nil || digest(r) != w.wishes || now.Status == off {
			return r, err
		}
		now.Status, now.Error = status, why
		return fhir.Merge(r, now)
	}}})
	switch record.KindOf(err) {
	case record.KindNotFound, record.KindGone:
		return nil
	}
	if err != nil {
		return err
	}
	w.status, w.why = status, why
	w.Log.LogAttrs(ctx, slog.LevelInfo, "subscription", slog.String("id", w.id), slog.String("status", status))
	return nil
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
