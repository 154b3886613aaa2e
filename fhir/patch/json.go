package patch

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/osler-ehr/osler/fhir"
)

// JSON applies a JSON Patch, the array of operations in ops, to r.
// The error is an [*Error], or a [*fhir.SyntaxError] where ops is not readable JSON.
func JSON(r *fhir.Resource, ops []byte) (*fhir.Resource, error) {
	after, err := applyJSON(r, ops)
	if err != nil {
		return nil, err
	}
	return checked(r, after.Bytes())
}

// applyJSON works on any JSON document, not on resources only.
func applyJSON(doc *fhir.Resource, ops []byte) (*fhir.Resource, error) {
	list, err := operations(ops)
	if err != nil {
		return nil, err
	}
	if err := affordable(list.Len(), doc); err != nil {
		return nil, err
	}
	i := 0
	for op := range list.Children() {
		o := jsonOperation{doc: doc, op: op, index: i}
		if doc, err = o.apply(); err != nil {
			return nil, err
		}
		i++
	}
	return doc, nil
}

// operations reads the patch as strictly as a resource.
func operations(ops []byte) (fhir.Node, error) {
	const before, after = `{"resourceType":"patch","operations":`, `}`
	wrapped, err := fhir.Parse([]byte(before + string(ops) + after))
	var syntax *fhir.SyntaxError
	if errors.As(err, &syntax) {
		path := strings.TrimPrefix(strings.TrimPrefix(syntax.Path, "patch"), ".")
		return fhir.Node{}, &fhir.SyntaxError{Path: path, Offset: max(0, syntax.Offset-len(before)), Reason: syntax.Reason}
	}
	if err != nil {
		return fhir.Node{}, err
	}
	list := wrapped.Get("operations")
	if list.Kind() != fhir.Array || wrapped.Root().Len() != 2 {
		return fhir.Node{}, &Error{Operation: -1, Malformed: true, Reason: "a JSON Patch is an array of operations; here stands a " + list.Kind().String()}
	}
	return list, nil
}

// jsonOperation is one operation on the document as it stands then.
type jsonOperation struct {
	doc   *fhir.Resource
	op    fhir.Node
	index int
}

func (o *jsonOperation) malformed(format string, args ...any) error {
	return &Error{Operation: o.index, Path: o.op.Get("path").Text(), Malformed: true, Reason: fmt.Sprintf(format, args...)}
}

func (o *jsonOperation) fail(format string, args ...any) error {
	return &Error{Operation: o.index, Path: o.op.Get("path").Text(), Reason: fmt.Sprintf(format, args...)}
}

func (o *jsonOperation) apply() (*fhir.Resource, error) {
	if o.op.Kind() != fhir.Object {
		return nil, o.malformed("an operation is an object with op and path; here stands a %s", o.op.Kind())
	}
	path, err := o.pointer("path")
	if err != nil {
		return nil, err
	}
	value := o.op.Get("value")
	name := o.op.Get("op").Text()
	switch name {
	case "add", "replace", "test":
		if !value.Exists() {
			return nil, o.malformed("the operation %s needs a value", name)
		}
	case "remove", "move", "copy":
	case "":
		return nil, o.malformed("op is missing; it is add, remove, replace, move, copy or test")
	default:
		return nil, o.malformed("there is no operation of this name; op is add, remove, replace, move, copy or test")
	}
	switch name {
	case "add":
		return o.add(o.doc, path, fhir.AppendCompact(nil, value))
	case "remove":
		return o.remove(path)
	case "replace":
		target, err := o.find(o.doc, path)
		if err != nil {
			return nil, err
		}
		return o.doc.Edit([]fhir.Edit{replacement(target.node, fhir.AppendCompact(nil, value))}), nil
	case "test":
		target, err := o.find(o.doc, path)
		if err != nil {
			return nil, err
		}
		if !same(target.node, value) {
			return nil, o.fail("the test does not hold: the document has another value here")
		}
		return o.doc, nil
	}
	return o.transfer(path, name == "move")
}

