package prescribing_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/osler-ehr/osler/record/access"
)

func TestFavourites(t *testing.T) {
	s, _ := site(t)
	s.Put(noneK, eGFR, theirs, `{"resourceType":"Patient","id":"bob","active":true,"name":[{"family":"Bell","given":["Bob"]}],"birthDate":"1951-03-02","gender":"male"}`)
	rao := s.By(access.Clinician).Beside()
	rao.Get(at + "/m1").Want(200).Says("Favourite")
	rao.Edit(at + "/m1/favourite").Want(200).Says("lisinopril 10 mg tablet, 1 tablet daily, 90 tablets is among your favourites.")
	rao.Edit(at + "/m1/favourite").Want(200) // the same is kept once
	kept := s.One("ActivityDefinition")
	contains(t, kept, `"kind":"MedicationRequest"`, `"value":"rao"`, `"code":"314076"`, `"expression":"2"`, `"quantity":{"value":90`)
	if strings.Contains(string(kept.Bytes()), "ada") {
		t.Errorf("a patient stands in it: %s", kept.Bytes())
	}
	form := rao.Get("/patients/bob/prescriptions/new").Want(200).Says("lisinopril 10 mg tablet, 1 tablet daily, 90 tablets")
	link := regexp.MustCompile(`href="(/patients/bob/prescriptions/new\?favourite=[^"]*)"`).FindStringSubmatch(form.Body)
	if link == nil {
		t.Fatal("it is not offered")
	}
	filled := rao.Get(link[1]).Want(200).Says("Take 1 tablet (10 mg) by mouth daily.", "Safety")
	for name, want := range map[string]string{"drug": "lisinopril 10 mg tablet", "code": "314076", "dose": "1 tablet", "frequency": "daily", "quantity": "90", "refills": "2"} {
		if got := filled.Value(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	lin := rao.Called("Practitioner/lin", "Dr Mei Lin")
	lin.Get("/patients/bob/prescriptions/new").Hides("lisinopril")
	lin.Get(link[1]).Want(404)
	lin.Post("/patients/bob/prescriptions/favourites/drop", "favourite", kept.ID()).Want(404)
	rao.Post("/patients/bob/prescriptions/favourites/drop", "favourite", kept.ID()).Want(409).Says("This favourite was changed meanwhile.")
	rao.Post("/patients/bob/prescriptions/favourites/drop", "favourite", kept.ID(), "favourite-version", filled.Value("favourite-version")).Want(200).Says("is no favourite any more.")
	rao.Get("/patients/bob/prescriptions/new").Hides("lisinopril")
	s.By(access.Nurse).Post(at + "/m1/favourite").Want(404)
	// What was worked out for one child's weight is no favourite.
	s.Put(`{"resourceType":"MedicationRequest","id":"kg","status":"active","intent":"order","medicationCodeableConcept":{"text":"Ibuprofen 20 MG/ML Oral Suspension"},"subject":{"reference":"Patient/ada"},"dosageInstruction":[{"doseAndRate":[{"type":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/dose-rate-type","code":"calculated"}]},"doseQuantity":{"value":5,"unit":"mL"}}]}]}`)
	rao.Edit(at + "/kg/favourite").Want(422).Says("worked out for this patient")
}

// A favourite is what was looked at: a dose that somebody else changed meanwhile is shown first.
func TestAFavouriteIsWhatWasSeen(t *testing.T) {
	s, _ := site(t)
	inDate(s)
	m1 := rxOf("m1", "ada", "314076", "lisinopril 10 MG Oral Tablet", "")
	s.Put(m1)
	rao := s.By(access.Clinician).Beside()
	version := rao.Get(at + "/m1").Want(200).Value("version")
	s.Put(strings.Replace(m1, `"value":90`, `"value":30`, 1))
	changed := rao.Post(at+"/m1/favourite", "version", version).Want(409).Says("Changed by somebody else meanwhile.", "30 tablets")
	rao.Post(at + "/m1/favourite").Want(409)
	if n := len(s.All("ActivityDefinition")); n != 0 {
		t.Fatalf("%d were kept all the same", n)
	}
	rao.Post(at+"/m1/favourite", "version", changed.Value("version")).Want(200).Says("is among your favourites")
}

func TestFillsStandWithThePrescription(t *testing.T) {
	s, _ := site(t)
	s.Put(noneK, theirs, lastFill, strings.NewReplacer(`"f1"`, `"f0"`, "2026-08-24", "2026-05-20").Replace(lastFill), strings.NewReplacer(`"f1"`, `"f2"`, "completed", "cancelled", "2026-08-24", "2026-10-20").Replace(lastFill))
	s.By(access.Clinician).Beside().Get(at+"/m1").Want(200).Says("Last fill 90 tablets on 24-Aug-2026, for 90 days", "Before that 90 tablets on 20-May-2026").Hides("20-Oct-2026")
}

func TestAMedicineFromElsewhere(t *testing.T) {
	s, _ := site(t)
	s.Put(noneK, eGFR, `{"resourceType":"MedicationRequest","id":"w","status":"active","intent":"order","medicationCodeableConcept":{"text":"warfarin sodium 5 MG Oral Tablet"},"subject":{"reference":"Patient/ada"}}`)
	nurse, rao := s.By(access.Nurse).Beside(), s.By(access.Clinician).Beside()
	const form = "/patients/ada/medications/reported"
	nurse.Get(form).Want(200).Says("A medicine from elsewhere", "Bought without a prescription")
	nurse.Get(form + "/medicines?q=ibuprofen+200").Want(200)
	nurse.Post(form, "origin", "counter").Want(422).Says("Say which medicine")
	nurse.Post(form, "drug", "ibuprofen 200 mg tablet", "origin", "counter", "dose", ".5 tablet", "frequency", "daily").Want(422).Says("Write 0.5, with a zero before the point.")
	nurse.Post(form, "drug", "ibuprofen", "origin", "moon").Want(422).Says("Choose one of these.")
	once := []string{"once", "0b36a3a5-7d3b-4b47-9a51-0d3f5f0a9f41", "drug", "ibuprofen 200 MG Oral Tablet", "code", "310965", "origin", "counter", "dose", "2 tablets", "route", "oral", "frequency", "3 times daily", "note", "For the knee"}
	nurse.Post(form, once...).Want(200).Says("added to the medications.", "Interactions: warfarin: bleeding")
	nurse.Post(form, once...).Want(200)
	var id string
	for _, m := range s.All("MedicationRequest") {
		if m.ID() != "w" {
			id = m.ID()
			contains(t, m, `"intent":"plan"`, `"reportedBoolean":true`, `"status":"active"`, `"code":"counter"`, `"text":"For the knee"`, `"frequency":3`)
		}
	}
	if len(s.All("MedicationRequest")) != 2 {
		t.Fatal("it was added twice, or not at all")
	}
	s.By(access.Clinician).Get("/patients/ada/medications").Want(200).Says("ibuprofen", "from elsewhere")
	rao.Post(at+"/check", lisinopril("")...).Says("ibuprofen: kidney injury")
	rao.Get(at+"/"+id).Want(200).Says("A medicine from elsewhere", "Prescribe here", "Stop").Hides("Renew", "Favourite")
	rao.Post(at+"/"+id+"/stop", "version", "1", "why", "Kidneys").Want(200).Says("stopped: Kidneys.")
	rao.Post(at+"/check", lisinopril("")...).Hides("kidney injury")
	// Words alone are kept as they were said.
	nurse.Post(form, "drug", "Turmeric", "origin", "counter", "dose", "a spoon in the morning").Want(200)
	s.By(access.Clinician).Get("/patients/ada/medications").Says("Turmeric", "a spoon in the morning")
	for _, role := range []access.Role{access.FrontDesk, access.Patient, access.Biller} {
		s.By(role).Get(form).Want(404)
		s.By(role).Post(form, "drug", "x", "origin", "counter").Want(404)
	}
}

// TestFavouritesAreTheSameOnlyWhole: what differs in what a title does not say is another favourite, and one that is not shown is not kept.
func TestFavouritesAreTheSameOnlyWhole(t *testing.T) {
	s, _ := site(t)
	inDate(s)
	m1 := rxOf("m1", "ada", "314076", "lisinopril 10 MG Oral Tablet", "")
	for i := range 31 {
		id := fmt.Sprintf("x%d", i)
		s.Put(strings.NewReplacer(`"id":"m1"`, `"id":"`+id+`"`, `"repeat":{`, fmt.Sprintf(`"repeat":{"boundsDuration":{"value":%d,"unit":"days","system":"http://unitsofmeasure.org","code":"d"},`, i+1)).Replace(m1))
	}
	rao := s.By(access.Clinician).Beside()
	for i := range 30 {
		rao.Edit(fmt.Sprintf("%s/x%d/favourite", at, i)).Want(200).Says(fmt.Sprintf("for %d days", i+1))
	}
	if n := len(s.All("ActivityDefinition")); n != 30 {
		t.Fatalf("%d are kept", n)
	}
	rao.Edit(at + "/x0/favourite").Want(200)
	rao.Edit(at + "/x30/favourite").Want(422).Says("You have 30 favourites")
	if n := len(s.All("ActivityDefinition")); n != 30 {
		t.Errorf("%d are kept", n)
	}
}

func TestAPlanOfOursIsNotTaken(t *testing.T) {
	s, _ := site(t)
	s.Put(noneK, strings.NewReplacer(`"intent":"order"`, `"intent":"plan"`).Replace(theirs))
	s.By(access.Clinician).Get("/patients/ada/medications").Hides("lisinopril")
}

func TestAReportedMedicineIsStopped(t *testing.T) {
	s, _ := site(t)
	s.Put(noneK, `{"resourceType":"MedicationStatement","id":"s1","status":"active","medicationCodeableConcept":{"text":"ibuprofen"},"subject":{"reference":"Patient/ada"},"dateAsserted":"2026-03-01","note":[{"text":"kept"}]}`, `{"resourceType":"Patient","id":"bob","name":[{"family":"Bell"}]}`)
	const st = "/patients/ada/medications/statements/s1"
	rao := s.By(access.Clinician).Beside()
	if page := s.By(access.Clinician).Get("/patients/ada/medications").Want(200); !strings.Contains(page.Body, `href="`+st+`"`) {
		t.Error("the line does not lead to it")
	}
	rao.Get(st).Want(200).Says("Reported medicine", "ibuprofen", "01-Mar-2026", "Stop")
	rao.Post(st+"/stop", "version", "1").Want(422).Says("Say why it is stopped.")
	rao.Post(st+"/stop", "version", "1", "why", "Stomach").Want(200).Says("stopped: Stomach.")
	contains(t, s.One("MedicationStatement"), `"status":"stopped"`, `"statusReason":[{"text":"Stomach"}]`, `"text":"kept"`)
	rao.Post(st+"/stop", "version", "2", "why", "x").Want(422).Says("It is not active any more.")
	rao.Get("/patients/bob/medications/statements/s1").Want(404)
	s.By(access.Nurse).Post(st+"/stop", "version", "2", "why", "x").Want(404)
}
