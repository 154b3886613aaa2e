package terms

import (
	"cmp"
	"slices"
	"strings"

	"github.com/osler-ehr/osler/terms/ucum"
)

// Content is what a value set holds, as far as it is known here. It never changes.
type Content struct {
	members []*member
	// unknown is true when it may hold codes of any system.
	unknown bool
	// missing tells in words what would have to be here for the content to be whole.
	missing []string
}

// member is the part of a content that is of one code system.
type member struct {
	url, version string
	sys          *System // nil when the system is not here
	in           *Set    // of sys; nil when sys is
	listed       []ID    // those of in that were listed one by one, in that order
	names        map[ID]string
	others       []Coding // codes that sys does not have, or any when it is nil
	byCode       map[string]int
	units        bool // every UCUM unit
	open         bool // it may hold more codes of the system than are here
}

const ucumSystem = "http://unitsofmeasure.org"

func (c *Content) member(url, version string, sys *System) *member {
	for _, m := range c.members {
		if m.url == url && m.version == version && m.sys == sys {
			return m
		}
	}
	m := &member{url: url, version: version, sys: sys}
	if sys != nil {
		m.in = newSet(sys.Len())
	}
	c.members = append(c.members, m)
	return m
}

// list adds a code that is listed one by one.
func (m *member) list(x Coding) {
	if m.sys != nil {
		if id, ok := m.sys.Find(x.Code); ok {
			if m.in.add(id) {
				m.listed = append(m.listed, id)
			}
			if x.Display != "" && x.Display != m.sys.Display(id) {
				if m.names == nil {
					m.names = map[ID]string{}
				}
				m.names[id] = x.Display
			}
			return
		}
	}
	m.other(x)
}

func (m *member) other(x Coding) {
	if _, twice := m.byCode[x.Code]; twice {
		return
	}
	if m.byCode == nil {
		m.byCode = map[string]int{}
	}
	m.byCode[x.Code] = len(m.others)
	m.others = append(m.others, Coding{m.url, m.version, x.Code, x.Display})
}

// display is the name of a concept in this value set.
func (m *member) display(id ID) string {
	if name, ok := m.names[id]; ok {
		return name
	}
	return m.sys.Display(id)
}

// has reports whether a code is in for certain.
func (m *member) has(code string) bool {
	if m.sys != nil {
		if id, ok := m.sys.Find(code); ok {
			return m.in.Has(id)
		}
	}
	if _, ok := m.byCode[code]; ok {
		return true
	}
	return m.units && ucum.Validate(code) == nil
}

// fits reports whether the member is about a system as a caller names it.
func (m *member) fits(system, version string) bool {
	return (system == "" || m.url == system) && (version == "" || m.version == "" || m.version == version)
}

// Contains tells whether a code is in the set. known is false when the answer depends on what is not here; then in is
// false too. An empty system asks for the code in any system, as for elements of type code; an empty version for any.
func (c *Content) Contains(system, version, code string) (in, known bool) {
	open := c.unknown
	for _, m := range c.members {
		if !m.fits(system, version) {
			continue
		}
		if m.has(code) {
			return true, true
		}
		open = open || m.open
	}
	return false, !open
}

// Find is the entry of a code that is in the set, with the name that it has there.
func (c *Content) Find(system, version, code string) (Entry, bool) {
	for _, m := range c.members {
		if !m.fits(system, version) {
			continue
		}
		if m.sys != nil {
			if id, ok := m.sys.Find(code); ok {
				if m.in.Has(id) {
					return m.entry(id), true
				}
				continue
			}
		}
		if i, ok := m.byCode[code]; ok {
			return Entry{Coding: m.others[i]}, true
		}
		if m.units && ucum.Validate(code) == nil {
			return Entry{Coding: Coding{m.url, m.version, code, code}}, true
		}
	}
	return Entry{}, false
}

// Whole is true when every code of the set can be listed.
func (c *Content) Whole() bool {
	return !c.unknown && !slices.ContainsFunc(c.members, func(m *member) bool { return m.open || m.units })
}

// Missing tells in words what would have to be here for the content to be whole.
func (c *Content) Missing() []string { return c.missing }

