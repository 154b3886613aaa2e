package graphql

import (
	"fmt"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/osler-ehr/osler/fhir"
)

const (
	ana = `{"resourceType":"Patient","id":"ana","active":true,"name":[{"use":"official","family":"Nagy","given":["Ana","May"]},{"use":"old","family":"Kis"}],"birthDate":"1980-02-03",
		"_birthDate":{"extension":[{"url":"http://e/t","valueDateTime":"1980-02-03T04:05:00Z"}]},"contact":[{"name":{"family":"Bo"},"gender":"male"}],"generalPractitioner":[{"reference":"Practitioner/doc"}],
		"managingOrganization":{"reference":"#org"},"contained":[{"resourceType":"Organization","id":"org","name":"Inside"}]}`
	ben    = `{"resourceType":"Patient","id":"ben","active":true,"name":[{"family":"Other"}]}`
	doc    = `{"resourceType":"Practitioner","id":"doc","name":[{"family":"Doc"}]}`
	weight = `{"resourceType":"Observation","id":"w%s","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"29463-7"}]},"subject":{"reference":"Patient/%s"},"performer":[{"reference":"Practitioner/doc"}],
		"effectiveDateTime":"2026-11-%s","valueQuantity":{"value":72.50,"unit":"kg","system":"http://unitsofmeasure.org","code":"kg"}}`
)

func practice(t testing.TB) *site {
	return newSite(t, doc, ana, ben, fmt.Sprintf(weight, "1", "ana", "01"), fmt.Sprintf(weight, "2", "ana", "02"), fmt.Sprintf(weight, "3", "ana", "03"), fmt.Sprintf(weight, "4", "ben", "04"))
}

func TestQueries(t *testing.T) {
	s := practice(t)
	for _, c := range []struct{ name, path, query, want string }{
		{"digits are kept", "Observation/w1/", `{valueQuantity{value}}`, `{"valueQuantity":{"value":72.50}}`},
		{"one by id", "", `{Patient(id:"ana"){__typename resourceType id}}`, `{"Patient":{"__typename":"Patient","resourceType":"Patient","id":"ana"}}`},
		{"aliases", "Patient/ana/", `{official:name(use:official){family} old:name(use:old){family}}`, `{"official":[{"family":"Nagy"}],"old":[{"family":"Kis"}]}`},
		{"fields are joined", "Patient/ana/", `{name{family} ...F} fragment F on Patient{name{use}}`, `{"name":[{"family":"Nagy","use":"official"},{"family":"Kis","use":"old"}]}`},
		{"fragments of another type", "Patient/ana/", `{id ...on Practitioner{gender} ...on DomainResource{active}}`, `{"id":"ana","active":true}`},
		{"extension of a primitive", "Patient/ana/", `{_birthDate{extension{valueDateTime}}}`, `{"_birthDate":{"extension":[{"valueDateTime":"1980-02-03T04:05:00Z"}]}}`},
		{"a backbone and FHIRPath in it", "Patient/ana/", `{contact(fhirpath:"gender = 'male'"){name{family}} none:contact(fhirpath:"gender = 'female'"){gender}}`, `{"contact":[{"name":{"family":"Bo"}}]}`},
		{"a contained resource", "Patient/ana/", `{managingOrganization{resource{...on Organization{name}}} contained{id}}`, `{"managingOrganization":{"resource":{"name":"Inside"}},"contained":[{"id":"org"}]}`},
		{"from one to the next", "Observation/w1/", `{subject{resource{name @first{family} generalPractitioner{resource{name{family}}}}}}`, `{"subject":{"resource":{"name":[{"family":"Nagy"}],"generalPractitioner":[{"resource":{"name":[{"family":"Doc"}]}}]}}}`},
		{"what refers to it", "Patient/ana/", `{ObservationList(_reference:patient,date:"ge2026-11-02",_sort:"date"){id}}`, `{"ObservationList":[{"id":"w2"},{"id":"w3"}]}`},
		{"hyphens and lists", "", `{ObservationList(code:"29463-7",value_quantity:"gt70",_id:["w1","w4"],_sort:"_id"){id}}`, `{"ObservationList":[{"id":"w1"},{"id":"w4"}]}`},
		{"a chain is one name", "Patient/ben/", `{ObservationConnection(_reference:subject){count offset pagesize edges{mode resource{id}}}}`, `{"ObservationConnection":{"count":1,"offset":0,"pagesize":50,"edges":[{"mode":"match","resource":{"id":"w4"}}]}}`},
		{"nothing found", "", `{PatientList(name:"nobody"){id}}`, `{}`},
		{"part of a list", "Patient/ana/", `{name(_offset:1,_count:1){family}}`, `{"name":[{"family":"Kis"}]}`},
		{"flattened across a reference", "Observation/w1/", `{subject @flatten{resource @flatten{name @flatten{family}}}}`, `{"family":["Nagy","Kis"]}`},
		{"variables with defaults", "Patient/ana/", `query($u:code="old",$yes:Boolean!=true){name(use:$u){family @include(if:$yes)}}`, `{"name":[{"family":"Kis"}]}`},
	} {
		is(t, c.name, s.ask("administrator", c.path, c.query), c.want)
	}
	// By POST, as both media types.
	for media, body := range map[string]string{"application/graphql": `{id}`, "application/json": `{"query":"query A{id} query B{active}","operationName":"A"}`} {
		r := httptest.NewRequest("POST", "/fhir/Patient/ana/$graphql", strings.NewReader(body))
		r.Header.Set("Content-Type", media)
		is(t, media, s.send("administrator", r), `{"id":"ana"}`)
	}
}

