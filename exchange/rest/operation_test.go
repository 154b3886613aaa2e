package rest

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// issues are the severities and codes of an outcome, with the places.
func issues(t testing.TB, r reply) (out []string) {
	t.Helper()
	for i := range r.status(200).doc().Get("issue").Values() {
		out = append(out, strings.TrimSpace(i.Get("severity").Text()+" "+i.Get("code").Text()+" "+i.Get("expression").First().Text()))
	}
	return out
}

func TestValidate(t *testing.T) {
	s := newSite(t)
	id := s.create(ana)
	vitals := `{"resourceType":"Observation","meta":{"profile":["http://hl7.org/fhir/us/core/StructureDefinition/us-core-heart-rate"]},"status":"final",` +
		`"category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"vital-signs"}]}],` +
		`"code":{"coding":[{"system":"http://loinc.org","code":"8867-4"}]},"subject":{"reference":"Patient/` + id + `"},"effectiveDateTime":"2026-11-01",` +
		`"valueQuantity":{"value":72,"unit":"/min","system":"http://unitsofmeasure.org","code":"/min"}}`
	parameters := func(doc string, more ...string) string {
		return `{"resourceType":"Parameters","parameter":[` + strings.Join(append(more, `{"name":"resource","resource":`+doc+`}`), ",") + `]}`
	}
	plain := func(name, value string) string { return `{"name":"` + name + `","value` + value + `}` }
	const usPatient = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-patient"
	nameless := `{"resourceType":"Patient","id":"` + id + `","gender":"female"}`
	for name, c := range map[string]struct {
		method, path, body string
		want               []string // beginnings of the issues
	}{
		"fine":                     {"POST", "Patient/$validate", ana, []string{"information informational"}},
		"as a parameter":           {"POST", "Patient/$validate", parameters(ana), []string{"information informational"}},
		"required code":            {"POST", "Patient/$validate", `{"resourceType":"Patient","gender":"x"}`, []string{"error code-invalid Patient.gender"}},
		"form":                     {"POST", "Patient/$validate", `{"resourceType":"Patient","colour":"x"}`, []string{"error structure Patient.colour"}},
		"invariant":                {"POST", "Patient/$validate", `{"resourceType":"Patient","contact":[{"gender":"male"}]}`, []string{"error invariant Patient.contact[0]"}},
		"claimed profile":          {"POST", "Observation/$validate", vitals, []string{"information informational"}},
		"claimed profile broken":   {"POST", "Observation/$validate", strings.Replace(vitals, `"code":"/min"`, `"code":"mm"`, 1), []string{"warning code-invalid Observation.value", "error value Observation.value.code"}},
		"profile in the address":   {"POST", "Patient/$validate?profile=" + usPatient, nameless, []string{"error ", "error "}},
		"profile as a parameter":   {"POST", "Patient/$validate", parameters(nameless, plain("profile", `Uri":"`+usPatient+`"`)), []string{"error ", "error "}},
		"mode profile":             {"POST", "Patient/$validate?mode=profile&profile=" + usPatient, nameless, []string{"error ", "error "}},
		"unheard-of profile":       {"POST", "Patient/$validate?profile=http://example.org/p", ana, []string{"error not-supported"}},
		"stored":                   {"GET", "Patient/" + id + "/$validate", "", []string{"information informational"}},
		"stored against a profile": {"GET", "Patient/" + id + "/$validate?profile=" + usPatient, "", []string{"information informational"}},
		"create":                   {"POST", "Patient/$validate?mode=create", ana, []string{"information informational"}},
		"create with a dangling":   {"POST", "Observation/$validate?mode=create", observation("absent", "1"), []string{"error not-found Observation"}},
		"update":                   {"POST", "Patient/" + id + "/$validate?mode=update", nameless, []string{"information informational"}},
		"update with another id":   {"POST", "Patient/" + id + "/$validate?mode=update", strings.Replace(nameless, id, "other", 1), []string{"error invalid Patient.id"}},
		"delete":                   {"POST", "Patient/" + id + "/$validate?mode=delete", "", []string{"information informational"}},
		"delete what is not there": {"POST", "Patient/absent/$validate?mode=delete", "", []string{"error not-found"}},
		"a batch's entries": {"POST", "Bundle/$validate", `{"resourceType":"Bundle","type":"collection","entry":[{"fullUrl":"http://example.org/Patient/1","resource":` + ana + `},{"fullUrl":"http://example.org/Observation/1","resource":` +
			strings.Replace(vitals, `"code":"/min"`, `"code":"mm"`, 1) + `}]}`, []string{"warning code-invalid Bundle.entry[1].resource.value", "error value Bundle.entry[1].resource.value.code"}},
	} {
		got := issues(t, s.ask("clinician", c.method, "/fhir/"+c.path, c.body))
		ok := len(got) == len(c.want)
		for i := range c.want {
			ok = ok && strings.HasPrefix(got[i], c.want[i])
		}
		if !ok {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
	s.create(observation(id, "72"))
	if got := issues(t, s.ask("clinician", "POST", "/fhir/Patient/"+id+"/$validate?mode=delete", "")); len(got) != 1 || got[0] != "error conflict" {
		t.Errorf("deleting a patient who has an observation: %q", got)
	}
	if n := s.ask("clinician", "GET", "/fhir/Patient/"+id+"/_history", "").bundle().Total; *n != 1 {
		t.Errorf("validating made versions: %d", *n)
	}
	if total := s.ask("clinician", "GET", "/fhir/Patient", "").bundle().Total; *total != 1 {
		t.Errorf("validating made patients: %d", *total)
	}
	s.ask("clinician", "POST", "/fhir/Patient/$validate", "").says(400, "missing")
	s.ask("clinician", "POST", "/fhir/Patient/$validate", observation(id, "1")).says(400, "address names Patient")
	s.ask("clinician", "POST", "/fhir/Patient/$validate?mode=x", ana).says(400, "mode")
	s.ask("clinician", "POST", "/fhir/Patient/$validate?mode=update", ana).says(400, "which Patient")
	s.ask("clinician", "POST", "/fhir/Patient/"+id+"/$validate?mode=create", ana).says(400, "no id yet")
	s.ask("clinician", "POST", "/fhir/Patient/$validate?mode=profile", ana).says(400, "profile")
	s.ask("clinician", "GET", "/fhir/Patient/absent/$validate", "").says(404)
	s.ask("frontdesk", "GET", "/fhir/Observation/absent/$validate", "").says(403)
	s.ask("frontdesk", "POST", "/fhir/Observation/x/$validate?mode=delete", "").says(403)
	s.ask("Patient/"+id, "POST", "/fhir/Patient/$validate?mode=create", ana).says(403)
	// Within a batch, and in XML.
	b := s.ask("clinician", "POST", "/fhir", bundleOf("batch", entry("POST", "Patient/$validate", `{"resourceType":"Patient","gender":"x"}`))).status(200).bundle()
	if !strings.Contains(string(b.Entry[0].Response.Outcome), "code-invalid") {
		t.Errorf("in a batch: %s", b.Entry[0].Response.Outcome)
	}
	if got := s.ask("clinician", "POST", "/fhir/Patient/$validate", toXML(t, ana), sendsXML, asksXML).status(200).xml(); got.Type() != "OperationOutcome" {
		t.Errorf("in XML: %s", got.Bytes())
	}
}

func TestMeta(t *testing.T) {
	s := newSite(t)
	id := s.create(strings.Replace(ana, `"Patient",`, `"Patient","meta":{"tag":[{"system":"urn:t","code":"old","display":"Old"}],"extension":[{"url":"urn:x","valueString":"kept"}]},`, 1))
	path := "/fhir/Patient/" + id
	change := func(meta string) string {
		return `{"resourceType":"Parameters","parameter":[{"name":"meta","valueMeta":` + meta + `}]}`
	}
	tags := func(r reply) (out string) {
		m := r.status(200).doc().Get("parameter").First()
		if m.Get("name").Text() != "return" {
			t.Fatalf("no parameter return: %s", r.Body)
		}
		for _, part := range []string{"tag", "security"} {
			for c := range m.Get("valueMeta").Get(part).Values() {
				out += c.Get("code").Text() + " "
			}
		}
		for p := range m.Get("valueMeta").Get("profile").Values() {
			out += p.Text() + " "
		}
		return strings.TrimSpace(out)
	}
	if got := tags(s.ask("clinician", "GET", path+"/$meta", "")); got != "old" {
		t.Errorf("$meta: %s", got)
	}
	add := change(`{"profile":["urn:p"],"tag":[{"system":"urn:t","code":"new"},{"system":"urn:t","code":"old"}],"security":[{"system":"urn:s","code":"R"}]}`)
	if got := tags(s.ask("clinician", "POST", path+"/$meta-add", add)); got != "old new R urn:p" {
		t.Errorf("$meta-add: %s", got)
	}
	again := s.ask("clinician", "POST", path+"/$meta-add", add)
	if got := tags(again); got != "old new R urn:p" || again.Header().Get("Etag") != `W/"2"` {
		t.Errorf("$meta-add again: %s, %s", got, again.Header().Get("Etag"))
	}
	if got := tags(s.ask("clinician", "POST", path+"/$meta-delete", change(`{"tag":[{"system":"urn:t","code":"old"},{"system":"urn:other","code":"new"}],"profile":["urn:p"]}`))); got != "new R" {
		t.Errorf("$meta-delete: %s", got)
	}
	read := s.ask("clinician", "GET", path, "").status(200)
	if !strings.Contains(read.Body.String(), `"kept"`) || !strings.Contains(read.Body.String(), `"versionId":"3"`) {
		t.Errorf("afterwards: %s", read.Body)
	}
	s.ask("clinician", "POST", path+"/$meta-add", "").says(400, "valueMeta")
	s.ask("clinician", "POST", path+"/$meta-add", ana).says(400, "valueMeta")
	s.ask("clinician", "POST", path+"/$meta-add", add, `If-Match: W/"1"`).says(412)
	s.ask("clinician", "POST", "/fhir/Patient/absent/$meta-add", add).says(404)
	s.ask("Patient/"+id, "POST", path+"/$meta-delete", add).says(403)
	s.ask("clinician", "GET", path+"/$meta-add", "").says(405, "POST")
	s.ask("clinician", "GET", "/fhir/Patient/absent/$meta", "").says(404)
}

func TestLastN(t *testing.T) {
	s := newSite(t)
	patient := s.create(ana)
	other := s.create(ana)
	make := func(of, code, date string) string {
		return s.create(`{"resourceType":"Observation","status":"final","category":[{"coding":[{"code":"laboratory"}]}],"code":` + code + `,"subject":{"reference":"Patient/` + of + `"}` + date + `}`)
	}
	on := func(date string) string { return `,"effectiveDateTime":"` + date + `"` }
	loinc := func(codes ...string) string {
		return `{"coding":[{"system":"http://loinc.org","code":"` + strings.Join(codes, `"},{"system":"http://loinc.org","code":"`) + `"}]}`
	}
	make(patient, loinc("1"), on("2026-01-01"))
	make(patient, loinc("1"), on("2026-02-01"))
	newest := make(patient, loinc("1"), on("2026-03-01"))
	two := make(patient, loinc("2"), on("2025-03-01"))
	text := make(patient, `{"text":"Mood"}`, on("2024-03-01"))
	make(patient, `{"text":" mood "}`, on("2023-03-01"))
	both := make(patient, loinc("3", "4"), on("2026-05-01"))
	make(patient, loinc("4", "5"), on("2026-04-01")) // shares a code with the one before
	make(patient, loinc("5"), on("2026-03-30"))      // and this with that
	undated := make(patient, loinc("6"), "")
	make(other, loinc("1"), on("2026-06-01"))
	short := func(names []string) (out []string) {
		for _, n := range names {
			out = append(out, strings.TrimPrefix(n, "Observation/"))
		}
		return out
	}
	want := []string{both, newest, two, text, undated}
	for name, got := range map[string]reply{
		"GET":  s.ask("clinician", "GET", "/fhir/Observation/$lastn?patient="+patient, ""),
		"POST": s.ask("clinician", "POST", "/fhir/Observation/$lastn", `{"resourceType":"Parameters","parameter":[{"name":"patient","valueString":"Patient/`+patient+`"},{"name":"category","valueString":"laboratory"}]}`),
	} {
		if found := short(got.matches()); !slices.Equal(found, want) {
			t.Errorf("%s: %v, want %v", name, found, want)
		}
		if total := got.bundle().Total; total == nil || *total != 5 {
			t.Errorf("%s: total %v", name, total)
		}
	}
	if n := len(s.ask("clinician", "GET", "/fhir/Observation/$lastn?patient="+patient+"&max=2", "").matches()); n != 8 {
		t.Errorf("max=2: %d", n)
	}
	if n := len(s.ask("clinician", "GET", "/fhir/Observation/$lastn?subject=Patient/"+patient+"&max=2&code=http://loinc.org%7C1", "").matches()); n != 2 {
		t.Errorf("max=2 of one code: %d", n)
	}
	if got := s.ask("clinician", "GET", "/fhir/Observation/$lastn?patient="+patient+"&_summary=true", "").bundle(); !strings.Contains(string(got.Entry[0].Resource.Raw()), "SUBSETTED") {
		t.Errorf("_summary: %s", got.Entry[0].Resource.Raw())
	}
	s.ask("clinician", "GET", "/fhir/Observation/$lastn", "").says(400, "patient")
	s.ask("clinician", "GET", "/fhir/Observation/$lastn?patient="+patient+"&max=0", "").says(400, "max")
	s.ask("clinician", "GET", "/fhir/Observation/$lastn?patient="+patient+"&_include=*", "").says(400, "_include")
	s.ask("frontdesk", "GET", "/fhir/Observation/$lastn?patient="+patient, "").says(403)
	if n := len(s.ask("Patient/"+patient, "GET", "/fhir/Observation/$lastn?patient="+other, "").matches()); n != 0 {
		t.Errorf("a patient finds %d observations of another", n)
	}
	s.ask("clinician", "GET", "/fhir/Patient/$lastn?patient="+patient, "").says(404)
}

func TestMatch(t *testing.T) {
	s := newSite(t)
	make := func(doc string) string { return s.create(`{"resourceType":"Patient",` + doc + `}`) }
	anna := make(`"identifier":[{"system":"urn:mrn","value":"100"}],"name":[{"family":"Müller","given":["Anna"]},{"family":"Weber","given":["Anna"],"use":"maiden"}],"gender":"female","birthDate":"1980-02-03","telecom":[{"system":"phone","value":"+1 (617) 555-0101"}],"address":[{"line":["1 Main St"],"postalCode":"02134"}]`)
	twin := make(`"identifier":[{"system":"urn:mrn","value":"101"}],"name":[{"family":"Müller","given":["Berta"]}],"gender":"female","birthDate":"1980-02-03","address":[{"line":["1 Main St"],"postalCode":"02134"}]`)
	son := make(`"identifier":[{"system":"urn:mrn","value":"102"}],"name":[{"family":"Smith","given":["John"]}],"gender":"male","birthDate":"2001-05-06"`)
	make(`"identifier":[{"system":"urn:mrn","value":"103"}],"name":[{"family":"Smith","given":["John"]}],"gender":"male","birthDate":"1970-01-01"`)
	for name, c := range map[string]struct {
		doc   string
		more  string
		want  string // first match
		grade string
		n     int // matches in all; -1 = any
	}{
		"by number and name":           {`"identifier":[{"system":"urn:mrn","value":"100"}],"name":[{"family":"Muller","given":["Anna"]}],"birthDate":"1980-02-03"`, "", anna, "certain", -1},
		"by number and maiden name":    {`"identifier":[{"system":"urn:mrn","value":"100"}],"name":[{"family":"Weber","given":["Ana"]}]`, "", anna, "certain", -1},
		"number of somebody else":      {`"identifier":[{"system":"urn:mrn","value":"102"}],"name":[{"family":"Müller","given":["Anna"]}],"gender":"female","birthDate":"1980-02-03"`, "", anna, "possible", -1},
		"by number alone":              {`"identifier":[{"system":"urn:mrn","value":"100"}]`, "", anna, "possible", 1},
		"by name, birth date, address": {`"name":[{"family":"müller","given":["ANNA"]}],"gender":"female","birthDate":"1980-02-03","address":[{"line":["1 main st"],"postalCode":"02134-1000"}]`, "", anna, "probable", -1},
		"a typing error":               {`"name":[{"family":"Müler","given":["Anna"]}],"gender":"female","birthDate":"1980-03-02","telecom":[{"value":"6175550101"}]`, "", anna, "probable", -1},
		"father and son":               {`"name":[{"family":"Smith","given":["John"]}],"gender":"male","birthDate":"2001-05-06"`, "", son, "probable", 1},
		"certain only":                 {`"identifier":[{"system":"urn:mrn","value":"100"}],"name":[{"family":"Muller","given":["Anna"]}],"birthDate":"1980-02-03"`, `{"name":"onlyCertainMatches","valueBoolean":true}`, anna, "certain", 1},
		"certain only, but probable":   {`"name":[{"family":"Smith","given":["John"]}],"gender":"male","birthDate":"2001-05-06"`, `{"name":"onlyCertainMatches","valueBoolean":true}`, "", "", 0},
		"one at most":                  {`"name":[{"family":"Müller","given":["Anna"]}],"birthDate":"1980-02-03","address":[{"line":["1 Main St"],"postalCode":"02134"}]`, `{"name":"count","valueInteger":1}`, anna, "probable", 1},
		"nobody":                       {`"name":[{"family":"Nobody","given":["Nemo"]}],"birthDate":"1900-01-01"`, "", "", "", 0},
	} {
		parts := []string{`{"name":"resource","resource":{"resourceType":"Patient",` + c.doc + `}}`}
		if c.more != "" {
			parts = append(parts, c.more)
		}
		b := s.ask("clinician", "POST", "/fhir/Patient/$match", `{"resourceType":"Parameters","parameter":[`+strings.Join(parts, ",")+`]}`).status(200).bundle()
		if c.n >= 0 && len(b.Entry) != c.n {
			t.Errorf("%s: %d matches, want %d", name, len(b.Entry), c.n)
		}
		if len(b.Entry) == 0 {
			if c.want != "" {
				t.Errorf("%s: nobody", name)
			}
			continue
		}
		first := b.Entry[0]
		if id := first.Resource.Get("id").Text(); id != c.want || first.Search.Grade != c.grade {
			t.Errorf("%s: %s, %s with %s; want %s, %s", name, id, first.Search.Grade, first.Search.Score, c.want, c.grade)
		}
		last := 1.0
		for _, e := range b.Entry {
			if score := e.Search.Score.Float64(); score > last || score < 0 {
				t.Errorf("%s: scores out of order: %v", name, score)
			} else {
				last = score
			}
			if e.Search.Mode != "match" {
				t.Errorf("%s: mode %q", name, e.Search.Mode)
			}
		}
	}
	s.ask("clinician", "POST", "/fhir/Patient/$match", "").says(400, "Parameters")
	s.ask("clinician", "POST", "/fhir/Patient/$match", `{"resourceType":"Patient","gender":"male"}`).says(400, "nobody")
	if got := s.ask("clinician", "POST", "/fhir/Patient/$match", `{"resourceType":"Patient","name":[{"family":"Smith"}],"birthDate":"2001-05-06"}`); len(got.matches()) != 1 {
		t.Errorf("the Patient as the body: %s", got.Body)
	}
	// Whom the caller may not see is not found.
	if got := s.ask("Patient/"+twin, "POST", "/fhir/Patient/$match", `{"resourceType":"Patient","identifier":[{"system":"urn:mrn","value":"100"}],"name":[{"family":"Müller","given":["Anna"]}]}`); len(got.matches()) != 0 {
		t.Errorf("a patient finds another: %s", got.Body)
	}
}

func TestDocument(t *testing.T) {
	s := newSite(t)
	patient := s.create(ana)
	org := s.create(`{"resourceType":"Organization","name":"Harbor Street"}`)
	doctor := s.create(`{"resourceType":"Practitioner","name":[{"family":"Rao"}]}`)
	role := s.create(`{"resourceType":"PractitionerRole","practitioner":{"reference":"Practitioner/` + doctor + `"},"organization":{"reference":"Organization/` + org + `"}}`)
	obs := s.create(observation(patient, "70.50"))
	s.create(observation(patient, "71")) // not part of the document
	composition := s.create(`{"resourceType":"Composition","status":"final","type":{"text":"Summary"},"subject":{"reference":"Patient/` + patient + `"},"date":"2026-11-24","author":[{"reference":"PractitionerRole/` + role + `"}],"title":"Summary",` +
		`"section":[{"title":"Results","entry":[{"reference":"Observation/` + obs + `"}]}]}`)
	path := "/fhir/Composition/" + composition + "/$document"
	got := s.ask("clinician", "GET", path, "").status(200)
	b := got.bundle()
	var names []string
	for _, e := range b.Entry {
		r := e.Resource.Resource()
		names = append(names, r.Type()+"/"+r.ID())
		if e.FullURL != "https://ehr.example/fhir/"+r.Type()+"/"+r.ID() {
			t.Errorf("fullUrl %s", e.FullURL)
		}
	}
	want := []string{"Composition/" + composition, "Patient/" + patient, "PractitionerRole/" + role, "Observation/" + obs, "Practitioner/" + doctor, "Organization/" + org}
	slices.Sort(names[1:])
	slices.Sort(want[1:])
	if b.Type != "document" || !slices.Equal(names, want) || b.Identifier.Value == "" || b.Timestamp.IsZero() {
		t.Errorf("%s of %v, want %v", b.Type, names, want)
	}
	if out := issues(t, s.ask("clinician", "POST", "/fhir/Bundle/$validate", got.Body.String())); out[0] != "information informational" {
		t.Errorf("the document is not valid: %v", out)
	}
	s.ask("clinician", "GET", path+"?persist=true", "").says(400, "POST")
	kept := s.ask("clinician", "POST", path, `{"resourceType":"Parameters","parameter":[{"name":"persist","valueBoolean":true}]}`).status(201)
	again := s.ask("clinician", "GET", strings.TrimPrefix(kept.Header().Get("Location"), "https://ehr.example"), "").status(200)
	if again.bundle().Type != "document" {
		t.Errorf("kept: %s", again.Body)
	}
	s.ask("clinician", "GET", "/fhir/Composition/absent/$document", "").says(404)
	s.ask("frontdesk", "GET", path, "").says(403)
}

func TestConvert(t *testing.T) {
	s := newSite(t)
	if got := s.ask("clinician", "POST", "/fhir/$convert", ana, asksXML).status(200).xml(); string(got.Bytes()) != ana {
		t.Errorf("to XML: %s", got.Bytes())
	}
	if got := s.ask("clinician", "POST", "/fhir/$convert", toXML(t, ana), sendsXML).status(200); got.Body.String() != ana {
		t.Errorf("from XML: %s", got.Body)
	}
	s.ask("", "POST", "/fhir/$convert", ana).says(401)
}

func TestEverythingOfSome(t *testing.T) {
	s := newSite(t)
	patient, _ := s.chart()
	path := "/fhir/Patient/" + patient + "/$everything"
	if n := len(s.ask("clinician", "GET", path, "").matches()); n != 7 {
		t.Errorf("%d resources", n)
	}
	if got := s.ask("clinician", "GET", path+"?_type=Observation", "").matches(); len(got) != 5 {
		t.Errorf("observations: %v", got)
	}
	if got := s.ask("clinician", "GET", path+"?_type=Patient,Practitioner&_type=Condition", "").matches(); len(got) != 1 {
		t.Errorf("without the observations nothing refers to the practitioner: %v", got)
	}
	s.clock.Advance(time.Hour)
	since := s.clock.Now().Format(time.RFC3339Nano)
	newest := s.create(observation(patient, "99"))
	if got := s.ask("clinician", "GET", path+"?_since="+since, "").matches(); !slices.Equal(got, []string{"Observation/" + newest}) {
		t.Errorf("since: %v", got)
	}
	if got := s.ask("clinician", "POST", path, fmt.Sprintf(`{"resourceType":"Parameters","parameter":[{"name":"_since","valueInstant":%q},{"name":"_type","valueCode":"Observation"}]}`, since)).matches(); !slices.Equal(got, []string{"Observation/" + newest}) {
		t.Errorf("posted: %v", got)
	}
	found := map[string]bool{}
	for next := path + "?_type=Observation&_count=2"; next != ""; {
		page := s.ask("clinician", "GET", next, "")
		for _, m := range page.matches() {
			if found[m] || !strings.HasPrefix(m, "Observation/") {
				t.Errorf("%s on another page, or of another type", m)
			}
			found[m] = true
		}
		next = strings.TrimPrefix(page.bundle().LinkTo("next"), "https://ehr.example")
	}
	if len(found) != 6 {
		t.Errorf("%d observations on all pages", len(found))
	}
	dated := s.create(strings.Replace(observation(patient, "1"), "2026-11-01", "2020-05-06", 1))
	for query, want := range map[string]int{
		"start=2020-05-06&end=2020-05-06": 2, // the patient, and that day's observation
		"end=2020":                        2,
		"start=2020-05-07&end=2020-06":    1,
		"start=2026":                      8, // with the practitioner
		"start=2020":                      9,
	} {
		if got := s.ask("clinician", "GET", path+"?"+query, "").matches(); len(got) != want || strings.Contains(query, "end=2020-05-06") && !slices.Contains(got, "Observation/"+dated) {
			t.Errorf("%s: %v", query, got)
		}
	}
	s.ask("clinician", "GET", path+"?start=soon", "").says(400, "start")
	s.ask("clinician", "GET", path+"?_type=Nonsense", "").says(400, "Nonsense")
	s.ask("clinician", "GET", path+"?_since=yesterday", "").says(400, "_since")
}

// The statement names the operations that there are, and all that it names are there.
func TestOperationsAreStated(t *testing.T) {
	s := newSite(t)
	statement := s.ask("", "GET", "/fhir/metadata", "").status(200).doc()
	stated := map[string]bool{}
	rest := statement.Get("rest").First()
	for o := range rest.Get("operation").Values() {
		stated[" $"+o.Get("name").Text()] = true
	}
	for r := range rest.Get("resource").Values() {
		for o := range r.Get("operation").Values() {
			stated[r.Get("type").Text()+" $"+o.Get("name").Text()] = true
		}
	}
	for _, want := range []string{" $convert", "Patient $everything", "Patient $match", "Observation $lastn", "Composition $document", "Patient $validate", "Binary $meta", "Slot $meta-add", "Slot $meta-delete"} {
		if !stated[want] {
			t.Errorf("%s is not stated", want)
		}
	}
	for name := range stated {
		typ, op, _ := strings.Cut(name, " ")
		there := false
		for _, method := range []string{"GET", "POST"} {
			for _, path := range []string{typ + "/" + op, typ + "/x/" + op, op} {
				d, _, _ := find(prepared(doors()), method, "/"+path)
				there = there || d != nil && d.defines != ""
			}
		}
		if !there {
			t.Errorf("%s is stated, but there is no door for it", name)
		}
	}
}
