package scheduling_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/slice/slicetest"
	"github.com/osler-ehr/osler/store"
	"github.com/osler-ehr/osler/store/postgres"
	"github.com/osler-ehr/osler/store/postgres/postgrestest"
	"github.com/osler-ehr/osler/store/sqlite"
	"github.com/osler-ehr/osler/workflow/scheduling"
)

// practice is a site with Dr Rao, who works Mondays to Fridays from 8 to 12 and from 13 to 17, and some patients. It is Monday 23-Nov-2026, 10:22.
func practice(t *testing.T, s *slicetest.Site) *slicetest.Site {
	t.Helper()
	s.Put(`{"resourceType":"Location","id":"main","status":"active","name":"Harbor Street"}`,
		`{"resourceType":"PractitionerRole","id":"rao-role","active":true,"practitioner":{"reference":"Practitioner/rao"},"location":[{"reference":"Location/main"}],"availableTime":[{"daysOfWeek":["mon","tue","wed","thu","fri"],"availableStartTime":"08:00:00","availableEndTime":"12:00:00"},{"daysOfWeek":["mon","tue","wed","thu","fri"],"availableStartTime":"13:00:00","availableEndTime":"17:00:00"}]}`,
		`{"resourceType":"Schedule","id":"rao","active":true,"actor":[{"reference":"Practitioner/rao","display":"Dr Priya Rao"},{"reference":"Location/main"}]}`,
		`{"resourceType":"Patient","id":"bob","name":[{"family":"Bell","given":["Bob"]}],"birthDate":"1950-01-02","gender":"male"}`)
	s.Serve(scheduling.Slice(s.Deps))
	return s
}

const (
	visits   = "/patients/ada/appointments"
	february = "2027-02-23T08:00:00Z" // the first free time three months on
)

func booking(at string, more ...string) []string {
	return append([]string{"kind", "follow-up", "with", "Schedule/rao", "when", "3 months", "time", at}, more...)
}

func TestBookAFollowUp(t *testing.T) {
	s := practice(t, slicetest.New(t))
	rao := s.By(access.Clinician).Beside()
	form := rao.Get(visits+"/new").Want(200).Says("Book a visit", "OKAFOR, Adaeze", "Tuesday 23-Feb-2027", "08:00")
	once := form.Value("once")
	if form.Value("when") != "3 months" || form.Value("time") != february {
		t.Fatalf("offers %s at %s", form.Value("when"), form.Value("time"))
	}
	done := rao.Edit(visits, booking(february, "once", once, "for", form.Value("for"), "reason", "Blood pressure")...).Want(200)
	done.Says("Follow-up visit booked for OKAFOR, Adaeze: Tuesday 23-Feb-2027, 08:00 with Dr Priya Rao.")
	rao.Edit(visits, booking(february, "once", once)...).Want(200).Says("booked for") // the answer was lost
	a, slot := s.One("Appointment"), s.One("Slot")
	for _, want := range []string{`"status":"booked"`, `"start":"2027-02-23T08:00:00.000Z"`, `"end":"2027-02-23T08:30:00.000Z"`, `"minutesDuration":30`, `"description":"Blood pressure"`, `"reference":"Slot/` + slot.ID() + `"`, `"code":"FOLLOWUP"`, `"reference":"Practitioner/rao"`, `"reference":"Location/main"`, `"reference":"Patient/ada"`} {
		if !strings.Contains(string(a.Bytes()), want) {
			t.Errorf("without %s: %s", want, a.Bytes())
		}
	}
	if slot.Get("status").Text() != "busy" || !strings.Contains(string(slot.Bytes()), `"value":"Practitioner/rao/20270223T0825Z"`) {
		t.Errorf("%s", slot.Bytes())
	}
	// It is not offered again, nor is what would overlap it.
	free := rao.Get(visits + "/free?kind=physical&with=Schedule/rao&when=3+months").Want(200)
	if strings.Contains(free.Body, `value="`+february) || !strings.Contains(free.Body, `value="2027-02-23T08:30:00Z"`) {
		t.Errorf("offered: %s", free.Body)
	}
}

