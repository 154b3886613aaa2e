package identity

import (
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/osler-ehr/osler/record/keys"
)

func (p *practice) mint(list string, ttl time.Duration) string {
	p.t.Helper()
	token, _, err := Mint(p.ring, p.clock.Now(), rand.Reader, TokenRequest{Program: "export", Scopes: scopes(p.t, list), TTL: ttl})
	p.must(err)
	return token
}

func TestMintedTokenIsGoodWithoutTheDatabase(t *testing.T) {
	m := newMemoryStore()
	p := newPracticeOver(t, m, Options{})
	m.fail = errors.New("no writes") // as a process that has only the keyring
	ring, err := keys.Open(p.ring.Path())
	p.must(err)
	token, g, err := Mint(ring, p.clock.Now(), rand.Reader, TokenRequest{
		Program: "nightly export", Organisation: "org1", Scopes: scopes(t, "system/*.cruds"), TTL: time.Hour,
	})
	p.must(err)
	who, err := p.Authenticate(p.ctx, token)
	p.must(err)
	if who.Kind != Program || who.ID != "program:nightly export" || !who.Has(ProgramRole) || who.Organisation != "org1" ||
		who.Token != g.ID || !who.Scoped || !who.Permits("Observation", Create|Read|Search) || !who.Expires.Equal(g.Expires) ||
		who.AuthenticatedWithin(time.Hour, p.clock.Now()) {
		t.Errorf("got %+v", who)
	}
	narrow, err := p.Authenticate(p.ctx, p.mint("system/Patient.r", time.Hour))
	p.must(err)
	if narrow.Permits("Observation", Read) || narrow.Permits("Patient", Search) || !narrow.Permits("Patient", Read) {
		t.Errorf("got %+v", narrow)
	}
}

func TestTokenTimes(t *testing.T) {
	p := newPractice(t, Options{})
	token := p.mint("system/*.rs", time.Hour)
	p.clock.Advance(time.Hour - time.Second)
	_, err := p.Authenticate(p.ctx, token)
	p.must(err)
	p.clock.Advance(time.Second)
	for range 2 { // from memory, too
		_, err = p.Authenticate(p.ctx, token)
		p.wants(err, ErrBadToken, "an expired token")
	}
	p.clock.Advance(-2*time.Hour + clockSkew) // another machine's clock is ahead by what is borne
	_, err = p.Authenticate(p.ctx, p.mint("system/*.rs", time.Hour))
	p.must(err)
	token = p.mint("system/*.rs", time.Hour)
	p.clock.Advance(-clockSkew)
	_, err = p.Authenticate(p.ctx, token)
	p.must(err)
	p.clock.Advance(-time.Second)
	_, err = p.Authenticate(p.ctx, token)
	p.wants(err, ErrBadToken, "a token from the future")
}

func TestTokensThatCannotBe(t *testing.T) {
	p := newPractice(t, Options{})
	good := TokenRequest{Program: "export", Scopes: scopes(t, "system/*.rs"), TTL: time.Hour}
	for about, edit := range map[string]func(*TokenRequest){
		"no name":             func(r *TokenRequest) { r.Program = "" },
		"a name of two lines": func(r *TokenRequest) { r.Program = "a\nb" },
		"no scopes":           func(r *TokenRequest) { r.Scopes = Scopes{} },
		"no time":             func(r *TokenRequest) { r.TTL = 0 },
		"negative time":       func(r *TokenRequest) { r.TTL = -time.Hour },
		"for ever":            func(r *TokenRequest) { r.TTL = 25 * time.Hour },
		"no patient":          func(r *TokenRequest) { r.Scopes = scopes(t, "patient/*.rs") },
		"an odd organisation": func(r *TokenRequest) { r.Organisation = "a b" },
	} {
		r := good
		edit(&r)
		if _, _, err := Mint(p.ring, p.clock.Now(), rand.Reader, r); !errors.Is(err, ErrInvalid) {
			t.Errorf("%s: %v", about, err)
		}
	}
	if _, _, err := Mint(p.ring, p.clock.Now(), strings.NewReader("short"), good); err == nil {
		t.Error("minted without randomness")
	}
}

