package prescribing_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/slice/slicetest"
)

// visit and labs bring a patient within the protocol.
func visitOf(patient, day string) string {
	return fmt.Sprintf(`{"resourceType":"Encounter","id":"v-%s","status":"finished","class":{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"AMB"},"type":[{"text":"Follow-up"}],"subject":{"reference":"Patient/%s"},"period":{"start":"%sT09:00:00Z"}}`, patient, patient, day)
}

func lab(id, patient, code, value, unit, day, flag string) string {
	return fmt.Sprintf(`{"resourceType":"Observation","id":%q,"status":"final","code":{"coding":[{"system":"http://loinc.org","code":%q}]},"subject":{"reference":"Patient/%s"},"effectiveDateTime":"%sT08:00:00Z","valueQuantity":{"value":%s,"unit":%q},"interpretation":[{"coding":[{"code":%q}]}]}`, id, code, patient, day, value, unit, flag)
}

func noAllergy(patient string) string {
	return strings.NewReplacer(`"id":"none"`, `"id":"none-`+patient+`"`, "Patient/ada", "Patient/"+patient).Replace(noneK)
}

// rxOf is an active prescription.
func rxOf(id, patient, code, name, more string) string {
	return `{"resourceType":"MedicationRequest","id":"` + id + `","status":"active","intent":"order","medicationCodeableConcept":{"coding":[{"system":"` + rx + `","code":"` + code + `","display":"` + name + `"}]},"subject":{"reference":"Patient/` + patient + `"},"authoredOn":"2026-05-01","requester":{"reference":"Practitioner/rao","display":"Dr Priya Rao"},` +
		`"reasonReference":[{"reference":"Condition/htn","display":"Hypertension"}],"dosageInstruction":[{"timing":{"repeat":{"frequency":1,"period":1,"periodUnit":"d"}},"route":{"coding":[{"system":"http://snomed.info/sct","code":"26643006"}]},"doseAndRate":[{"doseQuantity":{"value":1,"unit":"tablet"}}]}],` +
		`"dispenseRequest":{"numberOfRepeatsAllowed":2,"quantity":{"value":90,"unit":"tablet"},"performer":{"reference":"Organization/pharmacy","display":"Harbor Pharmacy"}}` + more + `}`
}

func refillTask(id, patient, rx, more string) string {
	return `{"resourceType":"Task","id":"` + id + `","status":"requested","intent":"order","priority":"routine","code":{"coding":[{"system":"https://osler.example/fhir/CodeSystem/task","code":"refill"}]},"description":"Refill: ` + rx + `","focus":{"reference":"MedicationRequest/` + rx + `"},"for":{"reference":"Patient/` + patient + `"},"authoredOn":"2026-11-22T09:00:00Z","requester":{"reference":"Patient/` + patient + `"},"owner":{"reference":"Practitioner/rao"}` + more + `}`
}

const (
	organisations = `{"resourceType":"Organization","id":"pharmacy","name":"Harbor Pharmacy"}`
	hypertension  = `{"resourceType":"Condition","id":"htn","code":{"text":"Hypertension"},"subject":{"reference":"Patient/ada"}}`
	lastFill      = `{"resourceType":"MedicationDispense","id":"f1","status":"completed","medicationCodeableConcept":{"text":"lisinopril"},"subject":{"reference":"Patient/ada"},"authorizingPrescription":[{"reference":"MedicationRequest/m1"}],"quantity":{"value":90,"unit":"tablet"},"daysSupply":{"value":90},"whenHandedOver":"2026-08-24T17:00:00Z"}`
)

// inDate puts a request of Ada's that passes the protocol.
func inDate(s *slicetest.Site) {
	s.Put(organisations, hypertension, noneK, eGFR, visitOf("ada", "2026-08-24"), lab("k", "ada", "2823-3", "4.4", "mmol/L", "2026-08-20", "N"), lab("crea", "ada", "2160-0", "0.9", "mg/dL", "2026-08-20", "N"),
		rxOf("m1", "ada", "314076", "lisinopril 10 MG Oral Tablet", ""), lastFill, refillTask("t1", "ada", "m1", ""))
}

