package path

// subsetFunctions take items by their place.
var subsetFunctions = map[string]*function{
	"single": {eval: func(m *machine, _ *call, base int) error {
		if n := len(m.stack) - base; n > 1 {
			return failf("single() demands at most one item, but there are %d", n)
		}
		return nil
	}},
	"first": {eval: func(m *machine, _ *call, base int) error {
		m.drop(min(base+1, len(m.stack)))
		return nil
	}},
	"last": {eval: func(m *machine, _ *call, base int) error {
		if n := len(m.stack) - base; n > 1 {
			m.keep(base, n-1)
		}
		return nil
	}},
	"tail": {eval: func(m *machine, _ *call, base int) error {
		m.keep(base, min(1, len(m.stack)-base))
		return nil
	}},
	"skip": {min: 1, max: 1, eval: func(m *machine, c *call, base int) error {
		n, ok, err := m.count(c.args[0], base)
		if err == nil && ok {
			m.keep(base, n)
		}
		return err
	}},
	"take": {min: 1, max: 1, eval: func(m *machine, c *call, base int) error {
		n, ok, err := m.count(c.args[0], base)
		if err == nil && ok {
			m.drop(base + n)
		}
		return err
	}},
	"intersect": {min: 1, max: 1, eval: func(m *machine, c *call, base int) error {
		return m.sift(c.args[0], base, true)
	}},
	"exclude": {min: 1, max: 1, eval: func(m *machine, c *call, base int) error {
		return m.sift(c.args[0], base, false)
	}},
}

// count evaluates a number of items, between none and all. Without a number the result is nothing.
func (m *machine) count(n node, base int) (int, bool, error) {
	v, ok, err := m.single(n)
	if err != nil {
		return 0, false, err
	}
	i, isInt := v.Int()
	if ok && !isInt {
		return 0, false, failf("a number of items is an Integer, not a %s", describe(v))
	}
	if !ok {
		m.drop(base)
		return 0, false, nil
	}
	return int(max(0, min(i, int64(len(m.stack)-base)))), true, nil
}

// sift keeps the values since base that are (or are not) among those of the other collection; intersect()
// drops duplicates too.
func (m *machine) sift(other node, base int, wanted bool) error {
	middle := len(m.stack)
	if err := other.eval(m); err != nil {
		return err
	}
	s := set{}
	for _, v := range m.from(middle) {
		s.add(v)
	}
	kept := base
	for i := base; i < middle; i++ {
		at, err := s.index(m, m.stack[i])
		if err != nil {
			return err
		}
		if (at >= 0) == wanted {
			m.stack[kept] = m.stack[i]
			kept++
		}
	}
	m.drop(kept)
	if wanted {
		return m.distinct(base)
	}
	return nil
}
