package sqlite

import (
	"context"
	"errors"
	"fmt"

	"github.com/osler-ehr/osler/store"
	"zombiezen.com/go/sqlite"
)

// tx is a transaction inside the writer.
type tx struct {
	reader
	w       *writer
	entries [][]byte
	wrote   bool // something that must be undone if the request fails
}

// exec runs a statement that writes.
func (t *tx) exec(sql string, args ...any) error {
	t.wrote = true
	return t.c.exec(sql, args...)
}

// run calls f and turns a panic into an error, so that one bad request does not stop the writer.
func (t *tx) run(f func(store.Tx) error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("transaction failed: %v", p)
		}
	}()
	return f(t)
}

func (t *tx) Audit(entry []byte) { t.entries = append(t.entries, entry) }

func (t *tx) Put(ctx context.Context, w *store.Write) (store.Key, error) {
	row := &w.Row
	current, version, err := t.current(row.Hash)
	if err != nil {
		return 0, err
	}
	if version != w.Expect {
		return 0, store.ErrConflict
	}
	if w.Fresh {
		if row.Key, err = t.allot(row.Key.Patient(), row.Key.Type()); err != nil {
			return 0, err
		}
	} else if w.Expect != 0 && row.Key != current {
		return 0, store.ErrConflict
	}
	if w.Expect != 0 {
		if err := t.retire(current); err != nil {
			return 0, err
		}
		if err := t.unindex(current, &w.Remove); err != nil {
			return 0, err
		}
	}
	if row.Change, err = t.log(row); err != nil {
		return 0, err
	}
	const columns = "hash, id, version, at, org, labels, action, change, body"
	if w.Expect != 0 && row.Key == current {
		err = t.exec("UPDATE resource SET id = ?, version = ?, at = ?, org = ?, labels = ?, action = ?, change = ?, body = ? WHERE key = ?",
			row.ID, row.Version, row.At, row.Org, row.Labels, int64(row.Action), row.Change, row.Body, int64(row.Key))
	} else {
		if w.Expect != 0 {
			if err := t.exec("DELETE FROM resource WHERE key = ?", int64(current)); err != nil {
				return 0, err
			}
		}
		err = t.exec("INSERT INTO resource (key, "+columns+") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
			int64(row.Key), row.Hash, row.ID, row.Version, row.At, row.Org, row.Labels, int64(row.Action), row.Change, row.Body)
	}
	if err != nil {
		return 0, constraint(err)
	}
	t.w.bytes += len(row.Body) + 512
	return row.Key, t.index(row.Key, &w.Add)
}

// constraint turns a broken uniqueness into a conflict.
func constraint(err error) error {
	if sqlite.ErrCode(err).ToPrimary() == sqlite.ResultConstraint {
		return store.ErrConflict
	}
	return err
}

// current tells where and at which version a resource stands; version 0 if it does not exist.
func (t *tx) current(hash int64) (key store.Key, version int64, err error) {
	err = t.c.query("SELECT key, version FROM resource WHERE hash = ?", []any{hash}, func(s *sqlite.Stmt) error {
		key, version = store.Key(s.ColumnInt64(0)), s.ColumnInt64(1)
		return nil
	})
	return key, version, err
}

// retire copies the current version to the history.
func (t *tx) retire(key store.Key) error {
	return t.exec("INSERT INTO history (hash, version, key, id, at, org, labels, action, change, body) "+
		"SELECT hash, version, key, id, at, org, labels, action, change, body FROM resource WHERE key = ?", int64(key))
}

func (t *tx) log(row *store.Row) (int64, error) {
	t.w.change++
	return t.w.change, t.exec("INSERT INTO change (seq, key, hash, version, action, at) VALUES (?, ?, ?, ?, ?, ?)",
		t.w.change, int64(row.Key), row.Hash, row.Version, int64(row.Action), row.At)
}

