package ordering_test

import (
	"context"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/slice"
	"github.com/osler-ehr/osler/slice/slicetest"
	"github.com/osler-ehr/osler/workflow/ordering"
)

func site(t testing.TB) (*slicetest.Site, slice.Slice) {
	t.Helper()
	s := slicetest.New(t)
	o := ordering.Slice(s.Deps)
	s.Serve(o)
	return s, o
}

const chart = "/patients/ada/orders"

const problem = `{"resourceType":"Condition","id":"c1","clinicalStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-clinical","code":"active"}]},` +
	`"code":{"text":"Iron deficiency anemia"},"subject":{"reference":"Patient/ada"}}`

// tell gives a document to the watch as the program does after it was committed.
func tell(t testing.TB, s *slicetest.Site, o slice.Slice, typ, id string) {
	t.Helper()
	program := s.Deps.Program("order-tracking")
	v, err := program.Read(context.Background(), typ, id)
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range o.Watch {
		if err := w.Changed(context.Background(), program, *v); err != nil {
			t.Fatal(err)
		}
	}
}

// code is the code of a concept.
func code(r *fhir.Resource, name string) string {
	n := r.Get(name)
	if n.Get("coding").Len() == 0 {
		n = n.Index(0)
	}
	return n.Get("coding").Index(0).Get("code").Text()
}

func TestOrderACBC(t *testing.T) {
	s, _ := site(t)
	s.Put(problem)
	rao := s.By(access.Clinician).Beside()
	offered := rao.Get(chart + "/catalogue?q=cbc").Want(200)
	if first := regexp.MustCompile(`data-value="([^"]*)"`).FindStringSubmatch(offered.Body); first == nil || first[1] != "cbc" {
		t.Fatalf("CBC is not offered first: %s", offered.Text())
	}
	form := rao.Get(chart+"/new").Want(200).Says("Order", "OKAFOR, Adaeze", "14-Jul-1968")
	once := form.Value("once")
	in := rao.Edit(chart+"/basket", "once", once, "box", "CBC", "add", "cbc").Want(200).Says("CBC", "Blood, lavender", "Iron deficiency anemia", "Sign order")
	if in.Value("item") != "cbc" || in.Value("due.cbc") != "1 week" || in.Value("box") != "" {
		t.Fatalf("item %q, due %q, box %q", in.Value("item"), in.Value("due.cbc"), in.Value("box"))
	}
	send := []string{"once", once, "item", "cbc", "due.cbc", "in 1 week", "priority.cbc", "routine", "reason.cbc", "c1", "note.cbc", "Fasting not needed"}
	done := rao.Edit(chart, send...).Want(200).Says("CBC ordered for OKAFOR, Adaeze.", "Print the requisition")
	rao.Edit(chart, send...).Want(200) // the answer was lost, the form is sent again
	o, task := s.One("ServiceRequest"), s.One("Task")
	for _, want := range []string{`"status":"active"`, `"intent":"order"`, `"code":"58410-2"`, `"occurrenceDateTime":"2026-11-30"`, `"authoredOn":"2026-11-23T10:22:00Z"`, `"reference":"Practitioner/rao"`, `"reference":"Condition/c1"`, `"text":"Fasting not needed"`} {
		if !strings.Contains(string(o.Bytes()), want) {
			t.Errorf("the order is without %s: %s", want, o.Bytes())
		}
	}
	for _, want := range []string{`"focus":{"reference":"ServiceRequest/` + o.ID() + `"}`, `"owner":{"reference":"Practitioner/rao"`, `"end":"2026-11-30"`, `"code":"order"`, `"code":"ordered"`} {
		if !strings.Contains(string(task.Bytes()), want) {
			t.Errorf("the task is without %s: %s", want, task.Bytes())
		}
	}
	link := regexp.MustCompile(`href="([^"]*print[^"]*)"`).FindStringSubmatch(done.Body)
	if link == nil {
		t.Fatal("no link to the requisition")
	}
	s.By(access.Clinician).Get(link[1]).Want(200).Says("Requisition", "OKAFOR, Adaeze", "14-Jul-1968 (58 y)", "LOINC 58410-2", "Iron deficiency anemia", "Specimen labels", "Blood, lavender")
	s.By(access.Clinician).Get(chart).Want(200).Says("CBC", "due 30-Nov-2026")
	if usual := rao.Get(chart + "/catalogue?q=").Text(); !strings.Contains(usual, "CBC Your usual") {
		t.Errorf("what was ordered is not the usual: %s", usual)
	}
}

