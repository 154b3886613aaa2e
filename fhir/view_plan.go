package fhir

import (
	"fmt"
	"reflect"
	"strings"
	"sync"
	"unicode"
)

// form tells how a Go type stands for JSON.
type form uint8

const (
	stringForm  form = iota + 1 // a JSON string
	boolForm                    // true or false
	intForm                     // a whole number
	scalarForm                  // a primitive of this package: Decimal, Date, DateTime, Instant, Time
	structForm                  // an object
	sliceForm                   // an array
	pointerForm                 // what it points to, or nothing
	choiceForm                  // Choice: its property name tells its type
	nodeForm                    // Node: whatever stands there
)

// plan is how values of one Go type are read, compared and written.
type plan struct {
	form   form
	typ    reflect.Type
	elem   *plan   // of a slice or pointer
	fields []field // of a struct
	origin []int   // index of the field tagged "."; nil if there is none
	// dataType is set for the structs of this package that stand for a data type of FHIR: they know all of
	// its elements, so an empty one means that the element is gone.
	dataType bool
}

// field is one property of a struct.
type field struct {
	name  string // of the property; of a choice, without [x]
	index []int  // for reflect
	plan  *plan
	// paired is set for a list whose struct has the list of what accompanies its values too: then the
	// places of empty elements count.
	paired bool
}

// plans caches *plan by reflect.Type. A plan depends on the type alone and never changes, so it does not
// matter who makes it first, and nothing else can be seen of this variable.
var plans sync.Map

var (
	nodeType   = reflect.TypeFor[Node]()
	choiceType = reflect.TypeFor[Choice]()
	scalars    = []reflect.Type{
		reflect.TypeFor[Decimal](), reflect.TypeFor[Date](), reflect.TypeFor[DateTime](),
		reflect.TypeFor[Instant](), reflect.TypeFor[Time](),
	}
	dataTypes = []reflect.Type{
		reflect.TypeFor[Address](), reflect.TypeFor[Annotation](), reflect.TypeFor[Attachment](),
		reflect.TypeFor[CodeableConcept](), reflect.TypeFor[Coding](), reflect.TypeFor[ContactDetail](),
		reflect.TypeFor[ContactPoint](), reflect.TypeFor[Dosage](), reflect.TypeFor[DoseAndRate](),
		reflect.TypeFor[Element](), reflect.TypeFor[Expression](), reflect.TypeFor[Extension](),
		reflect.TypeFor[HumanName](), reflect.TypeFor[Identifier](), reflect.TypeFor[Meta](),
		reflect.TypeFor[Money](), reflect.TypeFor[Narrative](), reflect.TypeFor[Period](),
		reflect.TypeFor[Quantity](), reflect.TypeFor[Range](), reflect.TypeFor[Ratio](),
		reflect.TypeFor[Reference](), reflect.TypeFor[RelatedArtifact](), reflect.TypeFor[SampledData](),
		reflect.TypeFor[Signature](), reflect.TypeFor[Timing](), reflect.TypeFor[TimingRepeat](),
		reflect.TypeFor[UsageContext](),
	}
)

// planOf returns the plan of a type, made once.
func planOf(t reflect.Type) (*plan, error) {
	if p, ok := plans.Load(t); ok {
		return p.(*plan), nil
	}
	making := map[reflect.Type]*plan{}
	p, err := makePlan(t, making)
	if err != nil {
		return nil, fmt.Errorf("%s cannot be a view: %w", t, err)
	}
	for t, made := range making {
		plans.LoadOrStore(t, made)
	}
	return p, nil
}

