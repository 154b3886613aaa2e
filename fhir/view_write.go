package fhir

import (
	"reflect"
	"strconv"
)

// append writes v, which is not empty.
func (p *plan) append(out []byte, v reflect.Value) []byte {
	switch p.form {
	case stringForm:
		return AppendString(out, v.String())
	case boolForm:
		return strconv.AppendBool(out, v.Bool())
	case intForm:
		return strconv.AppendInt(out, v.Int(), 10)
	case pointerForm:
		return p.elem.append(out, v.Elem())
	case nodeForm:
		return AppendCompact(out, v.Interface().(Node))
	case sliceForm:
		return p.appendList(out, v, false)
	case structForm:
		if !p.dataType {
			w := begin(out)
			for i := range p.fields {
				f := &p.fields[i]
				if fv := v.FieldByIndex(f.index); !f.plan.emptyField(fv) {
					w.name(f.key(fv))
					w.out = f.append(w.out, fv)
				}
			}
			return w.end()
		}
	}
	return v.Interface().(interface{ AppendJSON([]byte) []byte }).AppendJSON(out)
}

// append writes the value of a field, which is not empty.
func (f *field) append(out []byte, v reflect.Value) []byte {
	if f.plan.form == sliceForm {
		return f.plan.appendList(out, v, f.paired || f.name[0] == '_')
	}
	return f.plan.append(out, v)
}

// key is the name of the property that holds v.
func (f *field) key(v reflect.Value) string {
	if f.plan.form == choiceForm {
		return v.Interface().(Choice).key(f.name)
	}
	return f.name
}

// appendList writes an array. Empty elements are written as null where their places count, else left out.
func (p *plan) appendList(out []byte, v reflect.Value, keepPlaces bool) []byte {
	out = append(out, '[')
	first := true
	for i := range v.Len() {
		e := v.Index(i)
		isEmpty := p.elem.empty(e)
		if isEmpty && !keepPlaces {
			continue
		}
		if !first {
			out = append(out, ',')
		}
		first = false
		if isEmpty {
			out = append(out, "null"...)
		} else {
			out = p.elem.append(out, e)
		}
	}
	return append(out, ']')
}