func TestSeveralOrdersAreSignedOnce(t *testing.T) {
	s, _ := site(t)
	rao := s.By(access.Clinician).Beside()
	in := rao.Edit(chart+"/basket", "add", "set:Diabetes, yearly", "box", "Diabetes, yearly").Want(200)
	in.Says("HbA1c", "Lipid panel", "Diabetic foot exam by the nurse"[:18], "Referral to ophthalmology", "Sign 6 orders")
	out := rao.Edit(chart+"/basket", "item", "a1c", "item", "lipid", "remove", "lipid").Want(200)
	out.Hides("Lipid panel").Says("HbA1c")
	all := []string{"item", "a1c", "item", "cxr", "item", "ref-cardiology", "item", "n-bprecheck"}
	rao.Edit(chart, append(all, "box", "Look into the left ear again")...).Want(422).Says("“Look into the left ear again” is not in the catalogue.", "Sign 5 orders")
	if n := len(s.All("ServiceRequest")); n != 0 {
		t.Errorf("%d orders before they were signed", n)
	}
	rao.Edit(chart, append(all, "item", "text:Look into the left ear again")...).Want(200).Says("HbA1c, Chest X-ray, Referral to cardiology, Blood pressure recheck by the nurse and Look into the left ear again ordered")
	if o, tasks := s.All("ServiceRequest"), s.All("Task"); len(o) != 5 || len(tasks) != 5 {
		t.Errorf("%d orders, %d tasks", len(o), len(tasks))
	}
}

func TestAnOrderThatCannotBeSignedComesBackAsTyped(t *testing.T) {
	s, _ := site(t)
	s.Put(problem)
	rao := s.By(access.Clinician).Beside()
	for _, c := range []struct{ field, value, want string }{
		{"due.cbc", "some day", "Not a day to come."},
		{"due.cbc", "20-Nov-2026", "Not a day to come."},
		{"priority.cbc", "whenever", "Choose one of the priorities."},
		{"reason.cbc", "c2", "This problem is not active any more."},
	} {
		a := rao.Edit(chart, "item", "cbc", "note.cbc", "<b>keep</b>", c.field, c.value).Want(422).Says(c.want)
		if a.Value("note.cbc") != "<b>keep</b>" {
			t.Errorf("%s: the instructions came back as %q", c.field, a.Value("note.cbc"))
		}
	}
	rao.Edit(chart).Want(422).Says("Say what to order")
	if n := len(s.All("ServiceRequest")) + len(s.All("Task")); n != 0 {
		t.Errorf("%d things were made all the same", n)
	}
}

func TestARepeatIsQuestioned(t *testing.T) {
	s, _ := site(t)
	s.Put(`{"resourceType":"DiagnosticReport","id":"r1","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"58410-2"}]},"subject":{"reference":"Patient/ada"},"effectiveDateTime":"2026-11-20T08:00:00Z"}`,
		`{"resourceType":"DiagnosticReport","id":"r2","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"24331-1"}]},"subject":{"reference":"Patient/ada"},"effectiveDateTime":"2026-01-20"}`)
	rao := s.By(access.Clinician).Beside()
	rao.Edit(chart+"/basket", "add", "cbc").Says("Done 20-Nov-2026, 3 days ago; mostly repeated after 7 days at the earliest.")
	rao.Edit(chart+"/basket", "add", "lipid").Says("Last done 20-Jan-2026").Hides("repeated after")
	rao.Edit(chart, "item", "tsh").Want(200)
	rao.Edit(chart+"/basket", "add", "tsh").Says("Already ordered on 23-Nov-2026 by Dr Priya Rao, and not closed.")
}