func read(t *testing.T, s *slicetest.Site, typ, id string) *fhir.Resource {
	t.Helper()
	for _, r := range s.All(typ) {
		if r.ID() == id {
			return r
		}
	}
	t.Fatalf("no %s/%s", typ, id)
	return nil
}

func contains(t *testing.T, doc *fhir.Resource, wants ...string) {
	t.Helper()
	for _, w := range wants {
		if !strings.Contains(string(doc.Bytes()), w) {
			t.Errorf("without %s: %s", w, doc.Bytes())
		}
	}
}

func TestApproveARefill(t *testing.T) {
	s, _ := site(t)
	inDate(s)
	rao := s.By(access.Clinician).Beside()
	shown := rao.Get("/refills/t1").Want(200)
	shown.Says("Refill request", "OKAFOR, Adaeze", "The patient, 22-Nov-2026, 09:00", "lisinopril", "90 tablets on 24-Aug-2026, for 90 days", "24-Aug-2026, Follow-up", "potassium 4.4 mmol/L on 20-Aug-2026", "Harbor Pharmacy",
		"Passes the refill protocol", "The same medicine and dose", "Not a controlled substance", "Seen within 12 months", "Monitoring is in date", "No severe alert", "Take 1 tablet (10 mg) by mouth daily.", "Deny", "Change", "Approve")
	form := append([]string{"version", shown.Value("version")}, fired(shown)...)
	rao.Post("/refills/t1/approve", form...).Want(200).Says("lisinopril 10 mg tablet renewed for OKAFOR, Adaeze.")
	rao.Post("/refills/t1/approve", form...).Want(409).Says("Somebody dealt with this request already.")
	var made *fhir.Resource
	for _, m := range s.All("MedicationRequest") {
		if m.ID() != "m1" {
			made = m
		}
	}
	if made == nil || len(s.All("MedicationRequest")) != 2 {
		t.Fatal("not one prescription was made")
	}
	contains(t, made, `"priorPrescription":{"reference":"MedicationRequest/m1"}`, `"status":"active"`, `"numberOfRepeatsAllowed":2`, `"display":"Harbor Pharmacy"`, `"reasonReference":[{"reference":"Condition/htn"`, `"reference":"Practitioner/rao"`)
	contains(t, read(t, s, "MedicationRequest", "m1"), `"status":"completed"`)
	contains(t, read(t, s, "Task", "t1"), `"status":"completed"`, `"code":"approved"`, `"valueReference":{"reference":"MedicationRequest/`+made.ID()+`"}`, `"text":"Approved."`)
	contains(t, s.One("Provenance"), `"reference":"MedicationRequest/`+made.ID(), `"reference":"Practitioner/rao"`, `"code":"author"`)
}

func TestDenyARefill(t *testing.T) {
	s, _ := site(t)
	inDate(s)
	rao := s.By(access.Clinician).Beside()
	rao.Get("/refills/t1/deny").Want(200).Says("Deny a refill", "Tests are due first")
	rao.Post("/refills/t1/deny", "version", "1").Want(422).Says("Say why: whoever asked is told.")
	rao.Post("/refills/t1/deny", "version", "1", "reason", "Tests are due first", "note", "Come on Monday").Want(200).Says("denied: Tests are due first. Come on Monday.")
	contains(t, read(t, s, "Task", "t1"), `"status":"rejected"`, `"statusReason":{"text":"Tests are due first. Come on Monday"}`, `"code":"denied"`)
	contains(t, s.One("MedicationRequest"), `"status":"active"`)
	rao.Post("/refills/t1/deny", "version", "2", "reason", "Tests are due first").Want(409)
}

