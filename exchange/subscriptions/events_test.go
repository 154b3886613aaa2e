package subscriptions

import (
	"bufio"
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/osler-ehr/osler/identity"
	"github.com/osler-ehr/osler/jobs/jobstest"
)

// listen opens a stream of events and gives its lines.
func (s *site) listen(token, path string, headers ...string) (lines chan string, stop func()) {
	s.T.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	r, err := http.NewRequestWithContext(ctx, "GET", s.Server.URL+path, nil)
	if err != nil {
		s.T.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	r.Header.Set("Accept", "text/event-stream")
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		r.Header.Set(name, value)
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		s.T.Fatal(err)
	}
	if res.StatusCode != 200 || res.Header.Get("Content-Type") != "text/event-stream" {
		s.T.Fatalf("status %d, %v", res.StatusCode, res.Header)
	}
	lines = make(chan string, 1000)
	go func() {
		defer close(lines)
		defer res.Body.Close()
		in := bufio.NewScanner(res.Body)
		in.Buffer(nil, 1<<20)
		for in.Scan() {
			lines <- in.Text()
		}
	}()
	s.T.Cleanup(cancel)
	return lines, cancel
}

// next gives the next event of a stream: its id and notification.
func next(t testing.TB, lines chan string) (id string, n notification) {
	t.Helper()
	for {
		select {
		case line, ok := <-lines:
			if !ok {
				t.Fatal("the stream has ended")
			}
			if v, ok := strings.CutPrefix(line, "id: "); ok {
				id = v
			}
			if v, ok := strings.CutPrefix(line, "data: "); ok {
				return id, readNotification(t, v)
			}
		case <-time.After(5 * time.Minute):
			t.Fatal("no event comes")
		}
	}
}

func socketDoc(criteria string) string {
	return fmt.Sprintf(`{"resourceType":"Subscription","status":"requested","reason":"test","criteria":%q,"channel":{"type":"websocket","payload":"application/fhir+json"}}`, criteria)
}

func TestServerSentEvents(t *testing.T) {
	s := newSite(t)
	s.Put(jobstest.Patient("a", "Alpha"))
	token := s.ProgramToken("board", "system/*.cruds")
	id := s.subscribe(token, socketDoc("Observation?status=final"))
	path := "/fhir/Subscription/" + id + "/$events"
	lines, stop := s.listen(token, path)
	s.Put(obs("o1", "a", "final"), obs("not", "a", "preliminary"))
	if at, n := next(t, lines); at != "1" || fmt.Sprint(n.focus, n.entries) != "[Observation/o1] [POST Observation Observation]" {
		t.Errorf("%s: %+v", at, n)
	}
	stop()
	for i := 2; i <= 5; i++ {
		s.Put(obs(fmt.Sprint("o", i), "a", "final"))
	}
	// Whoever comes back gets what it has missed, and then what comes.
	lines, stop = s.listen(token, path, "Last-Event-ID: 3")
	for i := 4; i <= 5; i++ {
		if at, n := next(t, lines); at != fmt.Sprint(i) || n.focus[0] != fmt.Sprint("Observation/o", i) {
			t.Errorf("%s: %+v, want event %d", at, n, i)
		}
	}
	s.Put(obs("o6", "a", "final"))
	if at, _ := next(t, lines); at != "6" {
		t.Errorf("event %s, want 6", at)
	}
	// Another server's process finds the events too: it is not woken, but looks.
	stop()
	lines, _ = s.listen(token, path+"?eventsSinceNumber=6&content=empty")
	if at, n := next(t, lines); at != "6" || len(n.focus)+len(n.entries) != 0 {
		t.Errorf("%s: %+v", at, n)
	}
	// The stream ends when the program stops, and in time.
	began := time.Now()
	s.Stop()
	for range lines {
	}
	if took := time.Since(began); took > 30*time.Second {
		t.Errorf("stopping took %v", took)
	}
}

// A server that shuts down waits for what is under way; a stream would be under way for ever.
func TestAStreamDoesNotHoldUpTheServer(t *testing.T) {
	s := newSite(t)
	token := s.ProgramToken("board", "system/*.cruds")
	id := s.subscribe(token, socketDoc("Observation"))
	lines, _ := s.listen(token, "/fhir/Subscription/"+id+"/$events")
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	if err := s.Server.Config.Shutdown(ctx); err != nil {
		t.Errorf("the server waits: %v", err)
	}
	for range lines {
	}
}

// A7: a stream ends within a second or two of the rights.
func TestA7StreamEndsWithTheRights(t *testing.T) {
	s := newSite(t)
	ctx := context.Background()
	s.Put(jobstest.Patient("a", "Alpha"))
	account := s.Account("drada", identity.Clinician, "")
	token := s.Token(account.ID, "", "user/*.cruds")
	id := s.subscribe(token, socketDoc("Observation"))
	lines, _ := s.listen(token, "/fhir/Subscription/"+id+"/$events")
	if _, err := s.Identity.ChangeAccount(ctx, account.ID, func(a *identity.Account) error { a.Disabled = true; return nil }); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	s.Put(obs("o1", "a", "final"))
	for line := range lines {
		if strings.HasPrefix(line, "data:") {
			t.Errorf("told: %s", line)
		}
	}
	if took := time.Since(began); took > 30*time.Second {
		t.Errorf("it ended after %v", took)
	}
}

