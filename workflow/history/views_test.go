package history

import (
	"testing"

	"github.com/osler-ehr/osler/fhir/viewcheck"
)

func TestViews(t *testing.T) {
	viewcheck.Resource[observation](t, "Observation")
	viewcheck.Resource[finding](t, "Observation")
	viewcheck.Resource[struck](t, "Observation")
	viewcheck.Resource[operation](t, "Procedure")
	viewcheck.Resource[person](t, "Patient")
}
