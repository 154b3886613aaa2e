package documents

import (
	"context"
	"testing"

	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/access"
)

// TestFrontDeskTriage: the front desk sees what came in and is nobody's, files it to be read, and does not see it any more; what is
// administrative it sees still, but does not change.
func TestFrontDeskTriage(t *testing.T) {
	ctx := context.Background()
	s := practice(t, Options{})
	desk, rao := s.By(access.FrontDesk), s.By(access.Clinician)
	s.By(access.Program).Scoped("system/DocumentReference.cs system/Binary.cu").Upload("/documents/inbound", one("Fax 0042.txt", sampleFax), "title", "Discharge summary", "from", "County Hospital").Want(201)
	d, file := s.One("DocumentReference"), s.One("Binary")
	at := "/documents/" + d.ID()
	desk.Get("/documents").Want(200).Says("Discharge summary", "To file 1")
	form := desk.Get(at).Want(200).Says("community-acquired pneumonia", "OKAFOR, Adaeze")
	if got := desk.Get(at + "/files/0").Want(200); got.Body != sampleFax {
		t.Errorf("%q", got.Body)
	}
	version := form.Value("version")
	desk.Edit(at, "version", version, "proposal", "ada", "kind", "discharge", "title", "Discharge, pneumonia", "to", nobody).Want(422).Says("what is clinical is read by a clinician or a nurse")
	desk.Beside().Edit(at, "version", version, "proposal", "ada", "kind", "discharge", "title", "Discharge, pneumonia", "to", "pool:clinicians").Want(200).
		Says("Discharge, pneumonia filed in the chart of OKAFOR, Adaeze, to be read by All clinicians.")
	if got := s.One("Binary"); got.Root().Path("securityContext", "reference").Text() != "Patient/ada" {
		t.Errorf("the file stayed where it was: %s", got.Bytes())
	}
	if task := s.One("Task"); task.Root().Path("for", "reference").Text() != "Patient/ada" || task.Root().Path("focus", "reference").Text() != "DocumentReference/"+d.ID() {
		t.Errorf("%s", task.Bytes())
	}
	filedAt := "/patients/ada/documents/" + d.ID()
	rao.Get(filedAt).Want(200).Says("Discharge, pneumonia", "Filed, Test frontdesk")
	for _, where := range []string{at, at + "/files/0", filedAt, filedAt + "/files/0", filedAt + "/edit"} {
		if got := desk.Get(where); got.Code != 404 {
			t.Errorf("%s: %d after it was filed", where, got.Code)
		}
	}
	desk.Edit(at, "version", version, "patient", "bea", "kind", "card", "title", "x", "to", nobody).Want(404)
	desk.Edit(filedAt, "version", "2", "kind", "card", "title", "x").Want(404)
	desk.Get("/patients/ada/documents").Want(200).Says("No administrative documents", "Clinical ones are not listed").Hides("pneumonia")
	session := s.As(access.FrontDesk)
	for _, typ := range []string{"DocumentReference", "Binary"} {
		id := map[string]string{"DocumentReference": d.ID(), "Binary": file.ID()}[typ]
		if _, err := session.ReadVersion(ctx, typ, id, 1); err == nil {
			t.Errorf("the front desk reads what %s was", typ)
		}
	}

	desk.Upload("/documents", one("Card.pdf", samplePDF), "source", "mail", "title", "Insurance card").Want(303)
	var card string
	for _, x := range s.All("DocumentReference") {
		if x.ID() != d.ID() {
			card = x.ID()
		}
	}
	desk.Beside().Edit("/documents/"+card, "patient", "bea", "kind", "card", "title", "Insurance card", "to", nobody).Want(200)
	desk.Get("/patients/bea/documents/" + card).Want(200).Says("Insurance card").Hides("Correct")
	desk.Get("/patients/bea/documents/" + card + "/files/0").Want(200)
	desk.Edit("/patients/bea/documents/"+card, "kind", "card", "title", "x", "who", "Okafor", "patient", "ada", "reason", "wrong").Want(404)
	if v, err := s.As(access.Program).Read(ctx, "DocumentReference", card); err != nil || record.Signed(v.Resource()) || v.Version != 2 {
		t.Errorf("the card was changed: %v", err)
	}

	desk.Upload("/documents", one("Toner.pdf", samplePDF), "source", "mail", "title", "Cheap toner").Want(303)
	var toner string
	for _, x := range s.All("DocumentReference") {
		if x.ID() != d.ID() && x.ID() != card {
			toner = x.ID()
		}
	}
	desk.Edit("/documents/"+toner, "discard", "yes").Want(422)
	desk.Beside().Edit("/documents/"+toner, "discard", "yes", "reason", "Advertising").Want(200).Says("Cheap toner discarded.")
	desk.Get("/documents?show=discarded").Want(200).Says("Discarded by Test frontdesk", "Advertising")
	desk.Beside().Edit("/documents/" + toner + "/restore").Want(200)
	desk.Get("/documents").Want(200).Says("Cheap toner")
}
