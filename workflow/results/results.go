package results

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

// Slice is the results: a panel of the chart, the page of all tests, and the history of one.
func Slice(d slice.Deps) slice.Slice {
	p := &pages{d}
	right := slice.To(access.Search, "Observation")
	return slice.Slice{
		Name: "results",
		Routes: []slice.Route{
			{Method: http.MethodGet, Pattern: "/patients/{id}/results", Right: right, Page: p.overview},
			{Method: http.MethodGet, Pattern: "/patients/{id}/results/history", Right: right, Page: p.history},
		},
		Menu: []web.Entry{{Name: "results", Label: "Results", Href: "/patients/{id}/results", Icon: "flask-conical"}},
		Panels: []slice.Panel{{Name: "results", Right: right, Draw: func(ctx context.Context, s *record.Session, patient string) (templ.Component, error) {
			panel, err := read(ctx, s, patient, d.Shell.Clock())
			if err != nil {
				return nil, err
			}
			panel.Href = "/patients/" + url.PathEscape(patient) + "/results"
			return web.Box{Column: web.End, Order: 10, Body: panel.Draw(), Print: panel.Print()}, nil
		}}},
	}
}
