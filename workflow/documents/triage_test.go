package documents

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/slice/slicetest"
)

// read is a resource as a program sees it.
func read(t testing.TB, s *slicetest.Site, typ, id string) *fhir.Resource {
	t.Helper()
	v, err := s.As(access.Program).Read(context.Background(), typ, id)
	if err != nil {
		t.Fatal(err)
	}
	return v.Resource()
}

// TestTriage: a fax comes in, is nobody's and nobody's to see but those who file it, and ends in the right chart, to be read.
func TestTriage(t *testing.T) {
	s := practice(t, Options{})
	rao, nurse := s.By(access.Clinician), s.By(access.Nurse)
	rao.Get("/documents").Want(200).Says("Everything is filed")
	nurse.Upload("/documents", one("Fax 0042.txt", sampleFax), "once", "0b8bdb4e-5a77-4a76-8d64-1c7aa8e4a4d5", "source", "fax", "title", "Discharge summary", "from", "County Hospital").Want(303)
	d := s.One("DocumentReference")
	file := s.One("Binary")
	at := "/documents/" + d.ID()
	if d.Get("subject").Exists() || file.Get("securityContext").Exists() {
		t.Errorf("it is somebody's already: %s", d.Bytes())
	}
	rao.Get("/documents").Want(200).Says("Discharge summary", "Fax, County Hospital, Text", "To file 1")
	for _, role := range []access.Role{access.Biller, access.Patient} {
		s.By(role).Get("/documents").Want(404)
		s.By(role).Get(at).Want(404)
		s.By(role).Get(at + "/files/0").Want(404)
	}
	if _, err := s.AsPatient(t, "ada").Read(context.Background(), "Binary", file.ID()); record.KindOf(err) != record.KindNotFound {
		t.Errorf("a patient reads what is nobody's yet: %v", err)
	}

	form := rao.Get(at).Want(200).Says("community-acquired pneumonia", "OKAFOR, Adaeze", "14-Jul-1968", "name and birth date in the text")
	if form.Value("title") != "Discharge summary" || !strings.Contains(form.Body, `<option value="discharge" selected>`) {
		t.Errorf("title %q", form.Value("title"))
	}
	if got := rao.Get(at + "/files/0").Want(200); got.Body != sampleFax {
		t.Errorf("%q", got.Body)
	}
	version := form.Value("version")
	rao.Edit(at, "version", version, "kind", "discharge", "title", "Discharge summary", "to", nobody).Want(422).Says("Choose whose document it is.")
	rao.Edit(at, "version", version, "who", "Okafor", "kind", "discharge", "title", "x", "to", nobody).Want(422).Says("what was typed alone names nobody")
	rao.Edit(at, "version", version, "proposal", "ada", "who", "Baker", "patient", "bea", "kind", "discharge", "title", "x", "to", nobody).Want(422).Says("another patient than the one ticked")
	rao.Edit(at, "version", version, "patient", "nobody", "kind", "discharge", "title", "x", "to", nobody).Want(422).Says("cannot be found")
	rao.Edit(at, "version", version, "proposal", "ada", "kind", "", "title", "", "dated", "tomorrow or so", "to", "x").Want(422).Says("Choose what it is.", "Give it a title", "Not a date", "Choose who is to read it")
	rao.Beside().Edit(at, "version", version, "proposal", "ada", "kind", "discharge", "title", "Discharge, pneumonia", "dated", "18-Nov-2026", "to", "pool:clinicians").Want(200).
		Says("Discharge, pneumonia filed in the chart of OKAFOR, Adaeze, to be read by All clinicians.")

	d = s.One("DocumentReference") // checked against US Core by this
	if d.Get("subject").Get("reference").Text() != "Patient/ada" || d.Get("description").Text() != "Discharge, pneumonia" || !strings.Contains(string(d.Bytes()), `"fax"`) {
		t.Errorf("%s", d.Bytes())
	}
	if got := s.One("Binary"); got.Root().Path("securityContext", "reference").Text() != "Patient/ada" {
		t.Errorf("%s", got.Bytes())
	}
	if task := s.One("Task"); task.Root().Path("for", "reference").Text() != "Patient/ada" || task.Root().Path("focus", "reference").Text() != "DocumentReference/"+d.ID() {
		t.Errorf("%s", task.Bytes())
	}
	rao.Get("/documents").Want(200).Says("Everything is filed")
	rao.Get(at).Want(409).Says("filed or discarded already")
	nurse.Edit(at, "version", version, "proposal", "bea", "kind", "discharge", "title", "x", "to", nobody).Want(409)
	rao.Get("/patients/ada/documents/"+d.ID()).Want(200).Says("Discharge, pneumonia", "18-Nov-2026", "Filed, Dr Priya Rao", "Fax")
	own := 0
	if err := s.AsPatient(t, "ada").Walk(context.Background(), true, func(v *record.Version) error {
		switch v.Type {
		case "Provenance", "Binary", "DocumentReference":
			own++
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if own != 3 { // each since it was filed: what it was before is nobody's
		t.Errorf("%d versions in the patient's export", own)
	}
}

// TestTriageToZero: after each the next one opens, until the queue is empty; what belongs in no chart is discarded with name and reason,
// and can be taken back.
func TestTriageToZero(t *testing.T) {
	s := practice(t, Options{})
	nurse := s.By(access.Nurse)
	nurse.Upload("/documents", []slicetest.File{{Field: "files", Name: "Cheap toner.pdf", Data: []byte(samplePDF)}, {Field: "files", Name: "Letter.pdf", Data: []byte(samplePDF)}}, "source", "mail", "title", "for one alone").Want(303)
	ids := map[string]string{}
	for _, d := range s.All("DocumentReference") {
		ids[d.Get("description").Text()] = d.ID()
	}
	toner, letter := "/documents/"+ids["Cheap toner"], "/documents/"+ids["Letter"]
	nurse.Edit(toner, "discard", "yes").Want(422).Says("Say why it belongs in no chart")
	done := nurse.Beside().Edit(toner, "discard", "yes", "reason", "Advertising").Want(200).Says("Cheap toner discarded.")
	if got := done.Header.Get("Osler-Done"); got != letter {
		t.Errorf("next comes %q, want %q", got, letter)
	}
	nurse.Get("/documents").Want(200).Says("Letter").Hides("toner")
	nurse.Get("/documents?show=discarded").Want(200).Says("Cheap toner", "Discarded by Test nurse, 23-Nov-2026, 10:22: Advertising").Hides("Letter")
	done = nurse.Beside().Edit(letter, "patient", "bea", "kind", "other", "title", "Letter", "to", nobody).Want(200).Says("Letter filed in the chart of BAKER, Bea.")
	if got := done.Header.Get("Osler-Done"); got != "" {
		t.Errorf("after the last comes %q", got)
	}
	if n := len(s.All("Task")); n != 0 {
		t.Errorf("%d tasks though nobody was to read it", n)
	}
	nurse.Edit(letter + "/restore").Want(404)
	nurse.Beside().Edit(toner + "/restore").Want(200).Says("Cheap toner is in the queue again.")
	nurse.Get("/documents").Want(200).Says("Cheap toner")
}

// TestTwoFile: two people file the same document at once; the second is told.
func TestTwoFile(t *testing.T) {
	s := practice(t, Options{})
	s.Put(`{"resourceType":"DocumentReference","id":"x","status":"current","description":"X","content":[{"attachment":{"contentType":"text/plain","data":"eA=="}}]}`)
	rao := s.By(access.Clinician)
	version := rao.Get("/documents/x").Want(200).Value("version")
	s.Put(`{"resourceType":"DocumentReference","id":"x","status":"current","description":"X, page 1","content":[{"attachment":{"contentType":"text/plain","data":"eA=="}}]}`)
	rao.Edit("/documents/x", "version", version, "patient", "ada", "kind", "other", "title", "X", "to", nobody).Want(409)
	if read(t, s, "DocumentReference", "x").Get("subject").Exists() {
		t.Error("it was filed all the same")
	}
}

func TestPeople(t *testing.T) {
	s := practice(t, Options{})
	ask := func(q string) slicetest.Answer {
		return s.By(access.Nurse).Beside().Get("/documents/people?q=" + url.QueryEscape(q)).Want(200)
	}
	for _, q := range []string{"oka", "Okafor, Ada", "14-Jul-1968", "100482771"} {
		ask(q).Says("OKAFOR, Adaeze", "100482771").Hides("BAKER")
	}
	for _, q := range []string{"zz", "o", "", "|$", strings.Repeat("x", 500)} {
		ask(q).Hides("OKAFOR")
	}
	s.By(access.Patient).Beside().Get("/documents/people?q=bak").Hides("BAKER")
}

func TestDates(t *testing.T) {
	text := "Born 07/14/1968. DOB: 1990-01-02; seen 3 March 2025, 14-Jul-1968; March 4, 2025. 31/12/1970 99/99/1980 02/30/1999 01/01/2090"
	want := []string{"1990-01-02", "1968-07-14", "1970-12-31", "2025-03-03", "2025-03-04"}
	got := dates(text, slicetest.Now)
	if strings.Join(got, " ") != strings.Join(want, " ") {
		t.Errorf("%v, want %v", got, want)
	}
}

// TestProposals: a birth date alone proposes nobody; the more of a person stands in the text, the earlier the person comes.
func TestProposals(t *testing.T) {
	s := practice(t, Options{})
	s.Put(`{"resourceType":"Patient","id":"twin","active":true,"name":[{"family":"Okafor","given":["Chidi"]}],"birthDate":"1968-07-14"}`)
	for text, want := range map[string]string{
		"Patient Adaeze Okafor, born 07/14/1968":   "ada: name and birth date in the text; twin: family name and birth date in the text",
		"Someone else, born 07/14/1968":            "",
		"Adaeze Okafor, seen 07/14/2020":           "",
		"ÖKAFOR ADAEZE 1968-07-14 MRN 100482771":   "ada: name, birth date and record number in the text; twin: family name and birth date in the text",
		"Ms. Okafor, your number 100482771, hello": "ada: family name and record number in the text",
		"": "",
	} {
		found, err := propose(context.Background(), s.As(access.Clinician), text, slicetest.Now)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, p := range found {
			got = append(got, p.ID+": "+p.Why)
		}
		if strings.Join(got, "; ") != want {
			t.Errorf("%q proposes %q, want %q", text, strings.Join(got, "; "), want)
		}
	}
}

// A list of patients that is not whole says so: the one who is meant may be among those that are not listed.
func TestMorePatientsThanAreListed(t *testing.T) {
	s := practice(t, Options{})
	for i := range 13 {
		s.Put(fmt.Sprintf(`{"resourceType":"Patient","id":"twin%d","name":[{"family":"Quist","given":["Ann"]}],"birthDate":"1980-01-%02d"}`, i, i+1))
	}
	ask := func(q string) slicetest.Answer {
		return s.By(access.Nurse).Beside().Get("/documents/people?q=" + url.QueryEscape(q)).Want(200)
	}
	if a := ask("quist").Says("More patients match: type the birth date or the record number."); strings.Count(a.Body, `role="option"`) != 12 {
		t.Errorf("%s", a.Body)
	}
	ask("01-Jan-1980").Says("QUIST").Hides("More patients match")
}
