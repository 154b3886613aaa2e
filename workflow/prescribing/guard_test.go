package prescribing

import (
	"context"
	"errors"
	"testing"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/web"
)

// TestNothingHeldAgainstTheProtocolDoesNotPass: silence is no approval, and no renewal is made of what cannot be approved.
func TestNothingHeldAgainstTheProtocolDoesNotPass(t *testing.T) {
	a := &asked{}
	if a.passes() || a.against() == "" {
		t.Error("what was never judged passes")
	}
	if _, err := (&editor{}).renewal(context.Background(), nil, a); !errors.Is(err, web.ErrInvalid) {
		t.Errorf("it is renewed: %v", err)
	}
	a.prior, a.old.Status = &record.Version{}, "active"
	if a.cannot() == "" {
		t.Error("a draft without dose and quantity can be approved")
	}
}

// TestAProtocolThatIsNotUnderstood: an action that cannot be read must not be a requirement less.
func TestAProtocolThatIsNotUnderstood(t *testing.T) {
	visit := planAction{Title: "visit", Code: []fhir.CodeableConcept{fhir.Concept(refillRule, visitRule, "")}, Timing: fhir.Quantity{Value: fhir.DecimalFromInt(12), Code: "mo"}}
	if p, err := protocolOf(plan{Action: []planAction{visit}}, 1, nil, nil); err != nil || p.VisitMonths != 12 {
		t.Fatalf("%v: %v", p, err)
	}
	days, other := visit, visit
	days.Timing.Code = "a"
	other.Code = []fhir.CodeableConcept{fhir.Concept(refillRule, "something-else", "")}
	for _, a := range []planAction{days, other} {
		if _, err := protocolOf(plan{Action: []planAction{visit, a}}, 1, nil, nil); err == nil {
			t.Errorf("%+v is left out in silence", a)
		}
	}
}
