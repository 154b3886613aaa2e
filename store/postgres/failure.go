package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/osler-ehr/osler/store"
)

// ErrOutcomeUnknown: the connection was lost, or a standby did not confirm, while a commit was under way,
// and what became of it could not be found out. It may or may not have been written: read before retrying.
var ErrOutcomeUnknown = errors.New("the database did not say whether it has kept the change; look before you try again")

// SQLSTATEs that mean something here.
const (
	stateWarning       = "01000"
	stateUnique        = "23505"
	stateSerialization = "40001"
	stateDeadlock      = "40P01"
	stateLockTimeout   = "55P03"
	stateCancelled     = "57014"
	stateVersion       = "OS409" // ours: expect_rows in the migrations
)

// failure makes an error of the driver one of the store's. The database's own words stay out of it where
// they could hold values of rows.
func failure(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	var pg *pgconn.PgError
	if !errors.As(err, &pg) {
		if ctx.Err() != nil {
			return ended(ctx)
		}
		return fmt.Errorf("the database cannot be reached: %w", err)
	}
	switch pg.Code {
	case stateUnique, stateVersion:
		return store.ErrConflict
	case stateCancelled:
		if ctx.Err() != nil {
			return ended(ctx)
		}
		return store.ErrTooCostly
	case stateLockTimeout:
		return errors.New("others kept what this needs for too long; try again")
	}
	return &refusal{pg.Code, pg.Message, pg.TableName}
}

// ended tells how a request ended before its answer.
func ended(ctx context.Context) error {
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return fmt.Errorf("%w (%w)", store.ErrTooCostly, context.DeadlineExceeded)
	}
	return ctx.Err()
}

// refusal is an error of the database that nobody here expects. Its detail, which quotes rows, is left out.
type refusal struct{ code, message, table string }

func (r *refusal) Error() string {
	return fmt.Sprintf("the database refused (SQLSTATE %s, table %q): %s", r.code, r.table, r.message)
}

// transient reports that the database undid a transaction for no fault of its own: it can run again.
func transient(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && (pg.Code == stateSerialization || pg.Code == stateDeadlock)
}
