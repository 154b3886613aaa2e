package fhir_test

import (
	"strings"
	"testing"

	"github.com/osler-ehr/osler/fhir"
)

// merged merges what change makes of the view of in.
func merged[T any](t *testing.T, in string, change func(*T)) string {
	t.Helper()
	r := parse(t, in)
	v, err := fhir.View[T](r)
	if err != nil {
		t.Fatal(err)
	}
	change(&v)
	out, err := fhir.Merge(r, v)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := fhir.Parse(out.Bytes()); err != nil {
		t.Fatalf("the result is not a document: %v\n%s", err, out.Bytes())
	}
	return string(out.Bytes())
}

type person struct {
	ID        string
	Meta      struct{ Tag []fhir.Coding }
	Active    bool
	Name      []fhir.HumanName
	Telecom   []phone
	Gender    string
	BirthDate fhir.Date
	Deceased  fhir.Choice `fhir:"deceased[x]"`
	Marital   fhir.CodeableConcept
	Multiple  *int `fhir:"multipleBirthInteger"`
	Contact   []*struct {
		Name *fhir.HumanName
	}
	GP []fhir.Reference `fhir:"generalPractitioner"`
}

type phone struct {
	Value string
	Use   string
}

func TestMerge(t *testing.T) {
	const head = `{"resourceType":"Patient","id":"p"`
	one := 1
	for _, c := range []struct {
		name     string
		in, want string // without head
		change   func(*person)
	}{
		{"nothing", ` , "x" : [ 1.0 ] }`, ` , "x" : [ 1.0 ] }`, func(*person) {}},
		{"replace", `,"gender":"male", "x":1.50}`, `,"gender":"female", "x":1.50}`,
			func(p *person) { p.Gender = "female" }},
		{"insert in the struct's order", `,"active":true,"birthDate":"1970"}`, `,"active":true,"gender":"female","birthDate":"1970"}`,
			func(p *person) { p.Gender = "female" }},
		{"insert before the next", `,"x":1,"birthDate":"1970"}`, `,"x":1,"gender":"female","birthDate":"1970"}`,
			func(p *person) { p.Gender = "female" }},
		{"insert last", `,"x":1}`, `,"x":1,"gender":"female"}`,
			func(p *person) { p.Gender = "female" }},
		{"insert several", `}`, `,"meta":{"tag":[{"code":"a"}]},"active":true,"gender":"female","birthDate":"1970-01"}`,
			func(p *person) {
				p.Gender, p.Active = "female", true
				p.BirthDate, _ = fhir.ParseDate("1970-01")
				p.Meta.Tag = []fhir.Coding{{Code: "a"}}
			}},
		{"insert meta behind id", `,"text":{"status":"empty"},"x":1}`, `,"meta":{"tag":[{"code":"a"}]},"text":{"status":"empty"},"x":1}`,
			func(p *person) { p.Meta.Tag = []fhir.Coding{{Code: "a"}} }},
		{"remove with what accompanies it", `,"gender":"male","_gender":{"id":"g"},"x":1}`, `,"x":1}`,
			func(p *person) { p.Gender = "" }},
		{"remove the last", `,"x":1, "gender":"male" }`, `,"x":1 }`, func(p *person) { p.Gender = "" }},
		{"remove two and insert one", `,"active":true,"gender":"male","birthDate":"1970"}`, `,"active":true,"deceasedBoolean":true}`,
			func(p *person) { p.Gender, p.BirthDate, p.Deceased = "", fhir.Date{}, fhir.ChoiceOf(true) }},
		{"extensions of a changed primitive stay", `,"birthDate":"1970","_birthDate":{"id":"b"}}`, `,"birthDate":"1971","_birthDate":{"id":"b"}}`,
			func(p *person) { p.BirthDate, _ = fhir.ParseDate("1971") }},
		{"a value ends its absence", `,"_birthDate":{"extension":[{"url":"http://hl7.org/fhir/StructureDefinition/data-absent-reason","valueCode":"unknown"}]}}`,
			`,"birthDate":"1971"}`, func(p *person) { p.BirthDate, _ = fhir.ParseDate("1971") }},
		{"false is a value", `,"active":true}`, `,"active":false}`, func(p *person) { p.Active = false }},
		{"a choice of another type", `,"deceasedBoolean":true,"_deceasedBoolean":{"id":"d"},"x":1}`, `,"deceasedDateTime":"2026","x":1}`,
			func(p *person) { d, _ := fhir.ParseDateTime("2026"); p.Deceased = fhir.ChoiceOf(d) }},
		{"a choice of the same type", `,"deceasedBoolean":true,"x":1}`, `,"deceasedBoolean":false,"x":1}`,
			func(p *person) { p.Deceased = fhir.ChoiceOf(false) }},
		{"a choice goes", `,"deceasedBoolean":true,"x":1}`, `,"x":1}`, func(p *person) { p.Deceased = fhir.Choice{} }},
		{"inside a data type", `,"name":[{"use":"official","extension":[{"url":"u"}],"family":"A","_family":{"id":"f"},"given":["G"]}]}`,
			`,"name":[{"use":"official","extension":[{"url":"u"}],"family":"B","_family":{"id":"f"},"given":["G"]}]}`,
			func(p *person) { p.Name[0].Family = "B" }},
		{"add to a list", `,"name":[ {"family":"A", "x":1} ]}`, `,"name":[ {"family":"A", "x":1},{"use":"old","family":"C"} ]}`,
			func(p *person) { p.Name = append(p.Name, fhir.HumanName{Use: "old", Family: "C"}) }},
		{"put first in a list", `,"name":[{"family":"A", "x":1}]}`, `,"name":[{"family":"C"},{"family":"A", "x":1}]}`,
			func(p *person) { p.Name = append([]fhir.HumanName{{Family: "C"}}, p.Name...) }},
		{"remove from a list", `,"name":[{"family":"A"},{"family":"B","x":1}]}`, `,"name":[{"family":"B","x":1}]}`,
			func(p *person) { p.Name = p.Name[1:] }},
		{"remove one and edit another", `,"name":[{"family":"A","given":["G"],"x":1},{"family":"B","given":["H"],"x":2}]}`, `,"name":[{"family":"B","given":["I"],"x":2}]}`,
			func(p *person) { p.Name = p.Name[1:]; p.Name[0].Given = []string{"I"} }},
		{"swap in a list", `,"name":[{"family":"A","x":1}, {"family":"B","x":2}]}`, `,"name":[{"family":"B","x":2},{"family":"A","x":1}]}`,
			func(p *person) { p.Name[0], p.Name[1] = p.Name[1], p.Name[0] }},
		{"remove the first and add a last", `,"name":[{"family":"A","x":1},{"family":"B","x":2}]}`, `,"name":[{"family":"B","x":2},{"family":"C"}]}`,
			func(p *person) { p.Name = []fhir.HumanName{p.Name[1], {Family: "C"}} }},
		{"correct the only name", `,"name":[{"family":"A","x":1}]}`, `,"name":[{"family":"C","x":1}]}`,
			func(p *person) { p.Name[0].Family = "C" }},
		{"empty a list", `,"name":[{"family":"A"}],"x":1}`, `,"x":1}`, func(p *person) { p.Name = nil }},
		{"empty elements are left out", `,"x":1}`, `,"x":1,"name":[{"family":"A"}]}`,
			func(p *person) { p.Name = []fhir.HumanName{{}, {Family: "A"}, {}} }},
		{"what accompanies a list follows", `,"name":[{"given":["A","B","C"],"_given":[{"id":"a"},null,{"id":"c"}]}]}`,
			`,"name":[{"given":["C","X","A"],"_given":[{"id":"c"},null,{"id":"a"}]}]}`,
			func(p *person) { p.Name[0].Given = []string{"C", "X", "A"} }},
		{"what accompanies a removed value goes", `,"name":[{"given":["A","B"],"_given":[{"id":"a"},null]}]}`, `,"name":[{"given":["B"]}]}`,
			func(p *person) { p.Name[0].Given = []string{"B"} }},
		{"a value only extensions hold stays", `,"name":[{"given":[null,"B"],"_given":[{"id":"a"},null]}]}`, `,"name":[{"given":[null,"B","C"],"_given":[{"id":"a"},null,null]}]}`,
			func(p *person) { p.Name[0].Given = append(p.Name[0].Given, "C") }},
		{"a small view of a list, all fields changed", `,"telecom":[{"system":"phone","value":"1","use":"home"}]}`, `,"telecom":[{"system":"phone","value":"2","use":"work"}]}`,
			func(p *person) { p.Telecom[0] = phone{"2", "work"} }},
		{"an element emptied in its place goes when nothing is left", `,"telecom":[{"value":"1"},{"value":"2"}]}`, `,"telecom":[{"value":"2"}]}`,
			func(p *person) { p.Telecom[0] = phone{} }},
		{"an element emptied in its place keeps the rest", `,"telecom":[{"system":"phone","value":"1"},{"value":"2"}]}`, `,"telecom":[{"system":"phone"},{"value":"2"}]}`,
			func(p *person) { p.Telecom[0] = phone{} }},
		{"another code takes nothing from the old one", `,"marital":{"coding":[{"extension":[{"url":"score"}],"system":"s","code":"M","display":"Married"}],"text":"t"}}`,
			`,"marital":{"coding":[{"system":"s","code":"D"}],"text":"t"}}`,
			func(p *person) { p.Marital.Coding = []fhir.Coding{{System: "s", Code: "D"}} }},
		{"another display of the same code", `,"marital":{"coding":[{"extension":[{"url":"score"}],"system":"s","code":"M","display":"Married"}]}}`,
			`,"marital":{"coding":[{"extension":[{"url":"score"}],"system":"s","code":"M","display":"married"}]}}`,
			func(p *person) { p.Marital.Coding[0].Display = "married" }},
		{"a data type set to empty goes whole", `,"marital":{"extension":[{"url":"e"}],"text":"t"},"x":1}`, `,"x":1}`,
			func(p *person) { p.Marital = fhir.CodeableConcept{} }},
		{"a data type that was empty stays", `,"marital":{"extension":[{"url":"e"}]},"gender":"male"}`, `,"marital":{"extension":[{"url":"e"}]},"gender":"other"}`,
			func(p *person) { p.Gender = "other" }},
		{"an empty nested struct keeps the rest", `,"meta":{"versionId":"1","tag":[{"code":"a"}]}}`, `,"meta":{"versionId":"1"}}`,
			func(p *person) { p.Meta.Tag = nil }},
		{"an empty nested struct goes when nothing is left", `,"meta":{"tag":[{"code":"a"}]},"x":1}`, `,"x":1}`,
			func(p *person) { p.Meta.Tag = nil }},
		{"a pointer set", `,"x":1}`, `,"x":1,"multipleBirthInteger":1}`, func(p *person) { p.Multiple = &one }},
		{"a pointer to 0", `,"multipleBirthInteger":1}`, `,"multipleBirthInteger":0}`, func(p *person) { p.Multiple = new(int) }},
		{"a pointer cleared", `,"multipleBirthInteger":1}`, `}`, func(p *person) { p.Multiple = nil }},
		{"pointers in a list", `,"contact":[{"name":{"family":"A"},"x":1},{"name":{"family":"B"},"x":2}]}`, `,"contact":[{"x":1},{"name":{"family":"C"},"x":2}]}`,
			func(p *person) { p.Contact[0].Name = nil; p.Contact[1].Name.Family = "C" }},
		{"another target", `,"generalPractitioner":[{"reference":"Practitioner/1","extension":[{"url":"e"}]}]}`, `,"generalPractitioner":[{"reference":"Practitioner/2"}]}`,
			func(p *person) { p.GP[0] = fhir.To("Practitioner", "2") }},
		{"text is escaped", `,"gender":"male"}`, `,"gender":"a\"\n<é"}`, func(p *person) { p.Gender = "a\"\n<é" }},
		{"text is UTF-8", `,"gender":"male"}`, ",\"gender\":\"a\ufffd\"}", func(p *person) { p.Gender = "a\xff" }},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := merged(t, head+c.in, c.change); got != head+c.want {
				t.Errorf("got  %s\nwant %s", got, head+c.want)
			}
		})
	}
}

