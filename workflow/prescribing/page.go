package prescribing

import (
	"net/http"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/identity"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/slice"
	"github.com/osler-ehr/osler/web"
	"github.com/osler-ehr/osler/web/clinical"
	"github.com/osler-ehr/osler/web/facts"
)

type pages struct {
	d slice.Deps
	e *editor
}

// Medications is the page of all medications.
type Medications struct {
	Panel  Panel
	Past   []Past
	Alerts string // where what became of the safety checks is counted; "" for those who may not see it
}

// Past is a prescription that is over.
type Past struct {
	Medication clinical.Medication
	Ended      string // stopped: Dose increased
	From       string // the day on which it was written
	By         string
}

// past is the view of a MedicationRequest that is over.
type past struct {
	request
	Reason    fhir.CodeableConcept `fhir:"statusReason"`
	Requester fhir.Reference
}

func (b past) row(zone *time.Location) Past {
	m := b.medication(nil)
	m.Status = ""
	row := Past{Medication: m, Ended: b.Status, From: facts.Day(b.Authored, zone), By: b.Requester.Display}
	if why := facts.Concept(b.Reason); why != "" {
		row.Ended += ": " + why
	}
	return row
}

// all draws what is taken now and what was taken before.
func (p *pages) all(r *http.Request) (web.View, error) {
	var v Medications
	now := p.d.Shell.Clock()
	if slice.Roles(access.Clinician, access.Administrator).Admits(identity.From(r.Context())) {
		v.Alerts = "/reports/medication-alerts"
	}
	chart, err := facts.OpenChart(r, p.d.Session, p.d.Shell, func(s *record.Session, id string) error {
		var err1, err2 error
		facts.Together(
			func() { v.Panel, err1 = p.panel(r.Context(), s, id) },
			func() {
				var before []past
				before, err2 = facts.FindAll[past](r.Context(), s, "MedicationRequest", id, facts.Params("status", "completed,stopped,cancelled", "_sort", "-authoredon", "_count", "500")...)
				for _, b := range before {
					v.Past = append(v.Past, b.row(now.Location()))
				}
			},
		)
		if err1 != nil {
			return err1
		}
		return err2
	})
	if err != nil {
		return nil, err
	}
	return web.Page{Title: "Medications, " + chart.Banner.Name.Short(), Current: "chart", Tab: "medications", Patient: &chart.Banner, Body: page(v)}, nil
}
