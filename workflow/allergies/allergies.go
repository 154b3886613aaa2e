package allergies

import (
	"context"
	"net/http"
	"net/url"

	"github.com/a-h/templ"

	"github.com/osler-ehr/osler/drugs"
	"github.com/osler-ehr/osler/identity"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/slice"
	"github.com/osler-ehr/osler/web"
)

// Slice is the allergy list: a panel of the chart, and the forms by which it is changed.
func Slice(d slice.Deps, library *drugs.Library) slice.Slice {
	e := &editor{d, collect(library)}
	create, update := slice.To(access.Create, "AllergyIntolerance"), slice.To(access.Update, "AllergyIntolerance")
	return slice.Slice{
		Name: "allergies",
		Routes: []slice.Route{
			{Method: http.MethodGet, Pattern: "/patients/{id}/allergies/new", Right: create, Page: e.blank},
			{Method: http.MethodPost, Pattern: "/patients/{id}/allergies", Right: create, Page: e.create},
			{Method: http.MethodGet, Pattern: "/patients/{id}/allergies/substances", Right: create, Page: e.known.options},
			{Method: http.MethodGet, Pattern: "/patients/{id}/allergies/{allergy}", Right: update, Page: e.open},
			{Method: http.MethodPost, Pattern: "/patients/{id}/allergies/{allergy}", Right: update, Page: e.update},
		},
		Panels: []slice.Panel{{Name: "allergies", Right: slice.To(access.Search, "AllergyIntolerance"), Draw: func(ctx context.Context, s *record.Session, patient string) (templ.Component, error) {
			p, err := read(ctx, s, patient, d.Shell.Clock())
			if err != nil {
				return nil, err
			}
			if create.Admits(identity.From(ctx)) {
				p.AddHref = base(patient) + "/new"
				for i := range p.Known {
					p.Known[i].Href = base(patient) + "/" + url.PathEscape(p.Known[i].ID)
				}
			}
			return web.Box{Column: web.Start, Order: 30, Body: p.Draw()}, nil
		}}},
	}
}
