package immunization

import (
	"strings"
	"testing"
	"time"

	"github.com/osler-ehr/osler/slice"
)

func TestAdvice(t *testing.T) {
	child := `{"resourceType":"Patient","id":"c","birthDate":"2025-01-01","gender":"male"}`
	a, ok := advice(plan(of(t, child), on(t, "2026-01-01"), time.UTC))
	if !ok || a.Urgency != slice.Warning || !strings.Contains(a.Summary, "overdue") || len(a.Summary) > 140 || !strings.Contains(a.Detail, "DTaP/Tdap/Td, dose 1: overdue since") {
		t.Errorf("%+v", a)
	}
	newborn := `{"resourceType":"Patient","id":"c","birthDate":"2026-01-01","gender":"male"}`
	if a, ok := advice(plan(of(t, newborn), on(t, "2026-01-01"), time.UTC)); !ok || a.Urgency != slice.Info || !strings.Contains(a.Detail, "Hepatitis B, dose 1: due now today") {
		t.Errorf("%+v", a)
	}
	if a, ok := advice(plan(of(t, `{"resourceType":"Patient","id":"c","birthDate":"2025-01-01","deceasedBoolean":true}`), on(t, "2026-01-01"), time.UTC)); ok {
		t.Errorf("advice about the dead: %+v", a)
	}
	barred := `{"resourceType":"Condition","code":{"coding":[{"system":"` + icd10cm + `","code":"D84.821"}]}}`
	if a, _ := advice(plan(of(t, child, barred), on(t, "2026-02-01"), time.UTC)); !strings.Contains(a.Detail, "Contraindicated: MMR") || strings.Contains(a.Detail, "MMR, dose") {
		t.Errorf("%+v", a)
	}
}