// A test that a wider panel has answered is a repeat too, and what was found is shown before it is measured again.
func TestARepeatWithinAPanelIsQuestioned(t *testing.T) {
	s, _ := site(t)
	s.Put(`{"resourceType":"DiagnosticReport","id":"r1","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"24323-8"}]},"subject":{"reference":"Patient/ada"},"effectiveDateTime":"2026-11-20T08:00:00Z"}`,
		`{"resourceType":"Observation","id":"o1","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"2823-3"}]},"subject":{"reference":"Patient/ada"},"effectiveDateTime":"2026-11-22T08:00:00Z","valueQuantity":{"value":5.60,"unit":"mmol/L"}}`,
		`{"resourceType":"Observation","id":"o2","status":"entered-in-error","code":{"coding":[{"system":"http://loinc.org","code":"3016-3"}]},"subject":{"reference":"Patient/ada"},"effectiveDateTime":"2026-11-22T08:00:00Z","valueQuantity":{"value":2,"unit":"mIU/L"}}`)
	rao := s.By(access.Clinician).Beside()
	rao.Edit(chart+"/basket", "add", "bmp").Says("Done 20-Nov-2026 as part of Comprehensive metabolic panel, 3 days ago; mostly repeated after 7 days")
	rao.Edit(chart+"/basket", "add", "k").Says("Done 22-Nov-2026: 5.60 mmol/L, 1 day ago")
	rao.Edit(chart+"/basket", "add", "tsh").Hides("Done", "Last done") // a mistake answers nothing
	rao.Edit(chart+"/basket", "add", "hepatic").Hides("Done 20-Nov")   // the wider panel lacks one of its tests
	rao.Edit(chart, "item", "cbcd").Want(200)
	rao.Edit(chart+"/basket", "add", "cbc").Says("Already ordered as part of CBC with differential on 23-Nov-2026")
	rao.Edit(chart+"/basket", "add", "lipidd").Hides("Already ordered")
}

func TestAnOrderGoesThroughItsStates(t *testing.T) {
	s, o := site(t)
	rao := s.By(access.Clinician).Beside()
	rao.Edit(chart, "item", "cbc").Want(200)
	id := s.One("ServiceRequest").ID()
	work := rao.Get(chart+"/"+id).Want(200).Says("Ordered", "due 30-Nov-2026", "Collected", "Cancel the order")
	if first := regexp.MustCompile(`<button[^>]*name="do"[^>]*>`).FindString(work.Body); !strings.Contains(first, `value="save"`) {
		t.Errorf("Enter in a field presses %s", first)
	}
	rao.Edit(chart+"/"+id, "do", "taken", "owner", "Practitioner/rao").Want(200).Says("CBC collected.")
	if got := code(s.One("Task"), "businessStatus"); got != "collected" {
		t.Errorf("state %q", got)
	}
	s.Put(`{"resourceType":"DiagnosticReport","id":"r1","status":"final","basedOn":[{"reference":"ServiceRequest/` + id + `"}],"code":{"text":"CBC"},"subject":{"reference":"Patient/ada"}}`)
	tell(t, s, o, "DiagnosticReport", "r1")
	tell(t, s, o, "DiagnosticReport", "r1") // changes come at least once
	task := s.One("Task")
	if got := code(task, "businessStatus"); got != "resulted" || task.Get("output").Len() != 1 {
		t.Errorf("state %q: %s", got, task.Bytes())
	}
	rao.Edit(chart+"/"+id, "do", "cancel", "owner", "Practitioner/rao").Want(422).Says("Say why the order is cancelled")
	rao.Edit(chart+"/"+id, "do", "cancel", "owner", "Practitioner/rao", "note", "Drawn from the wrong arm").Want(200).Says("CBC cancelled.")
	if got, why := s.One("ServiceRequest").Get("status").Text(), s.One("Task").Get("statusReason").Get("text").Text(); got != "revoked" || why != "Drawn from the wrong arm" {
		t.Errorf("%s because of %q", got, why)
	}
	rao.Edit(chart+"/"+id, "do", "done", "owner", "Practitioner/rao").Want(422).Says("This order is closed")
	s.By(access.Clinician).Get("/orders").Want(200).Says("No open orders")
}

