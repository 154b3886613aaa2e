package subscriptions

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/fhir/validate"
	"github.com/osler-ehr/osler/jobs/jobstest"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/access"
)

// notification is a notification taken apart.
type notification struct {
	kind, status, topic, total string
	numbers, focus             []string
	entries                    []string // "METHOD url" and the type of the resource, if there is one
}

func readNotification(t testing.TB, body string) (n notification) {
	t.Helper()
	doc, err := fhir.Parse([]byte(body))
	if err != nil {
		t.Fatalf("%v: %s", err, body)
	}
	b, err := fhir.ReadBundle(doc)
	if err != nil || b.Type != "history" || len(b.Entry) == 0 {
		t.Fatalf("%v: %s", err, body)
	}
	for i, e := range b.Entry {
		if i == 0 {
			for p := range e.Resource.Get("parameter").Values() {
				switch p.Get("name").Text() {
				case "type":
					n.kind = p.Get("valueCode").Text()
				case "status":
					n.status = p.Get("valueCode").Text()
				case "topic":
					n.topic = p.Get("valueCanonical").Text()
				case "events-since-subscription-start":
					n.total = p.Get("valueString").Text()
				case "notification-event":
					for part := range p.Get("part").Values() {
						switch part.Get("name").Text() {
						case "event-number":
							n.numbers = append(n.numbers, part.Get("valueString").Text())
						case "focus":
							ref := part.Get("valueReference").Get("reference").Text()
							n.focus = append(n.focus, ref[strings.Index(ref, "/fhir/")+6:])
						}
					}
				}
			}
			continue
		}
		what := e.Request.Method + " " + e.Request.URL
		if e.Resource.Exists() {
			what += " " + e.Resource.Get("resourceType").Text()
		}
		n.entries = append(n.entries, what)
	}
	return n
}

func TestTopicNotifications(t *testing.T) {
	for content, want := range map[string]string{
		empty:        "[] []",
		idOnly:       "[Observation/o1 Observation/o1 Observation/o1] [POST Observation PUT Observation/o1 DELETE Observation/o1]",
		fullResource: "[Observation/o1 Observation/o1 Observation/o1] [POST Observation Observation PUT Observation/o1 Observation DELETE Observation/o1]",
	} {
		t.Run(content, func(t *testing.T) {
			s := newSite(t)
			s.Put(jobstest.Patient("a", "Alpha"))
			topic := ownTopics + "Observation"
			s.subscribe(s.ProgramToken("lab", "system/*.cruds"), s.topicTo(topic, "", content, ""))
			if n := readNotification(t, s.hears(1)[0].body); n.kind != handshake || n.status != requested || n.topic != topic || n.total != "0" || len(n.entries) != 0 {
				t.Errorf("the handshake: %+v", n)
			}
			// A handshake whose outcome could not be kept is repeated, as everything is told at least once.
			told := func() []call {
				calls := s.hook.calls()
				for len(calls) > 0 && readNotification(t, calls[0].body).kind == handshake {
					calls = calls[1:]
				}
				return calls
			}
			events := func() int {
				sum := 0
				for _, c := range told() {
					sum += len(readNotification(t, c.body).numbers)
				}
				return sum
			}
			for i, change := range []func(){
				func() { s.Put(obs("o1", "a", "preliminary")) },
				func() { s.Put(obs("o1", "a", "final")) },
				func() {
					if _, err := s.As(access.Administrator).Do(context.Background(), []record.Op{{Verb: record.Delete, Type: "Observation", ID: "o1"}}); err != nil {
						t.Fatal(err)
					}
				},
			} {
				change()
				jobstest.Eventually(t, "it is told", func() bool { return events() == i+1 })
			}
			var all notification
			for _, c := range told() {
				n := readNotification(t, c.body)
				if n.kind != eventKind || n.status != active || c.method != "POST" || c.path != "/hook" {
					t.Errorf("%+v", n)
				}
				all.numbers, all.focus, all.entries = append(all.numbers, n.numbers...), append(all.focus, n.focus...), append(all.entries, n.entries...)
				doc, err := fhir.Parse([]byte(c.body))
				if err != nil {
					t.Fatal(err)
				}
				for _, issue := range validate.Base(doc) {
					if issue.Severity == fhir.SeverityError || issue.Severity == fhir.SeverityFatal {
						t.Errorf("a notification is not valid FHIR: %s %v", issue.Details.Text, issue.Expression)
					}
				}
			}
			if fmt.Sprint(all.numbers) != "[1 2 3]" || fmt.Sprint(all.focus)+" "+fmt.Sprint(all.entries) != want {
				t.Errorf("numbers %v, focus %v, entries %v", all.numbers, all.focus, all.entries)
			}
		})
	}
}

