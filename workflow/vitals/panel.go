package vitals

import "github.com/osler-ehr/osler/web/clinical"

// Panel is the newest vital signs of the chart.
type Panel struct {
	When   string // today, 10:08
	Date   string // for print: 23-Nov-2026, 10:08
	Rows   []clinical.Result
	Href   string // where all are shown, or recorded
	Action string // Record, All
}
