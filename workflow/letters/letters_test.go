package letters_test

import (
	"bytes"
	"encoding/base64"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/slice/slicetest"
	"github.com/osler-ehr/osler/workflow/letters"
)

var update = flag.Bool("update", false, "write the golden files anew")

func coded(system, code, text string) string {
	return `{"coding":[{"system":"` + system + `","code":"` + code + `"}],"text":"` + text + `"}`
}

const (
	clinical = "http://terminology.hl7.org/CodeSystem/condition-clinical"
	category = "http://terminology.hl7.org/CodeSystem/observation-category"
)

// site is a practice with a patient who was seen on 20-Nov-2026, and with another whose facts must appear nowhere.
func site(t testing.TB) *slicetest.Site {
	t.Helper()
	s := slicetest.New(t)
	s.Put(`{"resourceType":"Patient","id":"ada","active":true,"identifier":[{"type":{"coding":[{"code":"MR"}]},"system":"urn:mrn","value":"100482771"}],"name":[{"family":"Nguyễn-Żółć","given":["Thị Hương"]}],"birthDate":"1968-07-14","gender":"female"}`,
		`{"resourceType":"Patient","id":"bob","active":true,"name":[{"family":"Bell","given":["Bob"]}],"birthDate":"1951-03-02","gender":"male"}`)
	for _, who := range []string{"ada", "bob"} {
		about := `"subject":{"reference":"Patient/` + who + `"}`
		x := map[string]string{"ada": "", "bob": "of Bob "}[who]
		visit := `,"encounter":{"reference":"Encounter/v-` + who + `"}`
		s.Put(`{"resourceType":"Encounter","id":"v-`+who+`","status":"finished","class":{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"AMB"},"type":[{"text":"Follow-up"}],`+about+`,"participant":[{"individual":{"reference":"Practitioner/rao","display":"Dr Priya Rao"}}],"period":{"start":"2026-11-20T09:00:00Z"},"reasonCode":[{"text":"`+x+`Knee pain"}]}`,
			`{"resourceType":"Condition","id":"c1-`+who+`","clinicalStatus":`+coded(clinical, "active", "Active")+`,"code":{"text":"`+x+`Type 2 diabetes mellitus"},`+about+`,"onsetDateTime":"2014-03"}`,
			`{"resourceType":"Condition","id":"c2-`+who+`","clinicalStatus":`+coded(clinical, "active", "Active")+`,"verificationStatus":`+coded("http://terminology.hl7.org/CodeSystem/condition-ver-status", "provisional", "Provisional")+`,"category":[`+coded("http://terminology.hl7.org/CodeSystem/condition-category", "encounter-diagnosis", "Diagnosis")+`],"code":{"text":"`+x+`Osteoarthritis of knee"},`+about+visit+`}`,
			`{"resourceType":"MedicationRequest","id":"m1-`+who+`","status":"active","intent":"order","medicationCodeableConcept":{"text":"`+x+`metformin 500 mg tablet"},`+about+`,"authoredOn":"2024-02-01","dosageInstruction":[{"text":"Take 1 tablet twice a day"}]}`,
			`{"resourceType":"MedicationRequest","id":"m2-`+who+`","status":"active","intent":"order","medicationCodeableConcept":{"text":"`+x+`acetaminophen 500 mg tablet"},`+about+visit+`,"authoredOn":"2026-11-20","dosageInstruction":[{"text":"Take 2 tablets every 8 hours as needed"}]}`,
			`{"resourceType":"MedicationRequest","id":"m3-`+who+`","status":"stopped","intent":"order","medicationCodeableConcept":{"text":"`+x+`ibuprofen 400 mg tablet"},`+about+`,"authoredOn":"2025-02-01"}`,
			`{"resourceType":"AllergyIntolerance","id":"a1-`+who+`","clinicalStatus":`+coded("http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical", "active", "Active")+`,"code":{"text":"`+x+`Penicillin"},"patient":{"reference":"Patient/`+who+`"},"reaction":[{"manifestation":[{"text":"Hives"}],"severity":"moderate"}]}`,
			`{"resourceType":"Observation","id":"o1-`+who+`","status":"final","category":[`+coded(category, "laboratory", "Laboratory")+`],"code":`+coded("http://loinc.org", "4548-4", x+"Hemoglobin A1c")+`,`+about+`,"effectiveDateTime":"2026-11-18T08:00:00Z","valueQuantity":{"value":7.40,"unit":"%"},"interpretation":[{"coding":[{"code":"H"}]}],"referenceRange":[{"low":{"value":4.0},"high":{"value":5.6}}]}`,
			`{"resourceType":"Observation","id":"o2-`+who+`","status":"final","category":[`+coded(category, "laboratory", "Laboratory")+`],"code":`+coded("http://loinc.org", "2823-3", x+"Potassium")+`,`+about+`,"effectiveDateTime":"2024-01-05T08:00:00Z","valueQuantity":{"value":4.9,"unit":"mmol/L"}}`,
			`{"resourceType":"Observation","id":"o3-`+who+`","status":"final","category":[`+coded(category, "vital-signs", "Vital Signs")+`],"code":`+coded("http://loinc.org", "8867-4", x+"Heart rate")+`,`+about+visit+`,"effectiveDateTime":"2026-11-20T09:05:00Z","valueQuantity":{"value":72,"unit":"/min"}}`,
			`{"resourceType":"Immunization","id":"i1-`+who+`","status":"completed","vaccineCode":{"text":"`+x+`Influenza"},"patient":{"reference":"Patient/`+who+`"},"occurrenceDateTime":"2026-11-20","lotNumber":"AB12"`+visit+`}`,
			`{"resourceType":"ServiceRequest","id":"s1-`+who+`","status":"active","intent":"order","code":{"text":"`+x+`Knee X-ray"},`+about+visit+`,"authoredOn":"2026-11-20","occurrenceDateTime":"2026-11-30"}`,
			`{"resourceType":"Appointment","id":"p1-`+who+`","status":"booked","description":"`+x+`Diabetes follow-up","start":"2027-02-22T09:40:00Z","end":"2027-02-22T10:00:00Z","participant":[{"actor":{"reference":"Patient/`+who+`"},"status":"accepted"},{"actor":{"reference":"Practitioner/rao","display":"Dr Priya Rao"},"status":"accepted"}]}`,
			`{"resourceType":"DocumentReference","id":"d1-`+who+`","status":"current","docStatus":"final","type":{"text":"Progress note"},`+about+`,"date":"2026-11-20T10:00:00Z","author":[{"display":"Dr Priya Rao"}],"content":[{"attachment":{"contentType":"text/plain; charset=utf-8","title":"Progress note","data":"`+base64.StdEncoding.EncodeToString([]byte(x+"Knee swollen.\nPlan: X-ray."))+`"}}]}`)
	}
	s.Serve(letters.Slice(s.Deps, nil))
	return s
}