func TestAHandshakeThatFailsIsTriedAgain(t *testing.T) {
	s := newSite(t)
	s.hook.answer(func(n int, _ *http.Request) int {
		if n <= 4 {
			return 404
		}
		return 204
	})
	doc := s.topicTo(ownTopics+"Observation", "", empty, "")
	r := s.Ask(s.ProgramToken("lab", "system/*.cruds"), "POST", "/fhir/Subscription", doc).Want(201)
	created, err := fhir.Parse([]byte(r.Text))
	if err != nil {
		t.Fatal(err)
	}
	s.becomes(created.ID(), active, "")
	if got := s.hook.calls(); len(got) != 5 {
		t.Errorf("%d handshakes", len(got))
	}
}

func TestTopicFilters(t *testing.T) {
	s := newSite(t)
	s.Put(jobstest.Patient("a", "Alpha"), jobstest.Patient("b", "Beta"))
	s.subscribe(s.ProgramToken("lab", "system/*.cruds"), s.topicTo(patientFeed,
		filter("Observation?patient=Patient/b&trigger=feed-event")+","+filter("Observation?status=final")+","+filter("Condition?patient=Patient/a&trigger=create"), idOnly,
		`,"extension":[{"url":"`+backport+`max-count","valuePositiveInt":2}]`))
	s.hears(1)
	condition := `{"resourceType":"Condition","id":"c","subject":{"reference":"Patient/a"},"code":{"text":"x"}}`
	s.Put(obs("o1", "a", "final"), obs("o2", "b", "final"), obs("o3", "b", "preliminary"), condition, jobstest.Patient("c", "Not named"), obs("o4", "b", "final"))
	s.Put(strings.Replace(condition, `"x"`, `"y"`, 1))
	s.hears(3)
	s.hook.quiet(t, 3)
	var focus []string
	for _, c := range s.hook.calls()[1:] {
		n := readNotification(t, c.body)
		if len(n.numbers) > 2 {
			t.Errorf("%d events in one notification", len(n.numbers))
		}
		focus = append(focus, n.focus...)
	}
	if got := strings.Join(focus, " "); got != "Observation/o2 Condition/c Observation/o4" {
		t.Errorf("told of %s", got)
	}
	token := s.ProgramToken("other", "system/*.cruds")
	s.Ask(token, "POST", "/fhir/Subscription", s.topicTo(patientFeed, filter("Slot?status=free"), idOnly, "")).Want(422, "does not tell of Slot")
	s.Ask(token, "POST", "/fhir/Subscription", s.topicTo(patientFeed, filter("Observation?trigger=never"), idOnly, "")).Want(422, "trigger is")
	s.Ask(token, "POST", "/fhir/Subscription", s.topicTo(patientFeed, filter("Observation?nonsense=1"), idOnly, "")).Want(422, "nonsense")
}

func TestHeartbeats(t *testing.T) {
	s := newSite(t)
	s.subscribe(s.ProgramToken("lab", "system/*.cruds"), s.topicTo(ownTopics+"Observation", "", empty, `,"extension":[{"url":"`+backport+`heartbeat-period","valueUnsignedInt":1}]`))
	got := s.hears(3)
	for i, want := range []string{handshake, heartbeat, heartbeat} {
		if n := readNotification(t, got[i].body); n.kind != want {
			t.Errorf("call %d is %+v", i, n)
		}
	}
}
