package storetest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/osler-ehr/osler/store"
)

// Benchmark measures an engine with rows like those of a practice: sealed bodies of 333 bytes, and for each
// resource 6 tokens, 3 or 4 references and a date. server is processor time used outside this process, nil
// for none. Metrics are per resource or request, with 8 callers at once: cpu-us/op counts both processes.
func Benchmark(b *testing.B, s store.Store, server func() time.Duration) {
	w := &load{s: s, ctx: context.Background(), server: server}
	w.fill(b, 40)
	if v, ok := s.(interface{ Analyze(context.Context) error }); ok {
		if err := v.Analyze(w.ctx); err != nil {
			b.Fatal(err)
		}
	}
	b.Run("ingest", w.ingest)
	b.Run("read", w.each(w.read))
	b.Run("create", w.each(w.create))
	b.Run("update", w.each(w.update))
	b.Run("audit", w.each(w.audit))
	for _, q := range Questions {
		b.Run(q.Name, w.each(func(rng *rand.Rand) error {
			_, err := w.s.Search(w.ctx, q.Plan(rng, w.patients.Load()))
			return err
		}))
	}
}

// perPatient is how many resources a patient has.
const perPatient = 300

const callers = 8

type load struct {
	s        store.Store
	ctx      context.Context
	server   func() time.Duration
	patients atomic.Int64
}

// cpu is the processor time used so far, by this process and by the server.
func (w *load) cpu() (own, server time.Duration) {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u) // cannot fail for the process itself
	own = time.Duration(u.Utime.Nano() + u.Stime.Nano())
	if w.server != nil {
		server = w.server()
	}
	return own, server
}

// measure runs f on b.N units with callers at once, and reports metrics per unit.
func (w *load) measure(b *testing.B, units int64, f func(rng *rand.Rand) error) {
	var next atomic.Int64
	var failed atomic.Pointer[error]
	b.ResetTimer()
	own, server := w.cpu()
	start := time.Now()
	var wg sync.WaitGroup
	for g := range callers {
		wg.Go(func() {
			rng := rand.New(rand.NewPCG(uint64(g), uint64(b.N)))
			for next.Add(1) <= int64(b.N) && failed.Load() == nil {
				if err := f(rng); err != nil {
					failed.Store(&err)
				}
			}
		})
	}
	wg.Wait()
	b.StopTimer()
	if err := failed.Load(); err != nil {
		b.Fatal(*err)
	}
	n := float64(int64(b.N) * units)
	b.ReportMetric(n/time.Since(start).Seconds(), "per-s")
	ownEnd, serverEnd := w.cpu()
	b.ReportMetric(float64((ownEnd-own+serverEnd-server).Microseconds())/n, "cpu-us/op")
	if w.server != nil {
		b.ReportMetric(float64((serverEnd-server).Microseconds())/n, "server-us/op")
	}
}

func (w *load) each(f func(rng *rand.Rand) error) func(b *testing.B) {
	return func(b *testing.B) { w.measure(b, 1, f) }
}

func (w *load) fill(tb testing.TB, patients int) {
	for range patients {
		if err := w.bundle(rand.New(rand.NewPCG(1, uint64(w.patients.Load())))); err != nil {
			tb.Fatal(err)
		}
	}
}

func (w *load) ingest(b *testing.B) { w.measure(b, perPatient, w.bundle) }

// body is bytes that nobody can compress, as sealed ones are.
func body(rng *rand.Rand) []byte {
	b := make([]byte, 333)
	for i := range b {
		b[i] = byte(rng.Uint32())
	}
	return b
}

func observationID(p int64, i int) string { return fmt.Sprintf("00000000-0000-0000-%04d-%012d", p, i) }

