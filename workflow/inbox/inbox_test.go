package inbox_test

import (
	"context"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/slice"
	"github.com/osler-ehr/osler/slice/slicetest"
	"github.com/osler-ehr/osler/web"
	"github.com/osler-ehr/osler/workflow/inbox"
)

func site(t testing.TB) (*slicetest.Site, slice.Slice) {
	t.Helper()
	s := slicetest.New(t)
	s.Put(`{"resourceType":"Practitioner","id":"lin","active":true,"name":[{"family":"Lin","given":["Mei"],"prefix":["Dr"]}]}`,
		`{"resourceType":"Patient","id":"bob","active":true,"name":[{"family":"Bell","given":["Bob"]}],"birthDate":"1951-03-02","gender":"male","generalPractitioner":[{"reference":"Practitioner/lin"}]}`)
	o := inbox.Slice(s.Deps)
	s.Serve(o)
	return s, o
}

// value is an Observation of a laboratory.
func value(id, patient, code, name, number, unit, low, high, flag, status string) string {
	return fmt.Sprintf(`{"resourceType":"Observation","id":%q,"status":%q,"category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"laboratory"}]}],"code":{"coding":[{"system":"http://loinc.org","code":%q}],"text":%q},`+
		`"subject":{"reference":"Patient/%s"},"effectiveDateTime":"2026-11-23T08:20:00Z","issued":"2026-11-23T09:41:00Z","valueQuantity":{"value":%s,"unit":%q},"interpretation":[{"coding":[{"code":%q}]}],"referenceRange":[{"low":{"value":%s},"high":{"value":%s}}]}`,
		id, status, code, name, patient, number, unit, flag, low, high)
}

func report(id, patient, name, status, more string, values ...string) string {
	var refs []string
	for _, v := range values {
		refs = append(refs, `{"reference":"Observation/`+v+`"}`)
	}
	if len(refs) > 0 {
		more += `,"result":[` + strings.Join(refs, ",") + "]"
	}
	return fmt.Sprintf(`{"resourceType":"DiagnosticReport","id":%q,"status":%q,"code":{"text":%q},"subject":{"reference":"Patient/%s"},"effectiveDateTime":"2026-11-23T08:20:00Z","issued":"2026-11-23T09:41:00Z"%s}`, id, status, name, patient, more)
}

// arrive writes documents and tells the watch of each, as the program does; twice, as changes come at least once: by itself, then
// all in one page.
func arrive(t testing.TB, s *slicetest.Site, o slice.Slice, docs ...string) {
	t.Helper()
	s.Put(docs...)
	program := s.Deps.Program("result-review")
	var page []slice.Change
	for _, d := range docs {
		doc, err := fhir.Parse([]byte(d))
		if err != nil {
			t.Fatal(err)
		}
		v, err := program.Read(context.Background(), doc.Type(), doc.ID())
		if err != nil {
			t.Fatal(err)
		}
		if doc.Type() != "DiagnosticReport" && doc.Type() != "Observation" {
			continue
		}
		page = append(page, slice.Change{Number: v.Change, Type: v.Type, ID: v.ID, Version: v.Version, At: v.At, Action: v.Action})
	}
	for _, size := range []int{1, max(len(page), 1)} {
		for some := range slices.Chunk(page, size) {
			if err := o.Watch[0].Page(context.Background(), program, some); err != nil {
				t.Fatal(err)
			}
		}
	}
}

const order = `{"resourceType":"ServiceRequest","id":"o1","status":"active","intent":"order","code":{"text":"Potassium"},"subject":{"reference":"Patient/ada"},"requester":{"reference":"Practitioner/rao","display":"Dr Priya Rao"}}`

const follows = `{"resourceType":"Task","id":"f1","status":"requested","intent":"order","code":{"coding":[{"system":"https://osler.example/fhir/CodeSystem/task","code":"order"}]},"description":"Potassium","focus":{"reference":"ServiceRequest/o1"},"for":{"reference":"Patient/ada"},"owner":{"reference":"Practitioner/rao"}}`

