package fhir

import (
	"encoding/binary"
	"fmt"
	"math/bits"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Limits of one document. They bound memory and time for any input.
const (
	MaxDepth = 64       // nesting of objects and arrays
	MaxSize  = 16 << 20 // bytes of one document
	MaxFile  = 1 << 30  // bytes of one file read whole
)

// SyntaxError tells why bytes are not an acceptable FHIR JSON document, and where.
type SyntaxError struct {
	Path   string // FHIRPath-like place, such as Patient.name[0].family; empty when not inside the document yet
	Offset int    // byte offset from the start of the document
	Reason string // what is wrong and what to do, in words
}

func (e *SyntaxError) Error() string {
	if e.Path == "" {
		return fmt.Sprintf("at byte %d: %s", e.Offset, e.Reason)
	}
	return fmt.Sprintf("%s (byte %d): %s", e.Path, e.Offset, e.Reason)
}

// parser turns bytes into a flat tree: nodes in document order, each knowing where its subtree ends.
type parser struct {
	src   []byte
	nodes []node
	stack []frame // the way from the root to here, for error paths and depth
}

type frame struct {
	node  uint32
	items int // elements seen, in an array
}

// parseTree reads exactly one JSON value that fills src but for white space.
func parseTree(src []byte, nodes []node, limit int) ([]node, error) {
	if len(src) > limit {
		return nil, &SyntaxError{Offset: limit, Reason: fmt.Sprintf("the document has %d bytes, more than the limit of %d; send it in parts", len(src), limit)}
	}
	var frames [16]frame
	p := parser{src: src, nodes: nodes, stack: frames[:0]}
	i, err := p.value(p.space(0), 0, 0)
	if err != nil {
		return nil, err
	}
	if i = p.space(i); i != len(src) {
		return nil, &SyntaxError{Offset: i, Reason: "there is more after the end of the document; send one document only"}
	}
	return p.nodes, nil
}

func (p *parser) space(i int) int {
	for i < len(p.src) {
		switch p.src[i] {
		case ' ', '\t', '\n', '\r':
			i++
		default:
			return i
		}
	}
	return i
}

func (p *parser) value(i int, keyStart uint32, keyLen uint16) (int, error) {
	if i >= len(p.src) {
		return i, p.fail(i, "the document ends in the middle; send it whole")
	}
	at := len(p.nodes)
	p.nodes = append(p.nodes, node{keyStart: keyStart, keyLen: keyLen, start: uint32(i)})
	var err error
	var end int
	var kind Kind
	switch c := p.src[i]; {
	case c == '"':
		var escaped bool
		end, escaped, err = p.str(i)
		kind = String
		p.nodes[at].escaped = escaped
	case c == '{':
		kind = Object
		end, err = p.object(i, uint32(at))
	case c == '[':
		kind = Array
		end, err = p.array(i, uint32(at))
	case c == '-' || c >= '0' && c <= '9':
		kind = Number
		end, err = p.number(i)
	case c == 't':
		kind = Bool
		end, err = p.word(i, "true")
	case c == 'f':
		kind = Bool
		end, err = p.word(i, "false")
	case c == 'n':
		kind = Null
		end, err = p.word(i, "null")
	default:
		err = p.fail(i, "here a JSON value must begin: an object, an array, a string, a number, true, false or null")
	}
	if err != nil {
		return i, err
	}
	n := &p.nodes[at]
	n.kind, n.end, n.next = kind, uint32(end), uint32(len(p.nodes))
	return end, nil
}

func (p *parser) object(i int, at uint32) (int, error) {
	if len(p.stack) >= MaxDepth {
		return i, p.fail(i, "nested deeper than "+strconv.Itoa(MaxDepth)+" levels")
	}
	p.stack = append(p.stack, frame{node: at})
	i = p.space(i + 1)
	if i < len(p.src) && p.src[i] == '}' {
		p.stack = p.stack[:len(p.stack)-1]
		return i + 1, nil
	}
	var seen map[string]struct{} // only for objects with many properties
	count := 0
	for {
		if i >= len(p.src) || p.src[i] != '"' {
			return i, p.fail(i, "here a property name in double quotes must stand")
		}
		end, escaped, err := p.str(i)
		if err != nil {
			return i, err
		}
		if escaped {
			return i, p.fail(i, "property names must be written plainly, without escapes")
		}
		key := p.src[i+1 : end-1]
		if len(key) > 1<<15 {
			return i, p.fail(i, "the property name is too long")
		}
		if seen == nil && count >= 24 {
			seen = map[string]struct{}{}
			for c := at + 1; c < uint32(len(p.nodes)); c = p.nodes[c].next {
				seen[strings.ToLower(string(p.nodes[c].key(p.src)))] = struct{}{}
			}
		}
		if other := p.duplicate(at, key, seen); other != nil {
			if string(other) == string(key) {
				return i, p.fail(i, fmt.Sprintf("property %q stands twice in this object; keep one", key))
			}
			return i, p.fail(i, fmt.Sprintf("properties %q and %q differ only in upper and lower case; FHIR names are exact", other, key))
		}
		keyStart := uint32(i + 1)
		if i = p.space(end); i >= len(p.src) || p.src[i] != ':' {
			return i, p.fail(i, fmt.Sprintf("a colon must follow the property name %q", key))
		}
		if i, err = p.value(p.space(i+1), keyStart, uint16(len(key))); err != nil {
			return i, err
		}
		count++
		if i = p.space(i); i >= len(p.src) {
			return i, p.fail(i, "the document ends inside an object; send it whole")
		}
		switch p.src[i] {
		case ',':
			i = p.space(i + 1)
		case '}':
			p.stack = p.stack[:len(p.stack)-1]
			return i + 1, nil
		default:
			return i, p.fail(i, "a comma or a closing brace must stand here")
		}
	}
}

// duplicate returns the name of an earlier property of object at that equals key but for case.
func (p *parser) duplicate(at uint32, key []byte, seen map[string]struct{}) []byte {
	if seen != nil {
		low := strings.ToLower(string(key))
		if _, dup := seen[low]; !dup {
			seen[low] = struct{}{}
			return nil
		}
	}
	for c := at + 1; c < uint32(len(p.nodes)); c = p.nodes[c].next {
		n := &p.nodes[c]
		if int(n.keyLen) == len(key) && equalFold(n.key(p.src), key) {
			return n.key(p.src)
		}
	}
	return nil
}

// equalFold compares names of equal length, ignoring ASCII case.
func equalFold(a, b []byte) bool {
	for i := range a {
		x, y := a[i], b[i]
		if x == y {
			continue
		}
		if x|0x20 != y|0x20 || x|0x20 < 'a' || x|0x20 > 'z' {
			return false
		}
	}
	return true
}

func (p *parser) array(i int, at uint32) (int, error) {
	if len(p.stack) >= MaxDepth {
		return i, p.fail(i, "nested deeper than "+strconv.Itoa(MaxDepth)+" levels")
	}
	p.stack = append(p.stack, frame{node: at})
	i = p.space(i + 1)
	if i < len(p.src) && p.src[i] == ']' {
		p.stack = p.stack[:len(p.stack)-1]
		return i + 1, nil
	}
	for {
		var err error
		if i, err = p.value(i, 0, 0); err != nil {
			return i, err
		}
		p.stack[len(p.stack)-1].items++
		if i = p.space(i); i >= len(p.src) {
			return i, p.fail(i, "the document ends inside an array; send it whole")
		}
		switch p.src[i] {
		case ',':
			i = p.space(i + 1)
		case ']':
			p.stack = p.stack[:len(p.stack)-1]
			return i + 1, nil
		default:
			return i, p.fail(i, "a comma or a closing bracket must stand here")
		}
	}
}

// str checks the string that begins with the quote at i and returns the offset behind its closing quote.
func (p *parser) str(i int) (end int, escaped bool, err error) {
	src := p.src
	for j := i + 1; j < len(src); {
		if j+8 <= len(src) {
			special := specialBytes(binary.LittleEndian.Uint64(src[j:]))
			if special == 0 {
				j += 8
				continue
			}
			j += bits.TrailingZeros64(special) / 8
		}
		c := src[j]
		switch {
		case c == '"':
			return j + 1, escaped, nil
		case c == '\\':
			escaped = true
			if j+1 >= len(src) {
				return j, false, p.fail(j, "the document ends inside a string; send it whole")
			}
			switch src[j+1] {
			case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
				j += 2
			case 'u':
				u, ok := hex4(src, j+2)
				if !ok {
					return j, false, p.fail(j, `after \u four hexadecimal digits must stand`)
				}
				j += 6
				switch {
				case u >= 0xDC00 && u <= 0xDFFF:
					return j, false, p.fail(j-6, "a low surrogate stands alone; send the character itself in UTF-8")
				case u >= 0xD800 && u <= 0xDBFF:
					low, ok := uint32(0), false
					if j+1 < len(src) && src[j] == '\\' && src[j+1] == 'u' {
						low, ok = hex4(src, j+2)
					}
					if !ok || low < 0xDC00 || low > 0xDFFF {
						return j, false, p.fail(j-6, "a high surrogate stands alone; send the character itself in UTF-8")
					}
					j += 6
				}
			default:
				return j, false, p.fail(j, `an unknown escape; only \" \\ \/ \b \f \n \r \t and \u are allowed`)
			}
		case c < 0x20:
			return j, false, p.fail(j, "a control character stands bare in a string; escape it")
		case c < utf8.RuneSelf:
			j++
		default:
			r, size := utf8.DecodeRune(src[j:])
			if r == utf8.RuneError && size <= 1 {
				return j, false, p.fail(j, "these bytes are not UTF-8; send the document in UTF-8")
			}
			j += size
		}
	}
	return len(src), false, p.fail(len(src), "the document ends inside a string; send it whole")
}

// specialBytes marks the first of eight bytes that does not simply stand for itself in a string: a quote,
// a backslash, a control character or a part of a longer character. Marks behind the first may be wrong.
func specialBytes(x uint64) uint64 {
	const each = 0x0101010101010101
	quote, backslash := x^each*'"', x^each*'\\'
	control := x - each*0x20
	return (x | control | (quote-each)&^quote | (backslash-each)&^backslash) & (each * 0x80)
}

func hex4(src []byte, i int) (uint32, bool) {
	if i+4 > len(src) {
		return 0, false
	}
	var v uint32
	for _, c := range src[i : i+4] {
		switch {
		case c >= '0' && c <= '9':
			v = v<<4 | uint32(c-'0')
		case c|0x20 >= 'a' && c|0x20 <= 'f':
			v = v<<4 | uint32(c|0x20-'a'+10)
		default:
			return 0, false
		}
	}
	return v, true
}

// number follows the JSON grammar: no leading zeros or plus sign, digits on both sides of the point.
func (p *parser) number(i int) (int, error) {
	src := p.src
	digits := func(j int) int {
		for j < len(src) && src[j] >= '0' && src[j] <= '9' {
			j++
		}
		return j
	}
	bad := func() (int, error) {
		return i, p.fail(i, "not a JSON number; write digits such as 0.5, 12 or -1.50")
	}
	j := i
	if src[j] == '-' {
		j++
	}
	start := j
	if j = digits(j); j == start || src[start] == '0' && j > start+1 {
		return bad()
	}
	if j < len(src) && src[j] == '.' {
		start = j + 1
		if j = digits(start); j == start {
			return bad()
		}
	}
	if j < len(src) && (src[j] == 'e' || src[j] == 'E') {
		j++
		if j < len(src) && (src[j] == '+' || src[j] == '-') {
			j++
		}
		start = j
		if j = digits(start); j == start {
			return bad()
		}
	}
	return j, nil
}

func (p *parser) word(i int, w string) (int, error) {
	if end := i + len(w); end <= len(p.src) && string(p.src[i:end]) == w {
		return end, nil
	}
	return i, p.fail(i, "here a JSON value must begin; only true, false and null are bare words")
}

// fail makes the error with the path of where the parser stands.
func (p *parser) fail(offset int, reason string) error {
	var b strings.Builder
	for depth, f := range p.stack {
		n := p.nodes[f.node]
		if depth > 0 {
			b.Write(n.key(p.src))
		} else {
			b.WriteString(p.rootName())
		}
		if f.items > 0 || p.src[n.start] == '[' {
			b.WriteString("[" + strconv.Itoa(f.items) + "]")
		}
		if depth+1 < len(p.stack) {
			if p.src[n.start] == '{' {
				b.WriteByte('.')
			}
		} else if last := p.openChild(f.node); last != "" {
			b.WriteString("." + last)
		}
	}
	return &SyntaxError{Path: b.String(), Offset: offset, Reason: reason}
}

// rootName is the resource type as far as it has been read, or $.
func (p *parser) rootName() string {
	for c := 1; c < len(p.nodes); c++ {
		if n := p.nodes[c]; string(n.key(p.src)) == "resourceType" && n.kind == String && n.end > n.start+2 {
			return string(p.src[n.start+1 : n.end-1])
		}
	}
	return "$"
}

// openChild names the property of object at whose value is being read.
func (p *parser) openChild(at uint32) string {
	if p.src[p.nodes[at].start] != '{' {
		return ""
	}
	if last := len(p.nodes) - 1; last > int(at) && p.nodes[last].next == 0 {
		return string(p.nodes[last].key(p.src))
	}
	return ""
}