// words is what pdftotext reads in a file.
func words(t testing.TB, doc string) string {
	t.Helper()
	if _, err := exec.LookPath("pdftotext"); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("pdftotext is missing: install poppler-utils")
		}
		t.Skip("pdftotext is missing: install poppler-utils")
	}
	name := filepath.Join(t.TempDir(), "x.pdf")
	if err := os.WriteFile(name, []byte(doc), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("pdftotext", "-layout", name, "-").CombinedOutput()
	if err != nil {
		t.Fatalf("pdftotext: %v %s", err, out)
	}
	var lines []string
	for line := range strings.Lines(string(bytes.ReplaceAll(out, []byte("\f"), []byte("---- page ----\n")))) {
		if line = strings.Join(strings.Fields(line), " "); line != "" {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "\n") + "\n"
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s is not what was printed; it is now:\n%s", file, got)
	}
}

func pdfOf(t testing.TB, a slicetest.Answer) string {
	t.Helper()
	a.Want(200)
	if got := a.Header.Get("Content-Type"); got != "application/pdf" {
		t.Fatalf("a %s", got)
	}
	if name := a.Header.Get("Content-Disposition"); strings.Contains(name, "ada") || strings.Contains(name, "Nguy") {
		t.Errorf("the name of the file tells of the patient: %s", name)
	}
	return a.Body
}

func TestVisitSummary(t *testing.T) {
	s := site(t)
	rao := s.By(access.Clinician)
	page := rao.Get("/patients/ada/summary/v-ada").Want(200)
	page.Says("Your visit on 20-Nov-2026 with Dr Priya Rao", "Why you came Knee pain", "Osteoarthritis of knee we are not sure yet", "acetaminophen 500 mg tablet NEW: Take 2 tablets every 8 hours as needed", "metformin 500 mg tablet Take 1 tablet twice a day",
		"Heart rate 72 /min", "Influenza lot AB12", "Knee X-ray 30-Nov-2026", "22-Feb-2027, 09:40 Diabetes follow-up with Dr Priya Rao", "In an emergency call 911.").Hides("of Bob")
	golden(t, "summary.txt", words(t, pdfOf(t, rao.Get("/patients/ada/summary/v-ada/pdf"))))
	rao.Get("/patients/ada/summary/v-bob").Want(404)
	rao.Get("/patients/ada/summary/v-bob/pdf").Want(404)
	s.By(access.FrontDesk).Get("/patients/ada/summary/v-ada").Want(404)
	s.By(access.Patient).Get("/patients/ada/summary/v-ada").Want(200)
	s.By(access.Patient).Get("/patients/bob/summary/v-bob").Want(404)
}

