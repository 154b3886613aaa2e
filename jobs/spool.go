package jobs

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/osler-ehr/osler/slice"
	"github.com/osler-ehr/osler/store"
)

// Sealer seals and opens; *keys.Key does.
type Sealer interface {
	// Seal appends plain, encrypted and bound to aad, to dst.
	Seal(dst, plain, aad []byte) []byte
	// Open appends the plain value to dst.
	Open(dst, sealed, aad []byte) ([]byte, error)
}

// Spool is the spool of the slice with this name.
func (r *Runner) Spool(name string) slice.Spool { return &spool{r, "spool " + name} }

// spool keeps values among the store's secrets and files among its blobs, each sealed and bound to its name.
type spool struct {
	*Runner
	space string
}

func (s *spool) place(kind, name string) []byte { return []byte(s.space + "|" + kind + "|" + name) }

func (s *spool) seal(plain, place []byte) []byte {
	return s.Key.Seal(make([]byte, 0, len(plain)+64), plain, place)
}

func (s *spool) open(sealed []byte, kind, name string) ([]byte, error) {
	plain, err := s.Key.Open(make([]byte, 0, len(sealed)), sealed, s.place(kind, name))
	if err != nil {
		return nil, fmt.Errorf("%s, %s %s: %w", s.space, kind, name, err)
	}
	return plain, nil
}

// Value returns a small value.
func (s *spool) Value(ctx context.Context, name string) ([]byte, error) {
	return s.value(ctx, s.Store, name)
}

type secretReader interface {
	Secret(ctx context.Context, space, name string) ([]byte, error)
}

func (s *spool) value(ctx context.Context, from secretReader, name string) ([]byte, error) {
	sealed, err := from.Secret(ctx, s.space, name)
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return s.open(sealed, "value", name)
}

// Values returns all small values.
func (s *spool) Values(ctx context.Context) (map[string][]byte, error) {
	all, err := s.Store.Secrets(ctx, s.space)
	if err != nil {
		return nil, err
	}
	for name, sealed := range all {
		if all[name], err = s.open(sealed, "value", name); err != nil {
			return nil, err
		}
	}
	return all, nil
}

func (s *spool) blob(name string) string { return s.space + "/" + name }

// File returns large content.
func (s *spool) File(ctx context.Context, name string) ([]byte, error) {
	sealed, err := s.Store.Blob(ctx, s.blob(name))
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return s.open(sealed, "file", name)
}

// Update changes the spool, all or nothing.
func (s *spool) Update(ctx context.Context, f func(slice.SpoolTx) error) error {
	var t *spoolTx
	err := s.Store.Update(ctx, func(tx store.Tx) error {
		t = &spoolTx{spool: s, tx: tx}
		return f(t)
	})
	if err == nil {
		for _, due := range t.dues {
			s.added(due)
		}
	}
	return err
}

type spoolTx struct {
	*spool
	tx   store.Tx
	dues []time.Time
}

func (t *spoolTx) Add(ctx context.Context, kind, unique string, due time.Time, payload []byte) error {
	t.dues = append(t.dues, due)
	return add(ctx, t.tx, kind, unique, due, payload)
}

func (t *spoolTx) Value(ctx context.Context, name string) ([]byte, error) {
	return t.value(ctx, t.tx, name)
}

func (t *spoolTx) SetValue(ctx context.Context, name string, value []byte) error {
	if value == nil {
		return t.tx.SetSecret(ctx, t.space, name, nil)
	}
	return t.tx.SetSecret(ctx, t.space, name, t.seal(value, t.place("value", name)))
}

func (t *spoolTx) SetFile(ctx context.Context, name string, data []byte) error {
	if data == nil {
		return t.tx.SetBlob(ctx, t.blob(name), nil)
	}
	return t.tx.SetBlob(ctx, t.blob(name), t.seal(data, t.place("file", name)))
}
