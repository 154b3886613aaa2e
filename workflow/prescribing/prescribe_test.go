package prescribing_test

import (
	"context"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/osler-ehr/osler/drugs"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/slice"
	"github.com/osler-ehr/osler/slice/slicetest"
	"github.com/osler-ehr/osler/workflow/prescribing"
)

func site(t *testing.T) (*slicetest.Site, slice.Slice) {
	t.Helper()
	medicines, err := drugs.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	s := slicetest.New(t)
	feature := prescribing.Slice(s.Deps, medicines)
	s.Serve(feature)
	return s, feature
}

const (
	at    = "/patients/ada/prescriptions"
	rx    = "http://www.nlm.nih.gov/research/umls/rxnorm"
	noneK = `{"resourceType":"AllergyIntolerance","id":"none","clinicalStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical","code":"active"}]},"code":{"coding":[{"system":"http://snomed.info/sct","code":"716186003","display":"No known allergy"}]},"patient":{"reference":"Patient/ada"}}`
	mould = `{"resourceType":"AllergyIntolerance","id":"pen","clinicalStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical","code":"active"}]},"criticality":"high","code":{"text":"Penicillin"},"patient":{"reference":"Patient/ada"},"reaction":[{"manifestation":[{"text":"Anaphylaxis"}],"severity":"severe"}]}`
	eGFR  = `{"resourceType":"Observation","id":"gfr","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"98979-8"}]},"subject":{"reference":"Patient/ada"},"effectiveDateTime":"2026-11-20","valueQuantity":{"value":52,"unit":"mL/min/1.73 m2","system":"http://unitsofmeasure.org","code":"mL/min/{1.73_m2}"}}`
)

// lisinopril is a form that is filled in whole.
func lisinopril(once string, more ...string) []string {
	return append([]string{"once", once, "drug", "lisinopril 10 mg tablet", "code", "314076", "dose", "1 tablet", "route", "oral", "frequency", "daily", "quantity", "90", "refills", "3", "reason", "Hypertension"}, more...)
}

var hidden = regexp.MustCompile(`name="fired" value="([^"]*)"`)

// fired are the findings that an answer has shown, for the next sending of the form.
func fired(a slicetest.Answer) []string {
	var out []string
	for _, m := range hidden.FindAllStringSubmatch(a.Body, -1) {
		out = append(out, "fired", m[1])
	}
	return out
}

