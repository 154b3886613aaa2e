package keys

import (
	"bytes"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"io"
	"log/slog"
	"sync"
)

// Keyring is the root key and the epochs, as read from a file. It is safe for use by many goroutines.
type Keyring struct {
	path string

	mu     sync.RWMutex
	root   []byte
	epochs map[uint32]*Key
	newest uint32 // wraps what is wrapped now
}

// Create makes a keyring with bytes from rnd and writes it to a new file, durably. It never overwrites.
func Create(path string, rnd io.Reader) (*Keyring, error) {
	f := file{Version: fileVersion}
	for _, raw := range []*secret{&f.Root, f.addEpoch(1)} {
		if err := raw.fill(rnd); err != nil {
			return nil, err
		}
	}
	if err := f.create(path); err != nil {
		return nil, fmt.Errorf("creating the keyring: %w", err)
	}
	return f.keyring(path)
}

// Open reads a keyring. It refuses a file that others than its owner can read.
func Open(path string) (*Keyring, error) {
	f, err := readFile(path)
	if err != nil {
		return nil, fmt.Errorf("opening the keyring: %w", err)
	}
	return f.keyring(path)
}

// Path is the file that the keyring is kept in.
func (k *Keyring) Path() string { return k.path }

// Derive returns the 32 byte key for a purpose, the same each time: HKDF-SHA256 (RFC 5869) of the root key.
// Keys for different purposes tell nothing about each other.
func (k *Keyring) Derive(purpose string) []byte {
	k.mu.RLock()
	defer k.mu.RUnlock()
	out, err := hkdf.Key(sha256.New, k.root, nil, "osler "+purpose, KeySize)
	if err != nil {
		// Only a wrong length or a short key in FIPS mode; the root's length was checked on reading.
		panic("keys: deriving: " + err.Error())
	}
	return out
}

// DeriveKey is Derive as a key that seals.
func (k *Keyring) DeriveKey(purpose string) *Key {
	key, err := NewKey(k.Derive(purpose))
	if err != nil {
		panic("keys: deriving: " + err.Error()) // a derived key has the right length
	}
	return key
}

// A wrapped key is
//
//	version (1) | epoch (4) | a sealed value of 32 bytes
//
// and is bound to its epoch and its patient.
const (
	wrapVersion = 1
	wrapHeader  = 1 + 4
)

func wrapPlace(epoch uint32, patient int64) []byte {
	aad := append(make([]byte, 0, 40), "osler patient key\x00"...)
	aad = binary.BigEndian.AppendUint32(aad, epoch)
	return binary.BigEndian.AppendUint64(aad, uint64(patient))
}

// NewPatientKey makes a key for a patient, and its wrapped form to be kept in the database.
func (k *Keyring) NewPatientKey(patient int64, rnd io.Reader) (key *Key, wrapped []byte, err error) {
	key, raw, err := newRandomKey(rnd)
	if err != nil {
		return nil, nil, err
	}
	defer clear(raw)
	return key, k.wrap(patient, raw), nil
}

func (k *Keyring) wrap(patient int64, raw []byte) []byte {
	k.mu.RLock()
	defer k.mu.RUnlock()
	out := append(make([]byte, 0, wrapHeader+KeySize+Overhead), wrapVersion)
	out = binary.BigEndian.AppendUint32(out, k.newest)
	return k.epochs[k.newest].Seal(out, raw, wrapPlace(k.newest, patient))
}

// Unwrap opens a patient's wrapped key. Errors are [ErrDamaged], also for another patient's key, and
// [ErrNoEpoch] when the epoch was retired.
func (k *Keyring) Unwrap(patient int64, wrapped []byte) (*Key, error) {
	raw, _, err := k.unwrap(patient, wrapped)
	if err != nil {
		return nil, err
	}
	defer clear(raw)
	return NewKey(raw)
}

func (k *Keyring) unwrap(patient int64, wrapped []byte) (raw []byte, epoch uint32, err error) {
	if len(wrapped) != wrapHeader+KeySize+Overhead || wrapped[0] != wrapVersion {
		return nil, 0, fmt.Errorf("key of patient number %d: %w", patient, ErrDamaged)
	}
	epoch = binary.BigEndian.Uint32(wrapped[1:wrapHeader])
	by, err := k.epoch(epoch)
	if err != nil {
		return nil, 0, fmt.Errorf("key of patient number %d: %w", patient, err)
	}
	raw, err = by.Open(make([]byte, 0, KeySize), wrapped[wrapHeader:], wrapPlace(epoch, patient))
	if err != nil {
		// Whichever it is: the epoch is in the keyring, so these bytes are not what was written.
		return nil, 0, fmt.Errorf("key of patient number %d: %w", patient, ErrDamaged)
	}
	return raw, epoch, nil
}

// epoch finds a wrapping key. Another process may have added an epoch since, so a newer one than any known
// is looked for in the file.
func (k *Keyring) epoch(n uint32) (*Key, error) {
	k.mu.RLock()
	key, newest := k.epochs[n], k.newest
	k.mu.RUnlock()
	if key != nil {
		return key, nil
	}
	if n > newest {
		if err := k.Reload(); err != nil {
			return nil, err
		}
		k.mu.RLock()
		key = k.epochs[n]
		k.mu.RUnlock()
	}
	if key == nil {
		return nil, fmt.Errorf("epoch %d: %w", n, ErrNoEpoch)
	}
	return key, nil
}

// Reload reads the file again, to see the epochs that another process added or retired.
func (k *Keyring) Reload() error {
	f, err := readFile(k.path)
	if err != nil {
		return fmt.Errorf("reading the keyring again: %w", err)
	}
	fresh, err := f.keyring(k.path)
	if err != nil {
		return err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if !bytes.Equal(k.root, fresh.root) {
		return fmt.Errorf("the keyring %s was replaced by another one; restart with the right file", k.path)
	}
	k.epochs, k.newest = fresh.epochs, fresh.newest
	return nil
}

// Format keeps keys out of every kind of print.
func (k *Keyring) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, hidden) }

// LogValue keeps keys out of logs.
func (k *Keyring) LogValue() slog.Value { return slog.StringValue(hidden) }

// MarshalText keeps keys out of documents.
func (k *Keyring) MarshalText() ([]byte, error) { return []byte(hidden), nil }
