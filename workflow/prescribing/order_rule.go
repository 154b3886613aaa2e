package prescribing

import (
	"cmp"
	"context"
	"strings"

	"github.com/osler-ehr/osler/drugs"
	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/slice"
	"github.com/osler-ehr/osler/web/facts"
	"github.com/osler-ehr/osler/workflow/prescribing/safety"
	"github.com/osler-ehr/osler/workflow/prescribing/sig"
)

// checkOrders is what the safety checks say of drafts of other systems: findings to weigh and graver, and what could not be checked, so
// that silence is never taken for safety. Drafts that are no medicines are none of its concern.
func (e *editor) checkOrders(ctx context.Context, s *record.Session, patient string, drafts []*fhir.Resource) ([]slice.Advice, error) {
	var orders []safety.Order
	var of []*fhir.Resource // the draft of each
	for _, d := range drafts {
		if d.Type() != "MedicationRequest" {
			continue
		}
		o, err := fhir.View[request](d)
		if err != nil {
			return nil, err
		}
		code, _ := o.code(medicinesOf(drafts))
		order := safety.Order{Medicine: safety.Medicine{Name: facts.Concept(code), Match: e.library.Resolve(code)}}
		if len(o.Dosage) == 1 {
			if parsed, err := sig.FromDosage(o.Dosage[0]); err == nil {
				order.Sig = &parsed
			}
		}
		if t, ok := fhir.ParseReference(d.Get("priorPrescription").Get("reference").Text()); ok && t.Type == "MedicationRequest" && t.ID != "" {
			order.Replaces = "MedicationRequest/" + t.ID
		}
		orders, of = append(orders, order), append(of, d)
	}
	if len(orders) == 0 {
		return nil, nil
	}
	checker, off := e.checker(ctx)
	report := checker.Check(Snapshot(ctx, s, patient, e.library, e.d.Shell.Clock()), orders)
	var out []slice.Advice
	for _, f := range report.Findings {
		if f.Severity == drugs.Note {
			continue
		}
		urgency := slice.Warning
		if f.Severity == drugs.Stop {
			urgency = slice.Critical
		}
		out = append(out, slice.Advice{Summary: shorten(f.Order+" — "+cmp.Or(strings.TrimSuffix(f.Against+": ", ": "), string(f.Check))+": "+f.Text, 140), Detail: f.Order + " — " + f.Line(), Urgency: urgency, Source: f.Source.Title + ", " + f.Source.Version, Draft: of[f.Place]})
	}
	if len(report.Gaps) > 0 {
		var why []string
		for _, g := range report.Gaps {
			why = append(why, string(g.Check)+": "+g.Text)
		}
		out = append(out, slice.Advice{Summary: "Not everything was checked", Detail: strings.Join(why, "\n"), Urgency: slice.Warning, Source: "Osler"})
	}
	if len(off) > 0 && len(report.Off) > 0 {
		out = append(out, slice.Advice{Summary: "A kind of check is switched off here", Detail: offWords(off), Urgency: slice.Info, Source: "Osler"})
	}
	return out, nil
}

// medicinesOf are the Medication resources among drafts.
func medicinesOf(drafts []*fhir.Resource) map[string]*fhir.Resource {
	out := map[string]*fhir.Resource{}
	for _, d := range drafts {
		if d.Type() == "Medication" {
			out[d.ID()] = d
		}
	}
	return out
}