func TestTwoPeopleChangeAnOrder(t *testing.T) {
	s, _ := site(t)
	rao := s.By(access.Clinician).Beside()
	rao.Edit(chart, "item", "cbc").Want(200)
	id := s.One("ServiceRequest").ID()
	s.By(access.Nurse).Beside().Edit(chart+"/"+id, "owner", "pool:nurses").Want(200)
	task := s.One("Task")
	if task.Get("owner").Exists() || code(task, "performerType") != "nurses" {
		t.Errorf("%s", task.Bytes())
	}
	s.By(access.Nurse).Get("/orders").Says("CBC", "All nurses")
	s.By(access.Clinician).Get("/orders").Hides("CBC")
	s.By(access.Clinician).Get("/orders?of=everybody").Says("CBC", "All nurses")
}

func TestAResultEnteredByHand(t *testing.T) {
	s, o := site(t)
	rao, nurse := s.By(access.Clinician).Beside(), s.By(access.Nurse).Beside()
	rao.Edit(chart, "item", "hgb").Want(200)
	id := s.One("ServiceRequest").ID()
	form := nurse.Get(chart + "/" + id + "/result").Want(200)
	if form.Value("low.0") != "12.0" || form.Value("high.0") != "15.5" {
		t.Errorf("the range of a woman is %s to %s", form.Value("low.0"), form.Value("high.0"))
	}
	nurse.Edit(chart+"/"+id+"/result", "once", form.Value("once"), "v.0", "10,1", "low.0", "12.0", "high.0", "15.5", "when", "10:00").Want(422).Says("Not a number.")
	nurse.Edit(chart+"/"+id+"/result", "v.0", "10.1", "when", "23:00").Want(422).Says("Not a time that is past.")
	send := []string{"once", form.Value("once"), "v.0", "10.1", "low.0", "12.0", "high.0", "15.5", "when", "10:00"}
	nurse.Edit(chart+"/"+id+"/result", send...).Want(200).Says("It waits in the inbox of Dr Priya Rao.")
	v, report := s.One("Observation"), s.One("DiagnosticReport")
	for _, want := range []string{`"value":10.1`, `"unit":"g/dL"`, `"code":"L"`, `"value":12.0`, `"effectiveDateTime":"2026-11-23T10:00:00Z"`} {
		if !strings.Contains(string(v.Bytes()), want) {
			t.Errorf("the value is without %s: %s", want, v.Bytes())
		}
	}
	if report.Get("result").First().Get("reference").Text() != "Observation/"+v.ID() {
		t.Errorf("%s", report.Bytes())
	}
	tell(t, s, o, "DiagnosticReport", report.ID())
	kinds := map[string]string{}
	for _, task := range s.All("Task") {
		kinds[code(task, "code")] = task.Get("status").Text()
	}
	if kinds["order"] != "in-progress" || kinds["review-result"] != "requested" {
		t.Errorf("%v", kinds)
	}
}

// A result is kept for the order that was looked at: one that a colleague changed meanwhile is shown first, and what comes twice is kept once.
func TestAResultForTheOrderThatWasSeen(t *testing.T) {
	s, _ := site(t)
	rao, nurse := s.By(access.Clinician).Beside(), s.By(access.Nurse).Beside()
	rao.Edit(chart, "item", "hgb").Want(200)
	id := s.One("ServiceRequest").ID()
	form := nurse.Get(chart + "/" + id + "/result").Want(200)
	rao.Edit(chart+"/"+id, "do", "taken", "due", "1 week", "was", "1 week", "owner", "Practitioner/rao").Want(200)
	send := []string{"once", form.Value("once"), "v.0", "10.1", "when", "10:00"}
	stale := nurse.Post(chart+"/"+id+"/result", append(slices.Clone(send), "version", form.Value("version"))...).Want(409).Says("changed by somebody else meanwhile", "Nothing was saved")
	nurse.Post(chart+"/"+id+"/result", send...).Want(409)
	if stale.Value("v.0") != "10.1" || len(s.All("Observation")) != 0 {
		t.Fatalf("kept, or lost: %s", stale.Body)
	}
	s.Put(strings.Replace(string(s.One("ServiceRequest").Bytes()), `"priority":"routine"`, `"priority":"urgent"`, 1)) // the order itself
	nurse.Post(chart+"/"+id+"/result", append(slices.Clone(send), "version", stale.Value("version"))...).Want(409)
	for range 2 {
		nurse.Edit(chart+"/"+id+"/result", send...).Want(200).Says("kept")
	}
	s.One("Observation")
	s.One("DiagnosticReport")
}

