package keys

import (
	"crypto/hmac"
	"crypto/sha256"
)

// deriveByHand is RFC 5869 for one block of output and no salt.
func deriveByHand(secret []byte, info string) []byte {
	mac := func(key []byte, data ...[]byte) []byte {
		h := hmac.New(sha256.New, key)
		for _, d := range data {
			h.Write(d)
		}
		return h.Sum(nil)
	}
	prk := mac(make([]byte, sha256.Size), secret)
	return mac(prk, []byte(info), []byte{1})
}
