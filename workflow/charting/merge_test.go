package charting_test

import (
	"strings"
	"testing"

	"github.com/osler-ehr/osler/record/access"
)

func TestTwoPeopleInOneNote(t *testing.T) {
	s := site(t)
	rao, nurse := s.By(access.Clinician), s.By(access.Nurse)
	note := started(t, rao, "followup")
	first := rao.Get(note).Want(200)
	nurse.Get(note).Want(200).Says("Dr Priya Rao since 10:22")
	was := first.Value("base." + subjective)

	// Different sections: both stand, and each is told of the other's.
	autosave(t, rao, note, 200, "base."+plan, "", "text."+plan, "Mine", "to."+plan, "rao-00001", "base."+subjective, was)
	a := autosave(t, nurse, note, 200, "base."+plan, "", "base."+subjective, was, "text."+subjective, "Theirs", "to."+subjective, "nurse-0001")
	if len(a.Conflicts) != 0 || a.Texts[plan].Text != "Mine" || a.Texts[plan].By != "Dr Priya Rao" || len(a.Others) != 1 {
		t.Errorf("%+v", a)
	}
	// The same section: the second is told, nothing is written.
	a = autosave(t, rao, note, 200, "base."+plan, "rao-00001", "base."+subjective, was, "text."+subjective, "My own", "to."+subjective, "rao-00002")
	if c := a.Conflicts[subjective]; c.Text != "Theirs" || c.By != "Test nurse" || c.Version != "nurse-0001" || c.At != "10:22:00" {
		t.Errorf("%+v", a)
	}
	if body := string(s.One("Composition").Bytes()); !strings.Contains(body, "Theirs") || strings.Contains(body, "My own") {
		t.Errorf("%s", body)
	}
	// Without script both texts come back, one beside the other; nothing is signed.
	for _, to := range []string{note, note + "/sign"} {
		again := rao.Post(to, "base."+plan, "rao-00001", "base."+subjective, was, "text."+subjective, "My own", "to."+subjective, "rao-00003").Want(409)
		again.Says("Changed by Test nurse at 10:22:00:", "Theirs")
		if again.Value("text."+subjective) != "My own" || again.Value("base."+subjective) != "nurse-0001" {
			t.Errorf("text %q after %q", again.Value("text."+subjective), again.Value("base."+subjective))
		}
	}
	// Having seen theirs, one text is made of both.
	a = autosave(t, rao, note, 200, "base."+plan, "rao-00001", "base."+subjective, "nurse-0001", "text."+subjective, "Theirs\nMy own", "to."+subjective, "rao-00004")
	if len(a.Conflicts) != 0 || a.Versions[subjective] != "rao-00004" {
		t.Errorf("%+v", a)
	}
	if authors := s.One("Composition").Get("author").Len(); authors != 2 {
		t.Errorf("%d authors", authors)
	}
}

func TestALostAnswerIsNoConflict(t *testing.T) {
	s := site(t)
	rao := s.By(access.Clinician)
	note := started(t, rao, "acute")
	send := func(text, to string, bases ...string) answer {
		return autosave(t, rao, note, 200, "base."+plan, strings.Join(bases, " "), "text."+plan, text, "to."+plan, to)
	}
	send("One", "version-1")
	for range 2 { // the answer was lost, and the same is sent again
		if a := send("One", "version-1", "version-1"); len(a.Conflicts) > 0 || a.Versions[plan] != "version-1" {
			t.Errorf("%+v", a)
		}
	}
	send("One two", "version-2", "version-1")                                                                                       // its answer is lost
	if a := send("One two three", "version-3", "version-1", "version-2"); len(a.Conflicts) > 0 || a.Versions[plan] != "version-3" { // typed on
		t.Errorf("%+v", a)
	}
	if a := send("Late", "version-0", "version-1"); len(a.Conflicts) != 1 { // an old page
		t.Errorf("%+v", a)
	}
	if v := s.One("Composition").VersionID(); v != "4" {
		t.Errorf("version %s: what says nothing new makes no version", v)
	}
}

func TestWhatTheSignerHasNotSeenIsNotSigned(t *testing.T) {
	s := site(t)
	rao := s.By(access.Clinician)
	note, send := acute(t, rao, "Mine")
	autosave(t, s.By(access.Nurse), note, 200, "base."+plan, "", "text."+plan, "Theirs", "to."+plan, "nurse-0001")
	rao.Post(note+"/sign", send...).Want(409)
	seen := append(send[6:], "base."+plan, "") // has not seen that there is a plan now
	rao.Post(note+"/sign", seen...).Want(409).Says("This note was changed by Test nurse at 10:22:00.")
	nurse := s.By(access.Nurse).Beside()
	nurse.Post(note+"/diagnoses", "name", "Migraine", "code", "").Want(200)
	seen = append(seen[:len(seen)-2], "base."+plan, "nurse-0001")
	rao.Post(note+"/sign", append(seen, "diagnoses", "")...).Want(409).Says("Somebody changed the diagnoses of this visit.", "Migraine")
	if c := s.One("Composition"); c.Get("status").Text() != "preliminary" {
		t.Errorf("%s", c.Bytes())
	}
	rao.Post(note+"/sign", append(seen, "diagnoses", s.One("Condition").ID())...).Want(303)
	if text := document(t, s.One("DocumentReference")); !strings.Contains(text, "1. Migraine\n") {
		t.Errorf("%s", text)
	}
}

