package synthetic

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/fhir/path"
	"github.com/osler-ehr/osler/fhir/validate"
)

// Everything the generator makes follows R4 and, where it says so, US Core 6.1.0.
func TestResourcesAreValid(t *testing.T) {
	patients := 200
	if testing.Short() {
		patients = 40
	}
	seen := map[string]int{}
	n := 0
	for item := range Practice(Options{Patients: patients, Seed: 3, Provenance: true}) {
		n++
		r, err := fhir.Parse(bytes.Clone(item.JSON))
		if err != nil {
			t.Fatalf("%s/%s cannot be read: %v", item.Type, item.ID, err)
		}
		issues := validate.Base(r)
		issues = append(issues, validate.Claimed(r)...)
		if n%5 == 0 || item.Type != "Observation" {
			issues = append(issues, validate.Invariants(r, path.Env{Now: defaultToday.Add(24 * time.Hour)})...)
		}
		for _, i := range issues {
			if i.Severity != "error" && i.Severity != "fatal" {
				continue
			}
			key := fmt.Sprintf("%s %v: %s", item.Type, i.Expression, i.Details.Text)
			if seen[key]++; seen[key] == 1 && len(seen) < 40 {
				t.Errorf("%s/%s: %s %v %v %s", item.Type, item.ID, i.Code, i.Expression, i.Details.Text, i.Diagnostics)
			}
		}
	}
	t.Logf("%d resources of %d patients", n, patients)
}
