package drugs

import (
	"testing"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/terms"
)

// FuzzResolve holds that no name, however odd, makes the recognition fail or contradict itself.
func FuzzResolve(f *testing.F) {
	f.Add("314076", "lisinopril 10 MG Oral Tablet")
	f.Add("", "24 HR metformin hydrochloride 500 MG Extended Release Oral Tablet [Glucophage]")
	f.Add("1191", "Allergy to penicillin / sulfa")
	l := builtin(f)
	f.Fuzz(func(t *testing.T, code, name string) {
		c := fhir.Concept(terms.RxNorm, code, name)
		m, a := l.Resolve(c), l.Allergen(c)
		if m.ByName && m.Product != nil {
			t.Fatalf("%q: a product that was recognised by its name alone", name)
		}
		for _, i := range m.Ingredients {
			found := false
			for _, j := range a.Ingredients {
				found = found || i == j
			}
			if !found {
				t.Fatalf("%q: %s is a medicine in it, and no allergen", name, i.Name)
			}
		}
		l.Search(name, 5)
	})
}
