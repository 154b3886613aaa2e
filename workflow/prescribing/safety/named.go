package safety

import "github.com/osler-ehr/osler/drugs"

// Named are the rules that stand in no table, each with the gravest severity that its findings have.
func Named(l *drugs.Library) []Finding {
	out := []Finding{
		{Rule: "allergy/same", Check: Allergies, Severity: drugs.Stop, Source: drugs.Allergy, Text: "the ingredient is what the patient reacts to"},
		{Rule: "allergy/class", Check: Allergies, Severity: drugs.Stop, Source: drugs.Allergy, Text: "the ingredient belongs to the class that the patient reacts to"},
		{Rule: "allergy/side-chain", Check: Allergies, Severity: drugs.Stop, Source: drugs.Allergy, Text: "a side chain like that of what the patient reacts to"},
		{Rule: "allergy/side-chain-unknown", Check: Allergies, Severity: drugs.Caution, Source: drugs.Allergy, Text: "a side chain like that of amoxicillin, and which penicillin it was is not recorded"},
		{Rule: "duplicate/same", Check: Duplicates, Severity: drugs.Stop, Source: drugs.Label, Text: "the same ingredient is taken already"},
	}
	for _, x := range cross {
		if c, ok := l.Class(x.class); ok {
			out = append(out, Finding{Rule: "allergy/cross-" + x.class, Check: Allergies, Severity: x.grave, Source: drugs.Allergy, Text: "another " + c.Name + " than the one the patient reacts to"})
		}
	}
	for _, x := range l.Rules.Cross {
		out = append(out, Finding{Rule: "allergy/cross-" + x.Class.ID, Check: Allergies, Severity: x.Severity, Source: x.Source, Text: "another " + x.Class.Name + " than the one the patient reacts to"})
	}
	for _, x := range between {
		out = append(out, Finding{Rule: x.rule, Check: Allergies, Severity: x.grave, Source: drugs.Allergy, Text: x.text})
	}
	seen := map[string]bool{}
	for _, i := range l.Ingredients {
		for _, c := range i.AllClasses() {
			if c.Duplicate && !seen[c.ID] {
				seen[c.ID] = true
				out = append(out, Finding{Rule: "duplicate/" + c.ID, Check: Duplicates, Severity: drugs.Caution, Source: drugs.Label, Text: "another " + c.Name})
			}
		}
	}
	return out
}
