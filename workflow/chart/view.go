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
	Back    string // how far a filter or search has looked, 02-May-2024; empty when it has looked at all
	Newer   bool   // the page does not begin with what is newest
	All     string // address of the page that does
	Cut     string // a day on which more happened than is shown
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

// nothing says that a search found nothing, and how far it has looked.
func (v View) nothing() string {
	where := "in this chart"
	if v.Back != "" {
		where = "since " + v.Back
	}
	return "Nothing " + where + " matches “" + v.Find + "”"
}

// older is the label of the way to what came before.
func (v View) older() string {
	if v.Back != "" {
		return "Look at what came before " + v.Back
	}
	return "Older visits"
}
