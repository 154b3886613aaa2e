package documents

import (
	"bytes"
	"context"
	"encoding/base64"
	"io"
	"strings"
	"testing"

	"github.com/osler-ehr/osler/fhir/viewcheck"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/slice/slicetest"
)

func practice(t testing.TB, o Options) *slicetest.Site {
	t.Helper()
	s := slicetest.New(t)
	s.Put(`{"resourceType":"Patient","id":"bea","active":true,"name":[{"family":"Baker","given":["Bea"]}],"birthDate":"1990-01-02","gender":"female"}`)
	s.Serve(Slice(s.Deps, o))
	return s
}

func TestViews(t *testing.T) {
	viewcheck.Resource[provenance](t, "Provenance")
	viewcheck.Resource[movedProvenance](t, "Provenance")
	viewcheck.Resource[movedTask](t, "Task")
}

// TestUpload: what somebody adds to a chart stands in that patient's record, file and all, and in nobody else's.
func TestUpload(t *testing.T) {
	s := practice(t, Options{})
	rao := s.By(access.Clinician)
	form := rao.Get("/patients/ada/documents/new").Want(200).Says("12 MB each", "OKAFOR").Hides("viruses")
	once := form.Value("once")
	if !strings.Contains(form.Body, `enctype="multipart/form-data"`) || !strings.Contains(form.Body, `capture="environment"`) {
		t.Error("the form sends no files, or has no camera")
	}
	pairs := []string{"once", once, "kind", "consult", "title", "Cardiology letter", "dated", "20-Nov-2026", "from", "Harbor Cardiology", "to", "Practitioner/rao"}
	rao.Beside().Upload("/patients/ada/documents", one("x.exe", samplePDF), pairs...).Want(200).Says("Cardiology letter added to the chart of OKAFOR, Adaeze.")
	rao.Beside().Upload("/patients/ada/documents", one("x.exe", samplePDF), pairs...).Want(200) // the answer was lost, and it is sent again

	d, file := s.One("DocumentReference"), s.One("Binary")
	for path, want := range map[string]string{
		"subject.reference": "Patient/ada", "status": "current", "description": "Cardiology letter",
	} {
		n := d.Root()
		for part := range strings.SplitSeq(path, ".") {
			n = n.Get(part)
		}
		if n.Text() != want {
			t.Errorf("%s is %q, want %q", path, n.Text(), want)
		}
	}
	a := d.Get("content").First().Get("attachment")
	if a.Get("contentType").Text() != mediaPDF || a.Get("url").Text() != "Binary/"+file.ID() || d.Root().Path("context", "period", "start").Text() != "2026-11-20" {
		t.Errorf("%s", d.Bytes())
	}
	if file.Root().Path("securityContext", "reference").Text() != "Patient/ada" || file.Get("contentType").Text() != mediaPDF {
		t.Errorf("%s", file.Bytes())
	}
	if task := s.One("Task"); task.Root().Path("focus", "reference").Text() != "DocumentReference/"+d.ID() || task.Root().Path("owner", "reference").Text() != "Practitioner/rao" || task.Root().Path("for", "reference").Text() != "Patient/ada" {
		t.Errorf("%s", task.Bytes())
	}
	if got := s.One("Provenance"); got.Get("agent").First().Path("who", "reference").Text() != "Practitioner/rao" {
		t.Errorf("%s", got.Bytes())
	}
	for patient, want := range map[string]int{"ada": 1, "bea": 0} { // under the patient's key, so with the patient's export and destruction
		n := 0
		if err := s.AsPatient(t, patient).Walk(context.Background(), false, func(v *record.Version) error {
			if v.Type == "Binary" || v.Type == "DocumentReference" {
				n++
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		if n != 2*want {
			t.Errorf("the record of %s holds %d", patient, n)
		}
	}

	at := "/patients/ada/documents/" + d.ID()
	rao.Get(at).Want(200).Says("Cardiology letter", "Specialist letter", "Harbor Cardiology", "20-Nov-2026", "Uploaded, Dr Priya Rao", "Correct")
	got := rao.Get(at + "/files/0").Want(200)
	if got.Body != samplePDF || got.Header.Get("Content-Type") != mediaPDF || got.Header.Get("X-Content-Type-Options") != "nosniff" || got.Header.Get("X-Frame-Options") != "SAMEORIGIN" {
		t.Errorf("%v", got.Header)
	}
	rao.Get("/patients/bea/documents/" + d.ID()).Want(404)
	rao.Get("/patients/bea/documents/" + d.ID() + "/files/0").Want(404)
	s.By(access.Patient).Get(at).Want(200).Hides("Correct")
	s.By(access.Patient).Get("/patients/ada/documents/new").Want(404)
	biller, desk := s.By(access.Biller), s.By(access.FrontDesk)
	biller.Get("/patients/ada/documents/new").Want(404)
	biller.Get(at + "/files/0").Want(404)
	biller.Upload("/patients/ada/documents", one("x", samplePDF), pairs...).Want(404)
	desk.Get(at).Want(404)
	desk.Get(at + "/files/0").Want(404)
	desk.Get(at + "/edit").Want(404)
	desk.Get("/patients/ada/documents/new").Want(200).Says("Insurance card").Hides("Laboratory report")
	desk.Upload("/patients/ada/documents", one("x", samplePDF), "kind", "laboratory", "to", nobody).Want(422).Says("Put what is clinical into the queue")
	desk.Upload("/patients/ada/documents", one("x", samplePDF), "kind", "card", "title", "Insurance card", "to", nobody).Want(303)
	desk.Get("/patients/ada/documents").Want(200).Says("Insurance card").Hides("Cardiology letter")
}

// TestUploadSeveral: several files with one form, pictures from the camera among them; all or none.
func TestUploadSeveral(t *testing.T) {
	s := practice(t, Options{})
	rao := s.By(access.Clinician)
	files := []slicetest.File{{Field: "files", Name: "Left foot.png", Data: samplePNG(t)}, {Field: "files", Name: "IMG_0042.jpg", Data: sampleJPEG(t)}, {Field: "files", Name: "page.pdf", Data: []byte("<html><script>alert(1)</script>")}}
	rao.Upload("/patients/ada/documents", files, "kind", "photo", "to", nobody).Want(422).Says("“page.pdf” is no file that can be kept, whatever its name says", "Nothing was kept")
	rao.Upload("/patients/ada/documents", files[:2], "kind", "", "to", nobody).Want(422).Says("Choose what it is.")
	rao.Upload("/patients/ada/documents", files[:2], "kind", "photo", "to", "Practitioner/nobody").Want(422).Says("Choose who is to read it")
	rao.Upload("/patients/ada/documents", nil, "kind", "photo", "to", nobody).Want(422).Says("Choose a file")
	if n := len(s.All("DocumentReference")) + len(s.All("Binary")); n != 0 {
		t.Fatalf("%d were kept all the same", n)
	}
	rao.Upload("/patients/ada/documents", files[:2], "once", "0b8bdb4e-5a77-4a76-8d64-1c7aa8e4a4d5", "kind", "photo", "title", "not for several", "to", nobody).Want(303)
	titles := map[string]string{}
	for _, d := range s.All("DocumentReference") {
		titles[d.Get("description").Text()] = d.ID()
	}
	if len(titles) != 2 || titles["Left foot"] == "" || titles["Photograph"] == "" {
		t.Errorf("titles %v", titles)
	}
	page := rao.Get("/patients/ada/documents/" + titles["Left foot"]).Want(200)
	if !strings.Contains(page.Body, `data-viewer`) || !strings.Contains(page.Body, `aria-keyshortcuts="R"`) {
		t.Error("the picture cannot be turned")
	}
	got := rao.Get("/patients/ada/documents/" + titles["Left foot"] + "/files/0").Want(200)
	if !bytes.Equal([]byte(got.Body), files[0].Data) || !strings.Contains(got.Header.Get("Content-Security-Policy"), "sandbox") {
		t.Errorf("%v", got.Header)
	}
}

// zeros never ends.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// TestLargeUpload: what is too large is refused with a sentence, and no more of it is held than the limit.
func TestLargeUpload(t *testing.T) {
	s := practice(t, Options{})
	rao := s.By(access.Clinician)
	rao.Upload("/patients/ada/documents", []slicetest.File{{Field: "files", Name: "scan.pdf", Data: []byte("%PDF-"), More: io.LimitReader(zeros{}, 200<<20)}}, "kind", "other", "to", nobody).Want(422).Says("“scan.pdf” is larger than 12 MB")
	rao.Upload("/patients/ada/documents", []slicetest.File{{Field: "files", Name: "scan.pdf", More: zeros{}}}, "kind", "other", "to", nobody).Want(413).Says("up to 12 MB")
	whole := append([]byte(samplePDF), make([]byte, maxFile-len(samplePDF))...)
	rao.Upload("/patients/ada/documents", []slicetest.File{{Field: "files", Name: "scan.pdf", Data: whole}}, "kind", "other", "to", nobody).Want(303)
	if got := s.One("Binary").Get("data").Text(); len(got) != base64.StdEncoding.EncodedLen(maxFile) {
		t.Errorf("%d bytes are kept", len(got))
	}
}

// TestServing: what a browser shows is what it is said to be; all else is kept as a file.
func TestServing(t *testing.T) {
	s := practice(t, Options{})
	put := func(id, kind, data string) {
		s.Put(`{"resourceType":"DocumentReference","id":"` + id + `","status":"current","subject":{"reference":"Patient/ada"},"content":[{"attachment":{"contentType":"` + kind + `","data":"` + base64.StdEncoding.EncodeToString([]byte(data)) + `"}}]}`)
	}
	page := "<html><script>alert(1)</script>"
	put("a", "image/png", page)
	put("b", "application/pdf", page)
	put("c", "text/html", page)
	put("d", "image/svg+xml", `<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`)
	put("e", "text/plain", page)
	put("f", "text/xml", sampleCCDA)
	for id, how := range map[string]string{"a": "attachment", "b": "attachment", "c": "attachment", "d": "attachment", "e": "inline", "f": "attachment"} {
		got := s.By(access.Clinician).Get("/patients/ada/documents/" + id + "/files/0").Want(200)
		policy := got.Header.Get("Content-Security-Policy")
		if !strings.HasPrefix(got.Header.Get("Content-Disposition"), how+";") || !strings.Contains(policy, "sandbox") || !strings.Contains(policy, "frame-ancestors 'none'") || !strings.Contains(policy, "default-src 'none'") || got.Header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: %v", id, got.Header)
		}
	}
}

// TestAClinicalDocumentIsReconciled: the page of a C-CDA leads to its reconciliation, for those who reconcile; one of any other file does not.
func TestAClinicalDocumentIsReconciled(t *testing.T) {
	s := practice(t, Options{})
	for id, kind := range map[string]string{"a": "application/xml", "b": "application/pdf"} {
		s.Put(`{"resourceType":"DocumentReference","id":"` + id + `","status":"current","subject":{"reference":"Patient/ada"},"content":[{"attachment":{"contentType":"` + kind + `","data":"` + base64.StdEncoding.EncodeToString([]byte(sampleCCDA)) + `"}}]}`)
	}
	leads := func(role access.Role, id string) bool {
		return strings.Contains(s.By(role).Get("/patients/ada/documents/"+id).Want(200).Body, "/patients/ada/reconciliation/"+id)
	}
	if !leads(access.Clinician, "a") || !leads(access.Nurse, "a") || leads(access.Clinician, "b") {
		t.Error("the page of a document leads astray, or nowhere")
	}
}
