package rest

import (
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/fhir/definitions"
	"github.com/osler-ehr/osler/fhir/validate"
	"github.com/osler-ehr/osler/slice"
)

func TestRoutes(t *testing.T) {
	golden(t, "routes.txt", slice.List([]slice.Slice{Slice(newSite(t).deps(), Options{})}))
}

func TestCapabilityStatement(t *testing.T) {
	s := newSite(t)
	got := s.ask("", "GET", "/fhir/metadata", "").status(200)
	doc := got.doc()
	for _, issue := range validate.Base(doc) {
		t.Errorf("%s at %v: %s", issue.Severity, issue.Expression, issue.Details.Text)
	}
	if options := s.ask("", "OPTIONS", "/fhir/metadata", "").status(200); options.Body.String() != got.Body.String() {
		t.Error("OPTIONS answers with something else")
	}
	for path, want := range map[string]string{
		"fhirVersion": "4.0.1", "kind": "instance", "status": "active", "date": "2026-11-24T09:30:00Z",
	} {
		if text := doc.Get(path).Text(); text != want {
			t.Errorf("%s is %q, want %q", path, text, want)
		}
	}
	if url := doc.Get("implementation").Get("url").Text(); url != "https://ehr.example/fhir" {
		t.Errorf("the address is %q", url)
	}
	rest := doc.Get("rest").First()
	if text := rest.Get("documentation").Text(); !strings.Contains(text, "16 MiB") || !strings.Contains(text, "10000 entries") {
		t.Errorf("limits: %q", text)
	}
	if n := rest.Get("resource").Len(); n != len(definitions.ResourceTypes()) {
		t.Errorf("%d resource types, want %d", n, len(definitions.ResourceTypes()))
	}
	t.Logf("%d bytes", got.Body.Len())
	s.ask("", "GET", "/fhir/metadata?mode=terminology", "").says(400, "mode")
	part := s.ask("", "GET", "/fhir/metadata?_elements=fhirVersion", "").status(200).doc()
	if part.Get("rest").Exists() || part.Get("fhirVersion").Text() != "4.0.1" {
		t.Errorf("_elements: %s", part.Bytes())
	}
}

func TestCapabilityStatementNamesWhatIsAdded(t *testing.T) {
	d := newSite(t).deps()
	doc := fhir.Open(statement(d, Options{
		Operations:   []Operation{{"", "export", "http://example.org/export"}, {"Group", "export", "http://example.org/group"}},
		AuthorizeURL: "https://ehr.example/authorize", TokenURL: "https://ehr.example/token",
	}))
	for _, issue := range validate.Base(doc) {
		t.Errorf("%s at %v: %s", issue.Severity, issue.Expression, issue.Details.Text)
	}
	rest := doc.Get("rest").First()
	if got := string(rest.Get("operation").Raw()); !strings.Contains(got, `{"name":"export","definition":"http://example.org/export"}`) {
		t.Errorf("system operations %s", got)
	}
	for r := range rest.Get("resource").Children() {
		if r.Get("type").Text() == "Group" && !strings.Contains(string(r.Get("operation").Raw()), `{"name":"export","definition":"http://example.org/group"}`) {
			t.Errorf("Group: %s", r.Raw())
		}
	}
	if !strings.Contains(string(rest.Get("security").Raw()), "https://ehr.example/token") {
		t.Errorf("security: %s", rest.Get("security").Raw())
	}
}

// The statement is true: every search parameter and include that it names is understood under strict handling.
func TestEverySearchParameterNamedWorks(t *testing.T) {
	s := newSite(t)
	values := map[string]string{
		"token": "x", "string": "x", "date": "2020", "number": "1", "quantity": "1", "uri": "urn:x", "reference": "x", "special": "1|1|1|km",
	}
	types := definitions.ResourceTypes()
	if testing.Short() {
		types = []string{"Patient", "Observation", "Location", "MedicationRequest"}
	}
	rest := fhir.Open(statement(s.deps(), Options{})).Get("rest").First()
	tried := 0
	for r := range rest.Get("resource").Children() {
		typ := r.Get("type").Text()
		if !slices.Contains(types, typ) {
			continue
		}
		for p := range r.Get("searchParam").Children() {
			name, value := p.Get("name").Text(), values[p.Get("type").Text()]
			if p.Get("type").Text() == "composite" {
				value = composite(t, typ, name, values)
			}
			query := url.Values{name: {value}, "_summary": {"count"}}
			got := s.ask("administrator", "GET", "/fhir/"+typ+"?"+query.Encode(), "", "Prefer: handling=strict")
			if got.Code != 200 {
				t.Errorf("%s?%s=%s: %d %s", typ, name, value, got.Code, got.Body)
			}
			tried++
		}
		var query []string
		for _, list := range []string{"searchInclude", "searchRevInclude"} {
			for i := range r.Get(list).Children() {
				query = append(query, map[string]string{"searchInclude": "_include=", "searchRevInclude": "_revinclude="}[list]+i.Text())
			}
		}
		if got := s.ask("administrator", "GET", "/fhir/"+typ+"?"+strings.Join(query, "&"), "", "Prefer: handling=strict"); got.Code != 200 {
			t.Errorf("%s: includes: %d %s", typ, got.Code, got.Body)
		}
	}
	if tried < 20 {
		t.Errorf("only %d parameters tried", tried)
	}
	t.Logf("%d search parameters", tried)
}

// composite is a value for a composite parameter.
func composite(t *testing.T, typ, name string, values map[string]string) string {
	sp, ok := definitions.LookupSearchParameter(typ, name)
	if !ok {
		t.Fatalf("%s has no parameter %s", typ, name)
	}
	var parts []string
	for _, c := range sp.Components {
		for _, p := range definitions.SearchParameters(typ) {
			if p.URL == c.Definition {
				parts = append(parts, values[p.Type])
				break
			}
		}
	}
	return strings.Join(parts, "$")
}