// allot gives the next free key of a patient and type.
func (t *tx) allot(patient int64, typ int) (store.Key, error) {
	if typ == store.PatientType {
		return store.MakeKey(patient, typ, 0), nil // the one in its record
	}
	slot := patient<<8 | int64(typ)
	seq, known := t.w.next[slot]
	if !known {
		r := store.TypeRange(patient, typ)
		var last int64 = -1
		if err := t.c.query("SELECT key FROM resource WHERE key BETWEEN ? AND ? ORDER BY key DESC LIMIT 1", []any{int64(r.From), int64(r.To)}, func(s *sqlite.Stmt) error {
			last = store.Key(s.ColumnInt64(0)).Seq()
			return nil
		}); err != nil {
			return 0, err
		}
		seq = last + 1
		if len(t.w.next) > 100_000 {
			clear(t.w.next)
		}
	}
	if seq > store.MaxSeq {
		return 0, errors.New("this patient has more resources of one type than a record can hold")
	}
	t.w.next[slot] = seq + 1
	return store.MakeKey(patient, typ, seq), nil
}

func (t *tx) Delete(ctx context.Context, w *store.Write) error {
	row := &w.Row
	key, version, err := t.current(row.Hash)
	if err != nil {
		return err
	}
	if version == 0 || version != w.Expect {
		return store.ErrConflict
	}
	if err := t.retire(key); err != nil {
		return err
	}
	if err := t.unindex(key, &w.Remove); err != nil {
		return err
	}
	if err := t.exec("DELETE FROM resource WHERE key = ?", int64(key)); err != nil {
		return err
	}
	row.Key = key
	if row.Change, err = t.log(row); err != nil {
		return err
	}
	return t.exec("INSERT INTO history (hash, version, key, id, at, org, labels, action, change, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, x'')",
		row.Hash, row.Version, int64(key), row.ID, row.At, row.Org, row.Labels, int64(store.Deleted), row.Change)
}

func (t *tx) index(key store.Key, x *store.Index) error {
	k := int64(key)
	for _, v := range x.Tokens {
		if err := t.exec("INSERT OR IGNORE INTO ix_token (atom, code, key, system) VALUES (?, ?, ?, ?)", v.Atom, v.Code, k, v.System); err != nil {
			return err
		}
	}
	for _, v := range x.Refs {
		if err := t.exec("INSERT OR IGNORE INTO ix_ref (atom, target, key) VALUES (?, ?, ?)", v.Atom, v.Target, k); err != nil {
			return err
		}
	}
	for _, v := range x.Dates {
		if err := t.exec("INSERT OR IGNORE INTO ix_date (atom, key, lo, hi) VALUES (?, ?, ?, ?)", v.Atom, k, v.Lo, v.Hi); err != nil {
			return err
		}
	}
	for _, v := range x.Texts {
		if err := t.exec("INSERT OR IGNORE INTO ix_text (atom, key, value) VALUES (?, ?, ?)", v.Atom, k, v.Value); err != nil {
			return err
		}
	}
	for _, v := range x.Amounts {
		if err := t.exec("INSERT OR IGNORE INTO ix_amount (atom, key, value, unit) VALUES (?, ?, ?, ?)", v.Atom, k, v.Value, v.Unit); err != nil {
			return err
		}
	}
	return nil
}

func (t *tx) unindex(key store.Key, x *store.Index) error {
	k := int64(key)
	for _, v := range x.Tokens {
		if err := t.exec("DELETE FROM ix_token WHERE atom = ? AND code = ? AND key = ? AND system = ?", v.Atom, v.Code, k, v.System); err != nil {
			return err
		}
	}
	for _, v := range x.Refs {
		if err := t.exec("DELETE FROM ix_ref WHERE atom = ? AND target = ? AND key = ?", v.Atom, v.Target, k); err != nil {
			return err
		}
	}
	for _, v := range x.Dates {
		if err := t.exec("DELETE FROM ix_date WHERE atom = ? AND key = ? AND lo = ? AND hi = ?", v.Atom, k, v.Lo, v.Hi); err != nil {
			return err
		}
	}
	for _, v := range x.Texts {
		if err := t.exec("DELETE FROM ix_text WHERE atom = ? AND key = ? AND value = ?", v.Atom, k, v.Value); err != nil {
			return err
		}
	}
	for _, v := range x.Amounts {
		if err := t.exec("DELETE FROM ix_amount WHERE atom = ? AND key = ? AND value = ? AND unit = ?", v.Atom, k, v.Value, v.Unit); err != nil {
			return err
		}
	}
	return nil
}

