package facts

import (
	"net/url"
	"slices"

	"github.com/osler-ehr/osler/fhir"
)

// Reconcilable are the types of a file that may be a C-CDA document.
func Reconcilable() []string {
	return []string{"application/xml", "text/xml", "application/hl7-sdwg-ccda-structuredbody-1.1+xml"}
}

// ReconcileHref is where the lists of a chart are reconciled with a document, a DocumentReference; "" if the document is about another
// patient, is not current, or is no file of a kind that can be.
func ReconcileHref(doc *fhir.Resource, patient string) string {
	if doc.Get("status").Text() != "current" || doc.Get("subject").Get("reference").Text() != "Patient/"+patient ||
		!slices.Contains(Reconcilable(), doc.Get("content").Index(0).Get("attachment").Get("contentType").Text()) {
		return ""
	}
	return "/patients/" + url.PathEscape(patient) + "/reconciliation/" + url.PathEscape(doc.ID())
}
