package fhir

import (
	"fmt"
	"iter"
	"sync"
	"time"
	"unicode/utf8"
)

// Resource is one immutable FHIR document over its exact bytes.
type Resource struct {
	src   []byte
	limit int // of bytes
	once  sync.Once
	t     tree
	err   error
}

// Parse reads one resource from outside, strictly: see [SyntaxError] for what is refused.
// The resource keeps src; the caller must not change it afterwards.
func Parse(src []byte) (*Resource, error) { return parse(src, MaxSize) }

// ParseLarge is Parse for a file read from disk, such as a bundle of a whole practice: up to MaxFile bytes.
func ParseLarge(src []byte) (*Resource, error) { return parse(src, MaxFile) }

func parse(src []byte, limit int) (*Resource, error) {
	r := &Resource{src: src, limit: limit}
	if err := r.load(); err != nil {
		return nil, err
	}
	root := r.Root()
	if root.Kind() != Object {
		return nil, &SyntaxError{Reason: "a FHIR resource is a JSON object; here stands a " + root.Kind().String()}
	}
	if t := root.Get("resourceType"); t.Kind() != String || t.Text() == "" {
		return nil, &SyntaxError{Path: "resourceType", Reason: "the property resourceType is missing; it names the kind of resource, such as Patient"}
	}
	return r, nil
}

// Open wraps bytes that the record itself stored, and so are known to be well-formed.
// They are read as a tree only when somebody asks for one.
func Open(src []byte) *Resource { return &Resource{src: src, limit: MaxFile} }

func (r *Resource) load() error {
	r.once.Do(func() {
		r.t.src = r.src
		r.t.nodes, r.err = parseTree(r.src, make([]node, 0, len(r.src)/16+8), r.limit)
	})
	return r.err
}

// Bytes is the exact document. The caller must not change it.
func (r *Resource) Bytes() []byte { return r.src }

// Root is the document's top object; Missing if stored bytes are damaged.
func (r *Resource) Root() Node {
	if r.load() != nil || len(r.t.nodes) == 0 {
		return Node{}
	}
	return Node{&r.t, 0}
}

// Type is the resource type, such as "Patient".
func (r *Resource) Type() string { return r.Root().Get("resourceType").Text() }

// ID is the logical id; "" if the document has none.
func (r *Resource) ID() string { return r.Root().Get("id").Text() }

// VersionID is meta.versionId; "" if the document has none.
func (r *Resource) VersionID() string { return r.Root().Get("meta").Get("versionId").Text() }

// Get returns a top-level element.
func (r *Resource) Get(name string) Node { return r.Root().Get(name) }

// Stamp returns the document as version `version` of resource id, last updated at the instant given:
// resourceType, id and meta first, every other element as it stands, white space outside strings removed.
// meta keeps its other elements.
func (r *Resource) Stamp(id string, version int64, updated time.Time) *Resource {
	out := make([]byte, 0, len(r.src)+120)
	root := r.Root()
	out = append(out, `{"resourceType":`...)
	out = append(out, root.Get("resourceType").Raw()...)
	out = append(out, `,"id":"`...)
	out = append(out, id...)
	out = append(out, `","meta":{"versionId":"`...)
	out = fmt.Appendf(out, "%d", version)
	out = append(out, `","lastUpdated":"`...)
	out = updated.UTC().AppendFormat(out, InstantLayout)
	out = append(out, '"')
	for c := range root.Get("meta").Children() {
		switch c.Key() {
		case "versionId", "lastUpdated", "_versionId", "_lastUpdated":
		default:
			out = append(out, ',')
			out = appendProperty(out, c)
		}
	}
	out = append(out, '}')
	for c := range root.Children() {
		switch c.Key() {
		case "resourceType", "id", "meta", "_id":
		default:
			out = append(out, ',')
			out = appendProperty(out, c)
		}
	}
	return Open(append(out, '}'))
}

// InstantLayout is how the record writes instants: UTC, milliseconds.
const InstantLayout = "2006-01-02T15:04:05.000Z07:00"

func appendProperty(out []byte, n Node) []byte {
	out = append(out, '"')
	out = append(out, n.Key()...)
	out = append(out, '"', ':')
	return AppendCompact(out, n)
}

// AppendCompact appends the value's JSON without white space outside strings. Numbers and strings keep
// their exact text.
func AppendCompact(out []byte, n Node) []byte {
	switch n.Kind() {
	case Object:
		out = append(out, '{')
		first := true
		for c := range n.Children() {
			if !first {
				out = append(out, ',')
			}
			first = false
			out = appendProperty(out, c)
		}
		return append(out, '}')
	case Array:
		out = append(out, '[')
		first := true
		for c := range n.Children() {
			if !first {
				out = append(out, ',')
			}
			first = false
			out = AppendCompact(out, c)
		}
		return append(out, ']')
	}
	return append(out, n.Raw()...)
}

// Compact returns the resource without white space outside strings.
func (r *Resource) Compact() *Resource {
	return Open(AppendCompact(make([]byte, 0, len(r.src)), r.Root()))
}

// Edit is a replacement of the document's bytes Start to End.
type Edit struct {
	Start, End int
	Text       []byte
}

// Edit returns the document with the edits made. They must stand in order and not overlap.
func (r *Resource) Edit(edits []Edit) *Resource {
	if len(edits) == 0 {
		return r
	}
	size := len(r.src)
	for _, e := range edits {
		size += len(e.Text) - (e.End - e.Start)
	}
	out := make([]byte, 0, size)
	at := 0
	for _, e := range edits {
		out = append(out, r.src[at:e.Start]...)
		out = append(out, e.Text...)
		at = e.End
	}
	return Open(append(out, r.src[at:]...))
}

// AppendString appends s as a JSON string. Characters that HTML treats specially are left as they are;
// bytes that are not UTF-8 become U+FFFD, so that what is written can be read.
func AppendString(out []byte, s string) []byte {
	const hex = "0123456789abcdef"
	out = append(out, '"')
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= 0x20 && c != '"' && c != '\\' && c < utf8.RuneSelf {
			i++
			continue
		}
		if c >= utf8.RuneSelf {
			r, size := utf8.DecodeRuneInString(s[i:])
			if r == utf8.RuneError && size == 1 {
				out = append(out, s[start:i]...)
				out = append(out, "\ufffd"...)
				start = i + 1
			}
			i += size
			continue
		}
		out = append(out, s[start:i]...)
		i++
		start = i
		switch c {
		case '"', '\\':
			out = append(out, '\\', c)
		case '\n':
			out = append(out, '\\', 'n')
		case '\r':
			out = append(out, '\\', 'r')
		case '\t':
			out = append(out, '\\', 't')
		default:
			out = append(out, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		}
	}
	return append(append(out, s[start:]...), '"')
}

// Strings yields every string value of the document, in order.
func (r *Resource) Strings() iter.Seq[Node] {
	return func(yield func(Node) bool) {
		if r.load() != nil {
			return
		}
		for i := range r.t.nodes {
			if r.t.nodes[i].kind == String && !yield(Node{&r.t, uint32(i)}) {
				return
			}
		}
	}
}
