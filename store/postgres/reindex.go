package postgres

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/osler-ehr/osler/store"
)

// Assert shares the lock that Serialize takes alone, and then looks. Both go along with whatever is sent first.
func (t *tx) Assert(ctx context.Context, thing int64, space, name string, value []byte) error {
	if t.over {
		return errOver
	}
	if t.failed != nil {
		return t.failed
	}
	var both []statement
	if !slices.Contains(t.things, thing) { // else it is held already, and alone
		both = append(both, statement{"SELECT pg_advisory_xact_lock_shared($1::bigint)", []any{thing}})
	}
	look := statement{"SELECT expect_rows((SELECT count(*) FROM secret WHERE space = $1 AND name = $2 AND value = $3), 1)", []any{space, name, slices.Clone(value)}}
	if len(value) == 0 {
		look = statement{"SELECT expect_rows((SELECT count(*) FROM secret WHERE space = $1 AND name = $2), 0)", []any{space, name}}
	}
	both = append(both, look)
	if t.begun {
		return t.asks(ctx, func([][]byte) {}, both...)
	}
	t.asserted = append(t.asserted, both...)
	return nil
}

// Reindex locks the versions, so that none is replaced between the look at them and the commit.
func (t *tx) Reindex(ctx context.Context, rows []store.Reindex) error {
	if err := t.flush(ctx); err != nil || len(rows) == 0 {
		return err
	}
	type place struct{ key, version int64 }
	hashes := make([]int64, len(rows))
	for i := range rows {
		hashes[i] = rows[i].Hash
	}
	current := make(map[int64]place, len(rows))
	err := t.ask(ctx, "SELECT hash, key, version FROM resource WHERE hash = ANY($1::bigint[]) ORDER BY hash FOR UPDATE", []any{hashes}, func(v [][]byte) {
		current[number(v[0])] = place{number(v[1]), number(v[2])}
	})
	if err != nil {
		return err
	}
	var x indexColumns
	for i := range rows {
		if r := &rows[i]; current[r.Hash] == (place{int64(r.Key), r.Version}) {
			x.add(int64(r.Key), &r.Add)
		}
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