// high is an abnormal result of Ada's, of an order of Dr Rao's, with one normal value.
func high(t testing.TB, s *slicetest.Site, o slice.Slice) string {
	t.Helper()
	arrive(t, s, o, order, follows, value("k0", "ada", "2823-3", "Potassium", "4.9", "mmol/L", "3.5", "5.1", "N", "final"))
	s.Put(strings.Replace(value("k0", "ada", "2823-3", "Potassium", "4.9", "mmol/L", "3.5", "5.1", "N", "final"), "2026-11-23T08", "2026-08-24T08", 1))
	arrive(t, s, o, value("k1", "ada", "2823-3", "Potassium", "5.6", "mmol/L", "3.5", "5.1", "H", "final"), value("na1", "ada", "2951-2", "Sodium", "140", "mmol/L", "136", "145", "N", "final"),
		report("r1", "ada", "Electrolytes", "final", `,"basedOn":[{"reference":"ServiceRequest/o1"}]`, "na1", "k1"))
	return open(t, s, "DiagnosticReport/r1")
}

// open is the id of the open Task about something.
func open(t testing.TB, s *slicetest.Site, focus string) string {
	t.Helper()
	for _, task := range s.All("Task") {
		if task.Get("focus").Get("reference").Text() == focus && task.Get("status").Text() == "requested" {
			return task.ID()
		}
	}
	t.Fatalf("nothing waits about %s", focus)
	return ""
}

func one(s *slicetest.Site, typ, id string) *fhir.Resource {
	for _, r := range s.All(typ) {
		if r.ID() == id {
			return r
		}
	}
	s.T.Fatalf("no %s/%s", typ, id)
	return nil
}

func TestAResultWaitsForWhoOrderedIt(t *testing.T) {
	s, o := site(t)
	id := high(t, s, o)
	task := one(s, "Task", id)
	for _, want := range []string{`"reference":"Practitioner/rao"`, `"basedOn":[{"reference":"ServiceRequest/o1"}]`, `"priority":"urgent"`, `"end":"2026-11-26"`, `"for":{"reference":"Patient/ada"}`} {
		if !strings.Contains(string(task.Bytes()), want) {
			t.Errorf("without %s: %s", want, task.Bytes())
		}
	}
	page := s.By(access.Clinician).Get("/inbox").Want(200)
	page.Says("Results 2", "Must act 1", "high OKAFOR, Adaeze 58 y Potassium 5.6 mmol/L +0.7 since 24-Aug-2026", "For information 1", "Same sample", "Sodium", "140", "reference 3.5–5.1", "Trend, 12 months", "Who answers for it Dr Priya Rao until 26-Nov-2026")
	s.By(access.Nurse).Get("/inbox").Hides("Potassium")
}

func TestSignAndUndo(t *testing.T) {
	s, o := site(t)
	id := high(t, s, o)
	rao := s.By(access.Clinician).Beside()
	seen := rao.Get("/inbox?item=" + id).Value("seen")
	act(s, rao, id, "sign", "seen", "1").Want(409).Says("The laboratory changed this result while you looked at it.")
	done := act(s, rao, id, "sign", "seen", seen).Want(200).Says("Electrolytes of OKAFOR, Adaeze signed.", "Undo")
	state := func() string {
		return one(s, "Task", id).Get("status").Text() + " " + one(s, "Task", "f1").Get("status").Text() + " " + one(s, "ServiceRequest", "o1").Get("status").Text()
	}
	if got := state(); got != "completed completed completed" {
		t.Errorf("after signing: %s", got)
	}
	act(s, rao, id, "sign", "seen", seen).Want(409).Says("It is done already.")
	s.By(access.Clinician).Get("/inbox?item=" + id).Hides("5.6 mmol/L").Says("For information 1")
	action := regexp.MustCompile(`action="(/inbox/[^"]*/undo)"`).FindStringSubmatch(done.Body)
	if action == nil {
		t.Fatal("no way back")
	}
	s.By(access.Nurse).Beside().Post(action[1]).Want(409) // nobody else's signature
	rao.Post(action[1]).Want(200).Says("waits again")
	if got := state(); got != "requested in-progress active" {
		t.Errorf("taken back: %s", got)
	}
}

