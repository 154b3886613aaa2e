package prescribing

import (
	"cmp"
	"context"
	"slices"
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
		if d.Type() != "MedicationRequest" || gone(d) {
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
	allergies := ofType(drafts, "AllergyIntolerance")
	if len(orders)+len(allergies) == 0 {
		return nil, nil
	}
	checker, off := e.checker(ctx)
	now := e.d.Shell.Clock()
	docs := readDocuments(ctx, s, patient)
	docs.apply(drafts)
	known := docs.snapshot(e.library, now)
	var out []slice.Advice
	add := func(f safety.Finding, draft *fhir.Resource) {
		if f.Severity == drugs.Note {
			return
		}
		urgency, found := slice.Warning, foundOf(f)
		if f.Severity == drugs.Stop {
			urgency = slice.Critical
		}
		out = append(out, slice.Advice{Summary: shorten(f.Order+" — "+cmp.Or(strings.TrimSuffix(f.Against+": ", ": "), string(f.Check))+": "+f.Text, 140), Detail: f.Order + " — " + f.Line(), Urgency: urgency, Source: f.Source.Title + ", " + f.Source.Version, Draft: draft, Found: &found})
	}
	var report safety.Report
	if len(orders) > 0 {
		report = checker.Check(known, orders)
	}
	for _, f := range report.Findings {
		add(f, of[f.Place])
	}
	// What is taken already meets each new allergy.
	var taken []safety.Order
	for _, m := range known.Medicines {
		taken = append(taken, safety.Order{Medicine: m})
	}
	for _, a := range allergies {
		alone := documents{patient: docs.patient, allergies: []*fhir.Resource{a}}.snapshot(e.library, now)
		met := checker.Check(alone, taken)
		for _, f := range met.Findings {
			if f.Check == safety.Allergies {
				add(f, a)
			}
		}
		for _, g := range met.Gaps {
			if g.Check == safety.Allergies && !slices.Contains(report.Gaps, g) {
				report.Gaps = append(report.Gaps, g)
			}
		}
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

func ofType(drafts []*fhir.Resource, typ string) (out []*fhir.Resource) {
	for _, d := range drafts {
		if d.Type() == typ {
			out = append(out, d)
		}
	}
	return out
}

// gone reports whether a draft ends a medicine of the record.
func gone(d *fhir.Resource) bool {
	status := d.Get("status").Text()
	return d.ID() != "" && (status == "stopped" || status == "entered-in-error" || status == "completed" || status == "cancelled")
}

// apply makes the documents what they would be with the drafts: allergies are added or take the place of themselves, and medicines that
// end are taken out.
func (d *documents) apply(drafts []*fhir.Resource) {
	for _, x := range drafts {
		same := func(o *fhir.Resource) bool { return x.ID() != "" && o.ID() == x.ID() }
		switch {
		case x.Type() == "AllergyIntolerance":
			d.allergies = append(slices.DeleteFunc(slices.Clone(d.allergies), same), x)
		case x.Type() == "MedicationRequest" && gone(x):
			d.requests = slices.DeleteFunc(slices.Clone(d.requests), same)
		case x.Type() == "MedicationStatement" && gone(x):
			d.statements = slices.DeleteFunc(slices.Clone(d.statements), same)
		}
	}
}
