package rest

import (
	"context"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/osler-ehr/osler/clock"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/recordtest"
	"github.com/osler-ehr/osler/store"
	"github.com/osler-ehr/osler/store/sqlite"
)

// tiredStore is a store whose searches run out of their time once it is tired.
type tiredStore struct {
	store.Store
	why *atomic.Pointer[error] // what a search comes to; nil = what it finds
	yet *atomic.Int32          // how many searches go well before
}

type tiredTx struct {
	store.Tx
	why *atomic.Pointer[error]
}

func (s tiredStore) Search(ctx context.Context, p *store.Plan) ([]store.Hit, error) {
	if why := s.why.Load(); why != nil && s.yet.Add(-1) < 0 {
		return nil, *why
	}
	return s.Store.Search(ctx, p)
}

func (s tiredStore) Count(ctx context.Context, p *store.Plan) (int64, error) {
	if why := s.why.Load(); why != nil {
		return 0, *why
	}
	return s.Store.Count(ctx, p)
}

func (s tiredStore) Update(ctx context.Context, f func(store.Tx) error) error {
	return s.Store.Update(ctx, func(tx store.Tx) error { return f(tiredTx{tx, s.why}) })
}

func (t tiredTx) Search(ctx context.Context, p *store.Plan) ([]store.Hit, error) {
	if why := t.why.Load(); why != nil {
		return nil, *why
	}
	return t.Tx.Search(ctx, p)
}

func (t tiredTx) Count(ctx context.Context, p *store.Plan) (int64, error) {
	if why := t.why.Load(); why != nil {
		return 0, *why
	}
	return t.Tx.Count(ctx, p)
}

func newTiredSite(t *testing.T, options func(*sqlite.Options)) (*site, *atomic.Pointer[error], *atomic.Int32) {
	s := &site{t: t, clock: clock.At(time.Date(2026, 11, 24, 9, 30, 0, 0, time.UTC)), log: &strings.Builder{}}
	why, yet := &atomic.Pointer[error]{}, &atomic.Int32{}
	s.Fixture = recordtest.On(t, s.clock, func(o sqlite.Options) (store.Store, error) {
		options(&o)
		engine, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "record.db"), o)
		return tiredStore{engine, why, yet}, err
	})
	s.slice = Slice(s.deps(), Options{})
	s.handler = mounted(t, s.slice)
	return s, why, yet
}

// Whatever looks for something answers that it costs too much when its time is over, wherever the search stands: in an address, in
// a condition, in a reference, before a deletion. Nothing is the server's fault, and nothing is changed.
func TestSearchTimeOverHTTP(t *testing.T) {
	s, why, yet := newTiredSite(t, func(*sqlite.Options) {})
	id := s.create(ana)
	o := s.create(observation(id, "72"))
	s.create(`{"resourceType":"Composition","status":"final","type":{"text":"x"},"subject":{"reference":"Patient/` + id + `"},"date":"2026-11-01","author":[{"reference":"Patient/` + id + `"}],"title":"x"}`)
	conditional := strings.Replace(observation(id, "73"), `"Patient/`+id+`"`, `"Patient?identifier=urn:mrn|1"`, 1)
	const formType = "Content-Type: application/x-www-form-urlencoded"
	over := func(err error) { why.Store(&err) }
	for _, tt := range []struct {
		method, path, body string
		headers            []string
	}{
		{"GET", "Observation?code=8867-4", "", nil},
		{"GET", "Observation?_summary=count", "", nil},
		{"GET", "Observation?_total=accurate", "", nil},
		{"GET", "Observation?_sort=code", "", nil},
		{"GET", "Observation?subject.family=x", "", nil},
		{"GET", "Patient?family:contains=x", "", nil},
		{"GET", "Patient?_has:Observation:subject:code=x", "", nil},
		{"GET", "Patient?_content=x", "", nil},
		{"GET", "?_type=Patient,Observation", "", nil},
		{"GET", "Patient/" + id + "/Observation", "", nil},
		{"POST", "Observation/_search", "code=x", []string{formType}},
		{"POST", "_search", "_type=Patient", []string{formType}},
		{"GET", "Patient/" + id + "/$everything", "", nil},
		{"GET", "Observation/$lastn?subject=Patient/" + id, "", nil},
		{"GET", "Observation/$stats?subject=Patient/" + id + "&system=http://loinc.org&code=8867-4&statistic=average&duration=24", "", nil},
		{"GET", "Patient/$meta", "", nil},
		{"POST", "$meta", "", nil},
		{"POST", "Patient/$match", `{"resourceType":"Parameters","parameter":[{"name":"resource","resource":` + ana + `}]}`, nil},
		{"POST", "Patient", ana, []string{"If-None-Exist: identifier=urn:mrn|1"}},
		{"PUT", "Patient?identifier=urn:mrn|1", ana, nil},
		{"PATCH", "Patient?identifier=urn:mrn|1", `[{"op":"remove","path":"/gender"}]`, []string{"Content-Type: application/json-patch+json"}},
		{"DELETE", "Observation?code=8867-4", "", nil},
		{"POST", "", bundleOf("transaction", entry("POST", "Observation", conditional)), nil},
		{"POST", "", bundleOf("transaction", `{"request":{"method":"POST","url":"Patient","ifNoneExist":"identifier=x"},"resource":`+ana+`}`), nil},
		{"POST", "Patient/" + id + "/$validate?mode=delete", "", nil},
		{"DELETE", "Patient/" + id, "", nil},
	} {
		for status, err := range map[int]error{400: store.ErrTooCostly, 503: context.DeadlineExceeded} {
			over(fmt.Errorf("search: %w", err))
			got := s.ask("clinician", tt.method, strings.TrimSuffix("/fhir/"+tt.path, "/"), tt.body, tt.headers...)
			code := map[int]string{400: "too-costly", 503: "timeout"}[status]
			if tt.path == "Patient/"+id+"/$validate?mode=delete" && status == 400 {
				status = 200 // the outcome is the answer
			}
			if tt.method == "DELETE" && tt.path == "Patient/"+id && got.Code == 409 {
				continue // what refers to it was found without a search
			}
			if got.Code != status || !strings.Contains(got.Body.String(), `"code":"`+code+`"`) || got.doc().Type() != "OperationOutcome" {
				t.Errorf("%s %s: %d, want %d: %.300s", tt.method, tt.path, got.Code, status, got.Body)
			}
		}
	}
	// The search that brings what refers to a page's resources is one of its own.
	for status, err := range map[int]error{400: store.ErrTooCostly, 503: context.DeadlineExceeded} {
		over(err)
		yet.Store(1)
		s.ask("clinician", "GET", "/fhir/Patient?_id="+id+"&_revinclude=Observation:subject", "").says(status)
	}
	yet.Store(0)
	// In a batch it is the entry that is refused.
	over(store.ErrTooCostly)
	b := s.ask("clinician", "POST", "/fhir", bundleOf("batch", entry("GET", "Observation?code=x", ""), entry("GET", "Observation/"+o, ""))).status(200).bundle()
	if b.Entry[0].Response.Status != "400 Bad Request" || !strings.Contains(string(b.Entry[0].Response.Outcome), "too-costly") || b.Entry[1].Response.Status != "200 OK" {
		t.Errorf("in a batch: %+v", b.Entry)
	}
	// What needs no search goes on, and afterwards all is as it was.
	s.ask("clinician", "GET", "/fhir/Patient/"+id, "").status(200)
	s.ask("clinician", "GET", "/fhir/Patient/"+id+"/_history", "").status(200)
	why.Store(nil)
	if total := s.ask("clinician", "GET", "/fhir/Patient?_total=accurate", "").bundle().Total; *total != 1 {
		t.Errorf("%d patients", *total)
	}
	if n := s.ask("clinician", "GET", "/fhir/Patient/"+id+"/_history", "").bundle().Total; *n != 1 {
		t.Errorf("%d versions of the patient", *n)
	}
	if strings.Contains(s.log.String(), "failed") {
		t.Errorf("the log tells of a fault: %s", s.log)
	}
}