func TestChangeARefill(t *testing.T) {
	s, _ := site(t)
	inDate(s)
	rao := s.By(access.Clinician).Beside()
	form := rao.Get(at + "/m1/change?task=t1").Want(200)
	send := []string{"route", "oral"}
	for _, name := range []string{"once", "version", "replaces", "mode", "task", "drug", "code", "dose", "frequency", "quantity", "refills", "note", "reason"} {
		v := form.Value(name)
		if name == "quantity" {
			v = "30"
		}
		send = append(send, name, v)
	}
	rao.Post(at, append(send, fired(form)...)...).Want(200).Says("changed for OKAFOR")
	contains(t, read(t, s, "Task", "t1"), `"status":"completed"`, `"code":"changed"`, `"valueReference"`)
	contains(t, read(t, s, "MedicationRequest", "m1"), `"status":"stopped"`)
}

// TestAPharmacyAsksForSomethingElse: what a pharmacy asks for stands in a proposal, which is not taken by anybody.
func TestAPharmacyAsksForSomethingElse(t *testing.T) {
	s, _ := site(t)
	inDate(s)
	proposal := strings.NewReplacer(`"id":"m1"`, `"id":"p1"`, `"intent":"order"`, `"intent":"proposal"`, `"value":90`, `"value":180`, `"numberOfRepeatsAllowed":2`, `"numberOfRepeatsAllowed":0`).Replace(rxOf("m1", "ada", "314076", "lisinopril 10 MG Oral Tablet", `,"priorPrescription":{"reference":"MedicationRequest/m1"}`))
	s.Put(proposal, strings.Replace(refillTask("t1", "ada", "m1", `,"input":[{"type":{"text":"proposal"},"valueReference":{"reference":"MedicationRequest/p1"}}]`), `"requester":{"reference":"Patient/ada"}`, `"requester":{"reference":"Organization/pharmacy","display":"Harbor Pharmacy"}`, 1))
	rao := s.By(access.Clinician).Beside()
	rao.Get("/patients/ada/medications").Hides("180 tablets")
	shown := rao.Get("/refills/t1").Want(200).Says("Harbor Pharmacy, 22-Nov-2026", "180 tablets", "Taken now", "90 tablets", "Outside the refill protocol", "Not the same medicine, dose and quantity")
	rao.Get("/refills").Want(200).Says("No request passes the protocol", "1 request to be decided one by one")
	rao.Post("/refills/t1/approve", append([]string{"version", shown.Value("version")}, fired(shown)...)...).Want(200)
	contains(t, read(t, s, "MedicationRequest", "p1"), `"status":"completed"`)
	contains(t, read(t, s, "MedicationRequest", "m1"), `"status":"completed"`)
	n := 0
	for _, m := range s.All("MedicationRequest") {
		if m.Get("status").Text() == "active" {
			n++
			contains(t, m, `"quantity":{"value":180`, `"numberOfRepeatsAllowed":0`)
		}
	}
	if n != 1 {
		t.Errorf("%d are active", n)
	}
}

