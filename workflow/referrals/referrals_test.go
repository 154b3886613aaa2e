package referrals_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/slice/slicetest"
	"github.com/osler-ehr/osler/workflow/referrals"
)

// site is a practice whose clock can be moved.
func site(t testing.TB) (*slicetest.Site, *time.Time) {
	t.Helper()
	s := slicetest.New(t)
	now := slicetest.Now
	s.Deps.Shell.Now = func() time.Time { return now }
	s.Put(`{"resourceType":"Practitioner","id":"kim","active":true,"name":[{"family":"Kim","given":["Ana"]}]}`, `{"resourceType":"Practitioner","id":"gone","active":false,"name":[{"family":"Gone"}]}`)
	s.Serve(referrals.Slice(s.Deps))
	return s, &now
}

// refer gives ada a referral to cardiology as the order form makes it, and its address.
func refer(t testing.TB, s *slicetest.Site, priority ...string) string {
	t.Helper()
	p := "routine"
	if len(priority) > 0 {
		p = priority[0]
	}
	s.Put(`{"resourceType":"ServiceRequest","id":"r1","meta":{"profile":["http://hl7.org/fhir/us/core/StructureDefinition/us-core-servicerequest"]},"status":"active","intent":"order","category":[{"coding":[{"system":"http://snomed.info/sct","code":"3457005","display":"Patient referral"}]}],"priority":"`+p+`","code":{"text":"Referral to cardiology"},"subject":{"reference":"Patient/ada"},"occurrenceDateTime":"2026-12-21","authoredOn":"2026-11-23T10:22:00Z","requester":{"reference":"Practitioner/rao","display":"Dr Priya Rao"},"note":[{"text":"New murmur. Echo first?"}]}`,
		`{"resourceType":"Task","id":"t1","status":"requested","businessStatus":{"coding":[{"system":"https://osler.example/fhir/CodeSystem/order-state","code":"ordered"}]},"intent":"order","priority":"`+p+`","code":{"coding":[{"system":"https://osler.example/fhir/CodeSystem/task","code":"order"}]},"description":"Referral to cardiology","focus":{"reference":"ServiceRequest/r1"},"for":{"reference":"Patient/ada"},"authoredOn":"2026-11-23T10:22:00Z","requester":{"reference":"Practitioner/rao","display":"Dr Priya Rao"},"owner":{"reference":"Practitioner/rao","display":"Dr Priya Rao"},"restriction":{"period":{"end":"2026-12-21"}}}`)
	return "/patients/ada/referrals/r1"
}

