package sqlite

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/osler-ehr/osler/store"
)

// Assert looks now: the writer runs one transaction at a time.
func (t *tx) Assert(ctx context.Context, _ int64, space, name string, value []byte) error {
	have, err := t.Secret(ctx, space, name)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	if !bytes.Equal(have, value) {
		return store.ErrConflict
	}
	return nil
}

func (t *tx) Reindex(_ context.Context, rows []store.Reindex) error {
	for i := range rows {
		r := &rows[i]
		key, version, err := t.current(r.Hash)
		if err != nil {
			return err
		}
		if version != r.Version || key != r.Key {
			continue
		}
		if err := t.index(r.Key, &r.Add); err != nil {
			return err
		}
	}
	return nil
}

// indexTables are the tables with the columns that tell a row of an atom.
var indexTables = map[store.IndexKind]struct{ name, columns string }{
	store.Tokens: {"ix_token", "code, key, system"}, store.Refs: {"ix_ref", "target, key"}, store.Dates: {"ix_date", "key, lo, hi"},
	store.Texts: {"ix_text", "key, value"}, store.Amounts: {"ix_amount", "key, value, unit"},
}

func (t *tx) Unindex(_ context.Context, kind store.IndexKind, atom int64, limit int) (int, error) {
	table, ok := indexTables[kind]
	if !ok {
		return 0, fmt.Errorf("there is no index of kind %d", kind)
	}
	err := t.exec("DELETE FROM "+table.name+" WHERE atom = ?1 AND ("+table.columns+") IN (SELECT "+table.columns+" FROM "+table.name+" WHERE atom = ?1 LIMIT ?2)", atom, int64(limit))
	if err != nil {
		return 0, err
	}
	n, err := t.c.number("SELECT changes()")
	return int(n), err
}
