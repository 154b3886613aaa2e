package charting_test

import (
	"strings"
	"testing"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/slice/slicetest"
)

// acute begins a note and writes all of it; what it gives can be sent to sign it.
func acute(t *testing.T, p slicetest.Person, text string) (note string, send []string) {
	t.Helper()
	note = started(t, p, "acute")
	page := p.Get(note).Want(200)
	send = []string{"base." + plan, "", "text." + plan, text, "to." + plan, "mine-mine-1"}
	for _, code := range []string{subjective, objective} {
		send = append(send, "base."+code, page.Value("base."+code), "text."+code, "Nothing new.", "to."+code, "mine-mine-1")
	}
	return note, send
}

func signedNote(t *testing.T, p slicetest.Person, text string) string {
	t.Helper()
	note, send := acute(t, p, text)
	p.Post(note+"/sign", send...).Want(303)
	p.Get(note).Want(200).Says("Signed by")
	return note
}

// by finds the resources of a type with an element of this text.
func with(s *slicetest.Site, typ, name, text string) (out []*fhir.Resource) {
	for _, doc := range s.All(typ) {
		if doc.Get(name).Text() == text {
			out = append(out, doc)
		}
	}
	return out
}

func TestNothingCanBeChangedOnceItIsSigned(t *testing.T) {
	s := site(t)
	rao := s.By(access.Clinician)
	note := signedNote(t, rao, "Sprain of the ankle.")
	c, doc, p := s.One("Composition"), s.One("DocumentReference"), s.One("Provenance")
	for _, signed := range []*fhir.Resource{c, doc, p} {
		for _, role := range []access.Role{access.Clinician, access.Administrator, access.Program} {
			for verb, op := range map[string]record.Op{
				"put":    {Verb: record.Update, Resource: signed.Edit([]fhir.Edit{swap(t, signed, "id")})},
				"patch":  {Verb: record.Patch, Patch: func(d *fhir.Resource) (*fhir.Resource, error) { return d.Edit([]fhir.Edit{swap(t, d, "id")}), nil }},
				"delete": {Verb: record.Delete},
			} {
				op.Type, op.ID = signed.Type(), signed.ID()
				if _, err := s.As(role).Do(t.Context(), []record.Op{op}); record.KindOf(err) != record.KindForbidden {
					t.Errorf("%s of %s by a %s: %v", verb, signed.Type(), role, err)
				}
			}
		}
	}
	rao.Post(note+"/diagnoses", "name", "Sprain", "code", "").Want(409)
	rao.Post(note + "/discard").Want(409)
	rao.Post(note, "base."+plan, "mine-mine-1", "text."+plan, "Fracture", "to."+plan, "mine-mine-2").Want(303)
	if got := s.One("DocumentReference"); string(got.Bytes()) != string(doc.Bytes()) {
		t.Errorf("changed: %s", got.Bytes())
	}
	if got := s.One("Composition"); string(got.Bytes()) != string(c.Bytes()) {
		t.Errorf("changed: %s", got.Bytes())
	}
}

// swap puts another property in front: the smallest change there is.
func swap(t *testing.T, doc *fhir.Resource, before string) fhir.Edit {
	t.Helper()
	at := strings.Index(string(doc.Bytes()), `"`+before+`"`)
	if at < 0 {
		t.Fatalf("no %s: %s", before, doc.Bytes())
	}
	return fhir.Edit{Start: at, End: at, Text: []byte(`"implicitRules":"urn:x",`)}
}

func TestAddendum(t *testing.T) {
	s := site(t)
	rao := s.By(access.Clinician)
	note := signedNote(t, rao, "Sprain of the ankle.")
	first := s.One("DocumentReference")
	to := rao.Post(note + "/addendum").Want(303).Header.Get("Location")
	if again := rao.Post(note + "/addendum").Want(303).Header.Get("Location"); again != to {
		t.Errorf("a second draft at %s", again)
	}
	rao.Get(to).Want(200).Says("Addendum to Tired", "Addendum").Hides("Diagnoses of this visit")
	rao.Post(to+"/sign", "base.55107-7", "").Want(422).Says("Addendum is empty")
	rao.Post(to+"/sign", "base.55107-7", "", "text.55107-7", "The X-ray shows no fracture.", "to.55107-7", "mine-mine-1").Want(303)
	rao.Get(note).Want(200).Says("Sprain of the ankle.", "The X-ray shows no fracture.")
	docs := s.All("DocumentReference")
	if len(docs) != 2 {
		t.Fatalf("%d documents", len(docs))
	}
	for _, d := range docs {
		if d.ID() != first.ID() && (d.Get("relatesTo").Index(0).Get("code").Text() != "appends" || d.Get("relatesTo").Index(0).Get("target").Get("reference").Text() != "DocumentReference/"+first.ID() || d.Get("docStatus").Text() != "final") {
			t.Errorf("%s", d.Bytes())
		}
		if d.ID() == first.ID() && string(d.Bytes()) != string(first.Bytes()) {
			t.Errorf("the signed document changed: %s", d.Bytes())
		}
	}
}

