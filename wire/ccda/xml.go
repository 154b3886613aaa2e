package ccda

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// The limits of a document.
const (
	MaxSize  = 12 << 20 // bytes
	maxDepth = 100      // elements within each other
	maxNodes = 400_000  // elements
)

const (
	hl7  = "urn:hl7-org:v3"
	sdtc = "urn:hl7-org:sdtc"
	xsi  = "http://www.w3.org/2001/XMLSchema-instance"
)

// node is an element of CDA's own namespace; elements of SDTC have the prefix sdtc: in their name.
type node struct {
	name  string
	attrs map[string]string
	kids  []*node
	// parts are texts and elements in their order, for narrative.
	parts []any
}

// Refused is why a document is not read, with the place.
type Refused struct {
	Line, Column int
	Why          string
}

func (r *Refused) Error() string {
	if r.Line == 0 {
		return r.Why
	}
	return fmt.Sprintf("line %d, column %d: %s", r.Line, r.Column, r.Why)
}

// parse reads the elements. Document types, entities of one's own, other encodings and whatever is too deep or too large are refused.
func parse(data []byte) (*node, error) {
	if len(data) > MaxSize {
		return nil, &Refused{Why: fmt.Sprintf("the document is larger than %d MB", MaxSize>>20)}
	}
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	d := xml.NewDecoder(bytes.NewReader(data))
	d.CharsetReader = latin
	refuse := func(why string) error {
		line, column := d.InputPos()
		return &Refused{line, column, why}
	}
	var stack []*node
	var root *node
	count, skip := 0, 0
	for {
		t, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			var syntax *xml.SyntaxError
			if errors.As(err, &syntax) {
				return nil, refuse("this is not well-formed XML: " + syntax.Msg)
			}
			return nil, refuse("it cannot be read: " + err.Error())
		}
		switch t := t.(type) {
		case xml.Directive:
			return nil, refuse("a document type is not accepted, because entities could be hidden in it")
		case xml.StartElement:
			if count++; count > maxNodes {
				return nil, refuse("it has too many elements")
			}
			if len(stack)+skip >= maxDepth {
				return nil, refuse("its elements are nested too deeply")
			}
			name := t.Name.Local
			switch {
			case skip > 0 || t.Name.Space != hl7 && t.Name.Space != sdtc:
				if root == nil {
					return nil, refuse("it is no clinical document: the first element is " + clip(name))
				}
				skip++
				continue
			case t.Name.Space == sdtc:
				name = "sdtc:" + name
			}
			n := &node{name: name}
			for _, a := range t.Attr {
				key := a.Name.Local
				switch a.Name.Space {
				case "":
				case xsi:
					key = "xsi:" + key
				default:
					continue
				}
				if n.attrs == nil {
					n.attrs = map[string]string{}
				}
				if _, twice := n.attrs[key]; twice {
					return nil, refuse("the attribute " + clip(key) + " stands twice")
				}
				n.attrs[key] = a.Value
			}
			switch {
			case len(stack) > 0:
				up := stack[len(stack)-1]
				up.kids, up.parts = append(up.kids, n), append(up.parts, n)
			case root != nil:
				return nil, refuse("there is something after the end of the document")
			default:
				if root = n; name != "ClinicalDocument" {
					return nil, refuse("it is no clinical document: the first element is " + clip(name))
				}
			}
			stack = append(stack, n)
		case xml.EndElement:
			if skip > 0 {
				skip--
				continue
			}
			stack = stack[:len(stack)-1]
		case xml.CharData:
			if len(stack) > 0 && skip == 0 {
				up := stack[len(stack)-1]
				up.parts = append(up.parts, string(t))
			} else if root == nil && len(bytes.TrimSpace(t)) > 0 {
				return nil, refuse("it is no XML document")
			}
		}
	}
	if root == nil {
		return nil, &Refused{Why: "it is empty"}
	}
	return root, nil
}

// latin reads the encodings of one byte that old systems write.
func latin(charset string, in io.Reader) (io.Reader, error) {
	switch strings.ToLower(charset) {
	case "us-ascii", "ascii":
		return in, nil
	case "iso-8859-1", "latin1":
	default:
		return nil, fmt.Errorf("the encoding %q is not accepted: send UTF-8", clip(charset))
	}
	b, err := io.ReadAll(in)
	if err != nil {
		return nil, err
	}
	out := make([]byte, 0, len(b)+len(b)/8)
	for _, c := range b {
		out = utf8.AppendRune(out, rune(c))
	}
	return bytes.NewReader(out), nil
}

func clip(s string) string {
	if r := []rune(s); len(r) > 40 {
		return string(r[:40]) + "…"
	}
	return s
}

func (n *node) attr(name string) string {
	if n == nil {
		return ""
	}
	return strings.TrimSpace(n.attrs[name])
}

// get is the first element at a path below; nil if there is none. It is safe on nil.
func (n *node) get(path ...string) *node {
	for _, name := range path {
		if n == nil {
			return nil
		}
		var found *node
		for _, k := range n.kids {
			if k.name == name {
				found = k
				break
			}
		}
		n = found
	}
	return n
}

// all are the elements of a name directly below.
func (n *node) all(name string) (out []*node) {
	if n == nil {
		return nil
	}
	for _, k := range n.kids {
		if k.name == name {
			out = append(out, k)
		}
	}
	return out
}

// is reports whether an element claims one of the templates, of any version.
func (n *node) is(roots ...string) bool {
	for _, t := range n.all("templateId") {
		for _, root := range roots {
			if t.attr("root") == root {
				return true
			}
		}
	}
	return false
}

// text is what a person reads in an element, with spaces as one; what stands in different cells, paragraphs or items is kept apart.
func (n *node) text() string {
	if n == nil {
		return ""
	}
	var b strings.Builder
	n.write(&b)
	return strings.Join(strings.Fields(b.String()), " ")
}

func (n *node) write(b *strings.Builder) {
	for _, p := range n.parts {
		switch p := p.(type) {
		case string:
			b.WriteString(p)
		case *node:
			switch p.name {
			case "content", "sub", "sup", "linkHtml", "given", "family", "prefix", "suffix":
			default:
				b.WriteString(" ")
			}
			p.write(b)
			switch p.name {
			case "td", "th":
				b.WriteString(" · ")
			case "content", "sub", "sup", "linkHtml":
			default:
				b.WriteString(" ")
			}
		}
	}
}

// ids finds the elements of a narrative by their ID, which references name.
func (n *node) ids(into map[string]*node) {
	if n == nil {
		return
	}
	for _, key := range []string{"ID", "id"} {
		if id := n.attr(key); id != "" && into[id] == nil {
			into[id] = n
		}
	}
	for _, k := range n.kids {
		k.ids(into)
	}
}
