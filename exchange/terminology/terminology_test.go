package terminology

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/osler-ehr/osler/clock"
	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/identity"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/record/recordtest"
	"github.com/osler-ehr/osler/slice"
	"github.com/osler-ehr/osler/terms"
	"github.com/osler-ehr/osler/web"
)

// site is the operations over a record and a library of its own.
type site struct {
	t testing.TB
	*recordtest.Fixture
	handler http.Handler
	library *terms.Library
}

func newSite(t testing.TB, systems ...*terms.Builder) *site {
	t.Helper()
	dir := t.TempDir()
	for _, b := range systems {
		if _, err := terms.Install(dir, b); err != nil {
			t.Fatal(err)
		}
	}
	l, err := terms.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	c := clock.At(time.Date(2026, 11, 24, 9, 30, 0, 0, time.UTC))
	s := &site{t: t, Fixture: recordtest.New(t, c), library: l}
	mux := http.NewServeMux()
	deps := slice.Deps{
		Clock: c, Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
		Session: func(r *http.Request) (*record.Session, error) {
			p := identity.From(r.Context())
			if p.Kind == identity.Anonymous {
				return nil, web.ErrSignIn
			}
			return s.As(access.Role(p.Roles[0])), nil
		},
	}
	if err := slice.Mount(mux, &web.Shell{}, []slice.Slice{Slice(deps, l)}); err != nil {
		t.Fatal(err)
	}
	s.handler = mux
	return s
}

// put stores resources in the record.
func (s *site) put(docs ...string) {
	s.t.Helper()
	for _, doc := range docs {
		r, err := fhir.Parse([]byte(doc))
		if err != nil {
			s.t.Fatal(err)
		}
		if _, err := s.As(access.Program).Do(s.t.Context(), []record.Op{{Verb: record.Update, Type: r.Type(), ID: r.ID(), Resource: r}}); err != nil {
			s.t.Fatal(err)
		}
	}
}

// reply is an answer taken apart.
type reply struct {
	*httptest.ResponseRecorder
	t testing.TB
}

// ask sends a request as a role; "" is nobody.
func (s *site) ask(role, method, path, body string) reply {
	s.t.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	if body != "" {
		r.Header.Set("Content-Type", "application/fhir+json")
	}
	if role != "" {
		r = r.WithContext(identity.With(r.Context(), identity.Principal{Kind: identity.Person, Roles: []identity.Role{identity.Role(role)}}))
	}
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, r)
	return reply{w, s.t}
}

// get asks with the parameters "name=value&...", whose values are escaped here.
func (s *site) get(path, query string) reply {
	s.t.Helper()
	return s.ask("clinician", "GET", "/fhir/"+path+"?"+escaped(query), "")
}

func escaped(query string) string {
	var out []string
	for part := range strings.SplitSeq(query, "&") {
		name, value, _ := strings.Cut(part, "=")
		out = append(out, name+"="+url.QueryEscape(value))
	}
	return strings.Join(out, "&")
}

func (r reply) status(want int) reply {
	r.t.Helper()
	if r.Code != want {
		r.t.Fatalf("status %d, want %d: %s", r.Code, want, r.Body)
	}
	return r
}

// document is the answer as a resource, which must be one.
func (r reply) document() *fhir.Resource {
	r.t.Helper()
	doc, err := fhir.Parse(r.Body.Bytes())
	if err != nil {
		r.t.Fatalf("%v: %s", err, r.Body)
	}
	return doc
}

// says makes sure that an OperationOutcome says something.
func (r reply) says(text string) {
	r.t.Helper()
	if doc := r.document(); doc.Type() != "OperationOutcome" || !strings.Contains(r.Body.String(), text) {
		r.t.Errorf("the answer does not say %q: %s", text, r.Body)
	}
}

// codes are the codes of an expansion, those below others in parentheses.
func (r reply) codes() string {
	r.t.Helper()
	return contents(r.status(200).document().Get("expansion").Get("contains"))
}

