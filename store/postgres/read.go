package postgres

import (
	"context"
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/osler-ehr/osler/store"
	"github.com/osler-ehr/osler/store/internal/sqlplan"
)

// ask sends one statement and calls f with the columns of each row, valid only within f.
type ask func(ctx context.Context, sql string, args []any, f func(v [][]byte)) error

// reader answers questions, inside a transaction and outside.
type reader struct{ ask ask }

// outside asks on a connection of the pool.
func (s *Store) outside() reader {
	return reader{func(ctx context.Context, sql string, args []any, f func(v [][]byte)) error {
		rows, err := s.pool.Query(ctx, sql, args...)
		if err != nil {
			return failure(ctx, err)
		}
		return failure(ctx, each(rows, f))
	}}
}

func (r reader) Read(ctx context.Context, hash int64) (out store.Row, err error) {
	found := false
	err = r.ask(ctx, selectRow+"WHERE hash = $1", []any{hash}, func(v [][]byte) { out, found = row(v), true })
	if err == nil && !found {
		err = store.ErrNotFound
	}
	return out, err
}

func (r reader) ReadMany(ctx context.Context, hashes []int64) (rows []store.Row, err error) {
	if len(hashes) == 0 {
		return nil, nil
	}
	rows = make([]store.Row, 0, len(hashes))
	err = r.ask(ctx, selectRow+"WHERE hash = ANY($1::bigint[])", []any{hashes}, func(v [][]byte) { rows = append(rows, row(v)) })
	return rows, err
}

func (r reader) Exists(ctx context.Context, hashes []int64) (map[int64]store.Key, error) {
	out := make(map[int64]store.Key, len(hashes))
	if len(hashes) == 0 {
		return out, nil
	}
	err := r.ask(ctx, "SELECT hash, key FROM resource WHERE hash = ANY($1::bigint[])", []any{hashes}, func(v [][]byte) {
		out[number(v[0])] = store.Key(number(v[1]))
	})
	return out, err
}

func (r reader) Search(ctx context.Context, p *store.Plan) (hits []store.Hit, err error) {
	st, undated, ok := sqlplan.Dated(sqlplan.Postgres, p)
	if !ok {
		st = sqlplan.Search(sqlplan.Postgres, p)
	}
	err = r.ask(ctx, st.SQL, arguments(st.Args), func(v [][]byte) { hits = append(hits, hit(v, p.Sort)) })
	if ok && err == nil && len(hits) < p.Limit {
		undated.Limit -= len(hits)
		st = sqlplan.Search(sqlplan.Postgres, &undated)
		err = r.ask(ctx, st.SQL, arguments(st.Args), func(v [][]byte) {
			h := hit(v, nil)
			h.Sort = []store.SortValue{{Missing: true}}
			hits = append(hits, h)
		})
	}
	return hits, err
}

func (r reader) Count(ctx context.Context, p *store.Plan) (n int64, err error) {
	st := sqlplan.Count(sqlplan.Postgres, p)
	err = r.ask(ctx, st.SQL, arguments(st.Args), func(v [][]byte) { n = number(v[0]) })
	return n, err
}

// one returns the single column of a single row, ErrNotFound if there is none.
func (r reader) one(ctx context.Context, sql string, args ...any) (value []byte, err error) {
	err = r.ask(ctx, sql, args, func(v [][]byte) { value = bytesOf(v[0]) })
	if err == nil && value == nil {
		err = store.ErrNotFound
	}
	return value, err
}

func (r reader) Secret(ctx context.Context, space, name string) ([]byte, error) {
	return r.one(ctx, "SELECT value FROM secret WHERE space = $1 AND name = $2", space, name)
}

func (r reader) Secrets(ctx context.Context, space string) (map[string][]byte, error) {
	out := map[string][]byte{}
	err := r.ask(ctx, "SELECT name, value FROM secret WHERE space = $1", []any{space}, func(v [][]byte) {
		out[string(v[0])] = bytesOf(v[1])
	})
	return out, err
}

func (r reader) PatientKey(ctx context.Context, patient int64) ([]byte, error) {
	return r.one(ctx, "SELECT wrapped FROM patient_key WHERE patient = $1", patient)
}

// The same questions outside a transaction.

// Read returns the current version of a resource.
func (s *Store) Read(ctx context.Context, hash int64) (store.Row, error) {
	return s.outside().Read(ctx, hash)
}

// ReadMany returns the current versions that exist.
func (s *Store) ReadMany(ctx context.Context, hashes []int64) ([]store.Row, error) {
	return s.outside().ReadMany(ctx, hashes)
}

// Exists returns those of the hashes whose resource exists now.
func (s *Store) Exists(ctx context.Context, hashes []int64) (map[int64]store.Key, error) {
	return s.outside().Exists(ctx, hashes)
}

// Search returns the rows that the plan asks for.
func (s *Store) Search(ctx context.Context, p *store.Plan) ([]store.Hit, error) {
	return s.outside().Search(ctx, p)
}

// Count returns how many rows the plan has.
func (s *Store) Count(ctx context.Context, p *store.Plan) (int64, error) {
	return s.outside().Count(ctx, p)
}

// Secret returns a small sealed value.
func (s *Store) Secret(ctx context.Context, space, name string) ([]byte, error) {
	return s.outside().Secret(ctx, space, name)
}

// Secrets returns all values of a space by name.
func (s *Store) Secrets(ctx context.Context, space string) (map[string][]byte, error) {
	return s.outside().Secrets(ctx, space)
}

