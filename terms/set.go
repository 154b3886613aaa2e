package terms

import (
	"iter"
	"math/bits"
)

// Set is a set of concepts of one system, by their numbers. Sets that are read by several goroutines must not change.
type Set struct{ words []uint64 }

// newSet has room for n concepts.
func newSet(n int) *Set { return &Set{make([]uint64, (n+63)/64)} }

// Has reports whether a concept is in the set.
func (s *Set) Has(id ID) bool {
	w := int(id >> 6)
	return w < len(s.words) && s.words[w]&(1<<(id&63)) != 0
}

// Len counts the concepts.
func (s *Set) Len() int {
	n := 0
	for _, w := range s.words {
		n += bits.OnesCount64(w)
	}
	return n
}

// All yields the concepts in the order of their numbers.
func (s *Set) All() iter.Seq[ID] {
	return func(yield func(ID) bool) {
		for i, w := range s.words {
			for w != 0 {
				if !yield(ID(i<<6 + bits.TrailingZeros64(w))) {
					return
				}
				w &= w - 1
			}
		}
	}
}

// add puts a concept in and reports whether it is new.
func (s *Set) add(id ID) bool {
	bit := uint64(1) << (id & 63)
	w := &s.words[id>>6]
	if *w&bit != 0 {
		return false
	}
	*w |= bit
	return true
}

func (s *Set) clone() *Set { return &Set{append([]uint64(nil), s.words...)} }

func (s *Set) or(t *Set) {
	for i := range s.words {
		s.words[i] |= t.words[i]
	}
}

func (s *Set) and(t *Set) {
	for i := range s.words {
		s.words[i] &= t.words[i]
	}
}

func (s *Set) without(t *Set) {
	for i := range s.words {
		s.words[i] &^= t.words[i]
	}
}

// full is the set of the first n concepts.
func full(n int) *Set {
	s := newSet(n)
	for i := range s.words {
		s.words[i] = ^uint64(0)
	}
	if n%64 != 0 {
		s.words[len(s.words)-1] = 1<<(n%64) - 1
	}
	return s
}

// complement is what is not in the set, of a system of n concepts.
func (s *Set) complement(n int) *Set {
	t := full(n)
	t.without(s)
	return t
}
