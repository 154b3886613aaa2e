package devices

import (
	"testing"

	"github.com/osler-ehr/osler/fhir/viewcheck"
)

func TestViews(t *testing.T) {
	viewcheck.Resource[device](t, "Device")
	viewcheck.Resource[status](t, "Device")
	viewcheck.Resource[procedure](t, "Procedure")
}
