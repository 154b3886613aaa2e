package record

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/osler-ehr/osler/record/keys"
	"github.com/osler-ehr/osler/store"
)

// maxOpenKeys bounds how many patients' keys lie unwrapped in memory.
const maxOpenKeys = 10_000

// patientKeys unwraps the keys that bodies are sealed under. Patient 0, what belongs to no patient, has a
// key derived from the keyring.
type patientKeys struct {
	r      *Record
	shared *keys.Key
	mu     sync.RWMutex
	open   map[int64]*keys.Key
}

func newPatientKeys(r *Record) *patientKeys {
	return &patientKeys{r: r, shared: r.keyring.DeriveKey("shared"), open: map[int64]*keys.Key{}}
}

// of returns a patient's key.
func (p *patientKeys) of(ctx context.Context, patient int64) (*keys.Key, error) {
	if patient == 0 {
		return p.shared, nil
	}
	p.mu.RLock()
	k := p.open[patient]
	p.mu.RUnlock()
	if k != nil {
		return k, nil
	}
	wrapped, err := p.r.store.PatientKey(ctx, patient)
	if errors.Is(err, store.ErrNotFound) {
		return nil, fmt.Errorf("the key of this patient's record was destroyed: %w", err)
	}
	if err != nil {
		return nil, err
	}
	if k, err = p.r.keyring.Unwrap(patient, wrapped); err != nil {
		return nil, err
	}
	p.hold(patient, k)
	return k, nil
}

func (p *patientKeys) hold(patient int64, k *keys.Key) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.open) >= maxOpenKeys {
		clear(p.open)
	}
	p.open[patient] = k
}
