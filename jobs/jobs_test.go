package jobs

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/osler-ehr/osler/clock"
	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/record/recordtest"
	"github.com/osler-ehr/osler/slice"
	"github.com/osler-ehr/osler/store"
)

// site is a runner over a record of its own.
type site struct {
	t testing.TB
	*recordtest.Fixture
	log lockedLog
}

type lockedLog struct {
	mu sync.Mutex
	b  strings.Builder
}

func (l *lockedLog) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedLog) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func newSite(t testing.TB) *site {
	return &site{t: t, Fixture: recordtest.New(t, clock.System{})}
}

func (s *site) runner() *Runner { return s.runnerOver(s.Store) }

func (s *site) runnerOver(st Store) *Runner {
	return New(Options{
		Store: st, Types: s.Index(), Key: s.Keyring.DeriveKey("spool"), Clock: clock.System{}, Log: slog.New(slog.NewTextHandler(io.MultiWriter(&s.log), nil)),
		Poll: 50 * time.Millisecond, Look: 5 * time.Millisecond,
	})
}

func (s *site) program(name string) *record.Session {
	return s.Record.As(access.Actor{ID: "program:" + name, Name: name, Roles: []access.Role{access.Program}, Org: s.Org})
}

// start runs slices until stop is called, which returns when all of it has ended.
func (s *site) start(r *Runner, all ...slice.Slice) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- r.Run(ctx, s.program, all) }()
	var once sync.Once
	stop = func() {
		once.Do(func() {
			cancel()
			select {
			case err := <-done:
				if err != nil {
					s.t.Error(err)
				}
			case <-time.After(5 * time.Minute):
				s.t.Error("the runner does not stop")
			}
		})
	}
	s.t.Cleanup(stop)
	return stop
}

func (s *site) do(ops ...record.Op) []record.Result {
	s.t.Helper()
	out, err := s.program("test").Do(context.Background(), ops)
	if err != nil {
		s.t.Fatal(err)
	}
	return out
}

func (s *site) put(doc string) record.Result {
	s.t.Helper()
	r, err := fhir.Parse([]byte(doc))
	if err != nil {
		s.t.Fatal(err)
	}
	return s.do(record.Op{Verb: record.Update, Type: r.Type(), ID: r.ID(), Resource: r})[0]
}

func practitioner(id, family string) string {
	return fmt.Sprintf(`{"resourceType":"Practitioner","id":%q,"name":[{"family":%q}]}`, id, family)
}

// eventually waits until something holds: that it does, not how soon.
func eventually(t testing.TB, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(5 * time.Minute); !holds(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("never: %s", what)
		}
	}
}

// notes is what callbacks saw, in order.
type notes struct {
	mu   sync.Mutex
	list []string
}

func (n *notes) add(s string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.list = append(n.list, s)
}

func (n *notes) all() string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return strings.Join(n.list, " ")
}

func (n *notes) count() int {
	n.mu.Lock()
	defer n.mu.Unlock()
	return len(n.list)
}

func TestWorkIsDoneOnceAndInTime(t *testing.T) {
	s := newSite(t)
	var seen notes
	r := s.runner()
	s.start(r, slice.Slice{Name: "x", Work: []slice.Work{{Kind: "letter", Do: func(_ context.Context, session *record.Session, payload []byte) error {
		seen.add(string(payload) + "/" + session.Actor().ID)
		return nil
	}}}})
	ctx := context.Background()
	now := time.Now()
	for _, w := range []struct {
		unique, payload string
		due             time.Time
	}{{"a", "1", now}, {"a", "twice", now.Add(time.Hour)}, {"", "2", now.Add(300 * time.Millisecond)}, {"", "later", now.Add(time.Hour)}} {
		if err := r.Add(ctx, "letter", w.unique, w.due, []byte(w.payload)); err != nil {
			t.Fatal(err)
		}
	}
	eventually(t, "both are done", func() bool { return seen.count() == 2 })
	if took := time.Since(now); took < 300*time.Millisecond {
		t.Errorf("done before it was due: after %v", took)
	}
	time.Sleep(100 * time.Millisecond)
	if got := seen.all(); got != "1/program:letter 2/program:letter" {
		t.Errorf("done: %s", got)
	}
}

