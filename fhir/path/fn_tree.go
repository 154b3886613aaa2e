package path

// treeFunctions walk the document.
var treeFunctions = map[string]*function{
	"children": {eval: func(m *machine, _ *call, base int) error { return m.children(base) }},
	"descendants": {eval: func(m *machine, _ *call, base int) error {
		if err := m.children(base); err != nil {
			return err
		}
		// What is pushed is walked in turn, so the stack itself is the queue.
		for i := base; i < len(m.stack); i++ {
			if err := m.pushChildren(m.stack[i]); err != nil {
				return err
			}
		}
		return nil
	}},
}

// children replaces the values since base by their children.
func (m *machine) children(base int) error {
	n := len(m.stack) - base
	for i := range n {
		if err := m.pushChildren(m.stack[base+i]); err != nil {
			return err
		}
	}
	m.keep(base, n)
	return nil
}
