package sqlite

import (
	"context"
	"fmt"

	"github.com/osler-ehr/osler/store"
	"github.com/osler-ehr/osler/store/internal/sqlplan"
	"zombiezen.com/go/sqlite"
)

// Version returns one version of a resource, current or not.
func (s *Store) Version(ctx context.Context, hash, version int64) (row store.Row, err error) {
	found := false
	err = s.read(ctx, func(c *conn) error {
		return c.query("SELECT "+sqlplan.Columns+" FROM resource WHERE hash = ? AND version = ? UNION ALL SELECT "+sqlplan.Columns+" FROM history WHERE hash = ? AND version = ?",
			[]any{hash, version, hash, version}, func(st *sqlite.Stmt) error {
				row, found = scanRow(st), true
				return nil
			})
	})
	if err == nil && !found {
		err = store.ErrNotFound
	}
	return row, err
}

// History returns versions, newest first.
func (s *Store) History(ctx context.Context, h store.HistoryPlan) (rows []store.Row, err error) {
	st := sqlplan.History(sqlplan.SQLite, h, false)
	err = s.read(ctx, func(c *conn) error {
		return c.query(st.SQL, st.Args, func(q *sqlite.Stmt) error {
			rows = append(rows, scanRow(q))
			return nil
		})
	})
	return rows, err
}

// HistoryCount counts versions.
func (s *Store) HistoryCount(ctx context.Context, h store.HistoryPlan) (n int64, err error) {
	st := sqlplan.History(sqlplan.SQLite, h, true)
	err = s.read(ctx, func(c *conn) error { n, err = c.number(st.SQL, st.Args...); return err })
	return n, err
}

// Changes returns the change log after a number.
func (s *Store) Changes(ctx context.Context, since int64, limit int) (out []store.Change, err error) {
	err = s.read(ctx, func(c *conn) error {
		return c.query("SELECT seq, key, hash, version, action, at, "+
			"coalesce((SELECT id FROM resource r WHERE r.hash = c.hash AND r.version = c.version), (SELECT id FROM history h WHERE h.hash = c.hash AND h.version = c.version), '')"+
			" FROM change c WHERE seq > ? ORDER BY seq LIMIT ?", []any{since, int64(limit)}, func(q *sqlite.Stmt) error {
			out = append(out, store.Change{Seq: q.ColumnInt64(0), Key: store.Key(q.ColumnInt64(1)), Hash: q.ColumnInt64(2), Version: q.ColumnInt64(3), Action: store.Action(q.ColumnInt64(4)), At: q.ColumnInt64(5), ID: q.ColumnText(6)})
			return nil
		})
	})
	return out, err
}

// LastChange is the newest number in the change log.
func (s *Store) LastChange(ctx context.Context) (n int64, err error) {
	err = s.read(ctx, func(c *conn) error { n, err = c.number("SELECT max(seq) FROM change"); return err })
	return n, err
}

// Scan returns current rows in key order.
func (s *Store) Scan(ctx context.Context, after store.Key, limit int) (rows []store.Row, err error) {
	err = s.read(ctx, func(c *conn) error {
		return c.query("SELECT "+sqlplan.Columns+" FROM resource WHERE key > ? ORDER BY key LIMIT ?", []any{int64(after), int64(limit)}, func(q *sqlite.Stmt) error {
			rows = append(rows, scanRow(q))
			return nil
		})
	})
	return rows, err
}

// ScanIndex returns the index rows of a range of keys.
func (s *Store) ScanIndex(ctx context.Context, r store.KeyRange) (map[store.Key]*store.Index, error) {
	out := map[store.Key]*store.Index{}
	at := func(key int64) *store.Index {
		x := out[store.Key(key)]
		if x == nil {
			x = &store.Index{}
			out[store.Key(key)] = x
		}
		return x
	}
	args := []any{int64(r.From), int64(r.To)}
	err := s.read(ctx, func(c *conn) error {
		for sql, add := range map[string]func(*sqlite.Stmt){
			"SELECT key, atom, code, system FROM ix_token": func(q *sqlite.Stmt) {
				x := at(q.ColumnInt64(0))
				x.Tokens = append(x.Tokens, store.Token{Atom: q.ColumnInt64(1), Code: q.ColumnInt64(2), System: q.ColumnInt64(3)})
			},
			"SELECT key, atom, target FROM ix_ref": func(q *sqlite.Stmt) {
				x := at(q.ColumnInt64(0))
				x.Refs = append(x.Refs, store.Ref{Atom: q.ColumnInt64(1), Target: q.ColumnInt64(2)})
			},
			"SELECT key, atom, lo, hi FROM ix_date": func(q *sqlite.Stmt) {
				x := at(q.ColumnInt64(0))
				x.Dates = append(x.Dates, store.Date{Atom: q.ColumnInt64(1), Lo: q.ColumnInt64(2), Hi: q.ColumnInt64(3)})
			},
			"SELECT key, atom, value FROM ix_text": func(q *sqlite.Stmt) {
				x := at(q.ColumnInt64(0))
				x.Texts = append(x.Texts, store.Text{Atom: q.ColumnInt64(1), Value: q.ColumnText(2)})
			},
			"SELECT key, atom, value, unit FROM ix_amount": func(q *sqlite.Stmt) {
				x := at(q.ColumnInt64(0))
				x.Amounts = append(x.Amounts, store.Amount{Atom: q.ColumnInt64(1), Value: q.ColumnFloat(2), Unit: q.ColumnInt64(3)})
			},
		} {
			if err := c.query(sql+" WHERE key BETWEEN ? AND ?", args, func(q *sqlite.Stmt) error { add(q); return nil }); err != nil {
				return err
			}
		}
		return nil
	})
	return out, err
}