func contents(list fhir.Node) string {
	var out []string
	for n := range list.Values() {
		s := n.Get("code").Text()
		if below := contents(n.Get("contains")); below != "" {
			s += "(" + below + ")"
		}
		out = append(out, s)
	}
	return strings.Join(out, " ")
}

// values are the parameters of the answer as "name=value ...".
func (r reply) values(names ...string) string {
	r.t.Helper()
	doc := r.status(200).document()
	var out []string
	for n := range doc.Get("parameter").Values() {
		for _, want := range names {
			if n.Get("name").Text() == want {
				out = append(out, want+"="+paramOf(n).text)
			}
		}
	}
	return strings.Join(out, " ")
}

func animals() *terms.Builder {
	b := terms.NewBuilder(terms.Info{URL: "http://example.org/animals", Version: "1", Name: "Animals", Title: "Animals", Properties: []terms.Property{{Code: "legs", Type: "integer"}, {Code: "eats", Type: "string"}}})
	for _, c := range []terms.Concept{
		{Code: "animal", Display: "Animal", Abstract: true},
		{Code: "mammal", Display: "Mammal", Parents: []string{"animal"}},
		{Code: "dog", Display: "Dog", Parents: []string{"mammal"}, Designations: []terms.Designation{{Language: "de", Value: "Hund"}, {Value: "Hound"}}, Properties: []terms.Value{{Property: "legs", Value: "4"}, {Property: "eats", Value: "cat"}}},
		{Code: "cat", Display: "Cat", Parents: []string{"mammal"}, Designations: []terms.Designation{{Use: terms.Definition, Value: "says meow", Unsearched: true}}},
		{Code: "dodo", Display: "Dodo", Parents: []string{"animal"}, Inactive: true},
	} {
		if err := b.Add(c); err != nil {
			panic(err)
		}
	}
	return b
}

const (
	mammals = `{"resourceType":"ValueSet","id":"mammals","url":"http://example.org/vs/mammals","version":"1","name":"Mammals","status":"active","compose":{"include":[{"system":"http://example.org/animals","filter":[{"property":"concept","op":"is-a","value":"mammal"}]}]}}`
	open    = `{"resourceType":"ValueSet","id":"open","url":"http://example.org/vs/open","status":"active","compose":{"include":[{"system":"http://example.org/animals","concept":[{"code":"dog","display":"Good dog"}]},{"system":"http://example.org/plants"}]}}`
	colours = `{"resourceType":"CodeSystem","id":"colours","url":"http://example.org/colours","version":"3","name":"Colours","status":"active","content":"complete","caseSensitive":true,"concept":[{"code":"red","display":"Red","definition":"as a fire engine","concept":[{"code":"pink","display":"Pink"}]},{"code":"blue","display":"Blue"}]}`
	mapping = `{"resourceType":"ConceptMap","id":"map","url":"http://example.org/map","status":"active","group":[{"source":"http://example.org/animals","target":"http://example.org/colours","element":[{"code":"dog","target":[{"code":"red","equivalence":"wider","comment":"mostly"},{"code":"blue","equivalence":"inexact","dependsOn":[{"property":"http://example.org/mood","value":"sad"}],"product":[{"property":"http://example.org/tail","system":"http://example.org/colours","value":"pink"}]}]},{"code":"cat","target":[{"equivalence":"unmatched"}]}],"unmapped":{"mode":"fixed","code":"pink","display":"Pink"}}]}`
)

