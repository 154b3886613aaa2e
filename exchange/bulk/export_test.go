package bulk

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/identity"
	"github.com/osler-ehr/osler/jobs/jobstest"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/slice"
)

var quick = Options{step: 2 * time.Second, settle: time.Millisecond}

// newSite serves bulk over a record with three patients and what is around them.
func newSite(t testing.TB, o Options) *jobstest.Site {
	s := jobstest.New(t)
	s.Put(
		`{"resourceType":"Organization","id":"practice","name":"Practice"}`,
		`{"resourceType":"Practitioner","id":"ada","name":[{"family":"Ada"}]}`,
		`{"resourceType":"Practitioner","id":"unrelated","name":[{"family":"Nobody"}]}`,
		jobstest.Patient("a", "Alpha"), jobstest.Patient("b", "Beta"), jobstest.Patient("c", "Gamma"),
		jobstest.Observation("a1", "a", "final", "8867-4"), jobstest.Observation("a2", "a", "preliminary", "718-7"),
		jobstest.Observation("b1", "b", "final", "718-7"), jobstest.Observation("c1", "c", "final", "8867-4"),
		`{"resourceType":"Observation","id":"nobody","status":"final","code":{"text":"room temperature"}}`,
		`{"resourceType":"Condition","id":"a3","subject":{"reference":"Patient/a"},"code":{"text":"x"},"asserter":{"reference":"Practitioner/ada"}}`,
		`{"resourceType":"Condition","id":"b2","subject":{"reference":"Patient/b"},"code":{"text":"x"},"asserter":{"reference":"Practitioner/ada"}}`,
		`{"resourceType":"Group","id":"g","type":"person","actual":true,"member":[{"entity":{"reference":"Patient/a"}},{"entity":{"reference":"Patient/b"},"inactive":true},`+
			`{"entity":{"reference":"Patient/c"},"period":{"end":"2020-01-01"}},{"entity":{"reference":"Patient/a"}}]}`,
		`{"resourceType":"Group","id":"both","type":"person","actual":true,"member":[{"entity":{"reference":"Patient/a"}},{"entity":{"reference":"Patient/b"}}]}`,
	)
	s.Serve(Slice(s.Deps, o))
	return s
}

const async = "Prefer: respond-async"

// kickOff begins an export and returns the address of its status.
func kickOff(s *jobstest.Site, token, path string) string {
	s.T.Helper()
	at := s.Ask(token, "GET", path, "", async).Want(202).Header.Get("Content-Location")
	if at == "" {
		s.T.Fatal("no Content-Location")
	}
	return at
}

// finish waits for an export and reads its manifest.
func finish(s *jobstest.Site, token, at string) (m manifest) {
	s.T.Helper()
	jobstest.Eventually(s.T, "the export is done", func() bool {
		r := s.Ask(token, "GET", at, "")
		if r.StatusCode == 202 {
			if r.Header.Get("X-Progress") == "" || r.Header.Get("Retry-After") == "" {
				s.T.Errorf("headers under way: %v", r.Header)
			}
			return false
		}
		r.Want(200)
		if ct := r.Header.Get("Content-Type"); ct != "application/json" || r.Header.Get("Expires") == "" {
			s.T.Errorf("headers of the manifest: %v", r.Header)
		}
		if err := json.Unmarshal([]byte(r.Text), &m); err != nil {
			s.T.Fatal(err)
		}
		return true
	})
	return m
}

// fetch reads all files of a manifest: "Type/id" to document.
func fetch(s *jobstest.Site, token string, m manifest) map[string]string {
	s.T.Helper()
	out := map[string]string{}
	for _, f := range m.Output {
		r := s.Ask(token, "GET", f.URL, "").Want(200)
		if ct := r.Header.Get("Content-Type"); ct != "application/fhir+ndjson" {
			s.T.Errorf("a file is %s", ct)
		}
		n := 0
		for line := range strings.Lines(r.Text) {
			doc, err := fhir.Parse([]byte(strings.TrimSuffix(line, "\n")))
			if err != nil {
				s.T.Fatalf("%s, line %d: %v", f.URL, n+1, err)
			}
			name := doc.Type() + "/" + doc.ID()
			if doc.Type() != f.Type {
				s.T.Errorf("%s stands in a file of %s", name, f.Type)
			}
			if out[name] != "" {
				s.T.Errorf("%s is given twice", name)
			}
			out[name] = line
			n++
		}
		if n != f.Count {
			s.T.Errorf("%s has %d lines, the manifest says %d", f.URL, n, f.Count)
		}
	}
	return out
}

