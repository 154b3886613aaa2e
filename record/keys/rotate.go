package keys

import (
	"fmt"
	"io"
	"maps"
	"slices"
)

// Epochs lists the epochs in the keyring, oldest first. The last one wraps new keys.
func (k *Keyring) Epochs() []uint32 {
	k.mu.RLock()
	defer k.mu.RUnlock()
	return slices.Sorted(maps.Keys(k.epochs))
}

// Rotate adds an epoch to the file and wraps under it from now on. Keys wrapped before stay readable until
// their epoch is retired: call [Keyring.Rewrap] for each, then [Keyring.Retire].
func (k *Keyring) Rotate(rnd io.Reader) (epoch uint32, err error) {
	err = k.change(func(f *file) error {
		epoch = f.newest() + 1
		return f.addEpoch(epoch).fill(rnd)
	})
	return epoch, err
}

// Retire removes an epoch from the file for good. What is still wrapped under it can never be read again,
// which is the purpose where that is a backup with the key of a destroyed record. Copies of the old keyring
// file must be destroyed with it.
func (k *Keyring) Retire(epoch uint32) error {
	return k.change(func(f *file) error {
		if epoch == f.newest() {
			return fmt.Errorf("epoch %d is in use; rotate first", epoch)
		}
		for i, e := range f.Epochs {
			if e.Number == epoch {
				f.Epochs = slices.Delete(f.Epochs, i, i+1)
				return nil
			}
		}
		return fmt.Errorf("epoch %d: %w", epoch, ErrNoEpoch)
	})
}

// change edits the file, durably and one process at a time, and then takes it over.
func (k *Keyring) change(edit func(*file) error) error {
	if err := changeFile(k.path, edit); err != nil {
		return fmt.Errorf("changing the keyring: %w", err)
	}
	return k.Reload()
}

// Rewrap returns a patient's key wrapped under the newest epoch. When it is so already, it returns wrapped
// itself and false. The key stays the same, so the patient's record need not be sealed anew.
func (k *Keyring) Rewrap(patient int64, wrapped []byte) (again []byte, changed bool, err error) {
	raw, epoch, err := k.unwrap(patient, wrapped)
	if err != nil {
		return nil, false, err
	}
	defer clear(raw)
	k.mu.RLock()
	newest := k.newest
	k.mu.RUnlock()
	if epoch == newest {
		return wrapped, false, nil
	}
	return k.wrap(patient, raw), true, nil
}