func TestStoppedToday(t *testing.T) {
	s := site(t)
	s.Put(`{"resourceType":"Encounter","id":"now","status":"finished","class":{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"AMB"},"subject":{"reference":"Patient/ada"},"period":{"start":"2026-11-23T09:00:00Z"}}`,
		`{"resourceType":"MedicationRequest","id":"m4","status":"active","intent":"order","medicationCodeableConcept":{"text":"lisinopril 20 mg tablet"},"subject":{"reference":"Patient/ada"},"encounter":{"reference":"Encounter/now"},"authoredOn":"2026-11-23","priorPrescription":{"reference":"MedicationRequest/m1-ada"},"dosageInstruction":[{"text":"Take 1 tablet a day"}]}`)
	s.By(access.Clinician).Get("/patients/ada/summary/now").Says("lisinopril 20 mg tablet CHANGED: Take 1 tablet a day", "ibuprofen 400 mg tablet STOPPED: do not take it any more")
}

// TestMedicinesNotToBeTakenNow: what is paused says so before its directions, and what others prescribed stands with the rest.
func TestMedicinesNotToBeTakenNow(t *testing.T) {
	s := site(t)
	s.Put(`{"resourceType":"MedicationRequest","id":"paused","status":"on-hold","intent":"order","subject":{"reference":"Patient/ada"},"medicationCodeableConcept":{"text":"metformin 500 mg tablet"},"dosageInstruction":[{"text":"Take 1 tablet a day"}]}`,
		`{"resourceType":"MedicationStatement","id":"theirs","status":"active","subject":{"reference":"Patient/ada"},"medicationCodeableConcept":{"text":"warfarin 5 mg tablet"},"dosage":[{"text":"As the clinic says"}]}`)
	rao := s.By(access.Clinician)
	rao.Get("/patients/ada/summary/v-ada").Want(200).Says("metformin 500 mg tablet ON HOLD: Take 1 tablet a day", "warfarin 5 mg tablet As the clinic says")
	printed := strings.Join(strings.Fields(words(t, pdfOf(t, rao.Get("/patients/ada/print/pdf?part=medications")))), " ")
	for _, want := range []string{"metformin 500 mg tablet ON HOLD: Take 1 tablet a day on hold", "warfarin 5 mg tablet As the clinic says active, from elsewhere"} {
		if !strings.Contains(printed, want) {
			t.Errorf("%q is not printed: %s", want, printed)
		}
	}
}

func TestPrintTheChart(t *testing.T) {
	s := site(t)
	rao := s.By(access.Clinician)
	rao.Get("/patients/ada/print").Want(200).Says("Problems", "Make the PDF")
	rao.Get("/patients/ada/print?asked=yes").Want(422).Says("Tick at least one part.")
	rao.Get("/patients/ada/print?asked=yes&part=problems&from=nonsense").Want(422).Says("Not a date.")
	if to := rao.Get("/patients/ada/print?asked=yes&part=problems&part=results&from=2025").Want(303).Header.Get("Location"); to != "/patients/ada/print/pdf?from=2025&part=problems&part=results&until=" {
		t.Errorf("it leads to %s", to)
	}
	all := "?part=problems&part=medications&part=allergies&part=immunizations&part=vitals&part=results&part=notes"
	got := words(t, pdfOf(t, rao.Get("/patients/ada/print/pdf"+all)))
	golden(t, "chart.txt", got)
	if strings.Contains(got, "of Bob") {
		t.Error("another patient's facts are printed")
	}
	some := words(t, pdfOf(t, rao.Get("/patients/ada/print/pdf?part=results&from=2026-01-01&until=2026-12-31")))
	if !strings.Contains(some, "Hemoglobin A1c") || strings.Contains(some, "Potassium") || strings.Contains(some, "metformin") || !strings.Contains(some, "from 01-Jan-2026 until 31-Dec-2026") {
		t.Errorf("the results of 2026: %s", some)
	}
	events := s.All("AuditEvent")
	if len(events) != 2 {
		t.Fatalf("%d disclosures are written down, want 2", len(events))
	}
	for _, want := range []string{`"reference":"Patient/ada"`, `"reference":"Practitioner/rao"`, `"name":"Dr Priya Rao"`, `Chart as PDF: `} {
		if !strings.Contains(string(events[0].Bytes()), want) {
			t.Errorf("without %s: %s", want, events[0].Bytes())
		}
	}
	rao.Get("/patients/ada/print/pdf?part=nonsense").Want(422)
	rao.Get("/patients/nobody/print/pdf" + all).Want(404)
	s.By(access.FrontDesk).Get("/patients/ada/print/pdf" + all).Want(404)
	s.By(access.Patient).Get("/patients/bob/print/pdf" + all).Want(404)
	if n := len(s.All("AuditEvent")); n != 2 {
		t.Errorf("what was refused is written down as a disclosure: %d", n)
	}
	own := words(t, pdfOf(t, s.By(access.Patient).Get("/patients/ada/print/pdf"+all)))
	if !strings.Contains(own, "by Adaeze Okafor") {
		t.Errorf("the patient's own print: %s", own)
	}
}

