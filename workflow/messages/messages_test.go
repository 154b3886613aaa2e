package messages_test

import (
	"context"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/slice"
	"github.com/osler-ehr/osler/slice/slicetest"
	"github.com/osler-ehr/osler/workflow/messages"
)

func site(t testing.TB) (*slicetest.Site, slice.Slice) {
	t.Helper()
	s := slicetest.New(t)
	s.Put(`{"resourceType":"Practitioner","id":"lin","active":true,"name":[{"family":"Lin","given":["Mei"],"prefix":["Dr"]}]}`,
		`{"resourceType":"Patient","id":"bob","active":true,"name":[{"family":"Bell","given":["Bob"]}],"birthDate":"1951-03-02","gender":"male"}`)
	o := messages.Slice(s.Deps)
	s.Serve(o)
	return s, o
}

// told tells the watch of a message, twice, as changes come at least once.
func told(t testing.TB, s *slicetest.Site, o slice.Slice, id string) {
	t.Helper()
	program := s.Deps.Program("message-answers")
	for range 2 {
		v, err := program.Read(context.Background(), "Communication", id)
		if err != nil {
			t.Fatal(err)
		}
		if err := o.Watch[0].Changed(context.Background(), program, *v); err != nil {
			t.Fatal(err)
		}
	}
}

// question is a message of Ada's as a portal writes it.
func question(id, text, more string) string {
	return `{"resourceType":"Communication","id":"` + id + `","status":"completed","subject":{"reference":"Patient/ada"},"sent":"2026-11-23T09:00:00Z","sender":{"reference":"Patient/ada"}` + more + `,"payload":[{"contentString":"` + text + `"}]}`
}

func tasks(s *slicetest.Site, status string) (out []*fhir.Resource) {
	for _, t := range s.All("Task") {
		if status == "" || t.Get("status").Text() == status {
			out = append(out, t)
		}
	}
	return out
}

func has(t testing.TB, doc *fhir.Resource, parts ...string) {
	t.Helper()
	for _, want := range parts {
		if !strings.Contains(string(doc.Bytes()), want) {
			t.Errorf("without %s: %s", want, doc.Bytes())
		}
	}
}

