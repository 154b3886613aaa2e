package path

// existenceFunctions ask about a collection as a whole.
var existenceFunctions = map[string]*function{
	"empty": {eval: func(m *machine, _ *call, base int) error { return m.replyBool(base, len(m.stack) == base) }},
	"exists": {max: 1, eval: func(m *machine, c *call, base int) error {
		if len(c.args) == 0 {
			return m.replyBool(base, len(m.stack) > base)
		}
		any := false
		err := m.each(c.args[0], base, func(_ int, holds, known bool) bool {
			any = known && holds
			return !any
		})
		if err != nil {
			return err
		}
		return m.replyBool(base, any)
	}},
	"all": {min: 1, max: 1, eval: func(m *machine, c *call, base int) error {
		all := true
		err := m.each(c.args[0], base, func(_ int, holds, known bool) bool {
			all = known && holds
			return all
		})
		if err != nil {
			return err
		}
		return m.replyBool(base, all)
	}},
	"allTrue":  {eval: allAny(true, true)},
	"anyTrue":  {eval: allAny(false, true)},
	"allFalse": {eval: allAny(true, false)},
	"anyFalse": {eval: allAny(false, false)},
	"subsetOf": {min: 1, max: 1, eval: func(m *machine, c *call, base int) error {
		middle := len(m.stack)
		if err := c.args[0].eval(m); err != nil {
			return err
		}
		holds, err := m.subset(m.stack[base:middle], m.stack[middle:])
		if err != nil {
			return err
		}
		return m.replyBool(base, holds)
	}},
	"supersetOf": {min: 1, max: 1, eval: func(m *machine, c *call, base int) error {
		middle := len(m.stack)
		if err := c.args[0].eval(m); err != nil {
			return err
		}
		holds, err := m.subset(m.stack[middle:], m.stack[base:middle])
		if err != nil {
			return err
		}
		return m.replyBool(base, holds)
	}},
	"count": {eval: func(m *machine, _ *call, base int) error {
		return m.reply(base, IntegerOf(int64(len(m.stack)-base)))
	}},
	"distinct": {eval: func(m *machine, _ *call, base int) error { return m.distinct(base) }},
	"isDistinct": {eval: func(m *machine, _ *call, base int) error {
		n := len(m.stack)
		if err := m.distinct(base); err != nil {
			return err
		}
		return m.replyBool(base, len(m.stack) == n)
	}},
	"not": {eval: func(m *machine, _ *call, base int) error {
		value, known, err := m.truth(base)
		if err != nil || !known {
			m.drop(base)
			return err
		}
		return m.replyBool(base, !value)
	}},
}

// each evaluates the condition for every value since base, as $this, until visit says stop.
func (m *machine) each(condition node, base int, visit func(i int, holds, known bool) (more bool)) error {
	this, has, index := m.this, m.hasThis, m.index
	defer func() { m.this, m.hasThis, m.index = this, has, index }()
	m.hasThis = true
	for i, n := 0, len(m.stack)-base; i < n; i++ {
		m.this, m.index = m.stack[base+i], i
		if err := m.spend(1); err != nil {
			return err
		}
		holds, known, err := m.condition(condition)
		if err != nil {
			return err
		}
		if !visit(i, holds, known) {
			return nil
		}
	}
	return nil
}

// allAny makes allTrue() and its kin; every item must be a Boolean.
func allAny(all, wanted bool) func(*machine, *call, int) error {
	return func(m *machine, _ *call, base int) error {
		result := all
		for _, v := range m.from(base) {
			b, ok := v.Bool()
			if !ok {
				return failf("all items must be Booleans here; one is a %s", describe(v))
			}
			if (b == wanted) != all {
				result = !all
			}
		}
		return m.replyBool(base, result)
	}
}

// subset reports whether every item of a is in b.
func (m *machine) subset(a, b []Value) (bool, error) {
	if len(a)*len(b) < hashFrom*hashFrom {
		for _, v := range a {
			if found, err := m.contains(b, v); !found || err != nil {
				return false, err
			}
		}
		return true, nil
	}
	s := set{}
	for _, v := range b {
		s.add(v)
	}
	for _, v := range a {
		if i, err := s.index(m, v); i < 0 || err != nil {
			return false, err
		}
	}
	return true, nil
}