func TestPages(t *testing.T) {
	s := practice(t)
	seen, cursor := "", ""
	for page := 0; ; page++ {
		w := s.ask("administrator", "", fmt.Sprintf(`{ObservationConnection(_sort:"date",_count:3,_cursor:%q){offset first next edges{resource{id}}}}`, cursor))
		if w.Code != 200 {
			t.Fatal(w.Body)
		}
		seen += fmt.Sprint(strings.Count(w.Body.String(), `"id"`))
		_, rest, more := strings.Cut(w.Body.String(), `"next":"`)
		if !more {
			break
		}
		cursor, _, _ = strings.Cut(rest, `"`)
		if page == 0 && !strings.HasPrefix(cursor, "3:") {
			t.Errorf("cursor %s", cursor)
		}
	}
	if seen != "31" {
		t.Errorf("pages of %s", seen)
	}
	says(t, "another list", s.ask("administrator", "", fmt.Sprintf(`{PatientConnection(_cursor:%q){next}}`, cursor)), 400, "page")
}

// A list that ends before what was found does says so: nobody takes fifty for all.
func TestIncompleteLists(t *testing.T) {
	s := practice(t)
	for i := range perList + 1 {
		d, err := fhir.Parse(fmt.Appendf(nil, `{"resourceType":"Location","id":"many%d","name":"Many"}`, i))
		if err != nil {
			t.Fatal(err)
		}
		s.put(d)
	}
	whole := s.ask("administrator", "", `{LocationList(name:"many",_count:51){id}}`)
	if whole.Code != 200 || strings.Count(whole.Body.String(), `"id"`) != perList+1 || strings.Contains(whole.Body.String(), "extensions") {
		t.Errorf("all of them: %s", whole.Body)
	}
	cut := s.ask("administrator", "", `{some:LocationList(name:"many"){id}}`)
	if cut.Code != 200 || strings.Count(cut.Body.String(), `"id"`) != perList || !strings.Contains(cut.Body.String(), `"extensions":{"incomplete":[{"path":["some"],"lists":1,"message":"there is more`) {
		t.Errorf("the first of them: %s", cut.Body)
	}
	within := s.ask("administrator", "", `{PatientList{ObservationList(_reference:patient,_count:1){id}}}`)
	if within.Code != 200 || strings.Count(within.Body.String(), `"path":["PatientList","ObservationList"]`) != 1 {
		t.Errorf("within others: %s", within.Body)
	}
}

