package fhir_test

import (
	"bytes"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/osler-ehr/osler/fhir"
)

// chart is a view that fits most clinical resources, so that one test edits them all.
type chart struct {
	Meta       struct{ Tag []fhir.Coding }
	Extension  []fhir.Extension
	Identifier []fhir.Identifier
	Status     string
	Category   []fhir.CodeableConcept
	Code       *fhir.CodeableConcept
	Subject    fhir.Reference
	Encounter  *fhir.Reference
	Effective  fhir.Choice `fhir:"effective[x]"`
	Issued     fhir.Instant
	Performer  []struct {
		Reference string
		Actor     fhir.Reference
	}
	Value     fhir.Choice `fhir:"value[x]"`
	Component []struct {
		Here  fhir.Node `fhir:"."`
		Code  fhir.CodeableConcept
		Value fhir.Quantity `fhir:"valueQuantity"`
	}
	Note []fhir.Annotation
}

var samples = []string{
	heartRate,
	`{"resourceType":"Observation", "id":"x", "contained":[{"resourceType":"Basic"}],
	  "extension":[{"url":"a","valueString":"1","_valueString":{"id":"k"}},{"extension":[{"url":"p","valueBoolean":true}],"url":"b"}],
	  "identifier":[{"system":"s","value":"1","extension":[{"url":"q"}]},{"value":"2"}],
	  "status":"final", "_status":{"id":"st"}, "code":{"text":"t","coding":[{"code":"a","x":1},{"code":"b"}]},
	  "performer":[{"reference":"Practitioner/1","display":"D"}],
	  "valueQuantity":{"value":1.50,"_value":{"id":"v"},"code":"mg"},
	  "component":[{"id":"c1","code":{"text":"1"},"valueQuantity":{"value":1.0}},{"code":{"text":"2"},"interpretation":[{"text":"H"}]}],
	  "note":[{"text":"n1","extension":[{"url":"z"}]},{"text":"n2"}], "unknown":{"deep":[1.10,{"a":null}]} }`,
	`{"resourceType":"Observation"}`,
	`{"resourceType":"Observation","code":null,"note":[],"identifier":[null,{"value":"1"}],"meta":{}}`,
}

var newYear = fhir.NewDate(2026, 1, 1).DateTime()

func text() *rapid.Generator[string] {
	return rapid.SampledFrom([]string{"a", "b", "c", "final", "é\"\\", "Practitioner/1", "Practitioner/2", "1", "2"})
}

func coding() *rapid.Generator[fhir.Coding] {
	return rapid.Custom(func(t *rapid.T) fhir.Coding {
		return fhir.Coding{System: text().Draw(t, "system"), Code: text().Draw(t, "code"), UserSelected: rapid.Bool().Draw(t, "selected")}
	})
}

func concept() *rapid.Generator[fhir.CodeableConcept] {
	return rapid.Custom(func(t *rapid.T) fhir.CodeableConcept {
		return fhir.CodeableConcept{Coding: rapid.SliceOfN(coding(), 0, 2).Draw(t, "codings"), Text: text().Draw(t, "text")}
	})
}

func quantity() *rapid.Generator[fhir.Quantity] {
	return rapid.Custom(func(t *rapid.T) fhir.Quantity {
		return fhir.Measured(fhir.NewDecimal(rapid.Int64Range(0, 9).Draw(t, "value"), 1), text().Draw(t, "unit"))
	})
}

// shuffle moves, removes, repeats and adds elements.
func shuffle[E any](t *rapid.T, list []E, add *rapid.Generator[E]) []E {
	var out []E
	for range rapid.IntRange(0, len(list)+1).Draw(t, "length") {
		if i := rapid.IntRange(-1, len(list)-1).Draw(t, "from"); i >= 0 {
			out = append(out, list[i])
		} else {
			out = append(out, add.Draw(t, "new"))
		}
	}
	return out
}

