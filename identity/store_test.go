package identity

import (
	"context"
	"maps"
	"sync"

	"github.com/osler-ehr/osler/store"
)

// memoryStore is the part of a store that this package uses. It runs every transaction twice and keeps the second
// run only, as a real one may, so a transaction with an effect outside itself is noticed.
type memoryStore struct {
	store.Store // nil: everything else panics

	mu      sync.Mutex
	secrets map[[2]string][]byte
	audit   [][]byte
	reads   int
	writes  int
	fail    error // what Update answers, if set
}

func newMemoryStore() *memoryStore { return &memoryStore{secrets: map[[2]string][]byte{}} }

func (m *memoryStore) Secret(ctx context.Context, space, name string) ([]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.reads++
	return lookUp(m.secrets, space, name)
}

func (m *memoryStore) Secrets(ctx context.Context, space string) (map[string][]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return list(m.secrets, space), nil
}

func lookUp(secrets map[[2]string][]byte, space, name string) ([]byte, error) {
	if v, ok := secrets[[2]string{space, name}]; ok {
		return v, nil
	}
	return nil, store.ErrNotFound
}

func list(secrets map[[2]string][]byte, space string) map[string][]byte {
	out := map[string][]byte{}
	for k, v := range secrets {
		if k[0] == space {
			out[k[1]] = v
		}
	}
	return out
}

func (m *memoryStore) Update(ctx context.Context, f func(store.Tx) error) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.fail != nil {
		return m.fail
	}
	_ = f(&memoryTx{secrets: maps.Clone(m.secrets)})
	tx := &memoryTx{secrets: maps.Clone(m.secrets)}
	if err := f(tx); err != nil {
		return err
	}
	m.secrets = tx.secrets
	m.audit = append(m.audit, tx.audit...)
	m.writes++
	return nil
}

type memoryTx struct {
	store.Tx // nil: everything else panics

	secrets map[[2]string][]byte
	audit   [][]byte
}

func (tx *memoryTx) Secret(ctx context.Context, space, name string) ([]byte, error) {
	return lookUp(tx.secrets, space, name)
}

func (tx *memoryTx) Secrets(ctx context.Context, space string) (map[string][]byte, error) {
	return list(tx.secrets, space), nil
}

func (tx *memoryTx) SetSecret(ctx context.Context, space, name string, value []byte) error {
	if value == nil {
		delete(tx.secrets, [2]string{space, name})
		return nil
	}
	tx.secrets[[2]string{space, name}] = value
	return nil
}

func (tx *memoryTx) Audit(entry []byte)                               { tx.audit = append(tx.audit, entry) }
func (tx *memoryTx) Serialize(ctx context.Context, thing int64) error { return nil }
