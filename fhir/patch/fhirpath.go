package patch

import (
	"fmt"
	"strings"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/fhir/definitions"
	"github.com/osler-ehr/osler/fhir/path"
)

// FHIRPath applies a FHIRPath Patch, given as a Parameters resource, to r. The error is an [*Error].
//
// A delete whose path finds nothing changes nothing, as R4 demands; every other operation must find its
// element. An element whose last property is deleted is deleted too.
func FHIRPath(r *fhir.Resource, parameters *fhir.Resource) (*fhir.Resource, error) {
	if parameters.Type() != "Parameters" {
		return nil, &Error{Operation: -1, Malformed: true, Reason: "a FHIRPath Patch is a Parameters resource"}
	}
	if err := affordable(parameters.Get("parameter").Len(), r); err != nil {
		return nil, err
	}
	doc, i := r, 0
	for p := range parameters.Get("parameter").Values() {
		op := pathOperation{doc: doc, index: i}
		if err := op.read(p); err != nil {
			return nil, err
		}
		var err error
		if doc, err = op.apply(); err != nil {
			return nil, err
		}
		i++
	}
	if doc == r {
		return r, nil
	}
	return checked(r, doc.Bytes())
}

// pathOperation is one operation on the document as it stands then.
type pathOperation struct {
	doc   *fhir.Resource
	index int
	parts map[string]fhir.Node
	path  string
}

func (o *pathOperation) malformed(format string, args ...any) error {
	return &Error{Operation: o.index, Path: o.path, Malformed: true, Reason: fmt.Sprintf(format, args...)}
}

func (o *pathOperation) fail(format string, args ...any) error {
	return &Error{Operation: o.index, Path: o.path, Reason: fmt.Sprintf(format, args...)}
}

// read takes the parts of one operation by name.
func (o *pathOperation) read(p fhir.Node) error {
	if name := p.Get("name").Text(); name != "operation" {
		return o.malformed("every parameter of a FHIRPath Patch is called operation")
	}
	o.parts = map[string]fhir.Node{}
	for part := range p.Get("part").Values() {
		name := part.Get("name").Text()
		if _, twice := o.parts[name]; twice {
			return o.malformed("the part %q stands twice", name)
		}
		o.parts[name] = part
	}
	path, ok := o.text("path")
	if !ok {
		return o.malformed("the part path is missing; it holds a FHIRPath such as Patient.birthDate")
	}
	o.path = path
	return nil
}

// text is a part whose value is a string or code.
func (o *pathOperation) text(name string) (string, bool) {
	for _, key := range [...]string{"valueString", "valueCode", "valueUri"} {
		if n := o.parts[name].Get(key); n.Kind() == fhir.String {
			return n.Text(), true
		}
	}
	return "", false
}

// number is a part whose value is an index.
func (o *pathOperation) number(name string) (int, error) {
	for _, key := range [...]string{"valueInteger", "valueUnsignedInt", "valuePositiveInt"} {
		if i, ok := o.parts[name].Get(key).Int(); ok && i >= 0 && i < 1<<31 {
			return int(i), nil
		}
	}
	return 0, o.malformed("the part %s is missing; it holds an index from 0 up (valueInteger)", name)
}

func (o *pathOperation) apply() (*fhir.Resource, error) {
	kind, ok := o.text("type")
	if !ok {
		return nil, o.malformed("the part type is missing; it is add, insert, delete, replace or move")
	}
	expr, err := path.Compile(o.path)
	if err != nil {
		return nil, o.malformed("%v", err)
	}
	found, err := expr.Eval(path.Env{}, path.Root(o.doc))
	if err != nil {
		return nil, o.fail("%v", err)
	}
	for _, v := range found {
		if !v.Node().Exists() && !v.Sibling().Exists() {
			return nil, o.malformed("the path must name elements of the resource, not values that it computes")
		}
	}
	switch kind {
	case "add":
		return o.add(found)
	case "insert":
		return o.insert(found)
	case "delete":
		return o.remove(found)
	case "replace":
		return o.replace(found)
	case "move":
		return o.move(found)
	}
	return nil, o.malformed("there is no operation of this name; type is add, insert, delete, replace or move")
}

// one is the only element that the path found.
func (o *pathOperation) one(found []path.Value) (path.Value, error) {
	switch len(found) {
	case 0:
		return path.Value{}, o.fail("the path finds nothing in the resource")
	case 1:
		return found[0], nil
	}
	return path.Value{}, o.fail("the path finds %d elements, but the operation works on one; choose one, such as with [0]", len(found))
}