func TestExpand(t *testing.T) {
	s := newSite(t, animals())
	s.put(mammals, open, colours)
	for _, c := range []struct{ path, query, want string }{
		{"ValueSet/$expand", "url=http://example.org/vs/mammals", "mammal dog cat"},
		{"ValueSet/$expand", "url=http://example.org/vs/mammals|1", "mammal dog cat"},
		{"ValueSet/mammals/$expand", "_format=json", "mammal dog cat"},
		{"ValueSet/$expand", "url=http://example.org/vs/mammals&count=2", "mammal dog"},
		{"ValueSet/$expand", "url=http://example.org/vs/mammals&count=2&offset=2", "cat"},
		{"ValueSet/$expand", "url=http://example.org/vs/mammals&count=0", ""},
		{"ValueSet/$expand", "url=http://example.org/vs/mammals&filter=hound", "dog"},
		{"ValueSet/$expand", "url=http://example.org/vs/mammals&filter=cat&count=5", "cat"},
		{"ValueSet/$expand", "url=http://example.org/vs/mammals&excludeNested=false", "mammal(dog cat)"},
		{"ValueSet/$expand", "url=http://example.org/animals?fhir_vs&excludeNested=false", "animal(mammal(dog cat) dodo)"},
		{"ValueSet/$expand", "url=http://example.org/animals?fhir_vs&activeOnly=true", "animal mammal dog cat"},
		{"ValueSet/$expand", "url=http://example.org/animals?fhir_vs&excludeNotForUI=true", "mammal dog cat"},
		{"ValueSet/$expand", "url=http://example.org/animals?fhir_vs=isa/mammal", "mammal dog cat"},
		{"ValueSet/$expand", "url=http://example.org/vs/open&incomplete-ok=true", "dog"},
		{"ValueSet/$expand", "url=http://example.org/colours?fhir_vs", "red pink blue"},
		{"ValueSet/$expand", "url=http://hl7.org/fhir/ValueSet/administrative-gender", "male female other unknown"},
		{"ValueSet/$expand", "url=http://hl7.org/fhir/sid/icd-10-cm?fhir_vs&filter=type 2 diab&count=1&excludeNotForUI=true", "E11.9"},
		{"ValueSet/$expand", "url=http://hl7.org/fhir/sid/cvx?fhir_vs&filter=shingrix&count=1", "187"},
	} {
		if got := s.get(c.path, c.query).codes(); got != c.want {
			t.Errorf("%s?%s: got %q, want %q", c.path, c.query, got, c.want)
		}
	}
	doc := s.get("ValueSet/$expand", "url=http://example.org/vs/mammals&count=1&offset=1&includeDesignations=true&displayLanguage=de").status(200).document()
	e := doc.Get("expansion")
	if n, _ := e.Get("total").Int(); n != 3 {
		t.Errorf("total %d", n)
	}
	if n, ok := e.Get("offset").Int(); n != 1 || !ok || e.Get("timestamp").Text() != "2026-11-24T09:30:00.000Z" {
		t.Errorf("offset %d at %s", n, e.Get("timestamp").Text())
	}
	dog := e.Get("contains").First()
	if dog.Get("display").Text() != "Hund" || dog.Get("designation").Len() != 2 || dog.Get("system").Text() != "http://example.org/animals" || dog.Get("version").Text() != "1" {
		t.Errorf("got %s", dog.Raw())
	}
	if doc.ID() != "mammals" || doc.Get("version").Text() != "1" || doc.Get("status").Text() != "active" {
		t.Errorf("got %s", doc.Bytes())
	}
	if d := s.get("ValueSet/$expand", "url=http://example.org/vs/open&incomplete-ok=true").document(); d.Get("expansion").Get("contains").First().Get("display").Text() != "Good dog" || !strings.Contains(string(d.Bytes()), "limitedExpansion") {
		t.Errorf("got %s", d.Bytes())
	}
}