// TestWhatAPatientWritesMustBeAnswered sends messages into the record as a patient's own session does, and as a program for the patient does.
func TestWhatAPatientWritesMustBeAnswered(t *testing.T) {
	s, o := site(t)
	doc, err := fhir.Parse([]byte(strings.Replace(question("x", "Since I take the new tablet I feel dizzy.", `,"topic":{"text":"unused"}`), `,"topic":{"text":"unused"}`, "", 1)))
	if err != nil {
		t.Fatal(err)
	}
	res, err := s.AsPatient(t, "ada").Do(context.Background(), []record.Op{{Verb: record.Create, Type: "Communication", Resource: doc}})
	if err != nil {
		t.Fatal(err)
	}
	told(t, s, o, res[0].ID)
	s.Put(question("p1", "I have chest pain since this morning.", `,"recipient":[{"reference":"Practitioner/rao"}]`))
	told(t, s, o, "p1")
	if n := len(tasks(s, "requested")); n != 2 {
		t.Fatalf("%d wait, want 2", n)
	}
	for _, task := range tasks(s, "requested") {
		if task.Get("focus").Get("reference").Text() == "Communication/p1" {
			has(t, task, `"priority":"urgent"`, `"reference":"Practitioner/rao"`, `"end":"2026-11-23T12:22:00Z"`, "It says: chest pain.")
		} else {
			has(t, task, `"priority":"routine"`, `"code":"clinicians"`, `"end":"2026-11-25"`, `"for":{"reference":"Patient/ada"}`) // no nurses are listed without accounts
		}
	}
	rao := s.By(access.Clinician)
	rao.Get("/messages").Want(200).Says("Waiting 2, 2 unread", "OKAFOR, Adaeze 58 y", "I have chest pain since this morning. Urgent", "answer until 23-Nov-2026, 12:22", "Since I take the new tablet")
	s.By(access.Clinician).Called("Practitioner/lin", "Dr Mei Lin").Get("/messages").Says("Waiting 1, 1 unread").Hides("chest pain")
	s.By(access.Patient).Get("/messages").Want(404)
	s.By(access.FrontDesk).Get("/messages").Want(404)
	s.By(access.FrontDesk).Get("/patients/ada/messages").Want(404)
	s.By(access.FrontDesk).Get("/patients/ada/messages/p1").Want(404)
	s.By(access.Biller).Get("/patients/ada/messages").Want(404)
	s.By(access.Clinician).Get("/patients/bob/messages/p1").Want(404)

	// Reading makes it read, by whom it is for alone, and tells the patient.
	s.By(access.Clinician).Called("Practitioner/lin", "Dr Mei Lin").Get("/patients/ada/messages/p1").Want(200)
	rao.Get("/messages").Says("Waiting 2, 2 unread")
	rao.Get("/messages?item=p1").Want(200).Says("Waiting 2, 1 unread", "It says: chest pain", "Who answers, and when Dr Priya Rao")
	rao.Get("/messages").Says("Waiting 2, 1 unread")
	has(t, one(s, "Communication", "p1"), `"received":"2026-11-23T10:22:00Z"`)

	// Written again: the same item, unread anew.
	s.Put(strings.Replace(question("p2", "It is worse now.", `,"inResponseTo":[{"reference":"Communication/p1"}]`), "09:00", "09:30", 1))
	told(t, s, o, "p2")
	rao.Get("/messages").Says("Waiting 2, 2 unread")
	rao.Get("/messages?item=p1").Says("It is worse now.", "The patient wrote again, 23-Nov-2026, 09:30")
	// What came with an import is history.
	s.Put(strings.ReplaceAll(question("old", "Old question.", ""), "2026-11-23", "2026-01-23"))
	told(t, s, o, "old")
	// Taken back.
	s.Put(strings.Replace(question("p1", "I have chest pain since this morning.", ""), "completed", "entered-in-error", 1))
	told(t, s, o, "p1")
	rao.Get("/messages").Says("Waiting 1, 1 unread").Hides("chest pain")
}

func one(s *slicetest.Site, typ, id string) *fhir.Resource {
	s.T.Helper()
	for _, r := range s.All(typ) {
		if r.ID() == id {
			return r
		}
	}
	s.T.Fatalf("no %s/%s", typ, id)
	return nil
}

func TestMessageAPatient(t *testing.T) {
	s, _ := site(t)
	s.Put(`{"resourceType":"DiagnosticReport","id":"r1","status":"final","code":{"text":"Lipid panel"},"subject":{"reference":"Patient/ada"},"effectiveDateTime":"2026-11-20"}`,
		`{"resourceType":"DiagnosticReport","id":"r2","status":"final","code":{"text":"Bob's panel"},"subject":{"reference":"Patient/bob"},"effectiveDateTime":"2026-11-20"}`)
	rao := s.By(access.Clinician).Beside()
	form := rao.Get("/patients/ada/messages/new").Want(200).Says("To The patient, OKAFOR, Adaeze", "Lipid panel", "Put it in").Hides("Bob's panel")
	once := form.Value("once")
	rao.Post("/patients/ada/messages", "once", once, "to", "patient", "text", "  ").Want(422).Says("Write the message first.")
	rao.Post("/patients/ada/messages", "once", once, "to", "patient", "text", "Hello", "attach", "DiagnosticReport/r2").Want(422).Says("no document or result of this patient")
	rao.Post("/patients/ada/messages", "once", once, "to", "Practitioner/nobody", "text", "Hello").Want(422)
	filled := rao.Post("/patients/ada/messages/draft", "once", once, "to", "patient", "text", "Typed.", "reply", "Normal result").Want(200)
	if got := filled.Value("text"); !strings.HasPrefix(got, "Typed.\n\nDear Adaeze,") || !strings.HasSuffix(got, "Dr Priya Rao") {
		t.Errorf("the ready text is %q", got)
	}
	for range 2 { // sent twice
		rao.Post("/patients/ada/messages", "once", once, "to", "patient", "text", "Your cholesterol is fine.", "attach", "DiagnosticReport/r1").Want(200).Says("sent to OKAFOR, Adaeze: it waits in the portal.")
	}
	has(t, s.One("Communication"), `"recipient":[{"reference":"Patient/ada"`, `"sender":{"reference":"Practitioner/rao","display":"Dr Priya Rao"}`, `"about":[{"reference":"DiagnosticReport/r1","display":"Lipid panel"}]`, `"contentString":"Your cholesterol is fine."`, `"sent":"2026-11-23T10:22:00Z"`)
	if len(tasks(s, "")) != 0 {
		t.Error("a message to a patient makes work")
	}
	rao.Get("/messages?tab=sent").Says("Your cholesterol is fine.", "not read yet")
	id := s.One("Communication").ID()
	rao.Get("/patients/ada/messages").Says("Your cholesterol is fine.", "Not read by the patient yet")
	rao.Get("/patients/ada/messages/"+id).Says("Dr Priya Rao · 23-Nov-2026, 10:22 · not read yet", "Lipid panel")
	// The patient reads it, and sees no buttons of staff.
	s.By(access.Patient).Get("/patients/ada/messages/"+id).Want(200).Says("Your cholesterol is fine.").Hides("Answer", "Staff note", "Who answers")
	s.By(access.Patient).Get("/patients/bob/messages").Want(404)
	s.By(access.Patient).Post("/patients/ada/messages", "to", "patient", "text", "x").Want(404)
}

