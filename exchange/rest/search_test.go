package rest

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record/search"
)

// chart is a patient with some observations, and a practitioner who made them.
func (s *site) chart() (patient string, observations []string) {
	patient = s.create(ana)
	doctor := s.create(`{"resourceType":"Practitioner","name":[{"family":"Rao"}]}`)
	for i := range 5 {
		doc := strings.Replace(observation(patient, fmt.Sprintf("7%d.50", i)), `"status"`, `"performer":[{"reference":"Practitioner/`+doctor+`"}],"status"`, 1)
		observations = append(observations, s.create(doc))
	}
	return patient, observations
}

func TestSearchGetAndPost(t *testing.T) {
	s := newSite(t)
	patient, obs := s.chart()
	other, _ := s.chart()
	want := make([]string, len(obs))
	for i, o := range obs {
		want[i] = "Observation/" + o
	}
	slices.Sort(want)
	for name, got := range map[string]reply{
		"GET":              s.ask("clinician", "GET", "/fhir/Observation?patient="+patient+"&code=8867-4", ""),
		"POST":             s.ask("clinician", "POST", "/fhir/Observation/_search", "patient="+patient+"&code=8867-4", "Content-Type: application/x-www-form-urlencoded"),
		"POST, both ways":  s.ask("clinician", "POST", "/fhir/Observation/_search?patient="+patient, "code=8867-4", "Content-Type: application/x-www-form-urlencoded"),
		"compartment":      s.ask("clinician", "GET", "/fhir/Patient/"+patient+"/Observation", ""),
		"compartment POST": s.ask("clinician", "POST", "/fhir/Patient/"+patient+"/Observation/_search", "code=8867-4", "Content-Type: application/x-www-form-urlencoded"),
	} {
		b := got.status(200).bundle()
		if b.Type != "searchset" || b.Total == nil || *b.Total != 5 {
			t.Errorf("%s: a %s of %v", name, b.Type, b.Total)
		}
		found := got.matches()
		slices.Sort(found)
		if !slices.Equal(found, want) {
			t.Errorf("%s: %v, want %v", name, found, want)
		}
		for _, e := range b.Entry {
			r := e.Resource.Resource()
			if e.FullURL != "https://ehr.example/fhir/Observation/"+r.ID() {
				t.Errorf("%s: fullUrl %s", name, e.FullURL)
			}
		}
	}
	// The stored bytes are spliced in as they are.
	one := s.ask("clinician", "GET", "/fhir/Observation/"+obs[0], "").Body.String()
	page := s.ask("clinician", "GET", "/fhir/Observation?_id="+obs[0], "")
	if !strings.Contains(page.Body.String(), `"resource":`+one) {
		t.Errorf("the page does not hold the document's bytes: %s", page.Body)
	}
	if self := page.bundle().LinkTo("self"); self != "https://ehr.example/fhir/Observation?_id="+obs[0] {
		t.Errorf("self link %s", self)
	}
	all := s.ask("clinician", "GET", "/fhir/Patient/"+patient+"/*", "").matches()
	if len(all) != 6 || !slices.Contains(all, "Patient/"+patient) {
		t.Errorf("the compartment: %v", all)
	}
	if got := s.ask("clinician", "GET", "/fhir?_type=Patient,Practitioner", "").matches(); len(got) != 4 {
		t.Errorf("all types: %v", got)
	}
	if got := s.ask("clinician", "POST", "/fhir/_search", "_type=Patient&_id="+other, "Content-Type: application/x-www-form-urlencoded").matches(); !slices.Equal(got, []string{"Patient/" + other}) {
		t.Errorf("all types: %v", got)
	}
	if got := s.ask("clinician", "GET", "/fhir/Observation?_id="+obs[0]+"&_include=Observation:subject", "").matches(); !slices.Equal(got, []string{"Observation/" + obs[0], "+Patient/" + patient}) {
		t.Errorf("include: %v", got)
	}
	if got := s.ask("clinician", "GET", "/fhir/Patient?_id="+patient+"&_revinclude=Observation:subject", "").matches(); len(got) != 6 {
		t.Errorf("revinclude: %v", got)
	}
	s.ask("clinician", "POST", "/fhir/Observation/_search", "code=x").says(415, "x-www-form-urlencoded")
	s.ask("clinician", "GET", "/fhir/Observation?date=yesterday", "").says(400, "date")
	s.ask("clinician", "GET", "/fhir/Observation?code=%zz", "").says(400, "escape")
	if got := s.ask("clinician", "GET", "/fhir/Patient?family=Nobody", "").status(200); strings.Contains(got.Body.String(), `"entry"`) {
		t.Errorf("an empty page has an empty entry: %s", got.Body)
	}
}

