package identity

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/osler-ehr/osler/record/keys"
	"github.com/osler-ehr/osler/store"
)

// space is a kind of value in the store.
type space string

const (
	accountSpace  space = "identity.account"  // by account ID: Account
	signInSpace   space = "identity.signin"   // by sign-in name: credential
	setupSpace    space = "identity.setup"    // by link token: setup
	sessionSpace  space = "identity.session"  // by session token: session
	failureSpace  space = "identity.failures" // by bucket: failures
	revokedSpace  space = "identity.revoked"  // by access token ID: revocation
	maxValueBytes       = 1 << 16
)

// vault keeps values sealed, and under hashed names.
type vault struct {
	key      *keys.Key
	namesKey []byte
}

func newVault(ring *keys.Keyring) vault {
	return vault{key: ring.DeriveKey("identity"), namesKey: ring.Derive("identity names")}
}

// name is what a value is kept under: a keyed hash, so that it tells nothing about what was hashed.
func (v vault) name(in space, of string) string {
	h := hmac.New(sha256.New, v.namesKey)
	h.Write([]byte(in))
	h.Write([]byte{0})
	h.Write([]byte(of))
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil))
}

func place(in space, name string) []byte { return []byte("osler " + string(in) + "\x00" + name) }

// get reads the value under a hashed name; store.ErrNotFound if there is none.
func (v vault) get(ctx context.Context, r store.Reader, in space, name string, into any) error {
	sealed, err := r.Secret(ctx, string(in), name)
	if err != nil {
		return fmt.Errorf("reading %s: %w", in, err)
	}
	return v.open(in, name, sealed, into)
}

func (v vault) open(in space, name string, sealed []byte, into any) error {
	plain, err := v.key.Open(make([]byte, 0, len(sealed)), sealed, place(in, name))
	if err != nil {
		return fmt.Errorf("reading %s: %w", in, err)
	}
	if err := json.Unmarshal(plain, into); err != nil {
		// Without the cause: it could quote the value.
		return fmt.Errorf("reading %s: the value is not as this program writes it", in)
	}
	return nil
}

func (v vault) seal(in space, name string, value any) ([]byte, error) {
	plain, err := json.Marshal(value)
	if err != nil {
		return nil, fmt.Errorf("writing %s: %w", in, err)
	}
	if len(plain) > maxValueBytes {
		return nil, fmt.Errorf("writing %s: longer than %d bytes", in, maxValueBytes)
	}
	return v.key.Seal(make([]byte, 0, len(plain)+keys.Overhead), plain, place(in, name)), nil
}

// put writes a value under a hashed name.
func (v vault) put(ctx context.Context, tx store.Tx, in space, name string, value any) error {
	sealed, err := v.seal(in, name, value)
	if err != nil {
		return err
	}
	return tx.SetSecret(ctx, string(in), name, sealed)
}

// drop removes a value; it need not exist.
func (v vault) drop(ctx context.Context, tx store.Tx, in space, name string) error {
	err := tx.SetSecret(ctx, string(in), name, nil)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	return err
}

// each calls f with every value of a space, in no order. A T that f keeps is its own.
func each[T any](ctx context.Context, v vault, r store.Reader, in space, f func(name string, value T) error) error {
	all, err := r.Secrets(ctx, string(in))
	if err != nil {
		return fmt.Errorf("reading %s: %w", in, err)
	}
	for name, sealed := range all {
		var value T
		if err := v.open(in, name, sealed, &value); err != nil {
			return err
		}
		if err := f(name, value); err != nil {
			return err
		}
	}
	return nil
}