func TestTellThePatient(t *testing.T) {
	s, o := site(t)
	id := high(t, s, o)
	rao := s.By(access.Clinician).Beside()
	form := rao.Get("/inbox/"+id+"/tell").Want(200).Says("OKAFOR, Adaeze", "Nothing is sent by e-mail")
	text := form.Value("text")
	for _, want := range []string{"Hello Adaeze,", "Your potassium from 23-Nov-2026 is 5.6 mmol/L, above the usual range (3.5–5.1).", "Dr Priya Rao"} {
		if !strings.Contains(text, want) {
			t.Errorf("the letter does not say %q: %s", want, text)
		}
	}
	if strings.Contains(text, "sodium") {
		t.Errorf("the letter tells of what is normal: %s", text)
	}
	rao.Edit("/inbox/"+id+"/tell", "text", "", "by", "portal", "seen", form.Value("seen")).Want(422).Says("Write what the patient is told.")
	rao.Edit("/inbox/"+id+"/tell", "once", form.Value("once"), "text", text, "by", "portal", "seen", form.Value("seen")).Want(200).Says("OKAFOR, Adaeze told: the message is in the portal. No e-mail or text was sent. Electrolytes signed.")
	c := s.One("Communication")
	for _, want := range []string{`"status":"completed"`, `"sent":"2026-11-23T10:22:00Z"`, `"about":[{"reference":"DiagnosticReport/r1"}]`, `"recipient":[{"reference":"Patient/ada"}]`, `"ELECTRONIC"`} {
		if !strings.Contains(string(c.Bytes()), want) {
			t.Errorf("without %s: %s", want, c.Bytes())
		}
	}
	if task := one(s, "Task", id); task.Get("status").Text() != "completed" || !strings.Contains(string(task.Bytes()), "Communication/"+c.ID()) {
		t.Errorf("%s", task.Bytes())
	}
}

func TestACriticalResultIsSignedWithItsAction(t *testing.T) {
	s, o := site(t)
	arrive(t, s, o, value("k1", "ada", "2823-3", "Potassium", "6.4", "mmol/L", "3.5", "5.1", "HH", "final"), report("r1", "ada", "Potassium", "final", "", "k1"))
	id := open(t, s, "DiagnosticReport/r1")
	rao := s.By(access.Clinician).Beside()
	seen := "1001"
	s.By(access.Clinician).Get("/inbox").Says("A critical result is signed with its action.", "critical, high")
	act(s, rao, id, "sign", "seen", seen).Want(409).Says("A critical result is signed with its action")
	rao.Post("/inbox/" + id + "/call").Want(422).Says("Say who was spoken with")
	rao.Edit("/inbox/"+id+"/call", "with", "Harbor Lab", "readback", "J. Ortiz").Want(200).Says("Call recorded.")
	s.By(access.Clinician).Get("/inbox").Says("Call with Harbor Lab, read back by J. Ortiz.").Hides("is signed with its action")
	act(s, rao, id, "sign", "seen", seen).Want(200)
}

func TestACorrectionIsADifferenceAndComesBack(t *testing.T) {
	s, o := site(t)
	first := value("k1", "ada", "2823-3", "Potassium", "6.8", "mmol/L", "3.5", "5.1", "HH", "final")
	arrive(t, s, o, first, report("r1", "ada", "Potassium", "final", "", "k1"))
	id := open(t, s, "DiagnosticReport/r1")
	rao := s.By(access.Clinician).Beside()
	rao.Edit("/inbox/"+id+"/call", "with", "the patient").Want(200)
	act(s, rao, id, "sign", "seen", "1001").Want(200)
	arrive(t, s, o, value("k1", "ada", "2823-3", "Potassium", "6.4", "mmol/L", "3.5", "5.1", "HH", "corrected"))
	again := open(t, s, "DiagnosticReport/r1")
	if again == id {
		t.Fatal("the review of the first value was opened anew")
	}
	s.By(access.Clinician).Get("/inbox").Says("Corrected by the laboratory", "was 6.8 mmol/L, 23-Nov-2026, 09:41 now 6.4 mmol/L", "Changed by the laboratory after it was reviewed")
}

func TestWhatComesTwiceOrLateWaitsOnce(t *testing.T) {
	s, o := site(t)
	k := value("k1", "ada", "2823-3", "Potassium", "4.4", "mmol/L", "3.5", "5.1", "N", "final")
	arrive(t, s, o, k)
	open(t, s, "Observation/k1")
	arrive(t, s, o, report("r1", "ada", "Potassium", "final", "", "k1")) // the report of a value that came before it
	open(t, s, "DiagnosticReport/r1")
	n := 0
	for _, task := range s.All("Task") {
		if task.Get("status").Text() == "requested" {
			n++
		}
	}
	if n != 1 {
		t.Errorf("%d things wait", n)
	}
	old := strings.NewReplacer("2026-11-23", "2019-11-23").Replace(report("r2", "ada", "Old", "final", ""))
	arrive(t, s, o, old, `{"resourceType":"Observation","id":"w","status":"final","category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"vital-signs"}]}],"code":{"text":"Weight"},"subject":{"reference":"Patient/ada"},"effectiveDateTime":"2026-11-23"}`)
	s.By(access.Clinician).Get("/inbox").Hides("Old", "Weight")
	arrive(t, s, o, report("r1", "ada", "Potassium", "entered-in-error", "", "k1"))
	s.By(access.Clinician).Get("/inbox").Says("Nothing waits here")
}

