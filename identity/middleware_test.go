package identity

import (
	"crypto/tls"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"
)

// asked is what the handler behind the middleware saw.
type asked struct {
	status int
	who    Principal
	ended  error
	header http.Header
	passed bool
}

func (p *practice) ask(c Cookies, edit func(*http.Request)) asked {
	p.t.Helper()
	var got asked
	h := p.Identify(c, RefusePlainly, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got.passed, got.who, got.ended = true, From(r.Context()), Ended(r.Context())
	}))
	r := httptest.NewRequest(http.MethodGet, "/patients", nil)
	edit(r)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	got.status, got.header = w.Code, w.Result().Header
	return got
}

func TestRequestsAreIdentified(t *testing.T) {
	p := newPractice(t, Options{})
	kim := p.person("kim", Nurse)
	in := p.signIn("kim")
	over := p.signIn("kim")
	p.must(p.SignOut(p.ctx, over.Token))
	token := p.mint("system/*.rs", time.Hour)
	cookie := func(pairs ...string) func(*http.Request) {
		return func(r *http.Request) {
			for i := 0; i < len(pairs); i += 2 {
				r.AddCookie(&http.Cookie{Name: pairs[i], Value: pairs[i+1]})
			}
		}
	}
	header := func(values ...string) func(*http.Request) {
		return func(r *http.Request) { r.Header["Authorization"] = values }
	}
	both := func(a, b func(*http.Request)) func(*http.Request) { return func(r *http.Request) { a(r); b(r) } }
	withTLS := func(r *http.Request) { r.TLS = &tls.ConnectionState{} }

	for _, c := range []struct {
		about  string
		secure bool
		edit   func(*http.Request)
		want   string // the principal's ID; "refused"; "" = anonymous
		ended  error
	}{
		{"nothing", false, func(*http.Request) {}, "", nil},
		{"a session", false, cookie("osler", in.Token), kim.ID, nil},
		{"a session by https", true, cookie("__Host-osler", in.Token), kim.ID, nil},
		{"a session by TLS to us", false, both(withTLS, cookie("__Host-osler", in.Token)), kim.ID, nil},
		{"a cookie that a neighbour could have planted", true, cookie("osler", in.Token), "", nil},
		{"the same by TLS to us", false, both(withTLS, cookie("osler", in.Token)), "", nil},
		{"two cookies that differ", false, cookie("osler", in.Token, "osler", over.Token), "", nil},
		{"a cookie twice", false, cookie("osler", in.Token, "osler", in.Token), kim.ID, nil},
		{"a session that was signed out", false, cookie("osler", over.Token), "", ErrSignedOut},
		{"a made-up session", false, cookie("osler", "x"), "", ErrSignedOut},
		{"a device mark is no session", false, cookie("osler-device", in.Device), "", nil},
		{"a token", false, header("Bearer " + token), "program:export", nil},
		{"a token, in lower case", false, header("bearer " + token), "program:export", nil},
		{"a token and a session", false, both(header("Bearer "+token), cookie("osler", in.Token)), "program:export", nil},
		{"a bad token", false, header("Bearer x"), "refused", nil},
		{"a bad token and a good session", false, both(header("Bearer x"), cookie("osler", in.Token)), "refused", nil},
		{"two tokens", false, header("Bearer "+token, "Bearer "+token), "refused", nil},
		{"an empty header", false, header(""), "refused", nil},
		{"no token", false, header("Bearer "), "refused", nil},
		{"a session as a token", false, header("Bearer " + in.Token), "refused", nil},
		{"a name and password", false, header("Basic a2ltOng="), "refused", nil},
		{"A22 a token in the address", false, func(r *http.Request) { r.URL.RawQuery = url.Values{"access_token": {token}}.Encode() }, "", nil},
		{"a token as a cookie", false, cookie("osler", token), "", ErrSignedOut},
	} {
		got := p.ask(Cookies{Secure: c.secure}, c.edit)
		switch {
		case c.want == "refused":
			if got.passed || got.status != 401 || !strings.HasPrefix(got.header.Get("WWW-Authenticate"), "Bearer ") {
				t.Errorf("%s: passed %v, status %d, %v", c.about, got.passed, got.status, got.header)
			}
		case !got.passed || got.who.ID != c.want || !errors.Is(got.ended, c.ended) || (got.ended != nil) != (c.ended != nil):
			t.Errorf("%s: passed %v as %q, ended %v", c.about, got.passed, got.who.ID, got.ended)
		}
		if taken := got.header.Get("Set-Cookie"); (taken != "") != (c.ended != nil) {
			t.Errorf("%s: Set-Cookie %q", c.about, taken)
		}
	}
	// Idle.
	p.clock.Advance(16 * time.Minute)
	got := p.ask(Cookies{}, cookie("osler", in.Token))
	if !errors.Is(got.ended, ErrExpired) || got.who.Kind != Anonymous {
		t.Errorf("idle: %+v", got)
	}
	if got.who.Permits("Patient", Read) {
		t.Error("nobody in particular is permitted to read")
	}
}