// makePlan makes the plan of t and of the types in it. making holds those begun, for types that hold themselves.
func makePlan(t reflect.Type, making map[reflect.Type]*plan) (*plan, error) {
	if p := making[t]; p != nil {
		return p, nil
	}
	p := &plan{typ: t}
	making[t] = p
	switch {
	case t == nodeType:
		p.form = nodeForm
		return p, nil
	case t == choiceType:
		p.form = choiceForm
		return p, nil
	case contains(scalars, t):
		p.form = scalarForm
		return p, nil
	}
	var err error
	switch t.Kind() {
	case reflect.String:
		p.form = stringForm
	case reflect.Bool:
		p.form = boolForm
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		p.form = intForm
	case reflect.Float32, reflect.Float64:
		return nil, fmt.Errorf("a %s loses the digits of a decimal; use fhir.Decimal", t)
	case reflect.Pointer, reflect.Slice:
		p.form = sliceForm
		if t.Kind() == reflect.Pointer {
			p.form = pointerForm
		}
		p.elem, err = makePlan(t.Elem(), making)
		if err == nil && (p.elem.form == pointerForm && p.form == pointerForm || p.elem.form == sliceForm) {
			err = fmt.Errorf("a FHIR element cannot be a %s", t)
		}
		if err == nil && p.elem.form == choiceForm {
			err = fmt.Errorf("a Choice stands alone; it is absent when zero")
		}
	case reflect.Struct:
		p.form = structForm
		p.dataType = contains(dataTypes, t)
		err = p.addFields(t, nil, making)
	default:
		err = fmt.Errorf("no FHIR element is a %s", t)
	}
	return p, err
}

func contains(list []reflect.Type, t reflect.Type) bool {
	for _, u := range list {
		if u == t {
			return true
		}
	}
	return false
}

func (p *plan) addFields(t reflect.Type, prefix []int, making map[reflect.Type]*plan) error {
	for i := range t.NumField() {
		f := t.Field(i)
		index := append(append([]int(nil), prefix...), i)
		tag, tagged := f.Tag.Lookup("fhir")
		if tag == "-" || !f.IsExported() && !f.Anonymous {
			continue
		}
		if f.Anonymous && !tagged && f.Type.Kind() == reflect.Struct && f.Type != nodeType && f.Type != choiceType && !contains(scalars, f.Type) {
			if err := p.addFields(f.Type, index, making); err != nil {
				return err
			}
			continue
		}
		if !f.IsExported() {
			return fmt.Errorf("field %s: an embedded field must be a struct or have an exported name", f.Name)
		}
		if tag == "." {
			if f.Type != nodeType {
				return fmt.Errorf(`field %s: only a fhir.Node can be tagged "."`, f.Name)
			}
			p.origin = index
			continue
		}
		made, err := makePlan(f.Type, making)
		if err != nil {
			return fmt.Errorf("field %s: %w", f.Name, err)
		}
		name := tag
		if name == "" {
			name = propertyName(f.Name)
		}
		name, isChoice := strings.CutSuffix(name, "[x]")
		switch {
		case made.form == choiceForm && tagged && !isChoice:
			return fmt.Errorf("field %s: a Choice reads an element such as value[x]; for %s use its own type", f.Name, name)
		case made.form != choiceForm && isChoice:
			return fmt.Errorf("field %s: %s[x] is read by a fhir.Choice", f.Name, name)
		case strings.ContainsAny(name, "., []"):
			return fmt.Errorf("field %s: %q is not the name of one property", f.Name, name)
		}
		for _, other := range p.fields {
			if other.name == name {
				return fmt.Errorf("field %s: another field reads %s too", f.Name, name)
			}
		}
		p.fields = append(p.fields, field{name: name, index: index, plan: made})
	}
	for i := range p.fields {
		f := &p.fields[i]
		f.paired = f.plan.form == sliceForm && p.named("_"+f.name) != nil
	}
	return nil
}

// named is the field that reads the property called name.
func (p *plan) named(name string) *field {
	for i := range p.fields {
		if p.fields[i].name == name {
			return &p.fields[i]
		}
	}
	return nil
}

// propertyName is a Go name as FHIR writes it: BirthDate is birthDate, ID id, VersionID versionId.
func propertyName(s string) string {
	var b strings.Builder
	runes := []rune(s)
	for i, r := range runes {
		upper := unicode.IsUpper(r)
		afterUpper := i > 0 && unicode.IsUpper(runes[i-1])
		beforeLower := i+1 < len(runes) && unicode.IsLower(runes[i+1])
		if upper && (i == 0 || afterUpper && !beforeLower) {
			r = unicode.ToLower(r)
		}
		b.WriteRune(r)
	}
	return b.String()
}
