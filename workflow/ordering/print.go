package ordering

import (
	"net/http"
	"strings"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/web"
	"github.com/osler-ehr/osler/web/facts"
	"github.com/osler-ehr/osler/web/format"
)

// Requisition is a page to print: what is ordered for whom, and a label for each specimen.
type Requisition struct {
	Name, Born, Sex, MRN, Payer string
	Practice, Phone, Printed    string
	Rows                        []Requested
	Labels                      []Label
}

// Requested is one order of a requisition.
type Requested struct{ Name, Code, Priority, Due, For, By, When, Note, Specimen string }

// Label is what is stuck on a specimen.
type Label struct{ Specimen, Tests, Number string }

// print draws the requisition of the orders that the address names.
func (e *desk) print(r *http.Request) (web.View, error) {
	var q Requisition
	ctx, now := r.Context(), e.d.Shell.Clock()
	chart, err := facts.OpenChart(r, e.d.Session, e.d.Shell, func(s *record.Session, id string) error {
		at := map[string]int{}
		for _, orderID := range r.URL.Query()["order"] {
			if !fhir.ValidID(orderID) {
				return web.ErrNotFound
			}
			t, _, _, err := find(ctx, s, id, orderID, now.Location())
			if err != nil {
				return err
			}
			row := Requested{Name: t.name(), Priority: t.Priority, By: t.Requester.Display, When: facts.Moment(t.Authored, now.Location())}
			row.Due, _ = dueWords(t.due, now)
			for _, c := range t.Code.Coding {
				if c.System == facts.LOINC {
					row.Code = "LOINC " + c.Code
				}
			}
			var reasons []string
			for _, x := range t.ReasonReference {
				reasons = append(reasons, x.Display)
			}
			row.For = strings.Join(reasons, ", ")
			for _, n := range t.Note {
				row.Note = strings.TrimSpace(row.Note + " " + n.Text)
			}
			if line, ok := e.catalogue.Of(t.Code); ok && line.Specimen != "" {
				row.Specimen = line.Specimen
				i, ok := at[line.Specimen]
				if !ok {
					i = len(q.Labels)
					at[line.Specimen] = i
					q.Labels = append(q.Labels, Label{Specimen: line.Specimen, Number: t.ID})
				}
				q.Labels[i].Tests = strings.TrimPrefix(q.Labels[i].Tests+", "+t.name(), ", ")
			}
			q.Rows = append(q.Rows, row)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if len(q.Rows) == 0 {
		return nil, web.ErrNotFound
	}
	b := chart.Banner
	q.Name, q.Born, q.Sex, q.MRN, q.Payer = b.Name.Full(), b.Born(), b.Sex, b.MRNText(), b.Payer
	q.Practice, q.Phone, q.Printed = e.d.Shell.Practice, e.d.Shell.Phone, format.DateTime(now)
	return web.Page{Title: "Requisition, " + b.Name.Short(), Current: "chart", Patient: &chart.Banner, Body: requisition(q)}, nil
}
