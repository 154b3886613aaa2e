package sqlite

import (
	"context"
	"slices"
	"strings"

	"github.com/osler-ehr/osler/store"
	"github.com/osler-ehr/osler/store/internal/sqlplan"
	"zombiezen.com/go/sqlite"
)

// reader answers questions on one connection, inside a transaction or outside.
type reader struct{ c *conn }

func scanRow(s *sqlite.Stmt) store.Row {
	return store.Row{
		Key: store.Key(s.ColumnInt64(0)), Hash: s.ColumnInt64(1), ID: s.ColumnText(2), Version: s.ColumnInt64(3),
		At: s.ColumnInt64(4), Org: s.ColumnInt64(5), Labels: s.ColumnInt64(6), Action: store.Action(s.ColumnInt64(7)),
		Change: s.ColumnInt64(8), Body: column(s, 9),
	}
}

func (r reader) Read(ctx context.Context, hash int64) (row store.Row, err error) {
	found := false
	err = r.c.query("SELECT "+sqlplan.Columns+" FROM resource WHERE hash = ?", []any{hash}, func(s *sqlite.Stmt) error {
		row, found = scanRow(s), true
		return nil
	})
	if err == nil && !found {
		err = store.ErrNotFound
	}
	return row, err
}

// in writes "(?, ?, ...)" for n values.
func in(n int) string { return "(" + strings.Repeat("?, ", n-1) + "?)" }

func (r reader) ReadMany(ctx context.Context, hashes []int64) (rows []store.Row, err error) {
	hashes = slices.Clone(hashes)
	slices.Sort(hashes)
	for _, h := range slices.Compact(hashes) {
		if err := r.c.query("SELECT "+sqlplan.Columns+" FROM resource WHERE hash = ?", []any{h}, func(s *sqlite.Stmt) error {
			rows = append(rows, scanRow(s))
			return nil
		}); err != nil {
			return nil, err
		}
	}
	return rows, nil
}