func names(docs map[string]string) string { return strings.Join(slices.Sorted(maps.Keys(docs)), " ") }

func exported(s *jobstest.Site, token, path string) map[string]string {
	s.T.Helper()
	return fetch(s, token, finish(s, token, kickOff(s, token, path)))
}

func TestLevelsAndParameters(t *testing.T) {
	o := quick
	o.Running = 100
	s := newSite(t, o)
	all := s.ProgramToken("warehouse", "system/*.rs")
	everything := "Condition/a3 Condition/b2 Group/both Group/g Observation/a1 Observation/a2 Observation/b1 Observation/c1 Observation/nobody " +
		"Organization/practice Patient/a Patient/b Patient/c Practitioner/ada Practitioner/unrelated"
	for _, c := range []struct{ path, want string }{
		{"/fhir/$export", everything},
		{"/fhir/$export?_type=Patient,Condition", "Condition/a3 Condition/b2 Patient/a Patient/b Patient/c"},
		{"/fhir/$export?_type=Patient&_type=Condition&_outputFormat=ndjson", "Condition/a3 Condition/b2 Patient/a Patient/b Patient/c"},
		{"/fhir/$export?_type=Patient&_since=2999-01-01T00:00:00Z", ""},
		{"/fhir/$export?_type=Patient&_since=2020-01-01T00:00:00%2B02:00", "Patient/a Patient/b Patient/c"},
		{"/fhir/$export?_type=Observation,Patient&_typeFilter=Observation%3Fcode%3D718-7", "Observation/a2 Observation/b1 Patient/a Patient/b Patient/c"},
		{"/fhir/$export?_type=Observation&_typeFilter=Observation%3Fcode%3D718-7%2CObservation%3Fstatus%3Dfinal", "Observation/a1 Observation/a2 Observation/b1 Observation/c1 Observation/nobody"},
		{"/fhir/$export?_type=Observation&_typeFilter=Observation%3Fcode%3D718-7,8867-4", "Observation/a1 Observation/a2 Observation/b1 Observation/c1"},
		{"/fhir/Patient/$export?_type=Observation,Patient,Practitioner", "Observation/a1 Observation/a2 Observation/b1 Observation/c1 Patient/a Patient/b Patient/c Practitioner/ada Practitioner/unrelated"},
		{"/fhir/Patient/$export?_type=Observation&_typeFilter=Observation%3Fstatus%3Dfinal", "Observation/a1 Observation/b1 Observation/c1"},
		{"/fhir/Group/g/$export", "Condition/a3 Observation/a1 Observation/a2 Patient/a Practitioner/ada"},
		{"/fhir/Group/both/$export", "Condition/a3 Condition/b2 Observation/a1 Observation/a2 Observation/b1 Patient/a Patient/b Practitioner/ada"},
		{"/fhir/Group/both/$export?_type=Observation,Patient&_typeFilter=Observation%3Fstatus%3Dfinal", "Observation/a1 Observation/b1 Patient/a Patient/b"},
		{"/fhir/Group/both/$export?_type=Patient&patient=Patient/b", "Patient/b"},
	} {
		docs := exported(s, all, c.path)
		if got := names(docs); got != c.want {
			t.Errorf("%s\n got %s\nwant %s", c.path, got, c.want)
		}
		for name, line := range docs { // exactly as the record serves it
			typ, id, _ := strings.Cut(name, "/")
			v, err := s.As(access.Administrator).Read(context.Background(), typ, id)
			if err != nil || string(v.Body)+"\n" != line {
				t.Errorf("%s: exported %q, in the record %q %v", name, line, v.Body, err)
			}
		}
	}
	post := s.Ask(all, "POST", "/fhir/Patient/$export", `{"resourceType":"Parameters","parameter":[{"name":"_type","valueString":"Patient,Observation"},{"name":"patient","valueReference":{"reference":"Patient/a"}},`+
		`{"name":"_since","valueInstant":"2020-01-01T00:00:00Z"}]}`, async).Want(202)
	if got := names(fetch(s, all, finish(s, all, post.Header.Get("Content-Location")))); got != "Observation/a1 Observation/a2 Patient/a" {
		t.Errorf("by POST: %s", got)
	}
	// Lenient: what is not heeded is told.
	m := finish(s, all, s.Ask(all, "GET", "/fhir/$export?_type=Group,Nonsense&includeAssociatedData=LatestProvenanceResources", "", "Prefer: respond-async, handling=lenient").Want(202).Header.Get("Content-Location"))
	if len(m.Error) != 1 || m.Error[0].Count != 2 || !m.RequiresAccessToken || m.TransactionTime == "" || !strings.Contains(m.Request, "/fhir/$export?_type=Group") {
		t.Errorf("the manifest: %+v", m)
	}
	s.Ask(all, "GET", m.Error[0].URL, "").Want(200, "includeAssociatedData", "Nonsense", "OperationOutcome")
	if got := names(fetch(s, all, m)); got != "Group/both Group/g" {
		t.Errorf("lenient: %s", got)
	}
}