// TestALongChart prints many values: all of them, each page with the identity.
func TestALongChart(t *testing.T) {
	s := site(t)
	var docs []string
	for i := range 450 {
		docs = append(docs, fmt.Sprintf(`{"resourceType":"Observation","id":"x%d","status":"final","category":[%s],"code":{"text":"Test %04d"},"subject":{"reference":"Patient/ada"},"effectiveDateTime":"2026-10-01","valueQuantity":{"value":%d,"unit":"mg/dL"}}`, i, coded(category, "laboratory", "Laboratory"), i, i))
	}
	s.Put(docs...)
	got := words(t, pdfOf(t, s.By(access.Clinician).Get("/patients/ada/print/pdf?part=results")))
	pages := strings.Split(strings.TrimSuffix(got, "---- page ----\n"), "---- page ----\n")
	for i, p := range pages {
		if !strings.HasPrefix(p, "NGUYỄN-ŻÓŁĆ, Thị Hương\nBorn 14-Jul-1968, MRN 100 482 771, Harbor Street\n") || !strings.Contains(p, fmt.Sprintf("Printed 23-Nov-2026, 10:22 by Dr Priya Rao Page %d of %d", i+1, len(pages))) {
			t.Errorf("page %d does not say whose it is: %s", i+1, p)
		}
	}
	for i := range 450 {
		if !strings.Contains(got, fmt.Sprintf("Test %04d", i)) {
			t.Fatalf("value %d of %d pages is not printed", i, len(pages))
		}
	}
}

