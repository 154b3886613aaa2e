package fhir_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/osler-ehr/osler/fhir"
)

type status string

type coded struct {
	Status status
	Code   fhir.CodeableConcept
}

type observation struct {
	ID        string
	coded                 // embedded: its fields are read here
	Value     fhir.Choice `fhir:"value[x]"`
	Issued    *fhir.Instant
	Component []struct {
		Code  fhir.CodeableConcept
		Value fhir.Quantity `fhir:"valueQuantity"`
	}
	Note   []fhir.Annotation
	Seen   bool `fhir:"-"`
	secret int  //lint:ignore U1000 a view passes over what it cannot set
}

func TestViewReads(t *testing.T) {
	r := parse(t, `{"resourceType":"Observation","id":"o1","status":"final","unknown":{"a":[1]},
		"code":{"coding":[{"system":"http://loinc.org","code":"85354-9"}],"text":"BP"},
		"issued":"2026-11-24T09:30:00.000Z",
		"valueQuantity":{"value":1.50,"unit":"mg"},
		"component":[{"code":{"text":"sys"},"valueQuantity":{"value":120}},{"code":{"text":"dia"},"valueQuantity":{"value":80,"code":"mm[Hg]"}}],
		"note":[{"text":"n","time":"2026-11"}]}`)
	v, err := fhir.View[observation](r)
	if err != nil {
		t.Fatal(err)
	}
	if v.ID != "o1" || v.Status != "final" || v.Code.Text != "BP" || !v.Code.Has("http://loinc.org", "85354-9") {
		t.Errorf("read %+v", v)
	}
	if q, ok := fhir.ChoiceValue[fhir.Quantity](v.Value); !ok || q.Value.String() != "1.50" || v.Value.Type() != "Quantity" {
		t.Errorf("value %+v", v.Value)
	}
	if v.Issued == nil || v.Issued.Time().Minute() != 30 {
		t.Errorf("issued %v", v.Issued)
	}
	if len(v.Component) != 2 || v.Component[1].Value.Value.Float64() != 80 || v.Component[0].Code.Text != "sys" {
		t.Errorf("components %+v", v.Component)
	}
	if len(v.Note) != 1 || v.Note[0].Time.Precision() != fhir.Month {
		t.Errorf("note %+v", v.Note)
	}
}

func TestViewReadsWhatAccompaniesPrimitives(t *testing.T) {
	r := parse(t, `{"resourceType":"Patient","birthDate":"1970-03-30","_birthDate":{"extension":[{"url":"t","valueDateTime":"1970-03-30T12:01:00Z"}]},
		"name":[{"given":["A",null],"_given":[null,{"id":"x"}]}]}`)
	type patient struct {
		BirthDate fhir.Date
		Birth     *fhir.Element `fhir:"_birthDate"`
		Name      []struct {
			Given     []string
			GivenMore []*fhir.Element `fhir:"_given"`
		}
	}
	v, err := fhir.View[patient](r)
	if err != nil {
		t.Fatal(err)
	}
	e, ok := fhir.FindExtension(v.Birth.Extension, "t")
	if at, is := fhir.ChoiceValue[fhir.DateTime](e.Value); !ok || !is || at.Time(nil).Hour() != 12 {
		t.Errorf("extension %+v", e)
	}
	n := v.Name[0]
	if diff := cmp.Diff([]string{"A", ""}, n.Given); diff != "" || n.GivenMore[0] != nil || n.GivenMore[1].ID != "x" {
		t.Errorf("name %+v", n)
	}
}

