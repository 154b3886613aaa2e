package subscriptions

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/jobs/jobstest"
	"github.com/osler-ehr/osler/outbound"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/slice"
)

// site is a practice with one who is told of changes.
type site struct {
	*jobstest.Site
	hook *receiver
	o    Options
}

func newSite(t testing.TB, changes ...func(*Options)) *site {
	s := &site{Site: jobstest.New(t), hook: newReceiver(t)}
	client, err := outbound.New(outbound.Options{Allow: []string{"http://127.0.0.1"}, Timeout: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	s.o = Options{Client: client, pause: 20 * time.Millisecond, beat: 100 * time.Millisecond}
	for _, change := range changes {
		change(&s.o)
	}
	s.serve()
	return s
}

func (s *site) serve() { s.Serve(Slice(s.Deps, s.o)) }

// receiver is somebody's endpoint.
type receiver struct {
	*httptest.Server
	mu     sync.Mutex
	got    []call
	status func(n int, r *http.Request) int // of the n-th request, from 1; nil = 200
}

type call struct {
	method, path, body, auth, kind string
}

func newReceiver(t testing.TB) *receiver {
	h := &receiver{}
	h.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		h.mu.Lock()
		defer h.mu.Unlock()
		h.got = append(h.got, call{r.Method, r.URL.Path, string(body), r.Header.Get("Authorization"), r.Header.Get("Content-Type")})
		if h.status != nil {
			w.WriteHeader(h.status(len(h.got), r))
		}
	}))
	t.Cleanup(h.Close)
	return h
}

func (h *receiver) answer(f func(n int, r *http.Request) int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.status = f
}

func (h *receiver) calls() []call {
	h.mu.Lock()
	defer h.mu.Unlock()
	return append([]call(nil), h.got...)
}

// names are "METHOD path" of the calls.
func (h *receiver) names() string {
	var out []string
	for _, c := range h.calls() {
		out = append(out, c.method+" "+c.path)
	}
	return strings.Join(out, ", ")
}

// quiet makes sure that nothing (more) comes.
func (h *receiver) quiet(t testing.TB, n int) {
	t.Helper()
	time.Sleep(300 * time.Millisecond)
	if got := h.calls(); len(got) != n {
		t.Fatalf("%d calls, want %d: %s", len(got), n, h.names())
	}
}

// hookTo is a Subscription to the receiver; more is further properties of the channel.
func (s *site) hookTo(criteria, payload, more string) string {
	if payload != "" {
		payload = fmt.Sprintf(`,"payload":%q`, payload)
	}
	return fmt.Sprintf(`{"resourceType":"Subscription","status":"requested","reason":"test","criteria":%q,"channel":{"type":"rest-hook","endpoint":%q%s%s}}`, criteria, s.hook.URL+"/hook", payload, more)
}

const fullJSON = "application/fhir+json"

// topicTo is a topic-based Subscription.
func (s *site) topicTo(topic, filters, content, more string) string {
	if filters != "" {
		filters = `,"_criteria":{"extension":[` + filters + `]}`
	}
	return fmt.Sprintf(`{"resourceType":"Subscription","meta":{"profile":["%ssubscription"]},"status":"requested","reason":"test","criteria":%q%s,"channel":{"type":"rest-hook","endpoint":%q,"payload":"application/fhir+json",`+
		`"_payload":{"extension":[{"url":"%spayload-content","valueCode":%q}]}%s}}`, backport, topic, filters, s.hook.URL+"/hook", backport, content, more)
}

func filter(query string) string {
	return fmt.Sprintf(`{"url":"%sfilter-criteria","valueString":%q}`, backport, query)
}

// subscribe makes a subscription and waits until it is on.
func (s *site) subscribe(token, doc string) (id string) {
	s.T.Helper()
	r := s.Ask(token, "POST", "/fhir/Subscription", doc).Want(201)
	created, err := fhir.Parse([]byte(r.Text))
	if err != nil {
		s.T.Fatal(err)
	}
	s.becomes(created.ID(), active, "")
	return created.ID()
}

// becomes waits until a subscription has a status, and checks what it says of the reason.
func (s *site) becomes(id, status, why string) {
	s.T.Helper()
	var last string
	jobstest.Eventually(s.T, "the subscription is "+status, func() bool {
		v, err := s.As(access.Administrator).Read(context.Background(), "Subscription", id)
		if err != nil {
			s.T.Fatal(err)
		}
		last = v.Resource().Get("error").Text()
		return v.Resource().Get("status").Text() == status
	})
	if !strings.Contains(last, why) || why == "" && last != "" {
		s.T.Errorf("it says %q, want %q", last, why)
	}
}

// hears waits for a number of calls.
func (s *site) hears(n int) []call {
	s.T.Helper()
	jobstest.Eventually(s.T, fmt.Sprintf("%d calls (so far: %s)", n, s.hook.names()), func() bool { return len(s.hook.calls()) >= n })
	return s.hook.calls()
}

func obs(id, patient, status string) string {
	return jobstest.Observation(id, patient, status, "718-7")
}

func setState(id string, st *state) func(slice.SpoolTx) error {
	return func(tx slice.SpoolTx) error {
		b, err := json.Marshal(st)
		if err != nil {
			return err
		}
		return tx.SetValue(context.Background(), valueName(id), b)
	}
}
