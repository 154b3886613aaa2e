package storetest

import (
	"cmp"
	"math"
	"slices"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/osler-ehr/osler/store"
)

// sorted is the index with its rows in a fixed order, each once.
func sorted(x store.Index) store.Index {
	return store.Index{
		Tokens: unique(x.Tokens, func(a, b store.Token) int {
			return cmp.Or(cmp.Compare(a.Atom, b.Atom), cmp.Compare(a.Code, b.Code), cmp.Compare(a.System, b.System))
		}),
		Refs: unique(x.Refs, func(a, b store.Ref) int {
			return cmp.Or(cmp.Compare(a.Atom, b.Atom), cmp.Compare(a.Target, b.Target))
		}),
		Dates: unique(x.Dates, func(a, b store.Date) int {
			return cmp.Or(cmp.Compare(a.Atom, b.Atom), cmp.Compare(a.Lo, b.Lo), cmp.Compare(a.Hi, b.Hi))
		}),
		Texts: unique(x.Texts, func(a, b store.Text) int {
			return cmp.Or(cmp.Compare(a.Atom, b.Atom), cmp.Compare(a.Value, b.Value))
		}),
		Amounts: unique(x.Amounts, func(a, b store.Amount) int {
			return cmp.Or(cmp.Compare(a.Atom, b.Atom), cmp.Compare(a.Value, b.Value), cmp.Compare(a.Unit, b.Unit))
		}),
	}
}

func unique[T comparable](rows []T, order func(a, b T) int) []T {
	rows = slices.Clone(rows)
	slices.SortFunc(rows, order)
	if rows = slices.Compact(rows); len(rows) == 0 {
		return nil
	}
	return rows
}

// indexed checks the index rows of a range of keys.
func (f *fixture) indexed(what string, r store.KeyRange, want map[store.Key]store.Index) {
	f.t.Helper()
	index, err := f.s.ScanIndex(f.ctx, r)
	if err != nil {
		f.t.Fatalf("%s: ScanIndex: %v", what, err)
	}
	got := map[store.Key]store.Index{}
	for key, x := range index {
		got[key] = sorted(*x)
	}
	for key, x := range want {
		want[key] = sorted(x)
	}
	if diff := gocmp.Diff(want, got); diff != "" {
		f.t.Errorf("%s: index rows (-want +got):\n%s", what, diff)
	}
}