func TestTheLoopIsClosedByAReview(t *testing.T) {
	s, now := site(t)
	ref := refer(t, s)
	rao, nurse := s.By(access.Clinician).Beside(), s.By(access.Nurse).Called("Practitioner/kim", "Ana Kim RN").Beside()
	rao.Get("/referrals").Want(200).Says("To send", "Referral to cardiology", "due 25-Nov-2026", "OKAFOR, Adaeze", "14-Jul-1968")
	rao.Get(ref).Want(200).Says("To be sent", "New murmur. Echo first?")

	nurse.Edit(ref+"/sent", "how", "carrier pigeon", "to", "Harbor Heart", "day", "some day").Want(422).Says("Choose how it was done.")
	nurse.Edit(ref+"/sent", "how", "fax", "to", "", "day", "23-Nov-2026").Want(422).Says("Say to whom")
	nurse.Edit(ref+"/sent", "how", "fax", "to", "Harbor Heart", "day", "30-Nov-2026").Want(422).Says("future")
	form := nurse.Get(ref+"/sent").Want(200).Says("How", "To whom", "Empty: 30-Nov-2026")
	nurse.Edit(ref+"/sent", "version", form.Value("version"), "how", "fax", "to", "Harbor Heart", "day", "23-Nov-2026").Want(200).Says("Referral to cardiology: Sent."[:24])
	nurse.Get(ref).Says("Sent: faxed by hand, to Harbor Heart.", "Ana Kim RN", "due 30-Nov-2026")
	nurse.Edit(ref+"/booked", "day", "14-Dec-2026", "time", "25:00").Want(422).Says("Not a time.")
	nurse.Edit(ref+"/booked", "day", "01-Nov-2026").Want(422).Says("Not a day to come.")
	nurse.Edit(ref+"/booked", "day", "14-Dec-2026", "time", "14:30").Want(200)
	nurse.Get("/referrals").Says("Waiting for others", "Booked for 14-Dec-2026, 14:30", "due 14-Dec-2026")

	*now = time.Date(2026, 12, 16, 9, 0, 0, 0, time.UTC)
	nurse.Get("/referrals").Says("Overdue", "was due 14-Dec-2026")
	nurse.Edit(ref+"/seen", "day", "14-Dec-2026").Want(200)
	nurse.Get("/referrals").Says("Seen, report to come", "due 30-Dec-2026").Hides("Overdue")
	nurse.Edit(ref+"/report", "day", "16-Dec-2026").Want(422).Says("Say what the report says, or choose the document.")
	s.Put(`{"resourceType":"DocumentReference","id":"d1","status":"current","type":{"text":"Consultation"},"subject":{"reference":"Patient/ada"},"date":"2026-12-15T10:00:00Z","content":[{"attachment":{"contentType":"text/plain","data":"Tm8gdmFsdmUgZGlzZWFzZS4=","title":"Cardiology letter"}}]}`,
		`{"resourceType":"Patient","id":"bob","name":[{"family":"Bell"}]}`,
		`{"resourceType":"DocumentReference","id":"d2","status":"current","type":{"text":"Of Bob"},"subject":{"reference":"Patient/bob"},"date":"2026-12-15T10:00:00Z","content":[{"attachment":{"contentType":"text/plain","data":"eA=="}}]}`)
	nurse.Edit(ref+"/report", "day", "16-Dec-2026", "report", "DocumentReference/d2").Want(422).Says("This document is not there any more.")
	nurse.Get(ref + "/report").Says("Cardiology letter, 15-Dec-2026").Hides("Of Bob")
	nurse.Edit(ref+"/report", "day", "16-Dec-2026", "report", "DocumentReference/d1").Want(200)
	if o := s.One("ServiceRequest"); o.Get("status").Text() != "active" {
		t.Error("closed by the arrival of the report")
	}
	// A nurse sees to everything but the review.
	nurse.Get(ref).Says("A clinician reviews the report").Hides("Reviewed, close")
	nurse.Edit(ref + "/close").Want(http.StatusNotFound)
	if o := s.One("ServiceRequest"); o.Get("status").Text() != "active" {
		t.Error("a nurse closed the loop")
	}
	rao.Get("/referrals").Says("Report here, to review")
	rao.Get(ref).Says("Reviewed, close", "Read the report")
	rao.Edit(ref+"/close", "note", "Follow up in a year").Want(200).Says("closed.")
	task := s.One("Task")
	if o := s.One("ServiceRequest"); o.Get("status").Text() != "completed" || task.Get("status").Text() != "completed" {
		t.Errorf("the order is %s, the task %s", o.Get("status").Text(), task.Get("status").Text())
	}
	for _, want := range []string{`"code":"closed"`, `"reference":"DocumentReference/d1"`, `"valueDateTime":"2026-12-14T14:30:00Z"`, `"text":"Reviewed, close. Follow up in a year"`, `"reference":"Practitioner/rao"`} {
		if !strings.Contains(string(task.Bytes()), want) {
			t.Errorf("without %s: %s", want, task.Bytes())
		}
	}
	rao.Get("/referrals").Says("No open referrals")
	s.By(access.Clinician).Get("/patients/ada/referrals").Says("Closed 1", "Referral to cardiology")
}