func TestExpandPosted(t *testing.T) {
	s := newSite(t, animals())
	inline := strings.ReplaceAll(mammals, `"id":"mammals",`, "")
	for name, body := range map[string]string{
		"parameters": `{"resourceType":"Parameters","parameter":[{"name":"valueSet","resource":` + inline + `},{"name":"filter","valueString":"hound"},{"name":"count","valueInteger":10}]}`,
		"extra": `{"resourceType":"Parameters","parameter":[{"name":"url","valueUri":"http://example.org/vs/outer"},{"name":"filter","valueString":"dog"},
			{"name":"tx-resource","resource":{"resourceType":"ValueSet","url":"http://example.org/vs/outer","status":"active","compose":{"include":[{"valueSet":["http://example.org/vs/mammals"]}]}}},
			{"name":"tx-resource","resource":` + inline + `}]}`,
	} {
		if got := s.ask("clinician", "POST", "/fhir/ValueSet/$expand", body).codes(); got != "dog" {
			t.Errorf("%s: got %q", name, got)
		}
	}
	if got := s.ask("clinician", "POST", "/fhir/ValueSet/$expand", inline).codes(); got != "mammal dog cat" {
		t.Errorf("the resource alone: got %q", got)
	}
	r := httptest.NewRequest("POST", "/fhir/ValueSet/$expand", strings.NewReader("url=http%3A%2F%2Fexample.org%2Fanimals%3Ffhir_vs&filter=cat"))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r = r.WithContext(identity.With(r.Context(), identity.Principal{Kind: identity.Person, Roles: []identity.Role{identity.Clinician}}))
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, r)
	if got := (reply{w, t}).codes(); got != "cat" {
		t.Errorf("a form: got %q", got)
	}
}

func TestRefusals(t *testing.T) {
	s := newSite(t, animals())
	s.put(open, mammals)
	for _, c := range []struct {
		role, method, path, query, body string
		status                          int
		says                            string
	}{
		{"", "GET", "ValueSet/$expand", "url=x", "", 401, "sign in"},
		{"clinician", "GET", "ValueSet/$expand", "", "", 400, "say which value set"},
		{"clinician", "GET", "ValueSet/$expand", "url=http://example.org/vs/nobody", "", 404, "http://example.org/vs/nobody is not here"},
		{"clinician", "GET", "ValueSet/$expand", "url=http://example.org/vs/mammals&valueSetVersion=7", "", 404, "version 7"},
		{"clinician", "GET", "ValueSet/nobody/$expand", "", "", 404, "there is no ValueSet/nobody"},
		{"clinician", "GET", "ValueSet/$expand", "url=http://example.org/vs/open", "", 422, "http://example.org/plants is not here; load it with"},
		{"clinician", "GET", "ValueSet/$expand", "url=http://hl7.org/fhir/sid/icd-10-cm?fhir_vs", "", 422, "ask for a page"},
		{"clinician", "GET", "ValueSet/$expand", "url=http://unitsofmeasure.org/vs", "", 422, "cannot be listed"},
		{"clinician", "GET", "ValueSet/$expand", "url=http://example.org/vs/mammals&count=many", "", 400, "count must be a whole number"},
		{"clinician", "GET", "ValueSet/$expand", "url=http://example.org/vs/mammals&_format=xml", "", 406, "answer in application/fhir+json"},
		{"clinician", "POST", "ValueSet/$expand", "", `{"resourceType":"Patient"}`, 400, "must be a Parameters resource"},
		{"clinician", "POST", "ValueSet/$expand", "", `{"resourceType":"Parameters",`, 400, "issue"},
		{"clinician", "POST", "ValueSet/$expand", "", `{"resourceType":"CodeSystem"}`, 400, "say which value set"},
		{"clinician", "GET", "CodeSystem/$lookup", "system=http://example.org/animals&code=unicorn", "", 404, "the code does not exist in http://example.org/animals|1"},
		{"clinician", "GET", "CodeSystem/$lookup", "system=http://hl7.org/fhir/sid/icd-10-cm&code=E119", "", 404, "did you mean E11.9 (Type 2 diabetes mellitus without complications)?"},
		{"clinician", "GET", "CodeSystem/$lookup", "system=http://snomed.info/sct&code=1", "", 404, "http://snomed.info/sct is not here; load it with `osler terminology add`"},
		{"clinician", "GET", "CodeSystem/$lookup", "code=1", "", 400, "say which code system"},
		{"clinician", "GET", "CodeSystem/$lookup", "system=http://unitsofmeasure.org&code=mmHg", "", 404, "did you mean mm[Hg]?"},
		{"clinician", "GET", "CodeSystem/$subsumes", "system=http://example.org/animals&codeA=dog", "", 400, "give codeB"},
		{"clinician", "GET", "CodeSystem/$subsumes", "system=http://example.org/animals&codeA=dog&codeB=unicorn", "", 404, "unicorn is not in"},
		{"clinician", "GET", "ConceptMap/$translate", "url=http://example.org/nomap&system=http://example.org/animals&code=dog", "", 404, "the map http://example.org/nomap is not here"},
		{"clinician", "GET", "ConceptMap/$translate", "code=dog", "", 400, "give the system"},
		{"clinician", "GET", "ValueSet/$validate-code", "url=http://example.org/vs/mammals", "", 400, "give code"},
	} {
		r := s.ask(c.role, c.method, "/fhir/"+c.path+"?"+escaped(c.query), c.body)
		if r.Code != c.status {
			t.Errorf("%s %s?%s: status %d, want %d: %s", c.method, c.path, c.query, r.Code, c.status, r.Body)
			continue
		}
		r.says(c.says)
		if r.Header().Get("Content-Type") != contentType || r.Header().Get("Cache-Control") != "no-store" {
			t.Errorf("%s: headers %v", c.path, r.Header())
		}
	}
}

