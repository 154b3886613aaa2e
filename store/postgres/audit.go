package postgres

import (
	"context"
	"errors"
	"slices"
	"sync"

	"github.com/jackc/pgx/v5/pgconn"
)

// maxEntries bounds the entries of one chunk.
const maxEntries = 4096

// auditor writes entries that belong to no transaction, such as those of reads. Whatever waits while one
// chunk is flushed goes into the next, so that many entries share a flush. It has a lane of its own.
type auditor struct {
	w     *writer
	queue chan *audited
	done  sync.WaitGroup
	once  sync.Once
	over  chan struct{} // closed: take nothing more
	ended chan struct{} // closed: nothing more will be written
}

// audited is entries that wait to be written.
type audited struct {
	entries [][]byte
	written chan error
}

func startAuditor(s *Store) *auditor {
	a := &auditor{w: &writer{s: s}, queue: make(chan *audited, 1024), over: make(chan struct{}), ended: make(chan struct{})}
	a.done.Go(a.run)
	return a
}

// Audit writes entries and returns when they are on the disk.
func (s *Store) Audit(ctx context.Context, entries ...[]byte) error {
	return s.BeginAudit(ctx, entries...)()
}

// BeginAudit hands entries to the auditor.
func (s *Store) BeginAudit(ctx context.Context, entries ...[]byte) (done func() error) {
	if len(entries) == 0 {
		return func() error { return nil }
	}
	q := &audited{written: make(chan error, 1)}
	for _, e := range entries {
		q.entries = append(q.entries, slices.Clone(e))
	}
	select {
	case s.auditor.queue <- q:
	case <-s.auditor.over:
		return func() error { return errClosing }
	case <-ctx.Done():
		return ctx.Err
	}
	return func() error {
		select {
		case err := <-q.written:
			return err
		case <-ctx.Done():
			return ctx.Err()
		case <-s.auditor.ended:
		}
		select {
		case err := <-q.written:
			return err
		default:
			return errClosing // it came too late to be taken
		}
	}
}

// stop writes what waits and ends.
func (a *auditor) stop() {
	a.once.Do(func() { close(a.over) })
	a.done.Wait()
	a.w.close()
}

func (a *auditor) run() {
	defer close(a.ended)
	for {
		select {
		case q := <-a.queue:
			a.write(a.gather(q))
		case <-a.over:
			for {
				select {
				case q := <-a.queue:
					a.write(a.gather(q))
				default:
					return
				}
			}
		}
	}
}

// gather takes what waits along.
func (a *auditor) gather(first *audited) []*audited {
	group, n := []*audited{first}, len(first.entries)
	for n < maxEntries {
		select {
		case q := <-a.queue:
			group, n = append(group, q), n+len(q.entries)
		default:
			return group
		}
	}
	return group
}

// write makes one chunk of a group. When it cannot be sealed, each of the group is tried alone, so that one
// bad entry fails nobody else.
func (a *auditor) write(group []*audited) {
	var entries [][]byte
	for _, q := range group {
		entries = append(entries, q.entries...)
	}
	ctx := context.Background()
	err := again(ctx, func() error { return a.w.append(ctx, entries) })
	if err != nil && len(group) > 1 && errors.As(err, new(sealError)) {
		for _, q := range group {
			a.write([]*audited{q})
		}
		return
	}
	for _, q := range group {
		q.written <- err
	}
}

// sealError says that the sealer refused.
type sealError struct{ error }

func (e sealError) Unwrap() error { return e.error }

// append writes a chunk of its own.
func (w *writer) append(ctx context.Context, entries [][]byte) error {
	if err := w.connect(ctx); err != nil {
		return errors.Join(errAgain, err)
	}
	c, err := w.seal(entries)
	if err != nil {
		return sealError{err}
	}
	ctx, cancel := context.WithTimeout(ctx, commitTime)
	defer cancel()
	w.warning = ""
	_, err = w.conn.Exec(ctx, insertChunk, w.chunkArgs(c)...)
	if err == nil {
		w.settled(c)
		if w.warning != "" {
			return ErrOutcomeUnknown
		}
		return nil
	}
	var pg *pgconn.PgError
	if errors.As(err, &pg) && pg.Severity == "ERROR" && !w.conn.IsClosed() {
		if transient(err) {
			return errors.Join(errAgain, failure(ctx, err))
		}
		return failure(ctx, err)
	}
	old := w.conn.PgConn().PID()
	w.close()
	committed, err := w.resolve(old, c)
	if err != nil || committed {
		return err
	}
	return errAgain
}
