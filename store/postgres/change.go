package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/osler-ehr/osler/store"
)

// A change's number is its transaction's number, shifted, plus its place within the transaction, plus the
// base. Transactions get their numbers when they first write, and commit in any order; so a reader takes
// only changes below the oldest transaction that is still running, all of which are settled. Nobody ever
// waits for a number, and nothing with a lower number can appear later.
const placeBits = 16

// maxChanges is how many changes one transaction can hold.
const maxChanges = 1 << placeBits

// numberSQL is the number of the transaction's first change; base is the argument with the base.
func numberSQL(base string) string {
	return "(pg_current_xact_id()::text::bigint << 16) + " + base
}

// settledSQL is the first number whose change may still be undecided, with the base as $1.
const settledSQL = "((pg_snapshot_xmin(pg_current_snapshot())::text::bigint << 16) + $1::bigint)"

// changeBase returns what is added to numbers made of transaction numbers. A record that was moved to a
// server with lower transaction numbers, by dump and restore, gets a higher base, so that its log grows on.
// It is called with the schema locked.
func changeBase(ctx context.Context, conn *pgx.Conn) (base int64, err error) {
	var last, next int64
	err = conn.QueryRow(ctx, `SELECT value, coalesce((SELECT max(seq) FROM change), 0),
		pg_snapshot_xmax(pg_current_snapshot())::text::bigint << 16 FROM counter WHERE name = 'change base'`).Scan(&base, &last, &next)
	if err != nil {
		return 0, fmt.Errorf("read the state of the change log: %w", err)
	}
	if last < next+base {
		return base, nil
	}
	base = last - next + maxChanges
	_, err = conn.Exec(ctx, "UPDATE counter SET value = $1 WHERE name = 'change base'", base)
	return base, err
}

// Changes returns the change log after number since.
func (s *Store) Changes(ctx context.Context, since int64, limit int) ([]store.Change, error) {
	rows, err := s.pool.Query(ctx, "SELECT seq, key, hash, version, action, at, "+
		"coalesce((SELECT id FROM resource r WHERE r.hash = c.hash AND r.version = c.version), (SELECT id FROM history h WHERE h.hash = c.hash AND h.version = c.version), '')"+
		" FROM change c WHERE seq > $2 AND seq < "+settledSQL+" ORDER BY seq LIMIT $3",
		s.base, since, limit)
	if err != nil {
		return nil, failure(ctx, err)
	}
	var out []store.Change
	err = each(rows, func(v [][]byte) {
		out = append(out, store.Change{Seq: number(v[0]), Key: store.Key(number(v[1])), Hash: number(v[2]), Version: number(v[3]),
			Action: store.Action(number(v[4])), At: number(v[5]), ID: string(v[6])})
	})
	return out, failure(ctx, err)
}

// LastChange is the newest number that Changes returns.
func (s *Store) LastChange(ctx context.Context) (last int64, err error) {
	rows, err := s.pool.Query(ctx, "SELECT seq FROM change WHERE seq < "+settledSQL+" ORDER BY seq DESC LIMIT 1", s.base)
	if err != nil {
		return 0, failure(ctx, err)
	}
	err = each(rows, func(v [][]byte) { last = number(v[0]) })
	return last, failure(ctx, err)
}
