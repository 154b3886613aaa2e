package bulk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/osler-ehr/osler/identity"
	"github.com/osler-ehr/osler/jobs/jobstest"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/record/search"
	"github.com/osler-ehr/osler/slice"
)

const ndjson = "Content-Type: application/fhir+ndjson"

// imported waits for an import and reads what it came to.
func imported(s *jobstest.Site, token, at string) (m importResult) {
	s.T.Helper()
	jobstest.Eventually(s.T, "the import is done", func() bool {
		r := s.Ask(token, "GET", at, "")
		if r.StatusCode == 202 {
			return false
		}
		r.Want(200)
		if err := json.Unmarshal([]byte(r.Text), &m); err != nil {
			s.T.Fatal(err)
		}
		return true
	})
	return m
}

func importing(s *jobstest.Site, token, body string, headers ...string) string {
	s.T.Helper()
	return s.Ask(token, "POST", "/fhir/$import", body, append(headers, async)...).Want(202).Header.Get("Content-Location")
}

func TestImportStoresAllThatCanBeStored(t *testing.T) {
	s := jobstest.New(t)
	s.Serve(Slice(s.Deps, quick))
	all := s.ProgramToken("loader", "system/*.cruds")
	// What refers comes before what it refers to; one patient never comes; some lines are wrong.
	var lines []string
	for i := range 900 {
		lines = append(lines, jobstest.Observation(fmt.Sprint("o", i), fmt.Sprint("p", i%3), "final", "1-1"))
	}
	lines = append(lines, "", jobstest.Observation("lost", "never", "final", "1-1"), `{"resourceType":"Observation","id":"x"`, `{"resourceType":"Patient","name":[{"family":"no id"}]}`,
		`{"resourceType":"Patient","id":"p0","gender":"nonsense"}`, jobstest.Patient("p0", "A"), jobstest.Patient("p1", "B"), jobstest.Patient("p2", "C"), jobstest.Patient("p2", "Changed"))
	at := importing(s, all, strings.Join(lines, "\n"), ndjson)
	m := imported(s, all, at)
	if len(m.Output) != 1 || m.Output[0].Count != 904 || len(m.Error) != 1 || m.Error[0].Count != 4 {
		t.Fatalf("the result: %+v", m)
	}
	s.Ask(all, "GET", m.Error[0].URL, "").Want(200, "line 902: what it refers to is not there", "line 903: ", "line 904: the resource has no id", "line 905: ")
	session := s.As(access.Administrator)
	ctx := context.Background()
	for _, name := range []string{"Patient/p0", "Observation/o0", "Observation/o899"} {
		typ, id, _ := strings.Cut(name, "/")
		if _, err := session.Read(ctx, typ, id); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if v, err := session.Read(ctx, "Patient", "p2"); err != nil || v.Version != 2 || !strings.Contains(string(v.Body), "Changed") {
		t.Errorf("the later line of the same resource does not hold: %v %v", v, err)
	}
	// The same again changes nothing.
	again := imported(s, all, importing(s, all, strings.Join(lines[:900], "\n"), ndjson))
	if again.Output[0].Count != 900 {
		t.Errorf("again: %+v", again)
	}
	if v, err := session.Read(ctx, "Observation", "o7"); err != nil || v.Version != 1 {
		t.Errorf("what was the same was written again: %v %v", v, err)
	}
}

func TestImportOfUploadsByManifest(t *testing.T) {
	s := jobstest.New(t)
	s.Serve(Slice(s.Deps, quick))
	all := s.ProgramToken("loader", "system/*.cruds")
	send := func(body string) string {
		return s.Ask(all, "POST", "/bulk/uploads/", body, ndjson).Want(201).Header.Get("Location")
	}
	observations, patients := send(jobstest.Observation("o", "p", "final", "1-1")+"\n"), send(jobstest.Patient("p", "A")+"\n"+jobstest.Patient("q", "B"))
	for i, body := range []string{
		fmt.Sprintf(`{"inputFormat":"application/fhir+ndjson","input":[{"type":"Observation","url":%q},{"type":"Patient","url":%q}]}`, observations, patients),
		fmt.Sprintf(`{"resourceType":"Parameters","parameter":[{"name":"inputFormat","valueString":"application/fhir+ndjson"},{"name":"input","part":[{"name":"type","valueCode":"Observation"},{"name":"url","valueUrl":%q}]},`+
			`{"name":"input","part":[{"name":"url","valueUrl":%q}]}]}`, observations, strings.TrimPrefix(patients, s.Server.URL)),
	} {
		m := imported(s, all, importing(s, all, body))
		if len(m.Output) != 2 || m.Output[0].Type != "Patient" || m.Output[0].Count != 2 || m.Output[1].Count != 1 || len(m.Error) != 0 {
			t.Errorf("manifest %d: %+v", i, m)
		}
	}
	if _, err := s.As(access.Administrator).Read(context.Background(), "Observation", "o"); err != nil {
		t.Error(err)
	}
	other := s.ProgramToken("other", "system/*.cruds")
	manifest := fmt.Sprintf(`{"input":[{"type":"Patient","url":%q}]}`, patients)
	s.Ask(other, "POST", "/fhir/$import", manifest, async).Want(404)
	s.Ask(other, "DELETE", patients, "").Want(404)
	s.Ask(all, "DELETE", patients, "").Want(202)
	s.Ask(all, "POST", "/fhir/$import", manifest, async).Want(404)
	for _, c := range []struct {
		body, header string
		status       int
		words        string
	}{
		{`{"input":[{"type":"Patient","url":"https://elsewhere.example/Patient.ndjson"}]}`, async, 400, "does not fetch inputs from other servers"},
		{`{"input":[{"type":"Patient","url":"file:///etc/passwd"}]}`, async, 400, "does not fetch"},
		{`{"input":[]}`, async, 400, "between 1 and 1000 inputs"},
		{`{"input":[{"type":"Nonsense","url":"x"}]}`, async, 400, "Nonsense"},
		{`{"inputFormat":"text/csv","input":[{"url":"x"}]}`, async, 400, "inputFormat"},
		{`nonsense`, async, 400, "neither NDJSON"},
		{`{"input":[]}`, "X: y", 400, "respond-async"},
	} {
		s.Ask(all, "POST", "/fhir/$import", c.body, c.header).Want(c.status, c.words)
	}
	s.Ask(all, "POST", "/bulk/uploads/", "{}").Want(415)
	s.Ask("", "POST", "/bulk/uploads/", "{}", ndjson).Want(401)
}

func TestUploadsAreBoundedAndLeaveNothingBehind(t *testing.T) {
	o := quick
	o.Upload = 3 << 20
	s := jobstest.New(t)
	s.Serve(Slice(s.Deps, o))
	all := s.ProgramToken("loader", "system/*.cruds")
	s.Ask(all, "POST", "/bulk/uploads/", strings.Repeat(jobstest.Patient("p", "A")+"\n", 70_000), ndjson).Want(413, "at most 3 MB")
	jobstest.Eventually(t, "nothing is left", func() bool {
		v, err := s.Deps.Spool(Name).Values(context.Background())
		return err == nil && len(v) == 0
	})
}

// A6, A7: an import does what the requester may do, and stops when that ends.
func TestA7ImportHasTheRequestersRights(t *testing.T) {
	s := jobstest.New(t)
	s.Put(jobstest.Patient("a", "Alpha"), jobstest.Patient("b", "Beta"))
	s.Serve(Slice(s.Deps, quick))
	desk := s.Token(s.Account("desk", identity.FrontDesk, "").ID, "", "user/*.cruds")
	body := jobstest.Patient("n", "New") + "\n" + `{"resourceType":"Condition","id":"c","subject":{"reference":"Patient/a"},"code":{"text":"x"}}`
	m := imported(s, desk, importing(s, desk, body, ndjson))
	if m.Output[0].Count != 1 || m.Error[0].Count != 1 {
		t.Errorf("the desk: %+v", m)
	}
	s.Ask(desk, "GET", m.Error[0].URL, "").Want(200, "not permitted")
	if _, err := s.As(access.Administrator).Read(context.Background(), "Condition", "c"); record.KindOf(err) != record.KindNotFound {
		t.Errorf("the desk wrote a condition: %v", err)
	}
	reader := s.Token(s.Account("reader", identity.Clinician, "").ID, "", "user/*.rs")
	m = imported(s, reader, importing(s, reader, jobstest.Patient("m", "New"), ndjson))
	if m.Output[0].Count != 0 || m.Error[0].Count != 1 {
		t.Errorf("with scopes to read: %+v", m)
	}

	gate := &gated{at: make(chan struct{}), go_: make(chan struct{})}
	s2 := jobstest.New(t)
	inner := s2.Deps.Owned
	s2.Deps.Owned = func(ctx context.Context, o slice.Owner) (*record.Session, error) {
		gate.once.Do(func() { close(gate.at); <-gate.go_ })
		return inner(ctx, o)
	}
	s2.Serve(Slice(s2.Deps, quick))
	account := s2.Account("drada", identity.Clinician, "")
	token := s2.Token(account.ID, "", "user/*.cruds")
	at := importing(s2, token, jobstest.Patient("late", "L"), ndjson)
	<-gate.at
	if _, err := s2.Identity.ChangeAccount(context.Background(), account.ID, func(a *identity.Account) error { a.Disabled = true; return nil }); err != nil {
		t.Fatal(err)
	}
	close(gate.go_)
	srv := newServer(s2.Deps, quick)
	jobstest.Eventually(t, "it ends", func() bool {
		x, err := srv.loadImport(context.Background(), at[strings.LastIndex(at, "/")+1:])
		return err == nil && x.Status == failed && strings.Contains(x.Failure, "rights have ended")
	})
	if _, err := s2.As(access.Administrator).Read(context.Background(), "Patient", "late"); record.KindOf(err) != record.KindNotFound {
		t.Errorf("it was stored after the rights had ended: %v", err)
	}
}

func TestAnImportGoesOnAfterTheProgramStops(t *testing.T) {
	s := jobstest.New(t)
	var b strings.Builder
	const n = 6000
	for i := range n {
		b.WriteString(jobstest.Observation(fmt.Sprint("o", i), fmt.Sprint("p", i%10), "final", strings.Repeat("1", 300)+"-1") + "\n")
	}
	for i := range 10 {
		b.WriteString(jobstest.Patient(fmt.Sprint("p", i), "F") + "\n")
	}
	o := Options{step: time.Millisecond}
	s.Serve(Slice(s.Deps, o))
	all := s.ProgramToken("loader", "system/*.cruds")
	at := importing(s, all, b.String(), ndjson)
	stops := 0
	for ; stops < 8; stops++ {
		time.Sleep(time.Duration(40+20*stops) * time.Millisecond)
		s.Stop()
		s.Serve(Slice(s.Deps, o))
	}
	m := imported(s, all, s.Server.URL+at[strings.Index(at, "/bulk/"):])
	if m.Output[0].Count != n+10 || len(m.Error) != 0 {
		t.Errorf("the result: %+v", m)
	}
	count, err := s.As(access.Administrator).Search(context.Background(), record.Query{Type: "Observation", Params: mustParams("_summary=count")})
	if err != nil || count.Total != n {
		t.Errorf("%v observations, %v", count, err)
	}
}

// fetcher is another server, as far as the policy lets it be asked.
type fetcher struct {
	mu    sync.Mutex
	files map[string]string
	asked []string
}

func (f *fetcher) Check(url string) error {
	if strings.HasPrefix(url, "https://") {
		return nil
	}
	return errors.New("only https")
}

func (f *fetcher) Open(_ context.Context, url string, _ int64) (io.ReadCloser, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.asked = append(f.asked, url)
	if text, ok := f.files[url]; ok {
		return io.NopCloser(strings.NewReader(text)), nil
	}
	return nil, errors.New("this address is not on the list")
}

func TestInputsAreFetchedWhereThatIsAllowed(t *testing.T) {
	f := &fetcher{files: map[string]string{"https://lab.example/p.ndjson": jobstest.Patient("p", "A") + "\n"}}
	o := quick
	o.Fetch = f
	s := jobstest.New(t)
	s.Serve(Slice(s.Deps, o))
	all := s.ProgramToken("loader", "system/*.cruds")
	m := imported(s, all, importing(s, all, `{"input":[{"type":"Patient","url":"https://lab.example/p.ndjson"}]}`))
	if m.Output[0].Count != 1 {
		t.Errorf("the result: %+v", m)
	}
	s.Ask(all, "POST", "/fhir/$import", `{"input":[{"type":"Patient","url":"file:///etc/passwd"}]}`, async).Want(400, "only https", "/bulk/uploads/")
	at := importing(s, all, `{"input":[{"type":"Patient","url":"https://evil.example/p.ndjson"}]}`)
	jobstest.Eventually(t, "it is refused", func() bool {
		r := s.Ask(all, "GET", at, "")
		return r.StatusCode == 500 && strings.Contains(r.Text, "not on the list")
	})
}

func mustParams(query string) []search.Param {
	p, err := record.ParseParams(query)
	if err != nil {
		panic(err)
	}
	return p
}