func TestTheProtocolLineByLine(t *testing.T) {
	for _, c := range []struct {
		name string
		put  []string
		want string
	}{
		{"not seen", []string{visitOf("ada", "2025-08-24")}, "Not seen within 12 months"},
		{"a telephone call is no visit", []string{strings.Replace(visitOf("ada", "2026-11-20"), "AMB", "ACUTE", 1)}, "No visit is recorded"},
		{"a test is due", []string{lab("k", "ada", "2823-3", "4.4", "mmol/L", "2025-08-20", "N")}, "potassium 4.4 mmol/L on 20-Aug-2025, due: not within 12 months"},
		{"a test that does not count", []string{strings.Replace(lab("k", "ada", "2823-3", "4.4", "mmol/L", "2026-08-20", "N"), "final", "entered-in-error", 1)}, "potassium: no result, due within 12 months"},
		{"a critical value", []string{lab("k", "ada", "2823-3", "6.6", "mmol/L", "2026-11-20", "HH")}, "potassium 6.6 mmol/L on 20-Nov-2026 (critical, high)"},
		{"a severe allergy", []string{strings.NewReplacer(`"id":"pen"`, `"id":"none"`, "Penicillin", "lisinopril", "Anaphylaxis", "Angioedema").Replace(mould)}, "Safety: lisinopril allergy (angioedema)"},
		{"an allergy that cannot be compared", []string{strings.NewReplacer(`"id":"pen"`, `"id":"none"`, "Penicillin", "Green powder").Replace(mould)}, "Not checked: The allergy to Green powder"},
		{"stopped meanwhile", []string{strings.Replace(rxOf("m1", "ada", "314076", "lisinopril 10 MG Oral Tablet", ""), `"active"`, `"stopped"`, 1)}, "The prescription is stopped"},
		{"controlled", []string{strings.Replace(rxOf("m1", "ada", "835603", "tramadol hydrochloride 50 MG Oral Tablet", ""), `"active"`, `"active"`, 1)}, "A controlled substance"},
		{"not known", []string{strings.NewReplacer(`"code":"314076",`, "", "lisinopril 10 MG Oral Tablet", "Kava root").Replace(rxOf("m1", "ada", "314076", "lisinopril 10 MG Oral Tablet", ""))}, "The medicine is not known here"},
		{"another patient's prescription", []string{`{"resourceType":"Patient","id":"bob","name":[{"family":"Bell"}]}`, rxOf("m2", "bob", "314076", "lisinopril 10 MG Oral Tablet", ""), refillTask("t1", "ada", "m2", "")}, "The prescription that it asks about is not in the record"},
		{"with a note", []string{refillTask("t1", "ada", "m1", `,"note":[{"text":"I am dizzy since I take it"}]`)}, "A note came with it"},
		{"urgent", []string{strings.Replace(refillTask("t1", "ada", "m1", ""), "routine", "urgent", 1)}, "Marked as urgent"},
		{"dead", []string{`{"resourceType":"Patient","id":"ada","name":[{"family":"Okafor","given":["Adaeze"]}],"birthDate":"1968-07-14","gender":"female","deceasedBoolean":true}`}, "The patient has died"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, _ := site(t)
			inDate(s)
			s.Put(c.put...)
			rao := s.By(access.Clinician).Beside()
			rao.Get("/refills/t1").Want(200).Says("Outside the refill protocol", c.want)
			rao.Get("/refills").Want(200).Says("No request passes the protocol", c.want)
			if answer := rao.Post("/refills/approve", "task", "t1 1").Want(422); !strings.Contains(answer.Text(), "not approved") {
				t.Errorf("%s", answer.Text())
			}
			if n := len(s.All("Provenance")); n != 0 {
				t.Error("it was approved together with others all the same")
			}
		})
	}
}

