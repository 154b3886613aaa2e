package immunization

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// all are the lines of a list, as they are read.
func all(list []Line) string {
	var out []string
	for _, l := range list {
		out = append(out, l.Name+": "+strings.TrimSpace(l.Tag+" "+l.When))
	}
	return strings.Join(out, "\n")
}

func TestPlanOfAnAdult(t *testing.T) {
	v := plan(of(t, `{"resourceType":"Patient","birthDate":"1991-05-17","gender":"female"}`,
		`{"resourceType":"Condition","code":{"coding":[{"system":"`+icd10cm+`","code":"E11.9"}]}}`), on(t, "2026-11-24"), time.UTC)
	if !strings.Contains(all(v.Shared), "HPV, dose 1: Decide together") || strings.Contains(all(v.Due), "HPV") {
		t.Errorf("from 27 years on HPV is given after a shared decision: due\n%s\nshared\n%s", all(v.Due), all(v.Shared))
	}
	if !strings.Contains(all(v.Due), "MMR, dose 1: Overdue for more than 5 years") || !strings.Contains(all(v.Due), "Pneumococcal (risk), dose 1: Due now") {
		t.Errorf("due\n%s", all(v.Due))
	}
	if strings.Contains(all(v.Not), "Rotavirus") {
		t.Errorf("a vaccine of infants is listed:\n%s", all(v.Not))
	}
	if !slices.Equal(v.Because, []string{"Diabetes"}) {
		t.Errorf("because of %q", v.Because)
	}
}

// Without the season's data nobody is told that a vaccine is complete or not recommended.
func TestSeasonIsNotKnown(t *testing.T) {
	flu := `{"resourceType":"Immunization","id":"f","status":"completed","vaccineCode":{"coding":[{"system":"` + cvx + `","code":"140"}]},"occurrenceDateTime":"2025-10-01"}`
	adult := `{"resourceType":"Patient","birthDate":"1991-05-17","gender":"female"}`
	v := plan(of(t, adult, flu), on(t, "2025-11-24"), time.UTC)
	if !slices.Contains(v.Complete, "Influenza") || len(v.Outdated) != 0 {
		t.Errorf("within its season: complete %q, not known %q", v.Complete, v.Outdated)
	}
	v = plan(of(t, adult, flu), on(t, "2026-11-24"), time.UTC)
	if slices.Contains(v.Complete, "Influenza") || strings.Contains(all(v.Not), "Influenza") || !slices.Contains(v.Outdated, "Influenza") {
		t.Errorf("a year later: complete %q, not recommended\n%s\nnot known %q", v.Complete, all(v.Not), v.Outdated)
	}
}

func TestUnreadIsSaid(t *testing.T) {
	p := of(t, `{"resourceType":"Patient","birthDate":"2025-01-01"}`)
	p.Unread = []string{"allergies", "conditions", "procedures"}
	v := plan(p, on(t, "2026-11-24"), time.UTC)
	if m := v.Messages[0]; !strings.Contains(m.Text, "allergies, conditions and procedures") || !strings.Contains(m.Text, "not considered") {
		t.Errorf("%+v", v.Messages)
	}
}

func TestWithoutBirthDate(t *testing.T) {
	v := plan(of(t, `{"resourceType":"Patient","birthDate":"2025"}`), on(t, "2026-11-24"), time.UTC)
	if !v.blind() || v.nothingDue() != "Not known what is due" || !strings.Contains(v.Messages[0].Text, "day of birth") {
		t.Errorf("%s, %+v", v.nothingDue(), v.Messages)
	}
}