func TestNormalResultsAreSignedTogether(t *testing.T) {
	s, o := site(t)
	high(t, s, o)
	for i := range 3 {
		n := fmt.Sprint(i)
		arrive(t, s, o, value("t"+n, "ada", "3016-3", "TSH", "2."+n, "mIU/L", "0.4", "4.5", "N", "final"), report("n"+n, "ada", "TSH", "final", "", "t"+n))
	}
	arrive(t, s, o, report("words", "ada", "Chest X-ray", "final", `,"conclusion":"No infiltrate."`))
	rao := s.By(access.Clinician).Beside()
	form := rao.Get("/inbox/normal").Want(200).Says("TSH 2.0 mIU/L (0.4–4.5)", "Sign those ticked").Hides("5.6", "Chest X-ray")
	var send []string
	for _, m := range regexp.MustCompile(`name="task" value="([^"]*)"`).FindAllStringSubmatch(form.Body, -1) {
		send = append(send, "task", m[1])
	}
	if len(send) != 8 {
		t.Fatalf("%d boxes: %s", len(send)/2, form.Text())
	}
	send[1] = strings.Split(send[1], " ")[0] + " 7" // corrected since
	rao.Post("/inbox/normal", send...).Want(200).Says("3 normal results signed. 1 result changed meanwhile and still wait")
	rao.Post("/inbox/normal").Want(422).Says("Nothing was signed")
	s.By(access.Clinician).Get("/inbox").Says("Must act 2", "Chest X-ray", "No infiltrate.")
}

func TestEscalation(t *testing.T) {
	s, o := site(t)
	arrive(t, s, o, order, value("k1", "ada", "2823-3", "Potassium", "6.4", "mmol/L", "3.5", "5.1", "HH", "final"), report("r1", "ada", "Potassium", "final", `,"basedOn":[{"reference":"ServiceRequest/o1"}]`, "k1"))
	id := open(t, s, "DiagnosticReport/r1")
	run := func(at time.Time) string {
		s.Deps.Shell.Now = func() time.Time { return at }
		if err := o.Jobs[0].Run(context.Background(), s.Deps.Program("escalation")); err != nil {
			t.Fatal(err)
		}
		return one(s, "Task", id).Get("owner").Get("reference").Text()
	}
	if who := run(slicetest.Now.Add(29 * time.Minute)); who != "Practitioner/rao" {
		t.Errorf("before its time: %q", who)
	}
	if who := run(slicetest.Now.Add(31 * time.Minute)); who != "Practitioner/lin" {
		t.Errorf("after half an hour: %q", who)
	}
	if who := run(slicetest.Now.Add(40 * time.Minute)); who != "Practitioner/lin" {
		t.Errorf("before the second time: %q", who)
	}
	if who := run(slicetest.Now.Add(62 * time.Minute)); who != "" {
		t.Errorf("after an hour: %q", who)
	}
	run(slicetest.Now.Add(200 * time.Minute))
	if notes := one(s, "Task", id).Get("note"); notes.Len() != 2 {
		t.Errorf("%d notes", notes.Len())
	}
	s.By(access.Clinician).Get("/inbox").Says("Escalated to All clinicians", "not acknowledged by Dr Mei Lin until")
}

// act does something with work as somebody does who has just opened it.
func act(s *slicetest.Site, p slicetest.Person, id, what string, pairs ...string) slicetest.Answer {
	s.T.Helper()
	return p.Post("/inbox/"+id+"/"+what, append(pairs, "version", one(s, "Task", id).Get("meta").Get("versionId").Text())...)
}