func TestFaults(t *testing.T) {
	s := practice(t)
	for i := range 10 {
		s.put(fhir.Open(fmt.Appendf(nil, weight, fmt.Sprint("more", i), "ben", "05")))
	}
	deep := strings.Repeat(`subject{resource{ObservationList(_reference:patient){`, 6) + "id" + strings.Repeat("}}}", 6)
	for _, c := range []struct {
		name, path, query string
		status            int
		words             string
	}{
		{"syntax", "", `{Patient(id:"ana"){id}`, 400, "the end of the query"},
		{"no text", "", `{a(b:"c)}`, 400, "does not end"},
		{"mutation", "", `mutation{PatientCreate{id}}`, 400, "not supported"},
		{"introspection", "", `{__schema{types{name}}}`, 400, "introspection"},
		{"no such element", "Patient/ana/", `{name{surname}}`, 400, "no element surname"},
		{"fields missing", "Patient/ana/", `{name}`, 400, "which fields"},
		{"fields of none", "Patient/ana/", `{birthDate{year}}`, 400, "has no fields"},
		{"unknown type", "", `{Diagnosis(id:"1"){id}}`, 400, "Diagnosis"},
		{"unknown fragment", "", `{...X}`, 400, "no fragment X"},
		{"fragment of itself", "Patient/ana/", `{...X} fragment X on Patient{...X}`, 400, "uses itself"},
		{"unknown directive", "Patient/ana/", `{id @upper}`, 400, "@upper"},
		{"undeclared variable", "Patient/ana/", `{name(use:$u){family}}`, 400, "$u"},
		{"required variable", "Patient/ana/", `query($u:code!){name(use:$u){family}}`, 400, "$u"},
		{"two of one name", "Patient/ana/", `{a:id a:active}`, 400, "two different fields"},
		{"bad FHIRPath", "Patient/ana/", `{name(fhirpath:"((("){family}}`, 400, "FHIRPath"},
		{"no such parameter", "", `{PatientList(colour:"x"){id}}`, 400, "colour"},
		{"how it refers", "Patient/ana/", `{ObservationList(code:"x"){id}}`, 400, "_reference"},
		{"not there", "", `{Patient(id:"nobody"){id}}`, 404, "nobody"},
		{"not there either", "Patient/nobody/", `{id}`, 404, "nobody"},
		{"two operations", "", `query A{Patient(id:"ana"){id}} query B{Patient(id:"ana"){id}}`, 400, "operationName"},
		{"no query", "", ``, 400, "missing"},
		{"too deep", "Observation/w1/", `{` + deep + `}`, 400, "levels"},
		{"nested too deep", "", strings.Repeat("{a", 60) + strings.Repeat("}", 60), 400, "levels"},
		{"too long", "", `{` + strings.Repeat("a ", 40_000) + `}`, 400, "bytes"},
		{"too many looks", "", `{` + many(300, `a%d:Patient(id:"ana"){id}`) + `}`, 400, "times"},
		{"too many resources", "", `{` + many(240, `a%d:ObservationList{id}`) + `}`, 400, "resources"},
	} {
		if len(c.query) > 8000 {
			r := httptest.NewRequest("POST", "/fhir/$graphql", strings.NewReader(c.query))
			r.Header.Set("Content-Type", "application/graphql")
			says(t, c.name, s.send("administrator", r), c.status, c.words)
			continue
		}
		says(t, c.name, s.ask("administrator", c.path, c.query), c.status, c.words)
	}
	w := s.ask("administrator", "Patient/ana/", "{\n id\n name { surname }\n}")
	if !strings.Contains(w.Body.String(), `"locations":[{"line":3,"column":9}],"path":["name","surname"]`) {
		t.Errorf("the place of a fault: %s", w.Body)
	}
	r := httptest.NewRequest("POST", "/fhir/$graphql", strings.NewReader("{id}"))
	r.Header.Set("Content-Type", "text/plain")
	says(t, "a form of another site", s.send("administrator", r), 415, "application/graphql")
}

