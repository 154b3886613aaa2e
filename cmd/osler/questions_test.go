package main

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/osler-ehr/osler/exchange/transfer"
	"github.com/osler-ehr/osler/identity"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/keys"
	"github.com/osler-ehr/osler/slice"
	"github.com/osler-ehr/osler/store"
	"github.com/osler-ehr/osler/synthetic"
)

// counted counts what a store is asked, and the rows that it gives.
type counted struct {
	store.Store
	name func(typ int) string

	mu           sync.Mutex
	asked, given map[string]int
}

func (c *counted) note(question string, rows int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.asked[question]++
	c.given[question] += rows
}

func (c *counted) reset() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.asked, c.given = map[string]int{}, map[string]int{}
}

// total is how many questions there were, for how many rows, and a list of them: how often, how many rows, what.
func (c *counted) total() (questions, rows int, list string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	var b strings.Builder
	for _, q := range slices.SortedFunc(maps.Keys(c.asked), func(a, b string) int {
		return cmp.Or(c.given[b]-c.given[a], c.asked[b]-c.asked[a], strings.Compare(a, b))
	}) {
		fmt.Fprintf(&b, "%5d %6d  %s\n", c.asked[q], c.given[q], q)
		questions, rows = questions+c.asked[q], rows+c.given[q]
	}
	return questions, rows, b.String()
}

func (c *counted) Serial() bool { return true }

func (c *counted) Search(ctx context.Context, p *store.Plan) ([]store.Hit, error) {
	hits, err := c.Store.Search(ctx, p)
	c.note("search "+c.name(p.Type)+" "+shape(p), len(hits))
	return hits, err
}

func (c *counted) Count(ctx context.Context, p *store.Plan) (int64, error) {
	n, err := c.Store.Count(ctx, p)
	c.note("count "+c.name(p.Type)+" "+shape(p), 1)
	return n, err
}

func (c *counted) Exists(ctx context.Context, hashes []int64) (map[int64]store.Key, error) {
	c.note("exists", len(hashes))
	return c.Store.Exists(ctx, hashes)
}

func (c *counted) Read(ctx context.Context, hash int64) (store.Row, error) {
	c.note("read", 1)
	return c.Store.Read(ctx, hash)
}

func (c *counted) ReadMany(ctx context.Context, hashes []int64) ([]store.Row, error) {
	rows, err := c.Store.ReadMany(ctx, hashes)
	c.note("read many", len(hashes))
	return rows, err
}

// shape is what a plan asks without the values.
func shape(p *store.Plan) string {
	var b strings.Builder
	for _, c := range p.Where {
		name := strings.TrimPrefix(fmt.Sprintf("%T", c), "store.")
		if is, ok := c.(store.TokenIs); ok {
			name = fmt.Sprintf("%s%v(%d)", name, is.Atoms, len(is.Values))
		}
		b.WriteString(name + " ")
	}
	fmt.Fprintf(&b, "sort %d limit %d", len(p.Sort), p.Limit)
	if p.After != nil {
		b.WriteString(" next")
	}
	return b.String()
}

// chartOf is a program whose store counts, with the ordinary patients of a small practice and the heavy one.
func chartOf(t testing.TB) (c *counted, get func(path string)) {
	ctx := t.Context()
	dir := t.TempDir()
	o := &dataOptions{Data: filepath.Join(dir, "practice")}
	pr, err := o.create(ctx, synthetic.PracticeName, synthetic.PracticeID)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = pr.Close() })
	if _, err := synthetic.WriteNDJSON(ctx, filepath.Join(dir, "files"), synthetic.Options{Patients: 12, Seed: 1, Today: time.Now(), Heavy: true}); err != nil {
		t.Fatal(err)
	}
	s, err := pr.session(ctx, "import")
	if err != nil {
		t.Fatal(err)
	}
	loader := &transfer.Loader{Sink: transfer.Local{Session: s}}
	if report, err := loader.Load(ctx, filepath.Join(dir, "files")); err != nil || len(report.Refused) > 0 {
		t.Fatal(err, report.Refused)
	}
	c = &counted{Store: pr.store}
	c.reset()
	ring, err := keys.Open(o.keyringFile())
	if err != nil {
		t.Fatal(err)
	}
	if pr.record, err = record.Open(ctx, record.Options{Store: c, Keyring: ring}); err != nil {
		t.Fatal(err)
	}
	c.name = pr.record.Index().Name
	srv, err := newServer(pr, slog.New(slog.DiscardHandler), &serveOptions{})
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	if err := slice.Mount(mux, srv.shell, srv.features); err != nil {
		t.Fatal(err)
	}
	who := identity.Principal{Kind: identity.Person, ID: "rao", Roles: []identity.Role{identity.Clinician}}
	return c, func(path string) {
		t.Helper()
		r := httptest.NewRequest("GET", path, nil)
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, r.WithContext(identity.With(r.Context(), who)))
		if w.Code != http.StatusOK {
			t.Fatalf("%s: %d %.400s", path, w.Code, w.Body)
		}
	}
}

// TestQuestionsOfAChart counts what a chart asks of the store and the rows that it gets. Whoever adds a box adds its questions here, knowingly;
// a thousand visits and twenty thousand observations must ask hardly more.
func TestQuestionsOfAChart(t *testing.T) {
	c, get := chartOf(t)
	for _, page := range []struct {
		path            string
		questions, rows int
	}{
		{"/patients/p000003", 105, 1400},
		{"/patients/heavy", 105, 2400},
		{"/patients/heavy/results", 8, 600},
	} {
		get(page.path) // what is looked up once is remembered
		c.reset()
		get(page.path)
		questions, rows, list := c.total()
		t.Logf("%s: %d questions, %d rows", page.path, questions, rows)
		if questions > page.questions || rows > page.rows {
			t.Errorf("%s asks %d questions for %d rows, more than %d for %d:\n%s", page.path, questions, rows, page.questions, page.rows, list)
		}
	}
}

// BenchmarkChart is the chart of an ordinary patient, and of the heavy one.
func BenchmarkChart(b *testing.B) {
	_, get := chartOf(b)
	for _, patient := range []string{"p000003", "heavy"} {
		b.Run(patient, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				get("/patients/" + patient)
			}
		})
	}
}