// With a real store: one whose searches have no time at all.
func TestSearchWithoutTime(t *testing.T) {
	s, _, _ := newTiredSite(t, func(o *sqlite.Options) { o.SearchTime = time.Nanosecond })
	id := s.create(ana)
	s.ask("clinician", "GET", "/fhir/Patient?family=x", "").says(400, "too-costly", "narrow")
	s.ask("clinician", "GET", "/fhir/Patient?family=x", "", asksXML).status(400)
	s.ask("clinician", "GET", "/fhir/Patient/"+id, "").status(200)
}

// crowd is a session that finds pages of patients without end.
type crowd struct {
	session
	pages int
}

func (c *crowd) Search(_ context.Context, q record.Query) (*record.Page, error) {
	c.pages++
	p := &record.Page{Type: q.Type, Total: -1, Next: fmt.Sprint("page", c.pages)}
	for range 1000 {
		p.Entries = append(p.Entries, record.Entry{Version: record.Version{Type: "Patient", ID: "p", Version: 1, Body: []byte(`{"resourceType":"Patient","id":"p","meta":{"versionId":"1"}}`)}})
	}
	return p, nil
}

// $meta of more than it can look through is refused, not shortened; so is $lastn.
func TestMetaOfTooMany(t *testing.T) {
	s := newSite(t)
	for _, path := range []string{"/fhir/$meta", "/fhir/Patient/$meta", "/fhir/Observation/$lastn?patient=p&category=vital-signs"} {
		many := &crowd{}
		srv := newServer(s.deps(), Options{})
		srv.open = func(*http.Request) (session, error) { return many, nil }
		s.handler = srv
		s.ask("clinician", "GET", path, "").says(400, "too-costly", "10000")
		if many.pages != 10 {
			t.Errorf("%s: %d pages were looked at", path, many.pages)
		}
	}
}

// crowdedStore is a store that finds what there is again and again, once it is crowded.
type crowdedStore struct {
	store.Store
	crowded *atomic.Bool
}

func (s crowdedStore) Search(ctx context.Context, p *store.Plan) ([]store.Hit, error) {
	hits, err := s.Store.Search(ctx, p)
	if !s.crowded.Load() || err != nil {
		return hits, err
	}
	if len(hits) == 0 { // behind the last
		first := *p
		first.After = nil
		if hits, err = s.Store.Search(ctx, &first); err != nil || len(hits) == 0 {
			return hits, err
		}
	}
	for len(hits) < p.Limit {
		hits = append(hits, hits[0])
	}
	return hits, nil
}

func newCrowdedSite(t *testing.T) (*site, *atomic.Bool) {
	s := &site{t: t, clock: clock.At(time.Date(2026, 11, 24, 9, 30, 0, 0, time.UTC)), log: &strings.Builder{}}
	crowded := &atomic.Bool{}
	s.Fixture = recordtest.On(t, s.clock, func(o sqlite.Options) (store.Store, error) {
		engine, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "record.db"), o)
		return crowdedStore{engine, crowded}, err
	})
	s.slice = Slice(s.deps(), Options{})
	s.handler = mounted(t, s.slice)
	return s, crowded
}
