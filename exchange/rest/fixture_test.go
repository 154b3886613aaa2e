package rest

import (
	"flag"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/osler-ehr/osler/clock"
	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/identity"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/record/recordtest"
	"github.com/osler-ehr/osler/slice"
	"github.com/osler-ehr/osler/store"
	"github.com/osler-ehr/osler/store/postgres"
	"github.com/osler-ehr/osler/store/postgres/postgrestest"
	"github.com/osler-ehr/osler/store/sqlite"
	"github.com/osler-ehr/osler/web"
)

var update = flag.Bool("update", false, "write the golden files anew")

// site is the interface over a record of its own.
type site struct {
	t testing.TB
	*recordtest.Fixture
	clock   *clock.Fixed
	slice   slice.Slice
	handler http.Handler
	log     *strings.Builder
}

func newSite(t testing.TB) *site {
	t.Helper()
	return newSiteOn(t, "sqlite")
}

// newSiteOn is one over a record in a store: sqlite or postgres.
func newSiteOn(t testing.TB, engine string) *site {
	t.Helper()
	s := &site{t: t, clock: clock.At(time.Date(2026, 11, 24, 9, 30, 0, 123e6, time.UTC)), log: &strings.Builder{}}
	if engine == "sqlite" {
		s.Fixture = recordtest.New(t, s.clock)
	} else {
		c := postgrestest.Require(t)
		s.Fixture = recordtest.On(t, s.clock, func(o sqlite.Options) (store.Store, error) {
			return postgres.Open(t.Context(), c.Database(t), postgres.Options{Clock: s.clock, Audit: o.Audit})
		})
	}
	s.slice = Slice(s.deps(), Options{})
	s.handler = mounted(t, s.slice)
	return s
}

func (s *site) deps() slice.Deps {
	return slice.Deps{
		Clock: s.clock, Log: slog.New(slog.NewTextHandler(s.log, nil)), Index: s.Index(), Version: "1.2.3", PublicURL: "https://ehr.example",
		Session: func(r *http.Request) (*record.Session, error) {
			p := identity.From(r.Context())
			if p.Kind == identity.Anonymous {
				return nil, web.ErrSignIn
			}
			if id, ok := strings.CutPrefix(p.Resource, "Patient/"); ok {
				return s.AsPatient(s.t, id), nil
			}
			return s.As(access.Role(p.Roles[0])), nil
		},
	}
}

func mounted(t testing.TB, all ...slice.Slice) http.Handler {
	t.Helper()
	mux := http.NewServeMux()
	if err := slice.Mount(mux, &web.Shell{}, all); err != nil {
		t.Fatal(err)
	}
	return mux
}

// reply is an answer taken apart.
type reply struct {
	*httptest.ResponseRecorder
	t testing.TB
}

// ask sends a request as somebody: a role, "Patient/id", or "" for nobody. headers are "Name: value".
func (s *site) ask(who, method, path, body string, headers ...string) reply {
	s.t.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	if body == "" {
		r.Body, r.ContentLength = http.NoBody, 0
	} else {
		r.Header.Set("Content-Type", "application/fhir+json")
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		r.Header.Set(name, value)
	}
	if who != "" {
		p := identity.Principal{Kind: identity.Person, ID: "account", Roles: []identity.Role{identity.Role(who)}}
		if strings.HasPrefix(who, "Patient/") {
			p.Roles, p.Resource = []identity.Role{identity.Patient}, who
		}
		r = r.WithContext(identity.With(r.Context(), p))
	}
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, r)
	return reply{w, s.t}
}

// status fails the test unless the answer has the status, and returns the reply.
func (r reply) status(want int) reply {
	r.t.Helper()
	if r.Code != want {
		r.t.Fatalf("status %d, want %d: %s", r.Code, want, r.Body)
	}
	return r
}

// doc reads the answer strictly.
func (r reply) doc() *fhir.Resource {
	r.t.Helper()
	d, err := fhir.Parse(r.Body.Bytes())
	if err != nil {
		r.t.Fatalf("the answer is no FHIR document: %v: %s", err, r.Body)
	}
	return d
}

// bundle reads the answer as a Bundle.
func (r reply) bundle() *fhir.Bundle {
	r.t.Helper()
	b, err := fhir.ReadBundle(r.doc())
	if err != nil {
		r.t.Fatal(err)
	}
	return b
}

// says fails the test unless the answer is an OperationOutcome with the status that holds the words.
func (r reply) says(status int, words ...string) {
	r.t.Helper()
	r.status(status)
	if typ := r.doc().Type(); typ != "OperationOutcome" {
		r.t.Fatalf("a %s, want an OperationOutcome: %s", typ, r.Body)
	}
	for _, w := range words {
		if !strings.Contains(r.Body.String(), w) {
			r.t.Errorf("the outcome does not say %q: %s", w, r.Body)
		}
	}
}

// matches are the "Type/id" of a searchset, "+" before those included.
func (r reply) matches() (out []string) {
	r.t.Helper()
	for _, e := range r.status(200).bundle().Entry {
		res := e.Resource.Resource()
		switch e.Search.Mode {
		case "match":
			out = append(out, res.Type()+"/"+res.ID())
		case "include":
			out = append(out, "+"+res.Type()+"/"+res.ID())
		}
	}
	return out
}

// create makes a resource as a clinician and returns its id.
func (s *site) create(doc string) string {
	s.t.Helper()
	r, err := fhir.Parse([]byte(doc))
	if err != nil {
		s.t.Fatal(err)
	}
	id := s.ask("clinician", "POST", "/fhir/"+r.Type(), doc).status(201).doc().ID()
	if id == "" {
		s.t.Fatal("the resource made has no id")
	}
	return id
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs; look at the difference and run the test with -update if it is meant:\n%s", path, got)
	}
}

// observation is about a patient, with a value of exact digits.
func observation(patient, value string) string {
	return `{"resourceType":"Observation","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"8867-4","display":"Heart rate"}],"text":"Heart rate"},` +
		`"subject":{"reference":"Patient/` + patient + `"},"effectiveDateTime":"2026-11-01","valueQuantity":{"value":` + value + `,"unit":"/min","system":"http://unitsofmeasure.org","code":"/min"}}`
}

const ana = `{"resourceType":"Patient","text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\">Ana</div>"},"identifier":[{"system":"urn:mrn","value":"1"}],` +
	`"name":[{"family":"Müller","given":["Ana"]}],"gender":"female","birthDate":"1980-02-03","contact":[{"name":{"family":"Müller"}}]}`

func logTo(w io.Writer) *slog.Logger { return slog.New(slog.NewTextHandler(w, nil)) }