// What was offered for something else is not booked, nor is what is past, at night, on a Sunday, or nonsense.
func TestNoOtherTimeIsBooked(t *testing.T) {
	s := practice(t, slicetest.New(t))
	rao := s.By(access.Clinician).Beside()
	rao.Edit(visits, booking(february, "for", "follow-up|Schedule/rao|6 weeks")...).Want(422).Says("Choose a time.", "23-Feb-2027")
	for _, at := range []string{"2026-11-23T08:00:00Z", "2027-02-23T07:00:00Z", "2027-02-23T11:45:00Z", "2027-02-21T10:00:00Z", "2027-02-23T08:01:00Z", "soon", ""} {
		rao.Edit(visits, booking(at)...).Want(422).Says("Choose a time.")
	}
	rao.Get(visits + "/free?kind=follow-up&with=Schedule/rao&when=yesterday").Want(200).Says("Not a time to come.")
	if n := len(s.All("Appointment")); n != 0 {
		t.Errorf("%d were booked all the same", n)
	}
}

func TestTakenTimesAreToldAndNotOffered(t *testing.T) {
	s := practice(t, slicetest.New(t))
	// An appointment of another system, without a Slot; and an opening that such a system keeps as a free Slot.
	s.Put(`{"resourceType":"Appointment","id":"theirs","status":"booked","start":"2027-02-23T08:15:00Z","end":"2027-02-23T08:45:00Z","participant":[{"actor":{"reference":"Patient/bob","display":"Bob Bell"},"status":"accepted"},{"actor":{"reference":"Practitioner/rao"},"status":"accepted"}]}`,
		`{"resourceType":"Slot","id":"opening","schedule":{"reference":"Schedule/rao"},"status":"free","start":"2027-02-23T09:00:00Z","end":"2027-02-23T10:00:00Z"}`)
	rao := s.By(access.Clinician).Beside()
	if form := rao.Get(visits + "/new"); form.Value("time") != "2027-02-23T08:45:00Z" && form.Value("time") != "2027-02-23T09:00:00Z" {
		t.Errorf("offers %s first", form.Value("time"))
	}
	rao.Edit(visits, booking(february)...).Want(409).Says("Taken meanwhile.", "Dr Priya Rao is booked for Bob Bell", "nothing was booked")
	rao.Edit(visits, booking("2027-02-23T09:30:00Z")...).Want(200)
	for _, doc := range s.All("Slot") {
		if doc.ID() == "opening" && doc.Get("status").Text() != "busy-unavailable" {
			t.Errorf("still open: %s", doc.Bytes())
		}
	}
	rao.Edit("/patients/ada/appointments", booking("2027-02-23T09:30:00Z", "once", "")...).Want(409)
	s.Put(`{"resourceType":"Practitioner","id":"lin","name":[{"family":"Lin"}]}`, `{"resourceType":"Schedule","id":"lin","active":true,"actor":[{"reference":"Practitioner/lin","display":"Dr Mei Lin"}]}`,
		`{"resourceType":"PractitionerRole","id":"lin-role","active":true,"practitioner":{"reference":"Practitioner/lin"},"availableTime":[{"daysOfWeek":["tue"],"availableStartTime":"08:00:00","availableEndTime":"17:00:00"}]}`)
	rao.Edit(visits, "kind", "follow-up", "with", "Schedule/lin", "when", "3 months", "time", "2027-02-23T09:45:00Z").Want(409).Says("The patient is elsewhere then.", "09:30")
}

