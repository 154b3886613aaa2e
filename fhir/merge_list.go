package fhir

import (
	"cmp"
	"reflect"
	"slices"
)

// list compares the array at n with the slice v. Empty elements of v are left out, unless their places
// count. order tells for each element of the new array where it stood in the old one, -1 if it is new; it
// is nil when the array stays as it is or goes.
func (m *merger) list(n Node, p *plan, v reflect.Value, keepPlaces bool) (c change, order []int) {
	old := reflect.New(p.typ).Elem()
	p.read(&m.in, n, old)
	switch {
	case m.in.err != nil || p.equal(old, v):
		return change{}, nil
	case v.Len() == 0 || keepPlaces && p.empty(v):
		return change{remove: true}, nil
	case absent(n) && p.empty(v):
		return change{}, nil
	case absent(n):
		return change{edits: []Edit{m.replace(n, p, v)}}, nil
	}
	s := newSplice(n)
	from := match(s, p.elem, old, v)
	var out []element
	for j := range v.Len() {
		e := element{from: from[j]}
		switch {
		case e.from >= 0:
			c := m.value(s.items[e.from].node, p.elem, v.Index(j))
			if c.remove && !keepPlaces {
				continue
			}
			if c.remove {
				start, end := s.items[e.from].node.Span()
				c = change{edits: []Edit{{start, end, []byte("null")}}}
			}
			s.items[e.from].change = c
		case !p.elem.empty(v.Index(j)):
			e.text = p.elem.append(nil, v.Index(j))
		case keepPlaces:
			e.text = []byte("null")
		default:
			continue
		}
		out = append(out, e)
		order = append(order, e.from)
	}
	return m.arrange(s, out), order
}

// element is one element of a list as it shall be: the document's element from, edited, or new text.
type element struct {
	from int // -1 for a new one
	text []byte
}

// arrange makes the array hold the elements given. Where they keep their order, the edits stand between
// them; else the array is written anew from their bytes.
func (m *merger) arrange(s *splice, out []element) change {
	if len(out) == 0 {
		return change{remove: true}
	}
	stays := make([]bool, len(s.items))
	last, ordered := -1, true
	for _, e := range out {
		if e.from >= 0 {
			stays[e.from] = true
			ordered = ordered && e.from > last
			last = e.from
		}
	}
	if !ordered {
		start, end := s.node.Span()
		text := []byte{'['}
		for i, e := range out {
			if i > 0 {
				text = append(text, ',')
			}
			if e.from >= 0 {
				text = m.appendEdited(text, s.items[e.from])
			} else {
				text = append(text, e.text...)
			}
		}
		return change{edits: []Edit{{start, end, append(text, ']')}}}
	}
	for i := range s.items {
		s.items[i].change.remove = !stays[i]
	}
	at := 0
	for _, e := range out {
		if e.from >= 0 {
			at = e.from + 1
		} else {
			s.added = append(s.added, addition{at: at, text: e.text})
		}
	}
	return s.change()
}

// appendEdited appends a child with its edits made.
func (m *merger) appendEdited(out []byte, it item) []byte {
	at, end := it.node.Span()
	for _, e := range it.change.edits {
		out = append(out, m.src[at:e.Start]...)
		out = append(out, e.Text...)
		at = e.End
	}
	return append(out, m.src[at:end]...)
}

// match finds for each element of v the element of the document that it stands for; -1 for a new one.
func match(s *splice, p *plan, old, v reflect.Value) []int {
	from := make([]int, v.Len())
	taken := make([]bool, old.Len())
	take := func(j, i int) { from[j], taken[i] = i, true }
	placed := false
	for j := range from {
		from[j] = -1
		if i := s.origin(p, v.Index(j)); i >= 0 && !taken[i] {
			take(j, i)
			placed = true
		}
	}
	if placed {
		return from
	}
	for j := range from { // equal ones: in the same place first, then in order
		if j < len(taken) && p.equal(old.Index(j), v.Index(j)) {
			take(j, j)
		}
	}
	for j := range from {
		for i := 0; i < len(taken) && from[j] < 0; i++ {
			if !taken[i] && p.equal(old.Index(i), v.Index(j)) {
				take(j, i)
			}
		}
	}
	matchSimilar(p, old, v, from, taken)
	if len(from) != len(taken) {
		return from
	}
	for j := range from {
		if from[j] < 0 && !taken[j] && !p.replaces(old.Index(j), v.Index(j)) {
			take(j, j)
		}
	}
	return from
}

// matchSimilar takes the most similar pairs first, and of equally similar ones those in the same place.
func matchSimilar(p *plan, old, v reflect.Value, from []int, taken []bool) {
	const many = 1 << 12 // pairs; beyond, only near places are compared
	near := len(from) + len(taken)
	if len(from)*len(taken) > many {
		near = 8
	}
	type pair struct {
		i, j     int
		likeness float64
	}
	var pairs []pair
	for j := range from {
		if from[j] >= 0 {
			continue
		}
		for i := max(0, j-near); i < min(len(taken), j+near+1); i++ {
			if taken[i] {
				continue
			}
			if l := p.likeness(old.Index(i), v.Index(j)); l > 0 {
				pairs = append(pairs, pair{i, j, l})
			}
		}
	}
	slices.SortStableFunc(pairs, func(a, b pair) int {
		if c := cmp.Compare(b.likeness, a.likeness); c != 0 {
			return c
		}
		return cmp.Compare(distance(a.i, a.j), distance(b.i, b.j))
	})
	for _, q := range pairs {
		if from[q.j] < 0 && !taken[q.i] {
			from[q.j], taken[q.i] = q.i, true
		}
	}
}

func distance(i, j int) int { return max(i-j, j-i) }

// origin is the child that v was read from, if v remembers it.
func (s *splice) origin(p *plan, v reflect.Value) int {
	if p.form == pointerForm {
		if v.IsNil() {
			return -1
		}
		p, v = p.elem, v.Elem()
	}
	if p.origin == nil {
		return -1
	}
	n := v.FieldByIndex(p.origin).Interface().(Node)
	for i, c := range s.items {
		if c.node == n && n.Exists() {
			return i
		}
	}
	return -1
}

// follow moves what accompanies the primitives of a list, in the list called _name, along with them.
func (m *merger) follow(s *splice, p *plan, name string, order []int) {
	at := s.find("_" + name)
	if at < 0 || p.named("_"+name) != nil || s.items[at].node.Kind() != Array {
		return
	}
	companions := newSplice(s.items[at].node)
	said := func(i int) bool {
		return i >= 0 && i < len(companions.items) && companions.items[i].node.Kind() != Null
	}
	var out []element
	any, changed := false, len(order) != len(companions.items)
	for j, i := range order {
		changed = changed || i != j
		e := element{from: i, text: []byte("null")}
		if i >= len(companions.items) {
			e.from = -1
		}
		any = any || said(i)
		out = append(out, e)
	}
	switch {
	case !any:
		s.items[at].change.remove = true
	case changed:
		s.items[at].change = m.arrange(companions, out)
	}
}
