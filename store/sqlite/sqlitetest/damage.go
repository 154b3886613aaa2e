// Package sqlitetest reaches into a record's file behind the record's back, so that tests can damage it.
package sqlitetest

import (
	"fmt"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"
)

// Exec runs a statement in the database file at path, which nothing else may have open, and reports how many
// rows it changed. Arguments are int64, string or []byte.
func Exec(path, sql string, args ...any) (changed int, err error) {
	err = with(path, func(c *sqlite.Conn) error {
		err := sqlitex.ExecuteTransient(c, sql, &sqlitex.ExecOptions{Args: args})
		changed = c.Changes()
		return err
	})
	return changed, err
}

// Query returns the rows that a statement selects: numbers as int64, texts as string, blobs as []byte.
func Query(path, sql string, args ...any) (rows [][]any, err error) {
	err = with(path, func(c *sqlite.Conn) error {
		return sqlitex.ExecuteTransient(c, sql, &sqlitex.ExecOptions{Args: args, ResultFunc: func(s *sqlite.Stmt) error {
			row := make([]any, s.ColumnCount())
			for i := range row {
				switch s.ColumnType(i) {
				case sqlite.TypeInteger:
					row[i] = s.ColumnInt64(i)
				case sqlite.TypeFloat:
					row[i] = s.ColumnFloat(i)
				case sqlite.TypeText:
					row[i] = s.ColumnText(i)
				case sqlite.TypeBlob:
					b := make([]byte, s.ColumnLen(i))
					s.ColumnBytes(i, b)
					row[i] = b
				}
			}
			rows = append(rows, row)
			return nil
		}})
	})
	return rows, err
}

// with opens the file, and writes everything into it before closing, so that no log is left beside it.
func with(path string, f func(*sqlite.Conn) error) (err error) {
	c, err := sqlite.OpenConn(path, sqlite.OpenReadWrite)
	if err != nil {
		return fmt.Errorf("open the database to damage it: %w", err)
	}
	defer func() {
		if cerr := c.Close(); err == nil {
			err = cerr
		}
	}()
	if err := f(c); err != nil {
		return err
	}
	return sqlitex.ExecuteTransient(c, "PRAGMA wal_checkpoint(TRUNCATE)", nil)
}
