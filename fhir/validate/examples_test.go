package validate

import (
	"strings"
	"testing"

	"github.com/osler-ehr/osler/fhir"
)

// faulty names the documents of the samples that are wrong themselves, and why.
var faulty = map[string]string{
	"package/other/validation-oo.json": "a report in which each OperationOutcome without findings has no issue at all, which R4 requires",
}

// cleanAtBase checks every resource of a folder against R4 and returns how many there were.
func cleanAtBase(t *testing.T, folder string) int {
	count, clean := 0, 0
	eachJSON(t, sampleData(t, folder), func(name string, data []byte) {
		r, err := fhir.Parse(data)
		if err != nil {
			if !strings.HasSuffix(name, ".index.json") && strings.Contains(string(data), `"resourceType"`) {
				t.Errorf("%s: %v", name, err)
			}
			return // the descriptions of a package
		}
		count++
		issues := Base(r)
		if reason := faulty[name]; reason != "" {
			if len(issues) == 0 {
				t.Errorf("%s is named as faulty (%s), but is not", name, reason)
			}
			t.Logf("conformance exception: %s, because %s", name, reason)
			return
		}
		if len(issues) == 0 {
			clean++
		}
		for _, i := range issues {
			t.Errorf("%s: %s %s: %s", name, i.Expression[0], i.Diagnostics, i.Details.Text)
		}
	})
	t.Logf("conformance: %d of %d documents of %s", clean, count, folder)
	return count
}

func TestR4Examples(t *testing.T) {
	if n := cleanAtBase(t, "fhir-r4-examples"); n < 200 {
		t.Errorf("only %d examples", n)
	}
}

// TestUSCorePackages takes the examples and the definitions themselves of both versions.
func TestUSCorePackages(t *testing.T) {
	if n := cleanAtBase(t, "packages"); n < 800 {
		t.Errorf("only %d resources", n)
	}
}

func TestSynthea(t *testing.T) {
	if n := cleanAtBase(t, "synthea"); n < 80 {
		t.Errorf("only %d bundles", n)
	}
}
