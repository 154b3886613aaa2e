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
	var things []int64
	return again(ctx, func() (err error) { things, err = w.attempt(ctx, f, things); return err })
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

// attempt runs f once. It returns the things that f has serialized: the next attempt locks them at its
// beginning, in order, so that those who met in a circle do not meet in it again.
func (w *writer) attempt(ctx context.Context, f func(store.Tx) error, things []int64) ([]int64, error) {
	if err := w.connect(ctx); err != nil {
		if ctx.Err() != nil {
			return things, ctx.Err()
		}
		return things, errors.Join(errAgain, err)
	}
	t := &tx{w: w, gathered: newGathered()}
	t.reader = reader{t.ask}
	err := t.serialize(ctx, things)
	if err == nil {
		err = t.run(f)
	}
	t.over = true
	if err == nil {
		err = ctx.Err() // too late for the caller is too late to begin a commit
	}
	if err == nil {
		err = t.failed
	}
	if err == nil {
		return t.things, t.commit(ctx)
	}
	if t.begun && !w.conn.IsClosed() {
		w.rollback()
	}
	if t.repeatable() {
		return t.things, errors.Join(errAgain, err)
	}
	return t.things, err
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
	if c != nil {
		t.write(b, w.chunkArgs(c))
	} else {
		t.write(b, nil)
	}
	var tag string
	b.Queue("COMMIT").Exec(func(ct pgconn.CommandTag) error { tag = ct.String(); return nil })
	w.warning = ""
	err := t.send(ctx, b)
	switch {
	case err == nil && tag != "COMMIT":
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
	old := w.conn.PgConn().PID()
	w.close()
	committed, err := w.resolve(old, c)
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
		for _, s := range t.asserted {
			b.Queue(s.sql, s.args...)
		}
	}
	return b
}

// send runs a pipeline. From here on the server knows the transaction.
func (t *tx) send(ctx context.Context, b *pgx.Batch) error {
	t.begun = true
	return t.w.conn.SendBatch(ctx, b).Close()
}