// placeOf is where the element stands; nil for the resource itself.
func (o *pathOperation) placeOf(v path.Value) (*place, error) {
	n := v.Node()
	if !n.Exists() {
		n = v.Sibling()
	}
	if n == o.doc.Root() {
		return nil, nil
	}
	p := locate(o.doc.Root(), n)
	if p == nil {
		return nil, o.fail("the path leaves the resource")
	}
	return p, nil
}

// add appends a property to the element, or a value to its list of that name.
func (o *pathOperation) add(found []path.Value) (*fhir.Resource, error) {
	v, err := o.one(found)
	if err != nil {
		return nil, err
	}
	name, ok := o.text("name")
	if !ok {
		return nil, o.malformed("the part name is missing; it names the element to add")
	}
	at, err := o.placeOf(v)
	if err != nil {
		return nil, err
	}
	target := place{object: v.Node(), outer: at}
	if v.Kind() != path.Complex { // id and extensions of a primitive
		return o.addToPrimitive(at, name)
	}
	target.fields = fieldsOf(v.Node(), at.propertyOf())
	key, value, err := o.value(target.fields, name)
	if err != nil {
		return nil, err
	}
	target.key = key
	values := target.pairs()
	if len(values) > 0 && !target.repeats() {
		return nil, o.fail("the element %s is already there and may stand only once; use replace", key)
	}
	return target.rewrite(o.doc, append(values, value)), nil
}

// propertyOf is what the definitions say about the property at the place.
func (p *place) propertyOf() *definitions.Property {
	if p == nil {
		return nil
	}
	prop, _ := p.fields.Lookup(p.key)
	return prop
}

func (o *pathOperation) addToPrimitive(at *place, name string) (*fhir.Resource, error) {
	if at == nil {
		return nil, o.fail("nothing can be added here")
	}
	fields := at.propertyOf().Fields()
	key, value, err := o.value(fields, name)
	if err != nil {
		return nil, err
	}
	values := at.pairs()
	old := fhir.Open(values[at.index].sibling)
	if values[at.index].sibling == nil {
		old = fhir.Open([]byte("{}"))
	}
	inner := place{object: old.Root(), fields: fields, key: key}
	had := inner.pairs()
	if len(had) > 0 && !inner.repeats() {
		return nil, o.fail("the element %s is already there and may stand only once; use replace", key)
	}
	values[at.index].sibling = inner.rewrite(old, append(had, value)).Bytes()
	return at.rewrite(o.doc, values), nil
}

// list is the property that all elements found belong to.
func (o *pathOperation) list(found []path.Value) (*place, error) {
	if len(found) == 0 {
		return nil, o.fail("the path finds no list in the resource; use add for its first element")
	}
	first, err := o.placeOf(found[0])
	if err != nil {
		return nil, err
	}
	if first == nil || !first.repeats() {
		return nil, o.fail("the path must name a list of elements")
	}
	for _, v := range found[1:] {
		p, err := o.placeOf(v)
		if err != nil {
			return nil, err
		}
		if p == nil || p.key != first.key || p.object != first.object {
			return nil, o.fail("the path must name one list; it finds elements of several")
		}
	}
	return first, nil
}

func (o *pathOperation) insert(found []path.Value) (*fhir.Resource, error) {
	p, err := o.list(found)
	if err != nil {
		return nil, err
	}
	i, err := o.number("index")
	if err != nil {
		return nil, err
	}
	values := p.pairs()
	if i > len(values) {
		return nil, o.fail("the list has %d elements; nothing can be inserted at %d", len(values), i)
	}
	_, value, err := o.value(p.fields, p.key)
	if err != nil {
		return nil, err
	}
	values = append(values[:i:i], append([]pair{value}, values[i:]...)...)
	return p.rewrite(o.doc, values), nil
}

func (o *pathOperation) remove(found []path.Value) (*fhir.Resource, error) {
	if len(found) == 0 {
		return o.doc, nil
	}
	v, err := o.one(found)
	if err != nil {
		return nil, err
	}
	p, err := o.placeOf(v)
	if err != nil {
		return nil, err
	}
	if p == nil {
		return nil, o.fail("the resource itself cannot be deleted by a patch")
	}
	values := p.pairs()
	return p.rewrite(o.doc, append(values[:p.index:p.index], values[p.index+1:]...)), nil
}

