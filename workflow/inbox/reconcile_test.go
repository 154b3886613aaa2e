package inbox_test

import (
	"strings"
	"testing"

	"github.com/osler-ehr/osler/record/access"
)

// TestAClinicalDocumentIsReconciledFromTheInbox: work about a C-CDA leads to its reconciliation, and work about any other file does not.
func TestAClinicalDocumentIsReconciledFromTheInbox(t *testing.T) {
	s, _ := site(t)
	for id, kind := range map[string]string{"a": "application/xml", "b": "application/pdf"} {
		s.Put(`{"resourceType":"DocumentReference","id":"`+id+`","status":"current","subject":{"reference":"Patient/ada"},"content":[{"attachment":{"contentType":"`+kind+`","url":"Binary/x"}}]}`,
			`{"resourceType":"Task","id":"t`+id+`","status":"requested","intent":"order","code":{"coding":[{"system":"https://osler.example/fhir/CodeSystem/task","code":"document"}]},"description":"Summary","focus":{"reference":"DocumentReference/`+id+`"},"for":{"reference":"Patient/ada"},"owner":{"reference":"Practitioner/rao"}}`)
	}
	for id, want := range map[string]bool{"a": true, "b": false} {
		page := s.By(access.Clinician).Get("/inbox?tab=documents&item=t" + id).Want(200).Says("Read the document")
		if strings.Contains(page.Body, "/patients/ada/reconciliation/"+id) != want {
			t.Errorf("%s: reconciled from the inbox: want %t", id, want)
		}
	}
}
