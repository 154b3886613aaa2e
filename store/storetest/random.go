package storetest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/osler-ehr/osler/store"
	"pgregory.net/rapid"
)

// testRandom fills stores with random rows through random histories, mirrors every step in a model, and
// then asks both the same random plans. A world's number is its seed; rapid prints a failing plan, made
// as small as it can.
func testRandom(t *testing.T, open func(t *testing.T) store.Store) {
	worlds, rounds := 10, 6
	if testing.Short() {
		worlds, rounds = 3, 2
	}
	for seed := range worlds {
		t.Run(fmt.Sprint("world ", seed), func(t *testing.T) {
			f := &fixture{t: t, ctx: context.Background(), s: open(t)}
			w := &world{fixture: f, rng: rand.New(rand.NewPCG(uint64(seed), 1)), model: newModel()}
			for range 60 {
				w.step()
			}
			w.verify()
			for round := range rounds {
				t.Run(fmt.Sprint("plans ", round), func(t *testing.T) { rapid.Check(t, w.ask) })
			}
			t.Logf("%d plans, of which %d tell rows apart", w.asked, w.telling)
		})
	}
}

// The values that worlds and plans are made of: few, so that they meet.
var (
	someTypes    = []int{patient, observation, encounter, practitioner}
	someOwners   = []int64{1, 2, 3, 4}
	someOrgs     = []int64{1, 2, 3}
	someAtoms    = []int64{1, 2, 3, 4}
	someCodes    = []int64{1, 2, -3, 1 << 40}
	someSystems  = []int64{0, 1, 4_000_000_000}
	someTexts    = []string{"", "a", "ab", "abc", "b", "B", "%", "_a", "é", "ab\U0001F600", "ab\uFFFD", "\\", "'"}
	someNumbers  = []float64{-2, -0.5, 0, 0.1, 1, 1.5, 1e9}
	someUnits    = []int64{0, 1, 3_000_000_000}
	labelChoices = []int64{0, 0, 0, 0b001, 0b010, 0b100, 0b011}
)

// world is a store and its model.
type world struct {
	*fixture
	rng   *rand.Rand
	model *model
	made  int
	// Plans asked, and those that neither all rows answer nor none.
	asked, telling int
}

func pick[T any](r *rand.Rand, from []T) T { return from[r.IntN(len(from))] }

func (w *world) hash(typ int, n int) int64 { return hashOf(typ, fmt.Sprint("r", n)) }

// step runs one transaction of a few random writes.
func (w *world) step() {
	type done struct {
		row   store.Row
		index store.Index
		ended bool
	}
	var planned []*store.Write
	var steps []done
	touched := map[int64]bool{}
	for range 1 + w.rng.IntN(6) {
		write := w.write(touched)
		if write == nil {
			continue
		}
		touched[write.Row.Hash] = true
		planned = append(planned, write)
	}
	fails := w.rng.IntN(8) == 0
	undo := errors.New("undo this")
	err := w.s.Update(w.ctx, func(tx store.Tx) error {
		steps = steps[:0]
		for _, write := range planned {
			if write.Row.Action == store.Deleted {
				if err := tx.Delete(w.ctx, write); err != nil {
					return err
				}
				steps = append(steps, done{row: write.Row, ended: true})
				continue
			}
			key, err := tx.Put(w.ctx, write)
			if err != nil {
				return err
			}
			row := write.Row
			row.Key = key
			steps = append(steps, done{row: row, index: w.after(write)})
		}
		if fails {
			return undo
		}
		return nil
	})
	if fails && errors.Is(err, undo) {
		return
	}
	if err != nil {
		w.t.Fatalf("a random transaction: %v", err)
	}
	for _, s := range steps {
		if s.ended {
			w.model.delete(s.row)
		} else {
			w.model.put(s.row, s.index)
		}
	}
}

// after is the index that a write leaves its resource with.
func (w *world) after(write *store.Write) store.Index {
	var x store.Index
	if old := w.model.rows[write.Row.Hash]; old != nil && write.Expect != 0 {
		x = minus(old.index, write.Remove)
	}
	return sorted(plus(x, write.Add))
}