func TestMoveAndCancel(t *testing.T) {
	s := practice(t, slicetest.New(t))
	desk := s.By(access.FrontDesk).Beside()
	desk.Edit(visits, booking(february)...).Want(200)
	id := s.One("Appointment").ID()
	at := visits + "/" + id
	form := desk.Get(at).Want(200).Says("Follow-up visit", "Tuesday 23-Feb-2027, 08:00, 30 min", "Confirmed")
	if form.Value("version") != "1" {
		t.Fatalf("version %s", form.Value("version"))
	}
	desk.Edit(at, "version", "1", "time", "2027-02-24T13:00:00Z").Want(422).Says("Say why")
	desk.Edit(at, "version", "1", "why", "pat", "when", "24-Feb-2027", "time", "2027-02-24T13:00:00Z").Want(200).Says("moved for OKAFOR, Adaeze: Wednesday 24-Feb-2027, 13:00")
	// Overlapping its own old time is no clash; somebody else's form, opened before, writes nothing.
	desk.Edit(at, "version", "1", "why", "pat", "time", "2027-02-25T13:00:00Z").Want(409).Says("Changed by somebody else.")
	desk.Edit(at, "version", "2", "why", "prov", "time", "2027-02-24T13:15:00Z").Want(200)
	desk.Get(at).Want(200).Says("Moved from 23-Feb-2027, 08:00: The patient asked", "Moved from 24-Feb-2027, 13:00: The practice asked")
	if slot := s.One("Slot"); !strings.Contains(string(slot.Bytes()), `20270224T1315Z"`) || strings.Contains(string(slot.Bytes()), `20270224T1300Z"`) {
		t.Errorf("%s", slot.Bytes())
	}
	desk.Edit("/patients/bob/appointments", booking("2027-02-24T13:00:00Z")...).Want(409)
	desk.Edit("/patients/bob/appointments", booking(february)...).Want(200) // the old time is free again
	desk.Edit(at, "version", "3", "why", "pat", "cancel", "yes").Want(200).Says("cancelled: Wednesday 24-Feb-2027, 13:15.")
	doc := string(one(t, s, id).Bytes())
	if !strings.Contains(doc, `"status":"cancelled"`) || !strings.Contains(doc, `"code":"pat"`) {
		t.Errorf("%s", doc)
	}
	desk.Get(at).Want(200).Says("Cancelled: The patient asked").Hides("Move visit")
	desk.Edit(at, "version", "4", "why", "pat", "time", "2027-02-26T08:00:00Z").Want(409)
	s.By(access.Nurse).Beside().Edit("/patients/bob/appointments", booking("2027-02-24T13:15:00Z")...).Want(200)
}

// A time that was given back is free again, however often it was booked and cancelled; so is an opening that lay over it.
func TestGivenBackIsFree(t *testing.T) {
	s := practice(t, slicetest.New(t))
	s.Put(`{"resourceType":"Slot","id":"opening","schedule":{"reference":"Schedule/rao"},"status":"free","start":"2027-02-23T08:15:00Z","end":"2027-02-23T09:15:00Z"}`)
	desk := s.By(access.FrontDesk).Beside()
	for round := range 3 {
		if form := desk.Get(visits + "/new"); form.Value("time") != february {
			t.Fatalf("round %d: offers %s first", round, form.Value("time"))
		}
		desk.Edit(visits, booking(february)...).Want(200)
		for _, doc := range s.All("Appointment") {
			if doc.Get("status").Text() == "booked" {
				desk.Edit(visits+"/"+doc.ID(), "cancel", "yes", "why", "pat").Want(200)
			}
		}
		for _, doc := range s.All("Slot") {
			if doc.Get("status").Text() != "free" || doc.Get("identifier").Exists() {
				t.Errorf("round %d: not given back: %s", round, doc.Bytes())
			}
		}
	}
	if n := len(s.All("Slot")); n != 2 {
		t.Errorf("%d Slots are left, want the opening and one", n)
	}
	// Moved away and back: what lay under the old time is open, what lies under the new one is not.
	desk.Edit(visits, booking(february)...).Want(200)
	for _, doc := range s.All("Appointment") {
		if doc.Get("status").Text() == "booked" {
			desk.Edit(visits+"/"+doc.ID(), "why", "pat", "when", "", "time", "2027-02-24T08:00:00Z").Want(200)
		}
	}
	for _, doc := range s.All("Slot") {
		if doc.ID() == "opening" && doc.Get("status").Text() != "free" {
			t.Errorf("still covered: %s", doc.Bytes())
		}
	}
}

