package socialneeds

import (
	"testing"

	"github.com/osler-ehr/osler/fhir/viewcheck"
)

func TestViews(t *testing.T) {
	viewcheck.Resource[need](t, "Condition")
	viewcheck.Resource[goal](t, "Goal")
	viewcheck.Resource[referral](t, "ServiceRequest")
	viewcheck.Resource[observed](t, "Observation")
}