// Addresses of pages travel through logs and histories: no parameter stands in them (A25 in part).
func TestPages(t *testing.T) {
	s := newSite(t)
	patient, obs := s.chart()
	for _, first := range []string{"/fhir/Observation?patient=" + patient + "&_count=2&_sort=-date", "/fhir/Patient/" + patient + "/Observation?_count=2"} {
		var found []string
		next := first
		for pages := 0; next != ""; pages++ {
			got := s.ask("clinician", "GET", next, "")
			found = append(found, got.matches()...)
			link := got.bundle().LinkTo("next")
			if strings.Contains(link, patient) || strings.Contains(link, "patient") || strings.Contains(link, "date") {
				t.Errorf("the address of a page tells of the search: %s", link)
			}
			next = strings.TrimPrefix(link, "https://ehr.example")
			if next != "" && pages == 0 {
				s.ask("clinician", "GET", next+"&_format=json", "").status(200)
				s.ask("clinician", "GET", next+"&patient=other", "").says(400, "no other parameters")
				s.ask("clinician", "GET", strings.Replace(next, "Observation", "Condition", 1), "").says(400, "page")
				s.ask("clinician", "GET", next[:len(next)-3]+"xyz", "").says(400, "page")
			}
			if pages > 5 {
				t.Fatal("no end of pages")
			}
		}
		slices.Sort(found)
		if n := len(slices.Compact(found)); n != len(obs) {
			t.Errorf("%s: %d resources on all pages, want %d", first, n, len(obs))
		}
	}
}

func TestHandling(t *testing.T) {
	s := newSite(t)
	patient, _ := s.chart()
	path := "/fhir/Observation?patient=" + patient + "&nonsense=1"
	s.ask("clinician", "GET", path, "", "Prefer: handling=strict").says(400, "nonsense")
	for _, prefer := range []string{"Prefer: handling=lenient", "Prefer: "} {
		got := s.ask("clinician", "GET", path, "", prefer)
		if len(got.matches()) != 5 {
			t.Errorf("%s: %v", prefer, got.matches())
		}
		b := got.bundle()
		last := b.Entry[len(b.Entry)-1]
		if last.Search.Mode != "outcome" || !strings.Contains(string(last.Resource.Raw()), "nonsense") {
			t.Errorf("%s: nothing tells of the parameter that was ignored", prefer)
		}
		if self := b.LinkTo("self"); strings.Contains(self, "nonsense") || !strings.Contains(self, "patient="+patient) {
			t.Errorf("self link %s", self)
		}
	}
}

// A9: a parameter that an address does not declare is refused under strict handling, whatever it is, and never
// opens anything.
func TestA9UndeclaredParameters(t *testing.T) {
	s := newSite(t)
	patient, obs := s.chart()
	o := "/fhir/Observation/" + obs[0]
	hostile := []string{"skip_timeout_reset", "_security", "access_token", "_filter", "user", "role", "_as", "admin", "_typeFilter", "_include", "patient"}
	for _, path := range []string{o, o + "/_history", o + "/_history/1", "/fhir/Observation/_history", "/fhir/_history", "/fhir/Patient/" + patient + "/$everything", "/fhir/metadata"} {
		for _, name := range hostile {
			s.ask("clinician", "GET", path+"?"+name+"=1", "", "Prefer: handling=strict").says(400, name)
			s.ask("clinician", "GET", path+"?"+name+"=1", "").status(200)
			if path != "/fhir/metadata" {
				s.ask("", "GET", path+"?"+name+"=1", "").says(401)
			}
			if strings.HasPrefix(path, o) {
				s.ask("frontdesk", "GET", path+"?"+name+"=1", "").says(403)
			}
		}
	}
	for _, m := range []string{"PUT", "PATCH", "DELETE"} {
		s.ask("clinician", m, o+"?role=admin", observation(patient, "1"), "Prefer: handling=strict").status(map[string]int{"PUT": 400, "PATCH": 400, "DELETE": 400}[m])
	}
	for _, name := range []string{"skip_timeout_reset", "access_token", "_filtered", "user", "role", "_as"} {
		s.ask("clinician", "GET", "/fhir/Observation?"+name+"=1", "", "Prefer: handling=strict").says(400, name)
	}
}

