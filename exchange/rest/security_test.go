package rest

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/osler-ehr/osler/fhir/definitions"
	"github.com/osler-ehr/osler/identity"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/slice"
	"github.com/osler-ehr/osler/web"
)

// A1: every door names its right, a door that names none does not start, and nobody comes in unknown.
func TestA1EveryDoorIsLocked(t *testing.T) {
	s := newSite(t)
	for _, d := range doors() {
		if d.right.String() == "" {
			t.Errorf("%s %s names no right", d.method, d.path)
		}
		if (d.run == nil) == (d.change == nil) || (d.change == nil) != (d.changed == nil) {
			t.Errorf("%s %s must either read or change", d.method, d.path)
		}
	}
	for i := range s.slice.Routes {
		broken := slice.Slice{Name: "fhir", Routes: slices.Clone(s.slice.Routes)}
		broken.Routes[i].Right = slice.Right{}
		if err := slice.Mount(http.NewServeMux(), &web.Shell{}, []slice.Slice{broken}); err == nil {
			t.Errorf("starts although %s has no right", broken.Routes[i].String())
		}
	}
	id := s.create(ana)
	filled := strings.NewReplacer("{type}", "Patient", "{id}", id, "{version}", "1", "{compartment}", "Patient", "{$}", "")
	var first string
	for _, route := range s.slice.Routes {
		methods := []string{route.Method}
		if route.Method == "" {
			methods = []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "LIST"}
		}
		for _, method := range methods {
			for _, path := range []string{filled.Replace(route.Pattern), strings.ReplaceAll(filled.Replace(route.Pattern), id, "absent")} {
				if route.Right.String() == "public" {
					continue
				}
				got := s.ask("", method, path, "{}")
				got.status(401)
				if got.Header().Get("WWW-Authenticate") != `Bearer realm="osler"` {
					t.Errorf("%s %s: WWW-Authenticate %q", method, path, got.Header().Get("WWW-Authenticate"))
				}
				if got.Header().Get("Allow") != "" {
					t.Errorf("%s %s tells which methods there are", method, path)
				}
				if first == "" {
					first = got.Body.String()
				}
				if got.Body.String() != first {
					t.Errorf("%s %s answers unlike the others, and so tells something: %s", method, path, got.Body)
				}
			}
		}
	}
	// The handler asks for itself too, should something else let a request through to it.
	direct := httptest.NewRecorder()
	s.slice.Routes[0].Handler.ServeHTTP(direct, httptest.NewRequest("GET", "/fhir/Patient/"+id, nil))
	if direct.Code != 401 {
		t.Errorf("past the gate: %d", direct.Code)
	}
}

// world is a record with known ids and times, so that two of them can be compared byte by byte.
func (s *site) put(docs ...string) {
	s.t.Helper()
	name := regexp.MustCompile(`"resourceType":"(\w+)","id":"([\w-]+)"`)
	for _, d := range docs {
		m := name.FindStringSubmatch(d)
		s.ask("administrator", "PUT", "/fhir/"+m[1]+"/"+m[2], d).status(201)
	}
}