const hemoglobin = `{"resourceType":"Observation","id":"h","status":"final","category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"laboratory"}]}],` +
	`"code":{"coding":[{"system":"http://loinc.org","code":"718-7","display":"Hemoglobin [Mass/volume] in Blood"}]},"subject":{"reference":"Patient/ada"},"effectiveDateTime":"2026-11-20T09:00:00Z",` +
	`"valueQuantity":{"value":10.9,"unit":"g/dL","system":"http://unitsofmeasure.org","code":"g/dL"},"interpretation":[{"coding":[{"code":"L"}]}]}`

func TestLinksFollowTheChartUntilTheNoteIsSigned(t *testing.T) {
	s := site(t)
	s.Put(hemoglobin)
	rao := s.By(access.Clinician)
	note := started(t, rao, "acute")
	offered := rao.Beside().Get(note + "/suggest?kind=data").Want(200)
	const live = "@[10.9 g/dL ↓ L, 20-Nov-2026](result/loinc%7C718-7)"
	if !strings.Contains(offered.Body, `data-value="`+live+`"`) {
		t.Fatalf("not offered: %s", offered.Body)
	}
	offered.Says("Hemoglobin", "allergies not recorded, 23-Nov-2026", "no active problems recorded")
	page := rao.Get(note)
	send := []string{"base." + plan, "", "text." + plan, "Hemoglobin " + live + " again.", "to." + plan, "version-1"}
	for _, code := range []string{subjective, objective} {
		send = append(send, "base."+code, page.Value("base."+code), "text."+code, "", "to."+code, "version-1")
	}
	autosave(t, rao, note, 200, send...)
	s.Put(strings.Replace(hemoglobin, "10.9", "9.8", 1)) // a correction comes in
	if text := rao.Get(note).Value("text." + plan); !strings.Contains(text, "@[9.8 g/dL ↓ L") {
		t.Errorf("the page still says %s", text)
	}
	signing := []string{"base." + plan, "version-1", "base." + subjective, "version-1", "base." + objective, "version-1"}
	again := rao.Post(note+"/sign", signing...).Want(409).Says("The chart says something new: 9.8 g/dL ↓ L, 20-Nov-2026 (was 10.9 g/dL ↓ L, 20-Nov-2026)")
	if len(s.All("DocumentReference")) != 0 {
		t.Fatal("signed with what was not shown")
	}
	rao.Post(note+"/sign", "base."+plan, again.Value("base."+plan), "base."+subjective, "version-1", "base."+objective, "version-1").Want(303)
	s.Put(strings.Replace(hemoglobin, "10.9", "9.7", 1))
	text := document(t, s.One("DocumentReference"))
	if !strings.Contains(text, "Hemoglobin 9.8 g/dL ↓ L, 20-Nov-2026 again.") {
		t.Errorf("signed: %s", text)
	}
	rao.Get(note).Says("Hemoglobin 9.8 g/dL ↓ L, 20-Nov-2026 again.")
}

func TestCarryForward(t *testing.T) {
	s := site(t)
	s.Put(`{"resourceType":"Encounter","id":"e1","status":"finished","class":{"code":"AMB"},"subject":{"reference":"Patient/ada"}}`,
		`{"resourceType":"DocumentReference","id":"d1","status":"current","docStatus":"final","category":[{"coding":[{"system":"http://hl7.org/fhir/us/core/CodeSystem/us-core-documentreference-category","code":"clinical-note"}]}],`+
			`"subject":{"reference":"Patient/ada"},"date":"2026-08-24T11:00:00Z","content":[{"attachment":{"contentType":"text/plain","data":"U1VCSkVDVElWRQpGZWxsLgoKQVNTRVNTTUVOVCBBTkQgUExBTgoxLiBEaWFiZXRlcyBFMTEuOQpXb3JrcyBzaGlmdHMuCjIuIEdvdXQKUXVpZXQgKGZyb20gMDEtSmFuLTIwMjYpLgoKT0JKRUNUSVZFClRhbGwu"}}],`+
			`"context":{"encounter":[{"reference":"Encounter/e1"}],"period":{"start":"2026-08-24T10:30:00Z"}}}`)
	rao := s.By(access.Clinician)
	note := started(t, rao, "acute")
	offered := rao.Beside().Get(note+"/suggest?kind=carry").Want(200).Says("Diabetes E11.9", "from 24-Aug-2026", "Gout")
	const carried = "~[Works shifts.](2026-08-24/d1)"
	if !strings.Contains(offered.Body, "Diabetes E11.9\n"+carried) || !strings.Contains(offered.Body, "~[Quiet.](2026-08-24/d1)") {
		t.Fatalf("%s", offered.Body)
	}
	page := rao.Get(note)
	if !strings.Contains(page.Body, "data-note-prior=\"") || strings.Contains(page.Body, "data-note-prior=\"\"") {
		t.Error("the page cannot tell what is as it was")
	}
	send := []string{"base." + plan, "", "text." + plan, "1. Diabetes\n" + carried, "to." + plan, "version-1"}
	for _, code := range []string{subjective, objective} {
		send = append(send, "base."+code, page.Value("base."+code), "text."+code, "", "to."+code, "version-1")
	}
	rao.Post(note+"/sign", send...).Want(303)
	rao.Get(note).Says("Works shifts. (from 24-Aug-2026)")
}

