package documents

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"github.com/osler-ehr/osler/record/access"
)

// TestFind: words are found in texts, in files of their own too, in titles, kinds and senders; all must be there; no other patient's.
func TestFind(t *testing.T) {
	s := practice(t, Options{})
	rao := s.By(access.Clinician)
	put := func(id, patient, status, title, text string) {
		s.Put(fmt.Sprintf(`{"resourceType":"DocumentReference","id":%q,"status":%q,"type":{"text":"Letter"},"subject":{"reference":"Patient/%s"},"author":[{"display":"Harbor Cardiology"}],"content":[{"attachment":{"contentType":"text/plain","data":%q,"title":%q}}]}`, id, status, patient, base64.StdEncoding.EncodeToString([]byte(text)), title))
	}
	put("a", "ada", "current", "Cardiac letter", "First line\nShe had an ÉCHOCARDIOGRAM in March with an ejection fraction of 55 %.\nEnd")
	put("b", "ada", "entered-in-error", "Echocardiogram of somebody else", "echocardiogram")
	put("c", "bea", "current", "Echocardiogram", "echocardiogram")
	rao.Upload("/patients/ada/documents", one("fax.txt", sampleFax), "kind", "discharge", "title", "Fax", "to", nobody).Want(303)
	rao.Upload("/patients/ada/documents", one("ecg.pdf", samplePDF), "kind", "other", "title", "Pneumonia on a scan", "to", nobody).Want(303)
	for q, c := range map[string]struct{ says, hides string }{
		"echo":                   {"1 document found. Looked at all 4 documents, 2 of them text|Cardiac letter|ÉCHOCARDIOGRAM", "somebody else|Fax"},
		"ejection FRACTION echo": {"1 document found|Cardiac letter", "Fax"},
		"echo pneumonia":         {"0 documents found", "Cardiac letter|Fax"},
		"pneumonia":              {"2 documents found|Fax|Pneumonia on a scan|community-acquired", "Cardiac letter"},
		"cardiology":             {"1 document found|Cardiac letter", "Fax"},
		"rejection":              {"0 documents found", "Cardiac letter"},
		"<script>":               {"0 documents found", "Cardiac letter"},
	} {
		got := rao.Get("/patients/ada/documents?q=" + strings.NewReplacer(" ", "+", "<", "%3C", ">", "%3E").Replace(q)).Want(200)
		got.Says(strings.Split(c.says, "|")...)
		got.Hides(strings.Split(c.hides, "|")...)
	}
	if body := rao.Get("/patients/ada/documents?q=echo").Body; !strings.Contains(body, "<mark>ÉCHOCARDIOGRAM</mark>") {
		t.Error("the word is not marked")
	}
	rao.Get("/patients/ada/documents?q=" + strings.Repeat("x", 300)).Want(422)
	s.By(access.Biller).Get("/patients/ada/documents?q=echo").Want(404)
	s.By(access.FrontDesk).Get("/patients/ada/documents?q=echo").Want(200).Says("0 documents found", "Looked at all 0 documents").Hides("CHOCARDIOGRAM")
}

func TestSnippet(t *testing.T) {
	for text, want := range map[string]string{
		"one two three four five six seven eight Fever nine": "… three four five six seven eight [Fever] nine",
		"no\nfever here\nfever and cough":                    "[fever] and [cough]",
		"nothing":                                            "",
		strings.Repeat("x ", 5) + "fever " + strings.Repeat("word ", 100): "x x x x x [fever] " + strings.Repeat("word ", 36) + "…",
	} {
		var b strings.Builder
		for _, s := range snippet(text, []string{"fever", "cough"}) {
			if s.Hit {
				b.WriteString("[" + s.Text + "]")
			} else {
				b.WriteString(s.Text)
			}
		}
		got := strings.TrimSpace(b.String())
		if len(want) > 200 {
			if !strings.HasPrefix(got, "x x x x x [fever] word") || !strings.HasSuffix(got, "…") || len(got) > 230 {
				t.Errorf("%q", got)
			}
		} else if got != want {
			t.Errorf("%q gives %q, want %q", text, got, want)
		}
	}
}