var (
	front = []string{ // what a front desk may see
		`{"resourceType":"Patient","id":"p1","name":[{"family":"One"}],"birthDate":"1980-02-03","identifier":[{"system":"urn:mrn","value":"1"}]}`,
		`{"resourceType":"Patient","id":"p2","name":[{"family":"Two"}],"birthDate":"1981-02-03"}`,
		`{"resourceType":"Practitioner","id":"dr","name":[{"family":"Rao"}]}`,
		`{"resourceType":"Appointment","id":"a1","status":"booked","start":"2026-12-01T09:00:00Z","end":"2026-12-01T09:15:00Z","participant":[{"actor":{"reference":"Patient/p1"},"status":"accepted"},{"actor":{"reference":"Practitioner/dr"},"status":"accepted"}]}`,
	}
	clinical = []string{ // and what not
		`{"resourceType":"Observation","id":"o1","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"75622-1"}],"text":"HIV secret"},"subject":{"reference":"Patient/p1"},"performer":[{"reference":"Practitioner/dr"}],"effectiveDateTime":"2026-11-01","valueQuantity":{"value":1.0}}`,
		`{"resourceType":"DocumentReference","id":"d1","status":"current","type":{"text":"secret"},"subject":{"reference":"Patient/p1"},"author":[{"reference":"Practitioner/dr"}],"content":[{"attachment":{"contentType":"text/plain","data":"c2VjcmV0"}}]}`,
		`{"resourceType":"Binary","id":"b1","contentType":"text/plain","securityContext":{"reference":"Patient/p1"},"data":"c2VjcmV0"}`,
		`{"resourceType":"DocumentReference","id":"d2","status":"current","type":{"coding":[{"system":"http://loinc.org","code":"11488-4"}]},"description":"secret","subject":{"reference":"Patient/p1"},"author":[{"reference":"Practitioner/dr"}],"content":[{"attachment":{"contentType":"text/plain","url":"Binary/b1"}}]}`,
		`{"resourceType":"Task","id":"t1","status":"requested","intent":"order","code":{"coding":[{"system":"https://osler.example/fhir/CodeSystem/task","code":"order"}]},"description":"secret","for":{"reference":"Patient/p1"},"owner":{"reference":"Practitioner/dr"}}`,
		`{"resourceType":"ServiceRequest","id":"s1","status":"active","intent":"order","category":[{"coding":[{"system":"http://snomed.info/sct","code":"3457005"}]}],"code":{"text":"secret"},"subject":{"reference":"Patient/p1"},"requester":{"reference":"Practitioner/dr"}}`,
		`{"resourceType":"Condition","id":"c1","code":{"text":"secret"},"subject":{"reference":"Patient/p1"},"asserter":{"reference":"Practitioner/dr"}}`,
		`{"resourceType":"Encounter","id":"e1","status":"finished","class":{"code":"AMB"},"subject":{"reference":"Patient/p1"},"appointment":[{"reference":"Appointment/a1"}],"participant":[{"individual":{"reference":"Practitioner/dr"}}]}`,
		`{"resourceType":"Provenance","id":"v1","target":[{"reference":"Observation/o1"},{"reference":"Patient/p1"}],"recorded":"2026-11-01T00:00:00Z","agent":[{"who":{"reference":"Practitioner/dr"}}]}`,
		`{"resourceType":"List","id":"l1","status":"current","mode":"working","subject":{"reference":"Patient/p1"},"entry":[{"item":{"reference":"Patient/p1"}},{"item":{"reference":"Observation/o1"}}]}`,
		`{"resourceType":"Composition","id":"k1","status":"final","type":{"text":"secret"},"subject":{"reference":"Patient/p1"},"date":"2026-11-01","author":[{"reference":"Practitioner/dr"}],"title":"secret","section":[{"entry":[{"reference":"Observation/o1"}]}]}`,
	}
)

