// Package jobstest puts features together as the program does, for their tests: a record, those who may use it, a
// runner, and a server that speaks HTTP.
package jobstest

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/osler-ehr/osler/clock"
	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/identity"
	"github.com/osler-ehr/osler/jobs"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/record/recordtest"
	"github.com/osler-ehr/osler/slice"
	"github.com/osler-ehr/osler/web"
)

// Site is a practice in a test.
type Site struct {
	T testing.TB
	*recordtest.Fixture
	Identity *identity.Service
	Runner   *jobs.Runner
	Deps     slice.Deps
	Log      *Log
	Server   *httptest.Server
	stop     func()
}

// Log is what was logged.
type Log struct {
	mu sync.Mutex
	b  strings.Builder
}

// Write notes a line.
func (l *Log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

// String is everything so far.
func (l *Log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// New makes a practice with an empty record. Nothing runs until Serve.
func New(t testing.TB) *Site {
	t.Helper()
	s := &Site{T: t, Fixture: recordtest.New(t, clock.System{}), Log: &Log{}}
	var err error
	if s.Identity, err = identity.New(s.Store, s.Keyring, clock.System{}, rand.Reader, identity.Options{}); err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.NewTextHandler(s.Log, nil))
	s.Runner = jobs.New(jobs.Options{
		Store: s.Store, Types: s.Index(), Key: s.Keyring.DeriveKey("spool"), Clock: clock.System{}, Log: log, Poll: 100 * time.Millisecond, Look: 5 * time.Millisecond,
	})
	s.Deps = slice.Deps{
		Program: s.program, Identity: s.Identity, Shell: &web.Shell{}, Clock: clock.System{}, Log: log, Index: s.Index(), Version: "1.2.3",
		Queue: s.Runner, Changes: s.Runner, Spool: s.Runner.Spool,
		Session: func(r *http.Request) (*record.Session, error) {
			p := identity.From(r.Context())
			if p.Kind == identity.Anonymous {
				return nil, web.ErrSignIn
			}
			return s.session(r.Context(), p)
		},
		Owned: func(ctx context.Context, o slice.Owner) (*record.Session, error) {
			p, err := o.Now(ctx, s.Identity, time.Now())
			if err != nil {
				return nil, err
			}
			return s.session(ctx, p)
		},
	}
	return s
}

func (s *Site) session(ctx context.Context, p identity.Principal) (*record.Session, error) {
	a, err := identity.Actor(ctx, s.Record, p, "practice")
	if err != nil {
		return nil, err
	}
	return s.Record.As(a), nil
}

func (s *Site) program(name string) *record.Session {
	return s.Record.As(access.Actor{ID: "program:" + name, Name: name, Roles: []access.Role{access.Program}, Org: s.Org})
}

// Serve serves features and runs what they have to be run, until the test ends or Stop.
func (s *Site) Serve(all ...slice.Slice) {
	s.T.Helper()
	mux := http.NewServeMux()
	if err := slice.Mount(mux, s.Deps.Shell, all); err != nil {
		s.T.Fatal(err)
	}
	s.Server = httptest.NewServer(s.Identity.Identify(identity.Cookies{}, identity.RefusePlainly, mux))
	s.stop = s.start(all)
	s.T.Cleanup(s.Stop)
}

// start runs the features' work.
func (s *Site) start(all []slice.Slice) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.Runner.Run(ctx, s.program, all) }()
	var once sync.Once
	return func() {
		once.Do(func() {
			cancel()
			select {
			case err := <-ended:
				if err != nil {
					s.T.Error(err)
				}
			case <-time.After(20 * time.Second):
				s.T.Error("the runner does not stop")
			}
		})
	}
}

// Stop ends the server and what runs, as when the program stops. Serve may follow, with features made anew.
func (s *Site) Stop() {
	if s.stop != nil {
		s.stop()
		s.Server.CloseClientConnections()
		s.Server.Close()
		s.stop = nil
	}
}