func TestMergeKeepsPlaceByNode(t *testing.T) {
	type contact struct {
		Here  fhir.Node `fhir:"."`
		Value string
	}
	type v struct{ Telecom []contact }
	got := merged(t, `{"resourceType":"Patient","telecom":[{"value":"1","x":1},{"value":"2","x":2},{"value":"3","x":3}]}`, func(p *v) {
		p.Telecom = []contact{p.Telecom[2], {Value: "9"}, p.Telecom[0]}
		p.Telecom[0].Value, p.Telecom[2].Value = "1", "3" // as if to mislead
	})
	if want := `{"resourceType":"Patient","telecom":[{"value":"1","x":3},{"value":"9"},{"value":"3","x":1}]}`; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestMergeIntoANewerVersion(t *testing.T) {
	type v struct{ Gender string }
	old, newer := parse(t, `{"resourceType":"Patient","gender":"male"}`), parse(t, `{"resourceType":"Patient","active":true,"gender":"male"}`)
	p, _ := fhir.View[v](old)
	p.Gender = "other"
	r, err := fhir.Merge(newer, p)
	if want := `{"resourceType":"Patient","active":true,"gender":"other"}`; err != nil || string(r.Bytes()) != want {
		t.Errorf("got %s, %v", r.Bytes(), err)
	}
}

func TestMergeRefuses(t *testing.T) {
	if _, err := fhir.Merge(parse(t, `{"resourceType":"Patient","gender":1}`), struct{ Gender string }{"x"}); err == nil {
		t.Error("a value of another kind was overwritten")
	}
	if _, err := fhir.Merge(parse(t, `{"resourceType":"Patient"}`), []string{"x"}); err == nil || !strings.Contains(err.Error(), "not a struct") {
		t.Errorf("got %v", err)
	}
	if _, err := fhir.Merge(parse(t, `{"resourceType":"Patient"}`), (*person)(nil)); err == nil {
		t.Error("nothing was merged")
	}
}

func TestNew(t *testing.T) {
	r, err := fhir.New("Immunization", struct {
		Status   string
		Vaccine  fhir.CodeableConcept `fhir:"vaccineCode"`
		Patient  fhir.Reference
		Protocol []struct {
			Dose fhir.Choice `fhir:"doseNumber[x]"`
		} `fhir:"protocolApplied"`
		Lot  string `fhir:"lotNumber"`
		Seen bool   `fhir:"primarySource"`
	}{
		Status: "completed", Vaccine: fhir.Concept("http://hl7.org/fhir/sid/cvx", "208", ""), Patient: fhir.To("Patient", "1"),
		Protocol: []struct {
			Dose fhir.Choice `fhir:"doseNumber[x]"`
		}{{fhir.ChoiceAs("string", "first")}},
	})
	want := `{"resourceType":"Immunization","status":"completed","vaccineCode":{"coding":[{"system":"http://hl7.org/fhir/sid/cvx","code":"208"}]},"patient":{"reference":"Patient/1"},"protocolApplied":[{"doseNumberString":"first"}]}`
	if err != nil || string(r.Bytes()) != want {
		t.Errorf("got  %s\nwant %s (%v)", r.Bytes(), want, err)
	}
}

func BenchmarkMerge(b *testing.B) {
	r := parse(b, heartRate)
	v, err := fhir.View[observation](r)
	if err != nil {
		b.Fatal(err)
	}
	b.Run("nothing", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if same, err := fhir.Merge(r, v); err != nil || same != r {
				b.Fatal(err)
			}
		}
	})
	v.Status = "amended"
	b.Run("one field", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if changed, err := fhir.Merge(r, v); err != nil || changed == r {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkBundleWriter(b *testing.B) {
	stored := []byte(heartRate)
	buf := make([]byte, 0, 1<<20)
	total := 100
	b.ReportAllocs()
	for b.Loop() {
		w := fhir.NewBundleWriter(buf[:0], fhir.Bundle{Type: "searchset", Total: &total})
		for range total {
			w.Add(fhir.BundleEntry{FullURL: "https://ehr.example/fhir/Observation/5d1f0b7e", Search: fhir.BundleSearch{Mode: "match"}}, stored)
		}
		w.Finish()
	}
}