func TestWhoOrdersAndEntersHasSeen(t *testing.T) {
	s, _ := site(t)
	rao := s.By(access.Clinician).Beside()
	rao.Edit(chart, "item", "strep").Want(200)
	id := s.One("ServiceRequest").ID()
	rao.Edit(chart+"/"+id+"/result", "v.0", "Positive", "when", "now").Want(200)
	for _, task := range s.All("Task") {
		if task.Get("status").Text() != "completed" {
			t.Errorf("%s", task.Bytes())
		}
	}
	if got := s.One("ServiceRequest").Get("status").Text(); got != "completed" {
		t.Errorf("the order is %s", got)
	}
}

func TestAResultWithoutAnOrderIsMatched(t *testing.T) {
	s, _ := site(t)
	rao := s.By(access.Clinician).Beside()
	rao.Edit(chart, "item", "tsh").Want(200)
	id := s.One("ServiceRequest").ID()
	s.Put(`{"resourceType":"DiagnosticReport","id":"r1","status":"final","code":{"text":"Thyroid"},"subject":{"reference":"Patient/ada"}}`,
		`{"resourceType":"Task","id":"t1","status":"requested","intent":"order","code":{"coding":[{"system":"https://osler.example/fhir/CodeSystem/task","code":"review-result"}]},"description":"Thyroid","focus":{"reference":"DiagnosticReport/r1"},"for":{"reference":"Patient/ada"},"authoredOn":"2026-11-23T09:00:00Z"}`,
		`{"resourceType":"Task","id":"t2","status":"requested","intent":"order","code":{"coding":[{"system":"https://osler.example/fhir/CodeSystem/task","code":"review-result"}]},"description":"Nobody's potassium","focus":{"reference":"DiagnosticReport/r1"},"authoredOn":"2026-11-23T09:00:00Z"}`)
	s.By(access.Clinician).Get("/orders").Says("Results without an order", "Thyroid", "No order found", "Nobody's potassium", "No patient found")
	rao.Get("/orders/match/t1").Want(200).Says("Thyroid", "TSH, ordered 23-Nov-2026 by Dr Priya Rao", "OKAFOR, Adaeze")
	rao.Edit("/orders/match/t1").Want(422).Says("Choose the order that it answers.")
	rao.Edit("/orders/match/t1", "order", id).Want(200).Says("joined to the order TSH.")
	rao.Edit("/orders/match/t2", "order", "none").Want(422).Says("Say what was done with it.")
	rao.Edit("/orders/match/t2", "order", "none", "note", "Sent back to the laboratory").Want(200)
	s.By(access.Clinician).Get("/orders").Hides("Results without an order").Says("TSH", "Resulted, to review")
}

func TestOrdersOfOtherSystemsAreFollowed(t *testing.T) {
	s, o := site(t)
	theirs := `{"resourceType":"ServiceRequest","id":"x1","status":"active","intent":"order","code":{"text":"Stool culture"},"subject":{"reference":"Patient/ada"},"authoredOn":"2026-10-01"}`
	s.Put(theirs)
	s.By(access.Clinician).Get("/orders").Says("Stool culture", "was due", "Everybody") // before the watch came to it
	tell(t, s, o, "ServiceRequest", "x1")
	tell(t, s, o, "ServiceRequest", "x1")
	if s.One("Task").Get("status").Text() != "requested" {
		t.Error("not followed")
	}
	s.By(access.Clinician).Get("/orders").Says("Stool culture")
	s.Put(strings.Replace(theirs, `"active"`, `"revoked"`, 1))
	tell(t, s, o, "ServiceRequest", "x1")
	if s.One("Task").Get("status").Text() != "cancelled" {
		t.Error("taken back, and followed still")
	}
	s.By(access.Clinician).Get("/orders").Says("No open orders")
}

