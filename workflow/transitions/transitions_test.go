package transitions_test

import (
	"strings"
	"testing"
	"time"

	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/slice/slicetest"
	"github.com/osler-ehr/osler/workflow/transitions"
)

// site is a practice on a Monday, whose clock can be moved.
func site(t testing.TB) (*slicetest.Site, *time.Time) {
	t.Helper()
	s := slicetest.New(t)
	now := slicetest.Now
	s.Deps.Shell.Now = func() time.Time { return now }
	s.Put(`{"resourceType":"Practitioner","id":"kim","active":true,"name":[{"family":"Kim","given":["Ana"]}]}`, `{"resourceType":"Patient","id":"bob","name":[{"family":"Bell"}]}`)
	s.Serve(transitions.Slice(s.Deps))
	return s, &now
}

const notices = "/patients/ada/transitions"

func discharge(t testing.TB, s *slicetest.Site, until string) string {
	t.Helper()
	nurse := s.By(access.Nurse).Beside()
	form := nurse.Get(notices + "/new").Want(200)
	send := []string{"once", form.Value("once"), "kind", "discharged", "where", "County Hospital", "from", "15-Nov-2026", "until", until, "reason", "Pneumonia", "to", "home", "how", "fax", "owner", "pool:nurses"}
	nurse.Edit(notices, send...).Want(200).Says("County Hospital: the notice is entered. Reach the patient by")
	nurse.Edit(notices, send...).Want(200) // the answer was lost
	return "/transitions/" + s.One("Task").ID()
}

func TestADischargeIsFollowedUpWithEvidence(t *testing.T) {
	s, now := site(t)
	task := discharge(t, s, "20-Nov-2026") // a Friday
	enc := s.One("Encounter")
	for _, want := range []string{`"code":"IMP"`, `"status":"finished"`, `"end":"2026-11-20"`, `"display":"County Hospital"`, `"text":"Pneumonia"`, `"code":"home"`} {
		if !strings.Contains(string(enc.Bytes()), want) {
			t.Errorf("without %s: %s", want, enc.Bytes())
		}
	}
	kim := s.By(access.Nurse).Called("Practitioner/kim", "Ana Kim RN").Beside()
	kim.Get("/transitions").Want(200).Says("To follow up", "Home from County Hospital", "Discharged 20-Nov-2026", "Next: patient reached", "due 24-Nov-2026", "All nurses") // the weekend does not count
	kim.Get(task).Says("Pneumonia", "Medicines reconciled", "due 27-Nov-2026")
	kim.Edit(task+"/attempt", "day", "23-Nov-2026", "note", "No answer").Want(200)
	kim.Get("/transitions").Says("1 attempt in vain", "due 24-Nov-2026")
	*now = time.Date(2026, 11, 24, 23, 59, 59, 0, time.UTC)
	kim.Get("/transitions").Hides("Overdue")
	*now = time.Date(2026, 11, 25, 0, 0, 0, 0, time.UTC)
	kim.Get("/transitions").Says("Overdue", "was due 24-Nov-2026")
	*now = time.Date(2026, 11, 25, 9, 0, 0, 0, time.UTC)
	kim.Edit(task+"/contact", "day", "25-Nov-2026").Want(422).Says("Say how")
	kim.Edit(task+"/contact", "day", "19-Nov-2026", "note", "Telephone").Want(422).Says("That is before the discharge.")
	kim.Edit(task+"/contact", "day", "26-Nov-2026", "note", "Telephone").Want(422).Says("future")
	kim.Edit(task+"/contact", "day", "25-Nov-2026", "note", "Telephone with the husband; no fever").Want(200)
	kim.Get("/transitions").Says("Next: medicines reconciled", "due 27-Nov-2026").Hides("Overdue")
	kim.Edit(task+"/reconciliation", "day", "25-Nov-2026", "note", "Discharge list; lisinopril stopped").Want(200)
	kim.Edit(task + "/visit").Want(422).Says("If there is none here yet, it is not done.")
	s.Put(`{"resourceType":"Encounter","id":"v0","status":"finished","class":{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"AMB"},"type":[{"text":"Before"}],"subject":{"reference":"Patient/ada"},"period":{"start":"2026-11-10T10:00:00Z"}}`,
		`{"resourceType":"Encounter","id":"v1","status":"finished","class":{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"AMB"},"type":[{"text":"Hospital follow-up"}],"subject":{"reference":"Patient/ada"},"period":{"start":"2026-11-25T08:00:00Z"}}`,
		`{"resourceType":"Encounter","id":"v2","status":"finished","class":{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"AMB"},"type":[{"text":"Of Bob"}],"subject":{"reference":"Patient/bob"},"period":{"start":"2026-11-25T08:00:00Z"}}`)
	kim.Get(task+"/visit").Says("Hospital follow-up, 25-Nov-2026").Hides("Before", "Of Bob", "Hospital stay")
	kim.Edit(task+"/visit", "visit", "Encounter/v2").Want(422)
	kim.Edit(task+"/visit", "visit", "Encounter/v1").Want(200).Says("The follow-up is complete.")
	done := s.One("Task")
	if done.Get("status").Text() != "completed" || !strings.Contains(string(done.Bytes()), `"reference":"Encounter/v1"`) || !strings.Contains(string(done.Bytes()), "Practitioner/kim") {
		t.Errorf("%s", done.Bytes())
	}
	kim.Get("/transitions").Says("Nobody waits for a follow-up")
}