func TestViewOfNodesAndDataTypes(t *testing.T) {
	r := parse(t, `{"resourceType":"Patient","name":[{"family":"A","x":1},{"family":"B"}]}`)
	names, err := fhir.View[[]fhir.HumanName](r.Get("name"))
	if err != nil || len(names) != 2 || names[1].Family != "B" {
		t.Errorf("names %+v, %v", names, err)
	}
	type name struct {
		Here   fhir.Node `fhir:"."`
		Family fhir.Node
	}
	n, err := fhir.View[name](r.Get("name").First())
	if err != nil || n.Here.Get("x").Text() != "1" || n.Family.Text() != "A" {
		t.Errorf("name %+v, %v", n, err)
	}
	if _, err := fhir.View[name](r.Get("nothing")); err != nil {
		t.Errorf("nothing at all reads as zero, not as %v", err)
	}
}

func TestViewTellsWhatIsWrong(t *testing.T) {
	type v struct {
		BirthDate fhir.Date
		Name      []struct{ Family string }
		Multiple  int8 `fhir:"multipleBirthInteger"`
		Active    bool
	}
	for _, c := range []struct{ in, want string }{
		{`{"resourceType":"Patient","birthDate":"1970-13-01"}`, `Patient.birthDate: "1970-13-01" is not a date`},
		{`{"resourceType":"Patient","birthDate":"John Miller"}`, `Patient.birthDate: "this value" is not a date`},
		{`{"resourceType":"Patient","birthDate":1970}`, "not a JSON number"},
		{`{"resourceType":"Patient","name":{}}`, "Patient.name: here an array belongs"},
		{`{"resourceType":"Patient","name":[{},{"family":["x"]}]}`, "Patient.name[1].family: here a string belongs, not a JSON array"},
		{`{"resourceType":"Patient","multipleBirthInteger":1.5}`, `"1.5" is not a whole number`},
		{`{"resourceType":"Patient","multipleBirthInteger":500}`, `"500" is not a whole number of at most 8 bits`},
		{`{"resourceType":"Patient","active":"true"}`, "Patient.active: here true or false belongs"},
	} {
		_, err := fhir.View[v](parse(t, c.in))
		var kind *fhir.TypeError
		if !errors.As(err, &kind) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", c.in, err, c.want)
		}
		if err != nil && strings.Contains(err.Error(), "Miller") {
			t.Errorf("the error shows what stands in the document: %v", err)
		}
	}
}

func TestViewRefusesStructs(t *testing.T) {
	r := parse(t, `{"resourceType":"Basic"}`)
	refused := func(err error, want string) {
		t.Helper()
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
	_, err := fhir.View[struct{ A map[string]string }](r)
	refused(err, "no FHIR element is a map")
	_, err = fhir.View[struct{ A float64 }](r)
	refused(err, "use fhir.Decimal")
	_, err = fhir.View[struct{ A [][]string }](r)
	refused(err, "cannot be a [][]string")
	_, err = fhir.View[struct {
		A fhir.Quantity `fhir:"value[x]"`
	}](r)
	refused(err, "read by a fhir.Choice")
	_, err = fhir.View[struct {
		A fhir.Choice `fhir:"valueQuantity"`
	}](r)
	refused(err, "use its own type")
	_, err = fhir.View[struct {
		A string `fhir:"code.text"`
	}](r)
	refused(err, "not the name of one property")
	_, err = fhir.View[struct {
		A string
		B string `fhir:"a"`
	}](r)
	refused(err, "another field reads a too")
}

func TestViewNames(t *testing.T) {
	type names struct{ ID, VersionID, BirthDate, FullURL, URL string }
	v, err := fhir.View[names](parse(t, `{"resourceType":"Basic","id":"1","versionId":"2","birthDate":"3","fullUrl":"4","url":"5"}`))
	if want := (names{"1", "2", "3", "4", "5"}); err != nil || v != want {
		t.Errorf("got %+v, %v", v, err)
	}
}

func BenchmarkView(b *testing.B) {
	r := parse(b, heartRate)
	v, err := fhir.View[observation](r)
	if err != nil || v.Status != "final" {
		b.Fatal(v, err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := fhir.View[observation](r); err != nil {
			b.Fatal(err)
		}
	}
}
