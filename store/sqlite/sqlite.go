// Package sqlite keeps the record in one SQLite file.
//
// One goroutine writes. It takes every transaction that waits, runs each in a savepoint, and commits them
// together with one flush to the disk: many acknowledged writes for each fsync. Readers have connections
// of their own and never wait for the writer.
//
// The file is in WAL mode with synchronous=FULL, read back at start. One process at a time has the record
// open; a lock file beside the database says so. Audit entries of what changes nothing wait in a journal beside the
// database until many can be written to it at once.
package sqlite

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/osler-ehr/osler/clock"
	"github.com/osler-ehr/osler/store"
	"zombiezen.com/go/sqlite"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Options of a store. The zero value of each is sensible.
type Options struct {
	Clock   clock.Clock
	Audit   store.AuditSealer // nil: entries are kept as they are, for tests of the store alone
	Journal store.AuditSealer // for entries that wait beside the database to be sealed again by Audit, many at once; nil = Audit
	Readers int               // connections for reading; 0 = two for each processor
	// SearchTime is how long one search may run before it is ErrTooCostly; 0 = 10 seconds.
	SearchTime time.Duration
}

// Store is a SQLite database. It implements store.Store.
type Store struct {
	path  string
	lock  *os.File
	clock clock.Clock
	seal  store.AuditSealer
	// journalSeal seals chunks of the journal.
	journalSeal store.AuditSealer
	readers     *pool
	all         []*conn
	writer      *writer
	journal     *journal
	searchTime  time.Duration // of one search
	broken      atomic.Pointer[error]
	closing     sync.Once
}

// Open opens the database file at path, making it if it does not exist.
func Open(ctx context.Context, path string, o Options) (_ *Store, err error) {
	if o.SearchTime == 0 {
		o.SearchTime = 10 * time.Second
	}
	if o.Readers == 0 {
		o.Readers = 2 * runtime.GOMAXPROCS(0)
	}
	if o.Clock == nil {
		o.Clock = clock.System{}
	}
	if o.Journal == nil {
		o.Journal = o.Audit
	}
	lock, err := lockFile(path + ".lock")
	if err != nil {
		return nil, err
	}
	s := &Store{path: path, lock: lock, clock: o.Clock, seal: o.Audit, journalSeal: o.Journal, searchTime: o.SearchTime, readers: newPool(o.Readers)}
	defer func() {
		if err != nil {
			s.closeConns()
			if s.journal != nil {
				s.journal.file.Close()
			}
			lock.Close()
		}
	}()
	w, err := s.connect(sqlite.OpenReadWrite|sqlite.OpenCreate, 64)
	if err != nil {
		return nil, err
	}
	if err := os.Chmod(path, 0o600); err != nil {
		return nil, err
	}
	if err := migrate(w); err != nil {
		return nil, err
	}
	for range o.Readers {
		r, err := s.connect(sqlite.OpenReadWrite, 8)
		if err != nil {
			return nil, err
		}
		if err := r.exec("PRAGMA query_only = 1"); err != nil {
			return nil, err
		}
		s.readers.give(r)
	}
	if s.journal, err = openJournal(s, w); err != nil {
		return nil, err
	}
	if s.writer, err = startWriter(s, w); err != nil {
		return nil, err
	}
	go s.journal.run()
	return s, nil
}

// lockFile makes sure that one process alone has the record open.
func lockFile(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		f.Close()
		return nil, fmt.Errorf("another osler process has %s open; stop it, or talk to it with --url", filepath.Dir(path))
	}
	return f, nil
}

// connect opens a connection with a page cache of so many megabytes.
func (s *Store) connect(flags sqlite.OpenFlags, cacheMB int) (*conn, error) {
	raw, err := sqlite.OpenConn(s.path, flags)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", filepath.Base(s.path), err)
	}
	c := &conn{raw: raw, cache: map[string]*stmt{}}
	s.all = append(s.all, c)
	for _, pragma := range []string{
		"PRAGMA journal_mode = WAL",
		"PRAGMA synchronous = FULL",
		"PRAGMA secure_delete = ON",
		"PRAGMA temp_store = MEMORY",
		"PRAGMA wal_autocheckpoint = 4000",
		"PRAGMA busy_timeout = 10000",
		fmt.Sprintf("PRAGMA cache_size = %d", -cacheMB*1024),
	} {
		if err := c.exec(pragma); err != nil {
			return nil, err
		}
	}
	mode, err := c.text("PRAGMA journal_mode")
	if err != nil {
		return nil, err
	}
	level, err := c.text("PRAGMA synchronous")
	if err != nil {
		return nil, err
	}
	if mode != "wal" || level != "2" {
		return nil, fmt.Errorf("this system does not let SQLite flush as it must: journal_mode=%s synchronous=%s; put the data folder on a local disk", mode, level)
	}
	return c, nil
}

// migrate brings the schema to the newest version; user_version counts the migrations that were run.
func migrate(c *conn) error {
	files, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		return err
	}
	at, err := c.number("PRAGMA user_version")
	if err != nil {
		return err
	}
	if at > int64(len(files)) {
		return fmt.Errorf("this record was written by a newer osler (schema %d, this program knows %d); start the newer program", at, len(files))
	}
	for i := at; i < int64(len(files)); i++ {
		sql, err := migrations.ReadFile(files[i])
		if err != nil {
			return err
		}
		if err := c.script(string(sql) + fmt.Sprintf("\nPRAGMA user_version = %d;", i+1)); err != nil {
			return fmt.Errorf("migration %s: %w", files[i], err)
		}
	}
	return nil
}

// Close waits for the transactions under way and closes the file.
func (s *Store) Close() error {
	var err error
	s.closing.Do(func() {
		err = s.journal.stop()
		s.writer.stop()
		s.readers.drain()
		err = errors.Join(err, s.closeConns(), s.lock.Close())
	})
	return err
}

func (s *Store) closeConns() error {
	var errs []error
	for _, c := range s.all {
		errs = append(errs, c.close())
	}
	return errors.Join(errs...)
}

// read lends a connection to f.
func (s *Store) read(ctx context.Context, f func(c *conn) error) error {
	c, err := s.readers.take(ctx)
	if err != nil {
		return err
	}
	defer s.readers.give(c)
	return f(c)
}

// readAll is read for n statements that belong together: one read transaction saves taking the log's locks
// for each of them.
func (s *Store) readAll(ctx context.Context, n int, f func(c *conn) error) error {
	if n == 0 {
		return nil
	}
	return s.read(ctx, func(c *conn) (err error) {
		if n > 2 {
			if err := c.exec("BEGIN"); err != nil {
				return err
			}
			defer func() { err = errors.Join(err, c.exec("COMMIT")) }()
		}
		return f(c)
	})
}

// Serial reports that transactions run one after the other, all of them in this process: so a process knows of
// everything that happens between two transactions of its own.
func (s *Store) Serial() bool { return true }

// Size is bytes on disk: database, write-ahead log and journal of the audit log.
func (s *Store) Size(context.Context) (int64, error) {
	var total int64
	for _, suffix := range []string{"", "-wal", "-audit"} {
		info, err := os.Stat(s.path + suffix)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return 0, err
		}
		if err == nil {
			total += info.Size()
		}
	}
	return total, nil
}

// Check asks SQLite to read every page.
func (s *Store) Check(ctx context.Context) (found []string, err error) {
	err = s.read(ctx, func(c *conn) error {
		return c.query("PRAGMA integrity_check", nil, func(st *sqlite.Stmt) error {
			if line := st.ColumnText(0); line != "ok" {
				found = append(found, line)
			}
			return nil
		})
	})
	return found, err
}
