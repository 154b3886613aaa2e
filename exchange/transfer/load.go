package transfer

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
)

// Progress remembers how far files have been loaded.
type Progress interface {
	// Done is the number of units of the file with this hash that were loaded.
	Done(ctx context.Context, hash string) (int, error)
	SetDone(ctx context.Context, hash string, units int) error
}

// whole is the number noted for a file that was loaded to the end.
const whole = 1 << 30

// Refused is something that was not loaded.
type Refused struct {
	File, Place string
	Reason      string
}

// Report is what loading came to.
type Report struct {
	Files     int
	Resources int // stored, or found as they should be
	Written   int // of them, newly written
	Known     int // resources of units that were loaded before
	Refused   []Refused
}

// State is given to Loader.Show from time to time.
type State struct {
	File         string
	Bytes, Total int64
	Resources    int
	Elapsed      time.Duration
}

// Loader loads files.
type Loader struct {
	Sink     Sink
	Progress Progress // nil = remember nothing
	Workers  int      // units loaded at a time; 0 = 2
	Show     func(State)
	Now      func() time.Time // nil = time.Now
}

// Load loads files and folders, in whatever order their references need.
func (l *Loader) Load(ctx context.Context, paths ...string) (*Report, error) {
	sources, err := findSources(paths)
	if err != nil {
		return nil, err
	}
	run := &run{Loader: l, report: &Report{Files: len(sources)}}
	if l.Now == nil {
		run.Now = time.Now
	}
	run.start = run.Now()
	for i := range sources {
		run.total += sources[i].size
	}
	for i := range sources {
		if err := run.file(ctx, &sources[i]); err != nil {
			return run.report, err
		}
	}
	// What waits for something else is tried again as long as that helps.
	for len(run.waiting) > 0 {
		again := run.waiting
		run.waiting = nil
		for _, u := range again {
			if err := run.unit(ctx, u.unit); err != nil {
				return run.report, err
			}
		}
		if len(run.waiting) == len(again) {
			for _, u := range run.waiting {
				run.refuse(u.unit.source, u.unit.place, u.err)
			}
			break
		}
	}
	for _, u := range run.last {
		if err := run.unit(ctx, u); err != nil {
			return run.report, err
		}
	}
	for i := range sources {
		if err := run.note(ctx, &sources[i]); err != nil {
			return run.report, err
		}
	}
	return run.report, nil
}

// run is one call of Load.
type run struct {
	*Loader
	start   time.Time
	total   int64
	mu      sync.Mutex // guards what follows
	report  *Report
	waiting []waiting
	last    []*unit // loaded when all else is
	bytes   int64
	shown   time.Time
	refused map[string]bool // files with refusals are not noted as done
}

type waiting struct {
	unit *unit
	err  error
}

// file loads one file, several units at a time where their order does not matter.
func (r *run) file(ctx context.Context, s *source) error {
	done := 0
	if r.Progress != nil {
		var err error
		if done, err = r.Progress.Done(ctx, s.hash); err != nil {
			return err
		}
	}
	workers := r.Workers
	if workers <= 0 {
		workers = 2
	}
	if s.export {
		workers = 1 // the order of an export is the order of the record
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	queue := make(chan *unit)
	finished := newCounter(done)
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			for u := range queue {
				if err := r.unit(ctx, u); err != nil {
					cancel(err)
					continue
				}
				if upTo, changed := finished.add(u.number); changed && r.Progress != nil && s.ndjson {
					if err := r.Progress.SetDone(ctx, s.hash, upTo); err != nil {
						cancel(err)
					}
				}
			}
		})
	}
	size := s.size
	err := s.units(func(u *unit) error {
		if u.number <= done {
			r.known(u)
			return nil
		}
		if u.last {
			r.last = append(r.last, u)
			return nil
		}
		select {
		case queue <- u:
			return nil
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}, func(x refusal) { r.refuse(s, x.place, x.err) })
	close(queue)
	wg.Wait()
	r.progress(s.name, size, true)
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	return err
}

