package identity

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"

	"github.com/osler-ehr/osler/record/keys"
)

// A device mark is given to a browser at a good sign-in, and proves at the next that it has been good for this
// account before. It gives no access. It only puts the browser's wrong passwords on a count of its own, so that
// somebody else's cannot delay the owner.
//
// It is 16 random bytes and a MAC (HMAC-SHA-256, 16 bytes) over them and the account's ID.
const deviceHalf = 16

type deviceSigner struct{ key []byte }

func newDeviceSigner(ring *keys.Keyring) deviceSigner {
	return deviceSigner{ring.Derive("identity device")}
}

func (d deviceSigner) mac(account string, random []byte) []byte {
	h := hmac.New(sha256.New, d.key)
	h.Write(random)
	h.Write([]byte(account))
	return h.Sum(nil)[:deviceHalf]
}

func (d deviceSigner) make(account string, rnd io.Reader) (string, error) {
	b := make([]byte, deviceHalf, 2*deviceHalf)
	if _, err := io.ReadFull(rnd, b); err != nil {
		return "", fmt.Errorf("reading randomness for a device mark: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(append(b, d.mac(account, b)...)), nil
}

// known returns the mark if it was made for the account, and "" otherwise.
func (d deviceSigner) known(mark, account string) string {
	b, err := base64.RawURLEncoding.DecodeString(mark)
	if err != nil || len(b) != 2*deviceHalf || !hmac.Equal(b[deviceHalf:], d.mac(account, b[:deviceHalf])) {
		return ""
	}
	return string(b[:deviceHalf]) // not the text: base64 can be written in several ways
}
