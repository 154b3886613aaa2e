package documents

import (
	"context"
	"strings"
	"testing"

	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/access"
)

// TestMove: a misfiled document, its file, its work and what was noted of it leave the wrong chart altogether, and stand in the right one
// with who moved them and why.
func TestMove(t *testing.T) {
	s := practice(t, Options{})
	rao := s.By(access.Clinician)
	rao.Upload("/patients/bea/documents", one("scan.txt", sampleFax), "kind", "discharge", "title", "Discharge", "to", "Practitioner/rao").Want(303)
	id := s.One("DocumentReference").ID()
	at := "/patients/bea/documents/" + id
	form := rao.Get(at + "/edit").Want(200)
	pairs := []string{"version", form.Value("version"), "title", "Discharge", "kind", "discharge", "who", "OKAFOR", "patient", "ada"}
	rao.Edit(at, pairs...).Want(422).Says("Say why it is moved.")
	rao.Edit(at, append(pairs, "reason", "x", "patient", "bea")...).Want(303) // the first value counts
	if read(t, s, "DocumentReference", id).Root().Path("subject", "reference").Text() != "Patient/ada" {
		t.Fatal("it was not moved")
	}
	rao.Get(at).Want(404)
	rao.Get(at + "/files/0").Want(404)
	rao.Get("/patients/bea/documents").Want(200).Hides("Discharge")
	rao.Get("/patients/bea/documents?q=pneumonia").Want(200).Says("0 documents found")
	rao.Get("/patients/ada/documents/"+id).Want(200).Says("Discharge", "Moved here from the chart in which it was misfiled, Dr Priya Rao “x”", "pneumonia").Hides("BAKER", "Bea")
	if task := s.One("Task"); task.Root().Path("for", "reference").Text() != "Patient/ada" {
		t.Errorf("%s", task.Bytes())
	}
	if body := string(read(t, s, "DocumentReference", id).Bytes()) + string(s.One("Binary").Bytes()); strings.Contains(body, "bea") {
		t.Errorf("the wrong patient is named still: %s", body)
	}
	for patient, want := range map[string]int{"bea": 0, "ada": 5} { // document, file, task, and what was noted of it twice
		n := 0
		if err := s.AsPatient(t, patient).Walk(context.Background(), true, func(v *record.Version) error {
			switch v.Type {
			case "DocumentReference", "Binary", "Provenance":
				n++
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		if want > 0 { // a Task is nothing that a patient sees
			want--
		}
		if n != want {
			t.Errorf("the record of %s holds %d versions, want %d", patient, n, want)
		}
	}
	// And back again: what was noted moves each time.
	at = "/patients/ada/documents/" + id
	rao.Edit(at, "title", "Discharge", "kind", "discharge", "who", "B", "patient", "bea", "reason", "y").Want(303)
	rao.Get("/patients/bea/documents/"+id).Want(200).Says("“x”", "“y”")
	n := 0
	if err := s.AsPatient(t, "ada").Walk(context.Background(), false, func(v *record.Version) error {
		if v.Type == "Provenance" {
			n++
		}
		return nil
	}); err != nil || n != 0 {
		t.Errorf("%d notes stay in the chart that it left, %v", n, err)
	}
}

// TestMoveFromElsewhere: a document of another system names its patient in several places; none stays.
func TestMoveFromElsewhere(t *testing.T) {
	s := practice(t, Options{})
	s.Put(`{"resourceType":"Encounter","id":"e","status":"finished","class":{"code":"AMB"},"subject":{"reference":"Patient/bea"}}`,
		`{"resourceType":"DocumentReference","id":"x","status":"current","type":{"text":"Letter"},"subject":{"reference":"Patient/bea","display":"Bea Baker"},"securityLabel":[{"text":"kept"}],"content":[{"attachment":{"contentType":"text/plain","data":"eA==","language":"en"}}],"context":{"encounter":[{"reference":"Encounter/e"}],"event":[{"text":"kept"}],"sourcePatientInfo":{"reference":"Patient/bea"}}}`)
	s.By(access.Nurse).Edit("/patients/bea/documents/x", "title", "Letter", "patient", "ada", "who", "A", "reason", "x").Want(303)
	body := string(read(t, s, "DocumentReference", "x").Bytes())
	if strings.Contains(body, "ea") && (strings.Contains(body, "bea") || strings.Contains(body, "Bea")) || strings.Contains(body, "Encounter/e") || strings.Count(body, "kept") != 2 || !strings.Contains(body, `"language"`) {
		t.Errorf("%s", body)
	}
}

func TestCorrect(t *testing.T) {
	s := practice(t, Options{})
	rao := s.By(access.Clinician)
	rao.Upload("/patients/ada/documents", one("scan.txt", sampleFax), "kind", "consult", "title", "Lettre", "to", "Practitioner/rao").Want(303)
	id := s.One("DocumentReference").ID()
	at := "/patients/ada/documents/" + id
	version := rao.Get(at + "/edit").Want(200).Value("version")
	rao.Edit(at, "version", version, "title", "").Want(422).Says("Give it a title", "Choose what it is.")
	rao.Beside().Edit(at, "version", version, "title", "Letter", "kind", "discharge", "dated", "1-Nov-2026").Want(200).Says("Letter corrected.")
	rao.Get(at).Want(200).Says("Letter", "Discharge summary", "01-Nov-2026", "Corrected, Dr Priya Rao")
	s.One("DocumentReference")
	rao.Edit(at, "version", version, "title", "Other", "kind", "discharge").Want(409).Says("Changed by somebody else", "It now says: Letter")
	rao.Edit("/patients/bea/documents/"+id, "title", "Other", "kind", "discharge").Want(404)
	s.By(access.Patient).Get(at + "/edit").Want(404)
	rao.Edit(at, "mistake", "yes").Want(422).Says("Say why it is wrong.")
	rao.Beside().Edit(at, "mistake", "yes", "reason", "Blank pages").Want(200).Says("Letter struck as entered in error.")
	rao.Get(at).Want(404)
	rao.Get("/patients/ada/documents").Want(200).Hides("Letter")
	if got := s.One("Task").Get("status").Text(); got != "cancelled" {
		t.Errorf("the work is %s", got)
	}
}

// TestNotesAreNotCorrected: a note of the practice is signed and amended, never given another title or patient here.
func TestNotesAreNotCorrected(t *testing.T) {
	s := practice(t, Options{})
	s.Put(`{"resourceType":"DocumentReference","id":"signed","meta":{"tag":[{"system":"https://osler.example/fhir/CodeSystem/record-tag","code":"signed"}]},"status":"current","subject":{"reference":"Patient/ada"},"content":[{"attachment":{"contentType":"text/plain","data":"eA=="}}]}`)
	rao := s.By(access.Clinician)
	rao.Get("/patients/ada/documents/signed").Want(200).Hides("Correct")
	rao.Get("/patients/ada/documents/signed/edit").Want(404).Says("note of the practice")
	rao.Edit("/patients/ada/documents/signed", "mistake", "yes", "reason", "x").Want(404)
}
