package fhir

import (
	"bytes"
	"fmt"
	"reflect"
	"strconv"
)

// Choice is the value of an element that may be of several types, such as value[x]: a value and the name
// of its FHIR type. The zero Choice is absent.
type Choice struct {
	typ   string
	value any
}

// Raw is the exact JSON of a value whose type has no Go type here.
type Raw []byte

// DataType is what a [Choice] may hold. All of FHIR's string-like primitives are Go strings.
type DataType interface {
	string | bool | int | Decimal | Date | DateTime | Instant | Time |
		Address | Annotation | Attachment | CodeableConcept | Coding | ContactDetail | ContactPoint | Dosage |
		Expression | HumanName | Identifier | Meta | Money | Period | Quantity | Range | Ratio | Reference |
		RelatedArtifact | SampledData | Signature | Timing | UsageContext
}

// ChoiceOf holds v under the type that its Go type implies: string is FHIR's string, int is integer.
func ChoiceOf[T DataType](v T) Choice {
	switch reflect.TypeFor[T]().Kind() {
	case reflect.String:
		return Choice{"string", v}
	case reflect.Bool:
		return Choice{"boolean", v}
	case reflect.Int:
		return Choice{"integer", v}
	}
	name := reflect.TypeFor[T]().Name()
	if low := lowerFirst(name); primitiveTypes[low] != 0 {
		return Choice{low, v}
	}
	return Choice{name, v}
}

// ChoiceAs holds text under one of FHIR's string-like primitives: code, uri, url, canonical, id, markdown,
// oid, uuid, base64Binary or string. It panics for another type, which is a mistake in the program.
func ChoiceAs(fhirType, text string) Choice {
	if primitiveTypes[fhirType] != reflect.String {
		panic(fmt.Sprintf("fhir.ChoiceAs: %q is not a string-like primitive of FHIR", fhirType))
	}
	return Choice{fhirType, text}
}

// AgeOf holds an age in whole years.
func AgeOf(years int) Choice {
	return Choice{"Age", Quantity{Value: DecimalFromInt(int64(years)), Unit: "years", System: UCUM, Code: "a"}}
}

// ChoiceValue is what c holds if it is a T. An Age or Duration is a [Quantity].
func ChoiceValue[T DataType](c Choice) (T, bool) {
	v, ok := c.value.(T)
	return v, ok
}

// Type is the FHIR type, such as Quantity or dateTime; "" when absent.
func (c Choice) Type() string { return c.typ }

// Value is what c holds: one of [DataType], or [Raw]; nil when absent.
func (c Choice) Value() any { return c.value }

// IsZero is true when there is no value, or one that says nothing, such as a Quantity with extensions only.
func (c Choice) IsZero() bool {
	switch v := c.value.(type) {
	case nil:
		return true
	case string:
		return v == ""
	case Raw:
		return len(v) == 0
	case appendable:
		return v.IsZero()
	}
	return false
}

// Equal tells whether two choices hold the same type and value.
func (c Choice) Equal(d Choice) bool {
	if c.typ != d.typ {
		return false
	}
	if a, ok := c.value.(Raw); ok {
		b, ok := d.value.(Raw)
		return ok && bytes.Equal(a, b)
	}
	return reflect.DeepEqual(c.value, d.value)
}

// primitiveTypes are FHIR's primitives, whose names begin in lower case, with the kind of their Go value;
// Struct stands for a data type of this package.
var primitiveTypes = map[string]reflect.Kind{
	"base64Binary": reflect.String, "canonical": reflect.String, "code": reflect.String, "id": reflect.String,
	"markdown": reflect.String, "oid": reflect.String, "string": reflect.String, "uri": reflect.String,
	"url": reflect.String, "uuid": reflect.String,
	"boolean": reflect.Bool,
	"integer": reflect.Int, "positiveInt": reflect.Int, "unsignedInt": reflect.Int,
	"decimal": reflect.Struct, "date": reflect.Struct, "dateTime": reflect.Struct, "instant": reflect.Struct, "time": reflect.Struct,
}