// transfer is move and copy.
func (o *jsonOperation) transfer(path []string, move bool) (*fhir.Resource, error) {
	from, err := o.pointer("from")
	if err != nil {
		return nil, err
	}
	source, err := o.find(o.doc, from)
	if err != nil {
		return nil, err
	}
	text := append([]byte(nil), source.node.Raw()...)
	doc := o.doc
	if move {
		if len(path) > len(from) && slices.Equal(path[:len(from)], from) {
			return nil, o.fail("a value cannot be moved into itself")
		}
		if slices.Equal(path, from) {
			return doc, nil
		}
		if doc, err = o.remove(from); err != nil {
			return nil, err
		}
	}
	return o.add(doc, path, text)
}

// pointer reads a JSON Pointer (RFC 6901) from a property of the operation.
func (o *jsonOperation) pointer(key string) ([]string, error) {
	n := o.op.Get(key)
	if n.Kind() != fhir.String {
		return nil, o.malformed("%s is missing; it is a JSON Pointer such as /name/0/family", key)
	}
	text := n.Text()
	if text == "" {
		return nil, nil
	}
	if text[0] != '/' {
		return nil, o.malformed("%s is a JSON Pointer and begins with /", key)
	}
	parts := strings.Split(text[1:], "/")
	for i, p := range parts {
		for j := range len(p) {
			if p[j] == '~' && (j+1 == len(p) || p[j+1] != '0' && p[j+1] != '1') {
				return nil, o.malformed("in a JSON Pointer ~ is written ~0 and / is written ~1")
			}
		}
		parts[i] = strings.ReplaceAll(strings.ReplaceAll(p, "~1", "/"), "~0", "~")
	}
	return parts, nil
}

// target is a value with what holds it.
type target struct{ parent, node fhir.Node }

// find follows the pointer to a value that must exist.
func (o *jsonOperation) find(doc *fhir.Resource, path []string) (target, error) {
	t := target{node: doc.Root()}
	if !t.node.Exists() {
		return t, o.fail("an earlier operation left a document that cannot be read")
	}
	for i, name := range path {
		t.parent = t.node
		switch t.node.Kind() {
		case fhir.Object:
			t.node = t.node.Get(name)
		case fhir.Array:
			n, ok := arrayIndex(name)
			if !ok {
				return t, o.malformed("/%s is an array; after it a whole number must stand", strings.Join(path[:i], "/"))
			}
			t.node = t.node.Index(n)
		default:
			t.node = fhir.Node{}
		}
		if !t.node.Exists() {
			return t, o.fail("there is nothing at /%s", strings.Join(path[:i+1], "/"))
		}
	}
	return t, nil
}

// arrayIndex reads digits without leading zeros.
func arrayIndex(s string) (int, bool) {
	if s == "" || len(s) > 1 && s[0] == '0' || strings.Trim(s, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.Atoi(s)
	return n, err == nil
}

func (o *jsonOperation) remove(path []string) (*fhir.Resource, error) {
	t, err := o.find(o.doc, path)
	if err != nil {
		return nil, err
	}
	if len(path) == 0 {
		return nil, o.fail("the whole document cannot be removed; delete the resource instead")
	}
	return o.doc.Edit([]fhir.Edit{removal(o.doc.Bytes(), t.parent, t.node)}), nil
}

func (o *jsonOperation) add(doc *fhir.Resource, path []string, text []byte) (*fhir.Resource, error) {
	if len(path) == 0 {
		return fhir.Open(text), nil
	}
	holder, err := o.find(doc, path[:len(path)-1])
	if err != nil {
		return nil, err
	}
	parent, name := holder.node, path[len(path)-1]
	var edit fhir.Edit
	switch parent.Kind() {
	case fhir.Object:
		edit = appending(parent, property(name, text))
		if old := parent.Get(name); old.Exists() {
			edit = replacement(old, text)
		}
	case fhir.Array:
		n, ok := arrayIndex(name)
		count := parent.Len()
		switch {
		case name == "-" || ok && n == count:
			edit = appending(parent, text)
		case !ok:
			return nil, o.malformed("in an array the last part of the path is a whole number, or - for the end")
		case n > count:
			return nil, o.fail("the array has %d elements; nothing can be added at %d", count, n)
		default:
			edit = insertion(parent.Index(n), text)
		}
	default:
		return nil, o.fail("the value at /%s has no parts", strings.Join(path[:len(path)-1], "/"))
	}
	return doc.Edit([]fhir.Edit{edit}), nil
}