func TestValidateInValueSet(t *testing.T) {
	s := newSite(t, animals())
	s.put(mammals, open)
	const onMammals = "url=http://example.org/vs/mammals&system=http://example.org/animals&"
	for _, c := range []struct{ query, want, says string }{
		{onMammals + "code=dog", "true", ""},
		{onMammals + "code=DOG", "true", ""}, // the system is not case-sensitive
		{onMammals + "code=dog&display=dog", "true", ""},
		{onMammals + "code=dog&display=HUND", "true", ""},
		{onMammals + "code=dog&display=Puppy", "false", `"Puppy" is no name of http://example.org/animals|dog; its display is "Dog"`},
		{onMammals + "code=dodo", "false", "http://example.org/animals|dodo is not in the value set"},
		{onMammals + "code=unicorn", "false", "does not exist"},
		{"url=http://example.org/vs/mammals&code=dog", "true", ""},
		{"url=http://example.org/vs/mammals&code=rose", "false", "the system was not given"},
		{"url=http://example.org/vs/open&system=http://example.org/plants&code=oak", "false", "it cannot be told"},
		{"url=http://example.org/animals?fhir_vs&system=http://example.org/animals&code=animal", "false", "groups other codes"},
		{"url=http://example.org/animals?fhir_vs&system=http://example.org/animals&code=animal&abstract=true", "true", ""},
		{"url=http://example.org/animals?fhir_vs&system=http://example.org/animals&code=dodo", "true", "no longer in use"},
		{"url=http://hl7.org/fhir/ValueSet/ucum-units&system=http://unitsofmeasure.org&code=mg/dL", "true", ""},
		{"url=http://unitsofmeasure.org/vs&system=http://unitsofmeasure.org&code=mcg", "false", "did you mean ug?"},
	} {
		r := s.get("ValueSet/$validate-code", c.query)
		if got := r.values("result"); got != "result="+c.want || !strings.Contains(r.values("message"), c.says) || c.says == "" && r.values("message") != "" {
			t.Errorf("%s: got %s, %s", c.query, got, r.values("message"))
		}
	}
	if got := s.get("ValueSet/mammals/$validate-code", "system=http://example.org/animals&code=cat").values("result", "display", "code", "system", "version"); got != "result=true display=Cat code=cat system=http://example.org/animals version=1" {
		t.Errorf("got %s", got)
	}
	concept := func(codes ...string) string {
		var list []string
		for _, c := range codes {
			list = append(list, fmt.Sprintf(`{"system":"http://example.org/animals","code":%q}`, c))
		}
		return `{"resourceType":"Parameters","parameter":[{"name":"url","valueUri":"http://example.org/vs/mammals"},{"name":"codeableConcept","valueCodeableConcept":{"coding":[` + strings.Join(list, ",") + `]}}]}`
	}
	for body, want := range map[string]string{
		concept("dodo", "dog"): "result=true code=dog",
		concept("dodo"):        "result=false code=dodo",
		`{"resourceType":"Parameters","parameter":[{"name":"url","valueUri":"http://example.org/vs/mammals"},{"name":"coding","valueCoding":{"system":"http://example.org/animals","code":"cat"}}]}`: "result=true code=cat",
	} {
		if got := s.ask("clinician", "POST", "/fhir/ValueSet/$validate-code", body).values("result", "code"); got != want {
			t.Errorf("%s: got %s, want %s", body, got, want)
		}
	}
}