func TestKickOffRefusesClearly(t *testing.T) {
	s := newSite(t, quick)
	all := s.ProgramToken("warehouse", "system/*.rs")
	for _, c := range []struct {
		method, path, body string
		headers            []string
		status             int
		words              string
	}{
		{"GET", "/fhir/$export", "", nil, 400, "respond-async"},
		{"GET", "/fhir/$export", "", []string{async, "Accept: application/fhir+xml"}, 406, "application/fhir+json"},
		{"GET", "/fhir/$export?_outputFormat=text/csv", "", []string{async}, 400, "ndjson"},
		{"GET", "/fhir/$export?_since=yesterday", "", []string{async}, 400, "_since"},
		{"GET", "/fhir/$export?_type=Nonsense", "", []string{async}, 400, "Nonsense"},
		{"GET", "/fhir/$export?_type=", "", []string{async}, 400, "names no resource type"},
		{"GET", "/fhir/$export?includeAssociatedData=LatestProvenanceResources", "", []string{async}, 400, "includeAssociatedData is not supported"},
		{"GET", "/fhir/$export?_elements=id", "", []string{async}, 400, "_elements is not supported"},
		{"GET", "/fhir/$export?patient=Patient/a", "", []string{async}, 400, "/Patient/$export"},
		{"GET", "/fhir/$export?_typeFilter=Observation", "", []string{async}, 400, "is a search"},
		{"GET", "/fhir/$export?_typeFilter=Observation%3F", "", []string{async}, 400, "no search parameter"},
		{"GET", "/fhir/$export?_typeFilter=Observation%3F_include%3D*", "", []string{async}, 400, "cannot stand in it"},
		{"GET", "/fhir/$export?_typeFilter=Observation%3Fnonsense%3D1", "", []string{async}, 400, "nonsense"},
		{"GET", "/fhir/$export?_type=Patient&_typeFilter=Observation%3Fcode%3D1", "", []string{async}, 400, "which _type does not name"},
		{"GET", "/fhir/Patient/$export?_typeFilter=Organization%3Fname%3Dx", "", []string{async}, 400, "no part of a patient's record"},
		{"GET", "/fhir/Group/none/$export", "", []string{async}, 404, "there is no Group/none"},
		{"GET", "/fhir/Group/g/$export?patient=Patient/b", "", []string{async}, 400, "not a member"},
		{"POST", "/fhir/$export", `{"resourceType":"Patient"}`, []string{async}, 400, "Parameters"},
		{"POST", "/fhir/$export", `{`, []string{async}, 400, ""},
	} {
		s.Ask(all, c.method, c.path, c.body, c.headers...).Want(c.status, "OperationOutcome", c.words)
	}
	s.Ask("", "GET", "/fhir/$export", "", async).Want(401)
	s.Ask(all, "GET", "/bulk/exports/none", "").Want(404)
	// Two at a time, and no more.
	slow := quick
	slow.settle = time.Hour
	s2 := newSite(t, slow)
	all = s2.ProgramToken("warehouse", "system/*.rs")
	first := kickOff(s2, all, "/fhir/$export")
	kickOff(s2, all, "/fhir/$export")
	s2.Ask(all, "GET", "/fhir/$export", "", async).Want(429, "cancel it")
	s2.Ask(all, "DELETE", first, "").Want(202)
	kickOff(s2, all, "/fhir/$export")
	kickOff(s2, s2.ProgramToken("other", "system/*.rs"), "/fhir/$export")
}

