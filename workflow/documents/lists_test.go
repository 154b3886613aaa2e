package documents

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/osler-ehr/osler/record/access"
)

// TestListsSayWhatStands: the list and the panel show nothing that was entered in error, and say of what is replaced that it is; many
// notes do not hide the documents before them.
func TestListsSayWhatStands(t *testing.T) {
	s := practice(t, Options{})
	document := func(id, status, title, more string) string {
		return fmt.Sprintf(`{"resourceType":"DocumentReference","id":%q,"status":%q,"type":{"text":"Letter"},"subject":{"reference":"Patient/bea"},"date":"2026-08-24T11:02:00Z"%s,"content":[{"attachment":{"contentType":"text/plain","data":"dGV4dA==","title":%q}}]}`, id, status, more, title)
	}
	s.Put(document("old", "superseded", "Letter before", ""), document("new", "current", "Letter after", ""),
		document("wrong", "entered-in-error", "Of somebody else", ""), document("wrong2", "current", "Dictated into the wrong chart", `,"docStatus":"entered-in-error"`))
	var notes []string
	for i := range 90 {
		note := document(fmt.Sprintf("n%d", i), "current", "A note", `,"category":[{"coding":[{"system":"http://hl7.org/fhir/us/core/CodeSystem/us-core-documentreference-category","code":"clinical-note"}]}],"context":{"encounter":[{"display":"A visit"}]}`)
		notes = append(notes, strings.Replace(note, "2026-08-24", "2026-10-24", 1))
	}
	s.Put(notes...)
	rao := s.By(access.Clinician)
	first := rao.Get("/patients/bea/documents").Want(200)
	first.Says("Letter before", "replaced", "Letter after").Hides("Of somebody else", "wrong chart")
	rao.Get("/patients/bea/documents?q=text").Want(200).Hides("Of somebody else", "wrong chart")
	rao.Get("/patients/bea/documents/wrong2").Want(404)
	rao.Get("/patients/bea/documents/wrong2/files/0").Want(404)

	p, err := newestOf(context.Background(), s.As(access.Clinician), "bea", now)
	if err != nil {
		t.Fatal(err)
	}
	standing := map[string]string{}
	for _, d := range p.Rows {
		standing[d.Title] = d.Standing
	}
	if len(standing) != 2 || standing["Letter before"] != "replaced" || standing["Letter after"] != "" {
		t.Errorf("the panel shows %v", p.Rows)
	}
	if p.Unread != 0 || p.Total != 94 {
		t.Errorf("%d of %d unread", p.Unread, p.Total)
	}
}
