package subscriptions

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/identity"
	"github.com/osler-ehr/osler/jobs/jobstest"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/access"
)

func TestRestHookWithPayload(t *testing.T) {
	s := newSite(t)
	s.Put(jobstest.Patient("a", "Alpha"), obs("before", "a", "final"))
	token := s.ProgramToken("lab", "system/*.cruds")
	s.subscribe(token, s.hookTo("Observation?status=final", fullJSON, `,"header":["Authorization: Bearer theirs","X-Lab: 7"]`))
	s.Put(obs("o1", "a", "preliminary"))
	s.Put(obs("o1", "a", "final"))
	s.Put(`{"resourceType":"Condition","id":"c","subject":{"reference":"Patient/a"},"code":{"text":"x"}}`)
	s.Put(obs("o2", "a", "final"))
	got := s.hears(2)
	s.hook.quiet(t, 2)
	if names := s.hook.names(); names != "PUT /hook/Observation/o1, PUT /hook/Observation/o2" {
		t.Errorf("heard %s", names)
	}
	v, err := s.As(access.Administrator).Read(context.Background(), "Observation", "o1")
	if err != nil || got[0].body != string(v.Body) || got[0].kind != fullJSON || got[0].auth != "Bearer theirs" {
		t.Errorf("heard %+v, the record has %s, %v", got[0], v.Body, err)
	}
}

func TestRestHookWithoutPayloadTellsNothing(t *testing.T) {
	s := newSite(t)
	s.Put(jobstest.Patient("a", "Alpha"))
	s.subscribe(s.ProgramToken("lab", "system/*.cruds"), s.hookTo("Observation", "", ""))
	s.Put(obs("o1", "a", "final"))
	if got := s.hears(1)[0]; got.method != "POST" || got.path != "/hook" || got.body != "" || got.kind != "" {
		t.Errorf("heard %+v", got)
	}
}

func TestChainedCriteria(t *testing.T) {
	s := newSite(t)
	s.Put(jobstest.Patient("a", "Alpha"), jobstest.Patient("b", "Beta"))
	s.subscribe(s.ProgramToken("lab", "system/*.cruds"), s.hookTo("Observation?patient.family=Beta&code=http://loinc.org|718-7", fullJSON, ""))
	s.Put(obs("o1", "a", "final"), obs("o2", "b", "final"), jobstest.Observation("o3", "b", "final", "1-1"))
	s.hears(1)
	s.hook.quiet(t, 1)
	if names := s.hook.names(); names != "PUT /hook/Observation/o2" {
		t.Errorf("heard %s", names)
	}
}

// TestEveryEventComesInOrder has an endpoint that fails often, and the program stop now and then.
func TestEveryEventComesInOrder(t *testing.T) {
	s := newSite(t)
	s.Put(jobstest.Patient("a", "A"), jobstest.Patient("b", "B"), jobstest.Patient("c", "C"))
	s.subscribe(s.ProgramToken("lab", "system/*.cruds"), s.hookTo("Observation", fullJSON, ""))
	s.hook.answer(func(n int, _ *http.Request) int {
		if n%3 == 0 {
			return 503
		}
		return 200
	})
	const each = 40
	for i := range each {
		for _, p := range []string{"a", "b", "c"} {
			s.Put(obs(fmt.Sprintf("%s-%02d", p, i), p, "final"))
		}
		if i == 15 || i == 30 {
			s.Stop()
			s.serve()
		}
	}
	// How often each came, and its place among those of its patient. What failed does not count.
	firsts := func() map[string][]string {
		out := map[string][]string{}
		seen := map[string]bool{}
		for i, c := range s.hook.calls() {
			name := strings.TrimPrefix(c.path, "/hook/Observation/")
			if (i+1)%3 != 0 && !seen[name] {
				seen[name] = true
				out[name[:1]] = append(out[name[:1]], name)
			}
		}
		return out
	}
	jobstest.Eventually(t, "all have come", func() bool {
		f := firsts()
		return len(f["a"]) == each && len(f["b"]) == each && len(f["c"]) == each
	})
	for p, list := range firsts() {
		for i, name := range list {
			if want := fmt.Sprintf("%s-%02d", p, i); name != want {
				t.Fatalf("patient %s: %s came where %s should", p, name, want)
			}
		}
	}
	t.Logf("%d events in %d calls", 3*each, len(s.hook.calls()))
}