func TestWorkThatFailsIsTriedAgainAndAgainIsNoFailure(t *testing.T) {
	s := newSite(t)
	var seen notes
	r := s.runner()
	s.start(r, slice.Slice{Name: "x", Work: []slice.Work{
		{Kind: "fails once", Do: func(context.Context, *record.Session, []byte) error {
			seen.add("f")
			if seen.count() == 1 {
				panic(errors.New("a patient's name"))
			}
			return nil
		}},
	}})
	if err := r.Add(context.Background(), "fails once", "u", time.Now(), nil); err != nil {
		t.Fatal(err)
	}
	eventually(t, "tried twice", func() bool { return seen.count() == 2 })
	if log := s.log.String(); !strings.Contains(log, "it is tried again") || strings.Contains(log, "a patient's name") {
		t.Errorf("the log: %s", log)
	}
	var steps notes
	r2 := s.runner()
	s.start(r2, slice.Slice{Name: "y", Work: []slice.Work{{Kind: "long", Do: func(context.Context, *record.Session, []byte) error {
		steps.add("s")
		if steps.count() < 20 {
			return slice.Again{}
		}
		return nil
	}}}})
	if err := r2.Add(context.Background(), "long", "u", time.Now(), nil); err != nil {
		t.Fatal(err)
	}
	// Taken for failures, they would take days: the pause doubles from one second to a quarter of an hour.
	eventually(t, "twenty steps", func() bool { return steps.count() == 20 })
}

func TestWorkUnderWayWhenTheProgramStopsIsDoneByTheNext(t *testing.T) {
	s := newSite(t)
	r := s.runner()
	began := make(chan struct{})
	stop := s.start(r, slice.Slice{Name: "x", Work: []slice.Work{{Kind: "w", Do: func(ctx context.Context, _ *record.Session, _ []byte) error {
		close(began)
		<-ctx.Done()
		return ctx.Err()
	}}}})
	if err := r.Add(context.Background(), "w", "", time.Now(), []byte("p")); err != nil {
		t.Fatal(err)
	}
	<-began
	stop()
	var seen notes
	s.start(s.runner(), slice.Slice{Name: "x", Work: []slice.Work{{Kind: "w", Do: func(_ context.Context, _ *record.Session, p []byte) error {
		seen.add(string(p))
		return nil
	}}}})
	eventually(t, "the next program does it at once", func() bool { return seen.all() == "p" })
}

func TestLimitHolds(t *testing.T) {
	s := newSite(t)
	r := s.runner()
	var mu sync.Mutex
	running, most, done := 0, 0, 0
	s.start(r, slice.Slice{Name: "x", Work: []slice.Work{{Kind: "w", Limit: 3, Do: func(context.Context, *record.Session, []byte) error {
		mu.Lock()
		running++
		most = max(most, running)
		mu.Unlock()
		time.Sleep(20 * time.Millisecond)
		mu.Lock()
		running--
		done++
		mu.Unlock()
		return nil
	}}}})
	for range 12 {
		if err := r.Add(context.Background(), "w", "", time.Now(), nil); err != nil {
			t.Fatal(err)
		}
	}
	eventually(t, "all are done", func() bool { mu.Lock(); defer mu.Unlock(); return done == 12 })
	if most != 3 {
		t.Errorf("%d ran at a time, want 3", most)
	}
}

func TestAJobRunsOnOneServerAtATime(t *testing.T) {
	s := newSite(t)
	var mu sync.Mutex
	running, most, runs := 0, 0, 0
	job := slice.Slice{Name: "x", Jobs: []slice.Job{{Name: "sweep", Every: 20 * time.Millisecond, Run: func(context.Context, *record.Session) error {
		mu.Lock()
		running++
		most = max(most, running)
		runs++
		mu.Unlock()
		time.Sleep(5 * time.Millisecond)
		mu.Lock()
		running--
		mu.Unlock()
		return errors.New("a failure means again at the next turn")
	}}}}
	s.start(s.runner(), job)
	s.start(s.runner(), job)
	eventually(t, "ten turns", func() bool { mu.Lock(); defer mu.Unlock(); return runs >= 10 })
	if most != 1 {
		t.Errorf("%d ran at a time", most)
	}
}