// A22: tokens that were made up, altered, or made for something else.
func TestA22_ForgedTokens(t *testing.T) {
	p := newPractice(t, Options{})
	other, err := keys.Create(filepath.Join(t.TempDir(), "other"), rand.Reader)
	p.must(err)
	good := p.mint("system/Patient.r", time.Hour)
	body, mac, _ := strings.Cut(good, ".")
	text, err := base64.RawURLEncoding.DecodeString(strings.TrimPrefix(body, tokenPrefix))
	p.must(err)
	wider := tokenPrefix + base64.RawURLEncoding.EncodeToString([]byte(strings.Replace(string(text), "system/Patient.r", "system/*.cruds", 1)))
	longer := tokenPrefix + base64.RawURLEncoding.EncodeToString([]byte(strings.Replace(string(text), `"exp":`, `"exp":9`, 1)))
	_, private, err := ed25519.GenerateKey(rand.Reader)
	p.must(err)
	jwt := func(header string, sign func(string) []byte) string {
		s := base64.RawURLEncoding.EncodeToString([]byte(header)) + "." + base64.RawURLEncoding.EncodeToString(text)
		return s + "." + base64.RawURLEncoding.EncodeToString(sign(s))
	}
	hs256 := func(key []byte) func(string) []byte {
		return func(s string) []byte { h := hmac.New(sha256.New, key); h.Write([]byte(s)); return h.Sum(nil) }
	}
	none := func(string) []byte { return nil }
	foreign, err := newSigner(other).sign(Grant{ID: "x", Program: "x", Scopes: scopes(t, "system/*.cruds"), Issued: p.clock.Now(), Expires: p.clock.Now().Add(time.Hour)})
	p.must(err)

	for about, token := range map[string]string{
		"nothing":                   "",
		"a word":                    "token",
		"only the prefix":           tokenPrefix,
		"a dot":                     tokenPrefix + ".",
		"no mac":                    body,
		"an empty mac":              body + ".",
		"half a mac":                body + "." + mac[:20],
		"a mac of zeros":            body + "." + strings.Repeat("A", 43),
		"more after the mac":        good + ".x",
		"the mac in padded base64":  body + "." + mac + "=",
		"a line break":              good + "\n",
		"another prefix":            strings.Replace(good, tokenPrefix, "Osler_", 1),
		"no prefix":                 strings.TrimPrefix(good, tokenPrefix),
		"wider scopes":              wider + "." + mac,
		"a later end":               longer + "." + mac,
		"another keyring's":         foreign,
		"a JWT with alg none":       jwt(`{"alg":"none"}`, none),
		"a JWT with alg None":       jwt(`{"alg":"None","typ":"JWT"}`, none),
		"a JWT with a key of zeros": jwt(`{"alg":"HS256"}`, hs256(make([]byte, 32))),
		"a JWT under our key":       jwt(`{"alg":"HS256"}`, hs256(p.ring.Derive("token"))),
		"a JWT with kid a path":     jwt(`{"alg":"HS256","kid":"../../../dev/null"}`, hs256(make([]byte, 32))),
		"a JWT with jku":            jwt(`{"alg":"EdDSA","jku":"https://attacker.example/jwks"}`, func(s string) []byte { return ed25519.Sign(private, []byte(s)) }),
		"huge":                      tokenPrefix + strings.Repeat("A", 1<<20) + "." + mac,
	} {
		if who, err := p.Authenticate(p.ctx, token); !errors.Is(err, ErrBadToken) {
			t.Errorf("%s: %+v, %v", about, who, err)
		}
	}
	// Every bit of the token counts.
	for i := range len(good) * 8 {
		b := []byte(good)
		b[i/8] ^= 1 << (i % 8)
		if _, err := p.Authenticate(p.ctx, string(b)); !errors.Is(err, ErrBadToken) {
			t.Fatalf("bit %d flipped: %v", i, err)
		}
	}
	_, err = p.Authenticate(p.ctx, good)
	p.must(err)
}

func TestRevokedTokens(t *testing.T) {
	p := newPractice(t, Options{})
	other := p.process(Options{})
	for _, revoke := range []func(token, id string) error{
		func(token, _ string) error { return p.RevokeToken(p.ctx, token) },
		func(_, id string) error { return p.RevokeTokenID(p.ctx, id) },
	} {
		token, stays := p.mint("system/*.rs", time.Hour), p.mint("system/*.rs", time.Hour)
		who, err := p.Authenticate(p.ctx, token)
		p.must(err)
		_, err = other.Authenticate(p.ctx, token)
		p.must(err)
		p.must(revoke(token, who.Token))
		_, err = p.Authenticate(p.ctx, token)
		p.wants(err, ErrBadToken, "at once")
		p.clock.Advance(time.Second)
		_, err = other.Authenticate(p.ctx, token)
		p.wants(err, ErrBadToken, "at another server a second later")
		p.must(p.Sweep(p.ctx))
		p.clock.Advance(59 * time.Minute)
		p.must(p.Sweep(p.ctx))
		_, err = p.Authenticate(p.ctx, token)
		p.wants(err, ErrBadToken, "after sweeping")
		_, err = p.Authenticate(p.ctx, stays)
		p.must(err)
	}
	p.must(p.RevokeToken(p.ctx, "not a token"))
}

