package record_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/record/recordtest"
	"github.com/osler-ehr/osler/store"
	"github.com/osler-ehr/osler/store/postgres"
	"github.com/osler-ehr/osler/store/postgres/postgrestest"
	"github.com/osler-ehr/osler/store/sqlite"
)

// TestManyWriters lets 32 writers change the same resources in every way, and then accounts for each change.
func TestManyWriters(t *testing.T) {
	t.Run("sqlite", func(t *testing.T) { manyWriters(t, recordtest.New(t, nil)) })
	t.Run("postgres", func(t *testing.T) {
		if testing.Short() {
			t.Skip("not in a short run")
		}
		c := postgrestest.Require(t)
		manyWriters(t, recordtest.On(t, nil, func(o sqlite.Options) (store.Store, error) {
			return postgres.Open(context.Background(), c.Database(t), postgres.Options{Audit: o.Audit})
		}))
	})
}

const (
	writers  = 32
	counters = 8 // Observations whose value is counted up, or moved from one to the other
	fleeting = 4 // Basics that come and go
	orgs     = 6 // Organizations that must be made once
)

// ledger is what the writers know of what they did.
type ledger struct {
	mu       sync.Mutex
	versions map[string]map[int64]bool // "Type/id" -> versions made
	added    int                       // to all counters together
	refused  map[record.Kind]int
	wrong    []string
}

// note enters the results of a change, and says whether it was made.
func (l *ledger) note(added int, res []record.Result, err error, also ...record.Kind) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err != nil {
		kind := record.KindOf(err)
		l.refused[kind]++
		if kind != record.KindConflict && kind != record.KindPrecondition && kind != record.KindGone && kind != record.KindNotFound && !slices.Contains(also, kind) {
			l.wrong = append(l.wrong, err.Error())
		}
		return false
	}
	l.added += added
	for _, r := range res {
		if r.Unchanged {
			continue
		}
		name := r.Type + "/" + r.ID
		if l.versions[name] == nil {
			l.versions[name] = map[int64]bool{}
		}
		if l.versions[name][r.Version.Version] {
			l.wrong = append(l.wrong, fmt.Sprintf("version %d of %s was made twice", r.Version.Version, name))
		}
		l.versions[name][r.Version.Version] = true
	}
	return true
}

func count(r *fhir.Resource) int {
	n, _ := strconv.Atoi(r.Get("valueInteger").Text())
	return n
}