// ProgramToken is an access token of a program without account.
func (s *Site) ProgramToken(name, scopes string) string {
	s.T.Helper()
	token, _, err := identity.Mint(s.Keyring, time.Now(), rand.Reader, identity.TokenRequest{Program: name, Scopes: s.scopes(scopes), TTL: time.Hour})
	if err != nil {
		s.T.Fatal(err)
	}
	return token
}

// Account makes an account with one role; resource is who it is in the record, or "".
func (s *Site) Account(name string, role identity.Role, resource string) identity.Account {
	s.T.Helper()
	a, err := s.Identity.CreateAccount(context.Background(), identity.NewAccount{SignInName: name, DisplayName: name, Roles: []identity.Role{role}, Resource: resource})
	if err != nil {
		s.T.Fatal(err)
	}
	return a
}

// Token is an access token that acts for an account; patient is who it is limited to, or "".
func (s *Site) Token(account, patient, scopes string) string {
	s.T.Helper()
	token, _, err := s.Identity.IssueToken(context.Background(), account, identity.TokenRequest{Patient: patient, Scopes: s.scopes(scopes), TTL: time.Hour})
	if err != nil {
		s.T.Fatal(err)
	}
	return token
}

func (s *Site) scopes(list string) identity.Scopes {
	s.T.Helper()
	out, err := identity.ParseScopes(list)
	if err != nil {
		s.T.Fatal(err)
	}
	return out
}

// Put stores documents that have their ids, as a program of the practice.
func (s *Site) Put(docs ...string) []record.Result {
	s.T.Helper()
	ops := make([]record.Op, len(docs))
	for i, d := range docs {
		r, err := fhir.Parse([]byte(d))
		if err != nil {
			s.T.Fatal(err)
		}
		ops[i] = record.Op{Verb: record.Update, Type: r.Type(), ID: r.ID(), Resource: r}
	}
	out, err := s.program("test").Do(context.Background(), ops)
	if err != nil {
		s.T.Fatal(err)
	}
	return out
}

// Reply is an answer with its body.
type Reply struct {
	*http.Response
	Text string
	t    testing.TB
}

// Ask sends a request with a token ("" = none). The address may be a path of this server. headers are "Name: value".
func (s *Site) Ask(token, method, address, body string, headers ...string) Reply {
	s.T.Helper()
	if strings.HasPrefix(address, "/") {
		address = s.Server.URL + address
	}
	r, err := http.NewRequest(method, address, bytes.NewReader([]byte(body)))
	if err != nil {
		s.T.Fatal(err)
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/fhir+json")
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		r.Header.Set(name, value)
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		s.T.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		s.T.Fatalf("%s %s: %v", method, r.URL.Path, err)
	}
	return Reply{res, string(text), s.T}
}

// Want fails the test unless the answer has the status and holds the words.
func (r Reply) Want(status int, words ...string) Reply {
	r.t.Helper()
	if r.StatusCode != status {
		r.t.Fatalf("status %d, want %d: %s", r.StatusCode, status, r.Text)
	}
	for _, w := range words {
		if !strings.Contains(r.Text, w) {
			r.t.Errorf("the answer does not say %q: %s", w, r.Text)
		}
	}
	return r
}

// patience is how long Eventually waits: it says that something happens, not how soon, and machines are slow at times.
const patience = 5 * time.Minute

// Eventually waits until something holds, and fails the test if it never does.
func Eventually(t testing.TB, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !holds(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("not within %v: %s", patience, what)
		}
	}
}

// Patient is a document.
func Patient(id, family string) string {
	return fmt.Sprintf(`{"resourceType":"Patient","id":%q,"name":[{"family":%q}]}`, id, family)
}

// Observation is a document about a patient.
func Observation(id, patient, status, code string) string {
	return fmt.Sprintf(`{"resourceType":"Observation","id":%q,"status":%q,"code":{"coding":[{"system":"http://loinc.org","code":%q}]},"subject":{"reference":"Patient/%s"},"effectiveDateTime":"2026-11-01"}`,
		id, status, code, patient)
}