func TestWhoMayOrder(t *testing.T) {
	s, _ := site(t)
	s.Put(`{"resourceType":"Patient","id":"bob","name":[{"family":"Bell"}]}`)
	s.By(access.Clinician).Beside().Edit(chart, "item", "cbc").Want(200)
	id := s.One("ServiceRequest").ID()
	for _, role := range []access.Role{access.FrontDesk, access.Patient, access.Biller} {
		s.By(role).Edit(chart, "item", "cbc").Want(http.StatusNotFound)
		s.By(role).Get(chart + "/" + id).Want(http.StatusNotFound)
		s.By(role).Get("/orders").Want(http.StatusNotFound)
	}
	rao := s.By(access.Clinician)
	rao.Get("/patients/bob/orders/" + id).Want(404) // another patient's order
	rao.Edit("/patients/bob/orders/"+id, "do", "done").Want(404)
	rao.Get("/patients/bob/orders/print?order=" + id).Want(404)
	rao.Get("/patients/bob/orders/" + id + "/result").Want(404)
	s.By(access.Patient).Get(chart).Want(200).Says("CBC")
}

// A referral is over when its report was reviewed, on a page of its own: orders lead there and do not close it.
func TestAReferralIsNotClosedHere(t *testing.T) {
	s, o := site(t)
	rao := s.By(access.Clinician)
	rao.Beside().Edit(chart, "item", "ref-cardiology").Want(200)
	id := s.One("ServiceRequest").ID()
	if q := rao.Get("/orders").Want(200); !strings.Contains(q.Body, `href="/patients/ada/referrals/`+id+`"`) {
		t.Error("the queue does not lead to the referral")
	}
	rao.Beside().Edit(chart+"/"+id, "do", "done").Want(422).Says("A referral is carried on on its own page.")
	if s.One("ServiceRequest").Get("status").Text() != "active" {
		t.Error("closed without a report")
	}
	s.Put(strings.Replace(string(s.One("ServiceRequest").Bytes()), `"active"`, `"completed"`, 1))
	tell(t, s, o, "ServiceRequest", id)
	if s.One("Task").Get("status").Text() != "requested" {
		t.Error("closed because somebody else reported it as done")
	}
}

// A form that does not say which version it shows changes nothing.
func TestAnOrderIsNotChangedUnseen(t *testing.T) {
	s := slicetest.New(t)
	s.Serve(ordering.Slice(s.Deps))
	rao := s.By(access.Clinician).Beside()
	rao.Post("/patients/ada/orders", "item", "cbc", "due.cbc", "1 week", "priority.cbc", "routine").Want(200)
	at := "/patients/ada/orders/" + s.One("ServiceRequest").ID()
	rao.Post(at, "do", "done").Want(409).Says("nothing of yours was saved")
	if got := s.One("ServiceRequest").Get("status").Text(); got != "active" {
		t.Errorf("it is %s", got)
	}
	form := rao.Get(at).Want(200)
	rao.Post(at, "do", "done", "version", form.Value("version"), "due", form.Value("due"), "was", form.Value("was"), "owner", "Practitioner/rao").Want(200)
}

// Orders that are called so and not listed are said to be there.
func TestMoreOrdersThanAreListed(t *testing.T) {
	s, _ := site(t)
	rao := s.By(access.Clinician).Beside()
	rao.Get("/patients/ada/orders/catalogue?q=a").Want(200).Says("More of the catalogue is called so")
	rao.Get("/patients/ada/orders/catalogue?q=hemoglobin+a1c").Want(200).Hides("More of the catalogue")
}