func TestTokensThatActForAnAccount(t *testing.T) {
	p := newPractice(t, Options{})
	p.administrator()
	kim := p.person("kim", Clinician)
	issue := func() string {
		token, _, err := p.IssueToken(p.ctx, kim.ID, TokenRequest{Client: "growth chart", Patient: "xyz", Scopes: scopes(t, "patient/*.rs launch/patient"), TTL: time.Hour})
		p.must(err)
		return token
	}
	token := issue()
	who, err := p.Authenticate(p.ctx, token)
	p.must(err)
	if who.Kind != Person || who.ID != kim.ID || !who.Has(Clinician) || who.Client != "growth chart" || who.Patient != "xyz" ||
		!who.Scoped || who.Permits("Patient", Update) || !who.Permits("Patient", Read) || who.AuthenticatedWithin(time.Hour, p.clock.Now()) {
		t.Errorf("got %+v", who)
	}
	for what, do := range map[string]func() error{
		"another role": func() error {
			_, err := p.ChangeAccount(p.ctx, kim.ID, func(a *Account) error { a.Roles = []Role{Nurse}; return nil })
			return err
		},
		"all sessions ended": func() error { return p.EndSessions(p.ctx, kim.ID) },
	} {
		token := issue()
		_, err := p.Authenticate(p.ctx, token)
		p.must(err)
		p.must(do())
		_, err = p.Authenticate(p.ctx, token)
		p.wants(err, ErrBadToken, what)
	}
	token = issue()
	p.must2(p.ChangeAccount(p.ctx, kim.ID, func(a *Account) error { a.Disabled = true; return nil }))
	_, err = p.Authenticate(p.ctx, token)
	p.wants(err, ErrBadToken, "disabled")
	_, _, err = p.IssueToken(p.ctx, kim.ID, TokenRequest{Scopes: scopes(t, "user/*.rs"), TTL: time.Hour})
	p.wants(err, ErrNotFound, "a token for a disabled account")
	_, _, err = p.IssueToken(p.ctx, "none", TokenRequest{Scopes: scopes(t, "user/*.rs"), TTL: time.Hour})
	p.wants(err, ErrNotFound, "a token for nobody")
}

func TestTokensTellNoSecret(t *testing.T) {
	p := newPractice(t, Options{})
	token := p.mint("system/*.rs", time.Hour)
	body, _, _ := strings.Cut(token, ".")
	text, err := base64.RawURLEncoding.DecodeString(strings.TrimPrefix(body, tokenPrefix))
	p.must(err)
	var fields map[string]any
	p.must(json.Unmarshal(text, &fields))
	for name := range fields {
		if !strings.Contains(" id prg scp iat exp ", " "+name+" ") {
			t.Errorf("the token says %s", name)
		}
	}
}

func BenchmarkAuthenticate(b *testing.B) {
	ring, err := keys.Create(filepath.Join(b.TempDir(), "keyring"), rand.Reader)
	if err != nil {
		b.Fatal(err)
	}
	now := time.Now()
	list, _ := ParseScopes("system/*.cruds")
	token, _, err := Mint(ring, now, rand.Reader, TokenRequest{Program: "bench", Scopes: list, TTL: time.Hour})
	if err != nil {
		b.Fatal(err)
	}
	b.Run("signature", func(b *testing.B) {
		s := newSigner(ring)
		b.ReportAllocs()
		for b.Loop() {
			if _, err := s.read(token); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("request", func(b *testing.B) {
		s, err := New(newMemoryStore(), ring, fixedClock(now), rand.Reader, Options{})
		if err != nil {
			b.Fatal(err)
		}
		b.ReportAllocs()
		for b.Loop() {
			if _, err := s.Authenticate(b.Context(), token); err != nil {
				b.Fatal(err)
			}
		}
	})
}

type fixedClock time.Time

func (c fixedClock) Now() time.Time { return time.Time(c) }