func TestAWatchSeesEveryChangeInOrder(t *testing.T) {
	s := newSite(t)
	s.put(practitioner("before", "Old"))
	var seen notes
	watch := func(fail func() bool) slice.Slice {
		return slice.Slice{Name: "x", Watch: []slice.Watch{{Name: "watcher", Types: []string{"Practitioner"}, Changed: func(_ context.Context, _ *record.Session, v record.Version) error {
			if fail != nil && fail() {
				return errors.New("not now")
			}
			what := "-"
			if v.Body != nil {
				what = v.Resource().Get("name").First().Get("family").Text()
			}
			seen.add(fmt.Sprintf("%s/%d:%s:%s", v.ID, v.Version, v.Action, what))
			return nil
		}}}}
	}
	stop := s.start(s.runner(), watch(nil))
	eventually(t, "the watch begins", func() bool {
		b, err := s.Store.Secret(context.Background(), watchSpace, "watcher")
		return err == nil && len(b) == 8
	})
	// Three versions in one commit's reach: the middle one is superseded before it is seen.
	s.put(practitioner("a", "One"))
	s.put(practitioner("a", "Two"))
	s.put(`{"resourceType":"Organization","id":"o","name":"not wanted"}`)
	s.do(record.Op{Verb: record.Delete, Type: "Practitioner", ID: "a"})
	eventually(t, "three changes", func() bool { return seen.count() == 3 })
	if got := seen.all(); got != "a/1:create:One a/2:update:Two a/3:delete:-" {
		t.Errorf("seen: %s", got)
	}
	stop()

	// While nothing runs, more happens; then the reaction fails for a while. Nothing is missed or out of order.
	var want []string
	for i := range 450 {
		id := fmt.Sprintf("b%d", i)
		s.put(practitioner(id, "F"))
		want = append(want, id+"/1:create:F")
	}
	seen = notes{}
	failures := 0
	s.start(s.runner(), watch(func() bool { failures++; return failures == 100 || failures == 300 }))
	eventually(t, "all that happened meanwhile", func() bool { return seen.count() >= 450 })
	if got := seen.all(); got != strings.Join(want, " ") {
		t.Errorf("seen %d of %d, or out of order", seen.count(), len(want))
	}
}

func TestChangesAreToldByName(t *testing.T) {
	s := newSite(t)
	r := s.runner()
	s.start(r, slice.Slice{})
	ctx := context.Background()
	waited := make(chan error, 1)
	go func() { waited <- r.Wait(ctx, 0) }()
	for i := range 30 {
		s.put(practitioner(fmt.Sprint("p", i), "F"))
	}
	select {
	case err := <-waited:
		if err != nil {
			t.Fatal(err)
		}
	case <-time.After(5 * time.Minute):
		t.Fatal("nobody is told of changes")
	}
	for round := range 2 { // from the store, then from memory
		var at int64
		var got []string
		for {
			page, err := r.After(ctx, at, 7)
			if err != nil {
				t.Fatal(err)
			}
			if len(page) == 0 {
				break
			}
			for _, c := range page {
				if c.Number <= at || c.Type != "Practitioner" || c.Action != "create" || c.Version != 1 || c.At.IsZero() {
					t.Fatalf("change %+v after %d", c, at)
				}
				at = c.Number
				got = append(got, c.ID)
			}
		}
		if len(got) != 30 || got[0] != "p0" || got[29] != "p29" {
			t.Errorf("round %d: %d changes: %v", round, len(got), got)
		}
	}
	if len(r.log.kept) != 30 {
		t.Errorf("%d changes are kept in memory", len(r.log.kept))
	}
}

// Whoever reads the log first must wake the others: they would sleep until the change after next.
func TestAReaderWakesThoseWhoWait(t *testing.T) {
	s := newSite(t)
	r := New(Options{Store: s.Store, Types: s.Index(), Clock: clock.System{}, Log: slog.New(slog.DiscardHandler), Look: time.Hour})
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	waited := make(chan error, 1)
	go func() { waited <- r.Wait(ctx, 0) }()
	time.Sleep(20 * time.Millisecond)
	s.put(practitioner("p", "F"))
	if page, err := r.After(ctx, 0, 10); err != nil || len(page) != 1 {
		t.Fatalf("%v, %v", page, err)
	}
	if err := <-waited; err != nil {
		t.Errorf("still asleep: %v", err)
	}
}

