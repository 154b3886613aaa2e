package storetest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/osler-ehr/osler/store"
)

// testDated pages through one patient's record by date, newest and oldest first, over rows of which many share a date, some have several
// dates or the same twice, some are dated by another atom and some not at all. Whatever way an engine takes, the model's answer is right.
func testDated(t *testing.T, f *fixture) {
	const begin, instant, category, label = 20, 21, 3, 0b100
	rng := rand.New(rand.NewPCG(7, 7))
	var writes []*store.Write
	for i := range 150 {
		var x store.Index
		at := func(atom int64) {
			lo := rng.Int64N(12)
			d := store.Date{Atom: atom, Lo: lo, Hi: lo + 1 + rng.Int64N(3)}
			if !slices.Contains(x.Dates, d) {
				x.Dates = append(x.Dates, d)
			}
		}
		for range rng.IntN(3) {
			at(begin)
		}
		if rng.IntN(3) == 0 {
			at(instant)
		}
		for system := range rng.Int64N(3) { // the same code in two systems is one match
			x.Tokens = append(x.Tokens, store.Token{Atom: category, Code: rng.Int64N(3), System: system})
		}
		w := first(int64(1+i%2), observation, fmt.Sprint("dated", i), x)
		w.Row.Org, w.Row.Labels = 1+rng.Int64N(2), rng.Int64N(2)*label
		writes = append(writes, w)
	}
	f.put(writes...)
	m := newModel()
	for _, w := range writes {
		m.put(f.read(observation, w.Row.ID), w.Add)
	}
	token := func(values ...store.TokenValue) store.Cond {
		return store.TokenIs{Rank: 2, Atoms: []int64{category}, Values: values}
	}
	conds := map[string][]store.Cond{
		"all":         nil,
		"a code":      {token(store.TokenValue{Code: 1, HasCode: true})},
		"of a system": {token(store.TokenValue{Code: 1, HasCode: true, System: 1, HasSystem: true})},
		"two codes":   {token(store.TokenValue{Code: 0, HasCode: true}, store.TokenValue{Code: 2, HasCode: true, System: 0, HasSystem: true})},
		"a system":    {token(store.TokenValue{System: 1, HasSystem: true})},
		"no code":     {token()},
		"not a code":  {store.Not{Cond: token(store.TokenValue{Code: 1, HasCode: true})}},
		"since":       {store.DateIs{Atoms: []int64{begin, instant}, Op: store.DateGe, Lo: 6, Hi: 7}},
		"within": {
			token(store.TokenValue{Code: 1, HasCode: true}),
			store.DateIs{Atoms: []int64{instant, begin}, Op: store.DateGe, Lo: 3, Hi: 4}, store.DateIs{Atoms: []int64{begin, instant}, Op: store.DateLt, Lo: 8, Hi: 9},
		},
		"another's":          {store.OwnedBy{Patients: []int64{2}}, token(store.TokenValue{Code: 1, HasCode: true})},
		"another's since":    {store.DateIs{Atoms: []int64{begin, instant}, Op: store.DateGe, Lo: 6, Hi: 7}, store.OwnedBy{Patients: []int64{2}}},
		"nobody's since":     {store.OwnedBy{}, store.DateIs{Atoms: []int64{begin, instant}, Op: store.DateGe, Lo: 6, Hi: 7}},
		"others' since":      {store.OwnedBy{Patients: []int64{2, 3}}, store.DateIs{Atoms: []int64{begin, instant}, Op: store.DateGe, Lo: 6, Hi: 7}},
		"of one of us since": {store.OwnedBy{Patients: []int64{2, 1}}, store.DateIs{Atoms: []int64{begin, instant}, Op: store.DateGe, Lo: 6, Hi: 7}},
		"said twice since":   {store.OwnedBy{Patients: []int64{1}}, store.DateIs{Atoms: []int64{begin, instant}, Op: store.DateGe, Lo: 6, Hi: 7}},
		"before":             {token(store.TokenValue{Code: 1, HasCode: true}), store.DateIs{Atoms: []int64{begin}, Op: store.DateLt, Lo: 6, Hi: 7}},
	}
	filters := map[string]store.Filter{
		"everything": {}, "one organisation": {Orgs: []int64{2}}, "no label": {DenyLabels: label}, "a label": {NeedTypes: []int{observation}, NeedLabels: label}, "nothing": {Nothing: true},
		"own": {Patients: []int64{1}}, "of others": {Patients: []int64{2}}, "no observations": {DenyTypes: []int{observation}},
	}
	for name, where := range conds {
		for allowed, filter := range filters {
			for _, atoms := range [][]int64{{begin}, {instant}, {begin, instant}, {instant, 99, begin}} {
				for _, desc := range []bool{true, false} {
					plan := store.Plan{Type: observation, Filter: filter, Where: append([]store.Cond{store.OwnedBy{Patients: []int64{1}}}, where...), Sort: []store.Sort{{Kind: store.Dates, Atoms: atoms, Desc: desc}}}
					want := m.search(&plan)
					for _, size := range []int{1, 7, 75, 200} {
						got, err := pages(f, plan, size)
						if err != nil {
							t.Fatalf("%s, %s, by %v: %v", name, allowed, plan.Sort, err)
						}
						if !slices.Equal(places(got), places(want)) {
							t.Errorf("%s, %s, by %+v in pages of %d:\n got %v\nwant %v", name, allowed, plan.Sort, size, places(got), places(want))
						}
					}
				}
			}
		}
	}
}
