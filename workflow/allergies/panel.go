package allergies

import "github.com/osler-ehr/osler/web/ui"

// Panel is the allergy list of the chart.
type Panel struct {
	Known   []Allergy
	State   string // what stands in place of an empty list: No known allergies
	AddHref string
}

// Severity is how bad the worst recorded reaction was.
type Severity string

// The severities of FHIR's reaction-event-severity.
const (
	Severe   Severity = "Severe"
	Moderate Severity = "Moderate"
	Mild     Severity = "Mild"
)

// Allergy is one row.
type Allergy struct {
	ID        string
	Substance string
	Reaction  string
	Severity  Severity
	High      bool   // recorded as of high criticality
	Note      string // intolerance, unconfirmed
	Href      string
}

// detail is the reaction and what qualifies the entry: hives, unconfirmed.
func (a Allergy) detail() string {
	if a.Reaction != "" && a.Note != "" {
		return a.Reaction + ", " + a.Note
	}
	return a.Reaction + a.Note
}

func (a Allergy) tone() ui.Tone {
	if a.Severity == Severe || a.High {
		return ui.Critical
	}
	return ui.Neutral
}

// weight is the severity as written; a high criticality without a recorded reaction says so.
func (a Allergy) weight() string {
	if a.Severity == "" && a.High {
		return "High risk"
	}
	return string(a.Severity)
}