// clues are requests by which somebody might learn of clinical data of p1.
func clues() (out []request) {
	get := func(paths ...string) {
		for _, p := range paths {
			out = append(out, request{"GET", p, ""})
		}
	}
	for _, doc := range []string{"Observation/o1", "DocumentReference/d1", "Condition/c1", "Encounter/e1", "Provenance/v1", "Task/t1", "Binary/b1", "ServiceRequest/s1"} {
		typ, _, _ := strings.Cut(doc, "/")
		get(doc+"/$meta", doc+"/$validate", typ+"?_text=secre", typ+"?_content=secre", typ+"?_list=l1", typ+"?_sort=-_id", typ+"?_sort=status,_id", doc+"?_format=xml", "Practitioner/dr/"+typ, "Encounter/e1/"+typ,
			"Patient/p1/$everything?_type="+typ, "Patient/p1/$everything?_since=2020&end=2027&_type=Patient,"+typ)
		get(doc, doc+"/_history/1", doc+"/_history", doc+"?_elements=status", doc+"?_summary=text", typ, typ+"/_history", typ+"?_id="+strings.TrimPrefix(doc, typ+"/"),
			typ+"?patient=p1", typ+"?_summary=count", typ+"?_total=accurate&_count=0", typ+"?_lastUpdated=gt2020", "Patient/p1/"+typ, "?_type="+typ, "?_type=Patient,"+typ+"&_summary=count",
			"Patient?_has:"+typ+":patient:_id="+strings.TrimPrefix(doc, typ+"/"), "Patient?_revinclude="+typ+":patient", "Patient?_id=p1&_revinclude:iterate="+typ+":patient",
			"Practitioner?_revinclude="+typ+":author", "Appointment?_revinclude="+typ+":appointment")
		out = append(out, request{"HEAD", doc, ""}, request{"DELETE", doc, ""},
			request{"PATCH", doc, `{"resourceType":"Parameters","parameter":[{"name":"operation","part":[{"name":"type","valueCode":"delete"},{"name":"path","valueString":"` + typ + `.status"}]}]}`},
			request{"POST", doc + "/$validate?mode=delete", ""}, request{"POST", doc + "/$meta-add", `{"resourceType":"Parameters","parameter":[{"name":"meta","valueMeta":{"tag":[{"code":"x"}]}}]}`},
			request{"DELETE", typ + "?patient=p1", ""}, request{"PATCH", typ + "?patient=p1", `{"resourceType":"Parameters"}`})
	}
	get("Observation?code=75622-1", "Observation?code:not=75622-1", "Observation?subject:Patient.family=One", "Observation?value-quantity:missing=false", "Observation?_sort=-date",
		"Patient?_has:Observation:patient:code=75622-1", "Patient?_has:Observation:patient:code=75622-1&_summary=count", "Patient?_has:Encounter:patient:_has:Provenance:target:_id=v1",
		"Patient?_has:DocumentReference:patient:status=current", "Patient?_has:Provenance:target:recorded=gt2020", "Appointment?_has:Encounter:appointment:status=finished",
		"Practitioner?_has:Observation:performer:code=75622-1", "Patient?_sort=-_lastUpdated&_count=1", "Patient?_sort=family&_total=accurate", "Patient?_lastUpdated=gt2020",
		"Appointment?_include=*", "Appointment?_include=Appointment:patient&_revinclude:iterate=Observation:subject", "Appointment?patient._has:Observation:patient:code=75622-1",
		"Appointment?patient.general-practitioner.family=Rao", "Patient/p1/*", "Patient/p1/$everything", "Patient/p1/$everything?_count=1", "_history", "_history?_count=2", "Patient/p1/_history", "Patient/p1",
		"?_lastUpdated=gt2020", "?_id=o1", "?_id=p1,o1,d1", "?_summary=count", "Patient?_count=1", "metadata", "Observation/o1/$everything", "Observation?_page=x", "Nonsense/o1")
	get("Patient?_list=l1", "Practitioner?_list=l1", "Patient?_sort=general-practitioner", "Patient?_sort=_id&_total=accurate", "Patient?_content=secre", "Appointment?_sort=actor,_id", "Practitioner/dr/*", "Encounter/e1/*", "Practitioner/dr/Appointment",
		"Observation/$lastn?patient=p1", "Observation/$lastn?subject=Patient/p1&max=9", "Composition/k1/$document", "Composition/k1", "Patient/p1/$everything?start=2026-11-01&end=2026-11-01", "Appointment?_format=xml")
	for _, body := range []string{front[0], `{"resourceType":"Patient","name":[{"family":"One"}],"birthDate":"1980-02-03"}`} {
		out = append(out, request{"POST", "Patient/$match", body}, request{"POST", "Patient/$validate?mode=create", body})
	}
	out = append(out, request{"POST", "Composition/k1/$document", `{"resourceType":"Parameters","parameter":[{"name":"persist","valueBoolean":true}]}`},
		request{"POST", "Observation/$validate?mode=create", `{"resourceType":"Observation","status":"final","code":{"text":"x"},"hasMember":[{"reference":"Observation/o1"}]}`})
	return out
}

type request struct{ method, path, body string }