// Every open state has an end after which the queue says so, by the clock alone: no job has to run.
func TestEveryStateBecomesOverdue(t *testing.T) {
	for _, c := range []struct {
		priority string
		steps    [][]string
		last     string // the last day that is not late
	}{
		{"routine", nil, "2026-11-25"},
		{"urgent", nil, "2026-11-24"},
		{"stat", nil, "2026-11-23"},
		{"routine", [][]string{{"sent", "how", "fax", "to", "X", "day", "23-Nov-2026"}}, "2026-11-30"},
		{"urgent", [][]string{{"sent", "how", "fax", "to", "X", "day", "23-Nov-2026"}}, "2026-11-25"},
		{"routine", [][]string{{"sent", "how", "fax", "to", "X", "day", "23-Nov-2026", "due", "3 weeks"}}, "2026-12-14"},
		{"routine", [][]string{{"sent", "how", "fax", "to", "X", "day", "23-Nov-2026"}, {"declined", "note", "full", "day", "23-Nov-2026"}}, "2026-11-25"},
		{"routine", [][]string{{"booked", "day", "in 3 weeks"}}, "2026-12-14"},
		{"routine", [][]string{{"booked", "day", "in 3 weeks"}, {"missed", "day", "23-Nov-2026"}}, "2026-11-26"},
		{"routine", [][]string{{"booked", "day", "in 3 weeks"}, {"seen", "day", "23-Nov-2026"}}, "2026-12-07"},
		{"routine", [][]string{{"report", "day", "23-Nov-2026", "note", "all well"}}, "2026-11-26"},
		{"routine", [][]string{{"note", "due", "5 days"}}, "2026-11-25"}, // before it is sent, no later than is usual
	} {
		s, now := site(t)
		rao := s.By(access.Clinician).Beside()
		ref := refer(t, s, c.priority)
		for _, st := range c.steps {
			rao.Edit(ref+"/"+st[0], st[1:]...).Want(200)
		}
		last, err := time.Parse(time.DateOnly, c.last)
		if err != nil {
			t.Fatal(err)
		}
		*now = last.Add(24*time.Hour - time.Second)
		rao.Get("/referrals").Hides("Overdue")
		*now = last.Add(24 * time.Hour)
		if q := rao.Get("/referrals").Want(200); !strings.Contains(q.Text(), "Overdue") {
			t.Errorf("%s %v: not overdue after %s: %s", c.priority, c.steps, c.last, q.Text())
		}
	}
}

func TestTheQueueHidesNothing(t *testing.T) {
	s, _ := site(t)
	const cat = `"category":[{"coding":[{"system":"http://snomed.info/sct","code":"3457005"}]}]`
	s.Put(`{"resourceType":"ServiceRequest","id":"r1","status":"active","intent":"order",`+cat+`,"code":{"text":"From another system"},"subject":{"reference":"Patient/ada"}}`,
		`{"resourceType":"ServiceRequest","id":"r2","status":"completed","intent":"order",`+cat+`,"code":{"text":"Reported done, never reviewed"},"subject":{"reference":"Patient/ada"}}`,
		`{"resourceType":"Task","id":"t2","status":"in-progress","intent":"order","code":{"coding":[{"system":"https://osler.example/fhir/CodeSystem/task","code":"order"}]},"businessStatus":{"coding":[{"system":"https://osler.example/fhir/CodeSystem/referral-state","code":"sent"}]},"description":"Reported done, never reviewed","focus":{"reference":"ServiceRequest/r2"},"for":{"reference":"Patient/ada"},"owner":{"reference":"Practitioner/gone"}}`,
		`{"resourceType":"ServiceRequest","id":"r3","status":"active","intent":"order",`+cat+`,"code":{"text":"A result came for it"},"subject":{"reference":"Patient/ada"}}`,
		`{"resourceType":"Task","id":"t3","status":"in-progress","intent":"order","code":{"coding":[{"system":"https://osler.example/fhir/CodeSystem/task","code":"order"}]},"businessStatus":{"coding":[{"system":"https://osler.example/fhir/CodeSystem/order-state","code":"resulted"}]},"focus":{"reference":"ServiceRequest/r3"},"for":{"reference":"Patient/ada"}}`)
	q := s.By(access.Clinician).Get("/referrals").Want(200)
	q.Says("From another system", "no due day", "Reported done, never reviewed", "Report here, to review 1", "A result came for it", "Everybody's 3")
	s.By(access.Clinician).Get("/patients/ada/referrals/r1").Want(200).Says("To be sent")
	// An order without a Task gets one, once.
	rao := s.By(access.Clinician).Beside()
	rao.Edit("/patients/ada/referrals/r1/sent", "how", "phone", "to", "Harbor Heart", "day", "some day").Want(422)
	rao.Edit("/patients/ada/referrals/r1/sent", "how", "phone", "to", "Harbor Heart", "day", "23-Nov-2026").Want(200)
	if n := len(s.All("Task")); n != 3 {
		t.Errorf("%d tasks", n)
	}
}

