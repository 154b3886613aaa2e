package terminology

import (
	"testing"
	"time"

	"github.com/osler-ehr/osler/clock"
	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/fhir/path"
	"github.com/osler-ehr/osler/fhir/validate"
	"github.com/osler-ehr/osler/slice"
	"github.com/osler-ehr/osler/terms"
)

// The statement is a valid resource, and names what there is, each version once.
func TestCapabilities(t *testing.T) {
	l, err := terms.Open("")
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	r, err := fhir.Parse(Capabilities(slice.Deps{Clock: clock.At(at), Version: "1.2.3"}, l))
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range append(validate.Base(r), validate.Invariants(r, path.Env{Now: at})...) {
		if i.Severity != fhir.SeverityInformation && i.Severity != fhir.SeverityWarning {
			t.Errorf("%v: %s", i.Expression, i.Details.Text)
		}
	}
	seen := map[string]bool{}
	for s := range r.Get("codeSystem").Values() {
		uri := s.Get("uri").Text()
		if seen[uri] {
			t.Errorf("%s stands twice", uri)
		}
		seen[uri] = true
		if s.Get("version").Len() > 1 && !s.Get("version").First().Get("isDefault").Bool() {
			t.Errorf("%s: the newest version is not the default", uri)
		}
	}
	for _, uri := range []string{terms.ICD10CM, "http://hl7.org/fhir/administrative-gender"} {
		if !seen[uri] {
			t.Errorf("%s is not in it", uri)
		}
	}
}