func lowerFirst(s string) string {
	if s != "" && s[0] >= 'A' && s[0] <= 'Z' {
		return string(s[0]|0x20) + s[1:]
	}
	return s
}

// choiceSuffix is the type part of a property name such as valueQuantity for value[x].
func choiceSuffix(key, name string) (string, bool) {
	if len(key) > len(name) && key[:len(name)] == name && key[len(name)] >= 'A' && key[len(name)] <= 'Z' {
		return key[len(name):], true
	}
	return "", false
}

// read takes the value at n, whose property name ends in suffix.
func (c *Choice) read(n Node, suffix string) error {
	var r reader
	typ := suffix
	if low := lowerFirst(suffix); primitiveTypes[low] != 0 {
		typ = low
	}
	var v any
	switch primitiveTypes[typ] {
	case reflect.String:
		v = r.str(n)
	case reflect.Bool:
		v = r.boolean(n)
	case reflect.Int:
		v = r.integer(n)
	default:
		v = readNamed(&r, n, typ)
	}
	if r.err != nil {
		return r.err
	}
	c.typ, c.value = typ, v
	return nil
}

func readNamed(r *reader, n Node, typ string) any {
	switch typ {
	case "decimal":
		return readValue[Decimal](r, n)
	case "date":
		return readValue[Date](r, n)
	case "dateTime":
		return readValue[DateTime](r, n)
	case "instant":
		return readValue[Instant](r, n)
	case "time":
		return readValue[Time](r, n)
	case "Address":
		return readValue[Address](r, n)
	case "Annotation":
		return readValue[Annotation](r, n)
	case "Attachment":
		return readValue[Attachment](r, n)
	case "CodeableConcept":
		return readValue[CodeableConcept](r, n)
	case "Coding":
		return readValue[Coding](r, n)
	case "ContactDetail":
		return readValue[ContactDetail](r, n)
	case "ContactPoint":
		return readValue[ContactPoint](r, n)
	case "Dosage":
		return readValue[Dosage](r, n)
	case "Expression":
		return readValue[Expression](r, n)
	case "HumanName":
		return readValue[HumanName](r, n)
	case "Identifier":
		return readValue[Identifier](r, n)
	case "Meta":
		return readValue[Meta](r, n)
	case "Money":
		return readValue[Money](r, n)
	case "Period":
		return readValue[Period](r, n)
	case "Quantity", "Age", "Count", "Distance", "Duration":
		return readValue[Quantity](r, n)
	case "Range":
		return readValue[Range](r, n)
	case "Ratio":
		return readValue[Ratio](r, n)
	case "Reference":
		return readValue[Reference](r, n)
	case "RelatedArtifact":
		return readValue[RelatedArtifact](r, n)
	case "SampledData":
		return readValue[SampledData](r, n)
	case "Signature":
		return readValue[Signature](r, n)
	case "Timing":
		return readValue[Timing](r, n)
	case "UsageContext":
		return readValue[UsageContext](r, n)
	}
	return Raw(n.Raw())
}

func readValue[T any, P readable[T]](r *reader, n Node) T {
	var v T
	readOne(r, n, P(&v))
	return v
}

// write writes the value under its name and type, such as valueQuantity.
func (c Choice) write(w *writer, name string) {
	if c.IsZero() {
		return
	}
	w.name(c.key(name))
	w.out = c.AppendJSON(w.out)
}

// key is the property name for the choice called name.
func (c Choice) key(name string) string {
	return name + string(c.typ[0]&^0x20) + c.typ[1:]
}

// AppendJSON appends the value alone, without its name.
func (c Choice) AppendJSON(out []byte) []byte {
	switch v := c.value.(type) {
	case nil:
		return append(out, "null"...)
	case string:
		return AppendString(out, v)
	case bool:
		return strconv.AppendBool(out, v)
	case int:
		return strconv.AppendInt(out, int64(v), 10)
	case Raw:
		return append(out, v...)
	case appendable:
		return v.AppendJSON(out)
	}
	panic(fmt.Sprintf("fhir: a Choice cannot hold a %T", c.value))
}