// sameAnswers asks both worlds the same and compares everything: status, headers and bodies, alone, in a batch
// and in a transaction.
func sameAnswers(t *testing.T, who string, a, b *site, requests []request) {
	cursor := regexp.MustCompile(`_page=[\w-]+`)
	compare := func(r request) {
		ra, rb := a.ask(who, r.method, "/fhir/"+r.path, r.body), b.ask(who, r.method, "/fhir/"+r.path, r.body)
		ba, bb := ordered(cursor.ReplaceAllStringFunc(ra.Body.String(), blank)), ordered(cursor.ReplaceAllStringFunc(rb.Body.String(), blank))
		if ra.Code != rb.Code || ba != bb || !sameHeaders(ra.Header(), rb.Header()) {
			t.Errorf("%s %s as %s tells what it must not:\nwithout: %d %v %s\nwith:    %d %v %s", r.method, r.path, who, ra.Code, ra.Header(), ba, rb.Code, rb.Header(), bb)
		}
		if strings.Contains(rb.Body.String(), "secret") || strings.Contains(rb.Body.String(), "c2VjcmV0") {
			t.Errorf("%s %s as %s shows clinical data: %s", r.method, r.path, who, rb.Body)
		}
		if rb.Code >= 500 {
			t.Errorf("%s %s as %s: %d %s", r.method, r.path, who, rb.Code, rb.Body)
		}
	}
	var entries []string
	for _, r := range requests {
		compare(r)
		if e := entry(r.method, "/"+r.path, r.body); r.method != "HEAD" {
			entries = append(entries, e)
			compare(request{"POST", "", bundleOf("transaction", e)})
		}
	}
	compare(request{"POST", "", bundleOf("batch", entries...)})
}

// ordered sorts the objects of a body: resources included come in the order of hashes, whose key each record
// has for itself.
func ordered(body string) string {
	objects := strings.Split(body, "{")
	for i := range objects {
		objects[i] = strings.TrimRight(objects[i], ",]}")
	}
	slices.Sort(objects)
	return strings.Join(objects, "\n")
}

func blank(cursor string) string { return "_page=" + strconv.Itoa(len(cursor)) }

func sameHeaders(a, b http.Header) bool {
	if len(a) != len(b) {
		return false
	}
	for name := range a {
		if !slices.Equal(a[name], b[name]) {
			return false
		}
	}
	return true
}

// A5 and A6: for the front desk, a record with clinical data answers exactly like one without, whatever it is
// asked and by whichever door.
func TestA5A6FrontDeskLearnsNothingClinical(t *testing.T) {
	without, with := newSite(t), newSite(t)
	without.put(front...)
	with.put(front...)
	with.put(clinical...)
	sameAnswers(t, "frontdesk", without, with, clues())
	// The oracle can fail: somebody who may see the data gets other answers.
	if a, b := without.ask("clinician", "GET", "/fhir/Observation?patient=p1", ""), with.ask("clinician", "GET", "/fhir/Observation?patient=p1", ""); a.Body.String() == b.Body.String() {
		t.Error("a clinician sees no difference; the comparison proves nothing")
	}
}

// A2, A5 and A6: for a patient, a record with other people's data answers exactly like one without.
func TestA5A6PatientLearnsNothingOfOthers(t *testing.T) {
	without, with := newSite(t), newSite(t)
	without.put(front...)
	with.put(front...)
	with.put(clinical...)
	requests := clues()
	for _, typ := range definitions.ResourceTypes() {
		if definitions.CompartmentParams("Patient", typ) != nil {
			requests = append(requests, request{"GET", typ, ""}, request{"GET", typ + "?_summary=count", ""})
		}
	}
	sameAnswers(t, "Patient/p2", without, with, requests)
	if own := with.ask("Patient/p1", "GET", "/fhir/Observation/o1", ""); own.Code != 200 {
		t.Errorf("the patient does not see the own observation: %d", own.Code)
	}
	// Who is not there and who is not for one's eyes answer alike.
	absent, foreign := with.ask("Patient/p2", "GET", "/fhir/Patient/p9", ""), with.ask("Patient/p2", "GET", "/fhir/Patient/p1", "")
	if foreign.Code != 404 || strings.ReplaceAll(foreign.Body.String(), "p1", "p9") != absent.Body.String() {
		t.Errorf("absent: %d %s, foreign: %d %s", absent.Code, absent.Body, foreign.Code, foreign.Body)
	}
}

