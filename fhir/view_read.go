package fhir

import (
	"reflect"
	"strconv"
)

// read takes the value at n into v, which is zero and can be set.
func (p *plan) read(in *reader, n Node, v reflect.Value) {
	if absent(n) {
		return
	}
	switch p.form {
	case stringForm:
		v.SetString(in.str(n))
	case boolForm:
		v.SetBool(in.boolean(n))
	case intForm:
		if n.Kind() != Number {
			in.fail(wrongKind(n, "a whole number"))
			return
		}
		i, err := strconv.ParseInt(n.Text(), 10, p.typ.Bits())
		if err != nil {
			in.fail(wrongForm(n, "a whole number of at most "+strconv.Itoa(p.typ.Bits())+" bits"))
		}
		v.SetInt(i)
	case scalarForm:
		in.fail(v.Addr().Interface().(interface{ Read(Node) error }).Read(n))
	case structForm:
		if p.dataType {
			in.fail(v.Addr().Interface().(interface{ Read(Node) error }).Read(n))
			return
		}
		p.readFields(in, n, v)
	case sliceForm:
		if !in.array(n) {
			return
		}
		length := n.Len()
		list := reflect.MakeSlice(p.typ, length, length)
		i := 0
		for c := range n.Children() {
			p.elem.read(in, c, list.Index(i))
			i++
		}
		v.Set(list)
	case pointerForm:
		to := reflect.New(p.typ.Elem())
		p.elem.read(in, n, to.Elem())
		v.Set(to)
	case nodeForm:
		*v.Addr().Interface().(*Node) = n
	}
}

// readFields reads a view's struct, or, in tests, a data type without its own code.
func (p *plan) readFields(in *reader, n Node, v reflect.Value) {
	if !in.object(n, "an object") {
		return
	}
	if p.origin != nil {
		*v.FieldByIndex(p.origin).Addr().Interface().(*Node) = n
	}
	for c := range n.Children() {
		key := c.Key()
		for i := range p.fields {
			f := &p.fields[i]
			if f.plan.form == choiceForm {
				if suffix, ok := choiceSuffix(key, f.name); ok && p.named(key) == nil {
					in.fail(v.FieldByIndex(f.index).Addr().Interface().(*Choice).read(c, suffix))
					break
				}
			} else if f.name == key {
				f.plan.read(in, c, v.FieldByIndex(f.index))
				break
			}
		}
	}
}
