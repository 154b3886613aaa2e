package patch

import (
	"bytes"
	stdxml "encoding/xml"
	"errors"
	"fmt"
	"io"
	"maps"
	"strings"
)

const (
	fhirSpace  = "http://hl7.org/fhir"
	xhtmlSpace = "http://www.w3.org/1999/xhtml"

	maxXMLDepth = 64
)

type xmlKind uint8

const (
	xmlElement xmlKind = iota
	xmlText
	xmlComment
)

// xmlNode is an element, a text or a comment. White space alone is no text, but inside of XHTML.
type xmlNode struct {
	kind     xmlKind
	space    string // namespace of an element
	name     string
	attrs    []xmlAttr
	children []*xmlNode
	text     string // of a text or comment
}

// xmlAttr is an attribute; a declaration of a prefix is one called "xmlns:prefix".
type xmlAttr struct{ name, value string }

// readXML reads a document. What could reach outside of it or grow (document types, entities, processing
// instructions) is refused.
func readXML(src []byte) (*xmlNode, error) {
	d := stdxml.NewDecoder(bytes.NewReader(src))
	d.Entity = map[string]string{}
	var stack []*xmlNode
	var root *xmlNode
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("this is not well-formed XML: %w", err)
		}
		var top *xmlNode
		if len(stack) > 0 {
			top = stack[len(stack)-1]
		}
		switch t := token.(type) {
		case stdxml.ProcInst:
			if t.Target != "xml" || root != nil {
				return nil, errors.New("processing instructions are not taken")
			}
		case stdxml.Directive:
			return nil, errors.New("document types are not taken")
		case stdxml.StartElement:
			n := &xmlNode{space: t.Name.Space, name: t.Name.Local}
			for _, a := range t.Attr {
				switch {
				case a.Name.Space == "" && a.Name.Local == "xmlns":
				case a.Name.Space == "xmlns":
					n.attrs = append(n.attrs, xmlAttr{"xmlns:" + a.Name.Local, a.Value})
				case a.Name.Space != "":
					return nil, fmt.Errorf("the attribute %s of another namespace is not taken", a.Name.Local)
				default:
					n.attrs = append(n.attrs, xmlAttr{a.Name.Local, a.Value})
				}
			}
			switch {
			case top != nil:
				top.children = append(top.children, n)
			case root != nil:
				return nil, errors.New("there is a second root")
			default:
				root = n
			}
			if stack = append(stack, n); len(stack) > maxXMLDepth {
				return nil, fmt.Errorf("elements are nested deeper than %d", maxXMLDepth)
			}
		case stdxml.EndElement:
			stack = stack[:len(stack)-1]
		case stdxml.CharData:
			if top != nil && (top.space == xhtmlSpace || strings.TrimSpace(string(t)) != "") {
				top.children = append(top.children, &xmlNode{kind: xmlText, text: string(t)})
			}
		case stdxml.Comment:
			if top != nil {
				top.children = append(top.children, &xmlNode{kind: xmlComment, text: string(t)})
			}
		}
	}
	if root == nil {
		return nil, errors.New("there is no element")
	}
	return root, nil
}

// prefixes adds those that an element declares to others.
func (n *xmlNode) prefixes(others map[string]string) map[string]string {
	out := maps.Clone(others)
	for _, a := range n.attrs {
		if p, ok := strings.CutPrefix(a.name, "xmlns:"); ok {
			out[p] = a.value
		}
	}
	return out
}

func copies(nodes []*xmlNode) []*xmlNode {
	out := make([]*xmlNode, len(nodes))
	for i, n := range nodes {
		c := *n
		c.attrs, c.children = append([]xmlAttr{}, n.attrs...), copies(n.children)
		out[i] = &c
	}
	return out
}

// bytes is the element as a document.
func (n *xmlNode) bytes() []byte {
	var b bytes.Buffer
	n.write(&b, "")
	return b.Bytes()
}

func (n *xmlNode) write(b *bytes.Buffer, space string) {
	switch n.kind {
	case xmlText:
		_ = stdxml.EscapeText(b, []byte(n.text)) // a buffer takes everything
		return
	case xmlComment:
		b.WriteString("<!--" + n.text + "-->")
		return
	}
	b.WriteString("<" + n.name)
	if n.space != space {
		b.WriteString(` xmlns="`)
		_ = stdxml.EscapeText(b, []byte(n.space))
		b.WriteByte('"')
	}
	for _, a := range n.attrs {
		b.WriteString(" " + a.name + `="`)
		_ = stdxml.EscapeText(b, []byte(a.value))
		b.WriteByte('"')
	}
	b.WriteByte('>')
	for _, c := range n.children {
		c.write(b, n.space)
	}
	b.WriteString("</" + n.name + ">")
}