func TestStatusTellsTheTruth(t *testing.T) {
	s := newSite(t)
	s.Put(jobstest.Patient("a", "Alpha"))
	id := s.subscribe(s.ProgramToken("lab", "system/*.cruds"), s.hookTo("Observation", fullJSON, ""))
	s.hook.answer(func(int, *http.Request) int { return 500 })
	s.Put(obs("o1", "a", "final"))
	s.becomes(id, failing, "the endpoint answered with status 500")
	s.hook.answer(nil)
	s.becomes(id, active, "")
	s.hook.Close()
	s.Put(obs("o2", "a", "final"))
	s.becomes(id, failing, "cannot be reached")
	if v, err := s.As(access.Administrator).Read(context.Background(), "Subscription", id); err != nil || v.Version > 8 {
		t.Errorf("version %d: the status is written at every attempt", v.Version)
	}
}

func TestAnEndpointIsGivenUp(t *testing.T) {
	s := newSite(t)
	s.Stop()
	s.o.GiveUp = 300 * time.Millisecond
	s.serve()
	s.Put(jobstest.Patient("a", "Alpha"))
	id := s.subscribe(s.ProgramToken("lab", "system/*.cruds"), s.hookTo("Observation", fullJSON, ""))
	s.hook.answer(func(int, *http.Request) int { return 500 })
	s.Put(obs("o1", "a", "final"))
	s.becomes(id, off, "given up")
}

func TestAnEndComes(t *testing.T) {
	s := newSite(t)
	s.Put(jobstest.Patient("a", "Alpha"))
	end := time.Now().Add(1500 * time.Millisecond).UTC().Format(time.RFC3339Nano)
	doc := strings.Replace(s.hookTo("Observation", fullJSON, ""), `"reason"`, `"end":"`+end[:23]+`Z","reason"`, 1)
	id := s.subscribe(s.ProgramToken("lab", "system/*.cruds"), doc)
	s.becomes(id, off, "its end has come")
	s.Put(obs("o1", "a", "final"))
	s.hook.quiet(t, 0)
}

// A7: rights are those of the owner at the moment of delivery.
func TestA7NothingIsDeliveredWhenRightsHaveEnded(t *testing.T) {
	ctx := context.Background()
	for name, end := range map[string]func(s *site, a identity.Account, token string) error{
		"account disabled": func(s *site, a identity.Account, _ string) error {
			_, err := s.Identity.ChangeAccount(ctx, a.ID, func(a *identity.Account) error { a.Disabled = true; return nil })
			return err
		},
		"token revoked": func(s *site, _ identity.Account, token string) error { return s.Identity.RevokeToken(ctx, token) },
		"role taken away": func(s *site, a identity.Account, _ string) error {
			_, err := s.Identity.ChangeAccount(ctx, a.ID, func(a *identity.Account) error { a.Roles = []identity.Role{identity.FrontDesk}; return nil })
			return err
		},
	} {
		for _, before := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s, matched before: %v", name, before), func(t *testing.T) {
				s := newSite(t)
				s.Put(jobstest.Patient("a", "Alpha"))
				account := s.Account("drada", identity.Clinician, "")
				token := s.Token(account.ID, "", "user/*.cruds")
				id := s.subscribe(token, s.hookTo("Observation", fullJSON, ""))
				n := 0
				if before { // the event is matched and waits for an endpoint that does not answer
					s.hook.answer(func(int, *http.Request) int { return 503 })
					s.Put(obs("o1", "a", "final"))
					s.hears(1)
				}
				if err := end(s, account, token); err != nil {
					t.Fatal(err)
				}
				time.Sleep(50 * time.Millisecond) // an attempt that had begun is over
				n = len(s.hook.calls())
				s.hook.answer(nil)
				s.Put(obs("o2", "a", "final"))
				s.becomes(id, off, "stopped")
				s.hook.quiet(t, n)
			})
		}
	}
}

