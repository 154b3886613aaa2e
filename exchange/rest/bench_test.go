package rest

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/osler-ehr/osler/identity"
	"github.com/osler-ehr/osler/record"
)

// silent takes an answer and forgets it.
type silent struct {
	header http.Header
	status int
	bytes  int
}

func (s *silent) Header() http.Header         { return s.header }
func (s *silent) WriteHeader(status int)      { s.status = status }
func (s *silent) Write(p []byte) (int, error) { s.bytes += len(p); return len(p), nil }

func bench(b *testing.B, s *site, method, path string, want int) {
	r := httptest.NewRequest(method, path, nil)
	r.Header.Set("Accept", "application/fhir+json")
	r = r.WithContext(identity.With(r.Context(), identity.Principal{Kind: identity.Person, Roles: []identity.Role{identity.Clinician}}))
	b.ReportAllocs()
	for b.Loop() {
		w := &silent{header: http.Header{}}
		s.handler.ServeHTTP(w, r)
		if w.status != want {
			b.Fatalf("status %d", w.status)
		}
	}
}

func BenchmarkRead(b *testing.B) {
	s := newSite(b)
	patient, obs := s.chart()
	b.Run("read", func(b *testing.B) { bench(b, s, "GET", "/fhir/Observation/"+obs[0], 200) })
	b.Run("absent", func(b *testing.B) { bench(b, s, "GET", "/fhir/Observation/absent", 404) })
	b.Run("search", func(b *testing.B) { bench(b, s, "GET", "/fhir/Observation?patient="+patient, 200) })
	b.Run("unknown address", func(b *testing.B) { bench(b, s, "GET", "/fhir/a/b/c/d/e/f", 404) })
}

// BenchmarkReadAtOnce has many clients at once, so that their audit entries share a commit.
func BenchmarkReadAtOnce(b *testing.B) {
	s := newSite(b)
	_, obs := s.chart()
	b.SetParallelism(64)
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		r := httptest.NewRequest("GET", "/fhir/Observation/"+obs[0], nil)
		r = r.WithContext(identity.With(r.Context(), identity.Principal{Kind: identity.Person, Roles: []identity.Role{identity.Clinician}}))
		for pb.Next() {
			w := &silent{header: http.Header{}}
			if s.handler.ServeHTTP(w, r); w.status != 200 {
				b.Errorf("status %d", w.status)
				return
			}
		}
	})
}

// BenchmarkInterface is this package alone: the session answers from memory.
func BenchmarkInterface(b *testing.B) {
	s := newSite(b)
	_, obs := s.chart()
	real, doc := s.As("clinician"), obs[0]
	v, err := real.Read(b.Context(), "Observation", doc)
	if err != nil {
		b.Fatal(err)
	}
	srv := s.slice.Routes[0].Handler.(*server)
	srv.open = func(*http.Request) (session, error) { return remembering{session: real, version: v}, nil }
	b.Run("read", func(b *testing.B) { bench(b, s, "GET", "/fhir/Observation/"+doc, 200) })
	b.Run("read with _summary", func(b *testing.B) { bench(b, s, "GET", "/fhir/Observation/"+doc+"?_summary=true", 200) })
}

// remembering is a session whose reads cost nothing.
type remembering struct {
	session
	version *record.Version
}

func (r remembering) Read(context.Context, string, string) (*record.Version, error) {
	return r.version, nil
}
