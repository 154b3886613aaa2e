package prevention

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"testing"

	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/slice/slicetest"
	"github.com/osler-ehr/osler/web/facts"
)

// What is read for all groups of codes together is what a search for each of them finds, in the same order.
func TestNewestIsWhatEachSearchFinds(t *testing.T) {
	s := slicetest.New(t)
	rnd := rand.New(rand.NewPCG(3, 7))
	groups := [][]string{{"4548-4", "17856-6"}, {"2160-0"}, {"98979-8", "2160-0"}, {"none-0"}, {"13457-7"}, {"rare-1"}}
	codes := []string{"4548-4", "17856-6", "2160-0", "2160-0", "2160-0", "98979-8", "13457-7", "other-1"}
	docs := []string{`{"resourceType":"Observation","id":"rare","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"rare-1"}]},"subject":{"reference":"Patient/ada"},"effectiveDateTime":"1999-01-01"}`,
		`{"resourceType":"Observation","id":"undated","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"13457-7"}]},"subject":{"reference":"Patient/ada"}}`}
	for i := range 250 {
		docs = append(docs, fmt.Sprintf(`{"resourceType":"Observation","id":"o%d","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"%s"}]},"subject":{"reference":"Patient/ada"},"effectiveDateTime":"20%02d-%02d-%02d"}`,
			i, codes[rnd.IntN(len(codes))], 10+rnd.IntN(16), 1+rnd.IntN(12), 1+rnd.IntN(3)))
	}
	s.Put(docs...)
	type one struct{ ID string }
	for n := 1; n <= 3; n++ {
		together, err := facts.Newest[one](t.Context(), s.As(access.Clinician), "Observation", "ada", groups, n)
		if err != nil {
			t.Fatal(err)
		}
		for g, codes := range groups {
			value := ""
			for i, c := range codes {
				if i > 0 {
					value += ","
				}
				value += facts.LOINC + "|" + c
			}
			alone, err := facts.Find[one](t.Context(), s.As(access.Clinician), "Observation", "ada", facts.Params("code", value, "_sort", "-date", "_count", fmt.Sprint(n))...)
			if err != nil {
				t.Fatal(err)
			}
			if len(alone) == 0 && len(together[g]) == 0 {
				continue
			}
			if !reflect.DeepEqual(alone, together[g]) {
				t.Errorf("the %d newest of %v: %v together, %v alone", n, codes, together[g], alone)
			}
		}
	}
}