func one(t *testing.T, s *slicetest.Site, id string) *fhir.Resource {
	t.Helper()
	for _, doc := range s.All("Appointment") {
		if doc.ID() == id {
			return doc
		}
	}
	t.Fatal("it is gone")
	return nil
}

func TestDayList(t *testing.T) {
	s := practice(t, slicetest.New(t))
	desk := s.By(access.FrontDesk)
	desk.Beside().Edit(visits, "kind", "short", "with", "Schedule/rao", "when", "", "time", "2026-11-23T10:30:00Z").Want(200)
	desk.Get("/schedule").Want(200).Says("Monday 23-Nov-2026", "Dr Priya Rao", "1 visit, 7 h 45 min open", "10:30 15 min OKAFOR, Adaeze 14-Jul-1968 (58 y) Short follow-up Confirmed", "10:45 1 h 15 min Open")
	desk.Get("/schedule?day=2026-11-22").Want(200).Says("Sunday 22-Nov-2026", "No visits and no working hours on this day")
	desk.Get("/schedule?day=whenever").Want(200).Says("Not a day")
	desk.Get("/schedule?who=Practitioner/lin").Want(200).Hides("OKAFOR")
	desk.Get("/schedule?site=Location/other").Want(200).Hides("OKAFOR")
}

// Of a clinician who works at two sites, each site's list has the visits there, and none is in neither.
func TestDayListOfTwoSites(t *testing.T) {
	s := practice(t, slicetest.New(t))
	s.Put(`{"resourceType":"Location","id":"north","status":"active","name":"North Quay"}`,
		`{"resourceType":"PractitionerRole","id":"rao-north","active":true,"practitioner":{"reference":"Practitioner/rao"},"location":[{"reference":"Location/north"}],"availableTime":[{"daysOfWeek":["mon"],"availableStartTime":"17:00:00","availableEndTime":"20:00:00"}]}`,
		`{"resourceType":"Schedule","id":"rao-north","active":true,"actor":[{"reference":"Practitioner/rao","display":"Dr Priya Rao"},{"reference":"Location/north"}]}`,
		`{"resourceType":"Appointment","id":"a1","status":"booked","start":"2026-11-23T11:00:00Z","end":"2026-11-23T11:30:00Z","participant":[{"actor":{"reference":"Patient/ada"},"status":"accepted"},{"actor":{"reference":"Practitioner/rao"},"status":"accepted"},{"actor":{"reference":"Location/main"},"status":"accepted"}]}`,
		`{"resourceType":"Appointment","id":"a2","status":"booked","start":"2026-11-23T17:30:00Z","end":"2026-11-23T18:00:00Z","participant":[{"actor":{"reference":"Patient/bob"},"status":"accepted"},{"actor":{"reference":"Practitioner/rao"},"status":"accepted"},{"actor":{"reference":"Location/north"},"status":"accepted"}]}`,
		`{"resourceType":"Appointment","id":"a3","status":"booked","description":"Where is not said","start":"2026-11-23T14:00:00Z","end":"2026-11-23T14:30:00Z","participant":[{"actor":{"reference":"Patient/bob"},"status":"accepted"},{"actor":{"reference":"Practitioner/rao"},"status":"accepted"}]}`)
	desk := s.By(access.FrontDesk)
	desk.Get("/schedule?site=Location/main").Want(200).Says("OKAFOR", "Where is not said").Hides("17:30")
	desk.Get("/schedule?site=Location/north").Want(200).Says("17:30", "Where is not said").Hides("OKAFOR")
}