func TestUnlockMakesAnAmendedVersion(t *testing.T) {
	s := site(t)
	rao := s.By(access.Clinician)
	note := signedNote(t, rao, "Sprain of the left ankle.")
	old := s.One("DocumentReference")
	was := s.One("Composition")
	s.By(access.Nurse).Get(note).Want(200).Hides("Unlock")
	s.By(access.Nurse).Post(note+"/unlock", "reason", "Wrong side").Want(404)
	rao.Get(note + "/unlock").Want(200).Says("The signed note stays as it is")
	rao.Post(note+"/unlock", "reason", " ").Want(422).Says("Say why the signed note must be changed.")
	to := rao.Post(note+"/unlock", "reason", "Wrong side").Want(303).Header.Get("Location")
	page := rao.Get(to).Want(200).Says("Amended because: Wrong side", "Sprain of the left ankle.")
	if again := rao.Post(note+"/unlock", "reason", "Wrong side").Want(303).Header.Get("Location"); again != to {
		t.Errorf("a second draft at %s", again)
	}
	rao.Post(to+"/sign", "base."+plan, page.Value("base."+plan), "text."+plan, "Sprain of the right ankle.", "to."+plan, "mine-mine-2",
		"base."+subjective, page.Value("base."+subjective), "base."+objective, page.Value("base."+objective)).Want(303)
	rao.Get(to).Want(200).Says("Sprain of the right ankle.", "Amended: Wrong side", "The version before this amendment")
	rao.Get(note).Want(200).Says("Sprain of the left ankle.", "A newer version of this note")
	superseded, current := with(s, "DocumentReference", "status", "superseded"), with(s, "DocumentReference", "status", "current")
	if len(superseded) != 1 || len(current) != 1 || superseded[0].ID() != old.ID() || document(t, superseded[0]) != document(t, old) || current[0].Get("docStatus").Text() != "amended" ||
		current[0].Get("relatesTo").Index(0).Get("code").Text() != "replaces" {
		t.Errorf("superseded %v, current %v", superseded, current)
	}
	if got := with(s, "Composition", "status", "final"); len(got) != 1 || string(got[0].Bytes()) != string(was.Bytes()) {
		t.Errorf("the signed note changed")
	}
	if got := with(s, "Composition", "status", "amended"); len(got) != 1 {
		t.Errorf("%d amended notes", len(got))
	}
	unlocked := 0
	for _, p := range s.All("Provenance") {
		if p.Get("reason").Index(0).Get("text").Text() == "Wrong side" {
			unlocked++
		}
	}
	if unlocked != 1 {
		t.Errorf("%d entries say why it was unlocked", unlocked)
	}
}

func TestANursesNoteIsCosigned(t *testing.T) {
	s := site(t)
	nurse, rao := s.By(access.Nurse), s.By(access.Clinician)
	note := signedNote(t, nurse, "Wound clean, dressing changed.")
	text := document(t, s.One("DocumentReference"))
	if task := s.One("Task"); task.Get("status").Text() != "requested" || task.Get("focus").Get("reference").Text() != "Composition/"+s.One("Composition").ID() {
		t.Errorf("%s", task.Bytes())
	}
	nurse.Get(note).Says("Waits for a cosignature")
	nurse.Post(note + "/cosign").Want(404)
	rao.Get(note).Says("Waits for a cosignature", "Cosign")
	rao.Post(note + "/cosign").Want(303)
	rao.Post(note + "/cosign").Want(303)
	rao.Get(note).Says("Signed by Test nurse", "Signed by Dr Priya Rao").Hides("Waits for")
	c := s.One("Composition")
	if c.Get("attester").Len() != 2 || c.Get("attester").Index(0).Get("mode").Text() != "personal" || c.Get("attester").Index(1).Get("party").Get("reference").Text() != "Practitioner/rao" {
		t.Errorf("%s", c.Bytes())
	}
	if task := s.One("Task"); task.Get("status").Text() != "completed" {
		t.Errorf("%s", task.Bytes())
	}
	if document(t, s.One("DocumentReference")) != text {
		t.Error("the text changed")
	}
}

func TestWhoMayNotWrite(t *testing.T) {
	s := site(t)
	rao := s.By(access.Clinician)
	note := started(t, rao, "acute")
	s.Put(`{"resourceType":"Patient","id":"bob","name":[{"family":"Bell"}]}`)
	other := strings.Replace(note, "/ada/", "/bob/", 1)
	for _, role := range []access.Role{access.FrontDesk, access.Biller, access.Patient, access.Administrator} {
		p := s.By(role)
		p.Get(note).Want(404)
		p.Get(list + "/new").Want(404)
		p.Post(list, "template", "acute").Want(404)
		p.Post(note+"/autosave", "base."+plan, "", "text."+plan, "x", "to."+plan, "theirs-1").Want(404)
		p.Post(note+"/sign", "base."+plan, "").Want(404)
		p.Get(note + "/presence").Want(404)
	}
	rao.Get(other).Want(404)
	rao.Beside().Post(other+"/autosave", "base."+plan, "", "text."+plan, "x", "to."+plan, "theirs-1").Want(404)
	rao.Post(other+"/sign", "base."+plan, "", "text."+plan, "x", "to."+plan, "theirs-1").Want(404)
	rao.Post(other + "/discard").Want(404)
	rao.Post(other+"/diagnoses", "name", "x").Want(404)
	if c := s.One("Composition"); c.Get("status").Text() != "preliminary" || strings.Contains(string(c.Bytes()), plan) {
		t.Errorf("%s", c.Bytes())
	}
	// A signed note is there for the patient.
	note = signedNote(t, rao, "Rest.")
	s.By(access.Patient).Get(note).Want(200).Says("Rest.").Hides("Unlock", "addendum")
}

func TestDiscard(t *testing.T) {
	s := site(t)
	rao := s.By(access.Clinician)
	note := started(t, rao, "acute")
	rao.Post(note + "/discard").Want(303)
	rao.Get(note).Want(404)
	if e := s.One("Encounter"); e.Get("status").Text() != "cancelled" {
		t.Errorf("%s", e.Bytes())
	}
	if c := s.One("Composition"); c.Get("status").Text() != "entered-in-error" {
		t.Errorf("%s", c.Bytes())
	}
}
