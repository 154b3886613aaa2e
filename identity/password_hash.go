package identity

import (
	"context"
	"crypto/pbkdf2"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"io"
	"strings"
	"sync/atomic"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"
)

// Hash is how passwords are hashed.
type Hash string

// The ways. Passwords hashed in one way stay good when the other is chosen, and are hashed anew at the next
// sign-in.
const (
	// Argon2id with 19 MiB, 2 passes, 1 lane: the OWASP password storage recommendation.
	Argon2id Hash = "argon2id"
	// PBKDF2 with HMAC-SHA-256 and 600,000 rounds, for sites that must use FIPS 140 algorithms only.
	PBKDF2 Hash = "pbkdf2-sha256"
)

const (
	saltSize = 16
	hashSize = 32
)

// hasher hashes passwords, one at a time: each takes about 50 ms of one core and 19 MiB, and a flood of
// sign-ins must not take the machine from those who are at work.
type hasher struct {
	scheme  scheme
	rnd     io.Reader
	slot    chan struct{}
	waiting atomic.Int32
	queue   int32
}

// scheme is a way with its costs.
type scheme struct {
	hash   Hash
	memory uint32 // argon2id: KiB
	passes uint32 // argon2id: passes; PBKDF2: rounds
}

func schemeOf(h Hash) (scheme, error) {
	switch h {
	case Argon2id:
		return scheme{hash: h, memory: 19 * 1024, passes: 2}, nil
	case PBKDF2:
		return scheme{hash: h, passes: 600_000}, nil
	}
	return scheme{}, fmt.Errorf("there is no way of hashing passwords called %q; use %s or %s", h, Argon2id, PBKDF2)
}

func newHasher(h Hash, queue int, rnd io.Reader) (*hasher, error) {
	s, err := schemeOf(h)
	if err != nil {
		return nil, err
	}
	return &hasher{scheme: s, rnd: rnd, slot: make(chan struct{}, 1), queue: int32(queue)}, nil
}

// acquire waits for the one slot in which hashing may be done. ErrBusy when too many wait already.
func (h *hasher) acquire(ctx context.Context) (release func(), err error) {
	if h.waiting.Add(1) > h.queue {
		h.waiting.Add(-1)
		return nil, ErrBusy
	}
	defer h.waiting.Add(-1)
	select {
	case h.slot <- struct{}{}:
		return func() { <-h.slot }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// make hashes a password with a new salt. The caller holds the slot.
func (h *hasher) make(password string) (string, error) {
	salt := make([]byte, saltSize)
	if _, err := io.ReadFull(h.rnd, salt); err != nil {
		return "", fmt.Errorf("reading randomness for a salt: %w", err)
	}
	sum, err := h.scheme.sum(password, salt)
	if err != nil {
		return "", err
	}
	return h.scheme.encode(salt, sum), nil
}

// matches compares a password with an encoded hash, in time that depends on the hash only. The caller holds the
// slot. It also tells whether the hash should be made anew because the site's way has changed.
func (h *hasher) matches(encoded, password string) (ok, outdated bool) {
	s, salt, want, err := decodeHash(encoded)
	if err != nil {
		return false, false
	}
	got, err := s.sum(password, salt)
	if err != nil {
		return false, false
	}
	return subtle.ConstantTimeCompare(got, want) == 1, s != h.scheme
}

func (s scheme) sum(password string, salt []byte) ([]byte, error) {
	password = norm.NFC.String(password) // the same keys on another keyboard
	if s.hash == PBKDF2 {
		return pbkdf2.Key(sha256.New, password, salt, int(s.passes), hashSize)
	}
	return argon2.IDKey([]byte(password), salt, s.passes, s.memory, 1, hashSize), nil
}

var b64 = base64.RawStdEncoding

// encode writes a hash in the PHC string format.
func (s scheme) encode(salt, sum []byte) string {
	tail := b64.EncodeToString(salt) + "$" + b64.EncodeToString(sum)
	if s.hash == PBKDF2 {
		return fmt.Sprintf("$%s$i=%d$%s", s.hash, s.passes, tail)
	}
	return fmt.Sprintf("$%s$v=%d$m=%d,t=%d,p=1$%s", s.hash, argon2.Version, s.memory, s.passes, tail)
}

func decodeHash(encoded string) (s scheme, salt, sum []byte, err error) {
	fail := fmt.Errorf("a stored password hash is not as this program writes it")
	parts := strings.Split(encoded, "$")
	var version int
	switch {
	case len(parts) == 6 && parts[1] == string(Argon2id):
		s.hash = Argon2id
		if _, err := fmt.Sscanf(parts[2]+" "+parts[3], "v=%d m=%d,t=%d,p=1", &version, &s.memory, &s.passes); err != nil ||
			version != argon2.Version {
			return s, nil, nil, fail
		}
	case len(parts) == 5 && parts[1] == string(PBKDF2):
		s.hash = PBKDF2
		if _, err := fmt.Sscanf(parts[2], "i=%d", &s.passes); err != nil {
			return s, nil, nil, fail
		}
	default:
		return s, nil, nil, fail
	}
	salt, err1 := b64.DecodeString(parts[len(parts)-2])
	sum, err2 := b64.DecodeString(parts[len(parts)-1])
	if err1 != nil || err2 != nil || len(sum) != hashSize || len(salt) == 0 || s.passes == 0 {
		return s, nil, nil, fail
	}
	return s, salt, sum, nil
}