// A Slot of another system is given back with what that system calls it.
func TestASlotKeepsItsName(t *testing.T) {
	s := practice(t, slicetest.New(t))
	s.Put(`{"resourceType":"Slot","id":"theirs","identifier":[{"system":"urn:other","value":"17"}],"schedule":{"reference":"Schedule/rao"},"status":"busy","start":"2027-02-23T08:00:00Z","end":"2027-02-23T08:30:00Z"}`,
		`{"resourceType":"Appointment","id":"a1","status":"booked","start":"2027-02-23T08:00:00Z","end":"2027-02-23T08:30:00Z","slot":[{"reference":"Slot/theirs"}],"participant":[{"actor":{"reference":"Patient/ada"},"status":"accepted"},{"actor":{"reference":"Practitioner/rao"},"status":"accepted"}]}`)
	s.By(access.FrontDesk).Beside().Edit(visits+"/a1", "cancel", "yes", "why", "pat").Want(200)
	if doc := s.One("Slot"); doc.Get("status").Text() != "free" || doc.Get("identifier").Index(0).Get("value").Text() != "17" {
		t.Errorf("%s", doc.Bytes())
	}
}

// Hours take the place of those that the form showed, and of no others.
func TestHoursOfTwoPeopleAtOnce(t *testing.T) {
	s := practice(t, slicetest.New(t))
	const at = "/schedule/hours"
	rao := s.By(access.Clinician).Beside()
	mine, theirs := rao.Get(at+"/new?who=Practitioner/rao&site=Location/main").Want(200), rao.Get(at+"/new?who=Practitioner/rao&site=Location/main").Want(200)
	send := func(version, hours string) []string {
		return []string{"version", version, "who", "Practitioner/rao", "site", "Location/main", "tue", hours}
	}
	rao.Edit(at, send(mine.Value("version"), "10-11")...).Want(200)
	late := rao.Edit(at, send(theirs.Value("version"), "14-15")...).Want(409).Says("They are: Tue 10:00-11:00.")
	rao.Edit(at, send(rao.Get(at+"/new").Want(200).Value("version"), "15-16")...).Want(409) // a form that was empty
	s.By(access.Clinician).Get(at).Want(200).Says("Tue 10:00-11:00")
	rao.Edit(at, send(late.Value("version"), "14-15")...).Want(200)
	s.By(access.Clinician).Get(at).Want(200).Says("Tue 14:00-15:00")
}

func TestWorkingHours(t *testing.T) {
	s := slicetest.New(t)
	s.Put(`{"resourceType":"Location","id":"main","status":"active","name":"Harbor Street"}`)
	s.Serve(scheduling.Slice(s.Deps))
	rao := s.By(access.Clinician).Beside()
	rao.Get(visits + "/new").Want(200).Says("Nobody takes appointments yet.")
	const at = "/schedule/hours"
	rao.Edit(at, "who", "Practitioner/rao", "site", "Location/main", "mon", "9 to noon").Want(422).Says("Write 08:00-12:00")
	rao.Edit(at, "who", "", "site", "").Want(422).Says("Choose whose hours these are.", "Choose the site.")
	rao.Edit(at, "who", "Practitioner/rao", "site", "Location/main", "mon", "8-12, 13:30-17", "wed", "08:00-12:00").Want(200)
	s.By(access.Clinician).Get(at).Want(200).Says("Mon 08:00-12:00, 13:30-17:00; Wed 08:00-12:00")
	rao.Edit(at, "who", "Practitioner/rao", "site", "Location/main", "tue", "10-11").Want(409).Says("There are other hours by now.", "Mon 08:00-12:00")
	rao.Edit(at, "who", "Practitioner/rao", "site", "Location/main", "tue", "10-11", "version", "1").Want(200)
	s.By(access.Clinician).Get(at).Want(200).Says("Tue 10:00-11:00").Hides("Mon")
	s.One("PractitionerRole")
	s.One("Schedule")
	rao.Get(visits+"/new").Want(200).Says("Tuesday 23-Feb-2027", "10:00")
}

