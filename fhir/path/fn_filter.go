package path

import (
	"slices"
)

// filterFunctions choose from a collection or make another of it, item by item.
var filterFunctions = map[string]*function{
	"where": {min: 1, max: 1, eval: func(m *machine, c *call, base int) error {
		kept := 0
		err := m.each(c.args[0], base, func(i int, holds, known bool) bool {
			if known && holds {
				m.stack[base+kept] = m.stack[base+i]
				kept++
			}
			return true
		})
		m.drop(base + kept)
		return err
	}},
	"select": {min: 1, max: 1, eval: func(m *machine, c *call, base int) error {
		n := len(m.stack) - base
		if err := m.project(c.args[0], base, n); err != nil {
			return err
		}
		m.keep(base, n)
		return nil
	}},
	"repeat":    {min: 1, max: 1, eval: repeat},
	"aggregate": {min: 1, max: 2, eval: aggregate},
	"sort":      {max: unlimited, eval: sortItems},
}

// project pushes the projection of each of the n values from base.
func (m *machine) project(projection node, base, n int) error {
	this, has, index := m.this, m.hasThis, m.index
	defer func() { m.this, m.hasThis, m.index = this, has, index }()
	m.hasThis = true
	for i := range n {
		m.this, m.index = m.stack[base+i], i
		if err := projection.eval(m); err != nil {
			return err
		}
	}
	return nil
}

// repeat projects again and again what is new, until nothing is.
func repeat(m *machine, c *call, base int) error {
	found := set{}
	for len(m.stack) > base {
		n := len(m.stack) - base
		if err := m.project(c.args[0], base, n); err != nil {
			return err
		}
		m.keep(base, n)
		fresh := m.stack[:base]
		for _, v := range m.from(base) {
			at, err := found.index(m, v)
			if err != nil {
				return err
			}
			if at < 0 {
				found.add(v)
				fresh = append(fresh, v)
			}
		}
		m.stack = fresh
		if err := m.spend(n); err != nil {
			return err
		}
	}
	return m.pushAll(found.values)
}

// aggregate folds the collection: $total is what the last step gave.
func aggregate(m *machine, c *call, base int) error {
	total := m.total
	defer func() { m.total = total }()
	n := len(m.stack) - base
	var result []Value
	if len(c.args) > 1 {
		if err := c.args[1].eval(m); err != nil {
			return err
		}
		result = slices.Clone(m.from(base + n))
		m.drop(base + n)
	}
	for i := range n {
		m.total = result
		if err := m.withThis(m.stack[base+i], i, func() error { return c.args[0].eval(m) }); err != nil {
			return err
		}
		result = slices.Clone(m.from(base + n))
		m.drop(base + n)
	}
	m.drop(base)
	return m.pushAll(result)
}

// sortItems orders by the keys given, or by the items themselves. A minus before a key means descending,
// for strings too; items without the key come first either way.
func sortItems(m *machine, c *call, base int) error {
	n := len(m.stack) - base
	keys := c.args
	if len(keys) == 0 {
		keys = []node{thisNode{}}
	}
	type row struct {
		item Value
		keys []Value
	}
	rows := make([]row, n)
	descending := make([]bool, len(keys))
	for k := range keys {
		if s, ok := keys[k].(*sign); ok && s.negative {
			descending[k] = true
		}
	}
	for i := range n {
		rows[i] = row{m.stack[base+i], make([]Value, len(keys))}
		for k, key := range keys {
			if s, ok := key.(*sign); ok && s.negative {
				key = s.x
			}
			err := m.withThis(rows[i].item, i, func() error {
				v, ok, err := m.single(key)
				if ok {
					rows[i].keys[k] = v
				}
				return err
			})
			if err != nil {
				return err
			}
		}
	}
	if err := m.spend(8 * n); err != nil {
		return err
	}
	var failure error
	slices.SortStableFunc(rows, func(a, b row) int {
		for k := range keys {
			x, y := a.keys[k], b.keys[k]
			missing := Value{}
			switch {
			case x == missing && y == missing:
				continue
			case x == missing:
				return -1
			case y == missing:
				return 1
			}
			order, _, comparable := m.order(x, y)
			if !comparable {
				failure = failf("%s and %s cannot be sorted together", describe(x), describe(y))
			}
			if descending[k] {
				order = -order
			}
			if order != 0 {
				return order
			}
		}
		return 0
	})
	for i := range rows {
		m.stack[base+i] = rows[i].item
	}
	return failure
}