func TestLetter(t *testing.T) {
	s := site(t)
	rao := s.By(access.Clinician).Beside()
	form := rao.Get("/patients/ada/letters/new?template=referral").Want(200)
	text := form.Value("text")
	for _, want := range []string{"Thank you for seeing Thị Hương Nguyễn-Żółć, born 14-Jul-1968, for ***.", "Problems: Type 2 diabetes mellitus.", "- metformin 500 mg tablet: take 1 tablet twice a day\n", "Allergies: Penicillin (hives)", "Recent results:\n- Hemoglobin A1c 7.40 % (high), 18-Nov-2026\n"} {
		if !strings.Contains(text, want) {
			t.Errorf("without %q: %s", want, text)
		}
	}
	if strings.Contains(text, "ibuprofen") || strings.Contains(text, "Bob") {
		t.Errorf("too much: %s", text)
	}
	once := form.Value("once")
	rao.Post("/patients/ada/letters", "once", once, "template", "referral", "to", "***", "title", "Referral", "text", text).Want(422).Says("2 blanks ***", "1 blank ***")
	rao.Post("/patients/ada/letters", "once", once, "template", "referral", "to", "***", "title", "Referral", "text", text, "draft", "yes").Want(200).Says("kept as a draft")
	draft := s.One("Composition")
	if draft.Get("status").Text() != "preliminary" || len(s.All("DocumentReference")) != 2 {
		t.Errorf("a draft: %s", draft.Bytes())
	}
	s.By(access.Patient).Get("/patients/ada/letters").Want(200).Hides("Draft", "Referral")
	s.By(access.Patient).Get("/patients/ada/letters/" + draft.ID()).Want(404)
	s.By(access.Clinician).Get("/patients/bob/letters/" + draft.ID()).Want(404)
	open := rao.Get("/patients/ada/letters/" + draft.ID()).Want(200)
	version := open.Value("version")
	signed := strings.Replace(strings.Replace(text, "***", "knee pain", 1), "***", "The X-ray is attached.", 1)
	rao.Post("/patients/ada/letters/"+draft.ID(), "version", "99", "template", "referral", "to", "Dr Ødegård", "title", "Referral", "text", signed).Want(409).Says("Somebody changed this letter")
	for range 2 {
		a := rao.Post("/patients/ada/letters/"+draft.ID(), "version", version, "template", "referral", "to", "Dr Ødegård, Harbor Ortho", "title", "Referral", "text", signed)
		if a.Code != 200 && a.Code != 409 {
			a.Want(200)
		}
	}
	c := s.One("Composition")
	if !strings.Contains(string(c.Bytes()), `"status":"final"`) || !strings.Contains(string(c.Bytes()), `"code":"signed"`) || !strings.Contains(string(c.Bytes()), "Ødegård") {
		t.Errorf("signed: %s", c.Bytes())
	}
	s.One("Provenance")
	var doc *fhir.Resource
	for _, d := range s.All("DocumentReference") {
		if d.Get("masterIdentifier").Get("value").Text() == c.Get("identifier").Get("value").Text() {
			if doc != nil {
				t.Fatal("signed twice")
			}
			doc = d
		}
	}
	if doc == nil {
		t.Fatal("no document stands beside the letter")
	}
	at := "/patients/ada/letters/" + c.ID()
	page := rao.Get(at).Want(200).Says("Signed by Dr Priya Rao", "To: Dr Ødegård, Harbor Ortho", "for knee pain")
	var plain, file string
	for a := range doc.Get("content").Values() {
		data, err := base64.StdEncoding.DecodeString(a.Get("attachment").Get("data").Text())
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasPrefix(a.Get("attachment").Get("contentType").Text(), "text/plain") {
			plain = string(data)
		} else {
			file = string(data)
		}
	}
	// What FHIR serves, what the page shows and what is printed are the same.
	squeeze := func(s string) string { return strings.Join(strings.Fields(s), " ") }
	if !strings.Contains(page.Text(), squeeze(plain)) {
		t.Errorf("the page does not show what was signed: %s", plain)
	}
	if got := pdfOf(t, s.By(access.Clinician).Get(at+"/pdf")); got != file {
		t.Error("what is printed is not the file that was signed")
	}
	golden(t, "letter.txt", words(t, file))
	for line := range strings.Lines(plain) {
		if !strings.Contains(squeeze(words(t, file)), squeeze(line)) {
			t.Errorf("the PDF is without %q", line)
		}
	}
	s.By(access.Patient).Get(at).Want(200).Says("for knee pain").Hides("Send by message")
	rao.Post(at, "template", "referral", "to", "x", "title", "x", "text", "x").Want(409).Says("This letter is signed.")
	rao.Get("/patients/ada/letters").Says("Referral Signed by Dr Priya Rao", "Follow-up: Knee pain")
}

func TestASignedLetterThatIsSentTwiceIsOne(t *testing.T) {
	s := site(t)
	rao := s.By(access.Clinician).Beside()
	once := rao.Get("/patients/ada/letters/new?template=work").Says("was seen at Harbor Street on 20-Nov-2026.").Value("once")
	for range 2 {
		rao.Post("/patients/ada/letters", "once", once, "template", "work", "to", "To whom it may concern", "title", "Certificate", "text", "Excused until 30-Nov-2026.").Want(200).Says("signed.")
	}
	s.One("Composition")
	if n := len(s.All("DocumentReference")); n != 3 {
		t.Errorf("%d documents, want those of the two notes and one letter", n)
	}
	// Thrown away.
	form := rao.Get("/patients/ada/letters/new?template=free")
	rao.Post("/patients/ada/letters", "once", form.Value("once"), "template", "free", "to", "x", "title", "Draft one", "text", "y", "draft", "yes").Want(200)
	for _, c := range s.All("Composition") {
		if c.Get("status").Text() == "preliminary" {
			rao.Post("/patients/ada/letters/"+c.ID(), "version", "1", "template", "free", "discard", "yes").Want(200).Says("thrown away")
		}
	}
	rao.Get("/patients/ada/letters").Hides("Draft one")
	s.By(access.Biller).Get("/patients/ada/letters").Want(404)
}