func TestWhoMay(t *testing.T) {
	s := practice(t, slicetest.New(t))
	s.By(access.Biller).Get(visits + "/new").Want(404)
	s.By(access.Patient).Get(visits + "/new").Want(404)
	s.By(access.Patient).Edit(visits, booking(february)...).Want(404)
	s.By(access.Patient).Get("/schedule").Want(404)
	s.By(access.FrontDesk).Get("/schedule/hours").Want(404)
	s.By(access.FrontDesk).Beside().Edit(visits, booking(february)...).Want(200)
	id := s.One("Appointment").ID()
	s.By(access.FrontDesk).Get("/patients/bob/appointments/" + id).Want(404) // another patient's visit
	s.By(access.FrontDesk).Edit("/patients/bob/appointments/"+id, "cancel", "yes", "why", "pat").Want(404)
}

// TestNobodyIsBookedTwice lets many people book, and move visits to, the same few times at the same moment, on both stores.
func TestNobodyIsBookedTwice(t *testing.T) {
	t.Run("sqlite", func(t *testing.T) { race(t, slicetest.New(t)) })
	t.Run("postgres", func(t *testing.T) {
		if testing.Short() {
			t.Skip("not in a short run")
		}
		c := postgrestest.Require(t)
		race(t, slicetest.On(t, func(o sqlite.Options) (store.Store, error) {
			return postgres.Open(context.Background(), c.Database(t), postgres.Options{Audit: o.Audit})
		}))
	})
}

func race(t *testing.T, s *slicetest.Site) {
	practice(t, s)
	const people = 12
	for i := range people {
		s.Put(fmt.Sprintf(`{"resourceType":"Patient","id":"p%d","name":[{"family":"Family%c"}],"birthDate":"1950-01-02","gender":"male"}`, i, 'A'+i))
	}
	desk := s.By(access.FrontDesk).Beside()
	desk.Edit(visits, booking("2027-02-26T16:30:00Z")...).Want(200)
	moved := s.One("Appointment").ID()
	var wg sync.WaitGroup
	var mu sync.Mutex
	got := map[int]int{}
	answer := func(a slicetest.Answer) {
		mu.Lock()
		defer mu.Unlock()
		got[a.Code]++
		if a.Code == http.StatusConflict && !strings.Contains(a.Text(), "Taken meanwhile.") && !strings.Contains(a.Text(), "at the same moment") {
			t.Errorf("not told why: %s", a.Text())
		}
	}
	for i := range people {
		wg.Go(func() { // half of them want 08:00 for 30 minutes, half 08:15
			at := []string{february, "2027-02-23T08:15:00Z"}[i%2]
			answer(desk.Edit(fmt.Sprintf("/patients/p%d/appointments", i), booking(at)...))
		})
	}
	wg.Go(func() { answer(desk.Edit(visits+"/"+moved, "version", "1", "why", "pat", "time", february)) })
	wg.Wait()
	if got[http.StatusOK] != 1 || got[http.StatusConflict] != people {
		t.Errorf("answers: %v; want one yes and %d told that it is taken", got, people)
	}
	taken := map[string]string{}
	for _, doc := range s.All("Slot") {
		for id := range doc.Get("identifier").Values() {
			mark := id.Get("value").Text()
			if other := taken[mark]; other != "" {
				t.Errorf("%s is held by %s and %s", mark, other, doc.ID())
			}
			taken[mark] = doc.ID()
		}
	}
	from := map[string]int{}
	for _, doc := range s.All("Appointment") {
		from[doc.Get("start").Text()[:10]]++
	}
	if from["2027-02-23"] != 1 {
		t.Errorf("visits by day: %v", from)
	}
}
