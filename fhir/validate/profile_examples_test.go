package validate

import (
	"strings"
	"testing"

	"github.com/osler-ehr/osler/fhir"
)

// claimErrors checks each resource of a folder, those of Bundles one by one, against the profiles that it claims. It counts
// the resources and, by path and rule, the errors.
func claimErrors(t *testing.T, folder string, take func(name string) bool) (count int, errors map[string]int) {
	errors = map[string]int{}
	clean := 0
	defer func() { t.Logf("conformance: %d of %d resources of %s", clean, count, folder) }()
	eachJSON(t, sampleData(t, folder), func(name string, data []byte) {
		r, err := fhir.Parse(data)
		if err != nil || !take(name) {
			return
		}
		all := []*fhir.Resource{r}
		for e := range r.Get("entry").Values() {
			if inner := e.Get("resource").Resource(); inner != nil {
				all = append(all, inner)
			}
		}
		for _, r := range all {
			count++
			wrong := false
			for _, i := range Claimed(r) {
				if i.Severity == fhir.SeverityError {
					wrong = true
					errors[i.Expression[0]+" "+i.Diagnostics]++
				}
			}
			if !wrong {
				clean++
			}
		}
	})
	return count, errors
}

func TestUSCoreExamplesFollowTheirProfiles(t *testing.T) {
	count, errors := claimErrors(t, "packages", func(name string) bool { return strings.HasPrefix(name, "package/example/") })
	if count < 350 {
		t.Errorf("only %d examples", count)
	}
	for place, n := range errors {
		t.Errorf("%s (%d times)", place, n)
	}
}

func TestR4ExamplesFollowTheirProfiles(t *testing.T) {
	_, errors := claimErrors(t, "fhir-r4-examples", func(string) bool { return true })
	for place, n := range errors {
		t.Errorf("%s (%d times)", place, n)
	}
}

// TestSyntheaFollowsItsProfiles: Synthea's records were written for US Core 3.1.1 and are checked against 6.1.0, which the
// unversioned claims mean here. It asks for more in one place.
func TestSyntheaFollowsItsProfiles(t *testing.T) {
	changed := map[string]string{
		"Observation.category rule: slice":            "a smoking status needs the category social-history since US Core 5",
		"Practitioner.identifier[0] rule: us-core-17": "the made-up NPIs have wrong check digits",
	}
	count, errors := claimErrors(t, "synthea", func(string) bool { return true })
	if count < 30000 {
		t.Errorf("only %d resources", count)
	}
	for place, n := range errors {
		if changed[place] == "" {
			t.Errorf("%s (%d times)", place, n)
		}
	}
	for place, reason := range changed {
		t.Logf("conformance exception: %s, because %s", place, reason)
		if errors[place] == 0 {
			t.Errorf("%s is expected, but not found", place)
		}
	}
}