func (t *tx) LastVersion(ctx context.Context, hash int64) (int64, error) {
	return t.c.number("SELECT max(v) FROM (SELECT max(version) AS v FROM history WHERE hash = ? UNION ALL SELECT version FROM resource WHERE hash = ?)", hash, hash)
}

func (t *tx) LastKey(context.Context) (store.Key, error) {
	key, err := t.c.number("SELECT max(key) FROM resource")
	return store.Key(key), err
}

// Retired asks for one after the other: each is a seek.
func (t *tx) Retired(_ context.Context, hashes []int64) (map[int64]int64, error) {
	out := make(map[int64]int64, len(hashes))
	for _, h := range hashes {
		n, err := t.c.number("SELECT max(version) FROM history WHERE hash = ?", h)
		if err != nil {
			return nil, err
		}
		if n > 0 {
			out[h] = n
		}
	}
	return out, nil
}

func (t *tx) Referrers(ctx context.Context, target int64, atoms []int64) (bool, error) {
	for _, a := range atoms {
		n, err := t.c.number("SELECT 1 FROM ix_ref WHERE atom = ? AND target = ? LIMIT 1", a, target)
		if err != nil || n == 1 {
			return n == 1, err
		}
	}
	return false, nil
}

func (t *tx) SetSecret(ctx context.Context, space, name string, value []byte) error {
	if value == nil {
		return t.exec("DELETE FROM secret WHERE space = ? AND name = ?", space, name)
	}
	return t.exec("INSERT INTO secret (space, name, value) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET value = excluded.value", space, name, value)
}

func (t *tx) SetPatientKey(ctx context.Context, patient int64, wrapped []byte) error {
	if wrapped == nil {
		return t.exec("DELETE FROM patient_key WHERE patient = ?", patient)
	}
	if patient > t.w.patients {
		t.w.patients = patient
		t.w.reserve(patient)
		if err := t.exec("INSERT INTO counter (name, value) VALUES ('patient', ?) ON CONFLICT DO UPDATE SET value = excluded.value", patient); err != nil {
			return err
		}
	}
	return t.exec("INSERT INTO patient_key (patient, wrapped) VALUES (?, ?) ON CONFLICT DO UPDATE SET wrapped = excluded.wrapped", patient, wrapped)
}

func (t *tx) SetBlob(ctx context.Context, name string, data []byte) error {
	if data == nil {
		return t.exec("DELETE FROM blob WHERE name = ?", name)
	}
	return t.exec("INSERT INTO blob (name, data) VALUES (?, ?) ON CONFLICT DO UPDATE SET data = excluded.data", name, data)
}

func (t *tx) AddJob(ctx context.Context, j store.Job) error {
	return t.exec("INSERT OR IGNORE INTO job (kind, uniq, payload, due, attempts, leased) VALUES (?, ?, ?, ?, 0, 0)", j.Kind, j.Unique, j.Payload, j.Due)
}

func (t *tx) FinishJob(ctx context.Context, id int64) error {
	return t.exec("DELETE FROM job WHERE id = ?", id)
}

func (t *tx) RetryJob(ctx context.Context, id int64, due int64) error {
	return t.exec("UPDATE job SET due = ?, leased = 0 WHERE id = ?", due, id)
}

// Serialize has nothing to do: the writer runs one transaction at a time.
func (t *tx) Serialize(context.Context, int64) error { return nil }
