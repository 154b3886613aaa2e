package postgres

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/jackc/pgx/v5"
	"github.com/osler-ehr/osler/store"
)

// steward hands out numbers: keys, patient numbers, symbols. It has a connection of its own, so that a
// transaction which needs a number never waits for another to give a connection back. Numbers are taken in
// blocks; what a process leaves unused when it ends is lost, and sequences have gaps there.
//
// Blocks of keys are taken without waiting for the disk: the log is written in order, so a row with a key
// cannot be on the disk without the block it came from. When the connection is lost, unused blocks are
// forgotten, since the server may have lost that they were taken.
type steward struct {
	dial dialer

	mu       sync.Mutex
	conn     *pgx.Conn
	blocks   map[int64]*block // by patient and type
	patients block
	closed   bool
}

// block is numbers from next up to, not including, end.
type block struct {
	next, end int64
	size      int64 // of the next block to take
}

const (
	firstBlock   = 4   // grows each time, up to
	largestBlock = 256 //
	patientBlock = 16
	maxBlocks    = 100_000 // how many are remembered
)

func newSteward(d dialer) *steward { return &steward{dial: d, blocks: map[int64]*block{}} }

func (s *steward) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	s.drop()
}

// drop gives the connection up and forgets the blocks.
func (s *steward) drop() {
	if s.conn != nil {
		_ = s.conn.Close(context.Background()) // it is dropped either way
	}
	s.conn = nil
	clear(s.blocks)
	s.patients = block{}
}

// forget forgets the blocks: the server may have started anew.
func (s *steward) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.blocks)
	s.patients = block{}
}

// with runs f on the steward's connection, and again on a new one when that has died. What f asks for does
// not depend on the request that needs it, and is not ended with it.
func (s *steward) with(ctx context.Context, f func(ctx context.Context, c *pgx.Conn) error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*patience)
	defer cancel()
	return again(ctx, func() error {
		if s.closed {
			return errClosing
		}
		if s.conn == nil || s.conn.IsClosed() {
			s.drop()
			c, err := s.dial.connect(ctx, writing, nil)
			if err != nil {
				return errors.Join(errAgain, err)
			}
			s.conn = c
		}
		err := f(ctx, s.conn)
		if err != nil && (s.conn.IsClosed() || transient(err)) {
			return errors.Join(errAgain, failure(ctx, err))
		}
		return failure(ctx, err)
	})
}

// key gives a key that no resource has had.
func (s *steward) key(ctx context.Context, patient int64, typ int) (store.Key, error) {
	if typ == store.PatientType {
		return store.MakeKey(patient, typ, 0), nil // the one in its record
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	slot := patient<<8 | int64(typ)
	b := s.blocks[slot]
	if b == nil {
		if len(s.blocks) >= maxBlocks {
			clear(s.blocks)
		}
		b = &block{size: firstBlock}
	}
	if b.next == b.end {
		size := b.size
		err := s.with(ctx, func(ctx context.Context, c *pgx.Conn) error {
			return c.QueryRow(ctx, `INSERT INTO sequence AS s (patient, type, next) VALUES ($1, $2, $3)
				ON CONFLICT (patient, type) DO UPDATE SET next = s.next + excluded.next RETURNING next`, patient, typ, size).Scan(&b.end)
		})
		if err != nil {
			return 0, err
		}
		b.next, b.size = b.end-size, min(2*size, largestBlock)
		s.blocks[slot] = b
	}
	if b.next > store.MaxSeq {
		return 0, errors.New("this patient has more resources of one type than a record can hold")
	}
	b.next++
	return store.MakeKey(patient, typ, b.next-1), nil
}

// taken notes that a patient number came from elsewhere.
func (s *steward) taken(patient int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if patient >= s.patients.next {
		s.patients.next = min(patient+1, s.patients.end)
	}
}

// durable runs statements in a transaction that is on the disk when it returns.
func durable(ctx context.Context, c *pgx.Conn, f func(tx pgx.Tx) error) error {
	return pgx.BeginFunc(ctx, c, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "SET LOCAL synchronous_commit = on"); err != nil {
			return err
		}
		return f(tx)
	})
}

// NextPatient allots a patient number.
func (s *Store) NextPatient(ctx context.Context) (int64, error) { return s.steward.patient(ctx) }

func (s *steward) patient(ctx context.Context) (int64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.patients.next >= s.patients.end {
		var end int64
		err := s.with(ctx, func(ctx context.Context, c *pgx.Conn) error {
			return durable(ctx, c, func(tx pgx.Tx) error {
				return tx.QueryRow(ctx, "UPDATE counter SET value = value + $1 WHERE name = 'patient' RETURNING value", patientBlock).Scan(&end)
			})
		})
		if err != nil {
			return 0, err
		}
		s.patients = block{next: end - patientBlock + 1, end: end + 1}
	}
	s.patients.next++
	return s.patients.next - 1, nil
}

// Symbols returns the numbers of names, giving new ones to names not seen before.
func (s *Store) Symbols(ctx context.Context, names []string) (map[string]int64, error) {
	out := make(map[string]int64, len(names))
	if len(names) == 0 {
		return out, nil
	}
	known := func() error {
		return s.outside().ask(ctx, "SELECT name, no FROM symbol WHERE name = ANY($1::text[])", []any{names}, func(v [][]byte) {
			out[string(v[0])] = number(v[1])
		})
	}
	if err := known(); err != nil {
		return nil, err
	}
	var fresh []string
	for _, n := range names {
		if _, ok := out[n]; !ok {
			fresh = append(fresh, n)
		}
	}
	if len(fresh) == 0 {
		return out, nil
	}
	if err := s.steward.name(ctx, fresh); err != nil {
		return nil, err
	}
	if err := known(); err != nil {
		return nil, err
	}
	for _, n := range names {
		if _, ok := out[n]; !ok {
			return nil, fmt.Errorf("the name %q got no number", n)
		}
	}
	return out, nil
}

// name gives numbers to names. Names are inserted in order, so that two processes with overlapping lists do
// not wait for each other in a circle.
func (s *steward) name(ctx context.Context, names []string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.with(ctx, func(ctx context.Context, c *pgx.Conn) error {
		return durable(ctx, c, func(tx pgx.Tx) error {
			_, err := tx.Exec(ctx, `INSERT INTO symbol (name) SELECT DISTINCT n COLLATE "C" FROM unnest($1::text[]) n ORDER BY 1 ON CONFLICT (name) DO NOTHING`, names)
			return err
		})
	})
}
