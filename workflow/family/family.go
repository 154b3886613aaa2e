package family

import (
	"context"
	"net/http"
	"net/url"

	"github.com/a-h/templ"

	"github.com/osler-ehr/osler/identity"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/slice"
	"github.com/osler-ehr/osler/terms"
	"github.com/osler-ehr/osler/web"
)

// editor shows and changes family histories.
type editor struct {
	d       slice.Deps
	library *terms.Library
}

func base(patient string) string { return "/patients/" + url.PathEscape(patient) + "/family" }

// Slice is family history: a panel of the chart, the page of all relatives, and the forms.
func Slice(d slice.Deps, library *terms.Library) slice.Slice {
	e := &editor{d, library}
	read, create, update := slice.To(access.Search, "FamilyMemberHistory"), slice.To(access.Create, "FamilyMemberHistory"), slice.To(access.Update, "FamilyMemberHistory")
	return slice.Slice{
		Name: "family",
		Routes: []slice.Route{
			{Method: http.MethodGet, Pattern: "/patients/{id}/family", Right: read, Page: e.list},
			{Method: http.MethodGet, Pattern: "/patients/{id}/family/new", Right: create, Page: e.blank},
			{Method: http.MethodPost, Pattern: "/patients/{id}/family", Right: create, Page: e.create},
			{Method: http.MethodGet, Pattern: "/patients/{id}/family/codes", Right: create, Page: e.codes},
			{Method: http.MethodGet, Pattern: "/patients/{id}/family/{relative}", Right: update, Page: e.open},
			{Method: http.MethodPost, Pattern: "/patients/{id}/family/{relative}", Right: update, Page: e.update},
		},
		Panels: []slice.Panel{{Name: "family", Right: read, Draw: func(ctx context.Context, s *record.Session, patient string) (templ.Component, error) {
			p, err := readPanel(ctx, s, patient, d.Shell.Location())
			if err != nil {
				return nil, err
			}
			p.Href = base(patient)
			if create.Admits(identity.From(ctx)) {
				p.AddHref = p.Href + "/new"
			}
			return web.Box{Column: web.End, Order: 70, Body: p.Draw()}, nil
		}}},
	}
}