// A3: an id in the body that differs from the address is refused; what belongs to others cannot be read,
// changed or deleted, and stays byte for byte as it was.
func TestA3ForeignIDs(t *testing.T) {
	s := newSite(t)
	s.put(front...)
	s.put(clinical...)
	before := s.ask("administrator", "GET", "/fhir/_history?_count=1000", "").status(200).Body.String()
	p1 := front[0]
	ops := `{"resourceType":"Parameters","parameter":[{"name":"operation","part":[{"name":"type","valueCode":"delete"},{"name":"path","valueString":"Patient.birthDate"}]}]}`
	cases := []struct {
		who, method, path, body string
		want                    []int
	}{
		{"clinician", "PUT", "Patient/p2", p1, []int{400}},
		{"clinician", "PUT", "Patient/p2", strings.Replace(p1, `"id":"p1",`, "", 1), []int{400}},
		{"clinician", "PUT", "Observation/p1", p1, []int{400}},
		{"clinician", "POST", "Observation", p1, []int{400}},
		{"clinician", "PUT", "Patient?identifier=urn:mrn|1", strings.Replace(p1, `"id":"p1"`, `"id":"p2"`, 1), []int{400}},
		{"clinician", "PATCH", "Patient/p1", `{"resourceType":"Parameters","parameter":[{"name":"operation","part":[{"name":"type","valueCode":"replace"},{"name":"path","valueString":"Patient.id"},{"name":"value","valueId":"p2"}]}]}`, []int{400, 422}},
		{"Patient/p2", "GET", "Patient/p1", "", []int{404}},
		{"Patient/p2", "GET", "Observation/o1", "", []int{404}},
		{"Patient/p2", "GET", "Patient/p1/Observation", "", []int{200, 404}},
		{"Patient/p2", "GET", "Patient/p1/$everything", "", []int{404}},
		{"Patient/p2", "PUT", "Patient/p1", p1, []int{403, 404}},
		{"Patient/p2", "PATCH", "Patient/p1", ops, []int{403, 404}},
		{"Patient/p2", "DELETE", "Observation/o1", "", []int{403, 404}},
		{"Patient/p2", "POST", "Observation", observation("p1", "1"), []int{403, 404}},
		{"frontdesk", "PUT", "Observation/o1", clinical[0], []int{403}},
		{"frontdesk", "DELETE", "DocumentReference/d1", "", []int{403}},
		{"frontdesk", "POST", "Observation", observation("p1", "1"), []int{403}},
		{"biller", "PATCH", "Observation/o1", ops, []int{403}},
	}
	for _, c := range cases {
		got := s.ask(c.who, c.method, "/fhir/"+c.path, c.body)
		if !slices.Contains(c.want, got.Code) {
			t.Errorf("%s %s as %s: %d, want %v: %s", c.method, c.path, c.who, got.Code, c.want, got.Body)
		}
		if got.Code == 200 && strings.Contains(got.Body.String(), `"entry"`) {
			t.Errorf("%s %s as %s: shows something: %s", c.method, c.path, c.who, got.Body)
		}
		inBatch := s.ask(c.who, "POST", "/fhir", bundleOf("batch", entry(c.method, c.path, c.body))).status(200).bundle().Entry[0]
		if code, _ := strconv.Atoi(inBatch.Response.Status[:3]); !slices.Contains(c.want, code) {
			t.Errorf("%s %s as %s in a batch: %s, want %v", c.method, c.path, c.who, inBatch.Response.Status, c.want)
		}
		s.ask(c.who, "POST", "/fhir", bundleOf("transaction", entry(c.method, c.path, c.body)))
	}
	if after := s.ask("administrator", "GET", "/fhir/_history?_count=1000", "").Body.String(); after != before {
		t.Errorf("a refused request changed the record:\nbefore %s\nafter  %s", before, after)
	}
}