func TestTheVisitOfTodaysAppointment(t *testing.T) {
	s := site(t)
	s.Put(`{"resourceType":"Appointment","id":"a1","status":"arrived","reasonCode":[{"text":"Diabetes follow-up"}],"start":"2026-11-23T10:30:00Z","end":"2026-11-23T11:00:00Z","participant":[{"actor":{"reference":"Patient/ada"},"status":"accepted"}]}`)
	rao := s.By(access.Clinician)
	form := rao.Get(list + "/new").Want(200).Says("Appointment today, 10:30.")
	if form.Value("title") != "Diabetes follow-up" || !strings.Contains(form.Body, `value="followup" checked`) {
		t.Errorf("title %q: %s", form.Value("title"), form.Body)
	}
	send := []string{"once", form.Value("once"), "title", "Diabetes follow-up", "template", "followup"}
	to := rao.Post(list, send...).Want(303).Header.Get("Location")
	if again := rao.Post(list, send...).Want(303).Header.Get("Location"); again != to {
		t.Errorf("sent twice: %s and %s", to, again)
	}
	e := s.One("Encounter")
	if e.Get("appointment").Index(0).Get("reference").Text() != "Appointment/a1" || e.Get("reasonCode").Index(0).Get("text").Text() != "Diabetes follow-up" {
		t.Errorf("%s", e.Bytes())
	}
	s.One("Composition")
}

func TestTheVisitThatIsUnderWay(t *testing.T) {
	s := site(t)
	s.Put(`{"resourceType":"Encounter","id":"e1","status":"arrived","class":{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"AMB"},"type":[{"text":"Visit"}],"subject":{"reference":"Patient/ada"},"period":{"start":"2026-11-23T10:05:00Z"},"reasonCode":[{"text":"Cough"}],"location":[{"location":{"display":"Room 3"}}]}`)
	rao := s.By(access.Clinician)
	started(t, rao, "acute")
	e := s.One("Encounter")
	if e.Get("status").Text() != "in-progress" || e.Get("location").Len() != 1 || e.Get("period").Get("start").Text() != "2026-11-23T10:05:00Z" {
		t.Errorf("%s", e.Bytes())
	}
	if s.One("Composition").Get("encounter").Get("reference").Text() != "Encounter/e1" {
		t.Error("the note belongs to another visit")
	}
}

// TestMedicinesOfANote: what stands frozen in a note is all that is taken, whoever prescribed it, with every step of its directions.
func TestMedicinesOfANote(t *testing.T) {
	s := site(t)
	s.Put(`{"resourceType":"Medication","id":"med","code":{"text":"apixaban 5 mg tablet"}}`,
		`{"resourceType":"MedicationRequest","id":"r","status":"active","intent":"order","authoredOn":"2026-10-01","subject":{"reference":"Patient/ada"},"medicationReference":{"reference":"Medication/med"},"dosageInstruction":[{"text":"Take 2 tablets for 7 days"},{"text":"take 1 tablet"}]}`,
		`{"resourceType":"MedicationRequest","id":"h","status":"on-hold","intent":"order","authoredOn":"2026-09-01","subject":{"reference":"Patient/ada"},"medicationCodeableConcept":{"text":"metformin 500 mg tablet"}}`,
		`{"resourceType":"MedicationStatement","id":"s","status":"active","subject":{"reference":"Patient/ada"},"medicationCodeableConcept":{"text":"warfarin 5 mg tablet"}}`)
	rao := s.By(access.Clinician)
	note := started(t, rao, "acute")
	const want = "@[apixaban 5 mg tablet: Take 2 tablets for 7 days, then take 1 tablet; metFORMIN 500 mg tablet (on hold); warfarin 5 mg tablet, 23-Nov-2026]"
	if got := rao.Beside().Get(note + "/suggest?kind=data").Want(200).Body; !strings.Contains(got, want) {
		t.Errorf("%s is not offered: %s", want, got)
	}
}