func TestAnswer(t *testing.T) {
	s, o := site(t)
	s.Put(question("q", "May I fly?", `,"recipient":[{"reference":"Practitioner/rao"}]`))
	told(t, s, o, "q")
	rao := s.By(access.Clinician).Beside()
	form := rao.Get("/patients/ada/messages/new?thread=q").Want(200).Says("Answer: May I fly?", "Keep it open")
	once, seen := form.Value("once"), form.Value("seen")
	// The patient writes again while the answer is written.
	s.Put(strings.Replace(question("q2", "And my insulin?", `,"partOf":[{"reference":"Communication/q"}]`), "09:00", "09:10", 1))
	told(t, s, o, "q2")
	again := rao.Post("/patients/ada/messages", "once", once, "to", "patient", "thread", "q", "seen", seen, "text", "Yes.").Want(409).Says("Something new was written", "And my insulin?")
	rao.Post("/patients/ada/messages", "once", once, "to", "patient", "thread", "q", "seen", again.Value("seen"), "text", "Yes, in the hand luggage.", "keep", "yes").Want(200)
	if got := tasks(s, "in-progress"); len(got) != 1 {
		t.Fatalf("%d kept open", len(got))
	}
	rao.Post("/patients/ada/messages", "once", rao.Get("/patients/ada/messages/new?thread=q").Value("once"), "to", "patient", "thread", "q", "text", "Good journey.").Want(200)
	done := tasks(s, "completed")
	if len(done) != 1 || len(tasks(s, "")) != 1 {
		t.Fatalf("%d done of %d", len(done), len(tasks(s, "")))
	}
	has(t, done[0], "Answered.", `"output":[{"type":{"text":"answer"},"valueReference":{"reference":"Communication/`)
	rao.Get("/messages").Says("Waiting 0", "No message waits for you")
	rao.Get("/messages?tab=done").Says("May I fly?", "Answered. Dr Priya Rao")
	var answers int
	for _, c := range s.All("Communication") {
		if c.Get("sender").Get("reference").Text() == "Practitioner/rao" {
			answers++
			has(t, c, `"partOf":[{"reference":"Communication/q"}]`, `"inResponseTo":[{"reference":"Communication/`)
		}
	}
	if answers != 2 {
		t.Errorf("%d answers", answers)
	}
	// An answered question that is told again waits for nobody.
	told(t, s, o, "q2")
	if len(tasks(s, "")) != 1 {
		t.Error("an answered message waits again")
	}
}