// Systems are the versions of the code systems that it draws on, as url|version.
func (c *Content) Systems() []string {
	var out []string
	for _, m := range c.members {
		s := m.url
		if m.version != "" {
			s += "|" + m.version
		}
		if !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}

// Len is how many codes are known to be in it.
func (c *Content) Len() int {
	n := 0
	for _, m := range c.members {
		n += len(m.others)
		if m.sys != nil {
			n += m.in.Len()
		}
	}
	return n
}

// Entry is a code of an expansion.
type Entry struct {
	Coding
	Abstract, Inactive bool
	// System and ID give the concept; System is nil for a code of a system that is not here.
	System *System
	ID     ID
}

func (m *member) entry(id ID) Entry {
	return Entry{Coding{m.url, m.version, m.sys.Code(id), m.display(id)}, m.sys.Abstract(id), m.sys.Inactive(id), m.sys, id}
}

// ContentQuery asks for a page of a content.
type ContentQuery struct {
	// Text is words or the beginning of a code, as in [Query]; "" = everything, in the order of the definition.
	Text string
	// ActiveOnly leaves out inactive codes, and Selectable abstract ones as well.
	ActiveOnly, Selectable bool
	Preferred              []string
	Offset, Count          int
}

// Page gives a page, and how many codes there are in all. With a text the best answers come first.
func (c *Content) Page(q ContentQuery) (entries []Entry, total int) {
	if strings.TrimSpace(q.Text) == "" {
		return c.inOrder(q)
	}
	type scored struct {
		Entry
		score int
	}
	var all []scored
	for _, m := range c.members {
		if m.sys != nil {
			a := m.sys.Search(Query{Text: q.Text, Within: m.usable(q), Selectable: q.Selectable, Preferred: q.Preferred, Count: q.Offset + q.Count})
			total += a.Total
			for _, h := range a.Hits {
				all = append(all, scored{m.entry(h.ID), h.Score})
			}
		}
		words := appendWords(nil, q.Text)
		for _, x := range m.others {
			if score, ok := scoreText(words, q.Text, x); ok {
				total++
				all = append(all, scored{Entry{Coding: x}, score})
			}
		}
		if m.units && ucum.Validate(strings.TrimSpace(q.Text)) == nil {
			total++
			unit := strings.TrimSpace(q.Text)
			all = append(all, scored{Entry{Coding: Coding{m.url, m.version, unit, unit}}, scoreExactCode})
		}
	}
	slices.SortStableFunc(all, func(a, b scored) int { return cmp.Compare(b.score, a.score) })
	for i := q.Offset; i < len(all) && i < q.Offset+q.Count; i++ {
		entries = append(entries, all[i].Entry)
	}
	return entries, total
}

// usable is what a query may find of a member.
func (m *member) usable(q ContentQuery) *Set {
	if !q.ActiveOnly {
		return m.in
	}
	active, err := m.sys.Select(Filter{"inactive", "=", "false"})
	if err != nil {
		return m.in
	}
	in := m.in.clone()
	in.and(active)
	return in
}

// scoreText matches a code whose system is not here. Each word must begin a word of the display.
func scoreText(words []string, text string, x Coding) (score int, ok bool) {
	if key := foldCode(nil, strings.TrimSpace(text)); len(key) > 0 && strings.HasPrefix(string(foldCode(nil, x.Code)), string(key)) {
		return scoreCode, true
	}
	names := appendWords(nil, x.Display)
	for _, w := range words {
		best := 0
		for i, n := range names {
			if !strings.HasPrefix(n, w) {
				continue
			}
			s := scoreDisplay
			if n == w {
				s += scoreWhole
			}
			if i == 0 {
				s += scoreFirst
			}
			best = max(best, s)
		}
		if best == 0 {
			return 0, false
		}
		score += best
	}
	return score - min(len(x.Display), maxLength), len(words) > 0
}

// inOrder gives a page in the order of the definition: what is listed one by one as it is listed, then the rest as the
// code systems have it.
func (c *Content) inOrder(q ContentQuery) (entries []Entry, total int) {
	put := func(e func() Entry) {
		if total >= q.Offset && len(entries) < q.Count {
			entries = append(entries, e())
		}
		total++
	}
	for _, m := range c.members {
		if m.sys != nil {
			leave := byte(0)
			if q.ActiveOnly || q.Selectable {
				leave = flagInactive
			}
			if q.Selectable {
				leave |= flagAbstract
			}
			each := func(id ID) {
				if m.sys.flags[id]&leave == 0 {
					put(func() Entry { return m.entry(id) })
				}
			}
			rest := m.in
			if len(m.listed) > 0 {
				rest = m.in.clone()
				listed := newSet(m.sys.Len())
				for _, id := range m.listed {
					if m.in.Has(id) && listed.add(id) {
						each(id)
					}
				}
				rest.without(listed)
			}
			for id := range rest.All() {
				each(id)
			}
		}
		for _, x := range m.others {
			put(func() Entry { return Entry{Coding: x} })
		}
	}
	return entries, total
}

// Trees are the codes as the hierarchies of their systems have them: a code stands below its nearest ancestors that are
// in the set. f is called for each code with its depth, parents before children; a code with two parents in the set
// comes twice.
func (c *Content) Trees(f func(e Entry, depth int) bool) {
	for _, m := range c.members {
		if m.sys != nil {
			under := map[ID][]ID{}
			var tops []ID
			for id := range m.in.All() {
				above := m.nearest(id)
				if len(above) == 0 {
					tops = append(tops, id)
				}
				for _, a := range above {
					under[a] = append(under[a], id)
				}
			}
			var walk func(list []ID, depth int) bool
			walk = func(list []ID, depth int) bool {
				for _, id := range list {
					if !f(m.entry(id), depth) || depth < maxDepth && !walk(under[id], depth+1) {
						return false
					}
				}
				return true
			}
			if !walk(tops, 0) {
				return
			}
		}
		for _, x := range m.others {
			if !f(Entry{Coding: x}, 0) {
				return
			}
		}
	}
}

// maxDepth bounds a tree, should a hierarchy ever hold a circle.
const maxDepth = 40

// nearest are the ancestors of a concept that are in the set, and have no other such between.
func (m *member) nearest(id ID) (out []ID) {
	seen := map[ID]bool{id: true}
	for way := m.sys.Parents(id); len(way) > 0; {
		p := way[0]
		way = way[1:]
		if seen[p] {
			continue
		}
		seen[p] = true
		if m.in.Has(p) {
			out = append(out, p)
		} else {
			way = append(way, m.sys.Parents(p)...)
		}
	}
	return out
}
