package storetest

import (
	"fmt"
	"slices"
	"testing"

	"github.com/osler-ehr/osler/store"
)

// pages walks a plan by cursor and returns all hits. It fails when a page is too long, or does not end.
func pages(f *fixture, p store.Plan, size int) ([]store.Hit, error) {
	var all []store.Hit
	seen := map[store.Key]bool{}
	p.Limit = size
	for {
		hits, err := f.s.Search(f.ctx, &p)
		if err != nil {
			return nil, err
		}
		if len(hits) > size {
			return nil, fmt.Errorf("a page of %d has %d rows", size, len(hits))
		}
		if len(hits) == 0 {
			return all, nil
		}
		all = append(all, hits...)
		for _, h := range hits {
			if seen[h.Key] {
				return nil, fmt.Errorf("%s is on two pages", h.ID)
			}
			seen[h.Key] = true
		}
		last := hits[len(hits)-1]
		p.After = &store.Cursor{Values: last.Sort, Key: last.Key}
	}
}

func testPaging(t *testing.T, f *fixture) {
	const date, text, amount = 1, 2, 3
	// Forty observations with many ties and many missing values, and ids that tell the values.
	var writes []*store.Write
	for i := range 40 {
		var x store.Index
		if i%3 != 0 {
			x.Dates = append(x.Dates, store.Date{Atom: date, Lo: int64(i % 4), Hi: int64(i%4) + 1})
			if i%5 == 0 { // several values: the least counts upwards, the greatest downwards
				x.Dates = append(x.Dates, store.Date{Atom: date, Lo: int64(i%4) + 2, Hi: int64(i%4) + 9})
			}
		}
		if i%4 != 1 {
			x.Texts = append(x.Texts, store.Text{Atom: text, Value: []string{"", "B", "a", "é", "Z", "\U0001F600", "\uFFFD"}[i%7]})
		}
		if i%2 == 0 {
			x.Amounts = append(x.Amounts, store.Amount{Atom: amount, Value: float64(i%6)/4 - 0.5, Unit: int64(i % 3)})
		}
		w := first(int64(i%3), observation, fmt.Sprint(i), x)
		w.Row.At = int64(100 + i%5)
		writes = append(writes, w)
	}
	f.put(writes...)
	m := newModel()
	for _, w := range writes {
		m.put(f.read(observation, w.Row.ID), w.Add)
	}

	sorts := []store.Sort{
		{Kind: store.Dates, Atoms: []int64{date}}, {Kind: store.Dates, Atoms: []int64{date}, Desc: true},
		{Kind: store.Texts, Atoms: []int64{text}}, {Kind: store.Texts, Atoms: []int64{text}, Desc: true},
		{Kind: store.Amounts, Atoms: []int64{amount}}, {Kind: store.Amounts, Atoms: []int64{amount}, Desc: true},
		{}, {Desc: true},
		{Kind: store.Dates, Atoms: []int64{99}}, // nobody has it
	}
	orders := [][]store.Sort{nil}
	for i, a := range sorts {
		orders = append(orders, []store.Sort{a})
		for j, b := range sorts {
			if i != j {
				orders = append(orders, []store.Sort{a, b})
			}
		}
	}
	orders = append(orders, []store.Sort{sorts[1], sorts[2], sorts[5], sorts[6]})
	for _, order := range orders {
		plan := store.Plan{Type: observation, Sort: order}
		want := m.search(&plan)
		for _, size := range []int{1, 7, 39, 40, 100} {
			got, err := pages(f, plan, size)
			if err != nil {
				t.Fatalf("sorted by %+v in pages of %d: %v", order, size, err)
			}
			if !slices.Equal(places(got), places(want)) {
				t.Errorf("sorted by %+v in pages of %d:\n got %v\nwant %v", order, size, places(got), places(want))
			}
		}
	}

	// Rows that come and go between two pages neither repeat nor hide the others.
	plan := store.Plan{Type: observation, Sort: []store.Sort{sorts[1]}, Limit: 10}
	one, err := f.s.Search(f.ctx, &plan)
	if err != nil {
		t.Fatal(err)
	}
	want := m.search(&store.Plan{Type: observation, Sort: plan.Sort})[10:]
	f.put(first(1, observation, "front", store.Index{Dates: []store.Date{{Atom: date, Lo: 1000, Hi: 1001}}}))
	gone := one[3].Row
	for _, w := range writes {
		if w.Row.ID == gone.ID {
			f.delete(end(gone, w.Add))
		}
	}
	plan.Limit = 0
	plan.After = &store.Cursor{Values: one[9].Sort, Key: one[9].Key}
	rest, err := f.s.Search(f.ctx, &plan)
	if err != nil || !slices.Equal(places(rest), places(want)) {
		t.Errorf("after a change before the cursor: %v, %v\nwant %v", places(rest), err, places(want))
	}
}

// places tells where hits stand: their ids and sort values.
func places(hits []store.Hit) (out []string) {
	for _, h := range hits {
		out = append(out, fmt.Sprintf("%s%+v", h.ID, h.Sort))
	}
	return out
}
