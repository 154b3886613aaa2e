package terms

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"iter"
	"slices"
	"strings"
	"sync"
)

// System is one version of one code system. It never changes and may be used by any number of goroutines.
type System struct {
	info                     Info
	codes, displays          texts
	designations, properties texts
	values, uses             texts
	parents, children        texts
	words, postings          texts
	flags, ranks             []byte
	byCode                   numbers
	cache                    setCache
	scratch                  sync.Pool // *tally
}

// openSystem reads a file. Every byte of it is checked, so that nothing read later can be out of bounds.
func openSystem(file []byte) (*System, error) {
	h, s, err := readFile(file)
	if err != nil {
		return nil, err
	}
	if h.Kind != "codesystem" {
		return nil, fmt.Errorf("the file holds a %s, not a code system", h.Kind)
	}
	x := &System{
		info: h.Info, flags: s["flags"], ranks: s["ranks"], byCode: s["bycode"],
		codes: textsOf(s, "codes"), displays: textsOf(s, "displays"), designations: textsOf(s, "designations"), properties: textsOf(s, "properties"),
		values: textsOf(s, "values"), uses: textsOf(s, "uses"), parents: textsOf(s, "parents"), children: textsOf(s, "children"),
		words: textsOf(s, "words"), postings: textsOf(s, "postings"),
	}
	if err := x.check(); err != nil {
		return nil, err
	}
	x.scratch.New = func() any { return newTally(x.info.Concepts) }
	return x, nil
}

// check makes sure that every offset and number leads somewhere.
func (s *System) check() error {
	n := s.info.Concepts
	if n <= 0 || n > maxConcepts || len(s.flags) != n || len(s.ranks) != n || s.byCode.len() != n {
		return errDamaged
	}
	linked := 0
	if s.info.Hierarchy {
		linked = n
	}
	for _, t := range []struct {
		texts
		n int
	}{
		{s.codes, n}, {s.displays, n}, {s.designations, n}, {s.properties, n}, {s.parents, linked}, {s.children, linked},
		{s.words, s.info.Words}, {s.postings, s.info.Words}, {s.values, s.values.len()}, {s.uses, s.uses.len()},
	} {
		if err := t.check(t.n); err != nil {
			return err
		}
	}
	for _, list := range []numbers{s.byCode, s.parents.bytes, s.children.bytes} {
		for i := range list.len() {
			if int(list.at(i)) >= n {
				return errDamaged
			}
		}
	}
	return nil
}

// Info is what the system says of itself. The caller must not change its lists.
func (s *System) Info() Info { return s.info }

// Len is how many concepts there are; their numbers are below it.
func (s *System) Len() int { return s.info.Concepts }

// Complete is true when a code that is not here does not exist.
func (s *System) Complete() bool { return s.info.Content == "complete" }

// Find is the concept with a code. In a system whose codes are not case-sensitive, case does not count.
func (s *System) Find(code string) (ID, bool) {
	var b [32]byte
	key := foldCode(b[:0], code)
	for i := s.lowerBound(key); i < s.byCode.len(); i++ {
		id := ID(s.byCode.at(i))
		own := s.codes.at(int(id))
		if string(own) == code || !s.info.CaseSensitive && len(own) == len(code) && strings.EqualFold(string(own), code) {
			return id, true
		}
		var c [32]byte
		if !bytes.Equal(foldCode(c[:0], own), key) {
			break
		}
	}
	return 0, false
}