func TestApproveTogether(t *testing.T) {
	s, _ := site(t)
	inDate(s)
	s.Put(`{"resourceType":"Patient","id":"bob","active":true,"name":[{"family":"Bell","given":["Bob"]}],"birthDate":"1951-03-02","gender":"male"}`, noAllergy("bob"), visitOf("bob", "2026-10-01"),
		lab("ldl", "bob", "2089-1", "84", "mg/dL", "2026-09-01", "N"), strings.ReplaceAll(rxOf("m2", "bob", "617311", "atorvastatin 40 MG Oral Tablet", ""), "Condition/htn", "Condition/htn2"), `{"resourceType":"Condition","id":"htn2","code":{"text":"Hyperlipidemia"},"subject":{"reference":"Patient/bob"}}`, refillTask("t2", "bob", "m2", ""),
		`{"resourceType":"Patient","id":"cy","active":true,"name":[{"family":"Cole","given":["Cy"]}],"birthDate":"1961-03-02","gender":"male"}`, rxOf("m3", "cy", "617311", "atorvastatin 40 MG Oral Tablet", ""), refillTask("t3", "cy", "m3", ""))
	rao := s.By(access.Clinician).Beside()
	list := rao.Get("/refills").Want(200).Says("OKAFOR, Adaeze", "BELL, Bob", "COLE, Cy", "1 request to be decided one by one", "No visit is recorded", "Held against the protocol that ships with the program.")
	if strings.Count(list.Body, `name="task"`) != 2 {
		t.Errorf("%d can be ticked", strings.Count(list.Body, `name="task"`))
	}
	// One is dealt with meanwhile: it is named, and keeps the other from nothing.
	s.Put(strings.Replace(refillTask("t2", "bob", "m2", ""), "Refill:", "Please refill:", 1))
	rao.Post("/refills/approve", "task", "t1 1", "task", "t2 1", "task", "t3 1").Want(422).
		Says("1 refill approved: OKAFOR, Adaeze, lisinopril 10 mg tablet.", "BELL, Bob, atorvastatin 40 mg tablet: not approved. Somebody changed it after it was shown.", "COLE, Cy, atorvastatin 40 mg tablet: not approved. It does not pass the protocol any more: No visit is recorded.")
	rao.Post("/refills/approve", "task", "t2 2").Want(200).Says("1 refill approved: BELL, Bob, atorvastatin 40 mg tablet.")
	if n := len(s.All("Provenance")); n != 2 {
		t.Errorf("%d signatures", n)
	}
	for id, want := range map[string]string{"t1": "completed", "t2": "completed", "t3": "requested"} {
		if got := read(t, s, "Task", id).Get("status").Text(); got != want {
			t.Errorf("%s is %s", id, got)
		}
	}
	rao.Post("/refills/approve").Want(422).Says("Nothing was approved")
	if _, err := s.As(access.Clinician).Do(context.Background(), []record.Op{{Verb: record.Delete, Type: "PlanDefinition", ID: "x"}}); record.KindOf(err) != record.KindForbidden {
		t.Errorf("a clinician may change what a practice sets: %v", err)
	}
}

func TestTheProtocolIsThePractices(t *testing.T) {
	s, _ := site(t)
	inDate(s)
	s.Put(visitOf("ada", "2025-05-24"))
	rao, boss := s.By(access.Clinician).Beside(), s.By(access.Administrator).Beside()
	rao.Get("/refills").Says("Not seen within 12 months")
	rao.Get("/refills/protocol").Want(200).Says("A visit within 12 months", "@raas | potassium 2823-3/6298-4", "An administrator can change it.").Hides("Reason for the change")
	rao.Post("/refills/protocol", "visit", "24", "why", "x").Want(404)
	form := boss.Get("/refills/protocol").Want(200)
	text := form.Value("monitoring")
	for _, c := range []struct{ visit, monitoring, why, want string }{
		{"0", text, "x", "A number of months from 1 to 60."},
		{"24", "@raas | potassium | 12", "x", "Line 1: \"potassium\": write a test with its LOINC code"},
		{"24", "@dragon | potassium 2823-3 | 12", "x", "class \"dragon\" is not known"},
		{"24", "@raas | potassium 2823 | 12", "x", "is no LOINC code"},
		{"24", "@raas | potassium 2823-3 | never", "x", "is no number of months"},
		{"24", text, "", "Say why it is changed."},
	} {
		boss.Post("/refills/protocol", "version", "0", "visit", c.visit, "monitoring", c.monitoring, "why", c.why).Want(422).Says(c.want)
	}
	boss.Post("/refills/protocol", "version", "0", "visit", "24", "monitoring", "@raas | potassium 2823-3 | 24", "why", "Agreed on in October").Want(200)
	contains(t, s.One("PlanDefinition"), `"status":"active"`, `"timingDuration":{"value":24`, `"purpose":"Agreed on in October"`, `"code":"2823-3"`, `"name":"Test administrator"`)
	rao.Get("/refills").Says("Test administrator set on 23-Nov-2026").Hides("No request passes")
	boss.Post("/refills/protocol", "version", "1", "visit", "6", "monitoring", text, "why", "Too lax").Want(200)
	boss.Post("/refills/protocol", "version", "1", "visit", "36", "monitoring", text, "why", "Late").Want(409).Says("Somebody else changed it meanwhile.")
	rao.Get("/refills").Says("Not seen within 6 months")
}