func TestValidateInCodeSystem(t *testing.T) {
	s := newSite(t, animals())
	s.put(colours)
	for _, c := range []struct{ path, query, want string }{
		{"CodeSystem/$validate-code", "url=http://example.org/animals&code=dog", "result=true display=Dog"},
		{"CodeSystem/$validate-code", "url=http://example.org/colours&code=pink&display=Pink", "result=true display=Pink"},
		{"CodeSystem/$validate-code", "url=http://example.org/colours&code=PINK", "result=false"},
		{"CodeSystem/colours/$validate-code", "code=blue", "result=true display=Blue"},
		{"CodeSystem/$validate-code", "url=http://unitsofmeasure.org&code=ug/mL", "result=true display=ug/mL"},
		{"CodeSystem/$validate-code", "url=http://unitsofmeasure.org&code=furlongs", "result=false"},
		{"CodeSystem/$validate-code", "url=http://hl7.org/fhir/sid/icd-10-cm&version=2021&code=U07.1", "result=true display=COVID-19"},
	} {
		if got := s.get(c.path, c.query).values("result", "display"); got != c.want {
			t.Errorf("%s?%s: got %s, want %s", c.path, c.query, got, c.want)
		}
	}
	s.get("CodeSystem/$validate-code", "url=http://hl7.org/fhir/sid/icd-10-cm&version=1999&code=U07.1").status(404).says("version 1999")
}