func (w *load) observation(rng *rand.Rand, p int64, id string) *store.Write {
	x := store.Index{
		Dates: []store.Date{{Atom: 20, Lo: rng.Int64N(1000) * 86_400_000}},
		Refs: []store.Ref{{Atom: 10, Target: hashOf(patient, fmt.Sprint(p))}, {Atom: 11, Target: hashOf(encounter, fmt.Sprint(p, "/", rng.IntN(20)))},
			{Atom: 12, Target: hashOf(practitioner, fmt.Sprint(rng.IntN(50)))}},
		Tokens: []store.Token{{Atom: 1, Code: rng.Int64N(100), System: 1}, {Atom: 2, Code: 1, System: 2}, {Atom: 3, Code: rng.Int64N(4), System: 3},
			{Atom: 4, Code: rng.Int64(), System: 4}, {Atom: 5, Code: rng.Int64N(100), System: 1}, {Atom: 6, Code: rng.Int64N(1000), System: 5}},
	}
	x.Dates[0].Hi = x.Dates[0].Lo + 1000
	if rng.IntN(2) == 0 {
		x.Refs = append(x.Refs, store.Ref{Atom: 13, Target: rng.Int64()})
	}
	v := first(p, observation, id, x)
	v.Row.Body = body(rng)
	return v
}

// bundle writes a new patient's record in one transaction, as a FHIR transaction does: it asks for what
// exists, puts, and audits.
func (w *load) bundle(rng *rand.Rand) error {
	p := w.patients.Add(1)
	return w.s.Update(w.ctx, func(tx store.Tx) error {
		if _, err := tx.Exists(w.ctx, []int64{hashOf(practitioner, "1"), hashOf(practitioner, "2")}); err != nil {
			return err
		}
		head := first(p, patient, fmt.Sprint(p), store.Index{
			Tokens: []store.Token{{Atom: 30, Code: p, System: 30}},
			Texts:  []store.Text{{Atom: 31, Value: fmt.Sprint("family", p%500)}, {Atom: 32, Value: fmt.Sprint("given", p%300)}},
			Dates:  []store.Date{{Atom: 33, Lo: p * 1000, Hi: p*1000 + 1000}},
		})
		head.Row.Body = body(rng)
		if _, err := tx.Put(w.ctx, head); err != nil {
			return err
		}
		for i := range perPatient - 1 {
			v := w.observation(rng, p, observationID(p, i))
			if i%10 == 9 {
				v.Row.Key = store.MakeKey(p, encounter+i%7, 0)
				v.Row.Hash = hashOf(encounter+i%7, v.Row.ID)
			}
			if _, err := tx.Put(w.ctx, v); err != nil {
				return err
			}
		}
		tx.Audit(body(rng))
		return nil
	})
}

func (w *load) somebody(rng *rand.Rand) int64 { return 1 + rng.Int64N(w.patients.Load()) }

func (w *load) some(rng *rand.Rand) int64 {
	i := rng.IntN(perPatient - 1)
	for i%10 == 9 {
		i = rng.IntN(perPatient - 1)
	}
	return hashOf(observation, observationID(w.somebody(rng), i))
}

func (w *load) read(rng *rand.Rand) error {
	_, err := w.s.Read(w.ctx, w.some(rng))
	return err
}

func (w *load) create(rng *rand.Rand) error {
	v := w.observation(rng, w.somebody(rng), fmt.Sprintf("%016x-%016x", rng.Uint64(), rng.Uint64()))
	return w.s.Update(w.ctx, func(tx store.Tx) error {
		if _, err := tx.Exists(w.ctx, []int64{v.Add.Refs[0].Target, v.Add.Refs[1].Target}); err != nil {
			return err
		}
		tx.Audit(v.Row.Body[:100])
		_, err := tx.Put(w.ctx, v)
		return err
	})
}

func (w *load) update(rng *rand.Rand) error {
	hash := w.some(rng)
	for {
		err := w.s.Update(w.ctx, func(tx store.Tx) error {
			row, err := tx.Read(w.ctx, hash)
			if err != nil {
				return err
			}
			u := next(row)
			u.Row.Body = body(rng)
			u.Remove = store.Index{Dates: []store.Date{{Atom: 20, Lo: row.At, Hi: row.At + 1000}}}
			u.Add = store.Index{Dates: []store.Date{{Atom: 20, Lo: u.Row.At, Hi: u.Row.At + 1000}}}
			tx.Audit(u.Row.Body[:100])
			_, err = tx.Put(w.ctx, u)
			return err
		})
		if !errors.Is(err, store.ErrConflict) {
			return err
		}
	}
}

func (w *load) audit(rng *rand.Rand) error { return w.s.Audit(w.ctx, body(rng)[:100]) }

// Fill writes the records of as many patients, as Benchmark does.
func Fill(tb testing.TB, s store.Store, patients int) {
	(&load{s: s, ctx: context.Background()}).fill(tb, patients)
}
