// Package viewcheck holds views against the definitions of FHIR R4: a view that names an element which R4
// does not have, or reads it as another type, fails its test instead of reading nothing for ever.
//
//	func TestViews(t *testing.T) {
//		viewcheck.Resource[dose](t, "Immunization")
//	}
package viewcheck

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/fhir/definitions"
)

// T is what a test gives: *testing.T.
type T interface {
	Helper()
	Errorf(format string, args ...any)
}

// Resource fails the test for every field of V that does not fit the R4 type named, which may be a data
// type too.
func Resource[V any](t T, typeName string) {
	t.Helper()
	for _, problem := range Check(reflect.TypeFor[V](), typeName) {
		t.Errorf("%s: %s", reflect.TypeFor[V](), problem)
	}
}

// Check lists what in the view v does not fit the R4 type named; nothing is well.
func Check(v reflect.Type, typeName string) []string {
	for v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
	r4, ok := definitions.LookupType(typeName)
	if !ok {
		return []string{typeName + " is not a type of R4"}
	}
	c := checker{}
	c.object(v, r4.Fields(), typeName)
	return c.problems
}

type checker struct {
	problems []string
	way      []reflect.Type // the structs above, for those that hold themselves
}

func (c *checker) fail(format string, args ...any) {
	c.problems = append(c.problems, fmt.Sprintf(format, args...))
}

// object checks the fields of struct v against the properties that may stand at path.
func (c *checker) object(v reflect.Type, fields *definitions.Fields, path string) {
	for _, above := range c.way {
		if above == v {
			return
		}
	}
	c.way = append(c.way, v)
	defer func() { c.way = c.way[:len(c.way)-1] }()
	list, err := fhir.ViewFields(v)
	if err != nil {
		c.fail("%s: %v", path, err)
		return
	}
	for _, f := range list {
		c.field(f, fields, path)
	}
}

func (c *checker) field(f fhir.ViewField, fields *definitions.Fields, path string) {
	at := path + "." + f.Name
	if f.Choice {
		c.choice(f, fields, at)
		return
	}
	name, companion := strings.CutPrefix(f.Name, "_")
	p, ok := fields.Lookup(name)
	switch {
	case f.Name == "resourceType" && !strings.Contains(path, "."):
		return
	case !ok:
		c.fail("%s: R4 has no such element; it has %s", at, strings.Join(fields.Names(), ", "))
		return
	case companion && !p.Primitive:
		c.fail("%s: only primitives are accompanied by an underscored property, and %s is a %s", at, name, p.Type)
		return
	case f.Type == reflect.TypeFor[fhir.Node]():
		return
	case f.List && !p.Repeats:
		c.fail("%s is a single %s, not a list", at, p.Type)
	case !f.List && p.Repeats:
		c.fail("%s is a list of %s, not a single one", at, p.Type)
	}
	if companion {
		if f.Type != reflect.TypeFor[fhir.Element]() {
			c.object(f.Type, p.Fields(), at)
		}
		return
	}
	c.value(f.Type, p, at)
}

// value checks one value's Go type against its FHIR type.
func (c *checker) value(v reflect.Type, p *definitions.Property, at string) {
	if want := goType(p.Type); want != nil {
		switch {
		case reads(v, want):
		case v.Kind() == reflect.Struct && fhir.IsDataType(want) && !fhir.IsDataType(v):
			c.object(v, p.Fields(), at) // a smaller view of a data type
		default:
			c.fail("%s is a %s of FHIR: read it as %s, not as %s", at, p.Type, want, v)
		}
		return
	}
	switch {
	case p.Fields() == nil:
		c.fail("%s may hold any resource: read it as a fhir.Node", at)
	case v.Kind() != reflect.Struct:
		c.fail("%s is an object (%s), not a %s", at, p.Type, v)
	default:
		c.object(v, p.Fields(), at)
	}
}

// reads tells whether a field of type v can hold every value of type want.
func reads(v, want reflect.Type) bool {
	switch want {
	case reflect.TypeFor[bool](), reflect.TypeFor[string]():
		return v.Kind() == want.Kind()
	case reflect.TypeFor[int]():
		return v.Kind() >= reflect.Int && v.Kind() <= reflect.Int64 && v.Bits() >= 32
	case reflect.TypeFor[fhir.Date](), reflect.TypeFor[fhir.DateTime](), reflect.TypeFor[fhir.Instant](), reflect.TypeFor[fhir.Time]():
		return v == want || v.Kind() == reflect.String
	}
	return v == want
}

// choice checks that some property begins with the name of a choice.
func (c *checker) choice(f fhir.ViewField, fields *definitions.Fields, at string) {
	for _, e := range fields.Elements {
		if e.Choice && e.Name == f.Name {
			return
		}
	}
	c.fail("%s[x]: R4 has no element of several types by this name", at)
}

// goType is the Go type of a FHIR type that package fhir has; nil for others.
func goType(name string) reflect.Type {
	switch name {
	case "boolean":
		return reflect.TypeFor[bool]()
	case "integer", "positiveInt", "unsignedInt":
		return reflect.TypeFor[int]()
	case "decimal":
		return reflect.TypeFor[fhir.Decimal]()
	case "date":
		return reflect.TypeFor[fhir.Date]()
	case "dateTime":
		return reflect.TypeFor[fhir.DateTime]()
	case "instant":
		return reflect.TypeFor[fhir.Instant]()
	case "time":
		return reflect.TypeFor[fhir.Time]()
	case "Age", "Count", "Distance", "Duration", "SimpleQuantity":
		return reflect.TypeFor[fhir.Quantity]()
	case "MoneyQuantity":
		return reflect.TypeFor[fhir.Quantity]()
	}
	if name[0] >= 'a' && name[0] <= 'z' || name == "http://hl7.org/fhirpath/System.String" {
		return reflect.TypeFor[string]()
	}
	for _, t := range fhir.DataTypes() {
		if t.Name() == name && name != "Element" {
			return t
		}
	}
	return nil
}
