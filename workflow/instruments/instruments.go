package instruments

import (
	"context"
	"net/http"
	"net/url"
	"strconv"

	"github.com/a-h/templ"

	"github.com/osler-ehr/osler/identity"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/slice"
	"github.com/osler-ehr/osler/web"
)

// pages asks questions and shows scores.
type pages struct{ d slice.Deps }

func base(patient string) string { return "/patients/" + url.PathEscape(patient) + "/forms" }

func count(n int) string {
	words := []string{"no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"}
	if n < len(words) {
		return words[n]
	}
	return strconv.Itoa(n)
}

// Slice is the instruments: a panel of the chart with the newest scores, the page of all scores and forms, and the forms.
func Slice(d slice.Deps) slice.Slice {
	p := &pages{d}
	read, create, update := slice.To(access.Search, "QuestionnaireResponse"), slice.To(access.Create, "QuestionnaireResponse"), slice.To(access.Update, "QuestionnaireResponse")
	return slice.Slice{
		Name: "instruments",
		Routes: []slice.Route{
			{Method: http.MethodGet, Pattern: "/patients/{id}/forms", Right: read, Page: p.list},
			{Method: http.MethodGet, Pattern: "/patients/{id}/forms/new", Right: create, Page: p.choose},
			{Method: http.MethodGet, Pattern: "/patients/{id}/forms/new/{form}", Right: create, Page: p.blank},
			{Method: http.MethodPost, Pattern: "/patients/{id}/forms/new/{form}", Right: create, Page: p.save},
			{Method: http.MethodGet, Pattern: "/patients/{id}/forms/{response}", Right: read, Page: p.one},
			{Method: http.MethodPost, Pattern: "/patients/{id}/forms/{response}", Right: update, Page: p.strike},
		},
		Menu: []web.Entry{{Name: "forms", Label: "Forms", Href: "/patients/{id}/forms", Icon: "clipboard-list"}},
		Panels: []slice.Panel{{Name: "instruments", Right: slice.To(access.Search, "Observation"), Draw: func(ctx context.Context, s *record.Session, patient string) (templ.Component, error) {
			panel, err := readPanel(ctx, s, patient, d.Shell.Clock())
			if err != nil {
				return nil, err
			}
			panel.Href = base(patient)
			if create.Admits(identity.From(ctx)) {
				panel.AddHref = base(patient) + "/new"
			}
			return web.Box{Column: web.End, Order: 25, Body: panel.Draw()}, nil
		}}},
	}
}
