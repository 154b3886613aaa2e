package allergies

import (
	"context"
	"time"

	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/web/clinical"
	"github.com/osler-ehr/osler/web/facts"
)

// read makes the panel of a patient's allergies.
func read(ctx context.Context, s *record.Session, patient string, _ time.Time) (Panel, error) {
	all, err := facts.FindAll[facts.Allergy](ctx, s, "AllergyIntolerance", patient, facts.Params("_count", "200")...)
	if err != nil {
		return Panel{}, err
	}
	return panelOf(all), nil
}

// panelOf makes the panel: what is to be heeded, worst first.
func panelOf(all []facts.Allergy) Panel {
	standing, state := facts.Sort(all)
	var p Panel
	for _, a := range standing {
		row := Allergy{ID: a.ID, Substance: a.Substance(), Reaction: a.Reaction(), High: a.High()}
		switch a.Severity() {
		case "severe":
			row.Severity = Severe
		case "moderate":
			row.Severity = Moderate
		case "mild":
			row.Severity = Mild
		}
		if a.Type == "intolerance" {
			row.Note = "intolerance"
		}
		if a.Unconfirmed() {
			row.Note = "unconfirmed"
		}
		p.Known = append(p.Known, row)
	}
	p.State = clinical.Banner{Allergies: state}.AllergyText()
	for _, a := range all {
		if state == clinical.AllergiesNotRecorded && a.Denies() {
			p.State = facts.Concept(a.Code) + ". Other allergies not recorded" // somebody asked about one kind only
		}
	}
	return p
}
