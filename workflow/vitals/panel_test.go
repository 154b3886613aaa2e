package vitals

import (
	"context"
	"strings"
	"testing"

	"github.com/osler-ehr/osler/identity"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/slice"
	"github.com/osler-ehr/osler/web"
)

// panel draws the panel of a patient's chart for somebody of a role.
func (s *site) panel(role identity.Role, as *record.Session, patient string) string {
	s.t.Helper()
	d := slice.Deps{Shell: &web.Shell{Now: s.now}}
	ctx := identity.With(context.Background(), identity.Principal{Kind: identity.Person, ID: "x", Roles: []identity.Role{role}})
	drawn, err := Slice(d).Panels[0].Draw(ctx, as, patient)
	if err != nil {
		s.t.Fatal(err)
	}
	var b strings.Builder
	if err := drawn.Render(ctx, &b); err != nil {
		s.t.Fatal(err)
	}
	return b.String()
}

func TestPanel(t *testing.T) {
	s := open(t, nil, append(ada(), taken("w1", "ada", "29463-7", "184.0", "[lb_av]", "2026-11-23T10:08:00Z"), taken("p0", "ada", "8867-4", "84", "/min", "2026-11-23T10:08:00Z"), taken("p1", "ada", "8867-4", "104", "/min", "2026-11-23T10:10:00Z"),
		strings.Replace(taken("p2", "ada", "8867-4", "14", "/min", "2026-11-23T10:11:00Z"), `"final"`, `"entered-in-error"`, 1), `{"resourceType":"Patient","id":"new","birthDate":"2025-08-11"}`)...)
	page := s.panel(identity.Nurse, s.As(access.Nurse), "ada")
	has(t, words(page), "Vitals today, 10:10 All vitals", "Pulse 104 /min", "Weight 184.0 lb", "Height 165 cm 24-Aug-2026")
	// The trend is within the band of the age, in one unit, and its last point says that it is high.
	has(t, page, `aria-label="Pulse, /min: 84 on 23-Nov-2026, 104 high on 23-Nov-2026. Reference 60–100."`, `aria-label="Weight, lb: 80.1 kg on 24-Aug-2026, 184.0 on 23-Nov-2026."`, `href="/patients/ada/vitals/new"`, `data-work`)
	hasNot(t, words(page), "14 /min")
	has(t, words(s.panel(identity.Nurse, s.As(access.Nurse), "new")), "None recorded")
	hasNot(t, s.panel(identity.Patient, s.AsPatient(t, "ada"), "ada"), "/vitals/new")
}
