package search

import (
	"encoding/binary"
	"math/bits"
	"strings"
)

// Hasher hides values in the index behind keyed hashes: SipHash-2-4 (Aumasson and Bernstein, 2012) with a
// key from the keyring. Who holds the database alone cannot tell which identifier or code a row is about,
// though equal values have equal hashes.
type Hasher struct{ k0, k1 uint64 }

// NewHasher takes a key of at least 16 bytes.
func NewHasher(key []byte) *Hasher {
	return &Hasher{binary.LittleEndian.Uint64(key), binary.LittleEndian.Uint64(key[8:])}
}

// Domains keep equal texts of different meaning apart.
const (
	domainResource    = 'R'
	domainCode        = 'C'
	domainSystem      = 'S'
	domainUnit        = 'U'
	domainUCUM        = 'Q'
	domainForeignUnit = 'F'
)

// Resource is the hash of "Type/id" or of an absolute address.
func (h *Hasher) Resource(reference string) int64 {
	return int64(h.sum(domainResource, reference))
}

// ResourceOf is the hash of a resource's name.
func (h *Hasher) ResourceOf(typ, id string) int64 {
	var buf [96]byte
	b := append(append(append(buf[:0], typ...), '/'), id...)
	return int64(h.sumBytes(domainResource, b))
}

// Code is the hash of a text that must match exactly, such as an address.
func (h *Hasher) Code(code string) int64 { return int64(h.sum(domainCode, code)) }

// Token is the hash of a code, identifier or contact as searches find it: matches of tokens are "literal, but
// not case sensitive" (R4 search, 3.1.1.4.10).
func (h *Hasher) Token(code string) int64 { return h.Code(strings.ToLower(code)) }

// System is the 32-bit hash of a code system's address; 0 for none.
func (h *Hasher) System(system string) int64 {
	if system == "" {
		return 0
	}
	return int64(uint32(h.sum(domainSystem, system)) | 1)
}

// Unit is the hash of a unit's text, or of a code whatever its system; 0 for none.
func (h *Hasher) Unit(unit string) int64 {
	if unit == "" {
		return 0
	}
	return int64(h.sum(domainUnit, unit)>>16) | 1
}

const ucum = "http://unitsofmeasure.org"

// UnitOf is the hash of a unit's code in its system.
func (h *Hasher) UnitOf(system, code string) int64 {
	if system == ucum {
		return int64(h.sum(domainUCUM, code)>>16) | 1
	}
	return int64(h.sum(domainForeignUnit, system+"|"+code)>>16) | 1
}

func (h *Hasher) sum(domain byte, s string) uint64 {
	var buf [256]byte
	return h.sumBytes(domain, append(buf[:0], s...))
}

func (h *Hasher) sumBytes(domain byte, b []byte) uint64 {
	v0, v1 := h.k0^0x736f6d6570736575, h.k1^0x646f72616e646f6d
	v2, v3 := h.k0^0x6c7967656e657261, h.k1^0x7465646279746573^uint64(domain)
	round := func() {
		v0 += v1
		v1 = bits.RotateLeft64(v1, 13) ^ v0
		v0 = bits.RotateLeft64(v0, 32)
		v2 += v3
		v3 = bits.RotateLeft64(v3, 16) ^ v2
		v0 += v3
		v3 = bits.RotateLeft64(v3, 21) ^ v0
		v2 += v1
		v1 = bits.RotateLeft64(v1, 17) ^ v2
		v2 = bits.RotateLeft64(v2, 32)
	}
	length := uint64(len(b))
	for len(b) >= 8 {
		m := binary.LittleEndian.Uint64(b)
		v3 ^= m
		round()
		round()
		v0 ^= m
		b = b[8:]
	}
	m := length << 56
	for i, c := range b {
		m |= uint64(c) << (8 * i)
	}
	v3 ^= m
	round()
	round()
	v0 ^= m
	v2 ^= 0xff
	for range 4 {
		round()
	}
	return v0 ^ v1 ^ v2 ^ v3
}
