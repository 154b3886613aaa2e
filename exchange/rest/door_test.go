package rest

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/fhir/xml"
	"github.com/osler-ehr/osler/identity"
	"github.com/osler-ehr/osler/web"
)

func TestFind(t *testing.T) {
	list := prepared(doors())
	for _, c := range []struct {
		method, path, want string
	}{
		{"GET", "", "search-system []"},
		{"GET", "/", "search-system []"},
		{"POST", "", "batch []"},
		{"GET", "/metadata", "capabilities []"},
		{"GET", "/Patient", "search-type [Patient]"},
		{"GET", "/Patient/", "search-type [Patient]"},
		{"HEAD", "/Patient/1", "read [Patient 1]"},
		{"GET", "/Patient/metadata", "read [Patient metadata]"},
		{"GET", "/Patient/1/_history", "history-instance [Patient 1]"},
		{"GET", "/Patient/1/_history/2", "vread [Patient 1 2]"},
		{"GET", "/Patient/_history", "history-type [Patient]"},
		{"GET", "/_history", "history-system []"},
		{"POST", "/_search", "search-system []"},
		{"POST", "/Patient/_search", "search-type [Patient]"},
		{"GET", "/Patient/1/Observation", "search-compartment [Patient 1 Observation]"},
		{"GET", "/Patient/1/*", "search-compartment [Patient 1 *]"},
		{"POST", "/Patient/1/Observation/_search", "search-compartment [Patient 1 Observation]"},
		{"GET", "/Patient/1/$everything", "$everything [Patient 1]"},
		{"POST", "/Patient/$match", "$match [Patient]"},
		{"GET", "/Observation/$lastn", "$lastn [Observation]"},
		{"GET", "/Condition/$lastn", ""},
		{"POST", "/Condition/$validate", "$validate [Condition]"},
		{"POST", "/Condition/1/$validate", "$validate [Condition 1]"},
		{"GET", "/Composition/1/$document", "$document [Composition 1]"},
		{"POST", "/$convert", "$convert []"},
		{"GET", "/$unheard-of", ""},
		{"PUT", "/Patient", "update-conditional [Patient]"},
		{"DELETE", "/Patient/1", "delete [Patient 1]"},
		{"GET", "/Observation/1/$everything", ""},
		{"GET", "/metadata/1", ""},
		{"GET", "//Patient//1", ""},
		{"GET", "/Patient/1/_history/2/3", ""},
		{"POST", "/Patient/1", ""},
		{"get", "/Patient/1", ""},
	} {
		d, to, _ := find(list, c.method, c.path)
		got := ""
		if d != nil {
			names := slices.DeleteFunc([]string{to.compartment, to.typ, to.id, to.version}, func(s string) bool { return s == "" })
			if to.compartment != "" { // in the order of the address
				names = []string{to.compartment, to.id, to.typ}
			}
			got = fmt.Sprint(d.name, " ", names)
		}
		if got != c.want {
			t.Errorf("%s %s: %q, want %q", c.method, c.path, got, c.want)
		}
	}
}

func TestRefuse(t *testing.T) {
	for _, c := range []struct {
		why  error
		want int
	}{
		{web.ErrSignIn, 401}, {identity.ErrBadToken, 401}, {fmt.Errorf("token: %w", identity.ErrBadToken), 401}, {web.ErrForbidden, 403}, {errors.New("disk"), 503},
	} {
		w := httptest.NewRecorder()
		Refuse(w, httptest.NewRequest("GET", "/fhir/Patient", nil), c.why)
		reply{w, t}.says(c.want)
		if challenged := w.Header().Get("WWW-Authenticate") != ""; challenged != (c.want == 401) {
			t.Errorf("%v: WWW-Authenticate %q", c.why, w.Header().Get("WWW-Authenticate"))
		}
		if strings.Contains(w.Body.String(), "disk") {
			t.Errorf("the answer tells of the fault: %s", w.Body)
		}
	}
	// What the middleware has said about a token stays.
	w := httptest.NewRecorder()
	w.Header().Set("WWW-Authenticate", `Bearer realm="osler", error="invalid_token"`)
	Refuse(w, httptest.NewRequest("GET", "/fhir/Patient", nil), identity.ErrBadToken)
	if got := w.Header().Get("WWW-Authenticate"); !strings.Contains(got, "invalid_token") {
		t.Errorf("WWW-Authenticate %q", got)
	}
}

// Without a configured address, links say what the client said.
func TestBaseOfRequest(t *testing.T) {
	s := newSite(t)
	d := s.deps()
	d.PublicURL = ""
	s.handler = mounted(t, Slice(d, Options{}))
	if got := s.ask("clinician", "POST", "/fhir/Patient", ana).status(201).Header().Get("Location"); !strings.HasPrefix(got, "http://example.com/fhir/Patient/") {
		t.Errorf("Location %q", got)
	}
	if got := s.ask("clinician", "GET", "https://ehr.test/fhir/Patient", "").status(200).bundle().LinkTo("self"); got != "https://ehr.test/fhir/Patient" {
		t.Errorf("self link %q", got)
	}
}