// Symbols numbers names.
func (s *Store) Symbols(ctx context.Context, names []string) (map[string]int64, error) {
	var out map[string]int64
	err := s.Update(ctx, func(t store.Tx) error {
		tx := t.(*tx)
		c := tx.c
		out = make(map[string]int64, len(names))
		if err := c.query("SELECT no, name FROM symbol", nil, func(q *sqlite.Stmt) error {
			out[q.ColumnText(1)] = q.ColumnInt64(0)
			return nil
		}); err != nil {
			return err
		}
		for _, name := range names {
			if _, known := out[name]; known {
				continue
			}
			if err := tx.exec("INSERT INTO symbol (name) VALUES (?)", name); err != nil {
				return err
			}
			out[name] = c.raw.LastInsertRowID()
		}
		return nil
	})
	return out, err
}

// AuditLanes lists the chains: the writer's, and one for each time that a crash left entries in the journal.
func (s *Store) AuditLanes(ctx context.Context) (lanes []int64, err error) {
	if err := s.journal.settle(ctx); err != nil {
		return nil, err
	}
	err = s.read(ctx, func(c *conn) error {
		return c.query("SELECT DISTINCT lane FROM audit ORDER BY lane", nil, func(q *sqlite.Stmt) error {
			lanes = append(lanes, q.ColumnInt64(0))
			return nil
		})
	})
	return lanes, err
}

// AuditChunks returns chunks of a chain in order.
func (s *Store) AuditChunks(ctx context.Context, lane, after int64, limit int) (out []store.AuditChunk, err error) {
	if err := s.journal.settle(ctx); err != nil {
		return nil, err
	}
	err = s.read(ctx, func(c *conn) error {
		return c.query("SELECT lane, seq, at, prev, hash, body FROM audit WHERE lane = ? AND seq > ? ORDER BY seq LIMIT ?", []any{lane, after, int64(limit)}, func(q *sqlite.Stmt) error {
			out = append(out, store.AuditChunk{Lane: q.ColumnInt64(0), Seq: q.ColumnInt64(1), At: q.ColumnInt64(2), Prev: column(q, 3), Hash: column(q, 4), Body: column(q, 5)})
			return nil
		})
	})
	return out, err
}

// Blob returns large content by name.
func (s *Store) Blob(ctx context.Context, name string) (data []byte, err error) {
	err = s.read(ctx, func(c *conn) error {
		return c.query("SELECT data FROM blob WHERE name = ?", []any{name}, func(q *sqlite.Stmt) error {
			data = column(q, 0)
			return nil
		})
	})
	if err == nil && data == nil {
		err = store.ErrNotFound
	}
	return data, err
}

// Claim leases the next due job.
func (s *Store) Claim(ctx context.Context, kinds []string, now, until int64) (job store.Job, err error) {
	if len(kinds) == 0 {
		return job, store.ErrNotFound
	}
	found := false
	args := []any{until}
	for _, k := range kinds {
		args = append(args, k)
	}
	args = append(args, now, now)
	err = s.Update(ctx, func(t store.Tx) error {
		found = false
		tx := t.(*tx)
		tx.wrote = true
		return tx.c.query(fmt.Sprintf("UPDATE job SET leased = ?, attempts = attempts + 1 WHERE id = (SELECT id FROM job WHERE kind IN %s AND due <= ? AND leased <= ? ORDER BY due, id LIMIT 1) "+
			"RETURNING id, kind, uniq, payload, due, attempts, leased", in(len(kinds))), args, func(q *sqlite.Stmt) error {
			job = store.Job{ID: q.ColumnInt64(0), Kind: q.ColumnText(1), Unique: q.ColumnText(2), Payload: column(q, 3), Due: q.ColumnInt64(4), Attempts: q.ColumnInt64(5), Leased: q.ColumnInt64(6)}
			found = true
			return nil
		})
	})
	if err == nil && !found {
		err = store.ErrNotFound
	}
	return job, err
}