func (r reader) Exists(ctx context.Context, hashes []int64) (map[int64]store.Key, error) {
	out := make(map[int64]store.Key, len(hashes))
	for _, h := range hashes {
		if err := r.c.query("SELECT key FROM resource WHERE hash = ?", []any{h}, func(s *sqlite.Stmt) error {
			out[h] = store.Key(s.ColumnInt64(0))
			return nil
		}); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (r reader) Search(ctx context.Context, p *store.Plan) (hits []store.Hit, err error) {
	if done := ctx.Done(); done != nil {
		defer r.c.raw.SetInterrupt(r.c.raw.SetInterrupt(done))
	}
	st, undated, ok := sqlplan.Dated(sqlplan.SQLite, p)
	if !ok {
		hits, err = r.hits(sqlplan.Search(sqlplan.SQLite, p), nil)
		return hits, interrupted(ctx, err)
	}
	if seek, few, err := r.few(p); few || err != nil {
		if err == nil {
			hits, err = r.hits(seek, nil)
		}
		return hits, interrupted(ctx, err)
	}
	if hits, err = r.hits(st, nil); err == nil && len(hits) < p.Limit {
		undated.Limit -= len(hits)
		var rest []store.Hit
		rest, err = r.hits(sqlplan.Search(sqlplan.SQLite, &undated), []store.SortValue{{Missing: true}})
		hits = append(hits, rest...)
	}
	return hits, interrupted(ctx, err)
}

// few asks how much a plan's tokens find, and returns the statement for little.
func (r reader) few(p *store.Plan) (st sqlplan.Statement, ok bool, err error) {
	probe, ok := sqlplan.Probe(sqlplan.SQLite, p)
	if !ok {
		return st, false, nil
	}
	var counts []int64
	if err = r.c.query(probe.SQL, probe.Args, func(s *sqlite.Stmt) error {
		for i := range s.ColumnCount() {
			counts = append(counts, s.ColumnInt64(i))
		}
		return nil
	}); err != nil {
		return st, false, err
	}
	st, ok = sqlplan.Seek(sqlplan.SQLite, p, counts)
	return st, ok, nil
}

// hits runs a search's statement. Rows of one that does not sort stand at the place given.
func (r reader) hits(st sqlplan.Statement, place []store.SortValue) (hits []store.Hit, err error) {
	err = r.c.query(st.SQL, st.Args, func(s *sqlite.Stmt) error {
		h := store.Hit{Row: scanRow(s), Sort: place}
		for i := range st.Sorts {
			h.Sort = append(h.Sort, sortValue(s, 10+i))
		}
		hits = append(hits, h)
		return nil
	})
	return hits, err
}

// interrupted tells that a search ran out of its time.
func interrupted(ctx context.Context, err error) error {
	if err != nil && ctx.Err() == context.DeadlineExceeded {
		return store.ErrTooCostly
	}
	return err
}

func sortValue(s *sqlite.Stmt, i int) store.SortValue {
	switch s.ColumnType(i) {
	case sqlite.TypeNull:
		return store.SortValue{Missing: true}
	case sqlite.TypeText:
		return store.SortValue{Text: s.ColumnText(i)}
	}
	return store.SortValue{Number: s.ColumnFloat(i)}
}

func (r reader) Count(ctx context.Context, p *store.Plan) (int64, error) {
	st := sqlplan.Count(sqlplan.SQLite, p)
	if done := ctx.Done(); done != nil {
		defer r.c.raw.SetInterrupt(r.c.raw.SetInterrupt(done))
	}
	n, err := r.c.number(st.SQL, st.Args...)
	return n, interrupted(ctx, err)
}

func (r reader) Secret(ctx context.Context, space, name string) (value []byte, err error) {
	err = r.c.query("SELECT value FROM secret WHERE space = ? AND name = ?", []any{space, name}, func(s *sqlite.Stmt) error {
		value = column(s, 0)
		return nil
	})
	if err == nil && value == nil {
		err = store.ErrNotFound
	}
	return value, err
}

func (r reader) Secrets(ctx context.Context, space string) (map[string][]byte, error) {
	out := map[string][]byte{}
	err := r.c.query("SELECT name, value FROM secret WHERE space = ?", []any{space}, func(s *sqlite.Stmt) error {
		out[s.ColumnText(0)] = column(s, 1)
		return nil
	})
	return out, err
}

func (r reader) PatientKey(ctx context.Context, patient int64) (wrapped []byte, err error) {
	err = r.c.query("SELECT wrapped FROM patient_key WHERE patient = ?", []any{patient}, func(s *sqlite.Stmt) error {
		wrapped = column(s, 0)
		return nil
	})
	if err == nil && wrapped == nil {
		err = store.ErrNotFound
	}
	return wrapped, err
}

// The same questions outside a transaction, each on a connection of the pool.

func (s *Store) Read(ctx context.Context, hash int64) (row store.Row, err error) {
	err = s.read(ctx, func(c *conn) error { row, err = reader{c}.Read(ctx, hash); return err })
	return row, err
}

func (s *Store) ReadMany(ctx context.Context, hashes []int64) (rows []store.Row, err error) {
	err = s.readAll(ctx, len(hashes), func(c *conn) error { rows, err = reader{c}.ReadMany(ctx, hashes); return err })
	return rows, err
}

func (s *Store) Exists(ctx context.Context, hashes []int64) (keys map[int64]store.Key, err error) {
	err = s.readAll(ctx, len(hashes), func(c *conn) error { keys, err = reader{c}.Exists(ctx, hashes); return err })
	return keys, err
}

func (s *Store) Search(ctx context.Context, p *store.Plan) (hits []store.Hit, err error) {
	err = s.read(ctx, func(c *conn) error {
		ctx, cancel := context.WithTimeout(ctx, s.searchTime)
		defer cancel()
		hits, err = reader{c}.Search(ctx, p)
		return err
	})
	return hits, err
}

func (s *Store) Count(ctx context.Context, p *store.Plan) (n int64, err error) {
	err = s.read(ctx, func(c *conn) error {
		ctx, cancel := context.WithTimeout(ctx, s.searchTime)
		defer cancel()
		n, err = reader{c}.Count(ctx, p)
		return err
	})
	return n, err
}

func (s *Store) Secret(ctx context.Context, space, name string) (v []byte, err error) {
	err = s.read(ctx, func(c *conn) error { v, err = reader{c}.Secret(ctx, space, name); return err })
	return v, err
}

func (s *Store) Secrets(ctx context.Context, space string) (v map[string][]byte, err error) {
	err = s.read(ctx, func(c *conn) error { v, err = reader{c}.Secrets(ctx, space); return err })
	return v, err
}

func (s *Store) PatientKey(ctx context.Context, patient int64) (v []byte, err error) {
	err = s.read(ctx, func(c *conn) error { v, err = reader{c}.PatientKey(ctx, patient); return err })
	return v, err
}
