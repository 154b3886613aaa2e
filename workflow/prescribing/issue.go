package prescribing

import (
	"time"

	"github.com/osler-ehr/osler/drugs"
	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/web"
	"github.com/osler-ehr/osler/web/facts"
	"github.com/osler-ehr/osler/workflow/prescribing/safety"
)

// kinds are HL7's codes of what the checks find. (v3-ActCode, ActSubstanceAdministration detected issues.)
var kinds = map[safety.Check][2]string{
	safety.Allergies: {"ALGY", "Allergy Alert"}, safety.Interactions: {"DRG", "Drug Interaction Alert"}, safety.Duplicates: {"DUPTHPY", "Duplicate Therapy Alert"},
	safety.Dose: {"DOSE", "Dosage problem"}, safety.Kidneys: {"LAB", "Lab Alert"}, safety.Pregnancy: {"PREG", "Pregnancy Alert"}, safety.Age: {"AGE", "Age Alert"}, safety.Conditions: {"COND", "Condition Alert"},
}

// severities are FHIR's.
var severities = map[drugs.Severity]string{drugs.Stop: "high", drugs.Caution: "moderate", drugs.Note: "low"}

// newIssue is a finding as it is kept. order is the prescription that it is about, answer what was said to it; "" for one that
// needed none.
func newIssue(f safety.Finding, patient, order, answer, words string, author fhir.Reference, now time.Time) facts.Alert {
	return facts.NewAlert(foundOf(f), patient, order, answer, words, author, now)
}

func foundOf(f safety.Finding) facts.Found {
	kind := kinds[f.Check]
	return facts.Found{
		Kind: kind[0], KindName: kind[1], Check: string(f.Check), Rule: f.Rule, Source: f.Source.Title, Version: f.Source.Version, Severity: severities[f.Severity], Detail: f.Order + " — " + f.Line(),
	}
}

// once gives the issue an identifier that belongs to the form and the finding.
func once(i *facts.Alert, f *web.Form, key string) (condition string) {
	i.Identifier, condition = facts.Once(f, key)
	return condition
}