func TestLookup(t *testing.T) {
	s := newSite(t, animals())
	s.put(colours)
	r := s.get("CodeSystem/$lookup", "system=http://example.org/animals&code=dog").status(200)
	var got struct {
		Parameter []struct {
			Name        string
			ValueString string
			Part        []map[string]any
		}
	}
	if err := json.Unmarshal(r.Body.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	counts := map[string]int{}
	for _, p := range got.Parameter {
		counts[p.Name]++
	}
	if counts["designation"] != 2 || counts["property"] != 4 || r.values("name", "version", "display") != "name=Animals version=1 display=Dog" {
		t.Errorf("%v: %s", counts, r.Body)
	}
	for _, want := range []string{
		`{"name":"code","valueCode":"parent"},{"name":"value","valueCode":"mammal"},{"name":"description","valueString":"Mammal"}`,
		`{"name":"code","valueCode":"eats"},{"name":"value","valueCode":"cat"},{"name":"description","valueString":"Cat"}`,
		`{"name":"code","valueCode":"legs"},{"name":"value","valueString":"4"}`,
		`{"name":"code","valueCode":"inactive"},{"name":"value","valueBoolean":false}`,
	} {
		if !strings.Contains(r.Body.String(), want) {
			t.Errorf("%s is missing in %s", want, r.Body)
		}
	}
	one := s.get("CodeSystem/$lookup", "system=http://example.org/animals&code=dog&property=legs&displayLanguage=de")
	if strings.Contains(one.Body.String(), "parent") || !strings.Contains(one.Body.String(), "legs") || one.values("display") != "display=Hund" {
		t.Errorf("got %s", one.Body)
	}
	if r := s.get("CodeSystem/$lookup", "system=http://example.org/colours&code=red"); !strings.Contains(r.Body.String(), "as a fire engine") || !strings.Contains(r.Body.String(), `"valueCode":"pink"`) {
		t.Errorf("got %s", r.Body)
	}
	if r := s.get("CodeSystem/$lookup", "system=http://unitsofmeasure.org&code=mg/dL"); r.values("display") != "display=mg/dL" || !strings.Contains(r.Body.String(), "g.m-3") {
		t.Errorf("got %s", r.Body)
	}
	body := `{"resourceType":"Parameters","parameter":[{"name":"coding","valueCoding":{"system":"http://hl7.org/fhir/sid/mvx","code":"PFR"}}]}`
	if got := s.ask("clinician", "POST", "/fhir/CodeSystem/$lookup", body).values("display"); got != "display=Pfizer, Inc" {
		t.Errorf("got %s", got)
	}
}

func TestSubsumes(t *testing.T) {
	s := newSite(t, animals())
	s.put(colours)
	for pair, want := range map[string]string{"dog dog": "equivalent", "mammal dog": "subsumes", "dog animal": "subsumed-by", "dog cat": "not-subsumed"} {
		a, b, _ := strings.Cut(pair, " ")
		if got := s.get("CodeSystem/$subsumes", "system=http://example.org/animals&codeA="+a+"&codeB="+b).values("outcome"); got != "outcome="+want {
			t.Errorf("%s: got %s", pair, got)
		}
	}
	if got := s.get("CodeSystem/colours/$subsumes", "codeA=red&codeB=pink").values("outcome"); got != "outcome=subsumes" {
		t.Errorf("below the resource: %s", got)
	}
	body := `{"resourceType":"Parameters","parameter":[{"name":"codingA","valueCoding":{"system":"http://hl7.org/fhir/sid/icd-10-cm","code":"E08-E13"}},{"name":"codingB","valueCoding":{"system":"http://hl7.org/fhir/sid/icd-10-cm","code":"E11.9"}}]}`
	if got := s.ask("clinician", "POST", "/fhir/CodeSystem/$subsumes", body).values("outcome"); got != "outcome=subsumes" {
		t.Errorf("got %s", got)
	}
}

func TestTranslate(t *testing.T) {
	s := newSite(t, animals())
	s.put(colours, mapping)
	matches := func(r reply) string {
		var out []string
		for n := range r.status(200).document().Get("parameter").Values() {
			if n.Get("name").Text() != "match" {
				continue
			}
			s := ""
			for p := range n.Get("part").Values() {
				switch q := paramOf(p); q.name {
				case "equivalence":
					s = q.text + ":" + s
				case "concept":
					s += q.value.Get("code").Text() + "/" + q.value.Get("display").Text()
				case "product":
					s += "+"
				}
			}
			out = append(out, s)
		}
		return r.values("result") + " " + strings.Join(out, " ")
	}
	const dog = "system=http://example.org/animals&code=dog"
	for _, c := range []struct{ path, query, want string }{
		{"ConceptMap/$translate", "url=http://example.org/map&" + dog, "result=true wider:red/Red inexact:blue/Blue+"},
		{"ConceptMap/map/$translate", dog, "result=true wider:red/Red inexact:blue/Blue+"},
		{"ConceptMap/$translate", dog, "result=true wider:red/Red inexact:blue/Blue+"},
		{"ConceptMap/$translate", dog + "&targetsystem=http://example.org/colours", "result=true wider:red/Red inexact:blue/Blue+"},
		{"ConceptMap/$translate", dog + "&targetsystem=http://example.org/else", "result=false "},
		{"ConceptMap/$translate", "url=http://example.org/map&system=http://example.org/animals&code=cat", "result=false unmatched:"},
		{"ConceptMap/$translate", "url=http://example.org/map&system=http://example.org/animals&code=dodo", "result=true inexact:pink/Pink"},
		{"ConceptMap/$translate", "url=http://example.org/map&system=http://example.org/colours&code=red&reverse=true", "result=true narrower:dog/Dog"},
		{"ConceptMap/$translate", "system=http://example.org/colours&code=red&reverse=true&targetsystem=http://example.org/animals", "result=true narrower:dog/Dog"},
		{"ConceptMap/$translate", "system=http://hl7.org/fhir/sid/ndc&code=49281042550", "result=true wider:140/Influenza, split virus, trivalent, PF"},
	} {
		if got := matches(s.get(c.path, c.query)); got != c.want {
			t.Errorf("%s?%s: got %s, want %s", c.path, c.query, got, c.want)
		}
	}
	with := func(mood string) string {
		return `{"resourceType":"Parameters","parameter":[{"name":"url","valueUri":"http://example.org/map"},{"name":"coding","valueCoding":{"system":"http://example.org/animals","code":"dog"}},
			{"name":"dependency","part":[{"name":"element","valueUri":"http://example.org/mood"},{"name":"concept","valueCodeableConcept":{"coding":[{"code":"` + mood + `"}]}}]}]}`
	}
	if got := matches(s.ask("clinician", "POST", "/fhir/ConceptMap/$translate", with("merry"))); got != "result=true wider:red/Red" {
		t.Errorf("merry: %s", got)
	}
	if got := matches(s.ask("clinician", "POST", "/fhir/ConceptMap/$translate", with("sad"))); got != "result=true wider:red/Red inexact:blue/Blue+" {
		t.Errorf("sad: %s", got)
	}
	if r := s.get("ConceptMap/$translate", "url=http://example.org/map&"+dog); !strings.Contains(r.values("message"), "blue holds if http://example.org/mood is sad") {
		t.Errorf("got %s", r.values("message"))
	}
}

// A value set of the record goes before HL7's of the same URL; its new version takes effect at once.
func TestRecordGoesFirst(t *testing.T) {
	s := newSite(t)
	own := func(code string) string {
		return `{"resourceType":"ValueSet","id":"gender","url":"http://hl7.org/fhir/ValueSet/administrative-gender","status":"active","compose":{"include":[{"system":"http://hl7.org/fhir/administrative-gender","concept":[{"code":"` + code + `"}]}]}}`
	}
	const ask = "url=http://hl7.org/fhir/ValueSet/administrative-gender"
	for _, code := range []string{"female", "other"} {
		s.put(own(code))
		if got := s.get("ValueSet/$expand", ask).codes(); got != code {
			t.Errorf("got %q, want %q", got, code)
		}
	}
}

// Every answer is a valid resource of R4, whatever is asked.
func FuzzOperations(f *testing.F) {
	s := newSite(f, animals())
	s.put(mammals, open, colours, mapping)
	for _, q := range []string{"url=http://example.org/vs/mammals&filter=d", "system=http://example.org/animals&code=dog&property=*", "codeA=dog&codeB=cat&system=http://example.org/animals", "url=%zz", "count=-1&url=x|y|z", "url=http://example.org/map&code=dog&reverse=true"} {
		for i := range len(Operations()) {
			f.Add(i, q)
		}
	}
	f.Fuzz(func(t *testing.T, which int, query string) {
		list := Operations()
		o := list[uint(which)%uint(len(list))]
		u := url.URL{Path: "/fhir/" + o.Type + "/$" + o.Name, RawQuery: query}
		r := httptest.NewRequest("GET", "/", nil)
		r.URL = &u
		r = r.WithContext(identity.With(r.Context(), identity.Principal{Kind: identity.Person, Roles: []identity.Role{identity.Clinician}}))
		w := httptest.NewRecorder()
		s.handler.ServeHTTP(w, r)
		if _, err := fhir.Parse(w.Body.Bytes()); err != nil || w.Code >= 500 {
			t.Fatalf("%d %v: %s", w.Code, err, w.Body)
		}
	})
}

func BenchmarkExpandTypeAhead(b *testing.B) {
	s := newSite(b)
	if err := s.library.Warm(b.Context()); err != nil {
		b.Fatal(err)
	}
	texts := []string{"d", "di", "dia", "diab", "diabe", "diabetes t", "diabetes ty", "diabetes type 2", "fract", "fracture of l", "hyp", "hypert"}
	for i := 0; b.Loop(); i++ {
		r := s.get("ValueSet/$expand", "url=http://hl7.org/fhir/sid/icd-10-cm?fhir_vs&count=20&excludeNotForUI=true&filter="+texts[i%len(texts)])
		if r.Code != 200 {
			b.Fatal(r.Body)
		}
	}
}