func TestASpoolIsSealedAndAllOrNothing(t *testing.T) {
	s := newSite(t)
	r := s.runner()
	ctx := context.Background()
	sp, other := r.Spool("a"), r.Spool("b")
	canary := []byte("Canary Jane Doe")
	if err := sp.Update(ctx, func(tx slice.SpoolTx) error {
		return errors.Join(tx.SetValue(ctx, "v", canary), tx.SetFile(ctx, "f", canary), tx.Add(ctx, "k", "", time.Now().Add(time.Hour), nil))
	}); err != nil {
		t.Fatal(err)
	}
	for what, read := range map[string]func() ([]byte, error){
		"value": func() ([]byte, error) { return sp.Value(ctx, "v") },
		"file":  func() ([]byte, error) { return sp.File(ctx, "f") },
		"all":   func() ([]byte, error) { m, err := sp.Values(ctx); return m["v"], err },
	} {
		if got, err := read(); err != nil || string(got) != string(canary) {
			t.Errorf("%s: %q, %v", what, got, err)
		}
	}
	if v, err := other.Value(ctx, "v"); err != nil || v != nil {
		t.Errorf("another slice's spool has it too: %q, %v", v, err)
	}
	sealed, err := s.Store.Blob(ctx, "spool a/f")
	if err != nil || strings.Contains(string(sealed), "Canary") {
		t.Errorf("the store holds it in clear: %v", err)
	}
	// A value moved to another name does not open.
	if err := s.Store.Update(ctx, func(tx store.Tx) error { return tx.SetBlob(ctx, "spool a/g", sealed) }); err != nil {
		t.Fatal(err)
	}
	if b, err := sp.File(ctx, "g"); err == nil {
		t.Errorf("a file under a wrong name opens: %q", b)
	}
	boom := errors.New("boom")
	if err := sp.Update(ctx, func(tx slice.SpoolTx) error {
		return errors.Join(tx.SetValue(ctx, "v", nil), tx.SetFile(ctx, "f", nil), boom)
	}); !errors.Is(err, boom) {
		t.Fatal(err)
	}
	if v, err := sp.Value(ctx, "v"); err != nil || v == nil {
		t.Errorf("an update that failed changed something: %v", err)
	}
	if err := sp.Update(ctx, func(tx slice.SpoolTx) error {
		return errors.Join(tx.SetValue(ctx, "v", nil), tx.SetFile(ctx, "f", nil))
	}); err != nil {
		t.Fatal(err)
	}
	if b, err := sp.File(ctx, "f"); err != nil || b != nil {
		t.Errorf("a removed file is there: %v", err)
	}
}

// counting counts what an idle runner asks of the store.
type counting struct {
	store.Store
	mu             sync.Mutex
	reads, updates int
}

func (c *counting) LastChange(ctx context.Context) (int64, error) {
	c.mu.Lock()
	c.reads++
	c.mu.Unlock()
	return c.Store.LastChange(ctx)
}

func (c *counting) Claim(ctx context.Context, kinds []string, now, until int64) (store.Job, error) {
	c.mu.Lock()
	c.updates++
	c.mu.Unlock()
	return c.Store.Claim(ctx, kinds, now, until)
}

func TestIdlingCostsNextToNothing(t *testing.T) {
	s := newSite(t)
	c := &counting{Store: s.Store}
	r := New(Options{Store: c, Types: s.Index(), Key: s.Keyring.DeriveKey("spool"), Clock: clock.System{}, Log: slog.New(slog.DiscardHandler)})
	var all slice.Slice
	for i := range 10 {
		n := fmt.Sprint("n", i)
		all.Watch = append(all.Watch, slice.Watch{Name: n, Changed: func(context.Context, *record.Session, record.Version) error { return nil }})
		all.Work = append(all.Work, slice.Work{Kind: n, Do: func(context.Context, *record.Session, []byte) error { return nil }})
		all.Jobs = append(all.Jobs, slice.Job{Name: n, Every: time.Hour, Run: func(context.Context, *record.Session) error { return nil }})
	}
	s.start(r, all)
	// How soon everything has begun depends on the machine; it must come to rest and stay there.
	var reads, updates int
	for range 150 {
		c.mu.Lock()
		c.reads, c.updates = 0, 0
		c.mu.Unlock()
		time.Sleep(2 * time.Second)
		c.mu.Lock()
		reads, updates = c.reads, c.updates
		c.mu.Unlock()
		if reads <= 10 && updates <= 3 {
			return
		}
	}
	t.Errorf("in 2 s of nothing: %d looks at the log, %d claims", reads, updates)
}

func TestARunnerRefusesWhatHasNoNameOrTwice(t *testing.T) {
	s := newSite(t)
	do := func(context.Context, *record.Session, []byte) error { return nil }
	run := func(context.Context, *record.Session) error { return nil }
	for what, sl := range map[string]slice.Slice{
		"work twice":    {Name: "x", Work: []slice.Work{{Kind: "a", Do: do}, {Kind: "a", Do: do}}},
		"job no name":   {Name: "x", Jobs: []slice.Job{{Every: time.Second, Run: run}}},
		"job no time":   {Name: "x", Jobs: []slice.Job{{Name: "j", Run: run}}},
		"watch no name": {Name: "x", Watch: []slice.Watch{{}}},
	} {
		if err := s.runner().Run(context.Background(), s.program, []slice.Slice{sl}); err == nil {
			t.Errorf("%s: it runs", what)
		}
	}
}
