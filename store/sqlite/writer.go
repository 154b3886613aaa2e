package sqlite

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/osler-ehr/osler/store"
	"zombiezen.com/go/sqlite"
)

// maxGroup bounds how many transactions share one commit, so that none waits long for the others.
const maxGroup = 256

// maxRun is how many row bytes of work share one commit at most: large imports still commit in steps.
const maxRun = 8 << 20

// writerLane is the audit chain of the writer. Those of the journal have higher numbers.
const writerLane = 1

// writer owns the one connection that writes.
type writer struct {
	s     *Store
	c     *conn
	queue chan *request
	done  sync.WaitGroup
	once  sync.Once

	// What follows is touched by the writing goroutine only.
	state
	lane  int64
	next  map[int64]int64 // patient and type -> next sequence
	bytes int

	mu       sync.Mutex // guards allotted
	allotted int64      // highest patient number given out
}

// state is what a transaction that is undone leaves as it was.
type state struct {
	change   int64  // newest change number
	patients int64  // highest patient number with a key
	seq      int64  // newest audit chunk
	prev     []byte // its hash
}

// request is a transaction that waits for its commit.
type request struct {
	ctx  context.Context
	f    func(store.Tx) error
	err  error
	done chan struct{}
}

func startWriter(s *Store, c *conn) (*writer, error) {
	w := &writer{s: s, c: c, queue: make(chan *request, 4*maxGroup), lane: writerLane, next: map[int64]int64{}}
	if err := w.load(); err != nil {
		return nil, err
	}
	w.done.Add(1)
	go w.run()
	return w, nil
}

func (w *writer) load() (err error) {
	if w.change, err = w.c.number("SELECT max(seq) FROM change"); err != nil {
		return err
	}
	if w.patients, err = w.c.number("SELECT value FROM counter WHERE name = 'patient'"); err != nil {
		return err
	}
	w.allotted = w.patients
	return w.c.query("SELECT seq, hash FROM audit WHERE lane = ? ORDER BY seq DESC LIMIT 1", []any{w.lane}, func(st *sqlite.Stmt) error {
		w.seq, w.prev = st.ColumnInt64(0), column(st, 1)
		return nil
	})
}

func (w *writer) stop() {
	w.once.Do(func() { close(w.queue) })
	w.done.Wait()
}

// submit hands a request to the goroutine behind a queue and waits until it is on the disk, or is known not to be.
func submit(queue chan<- *request, r *request) (err error) {
	defer func() {
		if recover() != nil { // the queue was closed
			err = errors.New("the record is closing")
		}
	}()
	r.done = make(chan struct{})
	select {
	case queue <- r:
	case <-r.ctx.Done():
		return r.ctx.Err()
	}
	// From here on the outcome is that of the disk: a caller that went away must not make it uncertain.
	<-r.done
	return r.err
}

func (w *writer) run() {
	defer w.done.Done()
	group := make([]*request, 0, maxGroup)
	for first := range w.queue {
		group = append(group[:0], first)
		w.commit(&group)
		for _, r := range group {
			close(r.done)
		}
	}
}

// commit runs the group's first request and all that wait behind it in one transaction of the database.
func (w *writer) commit(group *[]*request) {
	fail := func(err error) {
		for _, r := range *group {
			r.err = err
		}
	}
	if e := w.s.broken.Load(); e != nil {
		fail(*e)
		return
	}
	if err := w.c.exec("BEGIN IMMEDIATE"); err != nil {
		fail(err)
		return
	}
	before := w.state
	entries, err := w.together(group, false)
	if errors.Is(err, errUndone) {
		if err := w.c.exec("BEGIN IMMEDIATE"); err != nil {
			fail(err)
			return
		}
		entries, err = w.together(group, true)
	}
	if err == nil {
		err = w.audit(entries)
	}
	if err == nil {
		err = w.c.exec("COMMIT")
	}
	if err == nil {
		return
	}
	if rollback := w.undo(before); rollback != nil || sqlite.ErrCode(err).ToPrimary() == sqlite.ResultIOErr {
		// What reached the disk is unknown, and a second flush could lie: stop, and let a restart recover.
		gone := fmt.Errorf("%w (%v)", store.ErrReadOnly, sqlite.ErrCode(err))
		w.s.broken.Store(&gone)
	}
	fail(fmt.Errorf("nothing was written: %w", err))
}