func TestWhoMayNotDecideRefills(t *testing.T) {
	s, _ := site(t)
	inDate(s)
	for _, role := range []access.Role{access.FrontDesk, access.Nurse, access.Patient, access.Biller} {
		p := s.By(role)
		p.Get("/refills").Want(404)
		p.Get("/refills/t1").Want(404)
		p.Post("/refills/t1/approve", "version", "1").Want(404)
		p.Post("/refills/t1/deny", "version", "1", "reason", "x").Want(404)
		p.Post("/refills/approve", "task", "t1 1").Want(404)
	}
	s.Put(`{"resourceType":"Task","id":"other","status":"requested","intent":"order","code":{"text":"Call"},"for":{"reference":"Patient/ada"}}`)
	s.By(access.Clinician).Get("/refills/other").Want(404)
	s.By(access.Clinician).Get("/refills/nothing").Want(404)
	s.By(access.Clinician).Post("/refills/approve", "task", "other 1", "task", "../x 1").Want(422)
	contains(t, read(t, s, "Task", "t1"), `"status":"requested"`)
}

// TestWhatCannotBeApproved: alone and together are refused alike, and nothing is written.
func TestWhatCannotBeApproved(t *testing.T) {
	m1 := rxOf("m1", "ada", "314076", "lisinopril 10 MG Oral Tablet", "")
	proposal := `,"input":[{"type":{"text":"proposal"},"valueReference":{"reference":"MedicationRequest/p1"}}]`
	p1 := strings.NewReplacer(`"id":"m1"`, `"id":"p1"`, `"intent":"order"`, `"intent":"proposal"`).Replace(m1)
	for _, c := range []struct {
		name string
		put  []string
		want string
	}{
		{"no quantity", []string{strings.Replace(m1, `"quantity":{"value":90,"unit":"tablet"},`, "", 1)}, "Dose or quantity are not in a form that can be carried over"},
		{"a quantity of none", []string{strings.Replace(m1, `"value":90`, `"value":0`, 1)}, "not in a form that can be carried over"},
		{"a quantity that is counted otherwise", []string{strings.Replace(m1, `"value":90,"unit":"tablet"`, `"value":3,"unit":"bottle"`, 1)}, "The quantity was written as 3 bottle, and is counted in tablets here"},
		{"a form with an error", []string{strings.Replace(m1, `"numberOfRepeatsAllowed":2`, `"numberOfRepeatsAllowed":400`, 1)}, "A number from 0 to 99"},
		{"entered in error", []string{strings.Replace(m1, `"active"`, `"entered-in-error"`, 1)}, "entered in error"},
		{"a proposal struck", []string{strings.Replace(p1, `"active"`, `"entered-in-error"`, 1), refillTask("t1", "ada", "m1", proposal)}, "What is asked for instead is not in the record"},
		{"a proposal in words", []string{refillTask("t1", "ada", "m1", `,"input":[{"type":{"text":"proposal"},"valueString":"twice the dose"}]`)}, "What is asked for instead is not in the record"},
		{"another patient's proposal", []string{`{"resourceType":"Patient","id":"bob","name":[{"family":"Bell"}]}`, strings.ReplaceAll(p1, "Patient/ada", "Patient/bob"), refillTask("t1", "ada", "m1", proposal)}, "What is asked for instead is not in the record"},
		{"an order as a proposal", []string{strings.Replace(p1, `"intent":"proposal"`, `"intent":"order"`, 1), refillTask("t1", "ada", "m1", proposal)}, "is no single proposal for this patient"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, _ := site(t)
			inDate(s)
			s.Put(c.put...)
			rao := s.By(access.Clinician).Beside()
			shown := rao.Get("/refills/t1").Want(200).Says("Outside the refill protocol", "It cannot be renewed as it stands.", c.want)
			rao.Get("/refills").Want(200).Says("No request passes the protocol", c.want)
			version := read(t, s, "Task", "t1").Get("meta").Get("versionId").Text()
			before := len(s.All("MedicationRequest"))
			rao.Post("/refills/t1/approve", append([]string{"version", version}, fired(shown)...)...).Want(422).Says(c.want)
			rao.Post("/refills/approve", "task", "t1 "+version).Want(422).Says("not approved", c.want)
			if n := len(s.All("MedicationRequest")); n != before || len(s.All("Provenance")) != 0 {
				t.Error("it was approved all the same")
			}
			contains(t, read(t, s, "Task", "t1"), `"status":"requested"`)
		})
	}
}