// A6: every role gets by $export what it may search, and nothing else.
func TestA6ExportGivesWhatTheRequesterMaySee(t *testing.T) {
	o := quick
	o.Running = 100
	s := newSite(t, o)
	ctx := context.Background()
	for name, c := range map[string]struct {
		role           identity.Role
		resource       string
		scopes, scoped string // patient
	}{
		"clinician":               {identity.Clinician, "", "user/*.rs", ""},
		"frontdesk":               {identity.FrontDesk, "", "user/*.rs", ""},
		"biller":                  {identity.Biller, "", "user/*.rs", ""},
		"clinician, two types":    {identity.Clinician, "", "user/Patient.rs user/Condition.rs", ""},
		"clinician, one patient":  {identity.Clinician, "", "patient/*.rs", "b"},
		"patient a":               {identity.Patient, "Patient/a", "user/*.rs", ""},
		"patient a, observations": {identity.Patient, "Patient/a", "patient/Observation.rs patient/Patient.rs", "a"},
	} {
		t.Run(name, func(t *testing.T) {
			account := s.Account(strings.NewReplacer(" ", "", ",", "").Replace(name), c.role, c.resource)
			token := s.Token(account.ID, c.scoped, c.scopes)
			r, err := http.NewRequest("GET", "/", nil)
			if err != nil {
				t.Fatal(err)
			}
			p, err := s.Identity.Authenticate(ctx, token)
			if err != nil {
				t.Fatal(err)
			}
			session, err := s.Deps.Session(r.WithContext(identity.With(ctx, p)))
			if err != nil {
				t.Fatal(err)
			}
			may := map[string]string{}
			err = session.Walk(ctx, false, func(v *record.Version) error {
				may[v.Type+"/"+v.ID] = string(v.Body)
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			if len(may) == 0 {
				t.Fatal("it may see nothing, so nothing is tested")
			}
			if got := names(exported(s, token, "/fhir/$export")); got != names(may) {
				t.Errorf("of the system\n got %s\nwant %s", got, names(may))
			}
			for name := range exported(s, token, "/fhir/Patient/$export") {
				if may[name] == "" || name == "Observation/nobody" {
					t.Errorf("of patients: %s", name)
				}
			}
			if session.May(access.Read, "Group") {
				for name := range fetch(s, token, finish(s, token, kickOff(s, token, "/fhir/Patient/$export?patient=Patient/"+firstPatient(may)))) {
					if may[name] == "" {
						t.Errorf("of one patient: %s", name)
					}
				}
			}
		})
	}
	desk := s.Token(s.Account("desk2", identity.FrontDesk, "").ID, "", "user/*.rs")
	s.Ask(desk, "GET", "/fhir/$export?_type=Condition", "", async).Want(403, "do not let you search Condition")
}

func firstPatient(may map[string]string) string {
	for _, id := range []string{"a", "b", "c"} {
		if may["Patient/"+id] != "" {
			return id
		}
	}
	return "none"
}

func TestFilesAreForTheRequesterAlone(t *testing.T) {
	s := newSite(t, quick)
	ctx := context.Background()
	account := s.Account("drada", identity.Clinician, "")
	mine := s.Token(account.ID, "", "user/*.rs")
	other := s.Token(s.Account("drbob", identity.Administrator, "").ID, "", "user/*.rs")
	at := kickOff(s, mine, "/fhir/$export?_type=Patient,Observation")
	m := finish(s, mine, at)
	for _, path := range []string{at, m.Output[0].URL} {
		s.Ask("", "GET", path, "").Want(401)
		s.Ask(other, "GET", path, "").Want(404)
		s.Ask(other, "GET", path+"x", "").Want(404)
	}
	s.Ask(other, "DELETE", at, "").Want(404)
	// A new token of the same account will do, one with fewer scopes only for what they allow.
	narrow := s.Token(account.ID, "", "user/Patient.rs")
	for _, f := range m.Output {
		want := 200
		if f.Type == "Observation" {
			want = 403
		}
		s.Ask(narrow, "GET", f.URL, "").Want(want)
	}
	// gzip is the same file.
	r := s.Ask(mine, "GET", m.Output[0].URL, "", "Accept-Encoding: gzip").Want(200)
	if r.Header.Get("Content-Encoding") != "gzip" || strings.Contains(r.Text, "resourceType") {
		t.Errorf("not compressed: %v", r.Header)
	}
	// Nothing of it lies in clear in the store.
	if v, err := s.Deps.Spool(Name).Values(ctx); err != nil || len(v) != 1 {
		t.Fatalf("%d values in the spool, %v", len(v), err)
	}
	found := 0
	id := at[strings.LastIndex(at, "/")+1:]
	for f := range 3 {
		if b, err := s.Store.Blob(ctx, "spool bulk/"+chunkName(id, f, 0)); err == nil {
			found++
			if bytes.Contains(b, []byte("resourceType")) || bytes.Contains(b, []byte("Alpha")) {
				t.Error("a file lies in the store in clear")
			}
		}
	}
	if found != len(m.Output) {
		t.Errorf("%d chunks found, want %d", found, len(m.Output))
	}
	// Another role: the files stay closed. (The account's tokens end with the change; a new one is made.)
	if _, err := s.Identity.ChangeAccount(ctx, account.ID, func(a *identity.Account) error { a.Roles = []identity.Role{identity.FrontDesk}; return nil }); err != nil {
		t.Fatal(err)
	}
	s.Ask(mine, "GET", m.Output[0].URL, "").Want(401)
	s.Ask(s.Token(account.ID, "", "user/*.rs"), "GET", m.Output[0].URL, "").Want(403, "not what they were")
}

func TestCancelAndExpiryRemoveEverything(t *testing.T) {
	o := quick
	o.Keep = 3 * time.Second
	s := newSite(t, o)
	ctx := context.Background()
	all := s.ProgramToken("warehouse", "system/*.rs")
	empty := func() bool {
		v, err := s.Deps.Spool(Name).Values(ctx)
		return err == nil && len(v) == 0
	}
	gone := func(at string) {
		t.Helper()
		jobstest.Eventually(t, "nothing is left", empty)
		id := at[strings.LastIndex(at, "/")+1:]
		for _, name := range []string{chunkName(id, 0, 0), chunkName(id, 1, 0), membersName(id), outsideName(id)} {
			if _, err := s.Store.Blob(ctx, "spool bulk/"+name); err == nil {
				t.Errorf("%s is still there", name)
			}
		}
	}
	at := kickOff(s, all, "/fhir/Group/both/$export")
	m := finish(s, all, at)
	s.Ask(all, "DELETE", at, "").Want(202)
	s.Ask(all, "GET", at, "").Want(404)
	s.Ask(all, "GET", m.Output[0].URL, "").Want(404)
	s.Ask(all, "DELETE", at, "").Want(404)
	gone(at)
	at = kickOff(s, all, "/fhir/$export")
	m = finish(s, all, at)
	gone(at)
	s.Ask(all, "GET", m.Output[0].URL, "").Want(404)
}

// A7: the requester's rights are looked at again while the export runs.
func TestA7ExportStopsWhenRightsEnd(t *testing.T) {
	for name, end := range map[string]func(s *jobstest.Site, account identity.Account, token string) error{
		"account disabled": func(s *jobstest.Site, a identity.Account, _ string) error {
			_, err := s.Identity.ChangeAccount(context.Background(), a.ID, func(a *identity.Account) error { a.Disabled = true; return nil })
			return err
		},
		"token revoked": func(s *jobstest.Site, _ identity.Account, token string) error {
			return s.Identity.RevokeToken(context.Background(), token)
		},
		"role taken away": func(s *jobstest.Site, a identity.Account, _ string) error {
			_, err := s.Identity.ChangeAccount(context.Background(), a.ID, func(a *identity.Account) error { a.Roles = []identity.Role{identity.FrontDesk}; return nil })
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := jobstest.New(t)
			s.Put(jobstest.Patient("a", "Alpha"), jobstest.Observation("o", "a", "final", "1-1"))
			gate := &gated{at: make(chan struct{}), go_: make(chan struct{})}
			inner := s.Deps.Owned
			s.Deps.Owned = func(ctx context.Context, o slice.Owner) (*record.Session, error) {
				gate.once.Do(func() { close(gate.at); <-gate.go_ })
				return inner(ctx, o)
			}
			s.Serve(Slice(s.Deps, quick))
			account := s.Account("drada", identity.Clinician, "")
			token := s.Token(account.ID, "", "user/*.rs")
			at := kickOff(s, token, "/fhir/$export?_type=Observation")
			<-gate.at
			if err := end(s, account, token); err != nil {
				t.Fatal(err)
			}
			close(gate.go_)
			id := at[strings.LastIndex(at, "/")+1:]
			srv := newServer(s.Deps, quick)
			var x *export
			jobstest.Eventually(t, "it ends", func() bool {
				var err error
				x, err = srv.load(context.Background(), id)
				return err == nil && x.Status != running
			})
			if x.Status != failed || x.Written != 0 || !strings.Contains(x.Failure, "rights have ended") {
				t.Errorf("%s: %s, %d resources written", x.Status, x.Failure, x.Written)
			}
			if x.Owner.Token != "" {
				t.Error("the token is kept though the export is over")
			}
		})
	}
}

type gated struct {
	once    sync.Once
	at, go_ chan struct{}
}

func TestAnExportShowsOneMoment(t *testing.T) {
	s := jobstest.New(t)
	s.Put(jobstest.Patient("a", "Before"), jobstest.Patient("b", "Before"))
	gate := &gated{at: make(chan struct{}), go_: make(chan struct{})}
	inner := s.Deps.Owned
	s.Deps.Owned = func(ctx context.Context, o slice.Owner) (*record.Session, error) {
		gate.once.Do(func() { close(gate.at); <-gate.go_ })
		return inner(ctx, o)
	}
	s.Serve(Slice(s.Deps, quick))
	all := s.ProgramToken("warehouse", "system/*.rs")
	at := kickOff(s, all, "/fhir/$export")
	<-gate.at
	time.Sleep(5 * time.Millisecond)
	s.Put(jobstest.Patient("a", "After"), jobstest.Patient("new", "After"))
	close(gate.go_)
	m := finish(s, all, at)
	docs := fetch(s, all, m)
	if names(docs) != "Patient/a Patient/b" || !strings.Contains(docs["Patient/a"], "Before") {
		t.Errorf("it shows what came later: %v", docs)
	}
	// The next one, since that moment, has exactly what came later.
	docs = exported(s, all, "/fhir/$export?_since="+strings.ReplaceAll(m.TransactionTime, "+", "%2B"))
	if names(docs) != "Patient/a Patient/new" {
		t.Errorf("since then: %s", names(docs))
	}
}

func TestDeletionsAreTold(t *testing.T) {
	s := newSite(t, quick)
	all := s.ProgramToken("warehouse", "system/*.rs")
	first := finish(s, all, kickOff(s, all, "/fhir/$export?_type=Observation"))
	if len(first.Deleted) != 0 {
		t.Errorf("without _since: %+v", first.Deleted)
	}
	time.Sleep(2 * time.Millisecond)
	remove := func(typ, id string) {
		t.Helper()
		if _, err := s.As(access.Administrator).Do(context.Background(), []record.Op{{Verb: record.Delete, Type: typ, ID: id}}); err != nil {
			t.Fatal(err)
		}
	}
	remove("Observation", "a1")
	remove("Observation", "b1")
	remove("Condition", "a3")
	s.Put(jobstest.Observation("b1", "b", "final", "1-1")) // there again
	for path, want := range map[string]string{"$export": "Condition/a3 Observation/a1", "$export?_type=Observation": "Observation/a1", "Patient/$export?_type=Observation": "Observation/a1", "$export?_type=Patient": ""} {
		sep := "?"
		if strings.Contains(path, "?") {
			sep = "&"
		}
		at := kickOff(s, all, "/fhir/"+path+sep+"_since="+first.TransactionTime)
		m := finish(s, all, at)
		var got []string
		for _, f := range m.Deleted {
			for line := range strings.Lines(s.Ask(all, "GET", f.URL, "").Want(200).Text) {
				doc, err := fhir.Parse([]byte(strings.TrimSpace(line)))
				if err != nil {
					t.Fatal(err)
				}
				b, err := fhir.ReadBundle(doc)
				if err != nil || b.Type != "transaction" || len(b.Entry) != 1 || b.Entry[0].Request.Method != "DELETE" {
					t.Fatalf("%v: %s", err, line)
				}
				got = append(got, b.Entry[0].Request.URL)
			}
		}
		slices.Sort(got)
		if strings.Join(got, " ") != want {
			t.Errorf("%s: told of %v, want %s", path, got, want)
		}
		s.Ask(all, "DELETE", at, "").Want(202)
	}
}

// TestAnExportGoesOnAfterTheProgramStops stops the program again and again in the middle, by a clean stop or without
// one (a lease that was left), and compares the files with the record.
func TestAnExportGoesOnAfterTheProgramStops(t *testing.T) {
	s := jobstest.New(t)
	const patients, each = 60, 40
	var docs []string
	want := map[string]bool{}
	for p := range patients {
		id := fmt.Sprint("p", p)
		docs = append(docs, jobstest.Patient(id, "F"))
		want["Patient/"+id] = true
		for o := range each {
			docs = append(docs, jobstest.Observation(fmt.Sprint(id, "-", o), id, "final", "1-1"))
			want[fmt.Sprint("Observation/", id, "-", o)] = true
		}
	}
	for part := range slices.Chunk(docs, 500) {
		s.Put(part...)
	}
	members := make([]string, patients)
	for i := range members {
		members[i] = fmt.Sprintf(`{"entity":{"reference":"Patient/p%d"}}`, i)
	}
	s.Put(`{"resourceType":"Group","id":"all","type":"person","actual":true,"member":[` + strings.Join(members, ",") + `]}`)
	o := Options{step: time.Millisecond, settle: time.Millisecond, PerFile: 700}
	all := s.ProgramToken("warehouse", "system/*.rs")
	for _, path := range []string{"/fhir/Group/all/$export", "/fhir/$export?_type=Patient,Observation", "/fhir/Patient/$export?_type=Patient,Observation&_typeFilter=Observation%3Fstatus%3Dfinal"} {
		s.Serve(Slice(s.Deps, o))
		at := kickOff(s, all, path)
		stops := 0
		for ; stops < 10; stops++ {
			time.Sleep(time.Duration(10+7*stops) * time.Millisecond)
			x, err := newServer(s.Deps, o).load(context.Background(), at[strings.LastIndex(at, "/")+1:])
			if err != nil {
				t.Fatal(err)
			}
			if x.Status == done {
				break
			}
			s.Stop()
			s.Serve(Slice(s.Deps, o))
		}
		at = s.Server.URL + at[strings.Index(at, "/bulk/"):]
		m := finish(s, all, at)
		got := fetch(s, all, m)
		if len(got) != len(want) {
			t.Errorf("%s: %d resources, want %d", path, len(got), len(want))
		}
		for name := range want {
			if got[name] == "" {
				t.Errorf("%s: %s is missing", path, name)
				break
			}
		}
		files := 0
		for _, f := range m.Output {
			if f.Count > o.PerFile {
				t.Errorf("a file has %d resources", f.Count)
			}
			files++
		}
		if files < 5 {
			t.Errorf("%d files, want at least 5 of at most %d", files, o.PerFile)
		}
		t.Logf("%s: stopped %d times; %d resources in %d files", path, stops, len(got), files)
		s.Stop()
	}
}

func TestAFileThatBreaksOffIsNotTakenForTheWhole(t *testing.T) {
	o := quick
	s := newSite(t, o)
	all := s.ProgramToken("warehouse", "system/*.rs")
	at := kickOff(s, all, "/fhir/$export?_type=Patient")
	m := finish(s, all, at)
	// Say that there is a second chunk, which is not there.
	srv := newServer(s.Deps, o)
	ctx := context.Background()
	x, err := srv.load(ctx, at[strings.LastIndex(at, "/")+1:])
	if err != nil {
		t.Fatal(err)
	}
	x.Files[0].Chunks = 2
	b, err := json.Marshal(x)
	if err != nil {
		t.Fatal(err)
	}
	if err := srv.spool.Update(ctx, func(tx slice.SpoolTx) error { return tx.SetValue(ctx, stateName(x.ID), b) }); err != nil {
		t.Fatal(err)
	}
	r, err := http.NewRequest("GET", m.Output[0].URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+all)
	r.Header.Set("Accept-Encoding", "gzip")
	res, err := http.DefaultTransport.RoundTrip(r)
	if err == nil {
		defer res.Body.Close()
		if _, err = io.Copy(io.Discard, bufio.NewReader(res.Body)); err == nil {
			t.Error("a file with a missing part comes to a good end")
		}
	}
	if errors.Is(err, io.EOF) && res != nil {
		t.Error("it ends as if it were whole")
	}
}