// Whoever acts on work that a colleague changed since the page was opened is told, and nothing is done.
func TestOnlyWhatWasLookedAtIsDone(t *testing.T) {
	s, o := site(t)
	arrive(t, s, o, value("k1", "ada", "2823-3", "Potassium", "5.6", "mmol/L", "3.5", "5.1", "H", "final"), report("r1", "ada", "Potassium", "final", "", "k1"))
	id := open(t, s, "DiagnosticReport/r1")
	rao := s.By(access.Clinician).Beside()
	page := s.By(access.Clinician).Get("/inbox?item=" + id).Want(200)
	version, seen := page.Value("version"), page.Value("seen")
	if version == "" || seen == "" {
		t.Fatalf("the page names no version: %s", page.Body)
	}
	tell, give, call := rao.Get("/inbox/"+id+"/tell").Want(200), rao.Get("/inbox/"+id+"/give").Want(200), rao.Get("/inbox/"+id+"/call").Want(200)
	rao.Edit("/inbox/"+id+"/call", "with", "Harbor Lab", "note", "haemolysed, take it again").Want(200)

	rao.Post("/inbox/"+id+"/sign", "seen", seen, "version", version).Want(409).Says("Somebody changed this while you looked at it.")
	rao.Post("/inbox/"+id+"/sign", "seen", seen).Want(409)
	rao.Post("/inbox/"+id+"/tell", "once", tell.Value("once"), "seen", seen, "by", "portal", "text", "All is well.", "version", tell.Value("version")).Want(409).Says("Changed by somebody else meanwhile.", "haemolysed, take it again", "All is well.")
	rao.Post("/inbox/"+id+"/give", "to", "pool:nurses", "note", "Please call her", "version", give.Value("version")).Want(409).Says("haemolysed, take it again")
	again := rao.Post("/inbox/"+id+"/call", "with", "the patient", "version", call.Value("version")).Want(409).Says("haemolysed, take it again")
	if again.Value("with") != "the patient" {
		t.Errorf("what was typed is lost: %s", again.Body)
	}
	if n := len(s.All("Communication")); n != 0 {
		t.Errorf("%d messages were sent", n)
	}
	if task := one(s, "Task", id); task.Get("status").Text() != "requested" || strings.Contains(string(task.Bytes()), "nurses") {
		t.Errorf("it was done all the same: %s", task.Bytes())
	}
	rao.Post("/inbox/"+id+"/call", "with", "the patient", "version", again.Value("version")).Want(200) // it holds all the same
}

func TestReassignAndCover(t *testing.T) {
	s, o := site(t)
	arrive(t, s, o, value("k1", "bob", "2823-3", "Potassium", "5.6", "mmol/L", "3.5", "5.1", "H", "final"), report("r1", "bob", "Potassium", "final", "", "k1"))
	id := open(t, s, "DiagnosticReport/r1") // Dr Lin's, whose patient he is
	rao := s.By(access.Clinician).Beside()
	s.By(access.Clinician).Get("/inbox").Hides("BELL")
	s.Put(`{"resourceType":"Task","id":"c1","status":"accepted","intent":"order","code":{"coding":[{"system":"https://osler.example/fhir/CodeSystem/task","code":"cover"}]},"requester":{"reference":"Practitioner/lin"},"owner":{"reference":"Practitioner/rao"},"executionPeriod":{"start":"2026-11-20","end":"2026-11-27"}}`)
	s.By(access.Clinician).Get("/inbox").Says("You stand in for Dr Mei Lin until 27-Nov-2026.", "BELL, Bob", "For Dr Mei Lin")
	rao.Edit("/inbox/"+id+"/give", "to", "Practitioner/nobody").Want(422).Says("Choose somebody who works here.")
	rao.Edit("/inbox/"+id+"/give", "to", "pool:nurses", "note", "Please call him").Want(200).Says("given to All nurses")
	s.By(access.Clinician).Get("/inbox").Hides("BELL")
	s.By(access.Nurse).Get("/inbox").Says("BELL, Bob", "Given to All nurses. Please call him")
	rao.Edit("/inbox/away", "by", "Practitioner/lin", "from", "today", "until", "14-Nov-2026").Want(422).Says("Not a day to come.")
	rao.Edit("/inbox/away", "by", "Practitioner/rao", "from", "today", "until", "in 2 weeks").Want(422).Says("Choose somebody else")
	rao.Edit("/inbox/away", "by", "Practitioner/lin", "from", "today", "until", "in 2 weeks").Want(200).Says("Dr Mei Lin stands in for you until 07-Dec-2026.")
	s.By(access.Clinician).Get("/inbox").Says("You are away until")
	// A form that was opened before the absence began ends nothing and replaces nothing, and neither does one without a version.
	absence := func() *fhir.Resource {
		for _, x := range s.All("Task") {
			if x.Get("requester").Get("reference").Text() == "Practitioner/rao" && x.Get("status").Text() == "accepted" {
				return x
			}
		}
		t.Fatal("the absence is gone")
		return nil
	}
	stood := absence()
	for _, version := range []string{"none", stood.ID() + "/7", ""} {
		rao.Post("/inbox/away", "version", version, "by", "", "from", "today", "until", "in 3 weeks").Want(409).Says("Nothing was changed.", "You are away until 07-Dec-2026")
		rao.Post("/inbox/away", "version", version, "back", "yes").Want(409)
	}
	if now := absence(); string(now.Bytes()) != string(stood.Bytes()) {
		t.Errorf("it was changed: %s", now.Bytes())
	}
	rao.Edit("/inbox/away", "back", "yes").Want(200)
	s.By(access.Clinician).Get("/inbox").Hides("You are away")
}