func (o *pathOperation) replace(found []path.Value) (*fhir.Resource, error) {
	v, err := o.one(found)
	if err != nil {
		return nil, err
	}
	p, err := o.placeOf(v)
	if err != nil {
		return nil, err
	}
	if p == nil {
		return nil, o.fail("the resource itself cannot be replaced by a patch; use an update")
	}
	name := p.key
	if prop := p.propertyOf(); prop != nil {
		name = prop.Element.Name
	}
	key, value, err := o.value(p.fields, name)
	if err != nil {
		return nil, err
	}
	if key != p.key { // another type of a choice
		start, _ := p.object.Span()
		doc := setProperty(o.doc, start, key, value.value)
		doc = setProperty(doc, start, "_"+key, value.sibling)
		doc = setProperty(doc, start, p.key, nil)
		return setProperty(doc, start, "_"+p.key, nil), nil
	}
	values := p.pairs()
	values[p.index] = value
	return p.rewrite(o.doc, values), nil
}

func (o *pathOperation) move(found []path.Value) (*fhir.Resource, error) {
	p, err := o.list(found)
	if err != nil {
		return nil, err
	}
	from, err := o.number("source")
	if err != nil {
		return nil, err
	}
	to, err := o.number("destination")
	if err != nil {
		return nil, err
	}
	values := p.pairs()
	if from >= len(values) || to >= len(values) {
		return nil, o.fail("the list has %d elements; source and destination must be less", len(values))
	}
	moved := values[from]
	values = append(values[:from:from], values[from+1:]...)
	values = append(values[:to:to], append([]pair{moved}, values[to:]...)...)
	return p.rewrite(o.doc, values), nil
}

// value is the part called value, as the property called name of an object with the fields.
func (o *pathOperation) value(fields *definitions.Fields, name string) (key string, v pair, err error) {
	part, ok := o.parts["value"]
	if !ok {
		return "", pair{}, o.malformed("the part value is missing")
	}
	return o.convert(part, fields, name)
}

// convert makes the property called name out of a part: its value[x], its resource, or its parts, which
// are the elements of an anonymous type.
func (o *pathOperation) convert(part fhir.Node, fields *definitions.Fields, name string) (string, pair, error) {
	if r := part.Get("resource"); r.Exists() {
		p, ok := fields.Lookup(name)
		if !ok || p.Fields() != nil {
			return "", pair{}, o.fail("the element %s holds no resource", name)
		}
		return name, pair{value: r.Raw()}, nil
	}
	if inner := part.Get("part"); inner.Exists() {
		text, err := o.anonymous(inner, fields, name)
		return name, pair{value: text}, err
	}
	for c := range part.Children() {
		typ, ok := strings.CutPrefix(strings.TrimPrefix(c.Key(), "_"), "value")
		if !ok {
			continue
		}
		key := name
		p, known := fields.Lookup(name)
		if !known {
			key = name + typ
			p, known = fields.Lookup(key)
		}
		if !known {
			return "", pair{}, o.fail("there is no element %s here that could be a %s", name, typ)
		}
		v := pair{value: rawOf(part.Get("value" + typ)), sibling: rawOf(part.Get("_value" + typ))}
		if !fits(p, part.Get("value"+typ)) {
			return "", pair{}, o.malformed("the element %s is a %s; value%s does not fit", name, p.Type, typ)
		}
		return key, v, nil
	}
	return "", pair{}, o.malformed("the part value is empty; it holds value[x], a resource, or parts")
}

func rawOf(n fhir.Node) []byte {
	if !n.Exists() {
		return nil
	}
	return n.Raw()
}

// fits compares the JSON kind of a value with what the property holds; finer questions are the validator's.
func fits(p *definitions.Property, n fhir.Node) bool {
	want := fhir.String
	switch {
	case !p.Primitive:
		want = fhir.Object
	case p.Type == "boolean":
		want = fhir.Bool
	case p.Type == "integer", p.Type == "decimal", p.Type == "positiveInt", p.Type == "unsignedInt":
		want = fhir.Number
	}
	return !n.Exists() || n.Kind() == want
}

// anonymous builds an object of the parts, each named after an element.
func (o *pathOperation) anonymous(parts fhir.Node, fields *definitions.Fields, name string) ([]byte, error) {
	p, ok := fields.Lookup(name)
	if !ok || p.Primitive || p.Fields() == nil {
		return nil, o.fail("there is no element %s here that has parts", name)
	}
	doc := fhir.Open([]byte("{}"))
	for part := range parts.Values() {
		key, v, err := o.convert(part, p.Fields(), part.Get("name").Text())
		if err != nil {
			return nil, err
		}
		at := place{object: doc.Root(), fields: p.Fields(), key: key}
		values := at.pairs()
		if len(values) > 0 && !at.repeats() {
			return nil, o.malformed("the part %s stands twice", key)
		}
		doc = at.rewrite(doc, append(values, v))
	}
	return doc.Bytes(), nil
}