// errUndone says that a request failed after it had written something, so that all were undone.
var errUndone = errors.New("the group was undone")

// undo takes back all that the transaction did.
func (w *writer) undo(before state) error {
	w.state = before
	clear(w.next)
	return w.c.exec("ROLLBACK")
}

// together runs the requests of a group, and then those who wait, in the transaction that was begun. A savepoint for each makes
// SQLite copy every page that two of them change. Hardly any request fails after it has written something, so they run
// without; if one does, the transaction is undone, and errUndone tells to run all once more, with savepoints.
func (w *writer) together(group *[]*request, savepoints bool) (entries [][]byte, err error) {
	w.bytes = 0
	before := w.state
	for i := 0; ; i++ {
		if i == len(*group) {
			r := w.another(i)
			if r == nil {
				return entries, nil
			}
			*group = append(*group, r)
		}
		r := (*group)[i]
		if savepoints {
			var added [][]byte
			if added, r.err = w.apart(r); r.err == nil {
				entries = append(entries, added...)
			}
			continue
		}
		t, err := w.apply(r)
		switch r.err = err; {
		case err == nil:
			entries = append(entries, t.entries...)
		case t.wrote:
			if err := w.undo(before); err != nil {
				return nil, err
			}
			return nil, errUndone
		}
	}
}

// another takes one more request for a group of n, if one waits and the group is not too large.
func (w *writer) another(n int) *request {
	if n >= maxGroup || w.bytes >= maxRun {
		return nil
	}
	select {
	case r := <-w.queue: // nil when the queue is closed
		return r
	default:
		return nil
	}
}

// apply runs one request.
func (w *writer) apply(r *request) (*tx, error) {
	t := &tx{w: w, reader: reader{w.c}}
	if err := r.ctx.Err(); err != nil {
		return t, err
	}
	err := t.run(r.f)
	t.w = nil // a transaction kept beyond its end must fail loudly
	return t, err
}

// apart runs one request so that its failure leaves no trace.
func (w *writer) apart(r *request) (entries [][]byte, err error) {
	if err := w.c.exec("SAVEPOINT request"); err != nil {
		return nil, err
	}
	before := w.state
	t, err := w.apply(r)
	if err == nil {
		if err = w.c.exec("RELEASE request"); err == nil {
			return t.entries, nil
		}
	}
	w.state = before
	if e := w.c.exec("ROLLBACK TO request"); e != nil {
		return nil, errors.Join(err, e)
	}
	return nil, errors.Join(err, w.c.exec("RELEASE request"))
}

// audit writes the group's entries as the next chunk of the chain.
func (w *writer) audit(entries [][]byte) error {
	if len(entries) == 0 {
		return nil
	}
	body, hash, err := sealEntries(w.s.seal, w.lane, w.seq+1, w.prev, entries)
	if err != nil {
		return err
	}
	err = w.c.exec(chunkInsert,
		w.lane, w.seq+1, w.s.clock.Now().UnixMilli(), w.prev, hash, body)
	if err == nil {
		w.seq, w.prev = w.seq+1, hash
	}
	return err
}

func sealEntries(seal store.AuditSealer, lane, seq int64, prev []byte, entries [][]byte) (body, hash []byte, err error) {
	if seal != nil {
		return seal(lane, seq, prev, entries)
	}
	for _, e := range entries {
		body = append(body, e...)
		body = append(body, '\n')
	}
	return body, []byte{byte(seq)}, nil
}

// Update runs f in the writer.
func (s *Store) Update(ctx context.Context, f func(store.Tx) error) error {
	return submit(s.writer.queue, &request{ctx: ctx, f: f})
}

// reserve keeps NextPatient from giving out a number that came with a key from elsewhere.
func (w *writer) reserve(patient int64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.allotted = max(w.allotted, patient)
}

// NextPatient allots a number; it becomes lasting with the patient's key.
func (s *Store) NextPatient(context.Context) (int64, error) {
	w := s.writer
	w.mu.Lock()
	defer w.mu.Unlock()
	w.allotted++
	return w.allotted, nil
}