// A6: nobody hears of what it may not see.
func TestA6EventsAreWhatTheOwnerMaySee(t *testing.T) {
	s := newSite(t)
	s.Put(jobstest.Patient("a", "Alpha"), jobstest.Patient("b", "Beta"))
	one := s.Token(s.Account("drada", identity.Clinician, "").ID, "b", "patient/Observation.rs user/Subscription.cruds")
	s.Ask(one, "POST", "/fhir/Subscription", s.hookTo("Condition", fullJSON, "")).Want(403, "do not let you search Condition")
	desk := s.Token(s.Account("desk", identity.FrontDesk, "").ID, "", "user/*.cruds")
	s.Ask(desk, "POST", "/fhir/Subscription", s.hookTo("Observation", fullJSON, "")).Want(403)
	patient := s.Token(s.Account("alpha", identity.Patient, "Patient/a").ID, "", "user/*.cruds")
	s.Ask(patient, "POST", "/fhir/Subscription", s.hookTo("Observation", fullJSON, "")).Want(403)

	token := s.Token(s.Account("drbob", identity.Clinician, "").ID, "", "user/Patient.rs user/Observation.rs user/Subscription.cruds")
	s.subscribe(token, s.topicTo(patientFeed, "", fullResource, ""))
	s.Put(obs("o1", "a", "final"), `{"resourceType":"Condition","id":"c","subject":{"reference":"Patient/b"},"code":{"text":"x"}}`, obs("o2", "b", "final"))
	jobstest.Eventually(t, "the observations come", func() bool {
		return strings.Count(fmt.Sprint(s.hook.calls()), `"resourceType":"Observation"`) == 2
	})
	time.Sleep(100 * time.Millisecond)
	if all := fmt.Sprint(s.hook.calls()); strings.Contains(all, "Condition") {
		t.Errorf("heard %s", all)
	}
}

func TestAnotherWayHasNoOwner(t *testing.T) {
	s := newSite(t, func(o *Options) { o.handshake = 10 * time.Millisecond })
	ctx := context.Background()
	s.Put(jobstest.Patient("a", "Alpha"))
	// Made past the door, as an entry of a transaction would be.
	s.Put(strings.Replace(s.hookTo("Observation", fullJSON, ""), `"status"`, `"id":"sneaked","status"`, 1))
	s.becomes("sneaked", off, "does not tell on whose behalf")

	// Changed past the door: to another endpoint, under the owner's rights.
	id := s.subscribe(s.ProgramToken("lab", "system/*.cruds"), s.hookTo("Observation?status=final", fullJSON, ""))
	evil := newReceiver(t)
	_, err := s.As(access.Administrator).Do(ctx, []record.Op{{Verb: record.Patch, Type: "Subscription", ID: id, Patch: func(r *fhir.Resource) (*fhir.Resource, error) {
		return fhir.Parse([]byte(strings.ReplaceAll(string(r.Bytes()), s.hook.URL, evil.URL)))
	}}})
	if err != nil {
		t.Fatal(err)
	}
	s.Put(obs("o1", "a", "final"))
	s.becomes(id, off, "does not tell on whose behalf")
	evil.quiet(t, 0)
}

