package fhir

import (
	"bytes"
	"iter"
	"strconv"
	"unicode/utf8"
	"unsafe"
)

// Kind is the JSON kind of a node.
type Kind uint8

const (
	Missing Kind = iota // there is no such node
	Null
	Bool
	Number
	String
	Object
	Array
)

func (k Kind) String() string {
	return [...]string{"missing", "null", "boolean", "number", "string", "object", "array"}[k]
}

// node is one value of the document. Nodes stand in document order; the children of a node follow it,
// and next is the first node behind its subtree.
type node struct {
	keyStart, start, end, next uint32
	keyLen                     uint16
	kind                       Kind
	escaped                    bool // a string that holds backslashes
}

func (n *node) key(src []byte) []byte { return src[n.keyStart : n.keyStart+uint32(n.keyLen)] }

// tree is a parsed document.
type tree struct {
	src   []byte
	nodes []node
}

// Node is a position in a document: cheap to copy, read-only, valid as long as the document is held.
// The zero Node is Missing, and every method may be called on it.
type Node struct {
	t *tree
	i uint32
}

// Kind tells what stands here.
func (n Node) Kind() Kind {
	if n.t == nil {
		return Missing
	}
	return n.t.nodes[n.i].kind
}

// Exists is true unless nothing stands here.
func (n Node) Exists() bool { return n.t != nil }

// Raw is the exact JSON text of the value. The caller must not change it.
func (n Node) Raw() []byte {
	if n.t == nil {
		return nil
	}
	d := &n.t.nodes[n.i]
	return n.t.src[d.start:d.end:d.end]
}

// Span is where the value stands in the document: bytes start to end.
func (n Node) Span() (start, end int) {
	if n.t == nil {
		return 0, 0
	}
	d := &n.t.nodes[n.i]
	return int(d.start), int(d.end)
}

// Key is the property name under which the value stands in its object; "" in an array or at the root.
func (n Node) Key() string {
	if n.t == nil {
		return ""
	}
	return view(n.t.nodes[n.i].key(n.t.src))
}

// Text is a string's value without escapes, or the literal text of a number or boolean.
// It is "" for every other kind. The text shares the document's memory where it can.
func (n Node) Text() string {
	if n.t == nil {
		return ""
	}
	d := &n.t.nodes[n.i]
	switch d.kind {
	case String:
		s := n.t.src[d.start+1 : d.end-1]
		if !d.escaped {
			return view(s)
		}
		return unescape(s)
	case Number, Bool:
		return view(n.t.src[d.start:d.end])
	}
	return ""
}

// Bool is the value of a JSON boolean; false for everything else.
func (n Node) Bool() bool {
	return n.Kind() == Bool && n.t.src[n.t.nodes[n.i].start] == 't'
}

// Get returns the property called name of an object, Missing if there is none.
func (n Node) Get(name string) Node {
	if n.t == nil {
		return Node{}
	}
	d := &n.t.nodes[n.i]
	if d.kind != Object {
		return Node{}
	}
	for c := n.i + 1; c < d.next; c = n.t.nodes[c].next {
		k := &n.t.nodes[c]
		if int(k.keyLen) == len(name) && view(k.key(n.t.src)) == name {
			return Node{n.t, c}
		}
	}
	return Node{}
}

// Path follows property names downward; an array on the way is entered at its first element.
func (n Node) Path(names ...string) Node {
	for _, name := range names {
		if n.Kind() == Array {
			n = n.First()
		}
		n = n.Get(name)
	}
	return n
}

// First is the first child of an object or array.
func (n Node) First() Node {
	if n.t == nil || n.i+1 >= n.t.nodes[n.i].next {
		return Node{}
	}
	return Node{n.t, n.i + 1}
}

// Sibling is the value that follows in the same object or array, given their parent.
func (n Node) Sibling(parent Node) Node {
	next := n.t.nodes[n.i].next
	if next >= n.t.nodes[parent.i].next {
		return Node{}
	}
	return Node{n.t, next}
}

// Len counts the children of an object or array.
func (n Node) Len() int {
	count := 0
	for range n.Children() {
		count++
	}
	return count
}

// Index returns element i of an array.
func (n Node) Index(i int) Node {
	for c := range n.Children() {
		if i == 0 {
			return c
		}
		i--
	}
	return Node{}
}

// Children yields the values of an object (each with its Key) or array in document order.
func (n Node) Children() iter.Seq[Node] {
	return func(yield func(Node) bool) {
		if n.t == nil {
			return
		}
		end := n.t.nodes[n.i].next
		for c := n.i + 1; c < end; c = n.t.nodes[c].next {
			if !yield(Node{n.t, c}) {
				return
			}
		}
	}
}

// Values yields the elements of an array, or the node itself when it is a single value:
// FHIRPath's reading of "the values here".
func (n Node) Values() iter.Seq[Node] {
	return func(yield func(Node) bool) {
		switch n.Kind() {
		case Missing, Null:
		case Array:
			for c := range n.Children() {
				if c.Kind() != Null && !yield(c) {
					return
				}
			}
		default:
			yield(n)
		}
	}
}

// Int is the value of a whole JSON number.
func (n Node) Int() (int64, bool) {
	if n.Kind() != Number {
		return 0, false
	}
	v, err := strconv.ParseInt(n.Text(), 10, 64)
	return v, err == nil
}

// Equal reports whether two values are the same: strings by their characters, numbers by their exact
// text, objects with the same properties in the same order.
func (n Node) Equal(m Node) bool {
	if n.Kind() != m.Kind() {
		return false
	}
	switch n.Kind() {
	case Object, Array:
		a, b := n.First(), m.First()
		for a.Exists() && b.Exists() {
			if a.Key() != b.Key() || !a.Equal(b) {
				return false
			}
			a, b = a.Sibling(n), b.Sibling(m)
		}
		return a.Exists() == b.Exists()
	case String:
		return n.Text() == m.Text()
	}
	return bytes.Equal(n.Raw(), m.Raw())
}

// view reads bytes that never change as a string without copying.
func view(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// unescape resolves the escapes of a string that the parser has accepted.
func unescape(s []byte) string {
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); {
		if s[i] != '\\' {
			out = append(out, s[i])
			i++
			continue
		}
		switch c := s[i+1]; c {
		case 'u':
			r, _ := hex4(s, i+2)
			i += 6
			if r >= 0xD800 && r <= 0xDBFF {
				low, _ := hex4(s, i+2)
				r = (r-0xD800)<<10 + (low - 0xDC00) + 0x10000
				i += 6
			}
			out = utf8.AppendRune(out, rune(r))
			continue
		case 'b':
			out = append(out, '\b')
		case 'f':
			out = append(out, '\f')
		case 'n':
			out = append(out, '\n')
		case 'r':
			out = append(out, '\r')
		case 't':
			out = append(out, '\t')
		default:
			out = append(out, c)
		}
		i += 2
	}
	return string(out)
}
