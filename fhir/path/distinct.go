package path

import (
	"hash/maphash"

	"github.com/osler-ehr/osler/fhir"
)

// hashFrom is the collection size from which duplicates are found by hash instead of by comparing all.
const hashFrom = 24

var hashSeed = maphash.MakeSeed()

// hash is alike for values that are equal; values that may be equal in many spellings share one hash.
func (v Value) hash() uint64 {
	var h maphash.Hash
	h.SetSeed(hashSeed)
	switch {
	case v.kind == String && v.HasValue():
		s, _ := v.Str()
		h.WriteString(s)
	case v.kind == Boolean:
		b, _ := v.Bool()
		if b {
			return 2
		}
		return 3
	case v.kind == Integer || v.kind == Decimal:
		if d, ok := v.Decimal(); ok {
			h.WriteString(reduced(d).Text('f'))
		}
	case isTemporal(v), isQuantity(v):
		return 4
	case v.kind == Complex:
		hashNode(&h, v.node)
	}
	return h.Sum64()
}

// hashNode mixes in names and strings; properties may stand in any order, so their hashes are added up.
func hashNode(h *maphash.Hash, n fhir.Node) {
	switch n.Kind() {
	case fhir.Object:
		var total uint64
		for c := range n.Children() {
			var own maphash.Hash
			own.SetSeed(hashSeed)
			own.WriteString(c.Key())
			hashNode(&own, c)
			total += own.Sum64()
		}
		maphash.WriteComparable(h, total)
	case fhir.Array:
		for c := range n.Children() {
			hashNode(h, c)
		}
	case fhir.Number: // 1.0 and 1.00 are equal
	default:
		h.WriteString(n.Text())
	}
}

// set finds equal values among those it was given.
type set struct {
	values  []Value
	buckets map[uint64][]int // from hashFrom values on
}

// index finds a value equal to v; -1 if there is none.
func (s *set) index(m *machine, v Value) (int, error) {
	if s.buckets != nil {
		for _, i := range s.buckets[v.hash()] {
			if err := m.spend(1); err != nil {
				return -1, err
			}
			if equal, known := m.equal(s.values[i], v); equal && known {
				return i, nil
			}
		}
		return -1, nil
	}
	for i := range s.values {
		if err := m.spend(1); err != nil {
			return -1, err
		}
		if equal, known := m.equal(s.values[i], v); equal && known {
			return i, nil
		}
	}
	return -1, nil
}

func (s *set) add(v Value) {
	s.values = append(s.values, v)
	switch {
	case s.buckets != nil:
		h := v.hash()
		s.buckets[h] = append(s.buckets[h], len(s.values)-1)
	case len(s.values) == hashFrom:
		s.buckets = make(map[uint64][]int, 4*hashFrom)
		for i, w := range s.values {
			h := w.hash()
			s.buckets[h] = append(s.buckets[h], i)
		}
	}
}

// distinct drops every value since base that equals an earlier one.
func (m *machine) distinct(base int) error {
	if len(m.stack)-base < 2 {
		return nil
	}
	// The kept values stand at the front of the same memory, so a small collection costs nothing.
	seen := set{values: m.stack[base:base:len(m.stack)]}
	for i := base; i < len(m.stack); i++ {
		v := m.stack[i]
		at, err := seen.index(m, v)
		if err != nil {
			return err
		}
		if at < 0 {
			seen.add(v)
		}
	}
	m.stack = m.stack[:base+len(seen.values)]
	return nil
}
