package search_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"math/rand/v2"
	"path/filepath"
	"testing"
	"time"

	"github.com/osler-ehr/osler/clock"
	"github.com/osler-ehr/osler/record/search"
	"github.com/osler-ehr/osler/store"
	"github.com/osler-ehr/osler/store/sqlite"
)

// emptyStore is a store without resources, and the index over it.
func emptyStore(t testing.TB) (store.Store, *search.Index) {
	t.Helper()
	at := clock.At(time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC))
	seal := func(_, _ int64, prev []byte, _ [][]byte) (body, hash []byte, err error) {
		sum := sha256.Sum256(prev)
		return nil, sum[:], nil
	}
	s, err := sqlite.Open(context.Background(), filepath.Join(t.TempDir(), "empty.db"), sqlite.Options{Clock: at, Audit: seal})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	x, err := search.NewIndex(search.NewHasher(make([]byte, 32)))
	if err != nil {
		t.Fatal(err)
	}
	numbers, err := s.Symbols(context.Background(), x.AtomNames())
	if err != nil {
		t.Fatal(err)
	}
	x.Bind(numbers)
	return s, x
}

// tryHostile compiles a search and runs its plan. Whatever is asked is either refused with a reason or is a
// statement that the database understands and that ends soon.
func tryHostile(t *testing.T, s store.Store, x *search.Index, typ, name, value string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	begun := time.Now()
	defer func() {
		if took := time.Since(begun); took > time.Minute { // a thousand times what searches of nothing take
			t.Errorf("%s?%.100q=%.100q took %v", typ, name, value, took)
		}
	}()
	env := search.Env{Exists: s.Exists, Filter: func(string) store.Filter { return store.Filter{Patients: []int64{1, 2}, DenyTypes: []int{3}} }, Base: "http://example.org/fhir"}
	for _, strict := range []bool{false, true} {
		c, err := x.Compile(ctx, env, typ, []search.Param{{Name: name, Value: value}, {Name: "_sort", Value: "-_lastUpdated"}}, strict)
		if err != nil {
			if _, ok := errors.AsType[*search.Error](err); !ok {
				t.Fatalf("%s?%.100q=%.100q: %v", typ, name, value, err)
			}
			continue
		}
		c.Plan.Limit = 10
		hits, err := s.Search(ctx, &c.Plan)
		if err != nil && !errors.Is(err, store.ErrTooCostly) {
			t.Fatalf("%s?%.100q=%.100q: %v", typ, name, value, err)
		}
		n, err := s.Count(ctx, &c.Plan)
		if err != nil && !errors.Is(err, store.ErrTooCostly) {
			t.Fatalf("count of %s?%.100q=%.100q: %v", typ, name, value, err)
		}
		if len(hits) != 0 || n != 0 {
			t.Fatalf("%s?%.100q=%.100q finds something where there is nothing", typ, name, value)
		}
	}
}

var hostileTypes = []string{"Observation", "Patient", "ValueSet", "Location", ""}

// A10: values that break statements elsewhere, in every kind of parameter.
func TestA10HostileValues(t *testing.T) {
	s, x := emptyStore(t)
	values := hostile()
	if len(values) < 200 {
		t.Fatalf("%d values, not 200", len(values))
	}
	begun := time.Now()
	n := 0
	for _, value := range values {
		for i, name := range hostileNames {
			tryHostile(t, s, x, hostileTypes[i%2], name, value)
			n++
		}
		tryHostile(t, s, x, "Observation", value, "1") // as the name
		tryHostile(t, s, x, "Observation", "patient."+value, "1")
		tryHostile(t, s, x, "Observation", "code:"+value, "1")
		tryHostile(t, s, x, "Patient", "_has:"+value, "1")
		n += 4
	}
	t.Logf("%d searches in %v", n, time.Since(begun).Round(time.Millisecond))
}

// FuzzCompile looks for a search that panics, that the database does not understand, or that takes long.
func FuzzCompile(f *testing.F) {
	values := hostile()
	rng := rand.New(rand.NewPCG(1, 1))
	for i, value := range values {
		f.Add(byte(i), hostileNames[rng.IntN(len(hostileNames))], value)
	}
	for i, name := range hostileNames {
		f.Add(byte(i), name, values[rng.IntN(len(values))])
	}
	s, x := emptyStore(f)
	f.Fuzz(func(t *testing.T, typ byte, name, value string) {
		tryHostile(t, s, x, hostileTypes[int(typ)%len(hostileTypes)], name, value)
	})
}
