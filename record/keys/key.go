package keys

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha256"
	"fmt"
	"io"
	"log/slog"
)

// KeySize is the length of a raw key in bytes.
const KeySize = 32

// A sealed value is
//
//	version (1) | key id (4) | nonce (12) | ciphertext | tag (16)
//
// The version and the key id are not secret; they are compared, so altering them is noticed.
const (
	sealVersion = 1
	headerSize  = 1 + 4
	nonceSize   = 12
	tagSize     = 16
	// Overhead is how much longer a sealed value is than the plain one.
	Overhead = headerSize + nonceSize + tagSize
)

// Key seals and opens values. It is safe for use by many goroutines.
//
// One key must not seal more than 2^32 values, because nonces are random.
type Key struct {
	aead   cipher.AEAD // takes care of the nonce
	header [headerSize]byte
}

// NewKey makes a key of 32 secret bytes. It keeps no reference to raw.
func NewKey(raw []byte) (*Key, error) {
	if len(raw) != KeySize {
		return nil, fmt.Errorf("a key has %d bytes, not %d", KeySize, len(raw))
	}
	block, err := aes.NewCipher(raw)
	if err != nil {
		return nil, err
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, err
	}
	k := &Key{aead: aead}
	k.header[0] = sealVersion
	// The id tells keys apart; being a truncated hash of 256 random bits it tells nothing else.
	id := sha256.Sum256(append([]byte("osler key id\x00"), raw...))
	copy(k.header[1:], id[:4])
	return k, nil
}

// newRandomKey makes a key of bytes from rnd, and returns the bytes too.
func newRandomKey(rnd io.Reader) (*Key, []byte, error) {
	raw := make([]byte, KeySize)
	if _, err := io.ReadFull(rnd, raw); err != nil {
		return nil, nil, fmt.Errorf("reading randomness for a key: %w", err)
	}
	k, err := NewKey(raw)
	return k, raw, err
}

// Seal appends plain, encrypted and bound to aad, to dst. It allocates only when dst has no room for
// len(plain)+Overhead more bytes. Neither plain nor aad may overlap the room after dst.
func (k *Key) Seal(dst, plain, aad []byte) []byte {
	dst = append(dst, k.header[:]...)
	return k.aead.Seal(dst, nil, plain, aad)
}

// Open appends the plain value to dst. The aad must be what Seal was given. Errors are [ErrOtherKey] and
// [ErrDamaged]; dst is then not to be used.
func (k *Key) Open(dst, sealed, aad []byte) ([]byte, error) {
	if len(sealed) < Overhead || sealed[0] != sealVersion {
		return nil, ErrDamaged
	}
	if !bytes.Equal(sealed[1:headerSize], k.header[1:]) {
		return nil, ErrOtherKey
	}
	out, err := k.aead.Open(dst, nil, sealed[headerSize:], aad)
	if err != nil {
		return nil, ErrDamaged
	}
	return out, nil
}

// Format keeps keys out of every kind of print.
func (k *Key) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, hidden) }

// LogValue keeps keys out of logs.
func (k *Key) LogValue() slog.Value { return slog.StringValue(hidden) }

// MarshalText keeps keys out of documents.
func (k *Key) MarshalText() ([]byte, error) { return []byte(hidden), nil }
