package searchtest_test

import (
	"compress/bzip2"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	mathrand "math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/osler-ehr/osler/clock"
	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/record/recordtest"
	"github.com/osler-ehr/osler/record/search"
	"github.com/osler-ehr/osler/record/searchtest"
	"github.com/osler-ehr/osler/store"
	"github.com/osler-ehr/osler/store/postgres"
	"github.com/osler-ehr/osler/store/postgres/postgrestest"
	"github.com/osler-ehr/osler/store/sqlite"
)

var (
	seed    = flag.Uint64("searchtest.seed", 20261124, "where the random searches begin")
	queries = flag.Int("searchtest.queries", 3000, "how many random searches are compared")
)

// data is where the sample data is kept, beside the repository.
const data = "../../../shared/data"

// samples are the files that make the world: a few whole patient records, and the odd things of the
// specification's own examples.
func samples(t testing.TB) []string {
	t.Helper()
	patterns := []string{"synthea/smart-2019/[IL]*.json", "fhir-r4-examples/[A-Z]*/*.json", "us-core/examples/*.json"}
	if testing.Short() {
		patterns = patterns[1:]
	}
	var files []string
	for _, p := range patterns {
		found, err := filepath.Glob(filepath.Join(data, p))
		if err != nil {
			t.Fatal(err)
		}
		if len(found) == 0 {
			if os.Getenv("CI") == "true" {
				t.Fatalf("the sample data is not beside the repository (shared/data/%s)", p)
			}
			t.Skipf("the sample data is not beside the repository (shared/data/%s)", p)
		}
		files = append(files, found...)
	}
	return files
}

func read(t testing.TB, file string) *fhir.Resource {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var r io.Reader = f
	if strings.HasSuffix(file, ".bz2") {
		r = bzip2.NewReader(f)
	}
	b, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := fhir.ParseLarge(b)
	if err != nil {
		t.Fatalf("%s: %v", filepath.Base(file), err)
	}
	return doc
}

// load stores the samples. An example whose patient is not among them, or that breaks R4's rules, is left out.
func load(t testing.TB, s *record.Session, at *clock.Fixed) {
	t.Helper()
	var later []record.Op
	stored, left := 0, 0
	do := func(ops ...record.Op) error {
		at.Advance(1234567 * time.Microsecond)
		res, err := s.Do(context.Background(), ops)
		stored += len(res)
		return err
	}
	for _, file := range samples(t) {
		doc := read(t, file)
		if !strings.Contains(file, "synthea") {
			if !fhir.ValidID(doc.ID()) {
				left++
				continue
			}
			later = append(later, record.Op{Verb: record.Update, Type: doc.Type(), ID: doc.ID(), Resource: doc, LooseReferences: true})
			continue
		}
		b, err := fhir.ReadBundle(doc)
		if err != nil {
			t.Fatal(err)
		}
		var ops []record.Op
		for _, e := range b.Entry {
			r := e.Resource.Resource()
			ops = append(ops, record.Op{Verb: record.Create, Type: r.Type(), Resource: r, FullURL: e.FullURL, LooseReferences: true})
		}
		if err := do(ops...); err != nil {
			t.Fatalf("%s: %v", filepath.Base(file), err)
		}
	}
	for range 3 { // patients first, then what waits for them
		var again []record.Op
		for _, op := range later {
			if err := do(op); errors.Is(err, record.ErrUnresolved) {
				again = append(again, op)
			} else if err != nil {
				left++
			}
		}
		later = again
	}
	t.Logf("%d resources stored, %d examples left out", stored, left+len(later))
}

// world is what a record holds.
func world(t testing.TB, s *record.Session) *searchtest.World {
	t.Helper()
	var docs []*fhir.Resource
	if err := s.Walk(context.Background(), false, func(v *record.Version) error { docs = append(docs, v.Resource()); return nil }); err != nil {
		t.Fatal(err)
	}
	w, err := searchtest.NewWorld(docs)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func TestSearchesAgreeWithSlowOnes(t *testing.T) {
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		at := clock.At(time.Date(2026, 11, 20, 8, 0, 0, 0, time.UTC))
		compare(t, recordtest.New(t, at), at, *queries)
	})
	t.Run("postgres", func(t *testing.T) {
		if testing.Short() {
			t.Skip("not in a short run")
		}
		t.Parallel()
		c := postgrestest.Require(t)
		at := clock.At(time.Date(2026, 11, 20, 8, 0, 0, 0, time.UTC))
		f := recordtest.On(t, at, func(o sqlite.Options) (store.Store, error) {
			return postgres.Open(context.Background(), c.Database(t), postgres.Options{Clock: at, Audit: o.Audit})
		})
		compare(t, f, at, *queries/3)
	})
}