// What a query brings is bounded by its size too, whether it is read or searched, and a list does not end early because of that.
func TestSize(t *testing.T) {
	big := strings.Replace(fmt.Sprintf(weight, "big", "ana", "09"), `"status"`, `"note":[{"text":"`+strings.Repeat("word ", 200_000)+`"}],"status"`, 1)
	s := newSite(t, doc, ana, big)
	for _, query := range []string{`a%d:Observation(id:"wbig"){id}`, `a%d:ObservationList{id}`} {
		is(t, "some", s.ask("administrator", "", "{"+many(2, query)+"}"), strings.ReplaceAll(map[bool]string{
			true: `{"a0":[X],"a1":[X]}`, false: `{"a0":X,"a1":X}`}[strings.Contains(query, "List")], "X", `{"id":"wbig"}`))
		says(t, "much", s.ask("administrator", "", "{"+many(70, query)+"}"), 400, "64 MiB")
	}
}

func many(n int, format string) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, format+" ", i)
	}
	return b.String()
}

// A query shows what the caller may read, whatever way it takes.
func TestRights(t *testing.T) {
	s := practice(t)
	for _, path := range []string{"", "Patient/ana/"} {
		w := s.ask("", path, `{id}`)
		if w.Code != 401 || !strings.Contains(w.Body.String(), "OperationOutcome") || w.Header().Get("WWW-Authenticate") == "" {
			t.Errorf("nobody at %q: %d %s", path, w.Code, w.Body)
		}
	}
	is(t, "the patient herself", s.ask("Patient/ana", "", `{PatientList{id} ObservationList(_sort:"_id"){id}}`), `{"PatientList":[{"id":"ana"}],"ObservationList":[{"id":"w1"},{"id":"w2"},{"id":"w3"}]}`)
	says(t, "another patient", s.ask("Patient/ana", "Patient/ben/", `{id}`), 404, "ben")
	says(t, "another patient by a reference", s.ask("Patient/ana", "", `{Patient(id:"ben"){id}}`), 404, "ben")
	says(t, "another patient's observation", s.ask("Patient/ana", "Observation/w4/", `{id}`), 404, "w4")
	is(t, "what refers to her doctor", s.ask("Patient/ana", "Observation/w1/", `{performer{resource{ObservationList(_reference:performer,_sort:"_id"){id}}}}`),
		`{"performer":[{"resource":{"ObservationList":[{"id":"w1"},{"id":"w2"},{"id":"w3"}]}}]}`)
	w := s.ask("front-desk", "Patient/ana/", `{ObservationList(_reference:patient){id}}`)
	if w.Code != 403 || strings.Contains(w.Body.String(), "w1") {
		t.Errorf("the front desk: %d %s", w.Code, w.Body)
	}
}

func FuzzQuery(f *testing.F) {
	for _, q := range []string{`{id}`, `{name(use:official)@flatten@slice(path:"use"){family}}`, `query Q($a:[X!]!=[1,"\u00e9",{a:b}]){...F@skip(if:$a)} fragment F on Patient{id}`, `{a(b:"""x
  y""")}`, `{ObservationList(_reference:patient,_count:1){subject{resource{id}}}}`, "{__typename #\n}", `{_birthDate{extension{url}}}`} {
		f.Add(q)
	}
	s := practice(f)
	f.Fuzz(func(t *testing.T, q string) {
		w := s.send("administrator", httptest.NewRequest("GET", "/fhir/Patient/ana/$graphql?query="+url.QueryEscape(q), nil))
		if w.Code >= 500 {
			t.Fatalf("%q: %d %s", q, w.Code, w.Body)
		}
	})
}
