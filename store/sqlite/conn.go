package sqlite

import (
	"fmt"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"
)

// conn is a connection with its prepared statements.
type conn struct {
	raw   *sqlite.Conn
	cache map[string]*stmt
	tick  int64
}

type stmt struct {
	*sqlite.Stmt
	used int64
}

// maxStatements bounds the statements kept: searches have endless shapes.
const maxStatements = 256

// prepare returns the statement for a text, reset and unbound.
func (c *conn) prepare(sql string) (*sqlite.Stmt, error) {
	c.tick++
	if s := c.cache[sql]; s != nil {
		s.used = c.tick
		return s.Stmt, nil
	}
	if len(c.cache) >= maxStatements {
		c.evict()
	}
	s, _, err := c.raw.PrepareTransient(sql)
	if err != nil {
		return nil, fmt.Errorf("%w in: %s", err, sql)
	}
	c.cache[sql] = &stmt{s, c.tick}
	return s, nil
}

// evict drops the half of the statements that was used longest ago.
func (c *conn) evict() {
	for sql, s := range c.cache {
		if s.used < c.tick-maxStatements/2 {
			_ = s.Finalize() // reports the last step's error, which its caller has had
			delete(c.cache, sql)
		}
	}
	if len(c.cache) >= maxStatements {
		for sql, s := range c.cache {
			_ = s.Finalize()
			delete(c.cache, sql)
		}
	}
}

func (c *conn) close() error {
	for sql, s := range c.cache {
		_ = s.Finalize()
		delete(c.cache, sql)
	}
	return c.raw.Close()
}

// query runs a statement and calls row for each of its rows. Columns read inside row are valid there only.
func (c *conn) query(sql string, args []any, row func(*sqlite.Stmt) error) (err error) {
	s, err := c.prepare(sql)
	if err != nil {
		return err
	}
	defer func() {
		if e := s.Reset(); err == nil {
			err = e
		}
	}()
	for i, a := range args {
		switch a := a.(type) {
		case int64:
			s.BindInt64(i+1, a)
		case float64:
			s.BindFloat(i+1, a)
		case string:
			s.BindText(i+1, a)
		case []byte:
			if a == nil {
				a = []byte{}
			}
			s.BindBytes(i+1, a)
		default:
			return fmt.Errorf("sqlite: cannot bind %T", a)
		}
	}
	for {
		more, err := s.Step()
		if err != nil {
			return err
		}
		if !more {
			return nil
		}
		if row != nil {
			if err := row(s); err != nil {
				return err
			}
		}
	}
}

func (c *conn) exec(sql string, args ...any) error { return c.query(sql, args, nil) }

// script runs statements that are used once, all or none.
func (c *conn) script(sql string) error {
	return sqlitex.ExecScript(c.raw, sql)
}

func (c *conn) text(sql string, args ...any) (out string, err error) {
	err = c.query(sql, args, func(s *sqlite.Stmt) error { out = s.ColumnText(0); return nil })
	return out, err
}

// number returns the first column of the first row, 0 if there is none.
func (c *conn) number(sql string, args ...any) (out int64, err error) {
	err = c.query(sql, args, func(s *sqlite.Stmt) error { out = s.ColumnInt64(0); return nil })
	return out, err
}

// column copies a blob.
func column(s *sqlite.Stmt, i int) []byte {
	b := make([]byte, s.ColumnLen(i))
	s.ColumnBytes(i, b)
	return b
}
