package immunization

import (
	"context"
	"net/http"
	"net/url"

	"github.com/a-h/templ"

	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/slice"
	"github.com/osler-ehr/osler/web"
)

// Slice is the vaccinations: a panel of the chart, the page of what is due and what was given, and the forecast as an
// operation for others.
func Slice(d slice.Deps) slice.Slice {
	p := &pages{d}
	right := slice.To(access.Search, "Immunization")
	return slice.Slice{
		Name: "immunization",
		Routes: []slice.Route{
			{Method: http.MethodGet, Pattern: "/patients/{id}/immunizations", Right: right, Page: p.all},
			{Method: http.MethodGet, Pattern: "/patients/{id}/immunizations/due", Right: right, Page: p.due},
			// What is sent is looked at, and nothing of the record.
			{Method: http.MethodPost, Pattern: "/fhir/$immds-forecast", Right: slice.SignedIn(), Handler: &immds{d}, Refuse: refuse},
		},
		Menu:  []web.Entry{{Name: "immunizations", Label: "Immunizations", Href: "/patients/{id}/immunizations", Icon: "syringe"}},
		Rules: []slice.Rule{{Name: "immunizations-due", Title: "Vaccines due", Description: "Names the vaccines that are due or overdue by CDC's schedule, and those that must not be given.", Right: right, Advise: p.advise}},
		Panels: []slice.Panel{{Name: "immunization", Right: right, Draw: func(ctx context.Context, s *record.Session, patient string) (templ.Component, error) {
			panel, err := read(ctx, s, patient, d.Shell.Clock())
			if err != nil {
				return nil, err
			}
			panel.Href = "/patients/" + url.PathEscape(patient) + "/immunizations"
			panel.DueHref = panel.Href + "/due"
			return web.Box{Column: web.End, Order: 50, Body: panel.Draw()}, nil
		}}},
	}
}