// PatientKey returns the wrapped key of a patient.
func (s *Store) PatientKey(ctx context.Context, patient int64) ([]byte, error) {
	return s.outside().PatientKey(ctx, patient)
}

// Version returns one version, current or not.
func (s *Store) Version(ctx context.Context, hash, version int64) (out store.Row, err error) {
	found := false
	err = s.outside().ask(ctx, selectRow+"WHERE hash = $1 AND version = $2 UNION ALL SELECT "+sqlplan.Columns+" FROM history WHERE hash = $1 AND version = $2",
		[]any{hash, version}, func(v [][]byte) { out, found = row(v), true })
	if err == nil && !found {
		err = store.ErrNotFound
	}
	return out, err
}

// History returns versions, newest first.
func (s *Store) History(ctx context.Context, h store.HistoryPlan) (rows []store.Row, err error) {
	st := sqlplan.History(sqlplan.Postgres, h, false)
	err = s.outside().ask(ctx, st.SQL, st.Args, func(v [][]byte) { rows = append(rows, row(v)) })
	return rows, err
}

// HistoryCount counts versions.
func (s *Store) HistoryCount(ctx context.Context, h store.HistoryPlan) (n int64, err error) {
	st := sqlplan.History(sqlplan.Postgres, h, true)
	err = s.outside().ask(ctx, st.SQL, st.Args, func(v [][]byte) { n = number(v[0]) })
	return n, err
}

// Scan returns current rows in key order.
func (s *Store) Scan(ctx context.Context, after store.Key, limit int) (rows []store.Row, err error) {
	err = s.outside().ask(ctx, selectRow+"WHERE key > $1 ORDER BY key LIMIT $2", []any{int64(after), limit}, func(v [][]byte) {
		rows = append(rows, row(v))
	})
	return rows, err
}

// ScanIndex returns the index rows of a range of keys. It reads each index table whole.
func (s *Store) ScanIndex(ctx context.Context, r store.KeyRange) (map[store.Key]*store.Index, error) {
	out := map[store.Key]*store.Index{}
	at := func(v [][]byte) *store.Index {
		key := store.Key(number(v[0]))
		if out[key] == nil {
			out[key] = &store.Index{}
		}
		return out[key]
	}
	tables := []struct {
		sql string
		add func(x *store.Index, v [][]byte)
	}{
		{"SELECT key, atom, code, system FROM ix_token", func(x *store.Index, v [][]byte) {
			x.Tokens = append(x.Tokens, store.Token{Atom: number(v[1]), Code: number(v[2]), System: number(v[3])})
		}},
		{"SELECT key, atom, target FROM ix_ref", func(x *store.Index, v [][]byte) {
			x.Refs = append(x.Refs, store.Ref{Atom: number(v[1]), Target: number(v[2])})
		}},
		{"SELECT key, atom, lo, hi FROM ix_date", func(x *store.Index, v [][]byte) {
			x.Dates = append(x.Dates, store.Date{Atom: number(v[1]), Lo: number(v[2]), Hi: number(v[3])})
		}},
		{"SELECT key, atom, value FROM ix_text", func(x *store.Index, v [][]byte) {
			x.Texts = append(x.Texts, store.Text{Atom: number(v[1]), Value: text(v[2])})
		}},
		{"SELECT key, atom, value, unit FROM ix_amount", func(x *store.Index, v [][]byte) {
			x.Amounts = append(x.Amounts, store.Amount{Atom: number(v[1]), Value: float(v[2]), Unit: number(v[3])})
		}},
	}
	err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "SET LOCAL enable_seqscan = on; SET LOCAL statement_timeout = 0", pgx.QueryExecModeSimpleProtocol); err != nil {
			return err
		}
		for _, t := range tables {
			rows, err := tx.Query(ctx, t.sql+" WHERE key BETWEEN $1 AND $2", int64(r.From), int64(r.To))
			if err != nil {
				return err
			}
			if err := each(rows, func(v [][]byte) { t.add(at(v), v) }); err != nil {
				return err
			}
		}
		return nil
	})
	return out, failure(ctx, err)
}

// Blob returns large content by name.
func (s *Store) Blob(ctx context.Context, name string) ([]byte, error) {
	return s.outside().one(ctx, "SELECT data FROM blob WHERE name = $1", name)
}

// AuditLanes lists the chains, stepping from one to the next in their index.
func (s *Store) AuditLanes(ctx context.Context) (lanes []int64, err error) {
	err = s.outside().ask(ctx, `WITH RECURSIVE l(lane) AS (
		SELECT min(lane) FROM audit
		UNION ALL SELECT (SELECT min(a.lane) FROM audit a WHERE a.lane > l.lane) FROM l WHERE l.lane IS NOT NULL
	) SELECT lane FROM l WHERE lane IS NOT NULL`, nil, func(v [][]byte) { lanes = append(lanes, number(v[0])) })
	slices.Sort(lanes)
	return lanes, err
}

// AuditChunks returns chunks of a chain in order.
func (s *Store) AuditChunks(ctx context.Context, lane, after int64, limit int) (out []store.AuditChunk, err error) {
	err = s.outside().ask(ctx, "SELECT lane, seq, at, prev, hash, body FROM audit WHERE lane = $1 AND seq > $2 ORDER BY seq LIMIT $3",
		[]any{lane, after, limit}, func(v [][]byte) {
			out = append(out, store.AuditChunk{Lane: number(v[0]), Seq: number(v[1]), At: number(v[2]),
				Prev: bytesOf(v[3]), Hash: bytesOf(v[4]), Body: bytesOf(v[5])})
		})
	return out, err
}
