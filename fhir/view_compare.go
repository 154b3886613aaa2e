package fhir

import "reflect"

// empty tells whether v says nothing, so that its element does not stand in a document. A number or
// boolean always says something.
func (p *plan) empty(v reflect.Value) bool {
	switch p.form {
	case stringForm:
		return v.Len() == 0
	case boolForm, intForm:
		return false
	case scalarForm, choiceForm:
		return v.IsZero()
	case nodeForm:
		return absent(v.Interface().(Node))
	case pointerForm:
		return v.IsNil() || p.elem.empty(v.Elem())
	case sliceForm:
		for i := range v.Len() {
			if !p.elem.empty(v.Index(i)) {
				return false
			}
		}
		return true
	}
	for i := range p.fields {
		if f := &p.fields[i]; !f.plan.emptyField(v.FieldByIndex(f.index)) {
			return false
		}
	}
	return true
}

// emptyField is empty, and counts false and 0 as absent.
func (p *plan) emptyField(v reflect.Value) bool {
	if p.form == boolForm || p.form == intForm {
		return v.IsZero()
	}
	return p.empty(v)
}

// equal tells whether two values say the same, so that nothing needs to be edited.
func (p *plan) equal(a, b reflect.Value) bool {
	switch p.form {
	case stringForm:
		return a.String() == b.String()
	case boolForm:
		return a.Bool() == b.Bool()
	case intForm:
		return a.Int() == b.Int()
	case scalarForm:
		return a.Equal(b)
	case choiceForm:
		return a.Interface().(Choice).Equal(b.Interface().(Choice))
	case nodeForm:
		x, y := a.Interface().(Node), b.Interface().(Node)
		return x == y || absent(x) && absent(y) || x.Equal(y)
	case pointerForm:
		if a.IsNil() || b.IsNil() {
			return p.empty(a) && p.empty(b)
		}
		return p.elem.equal(a.Elem(), b.Elem())
	case sliceForm:
		if a.Len() != b.Len() {
			return false
		}
		for i := range a.Len() {
			if !p.elem.equal(a.Index(i), b.Index(i)) {
				return false
			}
		}
		return true
	}
	for i := range p.fields {
		f := &p.fields[i]
		if !f.plan.equal(a.FieldByIndex(f.index), b.FieldByIndex(f.index)) {
			return false
		}
	}
	return true
}

// likeness tells how much two different values have in common: 0 means nothing, so that one replaces the
// other, and more means that one is an edited form of the other.
func (p *plan) likeness(a, b reflect.Value) float64 {
	switch p.form {
	case pointerForm:
		if a.IsNil() || b.IsNil() {
			return 0
		}
		return p.elem.likeness(a.Elem(), b.Elem())
	case sliceForm:
		return p.listLikeness(a, b)
	case structForm:
		return p.structLikeness(a, b)
	}
	return 0
}

func (p *plan) listLikeness(a, b reflect.Value) float64 {
	const few = 16 // elements compared; more would cost too much for a guess
	best := 0.0
	for i := range min(a.Len(), few) {
		for j := range min(b.Len(), few) {
			switch {
			case p.elem.empty(a.Index(i)):
			case p.elem.equal(a.Index(i), b.Index(j)):
				return 1
			default:
				best = max(best, min(1, p.elem.likeness(a.Index(i), b.Index(j)))/2)
			}
		}
	}
	return best
}

// identifying are the types of which a value that has nothing in common with the old one is another thing,
// rather than the old one corrected.
var identifying = []reflect.Type{
	reflect.TypeFor[Coding](), reflect.TypeFor[CodeableConcept](), reflect.TypeFor[Reference](),
	reflect.TypeFor[Identifier](), reflect.TypeFor[Extension](),
}

// replaces tells whether v, which differs from old, takes its place as another thing.
func (p *plan) replaces(old, v reflect.Value) bool {
	return p.dataType && contains(identifying, p.typ) && p.likeness(old, v) == 0
}

func (p *plan) structLikeness(a, b reflect.Value) float64 {
	switch x := a.Interface().(type) {
	case Coding: // another code is another thing: what was said about the old one, such as its score, goes
		if y := b.Interface().(Coding); x.System != y.System || x.Code != y.Code {
			return 0
		}
	case Reference: // so is another target
		if y := b.Interface().(Reference); x.Reference != y.Reference {
			return 0
		}
	case Extension:
		if y := b.Interface().(Extension); x.URL != y.URL {
			return 0
		}
	}
	sum := 0.0
	for i := range p.fields {
		f := &p.fields[i]
		av, bv := a.FieldByIndex(f.index), b.FieldByIndex(f.index)
		switch {
		case f.plan.emptyField(av) || f.plan.emptyField(bv):
		case f.plan.equal(av, bv):
			if sum++; f.name == "id" {
				sum += 100
			}
		default:
			sum += f.plan.likeness(av, bv) / 2
		}
	}
	return sum
}