// A23: what two readers could read differently is refused, and digits are kept.
func TestA23ParserConfusion(t *testing.T) {
	s := newSite(t)
	id := s.create(ana)
	cases := map[string]string{
		"duplicate key":        `{"resourceType":"Patient","gender":"male","gender":"female"}`,
		"duplicate type":       `{"resourceType":"Patient","resourceType":"Observation"}`,
		"case variant":         `{"resourceType":"Patient","Gender":"male"}`,
		"case variant of type": `{"ResourceType":"Patient"}`,
		"escaped duplicate":    `{"resourceType":"Patient","gender":"male","gend\u0065r":"female"}`,
		"trailing bytes":       ana + `{}`,
		"trailing NUL":         ana + "\x00",
		"byte order mark":      "\xef\xbb\xbf" + ana,
		"overlong UTF-8":       `{"resourceType":"Patient","language":"` + "\xc0\xaf" + `"}`,
		"lone surrogate":       `{"resourceType":"Patient","language":"\ud800"}`,
		"UTF-16":               "\xff\xfe{\x00}\x00",
		"NaN":                  strings.Replace(observation(id, "1"), `"value":1`, `"value":NaN`, 1),
		"leading zero":         observation(id, "01"),
		"too deep":             `{"resourceType":"Patient","extension":` + strings.Repeat(`[{"extension":`, 200) + `[]` + strings.Repeat(`}]`, 200) + `}`,
		"array":                `[` + ana + `]`,
		"nothing":              ` `,
		"single quotes":        `{'resourceType':'Patient'}`,
		"comment":              `{"resourceType":"Patient"/*x*/}`,
	}
	for name, body := range cases {
		t.Run(name, func(t *testing.T) {
			s.t = t
			typ := "Patient"
			if strings.Contains(body, "Observation") && name != "duplicate type" {
				typ = "Observation"
			}
			got := s.ask("clinician", "POST", "/fhir/"+typ, body)
			if name == "case variant" {
				got.says(422, "Gender") // well-formed, but no element of this name exists
			} else {
				got.says(400)
			}
			if name != "UTF-16" && name != "byte order mark" && name != "trailing NUL" && name != "overlong UTF-8" {
				s.ask("clinician", "POST", "/fhir", bundleOf("transaction", entry("POST", typ, body))).says(max(400, got.Code))
			}
		})
	}
	s.t = t
	s.ask("clinician", "PATCH", "/fhir/Patient/"+id, `[{"op":"remove","op":"add","path":"/gender"}]`, "Content-Type: application/json-patch+json").says(400)
	for _, digits := range []string{"1.50", "0.10", "1e2", "100.000", "-0.0", "0.30000000000000004441"} {
		o := s.create(observation(id, digits))
		for _, path := range []string{"/fhir/Observation/" + o, "/fhir/Observation/" + o + "/_history", "/fhir/Observation?_id=" + o, "/fhir/Observation/" + o + "?_pretty=true", "/fhir/Observation/" + o + "?_summary=true"} {
			if body := s.ask("clinician", "GET", path, "").status(200).Body.String(); !strings.Contains(strings.ReplaceAll(body, `"value": `, `"value":`), `"value":`+digits+`,`) {
				t.Errorf("%s: the digits %s are lost: %s", path, digits, body)
			}
		}
	}
	// The same parameter twice in an address means both, never the first or last alone.
	if got := s.ask("clinician", "GET", "/fhir/Patient?_id="+id+"&_id=other", "").matches(); len(got) != 0 {
		t.Errorf("two ids at once: %v", got)
	}
}

// A24: every answer carries the headers that keep a browser from doing harm, errors included.
func TestA24SecurityHeaders(t *testing.T) {
	s := newSite(t)
	id := s.create(ana)
	for name, got := range map[string]reply{
		"read":         s.ask("clinician", "GET", "/fhir/Patient/"+id, ""),
		"304":          s.ask("clinician", "GET", "/fhir/Patient/"+id, "", `If-None-Match: W/"1"`),
		"search":       s.ask("clinician", "GET", "/fhir/Patient", ""),
		"history":      s.ask("clinician", "GET", "/fhir/_history", ""),
		"metadata":     s.ask("", "GET", "/fhir/metadata", ""),
		"create":       s.ask("clinician", "POST", "/fhir/Patient", ana),
		"delete":       s.ask("clinician", "DELETE", "/fhir/Basic/absent", ""),
		"batch":        s.ask("clinician", "POST", "/fhir", bundleOf("batch")),
		"400":          s.ask("clinician", "POST", "/fhir/Patient", "{"),
		"401":          s.ask("", "GET", "/fhir/Patient/"+id, ""),
		"403":          s.ask("frontdesk", "GET", "/fhir/Observation", ""),
		"404":          s.ask("clinician", "GET", "/fhir/Patient/absent", ""),
		"404 address":  s.ask("clinician", "GET", "/fhir/a/b/c/d/e/f", ""),
		"405":          s.ask("clinician", "PUT", "/fhir/metadata", ""),
		"406":          s.ask("clinician", "GET", "/fhir/Patient/"+id, "", "Accept: text/plain"),
		"413":          s.ask("clinician", "POST", "/fhir/Patient", strings.Repeat(" ", 17<<20)),
		"415":          s.ask("clinician", "POST", "/fhir/Patient", ana, "Content-Type: text/plain"),
		"OPTIONS":      s.ask("clinician", "OPTIONS", "/fhir/Patient/"+id, ""),
		"minimal":      s.ask("clinician", "POST", "/fhir/Patient", ana, "Prefer: return=minimal"),
		"$everything":  s.ask("clinician", "GET", "/fhir/Patient/"+id+"/$everything", ""),
		"out of order": {panicking(t), t},
	} {
		for header, want := range map[string]string{
			"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer",
			"Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
		} {
			if value := got.Header().Get(header); value != want {
				t.Errorf("%s (%d): %s %q, want %q", name, got.Code, header, value, want)
			}
		}
		if typ := got.Header().Get("Content-Type"); got.Body.Len() > 0 && typ != contentTypes[asJSON] {
			t.Errorf("%s (%d): Content-Type %q", name, got.Code, typ)
		}
	}
}