func TestSummaryAndElements(t *testing.T) {
	s := newSite(t)
	patient, obs := s.chart()
	keys := func(r *fhir.Resource) (out []string) {
		for c := range r.Root().Children() {
			out = append(out, c.Key())
		}
		return out
	}
	cases := []struct {
		query, want string
	}{
		{"_summary=true", "resourceType id meta identifier name gender birthDate"},
		{"_summary=text", "resourceType id meta text"},
		{"_summary=data", "resourceType id meta identifier name gender birthDate contact"},
		{"_summary=false", "resourceType id meta text identifier name gender birthDate contact"},
		{"_elements=birthDate,name", "resourceType id meta name birthDate"},
		{"_elements=name.family", "resourceType id meta name"},
		{"_elements=Patient.gender", "resourceType id meta gender"},
		{"_elements=nonsense", "resourceType id meta"},
	}
	for _, c := range cases {
		search := s.ask("clinician", "GET", "/fhir/Patient?_id="+patient+"&"+c.query, "").status(200).bundle()
		for where, r := range map[string]*fhir.Resource{
			"read":   s.ask("clinician", "GET", "/fhir/Patient/"+patient+"?"+c.query, "").status(200).doc(),
			"search": search.Entry[0].Resource.Resource(),
		} {
			if got := strings.Join(keys(r), " "); got != c.want {
				t.Errorf("%s, %s: %s, want %s", where, c.query, got, c.want)
			}
			if tagged := strings.Contains(string(r.Bytes()), `"SUBSETTED"`); tagged != (c.query != "_summary=false") {
				t.Errorf("%s, %s: tagged as a part: %v", where, c.query, tagged)
			}
		}
	}
	// Required elements, modifiers, choices and digits stay.
	r := s.ask("clinician", "GET", "/fhir/Observation/"+obs[0]+"?_elements=value", "").doc()
	if got := strings.Join(keys(r), " "); got != "resourceType id meta status code valueQuantity" || r.Get("valueQuantity").Get("value").Text() != "70.50" {
		t.Errorf("_elements=value: %s", r.Bytes())
	}
	// Elements without a type are about the matches, not about what is included.
	b := s.ask("clinician", "GET", "/fhir/Observation?_id="+obs[0]+"&_elements=status&_include=Observation:subject", "").bundle()
	if got := b.Entry[1].Resource.Get("birthDate").Text(); got != "1980-02-03" {
		t.Errorf("the included patient is cut: %s", b.Entry[1].Resource.Raw())
	}
	count := s.ask("clinician", "GET", "/fhir/Observation?patient="+patient+"&_summary=count", "").status(200).bundle()
	if len(count.Entry) != 0 || count.Total == nil || *count.Total != 5 {
		t.Errorf("_summary=count: %d entries, total %v", len(count.Entry), count.Total)
	}
	s.ask("clinician", "GET", "/fhir/Patient/"+patient+"?_summary=count", "").says(400, "count")
	s.ask("clinician", "GET", "/fhir/Patient/"+patient+"?_summary=some", "").says(400, "_summary")
}

// What a summary keeps inside of elements: an attachment's data is no summary element, its title is.
func TestSummaryInsideElements(t *testing.T) {
	doc := `{"resourceType":"DocumentReference","id":"d","meta":{"versionId":"1","tag":[{"code":"x"}]},"status":"current","content":[{"attachment":{"contentType":"text/plain","data":"QQ==","title":"T"},"format":{"code":"f"}}],"docStatus":"final"}`
	var shape = struct{ mode, want string }{"true", `{"resourceType":"DocumentReference","id":"d","meta":{"versionId":"1","tag":[{"code":"x"},` + subsetted + `]},"status":"current","content":[{"attachment":{"contentType":"text/plain","title":"T"},"format":{"code":"f"}}],"docStatus":"final"}`}
	got := string(appendPart(nil, []byte(doc), search.Summary{Mode: shape.mode}, true))
	if got != shape.want {
		t.Errorf("got  %s\nwant %s", got, shape.want)
	}
	if _, err := fhir.Parse([]byte(got)); err != nil {
		t.Error(err)
	}
}

func TestEverything(t *testing.T) {
	s := newSite(t)
	patient, obs := s.chart()
	s.chart()
	path := "/fhir/Patient/" + patient + "/$everything"
	got := s.ask("clinician", "GET", path, "").matches()
	if len(got) != 1+len(obs)+1 || !slices.ContainsFunc(got, func(m string) bool { return strings.HasPrefix(m, "+Practitioner/") }) {
		t.Errorf("everything: %v", got)
	}
	seen := map[string]bool{}
	next := path + "?_count=2"
	for pages := 0; next != ""; pages++ {
		page := s.ask("clinician", "GET", next, "")
		for _, m := range page.matches() {
			seen[m] = true
		}
		next = strings.TrimPrefix(page.bundle().LinkTo("next"), "https://ehr.example")
		if pages > 6 {
			t.Fatal("no end of pages")
		}
	}
	if len(seen) != len(got) {
		t.Errorf("page by page %d resources, at once %d", len(seen), len(got))
	}
	s.ask("clinician", "GET", "/fhir/Patient/absent/$everything", "").says(404)
	s.ask("clinician", "GET", "/fhir/Observation/"+obs[0]+"/$everything", "").says(404)
	s.ask("clinician", "GET", path+"?name=x", "", "Prefer: handling=strict").says(400, "name")
}
