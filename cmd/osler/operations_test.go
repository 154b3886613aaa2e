package main

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/identity"
	"github.com/osler-ehr/osler/slice"
)

// operationForms is how each operation may be invoked, by its definition: below what (system, type, instance), and whether by
// GET, which is for operations that change nothing and take no parameter but plain values. All take POST.
// (FHIR R4 operations.html#executing; the OperationDefinitions of R4 and of the implementation guides)
var operationForms = map[string]struct {
	levels string // s, t, i
	get    bool
}{
	"http://hl7.org/fhir/OperationDefinition/Resource-convert":                                                     {"s", false},
	"http://hl7.org/fhir/OperationDefinition/Resource-graphql":                                                     {"si", true},
	"http://hl7.org/fhir/OperationDefinition/Resource-meta":                                                        {"sti", true},
	"http://hl7.org/fhir/OperationDefinition/Resource-meta-add":                                                    {"i", false},
	"http://hl7.org/fhir/OperationDefinition/Resource-meta-delete":                                                 {"i", false},
	"http://hl7.org/fhir/OperationDefinition/Resource-validate":                                                    {"ti", false}, // of what is stored also by GET
	"http://hl7.org/fhir/OperationDefinition/Patient-everything":                                                   {"i", true},
	"http://hl7.org/fhir/OperationDefinition/Patient-match":                                                        {"t", false},
	"http://hl7.org/fhir/OperationDefinition/Observation-lastn":                                                    {"t", true},
	"http://hl7.org/fhir/OperationDefinition/Observation-stats":                                                    {"t", true},
	"http://hl7.org/fhir/OperationDefinition/Composition-document":                                                 {"i", true},
	"http://hl7.org/fhir/OperationDefinition/ValueSet-expand":                                                      {"ti", true},
	"http://hl7.org/fhir/OperationDefinition/ValueSet-validate-code":                                               {"ti", true},
	"http://hl7.org/fhir/OperationDefinition/CodeSystem-lookup":                                                    {"t", true},
	"http://hl7.org/fhir/OperationDefinition/CodeSystem-validate-code":                                             {"ti", true},
	"http://hl7.org/fhir/OperationDefinition/CodeSystem-subsumes":                                                  {"ti", true},
	"http://hl7.org/fhir/OperationDefinition/ConceptMap-translate":                                                 {"ti", true},
	"http://hl7.org/fhir/us/immds/OperationDefinition/ImmDSForecastOperation":                                      {"s", false},
	"http://hl7.org/fhir/uv/bulkdata/OperationDefinition/export":                                                   {"s", true},
	"http://hl7.org/fhir/uv/bulkdata/OperationDefinition/patient-export":                                           {"t", true},
	"http://hl7.org/fhir/uv/bulkdata/OperationDefinition/group-export":                                             {"i", true},
	"http://hl7.org/fhir/uv/subscriptions-backport/OperationDefinition/backport-subscription-status":               {"ti", true},
	"http://hl7.org/fhir/uv/subscriptions-backport/OperationDefinition/backport-subscription-events":               {"i", true},
	"http://hl7.org/fhir/uv/subscriptions-backport/OperationDefinition/backport-subscription-get-ws-binding-token": {"i", true},
}