func TestCloseWithoutAnswer(t *testing.T) {
	s, o := site(t)
	s.Put(question("q", "Thank you!", ""))
	told(t, s, o, "q")
	rao := s.By(access.Clinician).Beside()
	rao.Post("/patients/ada/messages/q/close").Want(422).Says("Choose why no answer is sent.")
	rao.Post("/patients/ada/messages/q/close", "why", "other").Want(422).Says("Write why no answer is sent.")
	rao.Get("/patients/ada/messages/q/close").Want(200).Says("Thank you!", "Talked by telephone")
	rao.Post("/patients/bob/messages/q/close", "why", "No answer is needed").Want(404)
	rao.Post("/patients/ada/messages/q/close", "why", "No answer is needed", "note", "A thank-you.").Want(200)
	has(t, s.One("Task"), `"status":"completed"`, `"statusReason":{"text":"No answer is needed. A thank-you."}`)
	rao.Post("/patients/ada/messages/q/close", "why", "No answer is needed").Want(409)
}

// TestAmongStaff writes messages that the patient must not see, by pages and as the patient's token reads them.
func TestAmongStaff(t *testing.T) {
	s, o := site(t)
	s.Put(question("q", "May I fly?", `,"recipient":[{"reference":"Practitioner/rao"}]`))
	told(t, s, o, "q")
	rao, lin := s.By(access.Clinician).Beside(), s.By(access.Clinician).Called("Practitioner/lin", "Dr Mei Lin").Beside()
	rao.Post("/patients/ada/messages", "once", "00000000-0000-4000-8000-000000000001", "thread", "q", "to", "Practitioner/lin", "internal", "yes", "text", "She seems confused to me.").Want(200).Says("sent to Dr Mei Lin")
	rao.Post("/patients/ada/messages", "once", "00000000-0000-4000-8000-000000000002", "to", "pool:nurses", "internal", "yes", "topic", "Call her", "text", "Call her about the fall.").Want(200)
	rao.Post("/patients/ada/messages", "once", "00000000-0000-4000-8000-000000000003", "to", "Practitioner/lin", "text", "Filed where she reads it.").Want(200)
	lin.Get("/messages").Says("Waiting 2, 2 unread", "May I fly?", "Filed where she reads it.").Hides("Call her")
	s.By(access.Nurse).Get("/messages").Says("Call her about the fall.", "All nurses").Hides("May I fly?")
	lin.Get("/messages?item=q").Says("Only staff see this", "She seems confused to me.", "Given to Dr Mei Lin, with a message.", "Waiting 2, 1 unread")
	lin.Get("/patients/ada/messages/new?thread=q").Says("She seems confused to me.")

	patient := s.By(access.Patient)
	patient.Get("/patients/ada/messages").Want(200).Says("May I fly?", "Filed where she reads it.").Hides("confused", "Call her")
	patient.Get("/patients/ada/messages/q").Want(200).Says("May I fly?").Hides("confused", "Only staff")
	token := s.AsPatient(t, "ada")
	for _, c := range s.All("Communication") {
		internal := strings.Contains(string(c.Bytes()), access.InternalCode)
		_, err := token.Read(context.Background(), "Communication", c.ID())
		if internal != (record.KindOf(err) == record.KindNotFound) || !internal && err != nil {
			t.Errorf("%s for the patient: %v", c.Bytes(), err)
		}
		if internal {
			patient.Get("/patients/ada/messages/"+url.PathEscape(c.ID())).Hides("confused", "Call her")
		}
	}
	page, err := token.Search(context.Background(), record.Query{Type: "Communication"})
	if err != nil || len(page.Entries) != 2 {
		t.Errorf("the patient's token finds %d messages, %v", len(page.Entries), err)
	}
	// What one wrote oneself to a pool of one's own is read when somebody else opens it.
	rao.Post("/patients/ada/messages", "once", "00000000-0000-4000-8000-000000000009", "to", "pool:clinicians", "internal", "yes", "topic", "Cover", "text", "Who covers Friday?").Want(200)
	rao.Get("/messages").Says("Waiting 1, 1 unread")
	var cover string
	for _, c := range s.All("Communication") {
		if c.Get("topic").Get("text").Text() == "Cover" {
			cover = c.ID()
		}
	}
	rao.Get("/messages?item="+cover).Says("Waiting 1, 1 unread", "Who covers Friday?")
	lin.Get("/messages?item=" + cover).Says("Waiting 3, 1 unread")
	rao.Get("/messages").Says("Waiting 1").Hides("1 unread")
	lin.Post("/patients/ada/messages/"+cover+"/close", "why", "Talked by telephone").Want(200)
	// The answer of a colleague ends the work of the colleague.
	lin.Post("/patients/ada/messages", "once", "00000000-0000-4000-8000-000000000004", "thread", "q", "to", "patient", "text", "Yes.").Want(200)
	lin.Get("/messages").Says("Waiting 1, 1 unread")
}

