package problems

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"github.com/a-h/templ"

	"github.com/osler-ehr/osler/identity"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/slice"
	"github.com/osler-ehr/osler/terms"
	"github.com/osler-ehr/osler/web"
	"github.com/osler-ehr/osler/web/facts"
)

// Slice is the problem list: a panel of the chart, the page of the whole list, and the forms by which it is changed.
func Slice(d slice.Deps, library *terms.Library) slice.Slice {
	e := &editor{d, codes{library}}
	read, create, update := slice.To(access.Search, "Condition"), slice.To(access.Create, "Condition"), slice.To(access.Update, "Condition")
	return slice.Slice{
		Name: "problems",
		Routes: []slice.Route{
			{Method: http.MethodGet, Pattern: "/patients/{id}/problems", Right: read, Page: e.list},
			{Method: http.MethodGet, Pattern: "/patients/{id}/problems/new", Right: create, Page: e.blank},
			{Method: http.MethodPost, Pattern: "/patients/{id}/problems", Right: create, Page: e.create},
			{Method: http.MethodGet, Pattern: "/patients/{id}/problems/codes", Right: create, Page: e.codes.options},
			{Method: http.MethodGet, Pattern: "/patients/{id}/problems/{problem}", Right: update, Page: e.open},
			{Method: http.MethodPost, Pattern: "/patients/{id}/problems/{problem}", Right: update, Page: e.update},
		},
		Panels: []slice.Panel{{Name: "problems", Right: read, Draw: func(ctx context.Context, s *record.Session, patient string) (templ.Component, error) {
			p, err := panel(ctx, s, patient, d.Shell.Clock())
			if err != nil {
				return nil, err
			}
			p.Href = base(patient)
			if create.Admits(identity.From(ctx)) {
				p.AddHref = p.Href + "/new"
				for i := range p.Active {
					p.Active[i].Href = p.Href + "/" + url.PathEscape(p.Active[i].ID)
				}
			}
			return web.Box{Column: web.Start, Order: 10, Body: p.Draw(), Print: p.Print()}, nil
		}}},
	}
}

// panel makes the panel of a patient's conditions.
func panel(ctx context.Context, s *record.Session, patient string, now time.Time) (Panel, error) {
	all, err := facts.Find[condition](ctx, s, "Condition", patient, facts.Params("_count", "500")...)
	if err != nil {
		return Panel{}, err
	}
	return list(all, now.Location()), nil
}
