package path

import (
	"slices"
)

// Check looks for mistakes that can be seen without a document: names that the type does not have, a path
// that begins at another type, functions that depend on an order where there is none. typeName is the type
// the expression will start at, such as "Patient"; a name that R4 does not have, or "", checks what can be
// checked without it. Where types depend on the document (contained resources, resolve()), nothing is
// demanded.
func (e *Expr) Check(typeName string) error {
	c := checker{}
	c.this = unknownShape
	if t := typeNamed(typeName); t != nil {
		c.this = shapeOf(t)
	}
	c.context = c.this
	_, err := c.visit(e.root)
	return e.explain(err)
}

// shape is what is known of the values that a part of an expression can give.
type shape struct {
	known     bool        // else nothing is known, and everything allowed
	fhir      []*fhirType // FHIR types that may occur
	system    []Kind      // types of the language that may occur
	unordered bool        // the values come in no defined order
}

var unknownShape = shape{}

func shapeOf(t *fhirType) shape {
	if t == nil || t.abstractResource || t.name == "Element" || t.name == "BackboneElement" {
		return unknownShape
	}
	return shape{known: true, fhir: []*fhirType{t}}
}

func systemShape(k Kind) shape { return shape{known: true, system: []Kind{k}} }

func (s shape) or(t shape) shape {
	if !s.known || !t.known {
		return shape{unordered: s.unordered || t.unordered}
	}
	return shape{
		known: true, unordered: s.unordered || t.unordered,
		fhir:   append(slices.Clone(s.fhir), t.fhir...),
		system: append(slices.Clone(s.system), t.system...),
	}
}

// checker walks an expression with what is known of $this.
type checker struct{ this, context shape }

func (c *checker) visit(n node) (shape, error) {
	switch n := n.(type) {
	case *constant:
		s := shape{known: true}
		for _, v := range n.values {
			s.system = append(s.system, v.kind)
		}
		return s, nil
	case *group:
		return c.visit(n.x)
	case thisNode:
		return c.this, nil
	case indexNode:
		return systemShape(Integer), nil
	case totalNode:
		return unknownShape, nil
	case *start:
		return c.start(n)
	case *member:
		left, err := c.visit(n.left)
		if err != nil {
			return left, err
		}
		return child1(left, n.name, n.at)
	case *indexer:
		left, err := c.visit(n.left)
		if err != nil {
			return left, err
		}
		if left.unordered {
			return left, placed(unorderedFault("an index"), n.at)
		}
		_, err = c.visit(n.index)
		return left, err
	case *external:
		if n.name == "context" {
			return c.context, nil
		}
		return unknownShape, nil
	case *typeTest:
		left, err := c.visit(n.left)
		if err != nil || !n.cast {
			return systemShape(Boolean), err
		}
		return cast(left, n.spec), nil
	case *sign:
		return c.visit(n.x)
	case *call:
		return c.call(n)
	}
	return c.operator(n)
}

func (c *checker) operator(n node) (shape, error) {
	result := systemShape(Boolean)
	var b *operands
	switch n := n.(type) {
	case *logic:
		b = &n.operands
	case *equality:
		b = &n.operands
	case *equivalence:
		b = &n.operands
	case *comparison:
		b = &n.operands
	case *membership:
		b = &n.operands
	case *concatenation:
		b, result = &n.operands, systemShape(String)
	case *arithmetic:
		b, result = &n.operands, unknownShape
	case *union:
		left, err := c.visit(n.left)
		if err != nil {
			return left, err
		}
		right, err := c.visit(n.right)
		return left.or(right), err
	default:
		return unknownShape, nil
	}
	if _, err := c.visit(b.left); err != nil {
		return result, err
	}
	_, err := c.visit(b.right)
	return result, err
}

func (c *checker) start(n *start) (shape, error) {
	if n.typ == nil {
		return child1(c.this, n.name, n.at)
	}
	if !c.this.known {
		return shapeOf(n.typ), nil
	}
	for _, t := range c.this.fhir {
		if t.is(n.typ) {
			return c.this, nil
		}
	}
	return unknownShape, placed(failf("the path begins at %s, but the expression starts at %s", n.name, c.this), n.at)
}

func (s shape) String() string {
	if len(s.fhir) == 1 && len(s.system) == 0 {
		return s.fhir[0].name
	}
	if len(s.system) == 1 && len(s.fhir) == 0 {
		return "a " + s.system[0].String()
	}
	return "several types"
}

// child1 is the shape of .name on values of the shape.
func child1(s shape, name string, at int) (shape, error) {
	if !s.known {
		return unknownShape, nil
	}
	result, found := shape{known: true, unordered: s.unordered}, len(s.fhir) == 0 && len(s.system) == 0
	for _, k := range s.system {
		if k == TypeInfo && (name == "name" || name == "namespace") {
			result, found = result.or(systemShape(String)), true
		}
	}
	for _, t := range s.fhir {
		c := t.children[name]
		if c == nil {
			continue
		}
		found = true
		for _, k := range c.keys {
			result = result.or(shapeOf(k.typeOf()))
		}
	}
	if !found {
		return result, placed(failf("%s has no element %s%s", s, name, choiceHint(s, name)), at)
	}
	return result, nil
}

