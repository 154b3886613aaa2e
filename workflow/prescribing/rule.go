package prescribing

import (
	"context"

	"github.com/osler-ehr/osler/drugs"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/slice"
	"github.com/osler-ehr/osler/workflow/prescribing/safety"
)

// rule is the advice about what is taken already: every medicine is checked as if it were ordered now, so that a new allergy or a
// worse kidney function is seen without a new order.
func (e *editor) rule(right slice.Right) slice.Rule {
	return slice.Rule{
		Name: "medication-safety", Title: "Medication safety",
		Description: "Checks what the patient takes, and medicines that are about to be ordered, against allergies, each other, kidney function, pregnancy, age and problems.",
		Right:       right,
		Check:       e.checkOrders,
		Advise: func(ctx context.Context, s *record.Session, patient string) ([]slice.Advice, error) {
			checker, _ := e.checker(ctx)
			return advise(checker, Snapshot(ctx, s, patient, e.library, e.d.Shell.Clock()), patient), nil
		},
	}
}

// advise is what the checks say of what is taken: findings to weigh and graver, each pair once.
func advise(c safety.Checker, p safety.Patient, patient string) []slice.Advice {
	var out []slice.Advice
	said := map[string]bool{}
	for i, m := range p.Medicines {
		rest := p
		rest.Medicines = append(append([]safety.Medicine{}, p.Medicines[:i]...), p.Medicines[i+1:]...)
		for _, f := range c.Check(rest, []safety.Order{{Medicine: m}}).Findings {
			if f.Severity == drugs.Note || said[f.Rule+"|"+f.Against+"|"+f.Order] {
				continue
			}
			said[f.Rule+"|"+f.Against+"|"+f.Order], said[f.Rule+"|"+f.Order+"|"+f.Against] = true, true
			urgency := slice.Warning
			if f.Severity == drugs.Stop {
				urgency = slice.Critical
			}
			out = append(out, slice.Advice{Summary: shorten(f.Order+" — "+f.Text, 140), Detail: f.Order + " — " + f.Line(), Urgency: urgency, Source: f.Source.Title, Href: "/patients/" + patient + "/medications"})
		}
	}
	return out
}

func shorten(s string, n int) string {
	r := []rune(s)
	if len(r) <= n {
		return s
	}
	return string(r[:n-1]) + "…"
}