// TestOperationsAsStated tries every operation that the capability statement names, of the whole system, of a type and of a
// resource, with every method: it is served as its definition allows, anything else is refused with the methods that there are,
// and nothing but FHIR is ever answered.
func TestOperationsAsStated(t *testing.T) {
	o := &dataOptions{Data: filepath.Join(t.TempDir(), "practice")}
	pr, err := o.create(context.Background(), "Hill Street Practice", "practice")
	if err != nil {
		t.Fatal(err)
	}
	defer pr.Close()
	s, err := newServer(pr, slog.New(slog.DiscardHandler), &serveOptions{})
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	if err := slice.Mount(mux, s.shell, s.features); err != nil {
		t.Fatal(err)
	}
	ask := func(method, path, body string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(method, path, strings.NewReader(body))
		if body == "" {
			r = httptest.NewRequest(method, path, nil)
		} else {
			r.Header.Set("Content-Type", "application/fhir+json")
		}
		r = r.WithContext(identity.With(r.Context(), identity.Principal{Kind: identity.Person, ID: "a", Name: "A", Roles: []identity.Role{identity.Administrator}}))
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, r)
		return w
	}
	document := func(w *httptest.ResponseRecorder) *fhir.Resource {
		t.Helper()
		doc, err := fhir.Parse(w.Body.Bytes())
		if err != nil {
			return nil
		}
		return doc
	}
	rest := document(ask("GET", "/fhir/metadata", "")).Get("rest").First()
	seen := map[string]bool{}
	tried, wrong := 0, 0
	walk := func(typ string, of fhir.Node) {
		for op := range of.Get("operation").Values() {
			name, definition := op.Get("name").Text(), op.Get("definition").Text()
			form, known := operationForms[definition]
			if !known {
				t.Errorf("the operation %s is not in the table: see what its definition allows and add it", definition)
				continue
			}
			seen[definition] = true
			for _, level := range form.levels {
				if (level == 's') != (typ == "") {
					continue
				}
				path := "/fhir/$" + name
				switch level {
				case 't':
					path = "/fhir/" + typ + "/$" + name
				case 'i':
					path = "/fhir/" + typ + "/absent/$" + name
				}
				get := form.get || name == "validate" && level == 'i'
				for method, served := range map[string]bool{"GET": get, "POST": true, "PUT": false, "DELETE": false, "PATCH": false} {
					for _, body := range []string{"", `{"resourceType":"Parameters"}`, "x"} {
						if method == "GET" && body != "" {
							continue
						}
						w := ask(method, path, body)
						tried++
						ok := true
						fail := func(format string, args ...any) { t.Errorf(format, args...); ok = false }
						allow := strings.Split(w.Header().Get("Allow"), ", ")
						switch {
						case served && (w.Code == 405 || w.Code >= 500):
							fail("%s %s with %q: %d %.200s", method, path, body, w.Code, w.Body)
						case !served && (w.Code != 405 || slices.Contains(allow, method) || !slices.Contains(allow, "POST") || slices.Contains(allow, "GET") != get):
							fail("%s %s: %d, Allow %q", method, path, w.Code, allow)
						}
						if name == "graphql" && w.Code != 405 {
							// It answers with errors of GraphQL, each of which holds an OperationOutcome.
						} else if doc := document(w); doc == nil || w.Code >= 400 && doc.Type() != "OperationOutcome" {
							fail("%s %s with %q: %d, no OperationOutcome: %.200s", method, path, body, w.Code, w.Body)
						}
						if !ok {
							wrong++
						}
					}
				}
				if w := ask("OPTIONS", path, ""); w.Code != 204 || !strings.Contains(w.Header().Get("Allow"), "POST") {
					t.Errorf("OPTIONS %s: %d, Allow %q", path, w.Code, w.Header().Get("Allow"))
				}
			}
		}
	}
	walk("", rest)
	for r := range rest.Get("resource").Values() {
		walk(r.Get("type").Text(), r)
	}
	t.Logf("conformance: %d of %d requests", tried-wrong, tried)
	// Those of other slices speak XML as well, as the statement says of all.
	for path, want := range map[string]string{
		"/fhir/ValueSet/$expand?url=http://hl7.org/fhir/ValueSet/administrative-gender&_format=xml": "<ValueSet",
		"/fhir/ValueSet/$expand?url=http://nowhere&_format=xml":                                     "<OperationOutcome",
		"/fhir/Subscription/absent/$status?_format=xml":                                             "<OperationOutcome",
		"/fhir/Subscription/$status?_format=xml":                                                    "<Bundle",
		"/fhir/$reindex?_format=xml":                                                                "<Parameters",
	} {
		if w := ask("GET", path, ""); !strings.Contains(w.Header().Get("Content-Type"), "fhir+xml") || !strings.Contains(w.Body.String(), want) {
			t.Errorf("%s: %d %s %.200s", path, w.Code, w.Header().Get("Content-Type"), w.Body)
		}
	}
	for definition := range operationForms {
		if !seen[definition] {
			t.Errorf("the statement does not name %s", definition)
		}
	}
	for _, path := range []string{"/fhir/$nonsense", "/fhir/Patient/$nonsense", "/fhir/Patient/absent/$nonsense"} {
		for _, method := range []string{"GET", "POST", "PUT"} {
			if w := ask(method, path, ""); w.Code != 404 || document(w) == nil {
				t.Errorf("%s %s: %d %.200s", method, path, w.Code, w.Body)
			}
		}
	}
}
