package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/osler-ehr/osler/store"
	"github.com/osler-ehr/osler/store/postgres"
	"github.com/osler-ehr/osler/store/postgres/postgrestest"
	"github.com/osler-ehr/osler/store/storetest"
)

const observation = 95

func create(patient int64, hash int64) *store.Write {
	return &store.Write{
		Fresh: true,
		Row: store.Row{Key: store.MakeKey(patient, observation, 0), Hash: hash, ID: fmt.Sprint(hash), Version: 1, At: 1,
			Org: 1, Action: store.Created, Body: []byte(fmt.Sprint("body ", hash))},
		Add: store.Index{Tokens: []store.Token{{Atom: 1, Code: hash}}, Refs: []store.Ref{{Atom: 2, Target: patient}}},
	}
}

// ledger is what writers were told: which creates were acknowledged, and which may or may not be there.
type ledger struct {
	mu           sync.Mutex
	acknowledged map[int64]bool
	unknown      map[int64]bool
	failed       map[string]int
}

// work has writers create resources, several in a transaction, each transaction with an audit entry, until
// stop. Every error ends up in the ledger.
func (l *ledger) work(s *postgres.Store, writers int, stop <-chan struct{}) *sync.WaitGroup {
	ctx := context.Background()
	var next atomic.Int64
	var wg sync.WaitGroup
	for g := range writers {
		wg.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				hash := next.Add(1) * 10
				err := s.Update(ctx, func(tx store.Tx) error {
					tx.Audit(fmt.Append(nil, hash))
					if _, err := tx.Exists(ctx, []int64{hash}); err != nil {
						return err
					}
					for i := range int64(3) {
						if _, err := tx.Put(ctx, create(int64(g), hash+i)); err != nil {
							return err
						}
					}
					return nil
				})
				l.mu.Lock()
				switch {
				case err == nil:
					l.acknowledged[hash] = true
				case errors.Is(err, postgres.ErrOutcomeUnknown):
					l.unknown[hash] = true
				default:
					l.failed[err.Error()]++
				}
				l.mu.Unlock()
			}
		})
	}
	return &wg
}