func TestTwoPeopleAtOnce(t *testing.T) {
	s, _ := site(t)
	ref := refer(t, s)
	rao, kim := s.By(access.Clinician).Beside(), s.By(access.Nurse).Called("Practitioner/kim", "Ana Kim RN").Beside()
	mine, theirs := rao.Get(ref+"/sent").Value("version"), kim.Get(ref+"/cancel").Value("version")
	rao.Edit(ref+"/sent", "version", mine, "how", "fax", "to", "Harbor Heart", "day", "23-Nov-2026").Want(200)
	kim.Edit(ref+"/cancel", "version", theirs, "note", "Patient moved away").Want(409).Says("nothing of yours was saved", "It stands at: Sent.", "faxed by hand, to Harbor Heart")
	rao.Edit(ref+"/sent", "version", mine, "how", "fax", "to", "Harbor Heart", "day", "23-Nov-2026").Want(409) // sent twice
	if o := s.One("ServiceRequest"); o.Get("status").Text() != "active" {
		t.Error("cancelled all the same")
	}
	if n := strings.Count(string(s.One("Task").Bytes()), `faxed by hand`); n != 1 {
		t.Errorf("noted %d times", n)
	}
	kim.Edit(ref + "/cancel").Want(422).Says("Say why")
	kim.Edit(ref+"/cancel", "note", "Patient moved away").Want(200)
	if o, task := s.One("ServiceRequest"), s.One("Task"); o.Get("status").Text() != "revoked" || task.Get("statusReason").Get("text").Text() != "Patient moved away" {
		t.Errorf("%s %s", o.Bytes(), task.Bytes())
	}
	rao.Edit(ref+"/sent", "how", "fax", "to", "X", "day", "23-Nov-2026").Want(409)
}

func TestWhoMayNot(t *testing.T) {
	s, _ := site(t)
	ref := refer(t, s)
	s.Put(`{"resourceType":"Patient","id":"bob","name":[{"family":"Bell"}]}`)
	for _, role := range []access.Role{access.Biller, access.Patient} {
		for _, page := range []string{"/referrals", "/referrals/new", "/patients/ada/referrals", ref, ref + "/packet", ref + "/enclosures", ref + "/sent"} {
			s.By(role).Get(page).Want(404)
		}
		s.By(role).Edit(ref+"/sent", "how", "fax", "to", "X", "day", "23-Nov-2026").Want(404)
		s.By(role).Edit("/referrals", "name", "X", "referrer", "Y", "reason", "Z", "day", "23-Nov-2026", "came", "fax", "priority", "routine", "owner", "").Want(404)
	}
	other := strings.Replace(ref, "/ada/", "/bob/", 1)
	s.By(access.Clinician).Get(other).Want(404)
	s.By(access.Clinician).Get(other + "/packet").Want(404)
	s.By(access.Clinician).Edit(other+"/cancel", "note", "x").Want(404)
	s.By(access.Clinician).Get(ref + "/somewhere").Want(404)
	if n := len(s.All("Task")); n != 1 {
		t.Errorf("%d tasks", n)
	}
}