func TestTasks(t *testing.T) {
	s, _ := site(t)
	rao := s.By(access.Clinician).Beside()
	rao.Post("/inbox/tasks", "what", "", "due", "yesterday", "to", "x", "priority", "never").Want(422).Says("Say what is to be done.", "Not a day to come.", "Choose somebody who works here.", "Choose one of the priorities.")
	form := rao.Get("/inbox/tasks/new?patient=ada").Want(200).Says("OKAFOR, Adaeze")
	for _, what := range []string{"Call the school", "Order vaccine fridge log"} {
		rao.Post("/inbox/tasks", "what", what, "due", "in 3 days", "to", "Practitioner/rao", "priority", "routine", "patient", form.Value("patient")).Want(200).Says(what + " added for Dr Priya Rao.")
	}
	s.By(access.Clinician).Get("/inbox?tab=tasks").Says("Tasks 2", "Call the school", "until 26-Nov-2026")
	tasks := s.All("Task")
	rao.Post("/inbox/batch").Want(422).Says("Tick the tasks")
	rao.Post("/inbox/batch", "task", tasks[0].ID()+" 1", "task", tasks[1].ID()+" 7").Want(409).Says("Somebody changed", "nothing was marked as done")
	rao.Post("/inbox/batch", "task", tasks[0].ID()+" 1", "task", tasks[1].ID()+" 1").Want(200).Says("2 tasks done.")
	rao.Post("/inbox/" + tasks[0].ID() + "/sign").Want(409)
	s.By(access.Clinician).Get("/inbox?tab=tasks").Says("Nothing waits here")
}

// TestADocumentIsReadFromTheInbox: the work of reading a document leads to it, and is done with S.
func TestADocumentIsReadFromTheInbox(t *testing.T) {
	s, _ := site(t)
	s.Put(`{"resourceType":"DocumentReference","id":"d1","status":"current","subject":{"reference":"Patient/ada"},"content":[{"attachment":{"contentType":"text/plain","data":"eA=="}}]}`,
		`{"resourceType":"Task","id":"t1","status":"requested","intent":"order","code":{"coding":[{"system":"https://osler.example/fhir/CodeSystem/task","code":"document"}]},"description":"Discharge summary","focus":{"reference":"DocumentReference/d1"},"for":{"reference":"Patient/ada"},"performerType":[{"coding":[{"system":"https://osler.example/fhir/CodeSystem/task-pool","code":"clinicians"}]}]}`)
	rao := s.By(access.Clinician)
	page := rao.Get("/inbox?tab=documents&item=t1").Want(200).Says("Discharge summary", "Read the document", "OKAFOR, Adaeze")
	if !strings.Contains(page.Body, `href="/patients/ada/documents/d1"`) {
		t.Error("it does not lead to the document")
	}
	act(s, rao, "t1", "sign").Want(303)
	rao.Get("/inbox?tab=documents").Want(200).Hides("Discharge summary")
}

func TestWhoMaySeeTheInbox(t *testing.T) {
	s, o := site(t)
	id := high(t, s, o)
	for _, role := range []access.Role{access.FrontDesk, access.Patient, access.Biller} {
		s.By(role).Get("/inbox").Want(404)
		s.By(role).Post("/inbox/" + id + "/sign").Want(404)
		s.By(role).Get("/inbox/" + id + "/tell").Want(404)
	}
	s.By(access.Clinician).Post("/inbox/f1/sign").Want(404) // an order is not signed here
}

