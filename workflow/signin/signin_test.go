package signin

import (
	"context"
	"crypto/rand"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/osler-ehr/osler/clock"
	"github.com/osler-ehr/osler/identity"
	"github.com/osler-ehr/osler/record/recordtest"
	"github.com/osler-ehr/osler/slice"
	"github.com/osler-ehr/osler/web"
)

const password = "velvet otter drives nine ladders"

type site struct {
	t       *testing.T
	people  *identity.Service
	handler http.Handler
	cookies []*http.Cookie
}

func newSite(t *testing.T) *site {
	t.Helper()
	f := recordtest.New(t, clock.System{})
	people, err := identity.New(f.Store, f.Keyring, clock.System{}, rand.Reader, identity.Options{FreeByName: 2})
	if err != nil {
		t.Fatal(err)
	}
	shell := &web.Shell{Practice: "Harbor Street", HelpDesk: "ext. 4040", Now: time.Now}
	mux := http.NewServeMux()
	if err := slice.Mount(mux, shell, []slice.Slice{Slice(slice.Deps{Shell: shell, Identity: people}, Options{})}); err != nil {
		t.Fatal(err)
	}
	mux.HandleFunc("GET /who", func(w http.ResponseWriter, r *http.Request) { _, _ = w.Write([]byte(identity.From(r.Context()).Name)) })
	return &site{t: t, people: people, handler: people.Identify(identity.Cookies{}, identity.RefusePlainly, mux)}
}

// ask sends a request with the cookies of the browser and keeps those that come back.
func (s *site) ask(method, target string, form url.Values) *httptest.ResponseRecorder {
	s.t.Helper()
	r := httptest.NewRequest(method, target, strings.NewReader(form.Encode()))
	if method == "POST" {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for _, c := range s.cookies {
		r.AddCookie(c)
	}
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, r)
	for _, c := range w.Result().Cookies() {
		kept := s.cookies[:0]
		for _, old := range s.cookies {
			if old.Name != c.Name {
				kept = append(kept, old)
			}
		}
		if s.cookies = kept; c.MaxAge >= 0 {
			s.cookies = append(s.cookies, c)
		}
	}
	return w
}

// TestFirstAdministrator follows a new system from its set-up link to sign-out and back in.
func TestFirstAdministrator(t *testing.T) {
	s := newSite(t)
	token, err := s.people.FirstSetup(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if w := s.ask("GET", "/setup?token=wrong", nil); w.Code != 404 || !strings.Contains(w.Body.String(), "This link does not work any more") {
		t.Errorf("a wrong link: %d", w.Code)
	}
	w := s.ask("GET", "/setup?token="+token, nil)
	if w.Code != 200 || !strings.Contains(w.Body.String(), "You become the first administrator") {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	w = s.ask("POST", "/setup", url.Values{"token": {token}, "display": {"Nadia Petrova"}, "name": {"n petrova"}, "password": {password}})
	if w.Code != 422 || !strings.Contains(w.Body.String(), "Use 2 to 100 letters") || !strings.Contains(w.Body.String(), `value="n petrova"`) || !strings.Contains(w.Body.String(), `value="Nadia Petrova"`) {
		t.Errorf("a bad sign-in name: %d %s", w.Code, w.Body)
	}
	w = s.ask("POST", "/setup", url.Values{"token": {token}, "display": {"Nadia Petrova"}, "name": {"n.petrova"}, "password": {"short"}})
	if w.Code != 422 || !strings.Contains(w.Body.String(), "Use at least 15 characters") || strings.Contains(w.Body.String(), `value="short"`) {
		t.Errorf("a short password: %d", w.Code)
	}
	w = s.ask("POST", "/setup", url.Values{"token": {token}, "display": {"Nadia Petrova"}, "name": {"n.petrova"}, "password": {password}})
	if w.Code != 303 || w.Header().Get("Location") != "/" {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	if got := s.ask("GET", "/who", nil).Body.String(); got != "Nadia Petrova" {
		t.Errorf("after set-up %q is signed in", got)
	}
	if w := s.ask("GET", "/setup?token="+token, nil); w.Code != 404 {
		t.Errorf("the link works twice: %d", w.Code)
	}
	if w := s.ask("GET", "/signin?next=/patients", nil); w.Code != 303 || w.Header().Get("Location") != "/patients" {
		t.Errorf("somebody signed in is asked again: %d", w.Code)
	}
	if w := s.ask("POST", "/signout", nil); w.Code != 303 || w.Header().Get("Location") != "/signin?out=1" || w.Header().Get("Clear-Site-Data") == "" {
		t.Errorf("sign-out: %d %v", w.Code, w.Header())
	}
	if got := s.ask("GET", "/who", nil).Body.String(); got != "" {
		t.Errorf("after sign-out %q is signed in", got)
	}
	w = s.ask("POST", "/signin", url.Values{"name": {"n.petrova"}, "password": {password}, "next": {"https://evil.example/"}})
	if w.Code != 303 || w.Header().Get("Location") != "/" {
		t.Errorf("sign-in led to %q", w.Header().Get("Location"))
	}
}

// An invited person chooses a password only.
func TestInvitation(t *testing.T) {
	s := newSite(t)
	ctx := context.Background()
	account, err := s.people.CreateAccount(ctx, identity.NewAccount{SignInName: "p.rao", DisplayName: "Dr Priya Rao", Roles: []identity.Role{identity.Clinician}})
	if err != nil {
		t.Fatal(err)
	}
	token, err := s.people.IssueSetup(ctx, account.ID)
	if err != nil {
		t.Fatal(err)
	}
	if got := s.ask("GET", "/setup?token="+token, nil).Body.String(); !strings.Contains(got, "Choose a password, Dr Priya Rao. Your sign-in name is p.rao.") || strings.Contains(got, `id="display"`) {
		t.Error(got)
	}
	if w := s.ask("POST", "/setup", url.Values{"token": {token}, "password": {password}}); w.Code != 303 {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

func TestWrongPassword(t *testing.T) {
	s := newSite(t)
	wrong := url.Values{"name": {"<p.rao>"}, "password": {"not the password"}}
	w := s.ask("POST", "/signin", wrong)
	got := w.Body.String()
	if w.Code != 422 || !strings.Contains(got, "Name and password do not belong together") || !strings.Contains(got, `value="&lt;p.rao&gt;"`) || strings.Contains(got, "not the password") {
		t.Errorf("%d %s", w.Code, got)
	}
	for range 3 {
		w = s.ask("POST", "/signin", wrong)
	}
	if w.Code != 429 || !strings.Contains(w.Body.String(), "Try again at ") || !strings.Contains(w.Body.String(), "ext. 4040") {
		t.Errorf("after many tries: %d", w.Code)
	}
}