func plus(a, b store.Index) store.Index {
	return store.Index{
		Tokens:  slices.Concat(a.Tokens, b.Tokens),
		Refs:    slices.Concat(a.Refs, b.Refs),
		Dates:   slices.Concat(a.Dates, b.Dates),
		Texts:   slices.Concat(a.Texts, b.Texts),
		Amounts: slices.Concat(a.Amounts, b.Amounts),
	}
}

func minus(a, b store.Index) store.Index {
	return store.Index{
		Tokens:  drop(a.Tokens, b.Tokens),
		Refs:    drop(a.Refs, b.Refs),
		Dates:   drop(a.Dates, b.Dates),
		Texts:   drop(a.Texts, b.Texts),
		Amounts: drop(a.Amounts, b.Amounts),
	}
}

func drop[T comparable](from, what []T) []T {
	return slices.DeleteFunc(slices.Clone(from), func(x T) bool { return slices.Contains(what, x) })
}

// write makes a random write that fits the model: a create, an update, a move or a deletion.
func (w *world) write(touched map[int64]bool) *store.Write {
	var current []*modelRow
	for _, r := range w.model.rows {
		if !touched[r.Hash] {
			current = append(current, r)
		}
	}
	slices.SortFunc(current, func(a, b *modelRow) int { return cmp.Compare(a.Key, b.Key) })
	kind := w.rng.IntN(10)
	if kind < 6 || len(current) == 0 {
		return w.create(touched)
	}
	old := pick(w.rng, current)
	if kind == 6 && old.Key.Type() != patient {
		return w.stamp(end(old.Row, old.index))
	}
	next := next(old.Row)
	x := w.index()
	next.Add, next.Remove = sorted(minus(x, old.index)), sorted(minus(old.index, x))
	if kind == 7 && old.Key.Type() != patient && old.Key.Patient() != 0 {
		next.Row.Key = store.MakeKey(pick(w.rng, someOwners), old.Key.Type(), 0)
		if next.Row.Key.Patient() != old.Key.Patient() {
			next.Fresh, next.Add, next.Remove = true, sorted(x), old.index
		} else {
			next.Row.Key = old.Key
		}
	}
	return w.stamp(next)
}

func (w *world) create(touched map[int64]bool) *store.Write {
	typ := pick(w.rng, someTypes)
	owner := pick(w.rng, someOwners)
	w.made++
	id := fmt.Sprint("r", w.made)
	switch typ {
	case patient:
		id = fmt.Sprint("r", owner)
	case practitioner:
		owner = 0
	case encounter:
		if w.rng.IntN(8) == 0 {
			owner = 0
		}
	}
	hash := hashOf(typ, id)
	if touched[hash] || w.model.rows[hash] != nil {
		return nil
	}
	write := first(owner, typ, id, w.index())
	write.Row.Version = int64(len(w.model.history[hash]) + 1)
	return w.stamp(write)
}

func (w *world) stamp(write *store.Write) *store.Write {
	write.Row.At = int64(1000 + w.rng.IntN(12))
	write.Row.Org = pick(w.rng, someOrgs)
	write.Row.Labels = pick(w.rng, labelChoices)
	if write.Row.Action != store.Deleted {
		write.Row.Body = fmt.Appendf(nil, "%s %d", write.Row.ID, w.rng.Uint64())
	}
	return write
}

// index draws index rows, sometimes the same twice.
func (w *world) index() (x store.Index) {
	r := w.rng
	for range r.IntN(4) {
		x.Tokens = append(x.Tokens, store.Token{Atom: pick(r, someAtoms), Code: pick(r, someCodes), System: pick(r, someSystems)})
	}
	for range r.IntN(4) {
		x.Refs = append(x.Refs, store.Ref{Atom: pick(r, someAtoms), Target: w.hash(pick(r, someTypes), 1+r.IntN(30))})
	}
	for range r.IntN(3) {
		lo := int64(r.IntN(10))
		x.Dates = append(x.Dates, store.Date{Atom: pick(r, someAtoms), Lo: lo, Hi: lo + 1 + int64(r.IntN(4))})
	}
	for range r.IntN(3) {
		x.Texts = append(x.Texts, store.Text{Atom: pick(r, someAtoms), Value: pick(r, someTexts)})
	}
	for range r.IntN(3) {
		x.Amounts = append(x.Amounts, store.Amount{Atom: pick(r, someAtoms), Value: pick(r, someNumbers), Unit: pick(r, someUnits)})
	}
	return x
}

