// Package postgres keeps the record in a PostgreSQL database, for sites that outgrow one machine.
//
// Several server processes can share one database. Each transaction gathers its writes and sends them as
// one pipeline of statements with arrays, commit included: a bundle of hundreds of resources takes a few
// round trips. Transactions run at READ COMMITTED; what must not interleave is guarded by versions
// (Expect) and by advisory locks (Serialize, Exists, Referrers), and a deadlock runs the loser again.
//
// Decisions that could surprise are told in docs/decisions: how the change log is numbered, how audit lanes
// work, and what becomes of a commit whose answer is lost.
package postgres

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/osler-ehr/osler/clock"
	"github.com/osler-ehr/osler/store"
)

var _ store.Store = (*Store)(nil)

// Options of a store. The zero value of each is sensible.
type Options struct {
	Clock   clock.Clock
	Audit   store.AuditSealer // required
	Readers int               // connections for reading; 0 = four for each processor, at least 8
	Writers int               // connections for writing, each an audit lane; 0 = four for each processor, at least 8
	// SearchTime is how long one search may run before it is ErrTooCostly; 0 = 10 seconds.
	SearchTime time.Duration
}

// Store is a PostgreSQL database. It implements store.Store.
type Store struct {
	clock   clock.Clock
	seal    store.AuditSealer
	timeout time.Duration // of one search
	pool    *pgxpool.Pool
	dial    dialer
	writers chan *writer // every writer, whether connected or not, while nobody has it
	steward *steward
	auditor *auditor
	// base is added to numbers made of transaction numbers; see change.go.
	base    int64
	closing sync.Once
}

// Open connects to the database that the URL or keyword string names, and brings its schema up to date.
// Connections that leave this machine must verify the server: sslmode=verify-full.
func Open(ctx context.Context, url string, o Options) (_ *Store, err error) {
	if o.Audit == nil {
		return nil, errors.New("postgres: Options.Audit is not set; the audit log cannot be written without a sealer")
	}
	if o.Clock == nil {
		o.Clock = clock.System{}
	}
	if o.Readers == 0 {
		o.Readers = max(8, 4*runtime.GOMAXPROCS(0))
	}
	if o.Writers == 0 {
		o.Writers = max(8, 4*runtime.GOMAXPROCS(0))
	}
	if o.SearchTime == 0 {
		o.SearchTime = 10 * time.Second
	}
	s := &Store{clock: o.Clock, seal: o.Audit, timeout: o.SearchTime, writers: make(chan *writer, o.Writers)}
	if s.dial, err = newDialer(url); err != nil {
		return nil, err
	}
	if s.base, err = prepare(ctx, s.dial); err != nil {
		return nil, err
	}
	if s.pool, err = s.dial.pool(ctx, o.Readers, o.SearchTime); err != nil {
		return nil, err
	}
	for range o.Writers {
		s.writers <- &writer{s: s}
	}
	s.steward = newSteward(s.dial)
	s.auditor = startAuditor(s)
	return s, nil
}

// Close waits for the transactions under way and closes all connections.
func (s *Store) Close() error {
	s.closing.Do(func() {
		s.auditor.stop()
		for range cap(s.writers) {
			w := <-s.writers
			w.close()
		}
		close(s.writers)
		s.steward.close()
		s.pool.Close()
	})
	return nil
}
