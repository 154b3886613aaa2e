package storetest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/osler-ehr/osler/store"
)

// testFrequent asks for one patient's record by date under conditions that much, some and little of it meets: engines may go about
// these in different ways, and each must give the model's answer.
func testFrequent(t *testing.T, f *fixture) {
	const begin, instant, category, status, label = 20, 21, 3, 4, 0b100
	rng := rand.New(rand.NewPCG(8, 8))
	var writes []*store.Write
	for i := range 2000 {
		x := store.Index{Tokens: []store.Token{{Atom: status, Code: int64(i % 2)}}}
		if i%3 > 0 {
			x.Tokens = append(x.Tokens, store.Token{Atom: category, Code: 1, System: 1})
		}
		if i%5 == 0 { // in two systems
			x.Tokens = append(x.Tokens, store.Token{Atom: category, Code: 1, System: 2})
		}
		if i%100 < 2 {
			x.Tokens = append(x.Tokens, store.Token{Atom: category, Code: 2, System: 1})
		}
		for _, atom := range []int64{begin, instant} {
			if lo := rng.Int64N(60); rng.IntN(3) > 0 {
				x.Dates = append(x.Dates, store.Date{Atom: atom, Lo: lo, Hi: lo + 1})
			}
		}
		w := first(int64(1+i%8/7), observation, fmt.Sprint("frequent", i), x)
		w.Row.Org, w.Row.Labels = 1+rng.Int64N(2), rng.Int64N(2)*label
		writes = append(writes, w)
	}
	f.put(writes...)
	m := newModel()
	for _, w := range writes {
		m.put(f.read(observation, w.Row.ID), w.Add)
	}
	rank := 2
	is := func(atom int64, codes ...int64) store.Cond {
		c := store.TokenIs{Rank: rank, Atoms: []int64{atom}}
		for _, code := range codes {
			c.Values = append(c.Values, store.TokenValue{Code: code, HasCode: true})
		}
		return c
	}
	conditions := func() map[string][]store.Cond {
		return map[string][]store.Cond{
			"much":            {is(category, 1)},
			"little":          {is(category, 2)},
			"nothing":         {is(category, 3)},
			"much or little":  {is(category, 1, 2)},
			"much of some":    {is(category, 1), is(status, 0)},
			"little of some":  {is(status, 0), is(category, 2)},
			"little of much":  {is(category, 2), is(category, 1)},
			"in either index": {store.TokenIs{Rank: rank, Atoms: []int64{category, status}, Values: []store.TokenValue{{Code: 2, HasCode: true}}}},
		}
	}
	for _, rank = range []int{1, 2} { // a clinical code's, a status's
		for name, where := range conditions() {
			for allowed, filter := range map[string]store.Filter{"everything": {}, "no label": {DenyLabels: label}} {
				for _, atoms := range [][]int64{{begin}, {instant, begin}} {
					for _, desc := range []bool{true, false} {
						plan := store.Plan{Type: observation, Filter: filter, Where: append([]store.Cond{store.OwnedBy{Patients: []int64{1}}}, where...), Sort: []store.Sort{{Kind: store.Dates, Atoms: atoms, Desc: desc}}}
						want := m.search(&plan)
						for _, size := range []int{250, 1000} {
							got, err := pages(f, plan, size)
							if err != nil {
								t.Fatalf("rank %d, %s, %s, by %v: %v", rank, name, allowed, plan.Sort, err)
							}
							if !slices.Equal(places(got), places(want)) {
								t.Errorf("rank %d, %s, %s, by %+v in pages of %d:\n got %v\nwant %v", rank, name, allowed, plan.Sort, size, places(got), places(want))
							}
						}
					}
				}
			}
		}
	}
}
