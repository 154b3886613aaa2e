package postgres

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"

	"github.com/jackc/pgx/v5"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Classes of two-number advisory locks. Serialize has the space of one-number locks for itself.
const (
	lockSchema = 0x05_1e_00 + iota // the schema and what is prepared with it
	lockLane                       // an audit lane: held by its writer's session
	lockTarget                     // what is referred to: shared by Exists, exclusive for Referrers
)

// prepare checks that the server keeps its promises, brings the schema up to date, and returns the base of
// change numbers. One process at a time does so.
func prepare(ctx context.Context, d dialer) (base int64, err error) {
	conn, err := d.connect(ctx, nil, nil)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, conn.Close(context.WithoutCancel(ctx))) }()
	if err := checkServer(ctx, conn); err != nil {
		return 0, err
	}
	if _, err := conn.Exec(ctx, "SELECT pg_advisory_lock($1::int, 0)", lockSchema); err != nil {
		return 0, err
	}
	if err := migrate(ctx, conn); err != nil {
		return 0, err
	}
	return changeBase(ctx, conn)
}

// checkServer refuses servers that are too old, stand by, or would acknowledge what they have not flushed.
func checkServer(ctx context.Context, conn *pgx.Conn) error {
	var version int
	var replica bool
	var fsync, pages, commit, encoding, standbys string
	err := conn.QueryRow(ctx, `SELECT current_setting('server_version_num')::int, pg_is_in_recovery(), current_setting('fsync'),
		current_setting('full_page_writes'), current_setting('synchronous_commit'), current_setting('server_encoding'),
		current_setting('synchronous_standby_names')`).
		Scan(&version, &replica, &fsync, &pages, &commit, &encoding, &standbys)
	if err != nil {
		return fmt.Errorf("ask the database for its settings: %w", err)
	}
	switch {
	case version < 140000:
		return fmt.Errorf("PostgreSQL %d is too old: osler needs 14 or newer", version/10000)
	case replica:
		return errors.New("this database is a standby, which cannot be written: give the address of the primary, or of both with target_session_attrs=read-write")
	case fsync != "on" || pages != "on":
		return fmt.Errorf("this database may lose what it has acknowledged (fsync=%s, full_page_writes=%s): set both to on and restart it", fsync, pages)
	case commit == "off", standbys != "" && commit != "on" && commit != "remote_apply":
		return fmt.Errorf("this database may lose what it has acknowledged (synchronous_commit=%s): set it to on", commit)
	case encoding != "UTF8":
		return fmt.Errorf("this database stores text as %s: create it with ENCODING 'UTF8'", encoding)
	}
	return nil
}

// migrate runs the migrations that the database has not seen, each in a transaction of its own.
func migrate(ctx context.Context, conn *pgx.Conn) error {
	files, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		return err
	}
	if _, err := conn.Exec(ctx, "CREATE TABLE IF NOT EXISTS schema_version (version integer NOT NULL)"); err != nil {
		return fmt.Errorf("the database user may not create tables here (GRANT CREATE ON SCHEMA public): %w", err)
	}
	var at int
	if err := conn.QueryRow(ctx, "SELECT coalesce(max(version), 0) FROM schema_version").Scan(&at); err != nil {
		return err
	}
	if at > len(files) {
		return fmt.Errorf("this record was written by a newer osler (schema %d, this program knows %d); start the newer program", at, len(files))
	}
	for i := at; i < len(files); i++ {
		sql, err := migrations.ReadFile(files[i])
		if err != nil {
			return err
		}
		script := fmt.Sprintf("BEGIN; %s; INSERT INTO schema_version (version) VALUES (%d); COMMIT;", sql, i+1)
		if _, err := conn.PgConn().Exec(ctx, script).ReadAll(); err != nil {
			return fmt.Errorf("%s: %w", files[i], err)
		}
	}
	return nil
}
