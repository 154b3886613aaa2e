package fhir

import "reflect"

// ViewField tells of one field of a view what it reads, for tests that hold views against the definitions.
type ViewField struct {
	Go     string       // the field's name in the struct
	Name   string       // the property that it reads; of a Choice, without [x]
	Type   reflect.Type // of one value: behind pointers and slices
	List   bool         // it reads an array
	Choice bool         // it reads an element of several types
}

// ViewFields lists the fields of a struct that can be a view, those of embedded structs included, in order.
// Whether the struct is a data type of this package, [IsDataType] tells.
func ViewFields(t reflect.Type) ([]ViewField, error) {
	p, err := planOf(t)
	if err != nil {
		return nil, err
	}
	var out []ViewField
	for i := range p.fields {
		f := &p.fields[i]
		v := ViewField{Go: t.FieldByIndex(f.index).Name, Name: f.name}
		q := f.plan
		for q.form == pointerForm || q.form == sliceForm {
			v.List = v.List || q.form == sliceForm
			q = q.elem
		}
		v.Type, v.Choice = q.typ, q.form == choiceForm
		out = append(out, v)
	}
	return out, nil
}

// IsDataType tells whether t is a struct of this package that stands for a complex data type of FHIR, or
// for a part of one.
func IsDataType(t reflect.Type) bool { return contains(dataTypes, t) }

// DataTypes are those types, in the order of their names.
func DataTypes() []reflect.Type { return append([]reflect.Type(nil), dataTypes...) }
