package referrals_test

import (
	"strings"
	"testing"
	"time"

	"github.com/osler-ehr/osler/record/access"
)

// TestFrontDeskChases: the front desk sends a referral, books it and notes that the report came, knowing whom, where and until when, and
// not why; to review, to close and to cancel it stays with those who read the record.
func TestFrontDeskChases(t *testing.T) {
	s, now := site(t)
	ref := refer(t, s, "urgent")
	rao, nurse, desk := s.By(access.Clinician).Beside(), s.By(access.Nurse).Beside(), s.By(access.FrontDesk).Beside()
	// A Task of before the front desk saw any says nothing of a referral. The first step of somebody else makes it one.
	desk.Get("/referrals").Want(200).Says("No open referrals")
	desk.Get(ref).Want(404)
	form := rao.Get(ref + "/enclosures").Want(200)
	rao.Edit(ref+"/enclosures", "version", form.Value("version"), "to", "Harbor Heart", "question", "New murmur. Echo first?").Want(200)

	desk.Get("/referrals").Want(200).Says("To send", "Referral to cardiology", "OKAFOR, Adaeze", "Urgent. To Harbor Heart", "due 24-Nov-2026").Hides("murmur")
	desk.Get("/patients/ada/referrals").Want(200).Says("Referral to cardiology")
	desk.Get(ref).Want(200).Says("To be sent", "Harbor Heart", "urgent", "Dr Priya Rao", "prints the packet").Hides("murmur", "Packet to print", "Cancel", "Choose what goes with it")
	for _, page := range []string{"/packet", "/enclosures", "/cancel", "/close"} {
		desk.Get(ref + page).Want(404)
	}
	desk.Edit(ref+"/cancel", "note", "x").Want(404)
	desk.Edit(ref+"/enclosures", "to", "Somebody else", "question", "x").Want(404)

	*now = time.Date(2026, 11, 25, 9, 0, 0, 0, time.UTC)
	desk.Get("/referrals").Want(200).Says("Overdue", "was due 24-Nov-2026")
	desk.Edit(ref+"/sent", "how", "fax", "to", "Harbor Heart", "day", "25-Nov-2026").Want(200)
	desk.Edit(ref+"/booked", "day", "14-Dec-2026", "time", "14:30").Want(200)
	desk.Get("/referrals").Want(200).Says("Booked for 14-Dec-2026, 14:30").Hides("Overdue")
	*now = time.Date(2026, 12, 15, 9, 0, 0, 0, time.UTC)
	desk.Get("/referrals").Want(200).Says("Overdue", "was due 14-Dec-2026")
	desk.Edit(ref+"/missed", "day", "14-Dec-2026").Want(200)
	desk.Get("/referrals").Want(200).Says("Patient did not come")
	desk.Edit(ref+"/booked", "day", "17-Dec-2026").Want(200)
	desk.Edit(ref+"/seen", "day", "15-Dec-2026").Want(200)
	s.Put(`{"resourceType":"DocumentReference","id":"d1","status":"current","type":{"text":"Consultation"},"subject":{"reference":"Patient/ada"},"date":"2026-12-15T10:00:00Z","content":[{"attachment":{"contentType":"text/plain","data":"Tm8gdmFsdmUgZGlzZWFzZS4=","title":"Cardiology letter"}}]}`)
	desk.Get(ref + "/report").Want(200).Hides("Cardiology letter")
	desk.Edit(ref+"/report", "day", "15-Dec-2026", "report", "DocumentReference/d1").Want(422)
	desk.Edit(ref+"/report", "day", "15-Dec-2026", "note", "Filed in the chart").Want(200)
	desk.Get(ref).Want(200).Says("A clinician reviews the report").Hides("Reviewed, close")
	if o := s.One("ServiceRequest"); o.Get("status").Text() != "active" || !strings.Contains(string(o.Bytes()), "murmur") {
		t.Errorf("the order: %s", o.Bytes())
	}
	rao.Get("/referrals").Says("Report here, to review")
	rao.Edit(ref+"/close", "note", "Valve is well").Want(200)
	if o, task := s.One("ServiceRequest"), s.One("Task"); o.Get("status").Text() != "completed" || task.Get("status").Text() != "completed" {
		t.Errorf("%s %s", o.Bytes(), task.Bytes())
	}
	desk.Get("/referrals").Want(200).Says("No open referrals")
	nurse.Get("/referrals").Want(200)
}

// TestFrontDeskReferralIn: the front desk enters who is sent to us; to accept or decline the patient is for others.
func TestFrontDeskReferralIn(t *testing.T) {
	s, _ := site(t)
	desk, nurse := s.By(access.FrontDesk).Beside(), s.By(access.Nurse).Beside()
	desk.Edit("/referrals", "name", "Adaeze Okafor", "born", "14-Jul-1968", "referrer", "Dr Bay", "reason", "Diabetes", "day", "23-Nov-2026", "came", "fax", "priority", "routine", "owner", "pool:clinicians", "once", "0b8bdb4e-5a77-4a76-8d64-1c7aa8e4a4d5").Want(200)
	in := "/referrals/in/" + s.One("Task").ID()
	desk.Get(in).Want(200).Says("Came in, to decide").Hides("Accept", "Decline")
	desk.Get(in + "/accepted").Want(404)
	desk.Edit(in+"/declined", "note", "full").Want(404)
	nurse.Edit(in+"/accepted", "patient", "Okafor", "patient-id", "ada").Want(200)
	desk.Edit(in+"/booked", "day", "14-Dec-2026", "time", "14:30").Want(200)
	desk.Edit(in+"/seen", "day", "23-Nov-2026").Want(200)
	desk.Edit(in+"/reported", "how", "fax", "to", "Dr Bay", "day", "23-Nov-2026").Want(200)
	if task := s.One("Task"); task.Get("status").Text() != "completed" {
		t.Errorf("%s", task.Bytes())
	}
}
