package identity

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/osler-ehr/osler/record/keys"
)

// An access token is
//
//	osler_ payload . mac
//
// both in base64url. The payload is the JSON of a grant; the mac is HMAC-SHA-256 under a key derived from the
// keyring for this purpose alone. There is one algorithm, and nothing in the token chooses it or the key.
const (
	tokenPrefix   = "osler_"
	maxTokenBytes = 16 << 10
	// MaxTokenLife is the longest that an access token may be good for.
	MaxTokenLife = 24 * time.Hour
	// clockSkew is how far another machine's clock may be ahead of ours when it makes a token.
	clockSkew = time.Minute
)

// Grant is what an access token says.
type Grant struct {
	ID           string // public name of the token
	Program      string // name of the program, unless there is an account
	Account      string // ID of the account it acts for
	Generation   int64  // of the account
	Client       string // the application it was given to
	Patient      string // ID of the patient that the application was started for
	Organisation string // ID of the program's organisation
	Scopes       Scopes
	Issued       time.Time
	Expires      time.Time
}

// payload is a grant as it is written.
type payload struct {
	ID           string `json:"id"`
	Program      string `json:"prg,omitempty"`
	Account      string `json:"acc,omitempty"`
	Generation   int64  `json:"gen,omitempty"`
	Client       string `json:"cli,omitempty"`
	Patient      string `json:"pat,omitempty"`
	Organisation string `json:"org,omitempty"`
	Scopes       string `json:"scp"`
	Issued       int64  `json:"iat"` // seconds since 1970
	Expires      int64  `json:"exp"`
}

// TokenRequest is what a token is made from.
type TokenRequest struct {
	Program      string // a name for the audit trail, such as "nightly export"
	Organisation string // ID of the organisation that the program belongs to; may be empty
	Client       string // the application, where one asked
	Patient      string // ID of the patient that the application was started for; needed for patient/ scopes
	Scopes       Scopes
	TTL          time.Duration // at most MaxTokenLife
}

// Mint makes an access token for a program. It needs the keyring and nothing else, so it may be done while the
// server runs. Errors are [ErrInvalid].
func Mint(ring *keys.Keyring, now time.Time, rnd io.Reader, r TokenRequest) (token string, g Grant, err error) {
	if r.Program == "" || len(r.Program) > maxDisplayRunes || !printable(r.Program, ' ') {
		return "", Grant{}, &InvalidError{"program", "give the program a name of up to 200 visible characters"}
	}
	g, err = r.grant(now, rnd)
	if err != nil {
		return "", Grant{}, err
	}
	g.Program = r.Program
	token, err = newSigner(ring).sign(g)
	return token, g, err
}

// grant checks what is common to all requests.
func (r TokenRequest) grant(now time.Time, rnd io.Reader) (Grant, error) {
	if r.TTL < time.Second || r.TTL > MaxTokenLife {
		return Grant{}, &InvalidError{"ttl", fmt.Sprintf("use between 1s and %v", MaxTokenLife)}
	}
	if len(r.Scopes.Resources) == 0 && len(r.Scopes.Others) == 0 {
		return Grant{}, &InvalidError{"scopes", "name at least one, such as system/*.rs"}
	}
	for _, s := range r.Scopes.Resources {
		if s.Level == PatientLevel && r.Patient == "" {
			return Grant{}, &InvalidError{"scopes", "scopes that start with patient/ need a patient"}
		}
	}
	if !organisationForm.MatchString(r.Organisation) {
		return Grant{}, &InvalidError{"organisation", "give the organisation's ID"}
	}
	var id [16]byte
	if _, err := io.ReadFull(rnd, id[:]); err != nil {
		return Grant{}, fmt.Errorf("reading randomness for a token: %w", err)
	}
	now = now.UTC().Truncate(time.Second)
	return Grant{
		ID:           base64.RawURLEncoding.EncodeToString(id[:]),
		Client:       r.Client,
		Patient:      r.Patient,
		Organisation: r.Organisation,
		Scopes:       r.Scopes,
		Issued:       now,
		Expires:      now.Add(r.TTL),
	}, nil
}

// signer signs and reads tokens.
type signer struct{ key []byte }

func newSigner(ring *keys.Keyring) signer { return signer{ring.Derive("token")} }

var tokenEncoding = base64.RawURLEncoding.Strict()

func (s signer) mac(body string) []byte {
	h := hmac.New(sha256.New, s.key)
	_, _ = io.WriteString(h, body)
	return h.Sum(nil)
}

func (s signer) sign(g Grant) (string, error) {
	p := payload{
		ID: g.ID, Program: g.Program, Account: g.Account, Generation: g.Generation, Client: g.Client, Patient: g.Patient,
		Organisation: g.Organisation, Scopes: g.Scopes.String(), Issued: g.Issued.Unix(), Expires: g.Expires.Unix(),
	}
	text, err := json.Marshal(p)
	if err != nil {
		return "", fmt.Errorf("writing an access token: %w", err)
	}
	body := tokenPrefix + tokenEncoding.EncodeToString(text)
	token := body + "." + tokenEncoding.EncodeToString(s.mac(body))
	if len(token) > maxTokenBytes {
		return "", &InvalidError{"scopes", "they are too long for a token"}
	}
	return token, nil
}

// read returns what a token says if it is one of ours; ErrBadToken if not. Its times are not looked at.
func (s signer) read(token string) (Grant, error) {
	body, mac, ok := strings.Cut(token, ".")
	if !ok || len(token) > maxTokenBytes || !strings.HasPrefix(body, tokenPrefix) ||
		strings.ContainsAny(token, "\r\n") { // which base64 decoders skip
		return Grant{}, ErrBadToken
	}
	got, err := tokenEncoding.DecodeString(mac)
	if err != nil || !hmac.Equal(got, s.mac(body)) {
		return Grant{}, ErrBadToken
	}
	// From here on the token is one that sign wrote.
	text, err := tokenEncoding.DecodeString(body[len(tokenPrefix):])
	if err != nil {
		return Grant{}, ErrBadToken
	}
	var p payload
	if err := json.Unmarshal(text, &p); err != nil {
		return Grant{}, ErrBadToken
	}
	scopes, err := ParseScopes(p.Scopes)
	if err != nil {
		return Grant{}, ErrBadToken
	}
	return Grant{
		ID: p.ID, Program: p.Program, Account: p.Account, Generation: p.Generation, Client: p.Client, Patient: p.Patient,
		Organisation: p.Organisation, Scopes: scopes, Issued: time.Unix(p.Issued, 0).UTC(), Expires: time.Unix(p.Expires, 0).UTC(),
	}, nil
}
