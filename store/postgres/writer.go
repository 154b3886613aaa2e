package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// writer is a connection that writes, and with it an audit lane. The lane is the writer's as long as its
// session holds the lane's advisory lock, so that server processes beside each other never share one.
type writer struct {
	s       *Store
	conn    *pgx.Conn // nil: not connected
	lane    int64
	seq     int64  // newest chunk of the lane
	prev    []byte // its hash
	warning string // the last warning of the database since it was cleared
}

var errClosing = errors.New("the record is closing")

// acquire takes a writer for one transaction. Give it back with release.
func (s *Store) acquire(ctx context.Context) (*writer, error) {
	select {
	case w := <-s.writers:
		if w == nil {
			return nil, errClosing
		}
		return w, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (s *Store) release(w *writer) { s.writers <- w }

// connect makes sure that the writer has a connection and a lane.
func (w *writer) connect(ctx context.Context) (err error) {
	if w.conn != nil && !w.conn.IsClosed() {
		return nil
	}
	if w.conn != nil {
		w.s.steward.forget()
		w.close()
	}
	conn, err := w.s.dial.connect(ctx, writing, func(n *pgconn.Notice) {
		if n.Code == stateWarning {
			w.warning = n.Message
		}
	})
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = conn.Close(context.WithoutCancel(ctx)) // the connection failed already
		}
	}()
	// The first lane that nobody else has: the scan stops at it, and locks no other.
	if err := conn.QueryRow(ctx, "SELECT lane FROM generate_series(1, 65535) lane WHERE pg_try_advisory_lock($1::int, lane) LIMIT 1", lockLane).Scan(&w.lane); err != nil {
		return fmt.Errorf("take an audit lane: %w", err)
	}
	w.seq, w.prev = 0, nil
	err = conn.QueryRow(ctx, "SELECT seq, hash FROM audit WHERE lane = $1 ORDER BY seq DESC LIMIT 1", w.lane).Scan(&w.seq, &w.prev)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return fmt.Errorf("read the end of audit lane %d: %w", w.lane, err)
	}
	w.conn = conn
	return nil
}

// close gives the connection up; the server then undoes what was not committed, and frees the lane.
func (w *writer) close() {
	if w.conn == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	_ = w.conn.Close(ctx) // the connection is dropped either way
	w.conn = nil
}

// rollback ends a transaction without effect.
func (w *writer) rollback() {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if _, err := w.conn.Exec(ctx, "ROLLBACK"); err != nil {
		w.close()
	}
}

// chunk is an audit chunk that has not been committed yet.
type chunk struct {
	seq        int64
	hash, body []byte
}

// seal makes the lane's next chunk of entries.
func (w *writer) seal(entries [][]byte) (*chunk, error) {
	body, hash, err := w.s.seal(w.lane, w.seq+1, w.prev, entries)
	if err != nil {
		return nil, err
	}
	return &chunk{w.seq + 1, hash, body}, nil
}

const insertChunk = "INSERT INTO audit (lane, seq, at, prev, hash, body) VALUES ($1, $2, $3, $4, $5, $6)"

func (w *writer) chunkArgs(c *chunk) []any {
	prev := w.prev
	if prev == nil {
		prev = []byte{}
	}
	return []any{w.lane, c.seq, w.s.clock.Now().UnixMilli(), prev, c.hash, c.body}
}

// settled notes that a chunk is committed.
func (w *writer) settled(c *chunk) {
	if c != nil {
		w.seq, w.prev = c.seq, c.hash
	}
}

// resolve finds out what became of a commit whose answer was lost. It waits until the old session, which
// held the lane as long as it lived, has ended; then the lane either has the commit's chunk or it never will.
func (w *writer) resolve(old uint32, c *chunk) (committed bool, err error) {
	w.s.steward.forget()
	if c == nil {
		return false, ErrOutcomeUnknown
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*patience)
	defer cancel()
	for pause := 5 * time.Millisecond; ; pause = min(2*pause, time.Second) {
		over, found, err := w.lookUp(ctx, old, c)
		if err == nil && over {
			return found, nil
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return false, ErrOutcomeUnknown
		}
	}
}

// lookUp asks whether the old session is over, and then whether the chunk is there.
func (w *writer) lookUp(ctx context.Context, old uint32, c *chunk) (over, found bool, err error) {
	conn, err := w.s.dial.connect(ctx, writing, nil)
	if err != nil {
		return false, false, err
	}
	defer func() { err = errors.Join(err, conn.Close(ctx)) }()
	err = conn.QueryRow(ctx, `SELECT NOT EXISTS (SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND pid = $1 AND classid = $2::int::oid
		AND objid = $3::bigint::oid AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))`,
		int64(old), lockLane, w.lane).Scan(&over)
	if err != nil || !over {
		return false, false, err
	}
	err = conn.QueryRow(ctx, "SELECT count(*) = 1 FROM audit WHERE lane = $1 AND seq = $2 AND hash = $3", w.lane, c.seq, c.hash).Scan(&found)
	return true, found, err
}
