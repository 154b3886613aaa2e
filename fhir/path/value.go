package path

import (
	"strconv"

	"github.com/cockroachdb/apd/v3"

	"github.com/osler-ehr/osler/fhir"
)

// Kind is what a value is to the language: one of its own types, or an element with children.
type Kind uint8

const (
	Complex  Kind = iota // an element or resource with children
	Boolean              // System.Boolean
	String               // System.String
	Integer              // System.Integer
	Decimal              // System.Decimal
	Date                 // System.Date, with its precision
	DateTime             // System.DateTime, with its precision
	Time                 // System.Time, with its precision
	Quantity             // System.Quantity
	TypeInfo             // what type() answers
)

func (k Kind) String() string {
	return [...]string{"element", "Boolean", "String", "Integer", "Decimal", "Date", "DateTime", "Time", "Quantity", "TypeInfo"}[k]
}

// Value is one item of a FHIRPath collection: a place in a document with its FHIR type, or a value that
// an expression computed. Values are immutable.
type Value struct {
	node fhir.Node // the element's value in the document; Missing for computed values
	ext  fhir.Node // the `_name` sibling of a primitive: its id and extensions
	typ  *fhirType // FHIR type; nil for computed values and where the type is not known
	data any       // computed: string, *apd.Decimal, temporal, quantity or typeName
	num  int64     // computed: Boolean (0, 1) and Integer
	kind Kind
}

// Root is a whole resource as the starting point of an evaluation.
func Root(r *fhir.Resource) Value { return resourceValue(r.Root()) }

// Element is an element inside a document as a starting point. typeName is its FHIR type, or the path of
// a backbone element such as "Patient.contact"; sibling is its `_name` sibling if it is a primitive.
func Element(node, sibling fhir.Node, typeName string) Value {
	return nodeValue(node, sibling, typeNamed(typeName))
}

// Computed values, for variables in [Env].
func BooleanOf(b bool) Value             { return boolValue(b) }
func StringOf(s string) Value            { return Value{kind: String, data: s} }
func IntegerOf(i int64) Value            { return Value{kind: Integer, num: i} }
func DecimalOf(d *apd.Decimal) Value     { return Value{kind: Decimal, data: d} }
func resourceValue(node fhir.Node) Value { return nodeValue(node, fhir.Node{}, nil) }

func boolValue(b bool) Value {
	if b {
		return Value{kind: Boolean, num: 1}
	}
	return Value{kind: Boolean}
}

// nodeValue gives the element its language kind. A resource names its type itself; where no type is
// known, the JSON kind decides.
func nodeValue(node, sibling fhir.Node, t *fhirType) Value {
	v := Value{node: node, ext: sibling, typ: t}
	if node.Kind() == fhir.Object {
		if t == nil || t.abstractResource {
			if name := node.Get("resourceType"); name.Kind() == fhir.String {
				v.typ = typeNamed(name.Text())
			}
		}
		return v
	}
	if t != nil {
		v.kind = t.kind
		return v
	}
	switch node.Kind() {
	case fhir.Bool:
		v.kind = Boolean
	case fhir.Number:
		v.kind = Decimal
		if _, whole := node.Int(); whole {
			v.kind = Integer
		}
	default:
		v.kind = String
	}
	return v
}

// Kind is what the value is to the language.
func (v Value) Kind() Kind { return v.kind }

// Node is the element's value in the document: Missing for a computed value, and for a primitive that has
// only extensions.
func (v Value) Node() fhir.Node { return v.node }

// Sibling is the `_name` sibling of a primitive in the document; Missing if there is none.
func (v Value) Sibling() fhir.Node { return v.ext }

// TypeName is the FHIR type ("code", "HumanName", "BackboneElement") of an element, or the language's own
// ("System.String") of a computed value.
func (v Value) TypeName() string {
	switch {
	case v.typ != nil:
		return v.typ.reflected()
	case !v.fromDocument() || v.kind != Complex:
		return "System." + v.kind.String()
	}
	return "Element"
}

func (v Value) fromDocument() bool { return v.node.Exists() || v.ext.Exists() }

// HasValue reports whether there is a value, not extensions alone.
func (v Value) HasValue() bool { return v.node.Exists() || !v.ext.Exists() }

// Bool is the value of a Boolean.
func (v Value) Bool() (value, ok bool) {
	if v.kind != Boolean {
		return false, false
	}
	if v.fromDocument() {
		return v.node.Bool(), v.node.Kind() == fhir.Bool
	}
	return v.num != 0, true
}

// Int is the value of an Integer.
func (v Value) Int() (int64, bool) {
	if v.kind != Integer {
		return 0, false
	}
	if v.fromDocument() {
		return v.node.Int()
	}
	return v.num, true
}

// Str is the value of a String.
func (v Value) Str() (string, bool) {
	if v.kind != String {
		return "", false
	}
	if v.fromDocument() {
		return v.node.Text(), v.node.Kind() == fhir.String
	}
	return v.data.(string), true
}

// Decimal is the value of a Decimal or Integer, with its digits. The caller must not change it.
func (v Value) Decimal() (*apd.Decimal, bool) {
	switch v.kind {
	case Integer:
		if i, ok := v.Int(); ok {
			return apd.New(i, 0), true
		}
	case Decimal:
		if !v.fromDocument() {
			return v.data.(*apd.Decimal), true
		}
		if v.node.Kind() == fhir.Number {
			return parseDecimal(v.node.Text())
		}
	}
	return nil, false
}

// temporal is the value of a Date, DateTime or Time.
func (v Value) temporal() (temporal, bool) {
	switch v.kind {
	case Date, DateTime, Time:
	default:
		return temporal{}, false
	}
	if !v.fromDocument() {
		return v.data.(temporal), true
	}
	if v.node.Kind() != fhir.String {
		return temporal{}, false
	}
	return parseTemporal(v.kind, v.node.Text())
}

// Text is the value as toString() writes it; "" for elements with children.
func (v Value) Text() string {
	s, _ := v.text()
	return s
}

func (v Value) text() (string, bool) {
	if v.fromDocument() && v.kind != Complex {
		return v.node.Text(), v.node.Exists()
	}
	switch v.kind {
	case Boolean:
		return strconv.FormatBool(v.num != 0), true
	case Integer:
		return strconv.FormatInt(v.num, 10), true
	case String:
		return v.data.(string), true
	case Decimal:
		return formatDecimal(v.data.(*apd.Decimal)), true
	case Date, DateTime, Time:
		return v.data.(temporal).String(), true
	}
	if q, ok := v.quantity(); ok {
		return q.String(), true
	}
	return "", false
}

// same reports whether both are the very same place in the same document.
func (v Value) same(w Value) bool {
	return v.fromDocument() && v.node == w.node && v.ext == w.ext
}
