package xml

import (
	"bytes"
	stdxml "encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/osler-ehr/osler/fhir"
)

// Error tells why bytes are not an acceptable FHIR XML document, and where.
type Error struct {
	Path   string // such as Patient.name.family; empty before the root
	Line   int    // 0 where not known
	Reason string
}

func (e *Error) Error() string {
	place := e.Path
	if e.Line > 0 {
		place = strings.TrimPrefix(fmt.Sprintf("%s (line %d)", e.Path, e.Line), " ")
	}
	if place == "" {
		return e.Reason
	}
	return place + ": " + e.Reason
}

// element is one XML element, read but not yet understood.
type element struct {
	name     string
	line     int
	attrs    []attr
	children []*element
	xhtml    string // the whole text of a narrative div
}

type attr struct{ name, value string }

func (e *element) attr(name string) (string, bool) {
	for _, a := range e.attrs {
		if a.name == name {
			return a.value, true
		}
	}
	return "", false
}

// treeReader reads tokens into elements.
type treeReader struct {
	src   []byte
	d     *stdxml.Decoder
	names []string // the way from the root
	start int64    // offset of the token that was read last
}

func (r *treeReader) fail(format string, args ...any) error {
	line, _ := r.d.InputPos()
	return &Error{Path: strings.Join(r.names, "."), Line: line, Reason: fmt.Sprintf(format, args...)}
}

func (r *treeReader) token() (stdxml.Token, error) {
	r.start = r.d.InputOffset()
	t, err := r.d.Token()
	switch {
	case errors.Is(err, io.EOF):
		return nil, r.fail("the document ends in the middle; send it whole")
	case err != nil:
		var syntax *stdxml.SyntaxError
		if errors.As(err, &syntax) {
			return nil, r.fail("not well-formed XML: %s", syntax.Msg)
		}
		return nil, r.fail("not readable as XML in UTF-8: %v", err)
	}
	switch t := t.(type) {
	case stdxml.Directive:
		return nil, r.fail("document types and entity declarations are refused; remove the <!%.7s", t)
	case stdxml.ProcInst:
		if t.Target != "xml" {
			return nil, r.fail("processing instructions are refused; remove the <?%s", t.Target)
		}
	}
	return t, nil
}

// readTree reads exactly one element that fills src but for space and comments.
func readTree(src []byte) (*element, error) {
	if len(src) > fhir.MaxSize {
		return nil, &Error{Reason: fmt.Sprintf("the document has %d bytes, more than the limit of %d; send it in parts", len(src), fhir.MaxSize)}
	}
	src = bytes.TrimPrefix(src, []byte("\ufeff"))
	r := &treeReader{src: src, d: stdxml.NewDecoder(bytes.NewReader(src))}
	for {
		t, err := r.token()
		if err != nil {
			return nil, err
		}
		start, ok := t.(stdxml.StartElement)
		if !ok {
			if text, isText := t.(stdxml.CharData); isText && len(bytes.TrimSpace(text)) > 0 {
				return nil, r.fail("there is text before the first element")
			}
			continue
		}
		root, err := r.element(start)
		if err != nil {
			return nil, err
		}
		return root, r.end()
	}
}

// end makes sure that nothing but space and comments follows.
func (r *treeReader) end() error {
	for {
		t, err := r.d.Token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return r.fail("there is more after the end of the document; send one document only")
		}
		switch t := t.(type) {
		case stdxml.Comment:
		case stdxml.CharData:
			if len(bytes.TrimSpace(t)) > 0 {
				return r.fail("there is text after the end of the document")
			}
		default:
			return r.fail("there is more after the end of the document; send one document only")
		}
	}
}

func (r *treeReader) element(start stdxml.StartElement) (*element, error) {
	r.names = append(r.names, start.Name.Local)
	defer func() { r.names = r.names[:len(r.names)-1] }()
	if len(r.names) > MaxDepth {
		return nil, r.fail("nested deeper than %d levels", MaxDepth)
	}
	line, _ := r.d.InputPos()
	e := &element{name: start.Name.Local, line: line}
	if start.Name.Space == xhtmlNamespace && start.Name.Local == "div" {
		var err error
		e.xhtml, err = r.narrative(start)
		return e, err
	}
	if start.Name.Space != namespace {
		return nil, r.fail("the element is not in the namespace %s", namespace)
	}
	for _, a := range start.Attr {
		switch {
		case a.Name.Space == "xmlns" || a.Name.Space == "" && a.Name.Local == "xmlns", a.Name.Space == xsiNamespace:
		case a.Name.Space != "":
			return nil, r.fail("the attribute %s is of another namespace", a.Name.Local)
		default:
			e.attrs = append(e.attrs, attr{a.Name.Local, a.Value})
		}
	}
	for {
		t, err := r.token()
		if err != nil {
			return nil, err
		}
		switch t := t.(type) {
		case stdxml.StartElement:
			c, err := r.element(t)
			if err != nil {
				return nil, err
			}
			e.children = append(e.children, c)
		case stdxml.EndElement:
			return e, nil
		case stdxml.CharData:
			if len(bytes.TrimSpace(t)) > 0 {
				return nil, r.fail("text stands between elements; FHIR values are attributes called value")
			}
		}
	}
}