// verify checks that what was acknowledged is there, once and whole, that everything has its audit entry,
// and that what failed has left nothing.
func (l *ledger) verify(t *testing.T, s *postgres.Store) {
	t.Helper()
	ctx := context.Background()
	there := map[int64]int{}
	keys := map[store.Key]bool{}
	rows, err := s.Scan(ctx, -1, 10_000_000)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rows {
		there[r.Hash/10*10]++
		keys[r.Key] = true
		if string(r.Body) != fmt.Sprint("body ", r.Hash) {
			t.Errorf("resource %d has another body", r.Hash)
		}
	}
	if len(keys) != len(rows) {
		t.Errorf("%d resources have %d keys", len(rows), len(keys))
	}
	for hash, n := range there {
		if n != 3 {
			t.Errorf("transaction %d is there with %d of 3 resources", hash, n)
		}
		if !l.acknowledged[hash] && !l.unknown[hash] {
			t.Errorf("transaction %d failed, and is there", hash)
		}
	}
	for hash := range l.acknowledged {
		if there[hash] != 3 {
			t.Errorf("transaction %d was acknowledged, and is lost", hash)
		}
	}
	audited := map[string]int{}
	lanes, err := s.AuditLanes(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for _, lane := range lanes {
		chunks, err := s.AuditChunks(ctx, lane, 0, 10_000_000)
		if err != nil {
			t.Fatal(err)
		}
		entries, err := storetest.Verify(chunks)
		if err != nil {
			t.Errorf("audit lane %d: %v", lane, err)
		}
		for _, e := range entries {
			audited[string(e)]++
		}
	}
	for hash := range there {
		if n := audited[fmt.Sprint(hash)]; n != 1 {
			t.Errorf("transaction %d has %d audit entries", hash, n)
		}
	}
	if len(audited) != len(there) {
		t.Errorf("%d audit entries of %d transactions", len(audited), len(there))
	}
	changes, err := s.Changes(ctx, 0, 10_000_000)
	if err != nil || len(changes) != len(rows) {
		t.Errorf("%d changes, %v, for %d resources", len(changes), err, len(rows))
	}
	t.Logf("%d transactions acknowledged, %d unknown, %d there; failed: %v; %d lanes", len(l.acknowledged), len(l.unknown), len(there), l.failed, len(lanes))
}

func newLedger() *ledger {
	return &ledger{acknowledged: map[int64]bool{}, unknown: map[int64]bool{}, failed: map[string]int{}}
}

// Sessions are ended at random, also between a commit and its answer: nobody notices.
func TestSessionsEnd(t *testing.T) {
	c := postgrestest.Require(t)
	url := c.Database(t)
	s := open(t, url)
	l := newLedger()
	stop := make(chan struct{})
	wg := l.work(s, 12, stop)
	killer, err := pgx.Connect(context.Background(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer killer.Close(context.Background())
	rng := rand.New(rand.NewPCG(1, 1))
	kills := 0
	for end := time.Now().Add(6 * time.Second); time.Now().Before(end); {
		time.Sleep(time.Duration(rng.IntN(60)) * time.Millisecond)
		var n int
		err := killer.QueryRow(context.Background(), `SELECT count(pg_terminate_backend(pid)) FROM (
			SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() ORDER BY random() LIMIT 1) v`).Scan(&n)
		if err != nil {
			t.Fatal(err)
		}
		kills += n
	}
	close(stop)
	wg.Wait()
	t.Logf("%d sessions ended", kills)
	l.verify(t, s)
	if len(l.failed) > 0 || len(l.unknown) > 0 {
		t.Errorf("transactions failed %v, or their outcome stayed unknown (%d), though the server was there", l.failed, len(l.unknown))
	}
}

// The server crashes under load and recovers: what was acknowledged is there.
func TestServerCrashes(t *testing.T) {
	c := postgrestest.Require(t)
	s := open(t, c.Database(t))
	l := newLedger()
	stop := make(chan struct{})
	wg := l.work(s, 12, stop)
	for range 4 {
		time.Sleep(700 * time.Millisecond)
		if err := c.Crash(); err != nil {
			t.Fatal(err)
		}
	}
	time.Sleep(300 * time.Millisecond)
	close(stop)
	wg.Wait()
	l.verify(t, s)
	if len(l.failed) > 0 || len(l.unknown) > 0 {
		t.Errorf("transactions failed %v, or their outcome stayed unknown (%d), though the server came back", l.failed, len(l.unknown))
	}
}

// A standby that does not confirm leaves the outcome unknown, and Update says so.
func TestStandbyDoesNotConfirm(t *testing.T) {
	c := postgrestest.Require(t)
	url := c.Database(t)
	s := open(t, url)
	ctx := context.Background()
	put := func(hash int64) error {
		return s.Update(ctx, func(tx store.Tx) error {
			tx.Audit(fmt.Append(nil, hash))
			_, err := tx.Put(ctx, create(1, hash))
			return err
		})
	}
	if err := put(1); err != nil {
		t.Fatal(err)
	}
	for _, sql := range []string{"ALTER SYSTEM SET synchronous_standby_names = 'nobody'", "SELECT pg_reload_conf()"} {
		if err := postgrestest.Exec(url, sql); err != nil {
			t.Fatal(err)
		}
	}
	// The server reads its settings when it comes to it: what it does not wait for yet is put again.
	done := make(chan error, 1)
	waits := false
	for hash := int64(2); !waits && hash < 100; hash++ {
		go func() { done <- put(hash) }()
		select {
		case err := <-done:
			if err != nil {
				t.Fatalf("Update without its standby: %v, want it to wait", err)
			}
			time.Sleep(100 * time.Millisecond)
		case <-time.After(500 * time.Millisecond):
			waits = true
		}
	}
	if !waits {
		t.Fatal("Update does not wait for its standby")
	}
	for over := false; !over; {
		if err := postgrestest.Exec(url, "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'"); err != nil {
			t.Fatal(err)
		}
		select {
		case err := <-done:
			over = true
			if !errors.Is(err, postgres.ErrOutcomeUnknown) {
				t.Errorf("Update that its standby did not confirm: %v, want ErrOutcomeUnknown", err)
			}
		case <-time.After(500 * time.Millisecond): // it had not come to wait for the standby yet
		}
	}
	for _, sql := range []string{"ALTER SYSTEM RESET synchronous_standby_names", "SELECT pg_reload_conf()"} {
		if err := postgrestest.Exec(url, sql); err != nil {
			t.Fatal(err)
		}
	}
	time.Sleep(200 * time.Millisecond)
	for hash := range int64(20) {
		if err := put(hash + 100); err != nil { // every writer, and the chain goes on
			t.Errorf("Update afterwards: %v", err)
		}
	}
	lanes, err := s.AuditLanes(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for _, lane := range lanes {
		chunks, err := s.AuditChunks(ctx, lane, 0, 1000)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := storetest.Verify(chunks); err != nil {
			t.Errorf("audit lane %d: %v", lane, err)
		}
	}
}

// Two processes share a database.
func TestTwoServers(t *testing.T) {
	c := postgrestest.Require(t)
	url := c.Database(t)
	a, b := open(t, url), open(t, url)
	ctx := context.Background()

	var mu sync.Mutex
	patients := map[int64]bool{}
	keys := map[store.Key]bool{}
	var tailed []store.Change
	stop, tail := make(chan struct{}), make(chan error, 1)
	go func() {
		since := int64(0)
		for last := false; !last; {
			select {
			case <-stop:
				last = true
			default:
			}
			cs, err := b.Changes(ctx, since, 1000)
			if err != nil {
				tail <- err
				return
			}
			tailed = append(tailed, cs...)
			if len(cs) > 0 {
				since = cs[len(cs)-1].Seq
			}
		}
		tail <- nil
	}()
	var wg sync.WaitGroup
	const each = 60
	for g := range 12 {
		s := []*postgres.Store{a, b}[g%2]
		wg.Go(func() {
			for i := range each {
				p, err := s.NextPatient(ctx)
				if err != nil {
					t.Error(err)
					return
				}
				var key store.Key
				err = s.Update(ctx, func(tx store.Tx) error {
					tx.Audit([]byte("x"))
					key, err = tx.Put(ctx, create(3, int64(g*1000+i))) // all into one record
					return err
				})
				if err != nil {
					t.Error(err)
					return
				}
				if _, err := s.Symbols(ctx, []string{fmt.Sprint("n", i), fmt.Sprint("n", each-i)}); err != nil {
					t.Error(err)
				}
				mu.Lock()
				if patients[p] || keys[key] {
					t.Errorf("patient %d or key %d was given twice", p, key)
				}
				patients[p], keys[key] = true, true
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	time.Sleep(50 * time.Millisecond)
	close(stop)
	if err := <-tail; err != nil {
		t.Fatal(err)
	}
	if len(tailed) != 12*each {
		t.Errorf("a tailer saw %d of %d changes", len(tailed), 12*each)
	}
	lanes, err := a.AuditLanes(ctx)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, lane := range lanes {
		chunks, err := a.AuditChunks(ctx, lane, 0, 100_000)
		if err != nil {
			t.Fatal(err)
		}
		entries, err := storetest.Verify(chunks)
		if err != nil {
			t.Errorf("audit lane %d: %v", lane, err)
		}
		n += len(entries)
	}
	if n != 12*each {
		t.Errorf("%d audit entries, want %d", n, 12*each)
	}
	names := []string{"n0", "n1", fmt.Sprint("n", each)}
	one, err := a.Symbols(ctx, names)
	if err != nil {
		t.Fatal(err)
	}
	two, err := b.Symbols(ctx, names)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if one[name] != two[name] {
			t.Errorf("%s is %d here and %d there", name, one[name], two[name])
		}
	}
}

// Two transactions that wait for each other in a circle both succeed.
func TestDeadlock(t *testing.T) {
	c := postgrestest.Require(t)
	s := open(t, c.Database(t))
	ctx := context.Background()
	var meet sync.WaitGroup
	meet.Add(2)
	var runs [2]atomic.Int64
	var wg sync.WaitGroup
	for g := range 2 {
		wg.Go(func() {
			err := s.Update(ctx, func(tx store.Tx) error {
				first := runs[g].Add(1) == 1
				for i := range 2 {
					if err := tx.SetSecret(ctx, "s", fmt.Sprint((g+i)%2), []byte{byte(g)}); err != nil {
						return err
					}
					if _, err := tx.Secrets(ctx, "s"); err != nil { // sends it
						return err
					}
					if i == 0 && first {
						meet.Done()
						meet.Wait()
					}
				}
				return nil
			})
			if err != nil {
				t.Errorf("Update: %v", err)
			}
		})
	}
	wg.Wait()
	if n := runs[0].Load() + runs[1].Load(); n != 3 {
		t.Errorf("the functions ran %d times, want 3: one of them twice", n)
	}
}

// A search that takes too long is too costly; the connection serves on.
func TestSearchTime(t *testing.T) {
	c := postgrestest.Require(t)
	ctx := context.Background()
	s, err := postgres.Open(ctx, c.Database(t), postgres.Options{Audit: storetest.Seal, SearchTime: 300 * time.Millisecond, Readers: 1, Writers: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	err = s.Update(ctx, func(tx store.Tx) error {
		for i := range int64(4000) {
			w := create(0, i+1)
			w.Add.Texts = []store.Text{{Atom: 3, Value: strings.Repeat("a", 800) + fmt.Sprint(i)}}
			if _, err := tx.Put(ctx, w); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	// Thousands of patterns that each row is searched for.
	costly := store.TextIs{Atoms: []int64{3}, Op: store.TextContains}
	for i := range 2000 {
		costly.Values = append(costly.Values, strings.Repeat("a", 400)+fmt.Sprint("b", i))
	}
	plan := &store.Plan{Where: []store.Cond{store.Not{Cond: costly}}}
	quick := &store.Plan{Where: []store.Cond{store.HashIs{Hashes: []int64{7}}}}
	if _, err := s.Count(ctx, plan); !errors.Is(err, store.ErrTooCostly) {
		t.Errorf("Count: %v, want ErrTooCostly", err)
	}
	if n, err := s.Count(ctx, quick); err != nil || n != 1 {
		t.Errorf("Count afterwards: %d, %v", n, err)
	}
	err = s.Update(ctx, func(tx store.Tx) error { _, err := tx.Count(ctx, plan); return err })
	if !errors.Is(err, store.ErrTooCostly) {
		t.Errorf("Count in a transaction: %v, want ErrTooCostly", err)
	}
	err = s.Update(ctx, func(tx store.Tx) error {
		n, err := tx.Count(ctx, quick)
		if err == nil && n != 1 {
			err = fmt.Errorf("%d rows", n)
		}
		return err
	})
	if err != nil {
		t.Errorf("Update afterwards: %v", err)
	}
	gone, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
	defer cancel()
	if _, err := s.Count(gone, plan); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Count of a request that ended before its time was up: %v", err)
	}
}
