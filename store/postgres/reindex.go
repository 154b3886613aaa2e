package postgres

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/osler-ehr/osler/store"
)

// Hold shares the lock that Serialize takes alone, in the same round trip as the question.
func (t *tx) Hold(ctx context.Context, thing int64, space, name string) (value []byte, err error) {
	if err := t.flush(ctx); err != nil {
		return nil, err
	}
	found := false
	lock := statement{"SELECT pg_advisory_xact_lock_shared($1::bigint)", []any{thing}}
	if slices.Contains(t.things, thing) { // held already, and alone
		lock = statement{"SELECT 1", nil}
	}
	err = t.asks(ctx, func(v [][]byte) { value, found = slices.Clone(v[0]), true },
		lock, statement{"SELECT value FROM secret WHERE space = $1 AND name = $2", []any{space, name}})
	if err == nil && !found {
		err = store.ErrNotFound
	}
	return value, err
}

// Reindex locks the versions, so that none is replaced between the look at them and the commit.
func (t *tx) Reindex(ctx context.Context, rows []store.Reindex) error {
	if err := t.flush(ctx); err != nil || len(rows) == 0 {
		return err
	}
	type place struct{ key, version int64 }
	want := make(map[int64]place, len(rows))
	hashes := make([]int64, len(rows))
	var x indexColumns
	for i := range rows {
		r := &rows[i]
		hashes[i] = r.Hash
		want[r.Hash] = place{int64(r.Key), r.Version}
		x.add(int64(r.Key), &r.Add)
	}
	current := 0
	err := t.ask(ctx, "SELECT hash, key, version FROM resource WHERE hash = ANY($1::bigint[]) ORDER BY hash FOR UPDATE", []any{hashes}, func(v [][]byte) {
		if want[number(v[0])] == (place{number(v[1]), number(v[2])}) {
			current++
		}
	})
	if err != nil {
		return err
	}
	if current != len(want) {
		return t.fail(ctx, &pgconn.PgError{Code: stateVersion})
	}
	c := composer{}
	x.insert(&c, false)
	if s, any := c.with("SELECT 0"); any {
		t.others = append(t.others, s)
	}
	return nil
}

// indexTables are the tables by kind.
var indexTables = map[store.IndexKind]string{store.Tokens: "ix_token", store.Refs: "ix_ref", store.Dates: "ix_date", store.Texts: "ix_text", store.Amounts: "ix_amount"}

func (t *tx) Unindex(ctx context.Context, kind store.IndexKind, atom int64, limit int) (n int, err error) {
	table, ok := indexTables[kind]
	if !ok {
		return 0, fmt.Errorf("there is no index of kind %d", kind)
	}
	if err := t.flush(ctx); err != nil {
		return 0, err
	}
	// Rows are told by their place: they are of no partition, and nobody updates an index row.
	err = t.ask(ctx, strings.ReplaceAll("WITH gone AS (DELETE FROM ix WHERE ctid = ANY(ARRAY(SELECT ctid FROM ix WHERE atom = $1 LIMIT $2)) AND atom = $1 RETURNING 1) SELECT count(*) FROM gone", "ix", table),
		[]any{atom, int64(limit)}, func(v [][]byte) { n = int(number(v[0])) })
	return n, err
}
