package searchtest

import (
	"cmp"
	"math/big"
	"slices"
	"strings"
	"time"
)

// Sort orders resources by a parameter, descending if it begins with "-". Those without a value come last.
// Of several values the first in the order counts. Ranks have equal numbers where the order is free.
func (w *World) Sort(found []*Resource, by string) (ranks map[string]int) {
	name, desc := strings.CutPrefix(by, "-")
	keys := map[string]any{}
	for _, r := range found {
		keys[r.Name()] = w.sortKey(r, name, desc)
	}
	compare := func(a, b *Resource) int {
		x, y := keys[a.Name()], keys[b.Name()]
		switch {
		case x == nil && y == nil:
			return 0
		case x == nil:
			return 1
		case y == nil:
			return -1
		}
		if desc {
			x, y = y, x
		}
		return compareKeys(x, y)
	}
	slices.SortStableFunc(found, compare)
	ranks = map[string]int{}
	for i, r := range found {
		ranks[r.Name()] = i
		if i > 0 && compare(found[i-1], r) == 0 {
			ranks[r.Name()] = ranks[found[i-1].Name()]
		}
	}
	return ranks
}

func compareKeys(x, y any) int {
	switch x := x.(type) {
	case time.Time:
		return x.Compare(y.(time.Time))
	case string:
		return strings.Compare(x, y.(string))
	case *big.Rat:
		return x.Cmp(y.(*big.Rat))
	}
	panic("no order")
}

func (w *World) sortKey(r *Resource, name string, desc bool) (best any) {
	if name == "_lastUpdated" {
		return r.Updated
	}
	sp, _ := param(r.Type, name)
	for _, v := range w.values(r, sp) {
		var keys []any
		switch sp.Type {
		case "date":
			if s, ok := dateSpan(v); ok {
				keys = append(keys, s.from)
			}
		case "string":
			for _, t := range texts(v) {
				if f := fold(t); f != "" {
					keys = append(keys, f)
				}
			}
		default:
			if a, ok := amountOf(v); ok {
				if a.low == nil {
					a.low = big.NewRat(-1e18, 1)
				}
				if a.high == nil {
					a.high = big.NewRat(1e18, 1)
				}
				keys = append(keys, a.low, a.high)
			}
		}
		for _, k := range keys {
			if c := 0; best != nil {
				c = compareKeys(k, best)
				if cmp.Compare(c, 0) == 0 || (c < 0) == desc {
					continue
				}
			}
			best = k
		}
	}
	return best
}