func TestEventsAndStatusCanBeAskedFor(t *testing.T) {
	s := newSite(t)
	s.Put(jobstest.Patient("a", "Alpha"))
	token := s.ProgramToken("board", "system/*.cruds")
	id := s.subscribe(token, s.topicTo(ownTopics+"Observation", "", idOnly, ""))
	for i := range 7 {
		s.Put(obs(fmt.Sprint("o", i), "a", "final"))
	}
	path := "/fhir/Subscription/" + id
	jobstest.Eventually(t, "seven events", func() bool {
		return strings.Contains(s.Ask(token, "GET", path+"/$status", "").Text, `"valueString":"7"`)
	})
	n := readNotification(t, s.Ask(token, "GET", path+"/$events?eventsSinceNumber=3&eventsUntilNumber=5&content=full-resource", "").Want(200).Text)
	if n.kind != queryEvent || fmt.Sprint(n.numbers) != "[3 4 5]" || fmt.Sprint(n.entries) != "[POST Observation Observation POST Observation Observation POST Observation Observation]" {
		t.Errorf("%+v", n)
	}
	s.Ask(token, "GET", path+"/$events?eventsSinceNumber=x", "").Want(400)
	s.Ask(token, "GET", path+"/$events?content=all", "").Want(400)
	s.Ask(token, "GET", "/fhir/Subscription/$status?status=active", "").Want(200, id, "query-status", ownTopics+"Observation")
	if text := s.Ask(token, "GET", "/fhir/Subscription/$status?status=off", "").Want(200).Text; strings.Contains(text, id) {
		t.Errorf("a subscription that is on is listed as off")
	}
	// Posted they are the same, with the parameters in the body.
	posted := func(name, value string) string {
		return `{"resourceType":"Parameters","parameter":[{"name":"` + name + `","` + value + `}]}`
	}
	s.Ask(token, "POST", path+"/$status", "").Want(200, "query-status")
	s.Ask(token, "POST", "/fhir/Subscription/$status", posted("id", `valueId":"`+id+`"`)).Want(200, id)
	if text := s.Ask(token, "POST", "/fhir/Subscription/$status", posted("status", `valueCode":"off"`)).Want(200).Text; strings.Contains(text, id) {
		t.Errorf("a subscription that is on is listed as off")
	}
	n = readNotification(t, s.Ask(token, "POST", path+"/$events?content=id-only", posted("eventsSinceNumber", `valueString":"6"`)).Want(200).Text)
	if fmt.Sprint(n.numbers) != "[6 7]" {
		t.Errorf("posted: %+v", n)
	}
	s.Ask(token, "POST", path+"/$events", `{"resourceType":"Patient"}`).Want(400)
	s.Ask(token, "POST", path+"/$events", `x`).Want(400)
	s.Ask(token, "GET", "/fhir/Subscription/none/$status", "").Want(404)
	s.Ask("", "GET", path+"/$events", "").Want(401)
	s.Ask(s.ProgramToken("other", "system/*.cruds"), "GET", path+"/$events", "").Want(403, "only whoever made")
}

func TestOldEventsAreForgotten(t *testing.T) {
	s := newSite(t)
	e := newEngine(s.Deps, s.o)
	ctx := context.Background()
	s.Stop()
	st := &state{Generation: 1}
	if err := s.Deps.Spool(Name).Update(ctx, setState("x", st)); err != nil {
		t.Fatal(err)
	}
	const n = (keptBlocks + 3) * perBlock
	for st.Events < n {
		fresh := make([]event, 37)
		for i := range fresh {
			fresh[i] = event{Type: "Observation", ID: fmt.Sprint(st.Events + int64(i) + 1)}
		}
		if err := e.appendEvents(ctx, "x", st, st.Cursor, fresh); err != nil {
			t.Fatal(err)
		}
	}
	if list, err := e.block(ctx, "x", 0); err != nil || list != nil {
		t.Errorf("the oldest block has %d events, %v", len(list), err)
	}
	list, err := e.after(ctx, "x", st, 0, 1_000_000)
	if err != nil || len(list) < (keptBlocks-1)*perBlock {
		t.Fatalf("%d events, %v", len(list), err)
	}
	for i, ev := range list {
		if ev.ID != fmt.Sprint(ev.N) || i > 0 && ev.N != list[i-1].N+1 {
			t.Fatalf("event %d is %+v", i, ev)
		}
	}
	if err := e.forget(ctx, "x"); err != nil {
		t.Fatal(err)
	}
	if list, err := e.after(ctx, "x", st, 0, 1_000_000); err != nil || len(list) != 0 {
		t.Errorf("%d events are left, %v", len(list), err)
	}
}