func TestBothClocks(t *testing.T) {
	for until, want := range map[string][2]string{ // discharged: reach by, see by
		"16-Nov-2026": {"18-Nov-2026", "23-Nov-2026"}, // Monday
		"18-Nov-2026": {"20-Nov-2026", "25-Nov-2026"}, // Wednesday
		"19-Nov-2026": {"23-Nov-2026", "26-Nov-2026"}, // Thursday
		"20-Nov-2026": {"24-Nov-2026", "27-Nov-2026"}, // Friday
		"21-Nov-2026": {"24-Nov-2026", "28-Nov-2026"}, // Saturday
		"22-Nov-2026": {"24-Nov-2026", "29-Nov-2026"}, // Sunday
	} {
		s, _ := site(t)
		s.By(access.Nurse).Get(discharge(t, s, until)).Want(200).Says(want[0], want[1])
	}
}

func TestAnAdmissionIsEndedByItsDischarge(t *testing.T) {
	s, _ := site(t)
	nurse := s.By(access.Nurse).Beside()
	nurse.Edit(notices, "kind", "admitted", "where", "County Hospital", "from", "15-Nov-2026", "reason", "Pneumonia", "owner", "pool:nurses").Want(200)
	if s.One("Encounter").Get("status").Text() != "in-progress" || len(s.All("Task")) != 0 {
		t.Error("an admission has no clock")
	}
	discharge(t, s, "20-Nov-2026")
	e := s.One("Encounter") // the same stay
	if e.Get("status").Text() != "finished" || e.Get("period").Get("start").Text() != "2026-11-15" {
		t.Errorf("%s", e.Bytes())
	}
}

// A stay does not end before the day on which the record has it begin, though the form of the discharge says no day.
func TestADischargeBeforeItsAdmission(t *testing.T) {
	s, _ := site(t)
	nurse := s.By(access.Nurse).Beside()
	nurse.Edit(notices, "kind", "admitted", "where", "County Hospital", "from", "15-Nov-2026", "owner", "pool:nurses").Want(200)
	send := []string{"kind", "discharged", "where", "County Hospital", "to", "home", "owner", "pool:nurses", "until"}
	nurse.Edit(notices, append(send, "10-Nov-2026")...).Want(422).Says("The stay here began on 15-Nov-2026.")
	if s.One("Encounter").Get("status").Text() != "in-progress" || len(s.All("Task")) != 0 {
		t.Error("something was made")
	}
	nurse.Edit(notices, append(send, "20-Nov-2026")...).Want(200)
}

