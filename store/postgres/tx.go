package postgres

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/osler-ehr/osler/store"
)

// tx is a transaction. It gathers what is to be written and sends it when a question needs it, or with the
// commit. A version that does not hold shows then: at the latest, Update returns the conflict.
type tx struct {
	reader
	w      *writer
	begun  bool    // the server knows of the transaction
	over   bool    // the function has returned
	failed error   // the database has undone the transaction
	cause  error   // what the driver said
	things []int64 // serialized
	// asserted is what goes before everything else.
	asserted []statement
	entries  [][]byte
	gathered
}

// run calls f and turns a panic into an error, so that one bad request does not take a connection along.
func (t *tx) run(f func(store.Tx) error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("transaction failed: %v", p)
		}
	}()
	return f(t)
}

var errOver = errors.New("this transaction has ended; use it only within its function")

// fail notes that the transaction cannot go on.
func (t *tx) fail(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	if t.failed == nil {
		t.cause, t.failed = err, failure(ctx, err)
	}
	return t.failed
}

// repeatable reports whether the transaction was undone for no fault of its own.
func (t *tx) repeatable() bool {
	var pg *pgconn.PgError
	return t.cause != nil && (errors.Is(t.cause, errCircle) || transient(t.cause) || t.w.conn.IsClosed() && !errors.As(t.cause, &pg) || errors.As(t.cause, &pg) && pg.Severity == "FATAL")
}

// ask sends a statement within the transaction. Searches have the time that searches outside have.
func (t *tx) ask(ctx context.Context, sql string, args []any, f func(v [][]byte)) error {
	return t.asks(ctx, f, statement{sql, args})
}

// asks sends statements in one pipeline; f sees the rows of the last.
func (t *tx) asks(ctx context.Context, f func(v [][]byte), statements ...statement) (err error) {
	if t.over {
		return errOver
	}
	if t.failed != nil {
		return t.failed
	}
	limited, cancel := context.WithTimeoutCause(ctx, t.w.s.timeout, store.ErrTooCostly)
	defer cancel()
	b := t.batch()
	for _, s := range statements {
		b.Queue(s.sql, s.args...)
	}
	t.begun = true
	results := t.w.conn.SendBatch(limited, b)
	for range b.Len() - 1 {
		if _, err = results.Exec(); err != nil {
			break
		}
	}
	if err == nil {
		rows, e := results.Query()
		if err = e; err == nil {
			err = each(rows, f)
		}
	}
	if e := results.Close(); err == nil {
		err = e
	}
	return t.fail(ctx, err)
}

// flush sends what is gathered, so that the next statement sees it.
func (t *tx) flush(ctx context.Context) error {
	if t.over {
		return errOver
	}
	if t.failed != nil || t.empty() {
		return t.failed
	}
	b := t.batch()
	t.write(b, nil)
	return t.fail(ctx, t.send(ctx, b))
}

// flushOf sends what is gathered if any of the hashes is in it.
func (t *tx) flushOf(ctx context.Context, hashes ...int64) error {
	if slices.ContainsFunc(hashes, t.has) {
		return t.flush(ctx)
	}
	return nil
}

// Questions about single resources need only what was gathered about these; all others need everything.

func (t *tx) Read(ctx context.Context, hash int64) (store.Row, error) {
	if err := t.flushOf(ctx, hash); err != nil {
		return store.Row{}, err
	}
	return t.reader.Read(ctx, hash)
}

func (t *tx) ReadMany(ctx context.Context, hashes []int64) ([]store.Row, error) {
	if err := t.flushOf(ctx, hashes...); err != nil {
		return nil, err
	}
	return t.reader.ReadMany(ctx, hashes)
}

// stripes is how many locks stand for everything that can be referred to.
const stripes = 64

func stripe(hash int64) int32 { return int32(uint64(hash) % stripes) }

// Exists also keeps what it has found from being deleted, by whoever asks Referrers first, until the
// transaction ends.
func (t *tx) Exists(ctx context.Context, hashes []int64) (map[int64]store.Key, error) {
	out := make(map[int64]store.Key, len(hashes))
	if len(hashes) == 0 {
		return out, nil
	}
	if err := t.flushOf(ctx, hashes...); err != nil {
		return nil, err
	}
	var shared []int32
	for _, h := range hashes {
		shared = append(shared, stripe(h))
	}
	slices.Sort(shared)
	shared = slices.Compact(shared)
	err := t.asks(ctx, func(v [][]byte) { out[number(v[0])] = store.Key(number(v[1])) },
		statement{"SELECT pg_advisory_xact_lock_shared($1::int, s) FROM unnest($2::int[]) s", []any{lockTarget, shared}},
		statement{"SELECT hash, key FROM resource WHERE hash = ANY($1::bigint[])", []any{hashes}})
	return out, err
}