// compare asks a record and the slow evaluator the same questions: first for someone who sees everything, then
// for people who do not. For these the evaluator knows nothing but what they may see, while the questions are
// about everything; so an answer that what is hidden has an influence on differs.
func compare(t *testing.T, f *recordtest.Fixture, at *clock.Fixed, n int) {
	s := f.As(access.Administrator)
	load(t, s, at)
	w := world(t, s)
	if testing.Short() {
		n /= 5
	}
	rng := mathrand.New(mathrand.NewPCG(*seed, 0))
	d := searchtest.NewDrawer(w, rng)
	c := &comparison{s: s, w: w}
	c.run(t, d, rng, n)
	if c.notOffered > c.asked/20 {
		t.Errorf("%d of %d searches are not offered", c.notOffered, c.asked)
	}
	if c.nothing+c.everything > c.asked/2 {
		t.Errorf("%d of %d searches tell little", c.nothing+c.everything, c.asked)
	}
	for _, who := range []struct {
		name string
		s    *record.Session
	}{{"front desk", f.As(access.FrontDesk)}, {"biller", f.As(access.Biller)}, {"patient", f.AsPatient(t, d.Somebody())}} {
		c := &comparison{s: who.s, w: world(t, who.s)}
		t.Logf("the %s sees %d of %d resources", who.name, c.w.Len(""), w.Len(""))
		d.Only = func(typ string) bool { return who.s.May(access.Search, typ) || rng.IntN(50) == 0 }
		c.run(t, d, rng, n/5)
	}
}

func (c *comparison) run(t *testing.T, d *searchtest.Drawer, rng *mathrand.Rand, n int) {
	start := time.Now()
	for range n {
		if c.wrong >= 20 {
			break
		}
		q := d.Query()
		order := ""
		if q.Type != "" && rng.IntN(4) == 0 {
			order = d.Sort(q.Type)
		}
		c.one(t, q, order, 1+rng.IntN(40), rng.IntN(3) == 0)
	}
	t.Logf("%d searches in %v: %d found something and not everything, %d nothing, %d everything; %d not permitted; %d not offered %v",
		c.asked, time.Since(start).Round(time.Millisecond), c.asked-c.nothing-c.everything-c.notOffered-c.forbidden, c.nothing, c.everything, c.forbidden, c.notOffered, c.reasons)
	compared := c.asked - c.notOffered - c.forbidden
	t.Logf("conformance: %d of %d searches, over %d resources", compared-c.wrong, compared, c.w.Len(""))
	for reason := range c.reasons {
		t.Logf("conformance exception: a search that is not offered, because %s", reason)
	}
}

type comparison struct {
	s                                                        *record.Session
	w                                                        *searchtest.World
	asked, nothing, everything, notOffered, forbidden, wrong int
	reasons                                                  map[string]int
}

// one compares one search, page by page.
func (c *comparison) one(t *testing.T, q searchtest.Query, order string, size int, total bool) {
	c.asked++
	var params []search.Param
	for _, p := range q.Params {
		params = append(params, search.Param(p))
	}
	params = append(params, search.Param{Name: "_count", Value: fmt.Sprint(size)})
	if order != "" {
		params = append(params, search.Param{Name: "_sort", Value: order})
	}
	if total {
		params = append(params, search.Param{Name: "_total", Value: "accurate"})
	}
	var got []string
	rq := record.Query{Type: q.Type, Params: params, Strict: true}
	counted := int64(-1)
	for {
		page, err := c.s.Search(context.Background(), rq)
		if record.KindOf(err) == record.KindForbidden && !c.s.May(access.Search, q.Type) {
			c.forbidden++
			return
		}
		if record.KindOf(err) == record.KindNotSupported {
			c.notOffered++
			if c.reasons == nil {
				c.reasons = map[string]int{}
			}
			_, reason, _ := strings.Cut(err.Error(), "\": ")
			c.reasons[reason]++
			return
		}
		if err != nil {
			c.wrong++
			t.Errorf("%v: %v", q, err)
			return
		}
		for _, e := range page.Entries {
			got = append(got, e.Type+"/"+e.ID)
		}
		if page.Total >= 0 {
			counted = page.Total
		}
		if page.Next == "" {
			break
		}
		rq.Page = page.Next
	}
	found := c.w.Find(q)
	switch len(found) {
	case 0:
		c.nothing++
	case c.w.Len(q.Type):
		c.everything++
	}
	want := make([]string, len(found))
	for i, r := range found {
		want[i] = r.Name()
	}
	slices.Sort(want)
	sorted := slices.Sorted(slices.Values(got))
	if !slices.Equal(sorted, want) {
		c.wrong++
		t.Errorf("%v\nfound too much: %v\nnot found: %v", q, without(sorted, want), without(want, sorted))
		return
	}
	if total && counted != int64(len(want)) {
		c.wrong++
		t.Errorf("%v: total is %d, found %d", q, counted, len(want))
	}
	if order != "" {
		ranks := c.w.Sort(found, order)
		for i := 1; i < len(got); i++ {
			if ranks[got[i]] < ranks[got[i-1]] {
				c.wrong++
				t.Errorf("%v&_sort=%s: %s comes before %s", q, order, got[i-1], got[i])
				return
			}
		}
	}
}

// without lists what is in a and not in b, duplicates too.
func without(a, b []string) (out []string) {
	rest := slices.Clone(b)
	for _, s := range a {
		if i := slices.Index(rest, s); i >= 0 {
			rest = slices.Delete(rest, i, i+1)
		} else if len(out) < 6 {
			out = append(out, s)
		}
	}
	return out
}
