package rest

import (
	"archive/tar"
	"cmp"
	"compress/gzip"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/osler-ehr/osler/fhir"
)

// data is where the sample data is kept, beside the repository.
var data = filepath.Join("..", "..", "..", "shared", "data")

// sample finds files of the sample data. Without them the test is skipped, but not where changes are tested
// before they are taken.
func sample(t testing.TB, pattern string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(data, filepath.FromSlash(pattern)))
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		if os.Getenv("CI") == "true" {
			t.Fatalf("the sample data is missing: ../shared/data/%s beside the repository", pattern)
		}
		t.Skipf("no sample data at ../shared/data/%s beside the repository", pattern)
	}
	return files
}

// usCore is what a release of US Core asks of a server.
type usCore struct {
	resources []usResource
	params    map[string]*usParam // by "Condition.onset-date"
	examples  []*fhir.Resource
	statement []byte              // its CapabilityStatement for servers
	musts     map[string][]string // the paths that a profile says must be supported, by the profile's address
}

// usResource is what the CapabilityStatement says of one type.
type usResource struct {
	typ         string
	searches    []usSearch
	includes    []string
	revincludes []string
}

// usSearch is one search that is asked for: a parameter, or several together.
type usSearch struct {
	expectation string // SHALL, SHOULD or MAY
	params      []string
}

func (s usSearch) String() string { return strings.Join(s.params, "+") }

// usParam is a SearchParameter of US Core.
type usParam struct {
	Code, Type, Expression string
	Base                   []string
	Comparator             []string
	ComparatorExpectation  []expectation `json:"_comparator"`
	MultipleOr             expectation   `json:"_multipleOr"`
	MultipleAnd            expectation   `json:"_multipleAnd"`
	Chain                  []string
}

// expectation is an element's extension that tells how much is expected.
type expectation struct {
	Extension []struct {
		URL         string
		ValueCode   string
		ValueString string
	}
}

func (e expectation) code() string {
	for _, x := range e.Extension {
		if strings.HasSuffix(x.URL, "capabilitystatement-expectation") {
			return x.ValueCode
		}
	}
	return ""
}

// comparators are those that a server shall or should know.
func (p *usParam) comparators() (out []string) {
	for i, c := range p.Comparator {
		if i < len(p.ComparatorExpectation) && asked(p.ComparatorExpectation[i].code()) {
			out = append(out, c)
		}
	}
	return out
}

func asked(expectation string) bool { return expectation == "SHALL" || expectation == "SHOULD" }

// readUSCore reads a package.
func readUSCore(t testing.TB, version string) *usCore {
	t.Helper()
	u := &usCore{params: map[string]*usParam{}, musts: map[string][]string{}}
	file, err := os.Open(sample(t, "packages/us_core_"+version+".tgz")[0])
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	unzipped, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	var statement []byte
	for in := tar.NewReader(unzipped); ; {
		h, err := in.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(in)
		if err != nil {
			t.Fatal(err)
		}
		dir, name := path.Split(h.Name)
		switch {
		case path.Ext(name) != ".json":
		case dir == "package/example/":
			doc, err := fhir.Parse(body)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			u.examples = append(u.examples, doc)
		case dir != "package/":
		case name == "CapabilityStatement-us-core-server.json":
			statement = body
		case strings.HasPrefix(name, "SearchParameter-"):
			p := &usParam{}
			if err := json.Unmarshal(body, p); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			for _, base := range p.Base {
				u.params[base+"."+p.Code] = p
			}
		case strings.HasPrefix(name, "StructureDefinition-"):
			u.readProfile(t, body)
		}
	}
	u.statement = statement
	u.readStatement(t, statement)
	if len(u.resources) < 20 || len(u.params) < 80 || len(u.examples) < 100 {
		t.Fatalf("the package has %d types, %d parameters and %d examples: that is not all of it", len(u.resources), len(u.params), len(u.examples))
	}
	return u
}

func (u *usCore) readStatement(t testing.TB, body []byte) {
	t.Helper()
	var s struct {
		Rest []struct {
			Resource []struct {
				Type      string
				Extension []struct {
					expectation
					URL string
				}
				SearchParam []struct {
					expectation
					Name string
				}
				SearchInclude, SearchRevInclude []string
			}
		}
	}
	if err := json.Unmarshal(body, &s); err != nil {
		t.Fatal(err)
	}
	for _, r := range s.Rest[0].Resource {
		of := usResource{typ: r.Type, includes: r.SearchInclude, revincludes: r.SearchRevInclude}
		for _, p := range r.SearchParam {
			of.searches = append(of.searches, usSearch{cmp.Or(p.code(), "MAY"), []string{p.Name}})
		}
		for _, e := range r.Extension {
			if !strings.HasSuffix(e.URL, "capabilitystatement-search-parameter-combination") {
				continue
			}
			c := usSearch{expectation: cmp.Or(e.code(), "MAY")}
			for _, x := range e.Extension {
				if x.URL == "required" {
					c.params = append(c.params, x.ValueString)
				}
			}
			of.searches = append(of.searches, c)
		}
		for name := range u.params { // such as those for race and ethnicity, which the statement does not list
			typ, code, _ := strings.Cut(name, ".")
			if typ == r.Type && !slices.ContainsFunc(of.searches, func(s usSearch) bool { return s.String() == code }) {
				of.searches = append(of.searches, usSearch{"MAY", []string{code}})
			}
		}
		slices.SortStableFunc(of.searches, func(a, b usSearch) int { return strings.Compare(a.String(), b.String()) })
		u.resources = append(u.resources, of)
	}
}

// readProfile notes what must be supported.
func (u *usCore) readProfile(t testing.TB, body []byte) {
	t.Helper()
	var s struct {
		URL, Kind, Derivation string
		Snapshot              struct {
			Element []struct {
				Path, ID    string
				MustSupport bool
			}
		}
	}
	if err := json.Unmarshal(body, &s); err != nil {
		t.Fatal(err)
	}
	if s.Kind != "resource" || s.Derivation != "constraint" {
		return
	}
	for _, e := range s.Snapshot.Element {
		if e.MustSupport && !strings.Contains(e.ID, ":") && strings.Contains(e.Path, ".") && !slices.Contains(u.musts[s.URL], e.Path) {
			u.musts[s.URL] = append(u.musts[s.URL], e.Path)
		}
	}
}