// faulty is a session that fails in the ways a program can.
type faulty struct {
	session
	fault func() error
}

func (f faulty) Read(context.Context, string, string) (*record.Version, error) { return nil, f.fault() }

func answerOf(t *testing.T, log *bytes.Buffer, fault func() error) *httptest.ResponseRecorder {
	t.Helper()
	s := newSite(t)
	srv := newServer(s.deps(), Options{})
	srv.log = logTo(log)
	srv.open = func(*http.Request) (session, error) { return faulty{fault: fault}, nil }
	w := httptest.NewRecorder()
	r := httptest.NewRequest("GET", "/fhir/Patient/secret-id", nil)
	srv.ServeHTTP(w, r.WithContext(identity.With(r.Context(), identity.Principal{Kind: identity.Person})))
	return w
}

func panicking(t *testing.T) *httptest.ResponseRecorder {
	return answerOf(t, &bytes.Buffer{}, func() error { panic("secret name") })
}

func TestFaultsTellNothing(t *testing.T) {
	for name, fault := range map[string]func() error{
		"panic":         func() error { panic("secret name") },
		"runtime panic": func() error { var secret []int; _ = secret[len("secret name")]; return nil },
		"error":         func() error { return errors.New("database is locked") },
	} {
		t.Run(name, func(t *testing.T) {
			var log bytes.Buffer
			w := answerOf(t, &log, fault)
			reply{w, t}.says(500, "Something went wrong in the server")
			if strings.Contains(w.Body.String(), "locked") || strings.Contains(w.Body.String(), "secret") {
				t.Errorf("the answer tells of the fault: %s", w.Body)
			}
			if log.Len() == 0 || strings.Contains(log.String(), "secret") {
				t.Errorf("the log is empty or names a patient: %s", &log)
			}
		})
	}
	var log bytes.Buffer
	reply{answerOf(t, &log, func() error { return context.DeadlineExceeded }), t}.says(503, "too long")
}

func TestBodyLimits(t *testing.T) {
	s := newSite(t)
	s.ask("clinician", "POST", "/fhir/Patient", strings.Repeat(" ", 16<<20+1)).says(413, "16 MiB")
	s.ask("clinician", "POST", "/fhir/Patient/_search", "name="+strings.Repeat("x", 1<<20), "Content-Type: application/x-www-form-urlencoded").says(413, "1 MiB")
	s.ask("clinician", "POST", "/fhir/Patient", "").says(415)
	s.ask("clinician", "POST", "/fhir/Patient", "", "Content-Type: application/fhir+json").says(400, "empty")
	// A body of unannounced length is cut off as well.
	r := httptest.NewRequest("POST", "/fhir/Patient", strings.NewReader(strings.Repeat(" ", 17<<20)))
	r.ContentLength = -1
	r.Header.Set("Content-Type", "application/fhir+json")
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, r.WithContext(identity.With(r.Context(), identity.Principal{Kind: identity.Person, Roles: []identity.Role{identity.Clinician}})))
	reply{w, t}.says(413)
}