// Referrers waits for those who found the target with Exists, and keeps others from finding it.
func (t *tx) Referrers(ctx context.Context, target int64, atoms []int64) (found bool, err error) {
	if len(atoms) == 0 {
		return false, nil
	}
	if err := t.flush(ctx); err != nil {
		return false, err
	}
	err = t.asks(ctx, func([][]byte) { found = true },
		statement{"SELECT pg_advisory_xact_lock($1::int, $2::int)", []any{lockTarget, stripe(target)}},
		statement{"SELECT 1 FROM ix_ref WHERE atom = ANY($1::bigint[]) AND target = $2 LIMIT 1", []any{atoms, target}})
	return found, err
}

func (t *tx) Search(ctx context.Context, p *store.Plan) ([]store.Hit, error) {
	if err := t.flush(ctx); err != nil {
		return nil, err
	}
	return t.reader.Search(ctx, p)
}

func (t *tx) Count(ctx context.Context, p *store.Plan) (int64, error) {
	if err := t.flush(ctx); err != nil {
		return 0, err
	}
	return t.reader.Count(ctx, p)
}

func (t *tx) Secret(ctx context.Context, space, name string) ([]byte, error) {
	if err := t.flush(ctx); err != nil {
		return nil, err
	}
	return t.reader.Secret(ctx, space, name)
}

func (t *tx) Secrets(ctx context.Context, space string) (map[string][]byte, error) {
	if err := t.flush(ctx); err != nil {
		return nil, err
	}
	return t.reader.Secrets(ctx, space)
}

func (t *tx) PatientKey(ctx context.Context, patient int64) ([]byte, error) {
	if err := t.flush(ctx); err != nil {
		return nil, err
	}
	return t.reader.PatientKey(ctx, patient)
}

func (t *tx) LastVersion(ctx context.Context, hash int64) (last int64, err error) {
	if err := t.flushOf(ctx, hash); err != nil {
		return 0, err
	}
	err = t.ask(ctx, "SELECT greatest((SELECT max(version) FROM history WHERE hash = $1), (SELECT version FROM resource WHERE hash = $1))",
		[]any{hash}, func(v [][]byte) { last = number(v[0]) })
	return last, err
}

func (t *tx) LastKey(ctx context.Context) (last store.Key, err error) {
	if err := t.flush(ctx); err != nil {
		return 0, err
	}
	err = t.ask(ctx, "SELECT coalesce(max(key), 0) FROM resource", nil, func(v [][]byte) { last = store.Key(number(v[0])) })
	return last, err
}

// Retired is one round trip.
func (t *tx) Retired(ctx context.Context, hashes []int64) (map[int64]int64, error) {
	if err := t.flushOf(ctx, hashes...); err != nil {
		return nil, err
	}
	out := make(map[int64]int64, len(hashes))
	err := t.ask(ctx, "SELECT hash, max(version) FROM history WHERE hash = ANY($1::bigint[]) GROUP BY hash",
		[]any{hashes}, func(v [][]byte) { out[number(v[0])] = number(v[1]) })
	return out, err
}

// Put gathers a version. The key of a new resource comes from a block that this process has taken.
func (t *tx) Put(ctx context.Context, w *store.Write) (store.Key, error) {
	if err := t.accept(ctx, w); err != nil {
		return 0, err
	}
	if w.Fresh {
		key, err := t.w.s.steward.key(ctx, w.Row.Key.Patient(), w.Row.Key.Type())
		if err != nil {
			return 0, err
		}
		w.Row.Key = key
	}
	switch {
	case w.Expect == 0:
		t.created(w)
	case w.Fresh:
		t.moved(w)
	default:
		t.updated(w)
	}
	return w.Row.Key, nil
}

func (t *tx) Delete(ctx context.Context, w *store.Write) error {
	if err := t.accept(ctx, w); err != nil {
		return err
	}
	if w.Expect == 0 {
		return t.fail(ctx, &pgconn.PgError{Code: stateVersion}) // nothing can be deleted that does not exist
	}
	if w.OldKey != 0 {
		w.Row.Key = w.OldKey
	}
	t.deleted(w)
	return nil
}

