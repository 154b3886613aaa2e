package patch

import (
	"fmt"
	"strings"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/fhir/xml"
)

// XML applies an XML Patch (RFC 5261) to r in its XML form. Of XPath it knows what such patches need: a path of
// names with places and attributes in brackets, ending at an element, attribute, text or comment. The prefix f
// means FHIR and h XHTML, unless the patch says otherwise.
//
// Unlike the other patches it writes the whole document anew, in the order of the specification. Digits stay.
// The error is an [*Error], or an [*xml.Error] where the resource has no XML form.
func XML(r *fhir.Resource, ops []byte) (*fhir.Resource, error) {
	list, err := xmlOperations(ops)
	if err != nil {
		return nil, err
	}
	if err := affordable(len(list), r); err != nil {
		return nil, err
	}
	written, err := xml.Write(r)
	if err != nil {
		return nil, err
	}
	doc, err := readXML(written)
	if err != nil {
		return nil, err
	}
	for i := range list {
		if err := list[i].apply(doc); err != nil {
			return nil, err
		}
	}
	after, err := xml.Read(doc.bytes())
	if err != nil {
		return nil, &Error{Operation: -1, Reason: fmt.Sprintf("the result is not an acceptable document: %v", err)}
	}
	return checked(r, after.Bytes())
}

// xmlOperation is one add, replace or remove.
type xmlOperation struct {
	index     int
	kind      string // add, replace, remove
	sel       string
	steps     []xmlStep
	pos, typ  string
	ws        string
	content   []*xmlNode
	attribute string // of what is added: its name, "" for a node
}

func (o *xmlOperation) malformed(format string, args ...any) error {
	return &Error{Operation: o.index, Path: o.sel, Malformed: true, Reason: fmt.Sprintf(format, args...)}
}

func (o *xmlOperation) fail(format string, args ...any) error {
	return &Error{Operation: o.index, Path: o.sel, Reason: fmt.Sprintf(format, args...)}
}

// xmlOperations reads a patch. The name of its root says nothing: RFC 5261 leaves it to others.
func xmlOperations(src []byte) ([]xmlOperation, error) {
	root, err := readXML(src)
	if err != nil {
		return nil, &Error{Operation: -1, Malformed: true, Reason: err.Error()}
	}
	var out []xmlOperation
	for _, n := range root.children {
		if n.kind == xmlComment {
			continue
		}
		o := xmlOperation{index: len(out), kind: n.name, content: n.children}
		if n.kind != xmlElement {
			return nil, o.malformed("there is text between the operations")
		}
		for _, a := range n.attrs {
			switch a.name {
			case "sel":
				o.sel = a.value
			case "pos":
				o.pos = a.value
			case "type":
				o.typ = a.value
			case "ws":
				o.ws = a.value // white space around elements means nothing in FHIR
			default:
				if strings.HasPrefix(a.name, "xmlns:") {
					continue
				}
				return nil, o.malformed("an operation has no attribute %s", a.name)
			}
		}
		if err := o.check(n.prefixes(root.prefixes(map[string]string{"": fhirSpace, "f": fhirSpace, "h": xhtmlSpace}))); err != nil {
			return nil, err
		}
		out = append(out, o)
	}
	if len(out) == 0 {
		return nil, &Error{Operation: -1, Malformed: true, Reason: "the patch has no operation"}
	}
	return out, nil
}

func (o *xmlOperation) check(prefixes map[string]string) (err error) {
	switch {
	case o.kind != "add" && o.kind != "replace" && o.kind != "remove":
		return o.malformed("the operation must be add, replace or remove")
	case o.sel == "":
		return o.malformed("sel is missing: the path of what is to be changed")
	case o.kind != "add" && (o.pos != "" || o.typ != ""):
		return o.malformed("only add takes pos and type")
	case o.kind == "remove" && len(o.content) > 0:
		return o.malformed("remove has no content")
	}
	switch {
	case o.typ == "":
	case strings.HasPrefix(o.typ, "@"):
		o.attribute = o.typ[1:]
	case strings.HasPrefix(o.typ, "namespace::"):
		o.attribute = "xmlns:" + strings.TrimPrefix(o.typ, "namespace::")
	default:
		return o.malformed("type must be @ and the name of an attribute")
	}
	switch o.pos {
	case "", "prepend", "before", "after":
	default:
		return o.malformed("pos must be prepend, before or after")
	}
	if o.attribute != "" && o.pos != "" {
		return o.malformed("attributes have no order: leave pos away")
	}
	if o.steps, err = parseSelector(o.sel, prefixes); err != nil {
		return o.malformed("%v", err)
	}
	return nil
}

// apply changes the document.
func (o *xmlOperation) apply(doc *xmlNode) error {
	places := selectXML(doc, o.steps)
	switch {
	case len(places) == 0:
		return o.fail("there is nothing at this path")
	case len(places) > 1:
		return o.fail("%d places match; name one, such as with [1]", len(places))
	}
	at := places[0]
	switch o.kind {
	case "add":
		return o.add(at)
	case "replace":
		return o.replace(at)
	}
	if at.attr >= 0 {
		at.node.attrs = append(at.node.attrs[:at.attr], at.node.attrs[at.attr+1:]...)
		return nil
	}
	return o.splice(at, nil, 0, 1)
}

// text is the content of an operation that gives an attribute's value.
func (o *xmlOperation) text() (string, error) {
	var b strings.Builder
	for _, n := range o.content {
		if n.kind != xmlText {
			return "", o.malformed("the value of an attribute is text")
		}
		b.WriteString(n.text)
	}
	return b.String(), nil
}

func (o *xmlOperation) add(at xmlPlace) error {
	if at.attr >= 0 || at.node.kind != xmlElement && o.pos != "before" && o.pos != "after" {
		return o.fail("nothing can be added inside of this")
	}
	if o.attribute != "" {
		value, err := o.text()
		if err != nil {
			return err
		}
		for _, a := range at.node.attrs {
			if a.name == o.attribute {
				return o.fail("it has the attribute %s already; replace that", o.attribute)
			}
		}
		at.node.attrs = append(at.node.attrs, xmlAttr{o.attribute, value})
		return nil
	}
	if len(o.content) == 0 {
		return o.malformed("there is nothing to be added")
	}
	switch o.pos {
	case "before":
		return o.splice(at, o.content, 0, 0)
	case "after":
		return o.splice(at, o.content, 1, 0)
	case "prepend":
		at.node.children = append(copies(o.content), at.node.children...)
	default:
		at.node.children = append(at.node.children, copies(o.content)...)
	}
	return nil
}

func (o *xmlOperation) replace(at xmlPlace) error {
	if at.attr >= 0 {
		value, err := o.text()
		at.node.attrs[at.attr].value = value
		return err
	}
	elements := 0
	for _, n := range o.content {
		if n.kind == at.node.kind {
			elements++
		}
	}
	if elements != 1 || len(o.content) != 1 {
		return o.malformed("put one node of the same kind in its place")
	}
	return o.splice(at, o.content, 0, 1)
}

// splice puts nodes beside a place, or instead of it.
func (o *xmlOperation) splice(at xmlPlace, nodes []*xmlNode, behind, remove int) error {
	if at.parent == nil {
		return o.fail("the resource itself cannot be removed, replaced or given a neighbour")
	}
	list := at.parent.children
	for i, n := range list {
		if n == at.node {
			out := append([]*xmlNode{}, list[:i+behind]...)
			out = append(out, copies(nodes)...)
			at.parent.children = append(out, list[i+behind+remove:]...)
			return nil
		}
	}
	return o.fail("there is nothing at this path")
}