// The list of patients says when it is not the whole, and takes no more than a name.
func TestFindingAPatientForANotice(t *testing.T) {
	s, _ := site(t)
	var many []string
	for i := range 21 {
		many = append(many, `{"resourceType":"Patient","id":"w`+string(rune('a'+i))+`","name":[{"family":"Winter"}]}`)
	}
	s.Put(many...)
	nurse := s.By(access.Nurse)
	nurse.Get("/transitions?q=winter").Want(200).Says("The first 20.")
	nurse.Get("/transitions?q=bell").Want(200).Says("BELL").Hides("The first")
	nurse.Get("/transitions?q=" + strings.Repeat("a+", 200)).Want(422)
}

func TestAStepCanBeRuledOut(t *testing.T) {
	s, _ := site(t)
	task := discharge(t, s, "20-Nov-2026")
	nurse := s.By(access.Nurse).Beside()
	nurse.Edit(task + "/no-contact").Want(422).Says("Say why")
	for _, step := range []string{"no-contact", "no-reconciliation", "no-visit"} {
		nurse.Edit(task+"/"+step, "note", "Readmitted on 22-Nov-2026").Want(200)
	}
	if s.One("Task").Get("status").Text() != "completed" {
		t.Error("waits still")
	}
	nurse.Get(task).Says("Not done: Readmitted on 22-Nov-2026")
}

func TestANoticeThatIsNotWhole(t *testing.T) {
	s, _ := site(t)
	nurse := s.By(access.Nurse).Beside()
	for _, c := range []struct{ field, value, want string }{
		{"where", "", "Say which hospital."}, {"until", "", "Say on which day: the clocks begin with it."}, {"until", "2026", "The clocks need the day."}, {"until", "01-Dec-2026", "future"},
		{"until", "01-Nov-2026", "It cannot end before it began."}, {"to", "moon", "Choose to where."}, {"kind", "x", "Choose what the notice tells of."}, {"owner", "Practitioner/x", "Choose somebody"},
	} {
		send := []string{"kind", "discharged", "where", "County Hospital", "from", "15-Nov-2026", "until", "20-Nov-2026", "to", "home", "owner", "pool:nurses", "reason", "Pneumonia"}
		for i := 0; i < len(send); i += 2 {
			if send[i] == c.field {
				send[i+1] = c.value
			}
		}
		if a := nurse.Edit(notices, send...).Want(422).Says(c.want); a.Value("reason") != "Pneumonia" {
			t.Errorf("%s: what was typed is lost", c.field)
		}
	}
	if len(s.All("Encounter"))+len(s.All("Task")) != 0 {
		t.Error("something was made")
	}
}

func TestTwoPeopleAtOnce(t *testing.T) {
	s, _ := site(t)
	task := discharge(t, s, "20-Nov-2026")
	nurse, kim := s.By(access.Nurse).Beside(), s.By(access.Nurse).Called("Practitioner/kim", "Ana Kim RN").Beside()
	a, b := nurse.Get(task+"/contact").Value("version"), kim.Get(task+"/contact").Value("version")
	nurse.Edit(task+"/contact", "version", a, "day", "23-Nov-2026", "note", "Telephone").Want(200)
	kim.Edit(task+"/contact", "version", b, "day", "23-Nov-2026", "note", "At the door").Want(409).Says("nothing of yours was saved", "Telephone")
	kim.Edit(task+"/contact", "day", "23-Nov-2026", "note", "At the door").Want(409) // done already
	if strings.Contains(string(s.One("Task").Bytes()), "At the door") {
		t.Error("overwritten")
	}
}

func TestWhoMayNot(t *testing.T) {
	s, _ := site(t)
	task := discharge(t, s, "20-Nov-2026")
	for _, role := range []access.Role{access.FrontDesk, access.Biller, access.Patient} {
		for _, page := range []string{"/transitions", task, task + "/contact", notices + "/new"} {
			s.By(role).Get(page).Want(404)
		}
		s.By(role).Edit(task+"/contact", "day", "23-Nov-2026", "note", "x").Want(404)
		s.By(role).Edit(notices, "kind", "admitted", "where", "x", "from", "15-Nov-2026", "owner", "").Want(404)
	}
	s.By(access.Nurse).Get(task + "/something").Want(404)
	s.By(access.Nurse).Get("/transitions?q=okafor").Want(200).Says("OKAFOR, Adaeze")
	s.By(access.Nurse).Get("/transitions?q=nobody").Want(200).Says("Nobody of this name")
}
