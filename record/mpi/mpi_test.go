package mpi_test

import (
	"testing"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record/mpi"
)

func person(t *testing.T, doc string) mpi.Person {
	t.Helper()
	r, err := fhir.Parse([]byte(`{"resourceType":"Patient",` + doc + `}`))
	if err != nil {
		t.Fatal(err)
	}
	p, err := fhir.View[mpi.Person](r)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestLikeness(t *testing.T) {
	okafor := `"name":[{"family":"Okafor","given":["Adaeze"]}],"birthDate":"1968-07-14","gender":"female","identifier":[{"system":"urn:mrn","value":"1"}],"telecom":[{"system":"phone","value":"(617) 555-0142"}]`
	have := person(t, okafor)
	for _, c := range []struct {
		doc   string
		grade mpi.Grade
		says  map[string]mpi.Agreement
	}{
		{okafor, mpi.Certain, map[string]mpi.Agreement{"identifier": mpi.Equal, "telecom": mpi.Equal}},
		{`"name":[{"family":"Okafor","given":["Adaeze"]}],"birthDate":"1968-07-14","gender":"female"`, mpi.Probable, map[string]mpi.Agreement{"identifier": mpi.Unknown, "address": mpi.Unknown}},
		{`"name":[{"family":"Okofor","given":["Ada"]}],"birthDate":"1968-07-14","gender":"female","telecom":[{"value":"+1 617 555 0142"}]`, mpi.Probable, map[string]mpi.Agreement{"family": mpi.Close, "given": mpi.Close, "telecom": mpi.Equal}},
		{`"name":[{"family":"Okafor","given":["Adaeze"]}],"birthDate":"1986-03-02","gender":"female"`, "", map[string]mpi.Agreement{"birth date": mpi.Different}},
		{`"name":[{"family":"Okafor"}],"birthDate":"1968"`, "", map[string]mpi.Agreement{"birth date": mpi.Close, "given": mpi.Unknown}},
		{`"name":[{"family":"Holm","given":["Per"]}],"birthDate":"1968-07-14","gender":"male"`, "", map[string]mpi.Agreement{"gender": mpi.Different, "birth date": mpi.Equal}},
	} {
		v := mpi.Likeness(person(t, c.doc), have)
		if v.Grade != c.grade {
			t.Errorf("%s: %q, score %d; want %q", c.doc, v.Grade, v.Score, c.grade)
		}
		for _, s := range v.Says {
			if want, ok := c.says[s.Property]; ok && s.Agreement != want {
				t.Errorf("%s: %s says %d, want %d", c.doc, s.Property, s.Agreement, want)
			}
		}
	}
}
