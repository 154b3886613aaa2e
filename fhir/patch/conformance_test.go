package patch

import (
	"encoding/json"
	stdxml "encoding/xml"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/fhir/xml"
)

const suite = "../../../shared/data/conformance/fhir-test-cases-r4/patch"

// readSuite skips where the sample data is not installed, but not in continuous integration.
func readSuite(t *testing.T, name string) []byte {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(suite, name))
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("the official test cases are missing: %v", err)
		}
		t.Skip("the official test cases are not installed beside the repository (shared/data)")
	}
	return raw
}

func TestOfficialJSONPatch(t *testing.T) {
	var cases []struct {
		Comment              string
		Doc, Patch, Expected json.RawMessage
		Error                string
	}
	if err := json.Unmarshal(readSuite(t, "json-patch-tests.json"), &cases); err != nil {
		t.Fatal(err)
	}
	if len(cases) != 16 {
		t.Errorf("the suite has 16 cases, not %d", len(cases))
	}
	for _, c := range cases {
		t.Run(c.Comment, func(t *testing.T) {
			got, err := applyJSON(fhir.Open(c.Doc), c.Patch)
			if c.Error != "" {
				if err == nil {
					t.Fatalf("an error was expected (%s), got %s", c.Error, got.Bytes())
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if !same(got.Root(), fhir.Open(c.Expected).Root()) {
				t.Errorf("got  %s\nwant %s", got.Bytes(), c.Expected)
			}
		})
	}
}

func TestOfficialFHIRPathPatch(t *testing.T) {
	type document struct {
		Inner []byte `xml:",innerxml"`
	}
	var file struct {
		Cases []struct {
			Name   string    `xml:"name,attr"`
			Input  document  `xml:"input"`
			Diff   document  `xml:"diff"`
			Output document  `xml:"output"`
			Error  *struct{} `xml:"error"`
		} `xml:"case"`
	}
	if err := stdxml.Unmarshal(readSuite(t, "fhir-patch-tests.xml"), &file); err != nil {
		t.Fatal(err)
	}
	if len(file.Cases) != 33 {
		t.Errorf("the suite has 33 cases, not %d", len(file.Cases))
	}
	for _, c := range file.Cases {
		t.Run(c.Name, func(t *testing.T) {
			read := func(d document) *fhir.Resource {
				r, err := xml.Read(d.Inner)
				if err != nil {
					t.Fatal(err)
				}
				return r
			}
			got, err := FHIRPath(read(c.Input), read(c.Diff))
			if c.Error != nil {
				if err == nil {
					t.Fatalf("an error was expected, got %s", got.Bytes())
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			want := read(c.Output)
			if squeeze(got) != squeeze(want) {
				t.Errorf("got  %s\nwant %s", got.Bytes(), want.Bytes())
			}
		})
	}
}

// squeeze drops the white space and quotes in which the narratives of the suite differ, and sorts nothing: the order
// must be right.
func squeeze(r *fhir.Resource) string {
	text := strings.NewReplacer(`\n`, " ", "&quot;", `\"`).Replace(string(r.Bytes()))
	return strings.Join(strings.Fields(text), "")
}