// verify compares everything that the store holds with the model.
func (w *world) verify() {
	w.t.Helper()
	var want []store.Row
	index := map[store.Key]store.Index{}
	for _, r := range w.model.rows {
		want = append(want, r.Row)
		if !r.index.Empty() {
			index[r.Key] = r.index
		}
	}
	slices.SortFunc(want, func(a, b store.Row) int { return cmp.Compare(a.Key, b.Key) })
	got, err := w.s.Scan(w.ctx, -1, 100_000)
	if err != nil {
		w.t.Fatal(err)
	}
	w.equal("current rows", withoutChange(got...), withoutChange(want...))
	w.indexed("all", store.KeyRange{From: 0, To: store.PatientRange(1 << 30).To}, index)
	for hash, versions := range w.model.history {
		got, err := w.s.History(w.ctx, store.HistoryPlan{Hash: hash})
		if err != nil {
			w.t.Fatal(err)
		}
		slices.Reverse(got)
		w.equal("history", withoutChange(got...), withoutChange(versions...))
	}
	changes := w.changes(0, len(w.model.order))
	for i := range changes {
		changes[i].Seq = 0
	}
	w.equal("changes", changes, w.model.order)
	rows := map[string]int{}
	for _, r := range w.model.rows {
		rows[fmt.Sprint("type ", r.Key.Type())]++
	}
	w.t.Logf("%d rows %v, %d versions", len(w.model.rows), rows, len(w.model.order))
}

// ask draws a plan and compares the store's answers with the model's.
func (w *world) ask(rt *rapid.T) {
	p := w.drawPlan(rt)
	whole := w.model.search(&p)
	w.asked++
	if len(whole) > 0 && len(whole) < len(w.model.rows) {
		w.telling++
	}
	got, err := w.s.Search(w.ctx, &p)
	if err != nil {
		rt.Fatalf("Search: %v\nplan: %+v", err, p)
	}
	if diff := gocmp.Diff(places(whole), places(got)); diff != "" {
		rt.Fatalf("Search (-want +got):\n%s\nplan: %+v", diff, p)
	}
	for i := range got {
		if string(got[i].Body) != string(whole[i].Body) || got[i].Version != whole[i].Version || got[i].Key != whole[i].Key {
			rt.Fatalf("Search: a row is %+v, want %+v", got[i].Row, whole[i].Row)
		}
	}
	n, err := w.s.Count(w.ctx, &p)
	if err != nil || n != int64(len(whole)) {
		rt.Fatalf("Count: %d, %v, want %d\nplan: %+v", n, err, len(whole), p)
	}
	size := rapid.IntRange(1, 12).Draw(rt, "page size")
	paged, err := pages(w.fixture, p, size)
	if err != nil {
		rt.Fatalf("paging: %v\nplan: %+v", err, p)
	}
	if diff := gocmp.Diff(places(whole), places(paged)); diff != "" {
		rt.Fatalf("in pages of %d (-want +got):\n%s\nplan: %+v", size, diff, p)
	}
	// Count ignores limit and cursor.
	if len(whole) > 0 {
		p.Limit = size
		last := whole[rapid.IntRange(0, len(whole)-1).Draw(rt, "cursor")]
		p.After = &store.Cursor{Values: last.Sort, Key: last.Key}
		got, err := w.s.Search(w.ctx, &p)
		if diff := gocmp.Diff(places(w.model.search(&p)), places(got)); diff != "" || err != nil {
			rt.Fatalf("after %+v, %v (-want +got):\n%s\nplan: %+v", p.After, err, diff, p)
		}
		if n, err := w.s.Count(w.ctx, &p); err != nil || n != int64(len(whole)) {
			rt.Fatalf("Count with a cursor: %d, %v, want %d", n, err, len(whole))
		}
	}
}
