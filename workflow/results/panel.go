package results

import "github.com/osler-ehr/osler/web/clinical"

// Panel is the newest results of the chart, abnormal first within a report.
type Panel struct {
	When     string // collected 20-Nov-2026, 08:12
	Source   string // Harbor Lab
	Rows     []clinical.Result
	Previous string // for print: the date of the values before
	Href     string

	More string // what is not among the rows: 6 more tests, 2 out of range

	tests []test // of the rows
}

// all is the label of the link to the whole list.
func (p Panel) all() string {
	if p.Href == "" {
		return ""
	}
	return "All results"
}