func manyWriters(t *testing.T, f *recordtest.Fixture) {
	ctx := context.Background()
	s := f.As(access.Program)
	l := &ledger{versions: map[string]map[int64]bool{}, refused: map[record.Kind]int{}}
	counter := func(i, n int) *fhir.Resource {
		return parse(t, fmt.Sprintf(`{"resourceType":"Observation","id":"n%d","status":"final","code":{"text":"count"},"subject":{"reference":"Patient/%s"},"valueInteger":%d}`, i, []string{"a", "b"}[i%2], n))
	}
	add := func(i, n int) record.Op { // by what the current version says, whatever that is
		return record.Op{Verb: record.Patch, Type: "Observation", ID: fmt.Sprint("n", i), Patch: func(r *fhir.Resource) (*fhir.Resource, error) {
			return counter(i, count(r)+n), nil
		}}
	}
	setup := []record.Op{put(instance(t, "Patient", "a", "")), put(instance(t, "Patient", "b", ""))}
	for i := range counters {
		setup = append(setup, put(counter(i, 100)))
	}
	res, err := s.Do(ctx, setup)
	if !l.note(0, res, err) {
		t.Fatal(err)
	}
	steps := 60
	if testing.Short() {
		steps = 8
	}
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			rng := rand.New(rand.NewPCG(uint64(w), 9))
			for step := range steps {
				i, j := rng.IntN(counters), rng.IntN(counters)
				id := fmt.Sprint("n", i)
				switch rng.IntN(12) {
				case 0, 1:
					res, err := s.Do(ctx, []record.Op{add(i, 1)})
					l.note(1, res, err)
				case 2, 3: // read, compute, write if nobody was faster
					v, err := s.Read(ctx, "Observation", id)
					if err != nil {
						l.note(0, nil, err)
						continue
					}
					res, err := s.Do(ctx, []record.Op{{Verb: record.Update, Type: "Observation", ID: id, Resource: counter(i, count(v.Resource())+1), IfMatch: v.Version}})
					l.note(1, res, err)
				case 4: // both or none
					if i == j {
						continue
					}
					res, err := s.Do(ctx, []record.Op{add(i, -5), add(j, 5)})
					l.note(0, res, err)
				case 5: // once
					n := rng.IntN(orgs)
					res, err := s.Do(ctx, []record.Op{{Verb: record.Create, Type: "Organization", Condition: fmt.Sprintf("identifier=urn:x|%d", n),
						Resource: parse(t, fmt.Sprintf(`{"resourceType":"Organization","identifier":[{"system":"urn:x","value":"%d"}],"name":"by %d"}`, n, w))}})
					l.note(0, res, err)
				case 6, 7: // come and go, with and without If-Match
					id := fmt.Sprint("f", rng.IntN(fleeting))
					op := put(instance(t, "Basic", id, fmt.Sprintf(`"implicitRules":"http://example.org/%d-%d"`, w, step)))
					if rng.IntN(2) == 0 {
						op = record.Op{Verb: record.Delete, Type: "Basic", ID: id}
					}
					if v, err := s.Read(ctx, "Basic", id); err == nil && rng.IntN(2) == 0 {
						op.IfMatch = v.Version
					}
					res, err := s.Do(ctx, []record.Op{op})
					l.note(0, res, err)
				case 9, 10, 11: // visits come and go, and so does what refers to them; nothing may be left that refers to nothing
					visit, note := fmt.Sprint("visit", rng.IntN(fleeting)), fmt.Sprint("note", rng.IntN(2*fleeting))
					op := put(instance(t, "Encounter", visit, `"subject":{"reference":"Patient/a"}`))
					switch rng.IntN(4) {
					case 0:
						op = record.Op{Verb: record.Delete, Type: "Encounter", ID: visit}
					case 1:
						op = put(instance(t, "ClinicalImpression", note, `"subject":{"reference":"Patient/a"},"encounter":{"reference":"Encounter/`+visit+`"}`))
						op.LooseReferences = false
					case 2:
						op = record.Op{Verb: record.Delete, Type: "ClinicalImpression", ID: note}
					}
					res, err := s.Do(ctx, []record.Op{op})
					l.note(0, res, err, record.KindInvalid)
				case 8: // a new patient with a result, and a counter along with it; sometimes all is refused
					ops := []record.Op{
						{Verb: record.Create, Type: "Patient", FullURL: "urn:uuid:new", Resource: instance(t, "Patient", "", "")},
						{Verb: record.Create, Type: "Observation", Resource: instance(t, "Observation", "", `"subject":{"reference":"urn:uuid:new"}`)},
						add(i, 1),
					}
					bad := rng.IntN(3) == 0
					if bad {
						ops = append(ops, record.Op{Verb: record.Update, Type: "Observation", ID: "n0x", Resource: counter(0, 1), IfMatch: 77})
						ops[3].Resource = parse(t, strings.Replace(string(ops[3].Resource.Bytes()), `"n0"`, `"n0x"`, 1))
					}
					res, err := s.Do(ctx, ops)
					if made := l.note(1, res, err); made && bad {
						t.Error("a transaction with a wrong If-Match was made")
					}
				}
			}
		})
	}
	wg.Wait()
	for _, w := range l.wrong {
		t.Error(w)
	}
	sum, versions := 0, 0
	for i := range counters {
		v, err := s.Read(ctx, "Observation", fmt.Sprint("n", i))
		if err != nil {
			t.Fatal(err)
		}
		sum += count(v.Resource())
	}
	if want := 100*counters + l.added; sum != want {
		t.Errorf("the counters are %d together, want %d: updates were lost", sum, want)
	}
	for name, made := range l.versions {
		typ, id, _ := strings.Cut(name, "/")
		var got []record.Version
		q := record.HistoryQuery{Type: typ, ID: id, Count: 50}
		for {
			page, err := s.History(ctx, q)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if got = append(got, page.Versions...); page.Next == "" {
				break
			}
			q.Page = page.Next
		}
		versions += len(got)
		for i, v := range got {
			if want := int64(len(got) - i); v.Version != want || !made[v.Version] {
				t.Errorf("%s: version %d stands where %d should; made by a writer: %v", name, v.Version, want, made[v.Version])
			}
			if i > 0 && v.Change >= got[i-1].Change {
				t.Errorf("%s: version %d is change %d, the next is %d", name, v.Version, v.Change, got[i-1].Change)
			}
		}
		if len(got) != len(made) {
			t.Errorf("%s has %d versions, writers made %d", name, len(got), len(made))
		}
	}
	for n := range orgs {
		if got := find(t, s, "Organization", fmt.Sprintf("identifier=urn:x|%d", n)); len(got) > 1 {
			t.Errorf("organisation %d was made %d times", n, len(got))
		}
	}
	if got := find(t, s, "Patient", "_count=1000&_elements=id"); len(got) != len(find(t, s, "Observation", "code:missing=false&_count=1000"))-counters+2 {
		t.Errorf("%d patients; there is not one result for each new one", len(got))
	}
	found, err := f.Verify(ctx, nil)
	if err == nil && found.Dangling > 0 {
		t.Errorf("%d references lead nowhere", found.Dangling)
	}
	if err != nil || len(found.Problems) > 0 || found.Versions != int64(versions) {
		t.Errorf("verify: %v, %d versions, want %d, %v", err, found.Versions, versions, found.Problems)
	}
	t.Logf("%d versions of %d resources; %d increments; refused by kind: %v", versions, len(l.versions), l.added, l.refused)
}