func TestSendingAgainAndSwitchingOff(t *testing.T) {
	s := newSite(t)
	ctx := context.Background()
	s.Put(jobstest.Patient("a", "Alpha"))
	token := s.ProgramToken("lab", "system/*.cruds")
	id := s.subscribe(token, s.hookTo("Observation?status=final", fullJSON, ""))
	put := func(criteria, status string, headers ...string) jobstest.Reply {
		doc := strings.Replace(s.hookTo(criteria, fullJSON, ""), `"status":"requested"`, `"id":"`+id+`","status":"`+status+`"`, 1)
		return s.Ask(token, "PUT", "/fhir/Subscription/"+id, doc, headers...)
	}
	put("Observation?status=preliminary", requested, `If-Match: W/"77"`).Want(412)
	put("Observation?status=preliminary", active).Want(422, "this server makes it active")
	put("Observation?status=preliminary", requested).Want(200)
	s.becomes(id, active, "")
	s.Put(obs("o1", "a", "final"), obs("o2", "a", "preliminary"))
	s.hears(1)
	s.hook.quiet(t, 1)
	if names := s.hook.names(); names != "PUT /hook/Observation/o2" {
		t.Errorf("heard %s", names)
	}
	put("Observation?status=preliminary", off).Want(200)
	s.Put(obs("o3", "a", "preliminary"))
	s.hook.quiet(t, 1)
	put("Observation?status=preliminary", requested).Want(200)
	s.becomes(id, active, "")
	s.hears(2) // the same wishes go on where they were
	if _, err := s.As(access.Administrator).Do(ctx, []record.Op{{Verb: record.Delete, Type: "Subscription", ID: id}}); err != nil {
		t.Fatal(err)
	}
	s.Put(obs("o4", "a", "preliminary"))
	s.hook.quiet(t, 2)
	jobstest.Eventually(t, "nothing is left of it", func() bool {
		v, err := s.Deps.Spool(Name).Values(ctx)
		return err == nil && len(v) == 0
	})
}

func TestTheDoorRefusesClearly(t *testing.T) {
	s := newSite(t)
	token := s.ProgramToken("lab", "system/*.cruds")
	good := s.hookTo("Observation?status=final", fullJSON, "")
	for _, c := range []struct{ from, to, says string }{
		{`"requested"`, `"active"`, "this server makes it active"},
		{"Observation?status=final", "Nonsense?x=y", "it is a search such as"},
		{"Observation?status=final", "Observation?nonsense=1", "nonsense"},
		{"Observation?status=final", "Observation?_sort=date", "_sort cannot stand"},
		{"Observation?status=final", "Observation?date=yesterday", "date"},
		{"Observation?status=final", "Subscription", "nobody can subscribe to Subscription"},
		{"Observation?status=final", "http://unknown.example/topic", "no such topic"},
		{`"rest-hook"`, `"email"`, "channels are rest-hook and websocket"},
		{`"rest-hook"`, `"websocket"`, "a websocket has no endpoint"},
		{`"application/fhir+json"`, `"application/fhir+xml"`, "payload"},
		{`"application/fhir+json"`, `"application/fhir+json","header":["Host: evil"]`, "Host is not for a subscription"},
		{`"application/fhir+json"`, `"application/fhir+json","header":["nonsense"]`, "a header is a name"},
		{`"reason"`, `"end":"2001-01-01T00:00:00Z","reason"`, "is over"},
		{s.hook.URL + "/hook", "https://127.0.0.1:1/", "not on the administrator's list"},
		{s.hook.URL + "/hook", "http://169.254.169.254/latest", "not on the administrator's list"},
		{s.hook.URL + "/hook", "ftp://127.0.0.1/", "only https"},
	} {
		doc := strings.Replace(good, c.from, c.to, 1)
		if doc == good {
			t.Fatalf("%s is not in the document", c.from)
		}
		s.Ask(token, "POST", "/fhir/Subscription", doc).Want(422, "OperationOutcome", c.says)
	}
	s.Ask(token, "POST", "/fhir/Subscription", `{"resourceType":"Patient"}`).Want(400)
	s.Ask(token, "POST", "/fhir/Subscription", `{`).Want(400)
	s.Ask("", "POST", "/fhir/Subscription", good).Want(401)
	s.Ask(s.ProgramToken("reader", "system/*.rs"), "POST", "/fhir/Subscription", good).Want(403)

	// Where no client is given, nothing goes out.
	closed := jobstest.New(t)
	closed.Serve(Slice(closed.Deps, Options{}))
	closed.Ask(closed.ProgramToken("lab", "system/*.cruds"), "POST", "/fhir/Subscription", good).Want(422, "sends nothing to other servers")
}
