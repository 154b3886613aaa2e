package jobs

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/osler-ehr/osler/slice"
)

// maxKept is how many changes are kept in memory, for the many who read the newest ones.
const maxKept = 4096

// changeLog reads the change log for all who follow it.
type changeLog struct {
	r *Runner

	mu    sync.Mutex
	last  int64         // the newest number known
	moved chan struct{} // closed when last grows
	kept  []slice.Change
	// from is the number after which kept has every change up to its last one.
	from int64
}

func (l *changeLog) init(r *Runner) {
	l.r, l.moved = r, make(chan struct{})
}

// look asks for the newest number again and again.
func (l *changeLog) look(ctx context.Context) {
	failures := 0
	for {
		pause := l.r.Look
		if _, err := l.r.Last(ctx); err != nil && ctx.Err() == nil {
			if failures++; failures == 1 {
				l.r.report("the change log cannot be read", "changes", err)
			}
			pause = backoff(failures)
		} else {
			failures = 0
		}
		if !sleep(ctx, pause) {
			return
		}
	}
}

// Last is the newest number in the change log.
func (r *Runner) Last(ctx context.Context) (int64, error) {
	n, err := r.Store.LastChange(ctx)
	if err == nil {
		r.log.reached(n)
	}
	return n, err
}

func (l *changeLog) reached(n int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.reachedLocked(n)
}

// reachedLocked wakes those who wait, by whomever the newest number was learned first.
func (l *changeLog) reachedLocked(n int64) {
	if n > l.last {
		l.last = n
		close(l.moved)
		l.moved = make(chan struct{})
	}
}

// Wait returns when there is a change after a number. It relies on Run, which looks for new ones.
func (r *Runner) Wait(ctx context.Context, number int64) error {
	for {
		r.log.mu.Lock()
		last, moved := r.log.last, r.log.moved
		r.log.mu.Unlock()
		if last > number {
			return nil
		}
		select {
		case <-moved:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// After returns the changes after a number, oldest first.
func (r *Runner) After(ctx context.Context, number int64, limit int) ([]slice.Change, error) {
	if limit <= 0 {
		return nil, nil
	}
	out, ok := r.log.remembered(number, limit)
	if ok && len(out) > 0 {
		return out, nil
	}
	rows, err := r.Store.Changes(ctx, number, limit)
	if err != nil {
		return nil, err
	}
	out = make([]slice.Change, 0, len(rows))
	for _, row := range rows {
		if row.ID == "" {
			continue // nothing is left of that version
		}
		action := [...]string{"", "create", "update", "delete"}[row.Action]
		out = append(out, slice.Change{Number: row.Seq, Type: r.Types.NameOf(row.Key), ID: row.ID, Version: row.Version, At: time.UnixMilli(row.At).UTC(), Action: action})
	}
	if len(rows) > 0 {
		r.log.keep(number, rows[len(rows)-1].Seq, out)
		if len(out) == 0 { // a page of nothing but what is gone: go on behind it
			return r.After(ctx, rows[len(rows)-1].Seq, limit)
		}
	}
	return out, nil
}

// remembered gives changes from memory; ok tells whether it would know of them.
func (l *changeLog) remembered(number int64, limit int) (out []slice.Change, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.kept) == 0 || number < l.from {
		return nil, false
	}
	i, found := slices.BinarySearchFunc(l.kept, number, func(c slice.Change, n int64) int { return int(c.Number - n) })
	if found {
		i++
	}
	return slices.Clone(l.kept[i:min(len(l.kept), i+limit)]), true
}

// keep remembers a page that follows upon what is remembered, or begins anew with one that is newer.
func (l *changeLog) keep(after, upTo int64, page []slice.Change) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.reachedLocked(upTo)
	switch end := l.end(); {
	case len(l.kept) == 0 || after > end:
		l.from, l.kept = after, slices.Clone(page)
	case after == end:
		l.kept = append(l.kept, page...)
	default:
		return
	}
	if over := len(l.kept) - maxKept; over > 0 {
		l.from = l.kept[over-1].Number
		l.kept = slices.Delete(l.kept, 0, over)
	}
}

func (l *changeLog) end() int64 {
	if len(l.kept) == 0 {
		return l.from
	}
	return l.kept[len(l.kept)-1].Number
}