// accept sends what is gathered about the same resource, which one statement cannot write twice.
func (t *tx) accept(ctx context.Context, w *store.Write) error {
	if t.over {
		return errOver
	}
	if t.failed != nil {
		return t.failed
	}
	if t.places >= maxChanges {
		return fmt.Errorf("one transaction can change at most %d resources; write these in several", maxChanges)
	}
	return t.flushOf(ctx, w.Row.Hash)
}

func (t *tx) Audit(entry []byte) { t.entries = append(t.entries, slices.Clone(entry)) }

// errCircle: waiting for a thing while holding others could be waiting in a circle.
var errCircle = errors.New("others hold what this transaction needs")

// Serialize locks the thing until the transaction ends. It waits only for things above all that it holds, so
// that nobody waits in a circle; for one below that somebody holds, the transaction runs again, and begins by
// locking all of them in order.
func (t *tx) Serialize(ctx context.Context, thing int64) error {
	if slices.Contains(t.things, thing) {
		return t.failed
	}
	if len(t.things) == 0 || thing > slices.Max(t.things) {
		t.things = append(t.things, thing)
		return t.ask(ctx, "SELECT pg_advisory_xact_lock($1::bigint)", []any{thing}, func([][]byte) {})
	}
	t.things = append(t.things, thing)
	locked := false
	err := t.ask(ctx, "SELECT pg_try_advisory_xact_lock($1::bigint)", []any{thing}, func(v [][]byte) { locked = v[0][0] == 1 })
	if err == nil && !locked {
		t.cause, t.failed = errCircle, errCircle
		err = errCircle
	}
	return err
}

// serialize locks things that an earlier attempt has locked.
func (t *tx) serialize(ctx context.Context, things []int64) error {
	if len(things) == 0 {
		return nil
	}
	slices.Sort(things)
	t.things = slices.Compact(things)
	return t.ask(ctx, "SELECT pg_advisory_xact_lock(thing) FROM unnest($1::bigint[]) thing", []any{t.things}, func([][]byte) {})
}

func (t *tx) SetSecret(_ context.Context, space, name string, value []byte) error {
	if value == nil {
		return t.also("DELETE FROM secret WHERE space = $1 AND name = $2", space, name)
	}
	return t.also("INSERT INTO secret (space, name, value) VALUES ($1, $2, $3) ON CONFLICT (space, name) DO UPDATE SET value = excluded.value",
		space, name, slices.Clone(value))
}

func (t *tx) SetPatientKey(_ context.Context, patient int64, wrapped []byte) error {
	if wrapped == nil {
		return t.also("DELETE FROM patient_key WHERE patient = $1", patient)
	}
	t.w.s.steward.taken(patient)
	if err := t.also("UPDATE counter SET value = $1 WHERE name = 'patient' AND value < $1", patient); err != nil {
		return err
	}
	return t.also("INSERT INTO patient_key (patient, wrapped) VALUES ($1, $2) ON CONFLICT (patient) DO UPDATE SET wrapped = excluded.wrapped",
		patient, slices.Clone(wrapped))
}

func (t *tx) SetBlob(_ context.Context, name string, data []byte) error {
	if data == nil {
		return t.also("DELETE FROM blob WHERE name = $1", name)
	}
	return t.also("INSERT INTO blob (name, data) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET data = excluded.data", name, data)
}

func (t *tx) AddJob(_ context.Context, j store.Job) error {
	payload := j.Payload
	if payload == nil {
		payload = []byte{}
	}
	return t.also("INSERT INTO job (kind, uniq, payload, due, attempts, leased) VALUES ($1, $2, $3, $4, 0, 0) ON CONFLICT (kind, uniq) WHERE uniq <> '' DO NOTHING",
		j.Kind, j.Unique, slices.Clone(payload), j.Due)
}

func (t *tx) FinishJob(_ context.Context, id int64) error {
	return t.also("DELETE FROM job WHERE id = $1", id)
}

func (t *tx) RetryJob(_ context.Context, id int64, due int64) error {
	return t.also("UPDATE job SET due = $2, leased = 0 WHERE id = $1", id, due)
}

// also gathers a statement of another table.
func (t *tx) also(sql string, args ...any) error {
	if t.over {
		return errOver
	}
	if t.failed == nil {
		t.others = append(t.others, statement{sql, args})
	}
	return t.failed
}
