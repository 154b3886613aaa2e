package vitals

import (
	"context"
	"net/http"
	"net/url"

	"github.com/a-h/templ"

	"github.com/osler-ehr/osler/identity"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/slice"
	"github.com/osler-ehr/osler/web"
	"github.com/osler-ehr/osler/workflow/vitals/growth"
)

// Option is what a site may want to be different.
type Option func(*pages)

// WithWHO adds the WHO's growth standards, which sites load for themselves: see growth.LoadWHO.
func WithWHO(ref *growth.Reference) Option { return func(p *pages) { p.who = ref } }

// pages shows and takes vital signs.
type pages struct {
	d   slice.Deps
	who *growth.Reference // nil where its tables are not here
}

func base(patient string) string { return "/patients/" + url.PathEscape(patient) + "/vitals" }

// Slice is the vital signs: a panel of the chart, the flowsheet, the form that takes them, and the growth charts.
func Slice(d slice.Deps, options ...Option) slice.Slice {
	p := &pages{d: d}
	for _, o := range options {
		o(p)
	}
	read, create, update := slice.To(access.Search, "Observation"), slice.To(access.Create, "Observation"), slice.To(access.Update, "Observation")
	return slice.Slice{
		Name: "vitals",
		Routes: []slice.Route{
			{Method: http.MethodGet, Pattern: "/patients/{id}/vitals", Right: read, Page: p.flowsheet},
			{Method: http.MethodGet, Pattern: "/patients/{id}/vitals/new", Right: create, Page: p.blank},
			{Method: http.MethodPost, Pattern: "/patients/{id}/vitals", Right: create, Page: p.save},
			{Method: http.MethodGet, Pattern: "/patients/{id}/vitals/{observation}", Right: update, Page: p.one},
			{Method: http.MethodPost, Pattern: "/patients/{id}/vitals/{observation}", Right: update, Page: p.strike},
			{Method: http.MethodGet, Pattern: "/patients/{id}/growth", Right: read, Page: p.growth},
		},
		Menu: []web.Entry{
			{Name: "vitals", Label: "Vitals", Href: "/patients/{id}/vitals", Icon: "heart"},
			{Name: "growth", Label: "Growth", Href: "/patients/{id}/growth", Icon: "trending-up"},
		},
		Panels: []slice.Panel{{Name: "vitals", Right: read, Draw: func(ctx context.Context, s *record.Session, patient string) (templ.Component, error) {
			p, err := readPanel(ctx, s, patient, d.Shell.Clock())
			if err != nil {
				return nil, err
			}
			if len(p.Rows) > 0 {
				p.Href, p.Action = base(patient), "All vitals"
			}
			if create.Admits(identity.From(ctx)) {
				p.AddHref = base(patient) + "/new"
			}
			return web.Box{Column: web.End, Order: 20, Body: p.Draw(), Print: p.Print()}, nil
		}}},
	}
}
