package letters

import (
	"testing"

	"github.com/osler-ehr/osler/fhir/viewcheck"
)

func TestViews(t *testing.T) {
	viewcheck.Resource[letter](t, "Composition")
	viewcheck.Resource[document](t, "DocumentReference")
	viewcheck.Resource[note](t, "DocumentReference")
	viewcheck.Resource[provenance](t, "Provenance")
	viewcheck.Resource[auditEvent](t, "AuditEvent")
	viewcheck.Resource[problem](t, "Condition")
	viewcheck.Resource[vaccine](t, "Immunization")
	viewcheck.Resource[order](t, "ServiceRequest")
	viewcheck.Resource[booking](t, "Appointment")
	viewcheck.Resource[encounter](t, "Encounter")
}

func TestTemplates(t *testing.T) {
	seen := map[string]bool{}
	for _, x := range templates() {
		if seen[x.ID] || x.Title == "" || x.Text == "" {
			t.Errorf("%+v", x)
		}
		seen[x.ID] = true
	}
}
