package history

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
)

// editor shows and changes histories.
type editor struct{ d slice.Deps }

func base(patient string) string { return "/patients/" + url.PathEscape(patient) + "/history" }

// Slice is the social and surgical history: two panels of the chart, the page of both, and the forms.
func Slice(d slice.Deps) slice.Slice {
	e := &editor{d}
	read, create, update := slice.To(access.Search, "Observation"), slice.To(access.Create, "Observation"), slice.To(access.Update, "Observation")
	operated, operate, reoperate := slice.To(access.Search, "Procedure"), slice.To(access.Create, "Procedure"), slice.To(access.Update, "Procedure")
	return slice.Slice{
		Name: "history",
		Routes: []slice.Route{
			{Method: http.MethodGet, Pattern: "/patients/{id}/history", Right: read, Page: e.list},
			{Method: http.MethodGet, Pattern: "/patients/{id}/history/social", Right: create, Page: e.social},
			{Method: http.MethodPost, Pattern: "/patients/{id}/history/social", Right: create, Page: e.saveSocial},
			{Method: http.MethodGet, Pattern: "/patients/{id}/history/social/{observation}", Right: update, Page: e.one},
			{Method: http.MethodPost, Pattern: "/patients/{id}/history/social/{observation}", Right: update, Page: e.strike},
			{Method: http.MethodGet, Pattern: "/patients/{id}/history/operations/new", Right: operate, Page: e.blank},
			{Method: http.MethodPost, Pattern: "/patients/{id}/history/operations", Right: operate, Page: e.create},
			{Method: http.MethodGet, Pattern: "/patients/{id}/history/operations/{procedure}", Right: reoperate, Page: e.open},
			{Method: http.MethodPost, Pattern: "/patients/{id}/history/operations/{procedure}", Right: reoperate, Page: e.update},
		},
		Menu: []web.Entry{{Name: "history", Label: "History", Href: "/patients/{id}/history", Icon: "user"}},
		Panels: []slice.Panel{
			{Name: "social-history", Right: read, Draw: func(ctx context.Context, s *record.Session, patient string) (templ.Component, error) {
				l, err := readSocial(ctx, s, patient, d.Shell.Location())
				if err != nil {
					return nil, err
				}
				href, add := base(patient), ""
				if create.Admits(identity.From(ctx)) {
					add = href + "/social"
				}
				return web.Box{Column: web.Start, Order: 45, Body: socialPanel(l, href, add)}, nil
			}},
			{Name: "operations", Right: operated, Draw: func(ctx context.Context, s *record.Session, patient string) (templ.Component, error) {
				l, err := readOperations(ctx, s, patient, d.Shell.Location())
				if err != nil {
					return nil, err
				}
				href, add := "", ""
				if read.Admits(identity.From(ctx)) { // some may know of operations alone
					href = base(patient)
				}
				if operate.Admits(identity.From(ctx)) {
					add = base(patient) + "/operations/new"
				}
				return web.Box{Column: web.End, Order: 72, Body: operationsPanel(l, href, add)}, nil
			}},
		},
	}
}