// choiceHint names the choice element for a name such as valueQuantity.
func choiceHint(s shape, name string) string {
	for _, t := range s.fhir {
		for _, c := range t.children {
			if k := c.keys[name]; k != nil && c.choice {
				return "; the language writes " + c.name + ".ofType(" + k.property.Type + ")"
			}
		}
	}
	return ""
}

// cast is the shape that remains after as or ofType().
func cast(s shape, spec *typeSpec) shape {
	result := shapeOf(spec.fhir)
	switch {
	case spec.any:
		return s
	case spec.fhir == nil:
		result = systemShape(spec.system)
	case spec.system != Complex && !s.known:
		return unknownShape
	}
	result.unordered = s.unordered
	return result
}

func unorderedFault(what string) error {
	return failf("%s depends on the order of the items, but children() and descendants() give them in no defined order", what)
}

// Functions by what they give, where that is not a matter of their arguments.
var (
	sameShape = map[string]bool{"where": true, "first": true, "last": true, "tail": true, "skip": true, "take": true, "single": true,
		"distinct": true, "exclude": true, "intersect": true, "trace": true, "sort": true, "union": true, "combine": true}
	needOrder   = map[string]bool{"first": true, "last": true, "tail": true, "skip": true, "take": true}
	resultKinds = map[string]Kind{
		"empty": Boolean, "exists": Boolean, "all": Boolean, "allTrue": Boolean, "anyTrue": Boolean, "allFalse": Boolean, "anyFalse": Boolean,
		"subsetOf": Boolean, "supersetOf": Boolean, "isDistinct": Boolean, "not": Boolean, "hasValue": Boolean, "is": Boolean,
		"startsWith": Boolean, "endsWith": Boolean, "contains": Boolean, "matches": Boolean, "matchesFull": Boolean,
		"memberOf": Boolean, "conformsTo": Boolean, "htmlChecks": Boolean, "comparable": Boolean,
		"convertsToBoolean": Boolean, "convertsToInteger": Boolean, "convertsToDecimal": Boolean, "convertsToString": Boolean,
		"convertsToDate": Boolean, "convertsToDateTime": Boolean, "convertsToTime": Boolean, "convertsToQuantity": Boolean,
		"toBoolean": Boolean, "toInteger": Integer, "toDecimal": Decimal, "toString": String, "toDate": Date, "toDateTime": DateTime,
		"toTime": Time, "toQuantity": Quantity, "count": Integer, "length": Integer, "indexOf": Integer, "lastIndexOf": Integer,
		"substring": String, "upper": String, "lower": String, "trim": String, "replace": String, "replaceMatches": String,
		"toChars": String, "split": String, "join": String, "encode": String, "decode": String, "escape": String, "unescape": String,
		"getResourceKey": String, "getReferenceKey": String, "now": DateTime, "today": Date, "timeOfDay": Time, "precision": Integer, "type": TypeInfo,
	}
	eachItem = map[string]bool{"where": true, "select": true, "exists": true, "all": true, "repeat": true, "sort": true, "aggregate": true, "trace": true}
)

func (c *checker) call(n *call) (shape, error) {
	input := c.this
	if n.left != nil {
		var err error
		if input, err = c.visit(n.left); err != nil {
			return input, err
		}
	}
	if input.unordered && needOrder[n.name] {
		return input, placed(unorderedFault(n.name+"()"), n.at)
	}
	args := checker{this: c.this, context: c.context}
	if eachItem[n.name] || n.name == "iif" && n.left != nil {
		args.this = input
	}
	if n.name == "repeat" || n.name == "aggregate" { // what is repeated has its own children
		args.this = unknownShape
	}
	var shapes []shape
	for i, a := range n.args {
		inner := args
		if n.name == "aggregate" && i == 1 {
			inner.this = c.this
		}
		s, err := inner.visit(a)
		if err != nil {
			return s, err
		}
		shapes = append(shapes, s)
	}
	return c.result(n, input, shapes)
}

func (c *checker) result(n *call, input shape, args []shape) (shape, error) {
	if k, ok := resultKinds[n.name]; ok {
		return systemShape(k), nil
	}
	switch n.name {
	case "union", "combine":
		return input.or(args[0]), nil
	case "sort":
		input.unordered = false
		return input, nil
	case "select":
		args[0].unordered = args[0].unordered || input.unordered
		return args[0], nil
	case "as", "ofType":
		return cast(input, n.spec), nil
	case "extension":
		return shapeOf(typeNamed("Extension")), nil
	case "children", "descendants":
		return shape{unordered: true}, nil
	case "iif":
		if s := args[0]; s.known && len(s.fhir) == 0 && len(s.system) > 0 && !slices.Contains(s.system, Boolean) {
			return input, placed(failf("the condition of iif() is a Boolean, not %s", s), n.at)
		}
		result := args[1]
		if len(args) > 2 {
			result = result.or(args[2])
		}
		return result, nil
	}
	if sameShape[n.name] {
		return input, nil
	}
	return unknownShape, nil
}