// TestTheTopicOfStaffStaysAmongStaff answers the patient in a thread that began as a note among staff: nothing of the note comes along.
func TestTheTopicOfStaffStaysAmongStaff(t *testing.T) {
	s, _ := site(t)
	rao := s.By(access.Clinician).Beside()
	rao.Post("/patients/ada/messages", "once", "00000000-0000-4000-8000-000000000001", "to", "pool:nurses", "internal", "yes", "topic", "Is she safe at home?", "text", "Call her.").Want(200)
	note := s.All("Communication")[0].ID()
	rao.Post("/patients/ada/messages", "once", "00000000-0000-4000-8000-000000000002", "thread", note, "to", "pool:nurses", "internal", "yes", "text", "Today.").Want(200)
	rao.Post("/patients/ada/messages", "once", "00000000-0000-4000-8000-000000000003", "thread", note, "to", "patient", "text", "When may we call you?").Want(200)
	rao.Post("/patients/ada/messages", "once", "00000000-0000-4000-8000-000000000004", "thread", note, "to", "pool:nurses", "text", "She may be called at noon.").Want(200)
	shown := 0
	for _, c := range s.All("Communication") {
		text := string(c.Bytes())
		if c.ID() != note {
			has(t, c, `"Communication/`+note+`"`) // all are one thread
		}
		if strings.Contains(text, access.InternalCode) {
			has(t, c, "Is she safe")
			continue
		}
		shown++
		if strings.Contains(text, "Is she safe") || strings.Contains(text, "When may we") && strings.Contains(text, "inResponseTo") {
			t.Errorf("the patient reads %s", text)
		}
	}
	if shown != 2 {
		t.Errorf("%d messages for the patient, want 2", shown)
	}
	s.By(access.Patient).Get("/patients/ada/messages").Want(200).Says("When may we call you?").Hides("safe at home")
}

// TestAnAnswerIsLaterThanTheQuestion sends what says of itself that it is older than the last answer, or does not say when it was sent: it
// came after that answer, and waits.
func TestAnAnswerIsLaterThanTheQuestion(t *testing.T) {
	for name, sent := range map[string]string{"a slow clock": `"sent":"2026-11-23T09:05:00Z",`, "no time": ""} {
		s, o := site(t)
		s.Put(question("q", "May I fly?", ""))
		told(t, s, o, "q")
		rao := s.By(access.Clinician).Beside()
		rao.Post("/patients/ada/messages", "once", "00000000-0000-4000-8000-000000000001", "thread", "q", "to", "patient", "text", "Yes.").Want(200)
		s.Put(strings.Replace(question("q2", "And with stockings?", `,"partOf":[{"reference":"Communication/q"}]`), `"sent":"2026-11-23T09:00:00Z",`, sent, 1))
		program := s.Deps.Program("message-answers")
		v, err := program.Read(context.Background(), "Communication", "q2")
		if err != nil {
			t.Fatal(err)
		}
		v.At = v.At.Add(time.Minute) // the answer stood there when it came
		if err := o.Watch[0].Changed(context.Background(), program, *v); err != nil {
			t.Fatal(err)
		}
		if n := len(tasks(s, "requested")); n != 1 {
			t.Errorf("%s: %d wait, want 1", name, n)
		}
	}
}