// FuzzServe: whatever is sent, the answer is a FHIR document or empty, and never a fault of the server.
func FuzzServe(f *testing.F) {
	s := newSite(f)
	s.put(front...)
	handler := s.handler
	for _, seed := range [][4]string{
		{"GET", "/fhir/Patient/p1", "", ""},
		{"GET", "/fhir/Patient?name=a&_count=1&_sort=-birthdate&_include=*", "", ""},
		{"GET", "/fhir/Patient/p1/_history?_at=2026&_since=2026-11-24T09:30:00+00:00", "", ""},
		{"GET", "/fhir/Patient/p1?_elements=a,b.c&_summary=true", "", ""},
		{"POST", "/fhir/Patient/_search", "application/x-www-form-urlencoded", "name=a&_has:Observation:patient:code=x"},
		{"POST", "/fhir", "application/fhir+json", bundleOf("transaction", entry("PUT", "Patient?a=b", ana, `ifMatch: W/"1"`), entry("GET", "Patient/p1/$everything", ""))},
		{"PATCH", "/fhir/Patient/p1", "application/json-patch+json", `[{"op":"add","path":"/name/0/given/-","value":"x"}]`},
		{"PATCH", "/fhir/Patient/p1", "application/fhir+json", `{"resourceType":"Parameters","parameter":[{"name":"operation","part":[{"name":"type","valueCode":"delete"},{"name":"path","valueString":"Patient.name[0]"}]}]}`},
		{"DELETE", "/fhir/Patient?identifier=%7C", "", ""},
		{"GET", "/fhir/Patient?_format=xml&_sort=-_id,gender&_text=a", "", ""},
		{"PUT", "/fhir/Patient/p1?_format=xml", "application/fhir+xml", `<Patient xmlns="http://hl7.org/fhir"><id value="p1"/><name><family value="a"/></name></Patient>`},
		{"PATCH", "/fhir/Patient/p1", "application/xml-patch+xml", `<diff><add sel="f:Patient/f:name[1]" pos="after"><gender xmlns="http://hl7.org/fhir" value="other"/></add></diff>`},
		{"POST", "/fhir/Patient/$validate?mode=create&profile=http://hl7.org/fhir/us/core/StructureDefinition/us-core-patient", "application/fhir+json", ana},
		{"POST", "/fhir/Patient/$match", "application/fhir+json", `{"resourceType":"Parameters","parameter":[{"name":"resource","resource":` + ana + `},{"name":"count","valueInteger":1}]}`},
		{"POST", "/fhir/Patient/p1/$meta-add", "application/fhir+json", `{"resourceType":"Parameters","parameter":[{"name":"meta","valueMeta":{"tag":[{"code":"x"}],"profile":["urn:p"]}}]}`},
		{"GET", "/fhir/Observation/$lastn?patient=p1&max=2&code=a%7Cb", "", ""},
		{"GET", "/fhir/Patient/p1/$everything?_type=Patient&_since=2026&start=2020&end=2021-02", "", ""},
		{"GET", "/fhir/Encounter/e/Observation?_list=l", "", ""},
		{"POST", "/fhir/Binary", "image/png", "x"},
		{"POST", "/fhir/$convert?_format=xml", "application/fhir+json", ana},
	} {
		f.Add(seed[0], seed[1], seed[2], seed[3])
	}
	f.Fuzz(func(t *testing.T, method, address, media, body string) {
		r, err := http.NewRequest(method, "http://example.com/", strings.NewReader(body))
		if err != nil {
			return
		}
		if r.URL, err = r.URL.Parse(address); err != nil || r.URL.Host != "example.com" {
			return
		}
		r.Host = "example.com"
		r.Header.Set("Content-Type", media)
		r = r.WithContext(identity.With(r.Context(), identity.Principal{Kind: identity.Person, Roles: []identity.Role{identity.Clinician}}))
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		if w.Code >= 500 {
			t.Fatalf("%s %s: %d %s\nlog: %s", method, address, w.Code, w.Body, s.log)
		}
		if typ := w.Header().Get("Content-Type"); w.Body.Len() > 0 && strings.HasPrefix(typ, "application/fhir") {
			read := fhir.Parse
			if strings.HasPrefix(typ, "application/fhir+xml") {
				read = xml.Read
			}
			if _, err := read(w.Body.Bytes()); err != nil {
				t.Fatalf("%s %s: the answer is no FHIR document: %v: %s", method, address, err, w.Body)
			}
		}
	})
}
