package immunization

import (
	"testing"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/fhir/viewcheck"
)

func TestView(t *testing.T) { viewcheck.Resource[immunization](t, "Immunization") }

func view(t *testing.T, body string) immunization {
	t.Helper()
	r, err := fhir.Parse([]byte(`{"resourceType":"Immunization",` + body + `}`))
	if err != nil {
		t.Fatal(err)
	}
	v, err := fhir.View[immunization](r)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestList(t *testing.T) {
	p := doses([]immunization{
		view(t, `"status":"completed","vaccineCode":{"text":"Tdap"},"occurrenceDateTime":"2020-02-03"`),
		view(t, `"status":"completed","vaccineCode":{"text":"Influenza"},"occurrenceDateTime":"2026-10-19T23:30:00-04:00"`),
		view(t, `"status":"not-done","statusReason":{"text":"Patient objection"},"vaccineCode":{"text":"MMR"},"occurrenceDateTime":"2025"`),
		view(t, `"status":"entered-in-error","vaccineCode":{"text":"Zoster"},"occurrenceDateTime":"2025"`),
		view(t, `"status":"completed","vaccineCode":{"text":"Polio"},"occurrenceString":"as a child"`),
	}, time.FixedZone("EDT", -4*3600))
	want := []Dose{
		{Vaccine: "Influenza", Date: "19-Oct-2026"}, {Vaccine: "MMR", Date: "2025", Note: "not given: patient objection"}, {Vaccine: "Tdap", Date: "03-Feb-2020"}, {Vaccine: "Polio", Date: "as a child"},
	}
	if len(p.Given) != len(want) {
		t.Fatalf("%+v", p.Given)
	}
	for i := range want {
		if p.Given[i] != want[i] {
			t.Errorf("%d: %+v, want %+v", i, p.Given[i], want[i])
		}
	}
}