func testIndexRows(t *testing.T, f *fixture) {
	x := store.Index{
		Tokens: []store.Token{
			{Atom: 1, Code: math.MaxInt64, System: math.MaxUint32}, {Atom: 1, Code: math.MinInt64, System: 0},
			{Atom: 1, Code: 7, System: 1}, {Atom: 1, Code: 7, System: 2}, {Atom: 2, Code: 7, System: 2},
			{Atom: 1, Code: 7, System: 1}, // twice
		},
		Refs:  []store.Ref{{Atom: 1, Target: -1}, {Atom: 2, Target: -1}, {Atom: 1, Target: 9}, {Atom: 1, Target: -1}},
		Dates: []store.Date{{Atom: 1, Lo: -62135596800000, Hi: 253402300800000}, {Atom: 1, Lo: 5, Hi: 6}, {Atom: 1, Lo: 5, Hi: 6}},
		Texts: []store.Text{{Atom: 1, Value: ""}, {Atom: 1, Value: "o'brien \\ %_ \"quoted\" 山田 🩺"}, {Atom: 2, Value: ""}, {Atom: 1, Value: ""}},
		Amounts: []store.Amount{{Atom: 1, Value: 0.1, Unit: math.MaxUint32}, {Atom: 1, Value: -1e300}, {Atom: 1, Value: 1.0 / 3},
			{Atom: 1, Value: 0.1, Unit: math.MaxUint32}},
	}
	other := store.Index{Tokens: []store.Token{{Atom: 1, Code: 7, System: 1}}}
	keys := f.put(first(1, observation, "a", x), first(1, observation, "b", other), first(2, observation, "c", other))
	f.indexed("created", store.PatientRange(1), map[store.Key]store.Index{keys[0]: x, keys[1]: other})
	f.indexed("one type", store.TypeRange(2, observation), map[store.Key]store.Index{keys[2]: other})
	f.indexed("another type", store.TypeRange(2, encounter), map[store.Key]store.Index{})

	// An update takes some away, and brings some.
	u := next(f.read(observation, "a"))
	u.Remove = store.Index{
		Tokens: []store.Token{{Atom: 1, Code: 7, System: 1}, {Atom: 1, Code: math.MinInt64}}, Refs: []store.Ref{{Atom: 1, Target: 9}},
		Dates: []store.Date{{Atom: 1, Lo: 5, Hi: 6}}, Texts: []store.Text{{Atom: 1, Value: ""}},
		Amounts: []store.Amount{{Atom: 1, Value: 1.0 / 3}},
	}
	u.Add = store.Index{
		Tokens: []store.Token{{Atom: 3, Code: 3}}, Refs: []store.Ref{{Atom: 3, Target: 3}}, Dates: []store.Date{{Atom: 3, Lo: 3, Hi: 4}},
		Texts: []store.Text{{Atom: 3, Value: "3"}}, Amounts: []store.Amount{{Atom: 3, Value: 3}},
	}
	f.put(u)
	now := store.Index{
		Tokens:  []store.Token{{Atom: 1, Code: math.MaxInt64, System: math.MaxUint32}, {Atom: 1, Code: 7, System: 2}, {Atom: 2, Code: 7, System: 2}, {Atom: 3, Code: 3}},
		Refs:    []store.Ref{{Atom: 1, Target: -1}, {Atom: 2, Target: -1}, {Atom: 3, Target: 3}},
		Dates:   []store.Date{{Atom: 1, Lo: -62135596800000, Hi: 253402300800000}, {Atom: 3, Lo: 3, Hi: 4}},
		Texts:   []store.Text{{Atom: 1, Value: "o'brien \\ %_ \"quoted\" 山田 🩺"}, {Atom: 2, Value: ""}, {Atom: 3, Value: "3"}},
		Amounts: []store.Amount{{Atom: 1, Value: 0.1, Unit: math.MaxUint32}, {Atom: 1, Value: -1e300}, {Atom: 3, Value: 3}},
	}
	f.indexed("updated", store.PatientRange(1), map[store.Key]store.Index{keys[0]: now, keys[1]: other})

	// An update within a transaction that already wrote the resource.
	f.update(func(tx store.Tx) error {
		w := first(3, observation, "d", store.Index{Tokens: []store.Token{{Atom: 1, Code: 1}}})
		if _, err := tx.Put(f.ctx, w); err != nil {
			return err
		}
		row, err := tx.Read(f.ctx, w.Row.Hash)
		if err != nil {
			return err
		}
		u := next(row)
		u.Remove = w.Add
		u.Add = store.Index{Tokens: []store.Token{{Atom: 1, Code: 2}}}
		_, err = tx.Put(f.ctx, u)
		return err
	})
	f.indexed("created and updated at once", store.PatientRange(3), map[store.Key]store.Index{
		f.read(observation, "d").Key: {Tokens: []store.Token{{Atom: 1, Code: 2}}}})

	f.delete(end(f.read(observation, "a"), now))
	f.indexed("deleted", store.PatientRange(1), map[store.Key]store.Index{keys[1]: other})
	f.finds("of nothing", &store.Plan{Where: []store.Cond{store.Has{Kind: store.Dates, Atoms: []int64{1, 3}}}})

	// The same index row in many places: removal takes one.
	f.finds("the same token", &store.Plan{
		Where: []store.Cond{store.TokenIs{Atoms: []int64{1}, Values: []store.TokenValue{{Code: 7, HasCode: true}}}}}, "b", "c")

	// Texts may hold a zero byte; questions may hold anything.
	f.put(first(4, observation, "zero", store.Index{Texts: []store.Text{{Atom: 9, Value: "a\x00b"}, {Atom: 9, Value: "a"}}}))
	f.indexed("with a zero byte", store.PatientRange(4), map[store.Key]store.Index{
		f.read(observation, "zero").Key: {Texts: []store.Text{{Atom: 9, Value: "a\x00b"}, {Atom: 9, Value: "a"}}}})
	for value, op := range map[string]store.TextOp{"a\x00b": store.TextEqual, "a\x00": store.TextPrefix, "\x00b": store.TextContains} {
		f.finds("by a zero byte", &store.Plan{Where: []store.Cond{store.TextIs{Atoms: []int64{9}, Op: op, Values: []string{value}}}}, "zero")
	}
	for _, op := range []store.TextOp{store.TextEqual, store.TextPrefix, store.TextContains} {
		f.finds("by what is no text", &store.Plan{Where: []store.Cond{store.TextIs{Atoms: []int64{9}, Op: op, Values: []string{"\xff\xc0"}}}})
	}
	hits, err := f.s.Search(f.ctx, &store.Plan{Where: []store.Cond{store.Has{Kind: store.Texts, Atoms: []int64{9}}},
		Sort: []store.Sort{{Kind: store.Texts, Atoms: []int64{9}, Desc: true}}})
	if err != nil || len(hits) != 1 || hits[0].Sort[0].Text != "a\x00b" {
		t.Errorf("sorted by a text with a zero byte: %+v, %v", hits, err)
	}
}
