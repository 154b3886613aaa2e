package socialneeds

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

// editor shows and changes needs.
type editor struct{ d slice.Deps }

func base(patient string) string { return "/patients/" + url.PathEscape(patient) + "/needs" }

// Slice is the social needs: a panel of the chart where there are some, the page of needs, goals and referrals, and the forms.
func Slice(d slice.Deps) slice.Slice {
	e := &editor{d}
	read, create, update := slice.To(access.Search, "Condition"), slice.To(access.Create, "Condition"), slice.To(access.Update, "Condition")
	return slice.Slice{
		Name: "socialneeds",
		Routes: []slice.Route{
			{Method: http.MethodGet, Pattern: "/patients/{id}/needs", Right: read, Page: e.list},
			{Method: http.MethodGet, Pattern: "/patients/{id}/needs/new", Right: create, Page: e.blank},
			{Method: http.MethodPost, Pattern: "/patients/{id}/needs", Right: create, Page: e.create},
			{Method: http.MethodGet, Pattern: "/patients/{id}/needs/{need}", Right: update, Page: e.open},
			{Method: http.MethodPost, Pattern: "/patients/{id}/needs/{need}", Right: update, Page: e.update},
			{Method: http.MethodGet, Pattern: "/patients/{id}/needs/goals/{goal}", Right: slice.To(access.Update, "Goal"), Page: e.openGoal},
			{Method: http.MethodPost, Pattern: "/patients/{id}/needs/goals/{goal}", Right: slice.To(access.Update, "Goal"), Page: e.updateGoal},
		},
		Panels: []slice.Panel{{Name: "social-needs", Right: read, Draw: func(ctx context.Context, s *record.Session, patient string) (templ.Component, error) {
			l, err := readNeeds(ctx, s, patient, d.Shell.Location())
			if err != nil {
				return nil, err
			}
			l.Href = base(patient)
			if create.Admits(identity.From(ctx)) {
				l.AddHref = l.Href + "/new"
			}
			return web.Box{Column: web.Start, Order: 50, Body: l.Draw()}, nil
		}}},
	}
}
