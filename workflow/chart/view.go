package chart

import (
	"github.com/a-h/templ"

	"github.com/osler-ehr/osler/web/clinical"
	"github.com/osler-ehr/osler/web/ui"
)

// View is what the chart shows. The panels come from the slices; the chart places them.
type View struct {
	Tabs    []ui.Tab
	Filters []ui.Chip
	FindURL string            // find-in-chart form
	Find    string            // what was searched for
	Start   []templ.Component // left: problems, medications, allergies, care gaps
	End     []templ.Component // right: results, vitals, upcoming, documents
	Visits  []clinical.Visit
	Older   string // address of older visits; empty at the end
	// Timeline says that a phone shows the timeline instead of the summary.
	Timeline bool
	Sheet    Sheet
}

// Sheet is the chart summary on paper.
type Sheet struct {
	Banner   clinical.Banner
	Practice string
	Phone    string
	Parts    []templ.Component // in pairs of half width, or whole lines by their own class
	Visits   []clinical.Visit  // recent ones
}

// Gaps is the panel of care that is due.
type Gaps struct {
	Rows []Gap
	Own  bool // the reader is the patient
}

func (g Gaps) title() string {
	if g.Own {
		return "Care that is due"
	}
	return "Care gaps"
}

// Gap is one row.
type Gap struct {
	Name string
	Due  string // overdue 02-Sep-2026, due now
	Late bool
	Href string
}

// Upcoming is the panel of what is booked or planned.
type Upcoming struct {
	Rows     []Booking
	BookHref string
}

// Booking is one row.
type Booking struct {
	Date, Title, Note, Href string
	State                   string // Booked, Seen
}

func (v View) mode() string {
	if v.Timeline {
		return "timeline"
	}
	return "summary"
}

// today is the visit that a phone shows first.
func (v View) today() (clinical.Visit, bool) {
	if len(v.Visits) > 0 && v.Visits[0].Now {
		return v.Visits[0], true
	}
	return clinical.Visit{}, false
}

// visitLine is a visit in one sentence, for print.
func visitLine(v clinical.Visit) string {
	line := v.Title
	if v.Meta != "" {
		line += ", " + v.Meta
	}
	if v.Text != "" {
		line += ". " + v.Text
	}
	return line
}
