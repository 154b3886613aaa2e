package prescribing

import (
	"net/http"

	"github.com/osler-ehr/osler/web"
)

// print is a prescription on paper: who it is for, what, how much, by whom, and a line to sign on.
func (e *editor) print(r *http.Request) (web.View, error) {
	chart, err := e.chart(r)
	if err != nil {
		return nil, err
	}
	v, p, err := e.open(r.Context(), chart.Session, chart.ID, r.PathValue("rx"))
	if err != nil {
		return nil, err
	}
	m, err := line(v)
	if err != nil {
		return nil, err
	}
	m.DoseNumber, m.DoseUnit, m.Route, m.Frequency, m.AsNeeded, m.Text = "", "", "", "", "", "" // the label's words say it
	sheet := paper{Rx: rxOf(m, p, e.d.Shell.Location()), Banner: chart.Banner, Practice: e.d.Shell.Practice, Number: v.ID}
	return web.Page{Title: "Prescription, " + chart.Banner.Name.Short(), Current: "chart", Tab: "medications", Patient: &chart.Banner, Body: sheet.draw()}, nil
}
