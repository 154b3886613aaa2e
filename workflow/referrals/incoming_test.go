package referrals_test

import (
	"strings"
	"testing"
	"time"

	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/slice/slicetest"
)

var letter = []string{"name", "Okafor, Adaeze", "born", "14-Jul-1968", "phone", "555-0101", "referrer", "Dr Lee, Pine Clinic", "reach", "fax 555-0177", "reason", "Diabetes care nearer home", "came", "fax", "day", "23-Nov-2026", "priority", "routine", "owner", "pool:clinicians"}

func enter(t testing.TB, s *slicetest.Site) string {
	t.Helper()
	nurse := s.By(access.Nurse).Beside()
	form := nurse.Get("/referrals/new").Want(200).Says("Referral to us")
	send := append([]string{"once", form.Value("once")}, letter...)
	nurse.Edit("/referrals", send...).Want(200).Says("Referral from Dr Lee, Pine Clinic entered")
	nurse.Edit("/referrals", send...).Want(200) // the answer was lost
	return "/referrals/in/" + s.One("Task").ID()
}

func TestAReferralToUs(t *testing.T) {
	s, now := site(t)
	in := enter(t, s)
	rao := s.By(access.Clinician).Beside()
	rao.Get("/referrals").Says("To decide", "Okafor, Adaeze", "Referral from Dr Lee, Pine Clinic", "Diabetes care nearer home", "due 25-Nov-2026", "All clinicians")
	*now = time.Date(2026, 11, 26, 0, 0, 0, 0, time.UTC)
	rao.Get("/referrals").Says("Overdue", "was due 25-Nov-2026")
	form := rao.Get(in + "/accepted").Want(200)
	if form.Value("patient-id") != "ada" || !strings.Contains(form.Value("patient"), "14-Jul-1968") {
		t.Errorf("the patient of this name and birth date is not proposed: %q %q", form.Value("patient-id"), form.Value("patient"))
	}
	rao.Edit(in+"/accepted", "version", form.Value("version"), "patient", "Somebody").Want(422).Says("Choose the patient from the list.")
	rao.Edit(in+"/accepted", "version", form.Value("version"), "patient-id", "nobody").Want(422).Says("This patient is not there.")
	if strings.Contains(rao.Get("/referrals/patients?q=okaf").Want(200).Body, `data-value="ada"`) == false {
		t.Error("not found by name")
	}
	rao.Edit(in+"/accepted", "version", form.Value("version"), "patient-id", "ada").Want(200).Says("accepted, to book.")
	rao.Edit(in+"/booked", "day", "04-Dec-2026").Want(200)
	rao.Get("/referrals").Says("Booked for 04-Dec-2026", "OKAFOR, Adaeze")
	*now = time.Date(2026, 12, 4, 16, 0, 0, 0, time.UTC)
	rao.Edit(in+"/seen", "day", "04-Dec-2026").Want(200)
	rao.Get(in).Says("Seen, report owed", "Report given to the referrer")
	rao.Edit(in+"/reported", "how", "fax", "to", "Dr Lee, Pine Clinic", "day", "04-Dec-2026").Want(200)
	task := s.One("Task")
	if task.Get("status").Text() != "completed" || task.Get("for").Get("reference").Text() != "Patient/ada" || !strings.Contains(string(task.Bytes()), "faxed by hand, to Dr Lee, Pine Clinic") {
		t.Errorf("%s", task.Bytes())
	}
	rao.Get("/referrals").Says("No open referrals")
	s.By(access.Clinician).Get("/patients/ada/referrals").Says("To us 1")
}

func TestADeclinedReferralWaitsUntilTheReferrerWasTold(t *testing.T) {
	s, _ := site(t)
	in := enter(t, s)
	rao := s.By(access.Clinician).Beside()
	rao.Edit(in + "/declined").Want(422).Says("Say why")
	rao.Edit(in+"/declined", "note", "No places until March").Want(200)
	rao.Get("/referrals").Says("Declined, referrer to be told")
	rao.Edit(in+"/told", "how", "phone", "to", "Pine Clinic", "day", "23-Nov-2026").Want(200)
	task := s.One("Task")
	if task.Get("status").Text() != "rejected" || task.Get("statusReason").Get("text").Text() != "No places until March" {
		t.Errorf("%s", task.Bytes())
	}
	rao.Get("/referrals").Says("No open referrals")
	rao.Edit(in+"/accepted", "patient-id", "ada").Want(409)
}

func TestTwoDecideAtOnce(t *testing.T) {
	s, _ := site(t)
	in := enter(t, s)
	rao, lin := s.By(access.Clinician).Beside(), s.By(access.Clinician).Called("Practitioner/lin", "Dr Mei Lin").Beside()
	a, b := rao.Get(in+"/accepted").Value("version"), lin.Get(in+"/declined").Value("version")
	rao.Edit(in+"/accepted", "version", a, "patient-id", "ada").Want(200)
	lin.Edit(in+"/declined", "version", b, "note", "Full").Want(409).Says("It stands at: Accepted, to book.")
	if s.One("Task").Get("status").Text() != "accepted" {
		t.Error("declined all the same")
	}
}

func TestAReferralThatIsNotWhole(t *testing.T) {
	s, _ := site(t)
	nurse := s.By(access.Nurse).Beside()
	for field, want := range map[string]string{"name": "Say who is sent", "referrer": "Say who sends", "reason": "Say why", "day": "Say on which day"} {
		send := append([]string{}, letter...)
		for i := 0; i < len(send); i += 2 {
			if send[i] == field {
				send[i+1] = ""
			}
		}
		a := nurse.Edit("/referrals", send...).Want(422).Says(want)
		if field != "reason" && a.Value("reason") != "Diabetes care nearer home" {
			t.Errorf("%s: what was typed is lost", field)
		}
	}
	if n := len(s.All("Task")); n != 0 {
		t.Errorf("%d were made", n)
	}
}