// lowerBound is the first place of byCode whose folded code is not before key.
func (s *System) lowerBound(key []byte) int {
	lo, hi := 0, s.byCode.len()
	var b [32]byte
	for lo < hi {
		mid := int(uint(lo+hi) >> 1)
		if bytes.Compare(foldCode(b[:0], s.codes.at(int(s.byCode.at(mid)))), key) < 0 {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo
}

// Code is the code of a concept.
func (s *System) Code(id ID) string { return s.codes.text(int(id)) }

// Display is the preferred name of a concept.
func (s *System) Display(id ID) string { return s.displays.text(int(id)) }

// Abstract is true of concepts that group others and are not to be used themselves.
func (s *System) Abstract(id ID) bool { return s.flags[id]&flagAbstract != 0 }

// Inactive is true of concepts that are no longer to be used.
func (s *System) Inactive(id ID) bool { return s.flags[id]&flagInactive != 0 }

// Parents are the concepts directly above.
func (s *System) Parents(id ID) []ID { return s.links(s.parents, id) }

// Children are the concepts directly below, in the order of the definition.
func (s *System) Children(id ID) []ID { return s.links(s.children, id) }

func (s *System) links(t texts, id ID) []ID {
	if !s.info.Hierarchy {
		return nil
	}
	list := numbers(t.at(int(id)))
	out := make([]ID, list.len())
	for i := range out {
		out[i] = ID(list.at(i))
	}
	return out
}

// Roots are the concepts that stand below none.
func (s *System) Roots() iter.Seq[ID] {
	return func(yield func(ID) bool) {
		for id := range ID(s.Len()) {
			if (!s.info.Hierarchy || s.parents.size(int(id)) == 0) && !yield(id) {
				return
			}
		}
	}
}

// Concept is everything known of a concept.
func (s *System) Concept(id ID) Concept {
	c := Concept{Code: s.Code(id), Display: s.Display(id), Abstract: s.Abstract(id), Inactive: s.Inactive(id), Rank: s.ranks[id]}
	for _, p := range s.Parents(id) {
		c.Parents = append(c.Parents, s.Code(p))
	}
	for b := s.designations.at(int(id)); len(b) > 0; {
		use, n := binary.Uvarint(b)
		size, m := binary.Uvarint(b[max(n, 0):])
		if n <= 0 || m <= 0 || use >= uint64(s.uses.len()) || size > uint64(len(b)-n-m) {
			break
		}
		language, kind, _ := strings.Cut(s.uses.text(int(use)), "\t")
		c.Designations = append(c.Designations, Designation{Language: language, Use: kind, Value: string(b[n+m : n+m+int(size)])})
		b = b[n+m+int(size):]
	}
	s.eachProperty(id, func(p, v int) {
		c.Properties = append(c.Properties, Value{s.info.Properties[p].Code, s.values.text(v)})
	})
	return c
}

// eachProperty gives the properties of a concept to f: which of Info.Properties, and which of the values.
func (s *System) eachProperty(id ID, f func(property, value int)) {
	for b := s.properties.at(int(id)); len(b) > 0; {
		p, n := binary.Uvarint(b)
		v, m := binary.Uvarint(b[max(n, 0):])
		if n <= 0 || m <= 0 || p >= uint64(len(s.info.Properties)) || v >= uint64(s.values.len()) {
			return
		}
		f(int(p), int(v))
		b = b[n+m:]
	}
}

// IsA is true when a concept is the ancestor or stands below it.
func (s *System) IsA(id, ancestor ID) bool {
	if id == ancestor {
		return true
	}
	if !s.info.Hierarchy {
		return false
	}
	seen := map[ID]bool{id: true}
	for way := []ID{id}; len(way) > 0; {
		at := numbers(s.parents.at(int(way[len(way)-1])))
		way = way[:len(way)-1]
		for i := range at.len() {
			p := ID(at.at(i))
			if p == ancestor {
				return true
			}
			if !seen[p] {
				seen[p] = true
				way = append(way, p)
			}
		}
	}
	return false
}

// Below is the concept with everything below it.
func (s *System) Below(id ID) *Set { return s.closure(s.children, id) }

// Above is the concept with everything above it.
func (s *System) Above(id ID) *Set { return s.closure(s.parents, id) }

func (s *System) closure(t texts, id ID) *Set {
	out := newSet(s.Len())
	out.add(id)
	if !s.info.Hierarchy {
		return out
	}
	for way := []ID{id}; len(way) > 0; {
		at := numbers(t.at(int(way[len(way)-1])))
		way = way[:len(way)-1]
		for i := range at.len() {
			if next := ID(at.at(i)); out.add(next) {
				way = append(way, next)
			}
		}
	}
	return out
}

// property is the place of a property in Info.Properties.
func (s *System) property(code string) (int, bool) {
	i := slices.IndexFunc(s.info.Properties, func(p Property) bool { return p.Code == code })
	return i, i >= 0
}

// Meant is the concept that was perhaps meant by a code that does not exist: the first whose code differs in case and
// punctuation alone, such as E11.9 for E119.
func (s *System) Meant(code string) (ID, bool) {
	key := foldCode(nil, code)
	if i := s.lowerBound(key); len(key) > 0 && i < s.byCode.len() {
		id := ID(s.byCode.at(i))
		return id, bytes.Equal(foldCode(nil, s.codes.at(int(id))), key)
	}
	return 0, false
}