func TestWorkOfWhoCannotSignInIsEverybodys(t *testing.T) {
	s, o := site(t)
	s.Put(`{"resourceType":"Practitioner","id":"gone","active":false,"name":[{"family":"Gone"}]}`,
		`{"resourceType":"Patient","id":"eve","name":[{"family":"Eve"}],"generalPractitioner":[{"reference":"Practitioner/gone","display":"Dr Gone"}]}`,
		`{"resourceType":"Organization","id":"elsewhere","name":"Elsewhere"}`,
		`{"resourceType":"Task","id":"t1","status":"requested","intent":"order","description":"Old promise","owner":{"reference":"Practitioner/gone","display":"Dr Gone"}}`)
	s.By(access.Clinician).Get("/inbox?tab=tasks").Says("Old promise")
	arrive(t, s, o, value("k1", "eve", "2823-3", "Potassium", "5.6", "mmol/L", "3.5", "5.1", "H", "final"), report("r1", "eve", "Potassium", "final", "", "k1"))
	s.By(access.Clinician).Get("/inbox").Says("EVE", "Given to all clinicians: Dr Gone cannot sign in.")
	s.By(access.Clinician).Called("Practitioner/lin", "Dr Mei Lin").Get("/inbox").Says("EVE")
	for range 2 {
		if err := o.Jobs[1].Run(context.Background(), s.Deps.Program("orphaned-work")); err != nil {
			t.Fatal(err)
		}
	}
	task := one(s, "Task", "t1")
	if task.Get("owner").Exists() || task.Get("note").Len() != 1 {
		t.Errorf("%s", task.Bytes())
	}
	s.By(access.Clinician).Get("/inbox?tab=tasks").Says("Old promise")
}

func TestTheNumberInTheMenu(t *testing.T) {
	s, o := site(t)
	arrive(t, s, o, value("t1", "ada", "3016-3", "TSH", "2.0", "mIU/L", "0.4", "4.5", "N", "final"), report("n1", "ada", "TSH", "final", "", "t1"))
	s.Deps.Shell.Frame = func(r *http.Request) web.Frame {
		e := o.Menu[0]
		e.Count, e.Urgent = e.Waiting(r)
		return web.Frame{User: &web.User{Name: "Rao"}, Menu: []web.Entry{e}}
	}
	rao := s.By(access.Clinician)
	rao.Get("/inbox").Hides("to act on") // a normal result is for information
	rao.Beside().Post("/inbox/tasks", "what", "Call", "due", "today", "to", "Practitioner/rao", "priority", "routine").Want(200)
	rao.Get("/inbox").Says("1 to act on").Hides("critical")
	arrive(t, s, o, value("k1", "ada", "2823-3", "Potassium", "6.4", "mmol/L", "3.5", "5.1", "HH", "final"), report("r1", "ada", "Potassium", "final", "", "k1"))
	s.Deps.Shell.Now = func() time.Time { return slicetest.Now.Add(time.Minute) }
	rao.Get("/inbox").Says("2 to act on, one critical")
	rao.Called("Practitioner/lin", "Dr Mei Lin").Get("/inbox").Says("1 to act on, one critical") // nobody's result is all clinicians'
}

// The report of a referral is reviewed by a clinician: a nurse's signature leaves the referral open.
func TestANurseDoesNotCloseAReferral(t *testing.T) {
	s, o := site(t)
	referral := strings.Replace(order, `"code":{"text"`, `"category":[{"coding":[{"system":"http://snomed.info/sct","code":"3457005"}]}],"code":{"text"`, 1)
	arrive(t, s, o, referral, follows, value("k1", "ada", "2823-3", "Potassium", "4.4", "mmol/L", "3.5", "5.1", "N", "final"), report("r1", "ada", "Consultation", "final", `,"basedOn":[{"reference":"ServiceRequest/o1"}]`, "k1"))
	id := open(t, s, "DiagnosticReport/r1")
	nurse := s.By(access.Nurse)
	seen := s.By(access.Clinician).Get("/inbox?item=" + id).Value("seen")
	act(s, nurse, id, "sign", "seen", seen)
	if one(s, "Task", id).Get("status").Text() != "completed" {
		t.Fatal("the review was not signed")
	}
	if one(s, "ServiceRequest", "o1").Get("status").Text() != "active" || one(s, "Task", "f1").Get("status").Text() == "completed" {
		t.Error("a nurse closed the referral")
	}
}
