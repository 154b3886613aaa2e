package postgres

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/osler-ehr/osler/store"
)

// patience is how long a transaction is tried again while the database undoes it or cannot be reached.
const patience = 15 * time.Second

// commitTime is how long a commit may take, waiting for a standby included, before its connection is given up.
const commitTime = 2 * time.Minute

// errAgain marks a failed attempt that left no trace and may be repeated.
var errAgain = errors.New("the transaction can run again")

// Update runs f in a transaction. A deadlock, a serialization failure or a lost connection runs it again.
func (s *Store) Update(ctx context.Context, f func(store.Tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	w, err := s.acquire(ctx)
	if err != nil {
		return err
	}
	defer s.release(w)
	return again(ctx, func() error { return w.attempt(ctx, f) })
}

// again repeats what fails with errAgain, pausing longer each time, until patience or the request ends.
func again(ctx context.Context, try func() error) error {
	end := time.Now().Add(patience)
	for pause := time.Millisecond; ; pause = min(2*pause, 500*time.Millisecond) {
		err := try()
		if err == nil || !errors.Is(err, errAgain) {
			return err
		}
		if time.Now().After(end) {
			return fmt.Errorf("nothing was written: %w", err)
		}
		select {
		case <-time.After(pause/2 + rand.N(pause)):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// attempt runs f once.
func (w *writer) attempt(ctx context.Context, f func(store.Tx) error) error {
	if err := w.connect(ctx); err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return errors.Join(errAgain, err)
	}
	t := &tx{w: w, gathered: newGathered()}
	t.reader = reader{t.ask}
	err := t.run(f)
	t.over = true
	if err == nil {
		err = ctx.Err() // too late for the caller is too late to begin a commit
	}
	if err == nil {
		err = t.failed
	}
	if err == nil {
		return t.commit(ctx)
	}
	if t.begun && !w.conn.IsClosed() {
		w.rollback()
	}
	if t.repeatable() {
		return errors.Join(errAgain, err)
	}
	return err
}

// commit sends what is gathered, the audit chunk and COMMIT in one pipeline, and waits for the answer
// whatever becomes of the request: ending a commit early would leave its outcome unknown.
func (t *tx) commit(ctx context.Context) error {
	w := t.w
	if !t.begun && t.empty() && len(t.entries) == 0 {
		return nil
	}
	var c *chunk
	if len(t.entries) > 0 {
		var err error
		if c, err = w.seal(t.entries); err != nil {
			if t.begun {
				w.rollback()
			}
			return err
		}
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), commitTime)
	defer cancel()
	b := t.batch()
	if err := t.write(b); err != nil {
		w.rollback()
		return err
	}
	if c != nil {
		b.Queue(insertChunk, w.chunkArgs(c)...)
	}
	b.Queue("COMMIT")
	w.warning = ""
	tag, err := t.send(ctx, b)
	switch {
	case err == nil && tag.String() == "ROLLBACK":
		return errors.New("nothing was written: the database rolled the transaction back")
	case err == nil && w.warning != "":
		// The commit is on this server's disk, but its standby has not confirmed it.
		w.settled(c)
		return fmt.Errorf("%w (%s)", ErrOutcomeUnknown, w.warning)
	case err == nil:
		w.settled(c)
		return nil
	}
	var pg *pgconn.PgError
	if errors.As(err, &pg) && pg.Severity == "ERROR" && !w.conn.IsClosed() {
		w.rollback()
		if transient(err) {
			return errors.Join(errAgain, failure(ctx, err))
		}
		return failure(ctx, err)
	}
	w.close()
	committed, err := w.resolve(c)
	switch {
	case err != nil:
		return err
	case committed:
		return nil
	}
	return errors.Join(errAgain, errors.New("the connection to the database was lost"))
}

// batch begins a pipeline, with the transaction's BEGIN where it is still to come.
func (t *tx) batch() *pgx.Batch {
	b := &pgx.Batch{}
	if !t.begun {
		b.Queue("BEGIN")
	}
	return b
}

// send runs a pipeline of statements without rows, except for the change log's, and returns the last
// one's tag. From here on the server knows the transaction.
func (t *tx) send(ctx context.Context, b *pgx.Batch) (tag pgconn.CommandTag, err error) {
	t.begun = true
	results := t.w.conn.SendBatch(ctx, b)
	for _, q := range b.QueuedQueries {
		if q.SQL == insertChanges {
			err = results.QueryRow().Scan(&t.firstSeq)
			if err == nil {
				t.numbered(t.firstSeq)
			}
		} else {
			tag, err = results.Exec()
		}
		if err != nil {
			break
		}
	}
	if e := results.Close(); err == nil {
		err = e
	}
	return tag, err
}
