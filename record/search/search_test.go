package search

import (
	"context"
	"fmt"
	"testing"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/store"
)

func newIndex(t testing.TB) *Index {
	t.Helper()
	x, err := NewIndex(NewHasher([]byte("0123456789abcdef")))
	if err != nil {
		t.Fatal(err)
	}
	n := map[string]int64{}
	for i, name := range x.AtomNames() {
		n[name] = int64(i + 1)
	}
	x.Bind(n)
	return x
}

func TestEveryParameterHasAtoms(t *testing.T) {
	x := newIndex(t)
	for _, typ := range x.Names() {
		for name, p := range x.Edition().byType[typ].params {
			if p.Type == "special" || p.Type == "composite" || name == "_id" || name == "_lastUpdated" || p.Expression == "" {
				continue
			}
			if len(p.Atoms) == 0 {
				t.Errorf("%s?%s (%s, %s) finds nothing", typ, name, p.Type, p.Expression)
			}
		}
	}
	t.Logf("%d atoms", len(x.Edition().atoms))
}

func TestExtractObservation(t *testing.T) {
	x := newIndex(t)
	r, err := fhir.Parse([]byte(`{"resourceType":"Observation","id":"a","meta":{"profile":["http://p"]},"status":"final","category":[{"coding":[{"system":"http://c","code":"vital-signs"}]}],"code":{"coding":[{"system":"http://loinc.org","code":"8867-4","display":"Heart rate"}],"text":"Heart rate"},"subject":{"reference":"Patient/p"},"encounter":{"reference":"Encounter/e"},"effectiveDateTime":"2020-01-02","valueQuantity":{"value":72.5,"unit":"/min","system":"http://unitsofmeasure.org","code":"/min"}}`))
	if err != nil {
		t.Fatal(err)
	}
	rows := x.Extract(r, true)
	got := fmt.Sprint(len(rows.Tokens), len(rows.Refs), len(rows.Dates), len(rows.Texts), len(rows.Amounts))
	if want := "4 1 1 0 1"; got != want {
		t.Errorf("got %s rows, want %s: %+v", got, want, rows)
	}
	if rows = x.Extract(r, false); len(rows.Refs) != 2 {
		t.Errorf("without an owner the subject must be indexed: %+v", rows.Refs)
	}
}

func TestCompile(t *testing.T) {
	x := newIndex(t)
	env := Env{
		Exists: func(_ context.Context, h []int64) (map[int64]store.Key, error) {
			return map[int64]store.Key{x.ResourceOf("Patient", "p"): store.MakeKey(7, store.PatientType, 0)}, nil
		},
		Filter: func(string) store.Filter { return store.Filter{} },
	}
	c, err := x.Compile(context.Background(), env, "Observation", []Param{{"patient", "p"}, {"code", "http://loinc.org|8867-4"}, {"date", "ge2010-01-01"}, {"_sort", "-date"}, {"_count", "50"}}, true)
	if err != nil {
		t.Fatal(err)
	}
	if o, ok := c.Plan.Where[0].(store.OwnedBy); !ok || o.Patients[0] != 7 {
		t.Errorf("patient: %+v", c.Plan.Where[0])
	}
	if len(c.Plan.Sort) != 1 || !c.Plan.Sort[0].Desc || c.Count != 50 {
		t.Errorf("sort and count: %+v", c)
	}
	for _, bad := range [][2]string{{"colour", "red"}, {"date", "yesterday"}, {"value-quantity", "5|mg"}, {"patient:Patient.colour", "x"}, {"_has:Observation:patient", "x"}, {"_sort", "combo-code-value-quantity"}, {"_include", "Observation"}} {
		if _, err := x.Compile(context.Background(), env, "Observation", []Param{{bad[0], bad[1]}}, true); err == nil {
			t.Errorf("%s=%s was accepted", bad[0], bad[1])
		} else {
			t.Log(err)
		}
	}
}

func BenchmarkExtract(b *testing.B) {
	x := newIndex(b)
	r, _ := fhir.Parse([]byte(`{"resourceType":"Observation","id":"a","meta":{"profile":["http://p"]},"status":"final","category":[{"coding":[{"system":"http://c","code":"vital-signs"}]}],"code":{"coding":[{"system":"http://loinc.org","code":"8867-4","display":"Heart rate"}],"text":"Heart rate"},"subject":{"reference":"Patient/p"},"encounter":{"reference":"Encounter/e"},"effectiveDateTime":"2020-01-02","valueQuantity":{"value":72.5,"unit":"/min","system":"http://unitsofmeasure.org","code":"/min"}}`))
	b.ReportAllocs()
	for b.Loop() {
		x.Extract(r, true)
	}
}

func BenchmarkNewIndex(b *testing.B) {
	for b.Loop() {
		newIndex(b)
	}
}