// TestMoreThanCanBeApprovedAtOnce: what is not looked at is named.
func TestMoreThanCanBeApprovedAtOnce(t *testing.T) {
	s, _ := site(t)
	inDate(s)
	var form []string
	for range 52 {
		form = append(form, "task", "nothing 1")
	}
	s.By(access.Clinician).Beside().Post("/refills/approve", form...).Want(422).Says("2 requests: not approved. No more than 50 can be approved at once")
}

// TestWhyItWasStoppedStays: what takes the place of a stopped prescription does not say that it was renewed.
func TestWhyItWasStoppedStays(t *testing.T) {
	s, _ := site(t)
	inDate(s)
	s.Put(strings.Replace(rxOf("m1", "ada", "314076", "lisinopril 10 MG Oral Tablet", `,"statusReason":{"text":"Cough"}`), `"active"`, `"stopped"`, 1))
	rao := s.By(access.Clinician).Beside()
	shown := rao.Get("/refills/t1").Want(200).Says("The prescription is stopped")
	rao.Post("/refills/t1/approve", append([]string{"version", shown.Value("version")}, fired(shown)...)...).Want(200)
	contains(t, read(t, s, "MedicationRequest", "m1"), `"status":"stopped"`, `"text":"Cough"`)
}

// TestDispenseAsWrittenIsCarriedOver: a renewal is not looser than what it renews.
func TestDispenseAsWrittenIsCarriedOver(t *testing.T) {
	s, _ := site(t)
	inDate(s)
	s.Put(rxOf("m1", "ada", "314076", "lisinopril 10 MG Oral Tablet", `,"substitution":{"allowedBoolean":false,"reason":{"text":"Reacted to a dye"}}`))
	rao := s.By(access.Clinician).Beside()
	shown := rao.Get("/refills/t1").Want(200)
	rao.Post("/refills/t1/approve", append([]string{"version", shown.Value("version")}, fired(shown)...)...).Want(200)
	for _, m := range s.All("MedicationRequest") {
		contains(t, m, `"substitution":{"allowedBoolean":false,"reason":{"text":"Reacted to a dye"}}`)
	}
}

// The last visit is found behind any number of stays and calls of other kinds.
func TestTheLastVisitBehindOthers(t *testing.T) {
	s, _ := site(t)
	inDate(s)
	var docs []string
	for i := range 30 {
		docs = append(docs, fmt.Sprintf(`{"resourceType":"Encounter","id":"stay-%d","status":"finished","class":{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"IMP"},"type":[{"text":"Stay"}],"subject":{"reference":"Patient/ada"},"period":{"start":"2026-10-%02dT09:00:00Z"}}`, i, 1+i%28))
	}
	s.Put(docs...)
	s.By(access.Clinician).Beside().Get("/refills/t1").Want(200).Says("24-Aug-2026, Follow-up")
}
