package fhir

import (
	"bytes"
	"encoding/json"
	"reflect"
	"testing"

	"pgregory.net/rapid"
)

// fill draws a value for a type that can be a view. depth bounds types that hold themselves.
func fill(t *rapid.T, p *plan, v reflect.Value, depth int) {
	switch p.form {
	case stringForm:
		v.SetString(rapid.SampledFrom([]string{"", "a", "final", "Müller", "a\"\\\n\t<&>", "\u2028😀", "http://loinc.org", "x y", "\x00"}).Draw(t, "string"))
	case boolForm:
		v.SetBool(rapid.Bool().Draw(t, "bool"))
	case intForm:
		v.SetInt(int64(rapid.IntRange(-100, 100).Draw(t, "int")))
	case scalarForm:
		fillScalar(t, v)
	case choiceForm:
		v.Set(reflect.ValueOf(drawChoice(t, depth)))
	case sliceForm:
		if n := rapid.IntRange(0, min(3, depth)).Draw(t, "length"); n > 0 {
			v.Set(reflect.MakeSlice(p.typ, n, n))
			for i := range n {
				fill(t, p.elem, v.Index(i), depth-1)
			}
		}
	case pointerForm:
		if depth > 0 && rapid.Bool().Draw(t, "there") {
			v.Set(reflect.New(p.typ.Elem()))
			fill(t, p.elem, v.Elem(), depth-1)
		}
	case structForm:
		for i := range p.fields {
			if rapid.IntRange(0, 2).Draw(t, "filled") > 0 {
				fill(t, p.fields[i].plan, v.FieldByIndex(p.fields[i].index), depth)
			}
		}
	}
}

func fillScalar(t *rapid.T, v reflect.Value) {
	text := map[reflect.Type][]string{
		reflect.TypeFor[Decimal]():  {"0", "1.50", "-3e2", "100"},
		reflect.TypeFor[Date]():     {"2026", "2026-11", "2026-11-24"},
		reflect.TypeFor[DateTime](): {"2026", "2026-11-24T09:30:00.000-05:00"},
		reflect.TypeFor[Instant]():  {"2026-11-24T09:30:00Z"},
		reflect.TypeFor[Time]():     {"09:30:00", "09:30:00.25"},
	}[v.Type()]
	s := rapid.SampledFrom(append(text, "")).Draw(t, "text")
	switch p := v.Addr().Interface().(type) {
	case *Decimal:
		p.text = s
	case *Date:
		p.text = s
	case *DateTime:
		p.text = s
	case *Instant:
		p.text = s
	case *Time:
		p.text = s
	}
}

func drawChoice(t *rapid.T, depth int) Choice {
	switch kind := rapid.IntRange(0, 7).Draw(t, "kind"); {
	case kind == 0:
		return Choice{}
	case kind == 1:
		return ChoiceOf(rapid.Bool().Draw(t, "bool"))
	case kind == 2:
		return ChoiceOf(rapid.IntRange(-9, 9).Draw(t, "int"))
	case kind == 3:
		return ChoiceAs("code", rapid.SampledFrom([]string{"a", "b"}).Draw(t, "code"))
	case kind == 4:
		return ChoiceOf(NewDecimal(rapid.Int64Range(-999, 999).Draw(t, "decimal"), 2))
	case kind == 5:
		return ChoiceOf(Coding{Code: "c", UserSelected: rapid.Bool().Draw(t, "bool")})
	case kind == 6 && depth > 0:
		return ChoiceOf(Timing{Repeat: TimingRepeat{Count: 3, Offset: 5}, Event: []DateTime{{"2026"}}})
	}
	return ChoiceOf(NewDate(2026, 11, 24))
}

// tidy makes of v what can be read back from a document: empty elements of lists left out, empty lists and
// pointers nil.
func tidy(p *plan, v reflect.Value) {
	switch p.form {
	case choiceForm:
		if v.Interface().(Choice).IsZero() {
			v.SetZero()
		}
	case pointerForm:
		if p.empty(v) {
			v.SetZero()
		} else {
			tidy(p.elem, v.Elem())
		}
	case sliceForm:
		out := reflect.MakeSlice(p.typ, 0, v.Len())
		for i := range v.Len() {
			if e := v.Index(i); !p.elem.empty(e) {
				tidy(p.elem, e)
				out = reflect.Append(out, e)
			}
		}
		if out.Len() == 0 {
			out = reflect.Zero(p.typ)
		}
		v.Set(out)
	case structForm:
		for i := range p.fields {
			tidy(p.fields[i].plan, v.FieldByIndex(p.fields[i].index))
		}
	}
}

// TestDataTypesAreWhatTheirFieldsSay holds the hand-written code of each data type against what views make
// of its fields by reflection.
func TestDataTypesAreWhatTheirFieldsSay(t *testing.T) {
	for _, typ := range dataTypes {
		t.Run(typ.Name(), func(t *testing.T) {
			p, err := planOf(typ)
			if err != nil {
				t.Fatal(err)
			}
			plain := *p
			plain.dataType = false
			rapid.Check(t, func(t *rapid.T) {
				v := reflect.New(typ)
				fill(t, p, v.Elem(), 3)
				type code interface {
					appendable
					Read(Node) error
				}
				written := v.Interface().(code).AppendJSON(nil)
				if again := plain.append(nil, v.Elem()); !bytes.Equal(written, again) {
					t.Fatalf("written  %s\nby field %s", written, again)
				}
				if !json.Valid(written) {
					t.Fatalf("not JSON: %s", written)
				}
				if zero := v.Interface().(code).IsZero(); zero && string(written) != "{}" {
					t.Fatalf("IsZero, and yet written as %s", written)
				}
				doc, err := Parse([]byte(`{"resourceType":"Basic","v":` + string(written) + `}`))
				if err != nil {
					t.Fatal(err)
				}
				tidy(p, v.Elem())
				hand, field := reflect.New(typ), reflect.New(typ)
				if err := hand.Interface().(code).Read(doc.Get("v")); err != nil {
					t.Fatal(err)
				}
				var in reader
				plain.read(&in, doc.Get("v"), field.Elem())
				if in.err != nil {
					t.Fatal(in.err)
				}
				if !reflect.DeepEqual(hand.Interface(), field.Interface()) {
					t.Fatalf("read     %+v\nby field %+v", hand.Elem(), field.Elem())
				}
				if !reflect.DeepEqual(hand.Interface(), v.Interface()) {
					t.Fatalf("written  %+v\nread back %+v\nas %s", v.Elem(), hand.Elem(), written)
				}
			})
		})
	}
}
