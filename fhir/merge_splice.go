package fhir

// splice edits one object or array: each child stays, changes or goes, and new ones come between them.
type splice struct {
	node  Node
	items []item
	added []addition
}

// item is one child of the object or array.
type item struct {
	node   Node
	change change
}

// addition is a new child that stands before items[at], or at the end.
type addition struct {
	at   int
	name string // of a property
	text []byte // with the name, if it is a property
}

func newSplice(n Node) *splice {
	s := &splice{node: n, items: make([]item, 0, n.Len())}
	for c := range n.Children() {
		s.items = append(s.items, item{node: c})
	}
	return s
}

// find is the index of the property called name; -1 if there is none.
func (s *splice) find(name string) int {
	for i, c := range s.items {
		if c.node.Key() == name {
			return i
		}
	}
	return -1
}

// insertAt adds a property before items[at], behind others added there.
func (s *splice) insertAt(at int, name string, value []byte) {
	text := append(append(append(make([]byte, 0, len(name)+len(value)+3), '"'), name...), '"', ':')
	s.added = append(s.added, addition{at, name, append(text, value...)})
}

// firstProperties stand before all others in a resource or element, in this order.
var firstProperties = [...]string{
	"resourceType", "id", "_id", "meta", "implicitRules", "_implicitRules", "language", "_language", "text", "contained", "extension", "modifierExtension",
}

func firstRank(name string) int {
	for i, f := range firstProperties {
		if f == name {
			return i
		}
	}
	return -1
}

// place is where property i of the plan belongs in the object: by the first properties' own order, else
// behind the nearest field of the plan that is there before it, else before the nearest after it, else last.
func (s *splice) place(p *plan, i int) int {
	name := p.fields[i].name
	if len(name) > 1 && name[0] == '_' {
		if at := s.find(name[1:]); at >= 0 {
			return at + 1
		}
	}
	if rank := firstRank(name); rank >= 0 {
		at := 0
		for k, c := range s.items {
			if r := firstRank(c.node.Key()); r >= 0 && r < rank {
				at = k + 1
			}
		}
		return at
	}
	for k := i - 1; k >= 0; k-- {
		if firstRank(p.fields[k].name) < 0 {
			if at, ok := s.standsAt(&p.fields[k]); ok {
				return s.behindCompanion(at)
			}
		}
	}
	for k := i + 1; k < len(p.fields); k++ {
		if firstRank(p.fields[k].name) < 0 {
			if at, ok := s.standsAt(&p.fields[k]); ok {
				return at - 1
			}
		}
	}
	return len(s.items)
}

// standsAt is the index behind the property that f reads, there or just added.
func (s *splice) standsAt(f *field) (int, bool) {
	matches := func(key string) bool {
		if f.plan.form == choiceForm {
			_, ok := choiceSuffix(key, f.name)
			return ok
		}
		return key == f.name
	}
	for i, c := range s.items {
		if matches(c.node.Key()) {
			return i + 1, true
		}
	}
	for _, a := range s.added {
		if matches(a.name) {
			return a.at, true
		}
	}
	return 0, false
}

// behindCompanion moves on past _name when name stands before at.
func (s *splice) behindCompanion(at int) int {
	if at > 0 && at < len(s.items) && s.items[at].node.Key() == "_"+s.items[at-1].node.Key() {
		return at + 1
	}
	return at
}

// change turns all that was decided into edits in order. A container that loses its last child goes itself.
func (s *splice) change() change {
	kept, touched := 0, len(s.added) > 0
	for i := range s.items {
		c := &s.items[i].change
		if c.remove {
			touched = true
		} else {
			kept++
			touched = touched || len(c.edits) > 0
		}
	}
	if !touched {
		return change{}
	}
	if kept == 0 && len(s.added) == 0 {
		return change{remove: true}
	}
	var edits []Edit
	for at := 0; at <= len(s.items); {
		// A gap: what is removed and added between two children that stay, or an end.
		next := at
		for next < len(s.items) && s.items[next].change.remove {
			next++
		}
		edits = s.gap(edits, at, next)
		if next < len(s.items) {
			edits = append(edits, s.items[next].change.edits...)
		}
		at = next + 1
	}
	return change{edits: edits}
}

// gap edits what lies between the kept children at-1 and next, where at to next-1 are removed.
func (s *splice) gap(edits []Edit, at, next int) []Edit {
	var text []byte
	for k := at; k <= next; k++ {
		for _, a := range s.added {
			if a.at == k {
				if len(text) > 0 {
					text = append(text, ',')
				}
				text = append(text, a.text...)
			}
		}
	}
	if len(text) == 0 && at == next {
		return edits
	}
	open, _ := s.node.Span()
	var start, end int
	switch {
	case at > 0: // a child stays before: the commas stand before what follows it
		start = s.end(at - 1)
		end = start
		if next > at {
			end = s.end(next - 1)
		}
		if len(text) > 0 {
			text = append([]byte{','}, text...)
		}
	case next < len(s.items): // nothing stays before, but behind: the commas stand behind
		start, end = s.start(0), s.start(next)
		if len(text) > 0 {
			text = append(text, ',')
		}
	case len(s.items) > 0: // nothing stays
		start, end = s.start(0), s.end(len(s.items)-1)
	default: // nothing was there
		start, end = open+1, open+1
	}
	return append(edits, Edit{start, end, text})
}

// start is where child i begins, with its name.
func (s *splice) start(i int) int {
	d := &s.node.t.nodes[s.items[i].node.i]
	if s.node.Kind() == Object {
		return int(d.keyStart) - 1
	}
	return int(d.start)
}

func (s *splice) end(i int) int {
	_, end := s.items[i].node.Span()
	return end
}