func TestPrescribe(t *testing.T) {
	s, _ := site(t)
	s.Put(noneK, eGFR)
	rao := s.By(access.Clinician).Beside()
	rao.Get(at+"/new").Want(200).Says("New prescription", "OKAFOR, Adaeze", "14-Jul-1968", "Medicine")
	if a := rao.Get(at + "/medicines?q=lisin+10").Want(200); !strings.Contains(a.Body, `data-value="314076"`) {
		t.Fatalf("not offered: %s", a.Body)
	}
	chosen := rao.Post(at+"/fields", "drug", "lisinopril 10 mg tablet", "code", "314076").Want(200)
	for name, want := range map[string]string{"dose": "1 tablet", "frequency": "daily", "quantity": "30", "refills": "0"} {
		if got := chosen.Value(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	chosen.Says("Take 1 tablet (10 mg) by mouth daily.", "30 days of supply, until 23-Dec-2026", "No allergies known", "No adjustment known for it", "ONC high-priority list (Phansalkar 2012, 14 years old)")
	once := "0b36a3a5-7d3b-4b47-9a51-0d3f5f0a9f01"
	rao.Post(at, lisinopril(once)...).Want(200).Says("lisinopril 10 mg tablet prescribed for OKAFOR, Adaeze.")
	rao.Post(at, lisinopril(once)...).Want(200) // the answer was lost, and the form comes again
	m := s.One("MedicationRequest")
	for path, want := range map[string]string{
		"status": "active", "intent": "order", "authoredOn": "2026-11-23T10:22:00Z",
	} {
		if got := m.Get(path).Text(); got != want {
			t.Errorf("%s: %q, want %q", path, got, want)
		}
	}
	if got := string(m.Bytes()); !strings.Contains(got, `"code":"314076"`) || !strings.Contains(got, `"text":"Take 1 tablet (10 mg) by mouth daily."`) || !strings.Contains(got, `"numberOfRepeatsAllowed":3`) ||
		!strings.Contains(got, `"expectedSupplyDuration":{"value":90,"unit":"days"`) || !strings.Contains(got, `"reference":"Practitioner/rao"`) {
		t.Errorf("kept as %s", got)
	}
	if n := len(s.All("DetectedIssue")); n != 0 {
		t.Errorf("%d issues of an order in which nothing was found", n)
	}
	s.By(access.Clinician).Get("/patients/ada/medications").Want(200).Says("lisinopril 10 mg — tablet", "DOSE 1 tablet", "daily")
}

func TestRefillsOfZero(t *testing.T) {
	s, _ := site(t)
	s.Put(noneK)
	form := lisinopril("")
	for i := 0; i < len(form); i += 2 {
		if form[i] == "refills" {
			form[i+1] = "0"
		}
	}
	s.By(access.Clinician).Beside().Post(at, form...).Want(200)
	if got := string(s.One("MedicationRequest").Bytes()); !strings.Contains(got, `"numberOfRepeatsAllowed":0`) { // which is not the same as nothing said
		t.Errorf("%s", got)
	}
}

// A dose in mg becomes what the patient takes; what no tablet gives is refused.
func TestDoseInMilligrams(t *testing.T) {
	s, _ := site(t)
	s.Put(noneK)
	rao := s.By(access.Clinician).Beside()
	ask := func(drug, code, dose, quantity string) slicetest.Answer {
		return rao.Post(at+"/check", "drug", drug, "code", code, "dose", dose, "route", "oral", "frequency", "twice daily", "quantity", quantity, "refills", "0").Want(200)
	}
	ask("lisinopril 10 mg tablet", "314076", "20 mg", "60").Says("Take 2 tablets (20 mg) by mouth twice daily.", "15 days of supply, until 08-Dec-2026")
	ask("lisinopril 10 mg tablet", "314076", "2.5 mg", "15").Says("Take a quarter of a tablet (2.5 mg) by mouth twice daily.", "30 days of supply")
	ask("lisinopril 10 mg tablet", "314076", "3 mg", "15").Says("3 mg cannot be taken from 10 mg tablets. Choose another strength").Hides("days of supply")
	ask("amoxicillin 80 mg/mL oral suspension", "308189", "250 mg", "100").Says("Take 3.1 mL (248 mg) by mouth twice daily.", "16 days of supply")
	ask("omeprazole 20 mg delayed-release capsule", "198051", "10 mg", "30").Says("10 mg cannot be taken from 20 mg delayed-release capsules.")
}

func TestDoseByWeight(t *testing.T) {
	s, _ := site(t)
	s.Put(noneK)
	rao := s.By(access.Clinician).Beside()
	form := []string{"drug", "amoxicillin 80 mg/mL oral suspension", "code", "308189", "dose", "10 mg/kg", "route", "oral", "frequency", "twice daily", "days", "10", "quantity", "182", "refills", "0"}
	rao.Post(at+"/check", form...).Want(200).Says("No weight is recorded: record it, or write the dose itself.")
	s.Put(`{"resourceType":"Observation","id":"w","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"29463-7"}]},"subject":{"reference":"Patient/ada"},"effectiveDateTime":"2026-11-20","valueQuantity":{"value":72.5,"unit":"kg","system":"http://unitsofmeasure.org","code":"kg"}}`)
	shown := rao.Post(at+"/check", form...).Want(200)
	shown.Says("Take 9.1 mL (728 mg) by mouth twice daily for 10 days.", "10 mg/kg × 72.5 kg = 725 mg, weight of 20-Nov-2026")
	rao.Post(at, append(form, fired(shown)...)...).Want(200)
	if got := string(s.One("MedicationRequest").Bytes()); !strings.Contains(got, `"code":"calculated"`) || !strings.Contains(got, `"value":9.1,"unit":"mL"`) {
		t.Errorf("%s", got)
	}
}

func TestNothingForTheDead(t *testing.T) {
	s, _ := site(t)
	s.Put(noneK, `{"resourceType":"Patient","id":"ada","name":[{"family":"Okafor","given":["Adaeze"]}],"birthDate":"1968-07-14","gender":"female","deceasedDateTime":"2026-11-03"}`)
	s.By(access.Clinician).Beside().Post(at, lisinopril("")...).Want(422).Says("This patient has died: nothing can be prescribed.")
	if n := len(s.All("MedicationRequest")); n != 0 {
		t.Errorf("%d were made all the same", n)
	}
}

func TestASevereAllergyStops(t *testing.T) {
	s, _ := site(t)
	s.Put(mould)
	rao := s.By(access.Clinician).Beside()
	form := []string{"once", "0b36a3a5-7d3b-4b47-9a51-0d3f5f0a9f02", "drug", "amoxicillin 250 mg capsule", "code", "308182", "dose", "2 capsules", "route", "oral", "frequency", "3 times daily", "days", "7", "quantity", "42", "refills", "0"}
	shown := rao.Post(at+"/check", form...).Want(200)
	shown.Says("Penicillin allergy (anaphylaxis): amoxicillin is a penicillin.", "To prescribe it all the same, say why", "Drug allergy practice parameter, 2022")
	rao.Post(at, form...).Want(422).Says("Look at what the checks found, and sign again.") // signed before the checks were shown
	form = append(form, fired(shown)...)
	rao.Post(at, form...).Want(422).Says("Say why it is prescribed all the same, or change the order.")
	rao.Post(at, append(form, "answer", "other")...).Want(422).Says("Write the reason.")
	if n := len(s.All("MedicationRequest")) + len(s.All("DetectedIssue")); n != 0 {
		t.Fatalf("%d were made all the same", n)
	}
	rao.Post(at, append(form, "answer", "tolerated", "why", "Took it in 2024.")...).Want(200)
	i := s.One("DetectedIssue")
	m := s.One("MedicationRequest")
	for _, want := range []string{`"severity":"high"`, `"code":"ALGY"`, `"code":"allergy/class"`, `"reference":"MedicationRequest/` + m.ID() + `"`, `"code":"tolerated"`, `Took it in 2024.`, `"reference":"Practitioner/rao"`, "Penicillin allergy (anaphylaxis)"} {
		if !strings.Contains(string(i.Bytes()), want) {
			t.Errorf("without %s: %s", want, i.Bytes())
		}
	}
	s.By(access.Clinician).Get("/reports/medication-alerts").Want(200).Says("allergy/class", "100 %", "The patient has taken it and tolerated it 1")
}

func TestAnOrderThatIsChangedIsMeasured(t *testing.T) {
	s, _ := site(t)
	s.Put(mould)
	rao := s.By(access.Clinician).Beside()
	shown := rao.Post(at+"/check", "drug", "amoxicillin 250 mg capsule", "code", "308182", "dose", "2 capsules", "route", "oral", "frequency", "3 times daily").Want(200)
	rao.Post(at, append(lisinopril("0b36a3a5-7d3b-4b47-9a51-0d3f5f0a9f03"), fired(shown)...)...).Want(200)
	if got := string(s.One("DetectedIssue").Bytes()); !strings.Contains(got, `"code":"order-changed"`) || !strings.Contains(got, "no longer applies") {
		t.Errorf("%s", got)
	}
	s.By(access.Administrator).Get("/reports/medication-alerts").Want(200).Says("allergy/class", "0 %")
}

func TestChecksThatCouldNotRunSaySo(t *testing.T) {
	s, _ := site(t)
	s.Put(`{"resourceType":"MedicationRequest","id":"kava","status":"active","intent":"order","medicationCodeableConcept":{"text":"Kava root"},"subject":{"reference":"Patient/ada"}}`)
	a := s.By(access.Clinician).Beside().Post(at+"/check", "drug", "metformin 500 mg extended-release tablet", "code", "860975", "dose", "1 tablet", "route", "oral", "frequency", "daily").Want(200)
	a.Says("Not checked. Allergies are not recorded.", "Not checked. No eGFR or creatinine is recorded: kidney function was not checked.", "Not checked. Kava root is not known here and was not compared.")
	a = s.By(access.Clinician).Beside().Post(at+"/check", "drug", "Herbal tea", "dose", "1 dose", "route", "oral", "frequency", "daily").Want(200)
	a.Says("Herbal tea is not known here: nothing was checked.")
	if strings.Contains(a.Body, "rx-passed") {
		t.Error("a check of an unknown medicine looks passed")
	}
}

func TestWhatIsWrongComesBack(t *testing.T) {
	s, _ := site(t)
	s.Put(noneK)
	rao := s.By(access.Clinician).Beside()
	for _, c := range []struct{ field, value, want string }{
		{"drug", "", "Say which medicine"},
		{"dose", ".5 tablet", "Write 0.5, with a zero before the point."},
		{"dose", "1 spoon", "is no unit for a dose"},
		{"dose", "0.3 tablet", "The dose must be a number of whole or half units."},
		{"frequency", "sometimes", "is no frequency"},
		{"frequency", "", "Say how often"},
		{"quantity", "many", "Write how much is dispensed as a number"},
		{"refills", "-1", "A number from 0 to 99."},
		{"note", "take 10 U with MSO4", "Write it out"},
	} {
		form := lisinopril("")
		for i := 0; i < len(form); i += 2 {
			if form[i] == c.field {
				form[i+1] = c.value
			}
		}
		if c.field == "note" {
			form = append(form, "note", c.value)
		}
		a := rao.Post(at, form...).Want(422).Says(c.want)
		if c.field != "drug" && a.Value(c.field) != c.value {
			t.Errorf("%s came back as %q", c.field, a.Value(c.field))
		}
	}
	if n := len(s.All("MedicationRequest")); n != 0 {
		t.Errorf("%d were made all the same", n)
	}
}

// theirs is a prescription of another system, with much that the form does not know.
const theirs = `{"resourceType":"MedicationRequest","id":"m1","extension":[{"url":"urn:x","valueString":"kept"}],"status":"active","intent":"order","medicationCodeableConcept":{"coding":[{"system":"` + rx + `","code":"314076","display":"lisinopril 10 MG Oral Tablet"}]},"subject":{"reference":"Patient/ada"},` +
	`"authoredOn":"2026-05-01","dosageInstruction":[{"text":"Take 1 tablet daily","timing":{"repeat":{"frequency":1,"period":1.0,"periodUnit":"d"}},"route":{"coding":[{"system":"http://snomed.info/sct","code":"26643006"}]},"doseAndRate":[{"doseQuantity":{"value":1.0,"unit":"tablet"}}]}],` +
	`"dispenseRequest":{"numberOfRepeatsAllowed":2,"quantity":{"value":90,"unit":"tablet"}},"note":[{"text":"by fax"}]}`

func TestRenew(t *testing.T) {
	s, _ := site(t)
	s.Put(noneK, theirs)
	rao := s.By(access.Clinician).Beside()
	rao.Get(at+"/m1").Want(200).Says("lisinopril", "Renew", "Change", "Stop", "Print", "90 tablets")
	form := rao.Get(at+"/m1/renew").Want(200).Says("Renew a prescription", "Take 1 tablet (10 mg) by mouth daily.")
	send := []string{}
	for _, name := range []string{"once", "version", "replaces", "mode", "drug", "code", "dose", "frequency", "days", "quantity", "refills", "note", "reason"} {
		send = append(send, name, form.Value(name))
	}
	rao.Post(at, append(send, "route", "oral")...).Want(200).Says("renewed")
	var old, renewed string
	for _, m := range s.All("MedicationRequest") {
		if m.ID() == "m1" {
			old = string(m.Bytes())
		} else {
			renewed = string(m.Bytes())
		}
	}
	for _, want := range []string{`"status":"completed"`, `"valueString":"kept"`, `"text":"by fax"`, `"period":1.0`, `"statusReason":{"text":"Renewed"}`} {
		if !strings.Contains(old, want) {
			t.Errorf("the old one without %s: %s", want, old)
		}
	}
	for _, want := range []string{`"priorPrescription":{"reference":"MedicationRequest/m1"}`, `"numberOfRepeatsAllowed":2`, `"quantity":{"value":90`} {
		if !strings.Contains(renewed, want) {
			t.Errorf("the new one without %s: %s", want, renewed)
		}
	}
	if n := len(s.All("DetectedIssue")); n != 0 {
		t.Errorf("%d issues: the old prescription counts as a duplicate", n)
	}
}

func TestStop(t *testing.T) {
	s, _ := site(t)
	s.Put(theirs)
	rao := s.By(access.Clinician).Beside()
	rao.Post(at+"/m1/stop", "version", "1").Want(422).Says("Say why it is stopped.")
	rao.Post(at+"/m1/stop", "version", "1", "why", "Cough").Want(200).Says("lisinopril stopped: Cough.")
	if got := string(s.One("MedicationRequest").Bytes()); !strings.Contains(got, `"status":"stopped","statusReason":{"text":"Cough"}`) && !(strings.Contains(got, `"status":"stopped"`) && strings.Contains(got, `"statusReason":{"text":"Cough"}`)) {
		t.Errorf("%s", got)
	}
	rao.Post(at+"/m1/stop", "version", "2", "why", "Again").Want(422).Says("It is not active any more.")
	s.By(access.Clinician).Get("/patients/ada/medications").Says("Past, 1", "stopped: Cough")
}

func TestTwoPeople(t *testing.T) {
	s, _ := site(t)
	s.Put(noneK, theirs)
	rao := s.By(access.Clinician).Beside()
	rao.Post(at+"/m1/stop", "version", "1", "why", "Cough").Want(200)
	answer := rao.Post(at, append(lisinopril("0b36a3a5-7d3b-4b47-9a51-0d3f5f0a9f05"), "replaces", "m1", "mode", "renew", "version", "1")...).Want(422)
	answer.Says("Somebody else changed the prescription meanwhile.")
	if n := len(s.All("MedicationRequest")); n != 1 {
		t.Errorf("%d prescriptions: half of a transaction was kept", n)
	}
}

func TestPrint(t *testing.T) {
	s, _ := site(t)
	s.Put(mould, theirs)
	s.By(access.Clinician).Get(at+"/m1/print").Want(200).Says("Prescription", "OKAFOR, Adaeze", "14-Jul-1968", "100482771", "Penicillin", "lisinopril 10 mg", "Take 1 tablet daily", "90 tablets", "Signature")
}

func TestWhoMayNot(t *testing.T) {
	s, _ := site(t)
	s.Put(theirs, `{"resourceType":"Patient","id":"bob","name":[{"family":"Bell"}]}`)
	for _, role := range []access.Role{access.FrontDesk, access.Nurse, access.Patient, access.Biller} {
		s.By(role).Get(at + "/new").Want(404)
		s.By(role).Post(at, lisinopril("")...).Want(404)
		s.By(role).Post(at+"/m1/stop", "why", "x").Want(404)
		s.By(role).Get("/reports/medication-alerts").Want(404)
	}
	rao := s.By(access.Clinician)
	rao.Get("/patients/bob/prescriptions/m1").Want(404) // another patient's prescription
	rao.Post("/patients/bob/prescriptions/m1/stop", "why", "x").Want(404)
	rao.Post("/patients/nobody/prescriptions", lisinopril("")...).Want(404)
	rao.Post("/patients/nobody/prescriptions/check", lisinopril("")...).Want(404)
	if got := string(s.One("MedicationRequest").Bytes()); !strings.Contains(got, `"status":"active"`) {
		t.Errorf("changed: %s", got)
	}
}

func TestWithoutScript(t *testing.T) {
	s, _ := site(t)
	s.Put(noneK)
	rao := s.By(access.Clinician)
	rao.Get(at + "/new").Want(200).Says("New prescription")
	first := rao.Post(at, "drug", "lisinopril 10 MG Oral Tablet", "code", "314076", "route", "oral").Want(422).Says("Look at what is filled in", "Take 1 tablet (10 mg) by mouth daily.")
	if n := len(s.All("MedicationRequest")); n != 0 {
		t.Fatal("signed before anybody saw what is usual")
	}
	var form []string
	for _, name := range []string{"once", "drug", "code", "dose", "frequency", "quantity", "refills"} {
		form = append(form, name, first.Value(name))
	}
	if second := rao.Post(at, append(form, "route", "oral")...); second.Code != http.StatusSeeOther {
		t.Fatalf("%d: %s", second.Code, second.Text())
	}
}

func TestAdvice(t *testing.T) {
	s, feature := site(t)
	s.Put(noneK, theirs, `{"resourceType":"MedicationRequest","id":"m2","status":"active","intent":"order","medicationCodeableConcept":{"text":"warfarin sodium 5 MG Oral Tablet"},"subject":{"reference":"Patient/ada"}}`,
		`{"resourceType":"MedicationStatement","id":"s1","status":"active","medicationCodeableConcept":{"text":"ibuprofen"},"subject":{"reference":"Patient/ada"}}`)
	advice, err := feature.Rules[0].Advise(context.Background(), s.As(access.Clinician), "ada")
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, a := range advice {
		all = append(all, string(a.Urgency)+": "+a.Detail)
	}
	got := strings.Join(all, "\n")
	for _, want := range []string{"warfarin — ibuprofen: bleeding.", "lisinopril — ibuprofen: kidney injury"} {
		if strings.Count(got, want) != 1 {
			t.Errorf("%q is not said once:\n%s", want, got)
		}
	}
}