// counter finds the highest number up to which all units are finished.
type counter struct {
	mu   sync.Mutex
	upTo int
	more map[int]bool
}

func newCounter(from int) *counter { return &counter{upTo: from, more: map[int]bool{}} }

func (c *counter) add(n int) (upTo int, changed bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.more[n] = true
	for c.more[c.upTo+1] {
		delete(c.more, c.upTo+1)
		c.upTo++
		changed = true
	}
	return c.upTo, changed
}

// note remembers that a file was loaded to the end.
func (r *run) note(ctx context.Context, s *source) error {
	if r.Progress == nil || r.refused[s.path] {
		return nil
	}
	return r.Progress.SetDone(ctx, s.hash, whole)
}

// unit loads one unit. The error is for what stops everything; what is refused is reported.
func (r *run) unit(ctx context.Context, u *unit) error {
	if u.marker != "" {
		typ, id, _ := strings.Cut(u.marker, "/")
		known, err := r.Sink.Known(ctx, typ, id)
		if err != nil {
			return err
		}
		if known {
			r.known(u)
			return nil
		}
	}
	results, err := r.Sink.Do(ctx, u.ops)
	if err == nil {
		r.loaded(u, results)
		return nil
	}
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case record.KindOf(err) == 0:
		return fmt.Errorf("%s, %s: %w", u.source.name, u.place, err)
	case len(u.lines) > 1: // find the lines that are at fault
		half := len(u.ops) / 2
		for _, part := range []*unit{
			{source: u.source, ops: u.ops[:half], lines: u.lines[:half], place: u.place},
			{source: u.source, ops: u.ops[half:], lines: u.lines[half:], place: u.place},
		} {
			if err := r.unit(ctx, part); err != nil {
				return err
			}
		}
		return nil
	case len(u.lines) == 1:
		u.place = fmt.Sprintf("line %d", u.lines[0])
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if errors.Is(err, record.ErrUnresolved) {
		r.waiting = append(r.waiting, waiting{u, err})
		return nil
	}
	r.refuseLocked(u.source, u.place, err)
	return nil
}

func (r *run) loaded(u *unit, results []record.Result) {
	r.mu.Lock()
	r.report.Resources += len(results)
	for i := range results {
		if !results[i].Unchanged {
			r.report.Written++
		}
	}
	r.mu.Unlock()
	r.progress(u.source.name, 0, false)
}

func (r *run) known(u *unit) {
	r.mu.Lock()
	r.report.Resources += len(u.ops)
	r.report.Known += len(u.ops)
	r.mu.Unlock()
}

func (r *run) refuse(s *source, place string, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.refuseLocked(s, place, err)
}

func (r *run) refuseLocked(s *source, place string, err error) {
	if r.refused == nil {
		r.refused = map[string]bool{}
	}
	r.refused[s.path] = true
	reason := err.Error()
	if o, ok := errors.AsType[*fhir.Outcome](err); ok {
		var parts []string
		for _, i := range o.Issue {
			if i.Severity != fhir.SeverityError && i.Severity != fhir.SeverityFatal && i.Severity != "" {
				continue
			}
			text := i.Details.Text
			if len(i.Expression) > 0 {
				text = strings.Join(i.Expression, ", ") + ": " + text
			}
			parts = append(parts, text)
		}
		reason = strings.Join(parts, "; ")
	}
	r.report.Refused = append(r.report.Refused, Refused{s.name, place, reason})
}

// progress shows the state at most ten times a second.
func (r *run) progress(file string, bytes int64, force bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.bytes += bytes
	now := r.Now()
	if r.Show == nil || !force && now.Sub(r.shown) < 100*time.Millisecond {
		return
	}
	r.shown = now
	r.Show(State{File: file, Bytes: r.bytes, Total: r.total, Resources: r.report.Resources, Elapsed: now.Sub(r.start)})
}