func TestAStoreThatFailsIdentifiesNobody(t *testing.T) {
	m := newMemoryStore()
	p := newPracticeOver(t, m, Options{})
	p.person("kim", Nurse)
	in := p.signIn("kim")
	p.clock.Advance(time.Minute)
	m.fail = errors.New("disk: /var/lib/osler/secret-path")
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.AddCookie(&http.Cookie{Name: "osler", Value: in.Token})
	w := httptest.NewRecorder()
	p.Identify(Cookies{}, RefusePlainly, http.NotFoundHandler()).ServeHTTP(w, r)
	if w.Code != http.StatusServiceUnavailable || strings.Contains(w.Body.String(), "secret-path") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

func TestCookies(t *testing.T) {
	in := SignedIn{Token: "T", Device: "D"}
	plainRequest := httptest.NewRequest(http.MethodPost, "/signin", nil)
	tlsRequest := httptest.NewRequest(http.MethodPost, "/signin", nil)
	tlsRequest.TLS = &tls.ConnectionState{}
	for _, c := range []struct {
		about   string
		cookies Cookies
		r       *http.Request
		want    []string
	}{
		{"by http", Cookies{}, plainRequest, []string{
			"osler=T; Path=/; HttpOnly; SameSite=Lax",
			"osler-device=D; Path=/; Max-Age=15552000; HttpOnly; SameSite=Lax",
		}},
		{"by TLS", Cookies{}, tlsRequest, []string{
			"__Host-osler=T; Path=/; HttpOnly; Secure; SameSite=Lax",
			"__Host-osler-device=D; Path=/; Max-Age=15552000; HttpOnly; Secure; SameSite=Lax",
		}},
		{"behind a proxy", Cookies{Secure: true}, plainRequest, []string{
			"__Host-osler=T; Path=/; HttpOnly; Secure; SameSite=Lax",
			"__Host-osler-device=D; Path=/; Max-Age=15552000; HttpOnly; Secure; SameSite=Lax",
		}},
	} {
		w := httptest.NewRecorder()
		c.cookies.Start(w, c.r, in)
		if got := w.Header().Values("Set-Cookie"); strings.Join(got, "\n") != strings.Join(c.want, "\n") {
			t.Errorf("%s: %q", c.about, got)
		}
		if w.Header().Get("Cache-Control") != "no-store" {
			t.Errorf("%s: %v", c.about, w.Header())
		}
	}
	w := httptest.NewRecorder()
	Cookies{Secure: true}.End(w, plainRequest)
	if got := w.Header().Values("Set-Cookie"); len(got) != 1 || got[0] != "__Host-osler=; Path=/; Max-Age=0; HttpOnly; Secure; SameSite=Lax" {
		t.Errorf("at the end: %q", got)
	}
	if got := w.Header().Get("Clear-Site-Data"); got != `"cache", "storage"` {
		t.Errorf("Clear-Site-Data: %s", got)
	}
}

func TestClientAddress(t *testing.T) {
	trusted := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::/8")}
	for _, c := range []struct {
		about, peer string
		forwarded   []string
		want        string
	}{
		{"direct", "192.0.2.1:5000", nil, "192.0.2.1"},
		{"direct, IPv6", "[2001:db8::1%eth0]:5000", nil, "2001:db8::1"},
		{"direct, IPv4 in IPv6", "[::ffff:192.0.2.1]:5000", nil, "192.0.2.1"},
		{"a client that writes the header itself", "192.0.2.1:5000", []string{"10.9.9.9"}, "192.0.2.1"},
		{"behind a proxy", "10.0.0.1:5000", []string{"192.0.2.1"}, "192.0.2.1"},
		{"behind two", "10.0.0.1:5000", []string{"192.0.2.1, 10.0.0.2"}, "192.0.2.1"},
		{"behind two, in two lines", "10.0.0.1:5000", []string{"192.0.2.1", "10.0.0.2"}, "192.0.2.1"},
		{"a client that lies to a proxy", "10.0.0.1:5000", []string{"198.51.100.1, 192.0.2.1"}, "192.0.2.1"},
		{"with ports", "10.0.0.1:5000", []string{"[2001:db8::1]:443"}, "2001:db8::1"},
		{"nonsense from a proxy", "10.0.0.1:5000", []string{"unknown"}, "10.0.0.1"},
		{"nothing from a proxy", "[fd00::1]:5000", nil, "fd00::1"},
		{"no address", "@", nil, ""},
	} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.RemoteAddr = c.peer
		for _, f := range c.forwarded {
			r.Header.Add("X-Forwarded-For", f)
		}
		if got := addressText(ClientAddress(r, trusted)); got != c.want {
			t.Errorf("%s: %s, want %s", c.about, got, c.want)
		}
	}
}
