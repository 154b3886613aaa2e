package postgres

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// Size is bytes on disk: all tables, indexes and large values of the database.
func (s *Store) Size(ctx context.Context) (n int64, err error) {
	err = s.outside().ask(ctx, "SELECT pg_database_size(current_database())", nil, func(v [][]byte) { n = number(v[0]) })
	return n, err
}

// Check reads every row of every table, so that the server verifies the checksum of every page, and asks it
// to verify the order of every index where the extension amcheck is installed.
func (s *Store) Check(ctx context.Context) (found []string, err error) {
	conn, err := s.dial.connect(ctx, nil, nil)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, conn.Close(context.WithoutCancel(ctx))) }()
	tables, err := names(ctx, conn, `SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE n.nspname = 'public' AND c.relkind = 'r' ORDER BY 1`)
	if err != nil {
		return nil, failure(ctx, err)
	}
	for _, t := range tables {
		// Hashing the text of a row reads what is stored aside, too.
		note(&found, t, run(ctx, conn, "SELECT count(hashtext(t::text)) FROM "+pgx.Identifier{t}.Sanitize()+" t"))
	}
	var amcheck bool
	if err := conn.QueryRow(ctx, "SELECT count(*) = 1 FROM pg_extension WHERE extname = 'amcheck'").Scan(&amcheck); err != nil {
		return found, failure(ctx, err)
	}
	if !amcheck {
		return found, nil
	}
	indexes, err := names(ctx, conn, `SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_am a ON a.oid = c.relam
		WHERE n.nspname = 'public' AND c.relkind = 'i' AND a.amname = 'btree' ORDER BY 1`)
	if err != nil {
		return found, failure(ctx, err)
	}
	for _, i := range indexes {
		note(&found, i, run(ctx, conn, "SELECT bt_index_check($1::regclass, true)", i))
	}
	return found, nil
}

func names(ctx context.Context, conn *pgx.Conn, sql string) ([]string, error) {
	rows, err := conn.Query(ctx, sql)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

func run(ctx context.Context, conn *pgx.Conn, sql string, args ...any) error {
	_, err := conn.Exec(ctx, sql, args...)
	return err
}

// note adds what the server said about a table or index.
func note(found *[]string, what string, err error) {
	if err == nil {
		return
	}
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		*found = append(*found, fmt.Sprintf("%s: %s", what, strings.TrimSpace(pg.Message)))
		return
	}
	*found = append(*found, fmt.Sprintf("%s: %v", what, err))
}
