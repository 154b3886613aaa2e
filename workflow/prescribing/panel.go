package prescribing

import "github.com/osler-ehr/osler/web/clinical"

// Panel is the medication list of the chart.
type Panel struct {
	Current    []clinical.Medication
	Reconciled string // 24-Aug-2026; empty if never
	Href       string
	AddHref    string
	AddKey     string
	ReportHref string   // where a medicine from elsewhere is added; "" for those who may not
	ids        []string // of the MedicationRequest of each line; "" where it is none
}

func (p Panel) printNote() string {
	if p.Reconciled == "" {
		return ""
	}
	return "reconciled " + p.Reconciled
}

func (p Panel) note() string {
	if p.Reconciled == "" {
		return ""
	}
	return "Reconciled " + p.Reconciled
}