// edit changes some fields of the view. It leaves nothing in it that a document could not hold.
func edit(t *rapid.T, v *chart) {
	for range rapid.IntRange(0, 3).Draw(t, "edits") {
		switch rapid.IntRange(0, 13).Draw(t, "field") {
		case 0:
			v.Status = rapid.SampledFrom([]string{"", "final", "amended"}).Draw(t, "status")
		case 1:
			v.Meta.Tag = shuffle(t, v.Meta.Tag, coding())
		case 2:
			v.Extension = shuffle(t, v.Extension, rapid.Just(fhir.Extension{URL: "new", Value: fhir.ChoiceOf(true)}))
		case 3:
			v.Identifier = shuffle(t, v.Identifier, rapid.Just(fhir.Identifier{System: "n", Value: "9"}))
			for i := len(v.Identifier) - 1; i >= 0; i-- {
				if v.Identifier[i].IsZero() {
					v.Identifier = append(v.Identifier[:i], v.Identifier[i+1:]...)
				}
			}
		case 4:
			v.Category = shuffle(t, v.Category, concept())
		case 5:
			v.Code = rapid.Ptr(concept(), true).Draw(t, "code")
		case 6:
			v.Subject = fhir.Reference{Reference: rapid.SampledFrom([]string{"", "Patient/1", "Patient/2"}).Draw(t, "subject")}
		case 7:
			v.Encounter = rapid.Ptr(rapid.Just(fhir.To("Encounter", "1")), true).Draw(t, "encounter")
		case 8:
			v.Effective = rapid.SampledFrom([]fhir.Choice{{}, fhir.ChoiceOf(newYear), fhir.ChoiceOf(fhir.Period{Start: newYear})}).Draw(t, "effective")
		case 9:
			for i := range v.Performer {
				v.Performer[i].Reference = text().Draw(t, "performer")
			}
		case 10:
			v.Value = rapid.SampledFrom([]fhir.Choice{{}, fhir.ChoiceOf(false), fhir.ChoiceOf(0), fhir.ChoiceOf("text"), fhir.ChoiceOf(quantity().Draw(t, "quantity"))}).Draw(t, "value")
		case 11:
			if len(v.Component) > 0 {
				c := &v.Component[rapid.IntRange(0, len(v.Component)-1).Draw(t, "component")]
				c.Value = quantity().Draw(t, "quantity")
			}
		case 12:
			if len(v.Component) > 1 {
				v.Component[0], v.Component[1] = v.Component[1], v.Component[0]
			}
		case 13:
			v.Note = shuffle(t, v.Note, rapid.Just(fhir.Annotation{Text: "new"}))
		}
	}
}

// compareViews shows how two views differ, but for the places they keep and for nil against empty.
func compareViews(a, b chart) string {
	return cmp.Diff(a, b, cmpopts.EquateEmpty(),
		cmpopts.EquateComparable(fhir.Decimal{}, fhir.DateTime{}, fhir.Instant{}),
		cmp.Comparer(func(fhir.Node, fhir.Node) bool { return true }))
}

func TestMergeThenViewIsIdentity(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		src := rapid.SampledFrom(samples).Draw(t, "document")
		r, err := fhir.Parse([]byte(src))
		if err != nil {
			t.Fatal(err)
		}
		v, err := fhir.View[chart](r)
		if err != nil {
			t.Fatal(err)
		}
		edit(t, &v)
		merged, err := fhir.Merge(r, v)
		if err != nil {
			t.Fatal(err)
		}
		checked, err := fhir.Parse(bytes.Clone(merged.Bytes()))
		if err != nil {
			t.Fatalf("not a document: %v\n%s", err, merged.Bytes())
		}
		got, err := fhir.View[chart](checked)
		if err != nil {
			t.Fatal(err)
		}
		if diff := compareViews(v, got); diff != "" {
			t.Fatalf("from %s\nmerged %s\n%s", src, merged.Bytes(), diff)
		}
		if again, err := fhir.Merge(merged, v); err != nil || !bytes.Equal(again.Bytes(), merged.Bytes()) {
			t.Fatalf("merging twice changes it again: %v\n%s\n%s", err, merged.Bytes(), again.Bytes())
		}
		unseen(t, r, merged)
	})
}

// unseen fails when a top-level property that chart does not name has changed or moved.
func unseen(t interface{ Fatalf(string, ...any) }, before, after *fhir.Resource) {
	names := func(r *fhir.Resource) (out []string) {
		fields, _ := fhir.ViewFields(reflect.TypeFor[chart]())
		for c := range r.Root().Children() {
			named := false
			for _, f := range fields {
				key := strings.TrimPrefix(c.Key(), "_")
				named = named || key == f.Name || f.Choice && strings.HasPrefix(key, f.Name)
			}
			if !named {
				out = append(out, c.Key()+string(c.Raw()))
			}
		}
		return out
	}
	if a, b := names(before), names(after); !reflect.DeepEqual(a, b) {
		t.Fatalf("what the view does not name changed:\n%q\n%q", a, b)
	}
}
